# SPDX-License-Identifier: AGPL-3.0-or-later
"""Published results of a cycle as its pages tell them: every project, both rules, and what an imported file says."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voting import explanations, results
from voting.explanations import ShownOption, ShownOutcome
from voting.models import BallotType, Poll

from .models import AreaTurnout, Cycle, Heading, Project

CHANNELS = {
    "web": gettext_lazy("On phones and computers"),
    "hall": gettext_lazy("In the hall"),
    "paper": gettext_lazy("On paper"),
    "kiosk": gettext_lazy("At a kiosk"),
}
COUNTED_IN_POINTS = (BallotType.POINTS, BallotType.RANKED)


@dataclass(frozen=True)
class Line:
    """One project in the table: its place by votes, what the binding rule did with it, and what the others did."""

    place: int
    project: Project
    binding: ShownOption
    compared: list[ShownOption]
    other_rules: list[str]  # the names of the rules of `compared`

    @property
    def differs(self) -> bool:
        """Whether another rule would have decided differently."""
        return any(other.won != self.binding.won for other in self.compared)

    @property
    def by_other_rules(self) -> list[tuple[str, ShownOption]]:
        """Each comparison with the name of its rule."""
        return list(zip(self.other_rules, self.compared, strict=True))


@dataclass(frozen=True)
class Step:
    """One step of the count: a project, what happened to it in a sentence, and the money after it."""

    number: int
    key: str
    title: str
    sentence: str
    left: int
    short: int | None = None

    @property
    def won(self) -> bool:
        return self.short is None


@dataclass(frozen=True)
class Share:
    """What one district or one topic got of the money."""

    name: str
    projects: int
    funded: int
    amount: int


@dataclass(frozen=True)
class RuleResult:
    """What one rule did with the same ballots."""

    outcome: ShownOutcome
    is_binding: bool
    only_here: list[str]  # titles that no other rule funds

    @property
    def funded(self) -> int:
        return len(self.outcome.winners)


@dataclass(frozen=True)
class Official:
    """What the imported file says, against what we count."""

    same: int
    official: int
    ours: int
    special: int

    @property
    def is_the_same(self) -> bool:
        return self.same == self.official == self.ours


@dataclass(frozen=True)
class PotResult:
    """The published result of one pot of money."""

    heading: Heading
    poll: Poll
    rules: list[RuleResult]
    lines: list[Line]
    steps: list[Step]
    official: Official | None
    channels: list[tuple[str, int]]  # ballots by the way they came; empty when all came by one
    areas: list[AreaTurnout]  # empty where nobody knows, or nobody may know, who lives where

    @property
    def binding(self) -> ShownOutcome:
        return self.rules[0].outcome

    @property
    def blocks(self) -> list[tuple[int, int]]:
        """The ribbon: each funded project's place in the table, and its money."""
        return [(line.place, line.project.cost) for line in self.lines if line.binding.won]

    @property
    def counts_points(self) -> bool:
        return self.poll.ballot_type in COUNTED_IN_POINTS

    @property
    def by_district(self) -> list[Share]:
        """Where the money went; empty where all projects are in one place."""
        return _shares(
            (str(line.project.district) if line.project.district else _("The whole town"), line) for line in self.lines
        )

    @property
    def by_topic(self) -> list[Share]:
        """What the money is for; empty where all projects are about one thing."""
        return _shares((line.project.category_name, line) for line in self.lines)

    @property
    def most_for_a_district(self) -> int:
        return max((share.amount for share in self.by_district), default=0)

    @property
    def most_for_a_topic(self) -> int:
        return max((share.amount for share in self.by_topic), default=0)

    @property
    def differing(self) -> list[Line]:
        """Projects that another rule would have decided differently."""
        return [line for line in self.lines if line.differs]


def results_of(cycle: Cycle) -> list[PotResult]:
    """Every pot whose result may be read, in their order; the embargo is voting's."""
    return [result for heading in cycle.headings.all() if (result := result_of(heading))]


def result_of(heading: Heading) -> PotResult | None:
    """The result of one pot; None before it is published, and where its ballot is void."""
    return _pot(heading, heading.poll) if heading.poll is not None else None


