# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a page of this app is about, or 404; and what a service did, or why it refused, as the person reads it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BaseForm
from django.shortcuts import get_object_or_404

from accounts.requests import Request
from assemblies import rights
from assemblies.models import Assembly, Membership, Viewer
from proposals.models import Cycle, Heading, Project, Proposal
from proposals.refusals import CycleRefused
from proposals.taken_back import seen_by

SECTION = "proposals:cycles"  # of the header, under which all pages of a budget are


def visible_assembly(user: Viewer, slug: str) -> Assembly:
    return get_object_or_404(Assembly.objects.visible_to(user), slug=slug)


def visible_cycle(user: Viewer, cycle_id: UUID) -> Cycle:
    """The cycle with its phases and pots."""
    return get_object_or_404(seen_by(user).whole(), pk=cycle_id)


def visible_heading(user: Viewer, heading_id: UUID) -> Heading:
    return get_object_or_404(
        Heading.objects.filter(cycle__in=seen_by(user)).select_related("cycle__assembly", "poll"), pk=heading_id
    )


def visible_proposal(user: Viewer, proposal_id: UUID) -> Proposal:
    found = Proposal.objects.visible_to(user).for_cards().select_related("author__user", "heading__cycle__assembly")
    return get_object_or_404(found, pk=proposal_id)


def own_proposal(user: Viewer, proposal_id: UUID) -> Proposal:
    """The person's own proposal; another's draft does not exist, and what others sent in is not theirs to change."""
    return get_object_or_404(
        Proposal.objects.visible_to(user).written_by(user).select_related("heading__cycle__assembly"), pk=proposal_id
    )


def member_of(user: Viewer, cycle: Cycle) -> Membership:
    """The membership behind a right that was asked for before."""
    membership = rights.membership_of(user, cycle.assembly)
    if membership is None:
        raise AssertionError("who may propose is a member")
    return membership


def proposal_at_desk(user: Viewer, proposal_id: UUID) -> tuple[Proposal, Cycle]:
    """A visible proposal with its cycle, for who may check it."""
    proposal = visible_proposal(user, proposal_id)
    cycle = visible_cycle(user, proposal.heading.cycle_id)
    rights.require(user, rights.REVIEW_PROPOSALS, cycle.assembly)
    return proposal, cycle


def visible_project(user: Viewer, project_id: UUID) -> Project:
    found = Project.objects.filter(heading__cycle__in=seen_by(user)).select_related(
        "heading__cycle__assembly", "heading__poll", "proposal", "option", "district", "award", "incident"
    )
    return get_object_or_404(found, pk=project_id)


def page_about(cycle: Cycle, **more: Any) -> dict[str, Any]:
    """What every page of a budget is given, and what this one shows besides."""
    return {"section": SECTION, "assembly": cycle.assembly, "cycle": cycle, **more}


def tell(request: Request, act: Callable[[], object], done: str, *, form: BaseForm | None = None) -> bool:
    """Do it and say so, or say why not, in the form that asked for it; answers whether it was done."""
    try:
        act()
    except CycleRefused as refusal:
        if form is None:
            messages.error(request, str(refusal))
        else:
            form.add_error(None, str(refusal))
        return False
    messages.success(request, done)
    return True
