# SPDX-License-Identifier: AGPL-3.0-or-later
"""One proposal: what it asks for, how far it has come, who supports it, and what people say to it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.requests import Request
from assemblies import rights
from assemblies.models import Viewer
from proposals import services
from proposals.answering import appeal_open_until
from proposals.behind import behind_of
from proposals.discussion import discussion_of
from proposals.joined import joined_of
from proposals.models import Cycle, Phase, Photo, Proposal
from proposals.supporting import supporting_of
from proposals.talking_forms import CommentForm

from .finding import page_about, visible_cycle, visible_proposal


@require_GET
def proposal(request: Request, proposal_id: UUID) -> HttpResponse:
    """The proposal with its history and the officials' answers."""
    proposal = visible_proposal(request.user, proposal_id)
    if proposal.is_draft:
        return redirect("proposals:check", proposal.pk)
    cycle = visible_cycle(request.user, proposal.heading.cycle_id)
    return render(request, "proposals/proposal.html", page_of(request, proposal, cycle))


def page_of(request: Request, proposal: Proposal, cycle: Cycle, **more: Any) -> dict[str, Any]:
    """Everything that the page shows to this person; a form that was refused takes the place of the empty one."""
    is_mine = proposal.is_written_by(request.user)
    reviews = list(proposal.reviews.defer("note_internal").select_related("appeal"))
    corrections = list(proposal.corrections.all())
    page = page_about(
        cycle,
        proposal=proposal,
        reviews=reviews,
        appeal_until=appeal_open_until(proposal, reviews[0], cycle) if reviews and is_mine else None,
        corrections=corrections,
        correction=corrections[0] if corrections and proposal.state == Proposal.State.RETURNED else None,
        poll=proposal.heading.poll,
        newest=proposal.versions.first(),
        supporting=supporting_of(proposal, cycle, request.user),
        discussion=discussion_of(
            proposal,
            cycle,
            request.user,
            order=request.GET.get("order", ""),
            page=request.GET.get("page", "1"),
        ),
        following={
            "is_mine": request.user.is_authenticated
            and proposal.follows.filter(person__user=request.user, person__left_at=None).exists(),
            "may_follow": rights.may(request.user, rights.PROPOSE, cycle.assembly)
            and cycle.is_in(*services.TALKING_PHASES),
        },
        joined=joined_of(proposal, cycle, request.user, is_mine=is_mine),
        behind=behind_of(proposal, request.user, is_mine=is_mine),
        comment_form=CommentForm(proposal=proposal),
        is_mine=is_mine,
        photos=_photos_for(request.user, proposal, cycle, is_mine),
        hidden=proposal.moderations.in_force().first() if proposal.hidden_at else None,
        **_what_may_be_done(request.user, proposal, cycle, is_mine),
    )
    return page | more


def _photos_for(user: Viewer, proposal: Proposal, cycle: Cycle, is_mine: bool) -> list[Photo]:
    """Hidden ones are named to their author and to moderators only, with the reason."""
    if is_mine or rights.may(user, rights.MODERATE, cycle.assembly):
        return list(proposal.photos.all())
    return proposal.shown_photos


def _what_may_be_done(user: Viewer, proposal: Proposal, cycle: Cycle, is_mine: bool) -> dict[str, bool]:
    return {
        "may_change": is_mine and proposal.state == Proposal.State.SUBMITTED and cycle.is_in(Phase.Kind.ACCEPTING),
        "may_correct": is_mine and cycle.is_in(*services.REVIEW_PHASES),
        "may_withdraw": is_mine and proposal.state in services.CAN_BE_TAKEN_BACK and not proposal.is_selected,
        "may_moderate": rights.may(user, rights.MODERATE, cycle.assembly),
        "may_review": rights.may(user, rights.REVIEW_PROPOSALS, cycle.assembly) and not proposal.is_selected,
    }