def _pot(heading: Heading, poll: Poll) -> PotResult | None:
    visible = results.visible_results(poll)
    if not visible or not visible[0].is_binding or poll.void_reason:
        return None
    outcomes = [explanations.explain_result(poll, result) for result in visible]
    by_key = [{shown.option.key: shown for shown in outcome.options} for outcome in outcomes]
    projects = list(Project.objects.filter(option__poll=poll).select_related("option", "district", "award", "proposal"))
    keys = {project.pk: project.option.key for project in projects if project.option is not None}
    projects.sort(key=lambda project: (-by_key[0][keys[project.pk]].votes, project.number))
    lines = [
        Line(
            place,
            project,
            by_key[0][keys[project.pk]],
            [shown[keys[project.pk]] for shown in by_key[1:]],
            [outcome.rule_name for outcome in outcomes[1:]],
        )
        for place, project in enumerate(projects, start=1)
    ]
    won = [{shown.option.key for shown in outcome.winners} for outcome in outcomes]
    rules = [
        RuleResult(
            outcome=outcome,
            is_binding=place == 0,
            only_here=[
                shown.option.title
                for shown in outcome.winners
                if not any(shown.option.key in others for at, others in enumerate(won) if at != place)
            ],
        )
        for place, outcome in enumerate(outcomes)
    ]
    return PotResult(
        heading=heading,
        poll=poll,
        rules=rules,
        lines=lines,
        steps=steps_of(outcomes[0], heading.amount),
        official=_official(projects, keys, won[0]),
        channels=_channels(poll),
        areas=list(poll.area_turnouts.select_related("district")),
    )


def _channels(poll: Poll) -> list[tuple[str, int]]:
    counts = results.turnout_by_channel(poll)
    return [(str(CHANNELS.get(name, name)), count) for name, count in sorted(counts.items())] if len(counts) > 1 else []


def steps_of(outcome: ShownOutcome, budget: int) -> list[Step]:
    """The money after each step, in whole minor units, as the count went; what was funded after the rounds comes last."""
    shown = {one.option.key: one for one in outcome.options}
    left, steps = Fraction(budget), list[Step]()

    def add(one: ShownOption, short: int | None = None) -> None:
        steps.append(
            Step(
                len(steps) + 1,
                one.option.key,
                one.option.title,
                one.sentence,
                explanations.whole(left),
                short,
            )
        )

    for entry in outcome.result.outcome["rounds"]:
        one = shown.get(entry.get("option", ""))
        if one is None:
            continue
        if "short_by" in entry:
            add(one, explanations.whole(entry["short_by"]))
        elif one.won and entry.get("decision", "selected").startswith("selected"):
            left -= min(left, Fraction(entry.get("cost") or one.option.cost or 0))
            add(one)
    in_rounds = {step.key for step in steps}
    for key in outcome.result.winners:
        if key not in in_rounds:
            left -= min(left, Fraction(shown[key].option.cost or 0))
            add(shown[key])
    return steps


def _shares(named: Iterable[tuple[str, Line]]) -> list[Share]:
    """From most to least money; nothing where there is only one name."""
    groups: dict[str, list[Line]] = {}
    for name, line in named:
        groups.setdefault(name, []).append(line)
    shares = [
        Share(
            name,
            len(lines),
            sum(line.binding.won for line in lines),
            sum(line.project.cost for line in lines if line.binding.won),
        )
        for name, lines in groups.items()
    ]
    return sorted(shares, key=lambda share: (-share.amount, share.name)) if len(shares) > 1 else []


def _official(projects: list[Project], keys: dict[Any, str], won: set[str]) -> Official | None:
    """None where the file says nothing; special decisions of the town stand beside, on neither side."""
    said = [project for project in projects if project.official_winner is not None]
    if not said:
        return None
    official = {keys[project.pk] for project in said if project.official_winner}
    special = {keys[project.pk] for project in projects if project.official_winner is None}
    ours = won - special
    return Official(same=len(ours & official), official=len(official), ours=len(ours), special=len(special))
