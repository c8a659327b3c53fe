# SPDX-License-Identifier: AGPL-3.0-or-later
"""Following a proposal by mail, and ending it: on its page, or by the link of any of the mails."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request, SignedInRequest
from assemblies import rights
from proposals import services
from proposals.models import Follow, Proposal

from .finding import member_of, tell, visible_cycle, visible_proposal


@login_required
@require_POST
def follow(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    proposal = visible_proposal(request.user, proposal_id)
    cycle = visible_cycle(request.user, proposal.heading.cycle_id)
    rights.require(request.user, rights.PROPOSE, cycle.assembly)
    person = member_of(request.user, cycle)
    tell(
        request,
        lambda: services.follow_proposal(proposal=proposal, person=person),
        _("You follow this proposal. Every mail has a link that ends them."),
    )
    return redirect(f"{proposal.get_absolute_url()}#follow")


@login_required
@require_POST
def unfollow(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    proposal = visible_proposal(request.user, proposal_id)
    cycle = visible_cycle(request.user, proposal.heading.cycle_id)
    rights.require(request.user, rights.PROPOSE, cycle.assembly)
    person = member_of(request.user, cycle)
    tell(
        request,
        lambda: services.unfollow_proposal(proposal=proposal, person=person),
        _("There are no more mails about this proposal."),
    )
    return redirect(f"{proposal.get_absolute_url()}#follow")


@require_safe
def stop_following(request: Request, token: str) -> HttpResponse:
    """The mails have ended for whom this link was written; nobody need sign in, and the link works again and again.

    A visitor learns nothing: a link that was forged or used answers in the same words.
    """
    found = Follow.objects.of_token(token).select_related("person__user", "proposal").first()
    proposal = None
    if found is not None and request.method == "GET":
        services.unfollow_proposal(proposal=found.proposal, person=found.person)
        proposal = Proposal.objects.visible_to(request.user).filter(pk=found.proposal_id).first()
    return render(request, "proposals/unfollowed.html", {"proposal": proposal})
