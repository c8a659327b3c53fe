# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who stands behind a proposal: the author's list, and the answer of who was asked."""

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import SignedInRequest
from assemblies import rights
from proposals import services
from proposals.author_forms import CoSponsorForm
from proposals.models import CoSponsor, Proposal
from proposals.models.co_sponsors import MOST_CO_SPONSORS

from .finding import member_of, own_proposal, page_about, tell, visible_cycle


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def co_sponsors(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """The author's list of those who were asked, and the form to ask one more."""
    proposal = own_proposal(request.user, proposal_id)
    if proposal.is_draft:
        return redirect("proposals:check", proposal.pk)
    cycle = visible_cycle(request.user, proposal.heading.cycle_id)
    rights.require(request.user, rights.PROPOSE, cycle.assembly)
    form = CoSponsorForm(request.POST or None)
    if form.is_valid() and tell(
        request,
        lambda: services.invite_co_sponsor(
            proposal=proposal, author=member_of(request.user, cycle), email=form.cleaned_data["email"]
        ),
        _("The mail is on its way."),
        form=form,
    ):
        return redirect("proposals:co_sponsors", proposal.pk)
    asked = list(proposal.co_sponsors.select_related("person__user"))
    page = page_about(
        cycle,
        proposal=proposal,
        asked=asked,
        most=MOST_CO_SPONSORS,
        may_ask=cycle.is_in(*services.REVIEW_PHASES)
        and proposal.state in services.CAN_BE_SPONSORED
        and not proposal.is_selected
        and sum(found.place is not None for found in asked) < MOST_CO_SPONSORS,
        form=form,
    )
    return render(request, "proposals/co_sponsors.html", page, status=422 if form.is_bound else 200)


@login_required
@require_GET
def co_sponsorship(request: SignedInRequest, co_sponsor_id: UUID) -> HttpResponse:
    """What this person was asked; for everybody else there is no such page."""
    asked = _own(request, co_sponsor_id)
    cycle = visible_cycle(request.user, asked.proposal.heading.cycle_id)
    page = page_about(
        cycle, proposal=asked.proposal, asked=asked, is_member=rights.may(request.user, rights.PROPOSE, cycle.assembly)
    )
    return render(request, "proposals/co_sponsorship.html", page)


@login_required
@require_POST
def accept(request: SignedInRequest, co_sponsor_id: UUID) -> HttpResponse:
    asked = _own(request, co_sponsor_id)
    cycle = visible_cycle(request.user, asked.proposal.heading.cycle_id)
    rights.require(request.user, rights.PROPOSE, cycle.assembly)
    person = member_of(request.user, cycle)
    is_done = tell(
        request,
        lambda: services.accept_co_sponsorship(co_sponsor=asked, person=person),
        _("You stand behind this idea. Your name is on its page, and you have a mail when something happens."),
    )
    return redirect(asked.proposal if is_done else asked)


@login_required
@require_POST
def decline(request: SignedInRequest, co_sponsor_id: UUID) -> HttpResponse:
    done = _("You said No. You are not asked again, and your name stands nowhere.")
    return _end(request, co_sponsor_id, services.decline_co_sponsorship, done)


@login_required
@require_POST
def leave(request: SignedInRequest, co_sponsor_id: UUID) -> HttpResponse:
    done = _("Your name no longer stands beside this idea.")
    return _end(request, co_sponsor_id, services.leave_co_sponsorship, done)


@login_required
@require_POST
def take_back(request: SignedInRequest, co_sponsor_id: UUID) -> HttpResponse:
    """The author's invitation no longer counts."""
    mine = Proposal.objects.visible_to(request.user).written_by(request.user)
    asked = get_object_or_404(CoSponsor.objects.filter(proposal__in=mine).select_related("proposal"), pk=co_sponsor_id)
    tell(
        request,
        lambda: services.take_invitation_back(co_sponsor=asked, author=request.user),
        _("The invitation is taken back."),
    )
    return redirect("proposals:co_sponsors", asked.proposal_id)


def _own(request: SignedInRequest, co_sponsor_id: UUID) -> CoSponsor:
    """What was sent to this person's address, or answered by them."""
    found = CoSponsor.objects.filter(
        Q(email=request.user.email) | Q(person__user=request.user),
        proposal__in=Proposal.objects.visible_to(request.user),
    ).select_related("proposal__author__user", "proposal__heading__cycle__assembly")
    return get_object_or_404(found, pk=co_sponsor_id)


def _end(request: SignedInRequest, co_sponsor_id: UUID, act: Callable[..., object], done: str) -> HttpResponse:
    """Not behind this idea, or no longer: also for who is no member any more."""
    asked = _own(request, co_sponsor_id)
    is_done = tell(request, lambda: act(co_sponsor=asked, user=request.user), done)
    return redirect(asked.proposal if is_done else asked)
