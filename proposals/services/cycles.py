# SPDX-License-Identifier: AGPL-3.0-or-later
"""The cycle and its calendar. Whoever changes anything in a cycle holds the cycle's row while the phase is checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

import ledger
from accounts.models import User
from assemblies.models import Assembly, District
from proposals.checklist import checklist
from proposals.dates import day_in_words
from proposals.models import (
    Cycle,
    Heading,
    HeadingGroup,
    Milestone,
    Phase,
    Project,
    ProjectPhoto,
    SavingsUse,
    Spending,
    SupportRule,
)
from proposals.plans import NewPhase, calendar_problems
from proposals.refusals import CycleRefused
from proposals.taken_back import last_taken_back, stays_from
from voting.models import NOT_OPENED, PollState

from .phases import hold, next_version, record

YEAR = timedelta(weeks=52)  # days of the week stay what they were
COPIED = (
    "summary",
    "contact",
    "currency",
    "rule",
    "rule_parameters",
    "compared_rules",
    "ballot_type",
    "min_choices",
    "max_choices",
    "ballot_parameters",
    "change_allowed",
    "secrecy",
    "savings_rule",
)


@dataclass(frozen=True)
class NewHeading:
    """A pot of money to be, in minor units of the cycle's currency."""

    title: str
    amount: int
    district: District | None = None
    population: int | None = None
    group: str = ""  # title of one of the new groups
    is_citywide: bool = False


@dataclass(frozen=True)
class NewGroup:
    """Pots to be among which each voter chooses at most so many."""

    title: str
    max_headings: int = 1


@transaction.atomic
def create_cycle(
    *,
    assembly: Assembly,
    title: str,
    year: int,
    headings: Sequence[NewHeading],
    phases: Sequence[NewPhase],
    actor: User | None,
    groups: Sequence[NewGroup] = (),
    at: datetime | None = None,
    **fields: Any,
) -> Cycle:
    """A cycle with its pots and its calendar, seen only by those who run it until it is published."""
    if not headings:
        raise CycleRefused(_("Say how much money there is."))
    if any(heading.amount <= 0 for heading in headings):
        raise CycleRefused(_("The amount must be more than zero."))
    _refuse_bad_calendar(phases)
    fields.setdefault("currency", assembly.currency)
    fields.setdefault("rule_parameters", {"completion": "add1"})
    fields.setdefault("compared_rules", [] if fields.get("rule") == "greedy" else ["greedy"])
    cycle = Cycle.objects.create(assembly=assembly, title=title, year=year, created_at=at or timezone.now(), **fields)
    made = HeadingGroup.objects.bulk_create(
        HeadingGroup(cycle=cycle, title=group.title, max_headings=group.max_headings, position=place)
        for place, group in enumerate(groups)
    )
    by_title = {group.title: group for group in made}
    Heading.objects.bulk_create(
        Heading(
            cycle=cycle,
            title=heading.title,
            amount=heading.amount,
            district=heading.district,
            population=heading.population,
            group=by_title[heading.group] if heading.group else None,
            is_citywide=heading.is_citywide,
            position=place,
        )
        for place, heading in enumerate(headings)
    )
    Phase.objects.bulk_create(phase.of(cycle) for phase in phases)
    record(cycle, "cycle.created", actor, at=at, title=title, amount=sum(heading.amount for heading in headings))
    return cycle


