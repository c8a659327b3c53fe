# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who checks what: by the departments' rules or by hand, for many proposals at once, and undone as one."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from assemblies.models import Membership, Role
from proposals.models import Assignment, Conflict, Cycle, Department, DeskAct, Proposal, rule_of
from proposals.refusals import CycleRefused

from .phases import REVIEW_PHASES, hold, record, require_member, require_phase

CAN_BE_UNDONE_FOR = timedelta(hours=24)
MOST_AT_ONCE = 500


@transaction.atomic
def assign_proposals(
    *,
    cycle: Cycle,
    proposals: Iterable[UUID],
    actor: Membership,
    evaluator: Membership | None = None,
    at: datetime | None = None,
) -> DeskAct:
    """These waiting proposals have their evaluators: this one, or, without one, those whom the departments' rules name.

    Authors and people who declared a conflict are left out.
    """
    cycle, waiting = _held(cycle, proposals, actor, at)
    if evaluator is not None and not _can_evaluate(evaluator, cycle):
        raise CycleRefused(_("Choose somebody who checks proposals here."))
    act = DeskAct.objects.create(cycle=cycle, actor=actor, made_at=at or timezone.now())
    locked_out = set(Conflict.objects.filter(proposal__in=waiting).values_list("proposal_id", "evaluator_id"))
    assigned = set(
        Assignment.objects.filter(proposal__in=waiting, ended_at=None).values_list("proposal_id", "evaluator_id")
    )
    departments = list(Department.objects.filter(assembly=cycle.assembly).prefetch_related("evaluators"))
    work = _open_work(cycle)
    wanted, new = rule_of(cycle).estimates, []
    for proposal in waiting:
        if evaluator is not None:
            names: list[tuple[Membership, Department | None]] = [(evaluator, None)]
        else:
            missing = wanted - sum(1 for found, _who in assigned if found == proposal.pk)
            names = list(_named_by_rules(proposal, departments, work, locked_out | assigned, missing))
        for person, department in names:
            key = (proposal.pk, person.pk)
            if key in assigned or key in locked_out or person.user_id == proposal.author.user_id:
                continue
            work[person.pk] += 1
            assigned.add(key)
            new.append(
                Assignment(
                    proposal=proposal,
                    evaluator=person,
                    department=department,
                    assigned_by=actor,
                    assigned_at=act.made_at,
                    begun_by=act,
                )
            )
    if not new:
        raise CycleRefused(
            _("Nobody was assigned: no rule names anybody who is free to judge, or they have these proposals already.")
        )
    Assignment.objects.bulk_create(new)
    record(cycle, "review.assigned", actor.user, at=at, proposals=len({one.proposal_id for one in new}))
    return act


@transaction.atomic
def unassign_proposals(
    *, cycle: Cycle, proposals: Iterable[UUID], actor: Membership, at: datetime | None = None
) -> DeskAct:
    """Nobody is to check these proposals until they are assigned again."""
    cycle, waiting = _held(cycle, proposals, actor, at)
    act = DeskAct.objects.create(cycle=cycle, actor=actor, made_at=at or timezone.now())
    taken = Assignment.objects.filter(proposal__in=waiting, ended_at=None)
    number = taken.values("proposal").distinct().count()
    if not taken.update(ended_at=act.made_at, ended_by=act):
        raise CycleRefused(_("Nobody is assigned to these proposals."))
    record(cycle, "review.unassigned", actor.user, at=at, proposals=number)
    return act


@transaction.atomic
def undo_desk_act(*, act: DeskAct, actor: Membership, at: datetime | None = None) -> DeskAct:
    """Who was assigned by this act is not, and who was taken away is again; later acts on the same stay."""
    cycle = hold(act.cycle)
    moment = at or timezone.now()
    require_phase(cycle, REVIEW_PHASES, at=at, refusal=_("Proposals are not checked at the moment."))
    act = DeskAct.objects.select_for_update().get(pk=act.pk)
    require_member(cycle, actor)
    if act.undone_at is not None:
        raise CycleRefused(_("This was undone already."))
    if moment > act.made_at + CAN_BE_UNDONE_FOR:
        raise CycleRefused(_("This can be undone for 24 hours only. Assign the proposals anew."))
    act.begun.filter(ended_at=None).update(ended_at=moment)
    again = act.ended.filter(proposal__state=Proposal.State.SUBMITTED)
    current = Assignment.objects.filter(proposal__assignments__in=again, ended_at=None)
    taken = set(current.values_list("proposal_id", "evaluator_id"))
    locked_out = set(Conflict.objects.filter(proposal__heading__cycle=cycle).values_list("proposal_id", "evaluator_id"))
    revived = [
        assignment.pk
        for assignment in again
        if (assignment.proposal_id, assignment.evaluator_id) not in taken | locked_out
    ]
    Assignment.objects.filter(pk__in=revived).update(ended_at=None, ended_by=None)
    act.undone_at = moment
    act.save(update_fields=["undone_at"])
    record(cycle, "review.assignment_undone", actor.user, at=at, act=act.pk)
    return act


def _held(
    cycle: Cycle, proposals: Iterable[UUID], actor: Membership, at: datetime | None
) -> tuple[Cycle, list[Proposal]]:
    """The held cycle, and which of these wait for a check in it."""
    cycle = hold(cycle)
    require_phase(cycle, REVIEW_PHASES, at=at, refusal=_("Proposals are not checked at the moment."))
    require_member(cycle, actor)
    found = Proposal.objects.awaiting_review().filter(heading__cycle=cycle, pk__in=list(proposals)[:MOST_AT_ONCE])
    waiting = list(found.select_related("author"))
    if not waiting:
        raise CycleRefused(_("Choose proposals that wait for a check."))
    return cycle, waiting


def _can_evaluate(member: Membership, cycle: Cycle) -> bool:
    return member.assembly_id == cycle.assembly_id and member.left_at is None and member.has_role(Role.EVALUATOR)


def _open_work(cycle: Cycle) -> Counter[UUID]:
    """How many proposals each evaluator has in this cycle now."""
    rows = Assignment.objects.filter(proposal__heading__cycle=cycle, ended_at=None).values_list("evaluator")
    return Counter(dict(rows.annotate(number=Count("pk"))))


def _named_by_rules(
    proposal: Proposal,
    departments: Iterable[Department],
    work: Counter[UUID],
    taken: set[tuple[UUID, UUID]],
    missing: int,
) -> Iterable[tuple[Membership, Department]]:
    """Of the departments for its category, those with the least to do who are free to judge it."""
    able = {
        person.pk: (person, department)
        for department in departments
        if proposal.category in department.categories
        for person in department.evaluators.all()
        if person.left_at is None
        and person.has_role(Role.EVALUATOR)
        and person.user_id != proposal.author.user_id
        and (proposal.pk, person.pk) not in taken
    }
    return sorted(able.values(), key=lambda pair: (work[pair[0].pk], str(pair[0].pk)))[: max(missing, 0)]
