# SPDX-License-Identifier: AGPL-3.0-or-later
"""One proposal at the officials' desk: its estimates side by side, its notes, and what this evaluator may do."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from assemblies import rights
from assemblies.models import Membership, Role, Viewer

from .models import (
    Assignment,
    Conflict,
    Cycle,
    Department,
    Estimate,
    Note,
    Proposal,
    Review,
    ReviewAppeal,
    ReviewRule,
    appeal_until,
    rule_of,
)
from .refusals import CycleRefused
from .services import REVIEW_PHASES, last_day_for_correction
from .services.reviewing import refuse_unfit


@dataclass(frozen=True)
class Answering:
    """What the desk shows beside the proposal."""

    rule: ReviewRule
    estimates: list[Estimate]  # open ones; hidden from those who have not given theirs yet
    given: int
    is_complete: bool
    mine: Estimate | None
    assignments: list[Assignment]
    conflicts: list[Conflict]
    notes: list[Note]
    locked_out: Conflict | None
    appeal: ReviewAppeal | None  # that waits for a decision
    may_answer: bool
    may_sign: list[Estimate]
    may_decide_appeal: bool
    is_on: bool  # whether the budget is at a step in which proposals are checked
    stopped: str  # why this person decides nothing about it now; empty where nothing stops them
    nobody_decides: bool  # every evaluator had a part in the answer, so somebody else must become one

    @property
    def cost_difference(self) -> int | None:
        """How far two estimates are apart, when both can be built."""
        costs = [estimate.cost for estimate in self.estimates if estimate.cost is not None]
        return abs(costs[0] - costs[1]) if len(costs) == 2 else None

    @property
    def is_of_two_minds(self) -> bool:
        return len({estimate.feasibility for estimate in self.estimates}) > 1


def checklist_for(proposal: Proposal, cycle: Cycle) -> list[str]:
    """What the departments for its category look at."""
    found = Department.objects.filter(assembly=cycle.assembly, categories__contains=[proposal.category])
    return list(dict.fromkeys(line for department in found for line in department.checklist))


def answering_of(proposal: Proposal, cycle: Cycle, user: Viewer) -> Answering:
    rule = rule_of(cycle)
    me = rights.membership_of(user, cycle.assembly)
    estimates = list(proposal.estimates.filter(closed_at=None).select_related("evaluator__user"))
    conflicts = list(proposal.conflicts.select_related("evaluator__user"))
    locked_out = next((found for found in conflicts if me and found.evaluator_id == me.pk), None)
    mine = next((found for found in estimates if me and found.evaluator_id == me.pk), None)
    is_complete = rule.needs_second_person and len(estimates) >= rule.estimates
    is_on = cycle.is_in(*REVIEW_PHASES)
    stopped = _stopped(proposal, cycle, me) if is_on else _("Proposals are not checked at the moment.")
    is_free = not stopped and not proposal.is_selected and proposal.state != Proposal.State.RETURNED
    newest = proposal.reviews.select_related("appeal", "evaluator", "signed_by").first()
    appeal = getattr(newest, "appeal", None) if newest else None
    waits = appeal if appeal and appeal.decided_at is None and proposal.state == Proposal.State.UNFEASIBLE else None
    part = {newest.evaluator_id, newest.signed_by_id} if newest else set()
    return Answering(
        rule=rule,
        estimates=estimates if is_complete else [mine] if mine else [],
        given=len(estimates),
        is_complete=is_complete,
        mine=mine,
        assignments=list(proposal.assignments.filter(ended_at=None).select_related("evaluator__user", "department")),
        conflicts=conflicts,
        notes=list(proposal.notes.select_related("author__user")),
        locked_out=locked_out,
        appeal=waits,
        may_answer=is_free and mine is None and not is_complete and waits is None,
        may_sign=[found for found in estimates if is_complete and is_free and found is not mine],
        may_decide_appeal=waits is not None and is_free and me is not None and me.pk not in part,
        is_on=is_on,
        stopped=stopped,
        nobody_decides=waits is not None
        and not _others(proposal, cycle, {*part, *(c.evaluator_id for c in conflicts)}),
    )


def _stopped(proposal: Proposal, cycle: Cycle, me: Membership | None) -> str:
    """What the service would say to this person about any decision."""
    if me is None:
        return ""
    try:
        refuse_unfit(cycle, proposal, me)
    except CycleRefused as refusal:
        return str(refusal)
    return ""


def _others(proposal: Proposal, cycle: Cycle, part: set[object]) -> bool:
    """Whether somebody checks proposals here who had no part in this one."""
    evaluators = cycle.assembly.memberships.holding(Role.EVALUATOR).exclude(pk__in=[one for one in part if one])
    return bool(evaluators.exclude(user=proposal.author.user_id).exists())


def appeal_open_until(proposal: Proposal, review: Review, cycle: Cycle) -> datetime | None:
    """The last moment in which its author may appeal against this answer; None when there is nothing to appeal."""
    if proposal.state != Proposal.State.UNFEASIBLE or hasattr(review, "appeal"):
        return None
    until = appeals_end(review, cycle)
    return until if cycle.is_in(*REVIEW_PHASES) and until > timezone.now() else None


def appeals_end(review: Review, cycle: Cycle) -> datetime:
    """When the author's days are over, or when the check is, whichever comes first."""
    until, last = appeal_until(review, rule_of(cycle)), last_day_for_correction(cycle)
    return min(until, last) if last is not None else until