@transaction.atomic
def copy_cycle(*, cycle: Cycle, actor: User | None, at: datetime | None = None) -> Cycle:
    """Another budget with the same pots, rule and steps, whole weeks later, so that it begins in the future; not published."""
    moment = at or timezone.now()
    phases = [phase for phase in cycle.phases.all() if phase.enabled]
    if not phases:
        raise CycleRefused(_("This budget has no calendar that could be copied."))
    years = 1
    while phases[0].starts_at + YEAR * years <= moment:
        years += 1
    later = YEAR * years
    made = create_cycle(
        assembly=cycle.assembly,
        title=_title_for(cycle, cycle.year + years),
        year=cycle.year + years,
        headings=[
            NewHeading(
                heading.title,
                heading.amount,
                heading.district,
                heading.population,
                heading.group.title if heading.group else "",
                heading.is_citywide,
            )
            for heading in cycle.headings.select_related("district", "group")
        ],
        groups=[NewGroup(group.title, group.max_headings) for group in cycle.groups.all()],
        phases=[
            NewPhase(phase.kind, phase.starts_at + later, phase.ends_at and phase.ends_at + later) for phase in phases
        ],
        actor=actor,
        at=at,
        **{name: getattr(cycle, name) for name in COPIED},
    )
    rule = SupportRule.objects.filter(cycle=cycle).first()
    if rule is not None:
        SupportRule.objects.create(cycle=made, threshold=rule.threshold, days=rule.days)
    record(made, "cycle.copied", actor, at=at, of=cycle.pk)
    return made


def _title_for(cycle: Cycle, year: int) -> str:
    """The title with the other year in it."""
    if str(cycle.year) in cycle.title:
        return cycle.title.replace(str(cycle.year), str(year))
    return f"{cycle.title} {year}"[:120]


@transaction.atomic
def publish_cycle(*, cycle: Cycle, actor: User | None, at: datetime | None = None) -> Cycle:
    """Everybody who may see the assembly sees the cycle, once everything stands that people must be able to rely on."""
    cycle = hold(cycle)
    if cycle.is_published:
        raise CycleRefused(_("This budget is published already."))
    if not cycle.is_imported:
        missing = [check.to_do for check in checklist(cycle) if check.is_required and not check.is_met]
        if missing:
            raise CycleRefused(_("This is still missing:") + " " + " ".join(missing))
    cycle.published_at = at or timezone.now()
    cycle.save(update_fields=["published_at"])
    next_version(cycle)
    record(cycle, "cycle.published", actor, at=at)
    if cycle.is_imported and last_taken_back(cycle) is not None:
        _tell_the_assembly(cycle, "budget_shown_again", actor, at)
    return cycle


@transaction.atomic
def take_back_budget(*, cycle: Cycle, reason: str, actor: User | None, at: datetime | None = None) -> Cycle:
    """A budget that came in from a file is hidden again; publishing shows it again.

    Within some days of coming in, with a reason, and unless somebody has worked with it. It is hidden and not deleted,
    since a box of ballots that was counted is never emptied.
    """
    cycle = hold(cycle)
    if not cycle.is_imported:
        raise CycleRefused(_("Only a budget that came in from a file can be taken back."))
    if not cycle.is_published:
        raise CycleRefused(_("It is taken back already."))
    if (at or timezone.now()) >= stays_from(cycle):
        raise CycleRefused(
            _("This budget came in on %(day)s, and could be taken back until %(last)s. Now it stays.")
            % {"day": day_in_words(cycle.created_at), "last": day_in_words(stays_from(cycle))}
        )
    reason = reason.strip()
    if not reason:
        raise CycleRefused(_("Write why you take it back."))
    work = _work_on(cycle)
    if work:
        raise CycleRefused(_("This budget cannot be taken back, because people work with it:") + " " + " ".join(work))
    cycle.published_at = None
    cycle.save(update_fields=["published_at"])
    next_version(cycle)
    record(cycle, "cycle.taken_back", actor, at=at, reason=reason)
    _tell_the_assembly(cycle, "budget_taken_back", actor, at)
    return cycle


def _tell_the_assembly(cycle: Cycle, kind: str, actor: User | None, at: datetime | None) -> None:
    """The log of the assembly tells that a result was hidden or came back; the reason stands in that of the budget."""
    by = actor.pk if actor else None
    ledger.append(stream=cycle.assembly_id, kind=kind, data={"by": by, "cycle": cycle.pk}, at=at)


