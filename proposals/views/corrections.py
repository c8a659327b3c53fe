# SPDX-License-Identifier: AGPL-3.0-or-later
"""Giving a proposal back to its author with a day, and sending it in again."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import SignedInRequest
from assemblies import rights
from proposals import services
from proposals.author_forms import ExtendForm, ReturnForm
from proposals.models import Cycle, Proposal
from proposals.talking_forms import ChangeForm

from .finding import member_of, own_proposal, page_about, proposal_at_desk, tell, visible_cycle


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def return_proposal(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """What must be put right until when; or, when it is with its author, more time, or taking it as it is."""
    proposal, cycle = proposal_at_desk(request.user, proposal_id)
    form = ReturnForm(request.POST or None)
    if form.is_valid() and tell(
        request,
        lambda: services.return_proposal(
            proposal=proposal,
            official=member_of(request.user, cycle),
            reason=form.cleaned_data["reason"],
            until=form.until,
        ),
        _("The author has a mail, and everybody can read what you wrote."),
        form=form,
    ):
        return redirect("proposals:desk", cycle.pk)
    return _show(request, proposal, cycle, form=form)


@login_required
@require_POST
def extend_correction(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    proposal, cycle = proposal_at_desk(request.user, proposal_id)
    form = ExtendForm(request.POST)
    if form.is_valid() and tell(
        request,
        lambda: services.extend_correction(
            proposal=proposal, official=member_of(request.user, cycle), until=form.until
        ),
        _("The author has more time, and a mail about it."),
        form=form,
    ):
        return redirect("proposals:desk", cycle.pk)
    return _show(request, proposal, cycle, extend_form=form)


@login_required
@require_POST
def accept_uncorrected(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    proposal, cycle = proposal_at_desk(request.user, proposal_id)
    official = member_of(request.user, cycle)
    tell(
        request,
        lambda: services.accept_uncorrected(proposal=proposal, official=official),
        _("It waits for the check as it is now."),
    )
    return redirect("proposals:review", proposal.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def send_again(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """The author's corrections: sent in again, or only kept for now."""
    proposal = own_proposal(request.user, proposal_id)
    cycle = visible_cycle(request.user, proposal.heading.cycle_id)
    rights.require(request.user, rights.PROPOSE, cycle.assembly)
    correction = proposal.corrections.first()
    if correction is None or (correction.ended_at and request.method != "POST"):
        return redirect(proposal)
    form = ChangeForm(request.POST or None, cycle=cycle, proposal=proposal)
    if form.is_valid():
        author, reason = member_of(request.user, cycle), form.cleaned_data["reason"]
        if is_kept := "keep" in request.POST:
            act: Callable[..., object] = partial(services.change_proposal, editor=author)
            done = _("Your words are kept. Send it in again when it is ready.")
        else:
            act = partial(services.send_again, author=author)
            done = _("It is sent in again, and the officials go on with it.")
        if tell(request, lambda: act(proposal=proposal, reason=reason, **form.wording), done, form=form):
            return redirect("proposals:send_again", proposal.pk) if is_kept else redirect(proposal)
    page = page_about(cycle, proposal=proposal, correction=correction, form=form)
    return render(request, "proposals/send_again.html", page, status=422 if form.is_bound else 200)


def _show(
    request: SignedInRequest,
    proposal: Proposal,
    cycle: Cycle,
    *,
    form: ReturnForm | None = None,
    extend_form: ExtendForm | None = None,
) -> HttpResponse:
    page = page_about(
        cycle,
        proposal=proposal,
        correction=proposal.corrections.filter(ended_at=None).first(),
        closes=services.last_day_for_correction(cycle),
        form=form or ReturnForm(),
        extend_form=extend_form or ExtendForm(),
    )
    refused = any(found is not None and found.is_bound for found in (form, extend_form))
    return render(request, "proposals/return_proposal.html", page, status=422 if refused else 200)
