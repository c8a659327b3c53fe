# SPDX-License-Identifier: AGPL-3.0-or-later
"""What somebody wants a budget to be: its text, its calendar, its pots and its ballot, before any of it is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from assemblies.models import District
from voting.models import BallotType

from .models import Cycle, Phase
from .models.cycles import PHASE_ORDER


@dataclass(frozen=True)
class NewPhase:
    """A stretch of the calendar to be. `ends_at` may be left open in the last phase only."""

    kind: str
    starts_at: datetime
    ends_at: datetime | None = None
    enabled: bool = True

    def of(self, cycle: Cycle) -> Phase:
        """This stretch in the calendar of that cycle, not stored yet."""
        return Phase(
            cycle=cycle,
            kind=self.kind,
            position=PHASE_ORDER[self.kind],
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            enabled=self.enabled,
        )


@dataclass(frozen=True)
class PlannedGroup:
    """A group of pots. The key is the id of one that is there, or any word for a new one."""

    key: str
    title: str
    max_headings: int


@dataclass(frozen=True)
class PlannedHeading:
    """A pot of money, in minor units. The key is the id of one that is there, and empty for a new one."""

    key: str
    title: str
    amount: int
    population: int | None = None
    district: District | None = None
    group: str = ""  # key of a planned group
    is_citywide: bool = False


@dataclass(frozen=True)
class PlannedBallot:
    """What a voter does, and how it is counted."""

    ballot_type: str
    min_choices: int
    max_choices: int | None
    ballot_parameters: dict[str, Any]
    rule: str
    secrecy: int
    change_allowed: bool
    savings_rule: str


@dataclass(frozen=True)
class CyclePlan:
    title: str
    year: int
    summary: str
    contact: str
    groups: Sequence[PlannedGroup]
    headings: Sequence[PlannedHeading]
    phases: Sequence[NewPhase]
    ballot: PlannedBallot


@dataclass
class Problems:
    """Sentences, each with the line of the form that it is about: `phase-balloting`, `heading-2`, `group-0`, `ballot`."""

    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, line: str, sentence: str) -> None:
        self.found.append((line, sentence))


def calendar_problems(phases: Sequence[NewPhase]) -> Problems:
    """Steps may be left out, never reordered; what is on touches what is next, without a gap."""
    problems = Problems()
    names = dict(Phase.Kind.choices)
    for phase in phases:
        if phase.kind not in PHASE_ORDER:
            problems.add("calendar", _("A budget has no step “%(kind)s”.") % {"kind": phase.kind})
            return problems
        if phase.ends_at is not None and phase.ends_at <= phase.starts_at:
            sentence = _("“%(step)s” ends before it begins. Change its dates.") % {"step": names[phase.kind]}
            problems.add(f"phase-{phase.kind}", sentence)
    if len({phase.kind for phase in phases}) != len(phases):
        problems.add("calendar", _("Each step can be in the calendar only once."))
    on = [phase for phase in phases if phase.enabled]
    if not on:
        problems.add("calendar", _("The calendar is empty. Add at least one step."))
    for before, after in pairwise(on):
        pair = {"before": names[before.kind], "after": names[after.kind]}
        line = f"phase-{after.kind}"
        if PHASE_ORDER[before.kind] > PHASE_ORDER[after.kind]:
            problems.add(
                line,
                _("“%(before)s” cannot come before “%(after)s”. Steps may be left out, but their order is fixed.")
                % pair,
            )
        elif before.ends_at is None:
            problems.add(line, _("Say when “%(before)s” ends. Only the last step may stay open.") % pair)
        elif before.ends_at > after.starts_at:
            problems.add(line, _("“%(after)s” begins before “%(before)s” has ended. Change the dates.") % pair)
        elif before.ends_at < after.starts_at:
            problems.add(
                line, _("There is a gap between “%(before)s” and “%(after)s”. Let one end when the next begins.") % pair
            )
    return problems


def pot_problems(plan: CyclePlan) -> Problems:
    """Whether the pots and their groups make sense, whatever is stored."""
    problems = Problems()
    if not plan.headings:
        problems.add("headings", _("Say how much money there is."))
    titles: set[str] = set()
    for place, heading in enumerate(plan.headings):
        line = f"heading-{place}"
        if heading.amount <= 0:
            problems.add(line, _("The amount must be more than zero."))
        if heading.title.casefold() in titles:
            problems.add(line, _("Another pot has this name already. Give each its own."))
        titles.add(heading.title.casefold())
        if heading.is_citywide and (heading.district or heading.group):
            problems.add(line, _("A pot for the whole town has no district and is in no group."))
        if heading.group and heading.group not in {group.key for group in plan.groups}:
            problems.add(line, _("Choose a group of this budget."))
    citywide = [place for place, heading in enumerate(plan.headings) if heading.is_citywide]
    for place in citywide[1:]:
        problems.add(f"heading-{place}", _("Only one pot can be for the whole town besides the others."))
    names: set[str] = set()
    for place, group in enumerate(plan.groups):
        line = f"group-{place}"
        if group.title.casefold() in names:
            problems.add(line, _("Another group has this name already. Give each its own."))
        names.add(group.title.casefold())
        if group.max_headings < 1:
            problems.add(line, _("Write a number above zero."))
    return problems


def ballot_problems(ballot: PlannedBallot) -> Problems:
    """Whether anybody could fill in this ballot."""
    problems = Problems()
    if ballot.max_choices is not None and ballot.min_choices > ballot.max_choices:
        problems.add("ballot", _("Voters would have to choose more projects than they may."))
    points = ballot.ballot_parameters.get("max_points")
    if ballot.ballot_type == BallotType.POINTS and points is not None and points < 1:
        problems.add("ballot", _("Voters need at least one point to give."))
    cap = ballot.ballot_parameters.get("max_per_option")
    if points is not None and cap is not None and not 1 <= cap <= points:
        problems.add("ballot", _("A project cannot get more points than a voter has."))
    if points is not None and ballot.min_choices > points:
        problems.add("ballot", _("Voters would have to give points to more projects than they have points."))
    return problems
