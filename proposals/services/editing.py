# SPDX-License-Identifier: AGPL-3.0-or-later
"""The plan of a budget is changed as a whole, by one person at a time, and never so that it harms who relied on it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from proposals.checklist import checklist
from proposals.models import Cycle, Phase
from proposals.models.cycles import PHASE_ORDER
from proposals.plans import (
    CyclePlan,
    NewPhase,
    PlannedBallot,
    Problems,
    ballot_problems,
    calendar_problems,
    pot_problems,
)
from proposals.refusals import PlanIsOld, PlanRefused
from voting.models import NOT_OPENED, BallotType, Poll, PollState

from .phases import hold, next_version, record
from .pots import edit_pots
from .rules import RULES, parameters_for

BALLOTS = (BallotType.APPROVAL, BallotType.POINTS, BallotType.RANKED)
OF_THE_BALLOT = ("ballot_type", "min_choices", "max_choices", "ballot_parameters", "rule", "secrecy", "change_allowed")


@transaction.atomic
def edit_cycle(
    *, cycle: Cycle, plan: CyclePlan, expected_version: int, actor: User | None, at: datetime | None = None
) -> Cycle:
    """The budget is as planned, and its version is the next one; nothing changes where anything is refused.

    `expected_version` is the one that the person read. A budget that is published stays one that could be published.
    """
    moment = at or timezone.now()
    cycle = hold(cycle)
    if cycle.version != expected_version:
        raise PlanIsOld(
            _(
                "Somebody else changed this budget while you were writing. What you typed is still here, and is not"
                " saved. Look at the differences, then save again."
            )
        )
    if cycle.is_imported:
        raise PlanRefused("text", _("This budget was imported with its result. It stays as it is in the file."))
    for problems in (calendar_problems(plan.phases), pot_problems(plan), ballot_problems(plan.ballot)):
        _refuse_the_first(problems)
    changed = [
        *_edit_text(cycle, plan),
        *_edit_calendar(cycle, plan.phases, moment),
        *_edit_ballot(cycle, plan.ballot),  # before the pots: it asks for ballots that are drawn up
        *edit_pots(cycle, plan),
    ]
    if not changed:
        return cycle
    cycle.save()
    if cycle.is_published:
        missing = next((c for c in checklist(Cycle.objects.get(pk=cycle.pk)) if c.is_required and not c.is_met), None)
        if missing:
            raise PlanRefused(missing.line, missing.to_do)
    next_version(cycle)
    record(cycle, "cycle.edited", actor, at=at, changed=changed, version=cycle.version)
    return cycle


def _refuse_the_first(problems: Problems) -> None:
    if problems.found:
        raise PlanRefused(*problems.found[0])


def _edit_text(cycle: Cycle, plan: CyclePlan) -> list[str]:
    if not plan.title.strip():
        raise PlanRefused("text", _("Give this budget a name."))
    changed = []
    for name in ("title", "year", "summary", "contact"):
        if getattr(cycle, name) != getattr(plan, name):
            setattr(cycle, name, getattr(plan, name))
            changed.append(name)
    return changed


def _edit_calendar(cycle: Cycle, phases: Sequence[NewPhase], moment: datetime) -> list[str]:
    """The calendar is as planned. Once people see it, what has begun stays as it was, and the rest lies ahead."""
    planned: dict[str, NewPhase] = {phase.kind: phase for phase in phases}
    stored = {phase.kind: phase for phase in cycle.phases.all()}
    changed = []
    for kind in sorted(planned.keys() | stored.keys(), key=PHASE_ORDER.__getitem__):
        old, new = stored.get(kind), planned.get(kind)
        enabled = new is not None and new.enabled
        if cycle.is_published:
            _refuse_to_change_the_past(kind, old, new if enabled else None, moment)
        if kind == Phase.Kind.BALLOTING and _was_opened(cycle) and _differs(old, new if enabled else None):
            raise PlanRefused(
                f"phase-{kind}", _("The vote has been opened with its closing time. That time can no longer move.")
            )
        if old is not None and not enabled:
            if old.enabled:
                Phase.objects.filter(pk=old.pk).update(enabled=False)
                changed.append(f"phase-{kind}")
        elif new is not None and enabled and _differs(old, new):
            Phase.objects.update_or_create(
                cycle=cycle,
                kind=kind,
                defaults={
                    "position": PHASE_ORDER[kind],
                    "starts_at": new.starts_at,
                    "ends_at": new.ends_at,
                    "enabled": True,
                },
            )
            changed.append(f"phase-{kind}")
    return changed


def _differs(old: Phase | None, new: NewPhase | None) -> bool:
    before = (old.starts_at, old.ends_at) if old is not None and old.enabled else None
    return before != ((new.starts_at, new.ends_at) if new is not None else None)


def _refuse_to_change_the_past(kind: str, old: Phase | None, new: NewPhase | None, moment: datetime) -> None:
    line, name = f"phase-{kind}", Phase.Kind(kind).label
    if old is not None and old.enabled and old.starts_at <= moment:
        if new is None or new.starts_at != old.starts_at:
            raise PlanRefused(line, _("“%(step)s” has begun already. Its first day stays.") % {"step": name})
        if old.ends_at is not None and old.ends_at <= moment and new.ends_at != old.ends_at:
            raise PlanRefused(line, _("“%(step)s” is over. Its dates stay as they were.") % {"step": name})
        if new.ends_at is not None and new.ends_at <= moment and new.ends_at != old.ends_at:
            raise PlanRefused(line, _("“%(step)s” would be over already. Choose a later day.") % {"step": name})
    elif (
        new is not None
        and new.starts_at <= moment
        and (old is None or not old.enabled or new.starts_at != old.starts_at)
    ):
        raise PlanRefused(
            line, _("“%(step)s” would have begun already. Choose a day that is still to come.") % {"step": name}
        )


def _was_opened(cycle: Cycle) -> bool:
    polls = Poll.objects.filter(heading__cycle=cycle)
    return polls.exclude(state__in=[*NOT_OPENED, PollState.VOIDED]).exists()


def _edit_ballot(cycle: Cycle, ballot: PlannedBallot) -> list[str]:
    """What voters do and how it is counted, until a ballot is drawn up; a locked rule stays."""
    changed = [name for name in OF_THE_BALLOT if getattr(cycle, name) != getattr(ballot, name)]
    if changed and Poll.objects.filter(heading__cycle=cycle).exclude(state=PollState.VOIDED).exists():
        raise PlanRefused("ballot", _("The ballot is drawn up already. What voters do and how it is counted stays."))
    if cycle.rule_locked_at is not None and {"rule", "ballot_type"} & set(changed):
        raise PlanRefused("ballot", _("The rule is locked already. Nobody can change it."))
    if changed and ballot.ballot_type not in BALLOTS:
        raise PlanRefused("ballot", _("Choose one of the ballots."))
    if "rule" in changed and ballot.rule not in RULES:
        raise PlanRefused("ballot", _("Choose one of the rules."))
    if ballot.rule != cycle.rule:
        cycle.rule_parameters = parameters_for(ballot.rule, cycle.rule_parameters)
        cycle.compared_rules = [other for other in RULES if other != ballot.rule]
    for name in changed:
        setattr(cycle, name, getattr(ballot, name))
    if cycle.savings_rule != ballot.savings_rule:
        if _was_opened(cycle):
            raise PlanRefused("ballot", _("People vote already and rely on the rule for savings. It stays."))
        cycle.savings_rule = ballot.savings_rule
        changed.append("savings_rule")
    return changed