def _work_on(cycle: Cycle) -> list[str]:
    """Sentences about what was built on the result of this budget; a vote that was declared void is one too."""
    projects, headings = Project.objects.filter(heading__cycle=cycle), cycle.headings.all()
    money = Q(heading__in=headings) | Q(into__in=headings)
    found: dict[str, QuerySet[Any]] = {
        _("The state of a project was changed."): projects.exclude(status=Project.Status.PLANNED, status_at=None),
        _("A step of the work was recorded."): Milestone.objects.filter(project__in=projects),
        _("A photo of the work was added."): ProjectPhoto.objects.filter(project__in=projects),
        _("Money was spent."): Spending.objects.filter(project__in=projects),
        _("Money that was saved went elsewhere."): SavingsUse.objects.filter(money),
        _("Its vote was declared void."): headings.filter(poll__state=PollState.VOIDED),
    }
    return [sentence for sentence, rows in found.items() if rows.exists()]


@transaction.atomic
def start_phase(*, cycle: Cycle, kind: str, actor: User | None, at: datetime | None = None) -> Phase:
    """The cycle is in this phase from now on: the one before ends now, and those between are left out.

    Only forward, and not away from the vote while a ballot is open.
    """
    moment = at or timezone.now()
    cycle = hold(cycle)
    phase = cycle.phase_of(kind)
    if phase is None:
        raise CycleRefused(_("This budget has no such step."))
    if phase.starts_at <= moment:
        raise CycleRefused(_("This step has begun already. A budget only moves forward."))
    if phase.ends_at is not None and phase.ends_at <= moment:
        raise CycleRefused(_("This step would end before it begins. Change its last day first."))
    if kind != Phase.Kind.BALLOTING and cycle.headings.filter(poll__state=PollState.OPEN).exists():
        raise CycleRefused(_("The vote is open. Close the ballot before the next step begins."))
    for earlier in cycle.phases.all():
        if not earlier.enabled or earlier.position >= phase.position:
            continue
        if earlier.starts_at >= moment:
            earlier.enabled = False
        elif earlier.ends_at is None or earlier.ends_at > moment:
            earlier.ends_at = moment
        earlier.save(update_fields=["enabled", "ends_at"])
    phase.starts_at = moment
    phase.save(update_fields=["starts_at"])
    next_version(cycle)
    record(cycle, "phase.started", actor, at=at, phase=kind)
    return phase


@transaction.atomic
def move_end(*, cycle: Cycle, kind: str, ends_at: datetime, actor: User | None, at: datetime | None = None) -> Phase:
    """The phase ends at another time, and the next one begins then. A ballot that is open keeps its closing time."""
    moment = at or timezone.now()
    cycle = hold(cycle)
    phase = cycle.phase_of(kind)
    if phase is None:
        raise CycleRefused(_("This budget has no such step."))
    if ends_at <= moment:
        raise CycleRefused(_("The new last day has passed already. Choose a later one."))
    if phase.ends_at is not None and phase.ends_at <= moment:
        raise CycleRefused(_("This step is over. Its dates stay as they were."))
    if (
        kind == Phase.Kind.BALLOTING
        and cycle.headings.exclude(poll=None).exclude(poll__state__in=[*NOT_OPENED, PollState.VOIDED]).exists()
    ):
        raise CycleRefused(_("The vote has been opened with its closing time. That time can no longer move."))
    following = next((p for p in cycle.phases.all() if p.enabled and p.position > phase.position), None)
    if ends_at <= phase.starts_at:
        raise CycleRefused(_("This step would end before it begins. Choose a later last day."))
    if following is not None:
        if following.ends_at is not None and following.ends_at <= ends_at:
            raise CycleRefused(_("“%(next)s” would have no time left. Move its last day first.") % {"next": following})
        following.starts_at = ends_at
        following.save(update_fields=["starts_at"])
    phase.ends_at = ends_at
    phase.save(update_fields=["ends_at"])
    next_version(cycle)
    record(cycle, "phase.moved", actor, at=at, phase=kind, ends_at=ends_at)
    return phase


def _refuse_bad_calendar(phases: Sequence[NewPhase]) -> None:
    problems = calendar_problems(phases)
    if problems.found:
        raise CycleRefused(problems.found[0][1])
