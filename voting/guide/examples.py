# SPDX-License-Identifier: AGPL-3.0-or-later
"""The small elections of the worked examples, as data: who cast what. Everything else is counted by the engine.

An example of `.pb` files lists its options from most to fewest votes, as such files do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from voting.tally import RULES, Ballot, Election, Kind, Option, Outcome, build_election
from voting.tally.types import Number

Text = Promise | str
CENTS = 100
"""Examples count in whole euros; pages show minor units."""


@dataclass(frozen=True)
class Scene:
    """One set of ballots: (how many, what each of them says), and the question that they answer."""

    key: str
    question: Text
    kind: Kind
    names: Mapping[str, Text]
    ballots: tuple[tuple[int, tuple[str, ...]], ...] = ()
    points: tuple[tuple[int, Mapping[str, int]], ...] = ()
    costs: Mapping[str, Number] = field(default_factory=dict)
    budget: Number | None = None
    seats: int = 1
    blanks: int = 0

    @cached_property
    def election(self) -> Election:
        """The election without names, which are a matter of language."""
        cast = [Ballot(choices, (), weight) for weight, choices in self.ballots]
        cast += [Ballot(tuple(given), tuple(given.values()), weight) for weight, given in self.points]
        return build_election(
            kind=self.kind,
            options=[Option(id=name, cost=self.costs.get(name, 0)) for name in self.names],
            ballots=cast,
            budget=self.budget,
            seats=self.seats,
            blanks=self.blanks,
        )


@dataclass(frozen=True)
class Example:
    """One scene counted by one rule; `flags` are what the command needs besides the rule."""

    rule: str
    scene: Scene
    parameters: Mapping[str, Any] = field(default_factory=dict)
    flags: str = ""

    @cached_property
    def outcome(self) -> Outcome:
        return RULES[self.rule](self.scene.election, **self.parameters)


STREET = Scene(
    key="street",
    question=_("What shall our street buy?"),
    kind=Kind.APPROVAL,
    names={"concert": _("Concert"), "lights": _("Lights"), "trees": _("Trees"), "bench": _("Bench")},
    costs={"concert": 54, "lights": 15, "trees": 32, "bench": 6},
    budget=100,
    ballots=((5, ("concert", "lights")), (1, ("concert",)), (3, ("trees", "bench")), (1, ("trees",))),
)
SQUARE = Scene(
    key="square",
    question=_("What may we put on the square?"),
    kind=Kind.APPROVAL,
    names={"swings": _("Swings"), "fountain": _("Fountain"), "stage": _("Stage")},
    budget=0,
    ballots=((2, ("fountain", "swings")), (3, ("fountain", "stage")), (3, ("swings",)), (1, ("swings", "stage"))),
)
FAIR_NAMES = {"1": _("Park"), "2": _("Square"), "3": _("School"), "4": _("Harbour")}
FAIR_RANKINGS = ((3, ("2", "3", "4", "1")), (1, ("1", "3", "4")), (2, ("3", "2", "1")), (3, ("1", "4", "3")))
FAIR = Scene(
    key="fair",
    question=_("Where shall the summer fair be?"),
    kind=Kind.ORDINAL,
    names=FAIR_NAMES,
    ballots=FAIR_RANKINGS,
)
FAIR_BY_ONE = Scene(
    key="fair-one-choice",
    question=_("Where shall the summer fair be?"),
    kind=Kind.CHOOSE_ONE,
    names=FAIR_NAMES,
    budget=0,
    ballots=tuple((weight, ranking[:1]) for weight, ranking in FAIR_RANKINGS),
)
EVENING = Scene(
    key="evening",
    question=_("What shall we do at the street evening?"),
    kind=Kind.ORDINAL,
    names={"1": _("Film"), "2": _("Music"), "3": _("Games")},
    ballots=((4, ("1", "2", "3")), (3, ("2", "3", "1")), (2, ("3", "1", "2"))),
)
BOARD = Scene(
    key="board",
    question=_("Who shall speak for the house?"),
    kind=Kind.ORDINAL,
    names={"1": "Ada", "2": "Ben", "3": "Cem", "4": "Dora"},
    seats=2,
    ballots=((6, ("1", "2")), (2, ("1", "4", "2")), (1, ("2",)), (3, ("3", "4")), (2, ("4", "2"))),
)
TEN_POINTS = Scene(
    key="club-points",
    question=_("What shall the club spend its time on?"),
    kind=Kind.CUMULATIVE,
    names={"garden": _("Garden"), "repairs": _("Repairs"), "choir": _("Choir")},
    budget=0,
    points=(
        (3, {"garden": 6, "repairs": 4}),
        (2, {"choir": 10}),
        (2, {"repairs": 6, "garden": 4}),
    ),
)
GRADES = Scene(
    key="club-grades",
    question=_("What shall the club spend its time on?"),
    kind=Kind.SCORING,
    names={"repairs": _("Repairs"), "garden": _("Garden"), "choir": _("Choir")},
    budget=0,
    points=(
        (3, {"garden": 5, "repairs": 4, "choir": 1}),
        (2, {"choir": 5, "repairs": 4}),
        (2, {"repairs": 5, "garden": 3, "choir": 2}),
    ),
)
ANSWERS = {"yes": _("Yes"), "no": _("No"), "abstain": _("Abstain")}
MOTION = Scene(
    key="motion",
    question=_("Shall we buy a cargo bike for the house?"),
    kind=Kind.CHOOSE_ONE,
    names=ANSWERS,
    budget=0,
    ballots=((7, ("yes",)), (5, ("no",)), (3, ("abstain",))),
)
CIRCLE = Scene(
    key="circle",
    question=_("Shall the yard be closed at night?"),
    kind=Kind.CHOOSE_ONE,
    names={answer: ANSWERS[answer] for answer in ("yes", "abstain", "no")},
    budget=0,
    ballots=((11, ("yes",)), (2, ("abstain",)), (1, ("no",))),
)

_EXAMPLES = (
    Example("approval", SQUARE),
    Example("plurality", FAIR_BY_ONE),
    Example("points", TEN_POINTS),
    Example("score", GRADES),
    Example("majority", MOTION),
    Example("consensus", CIRCLE),
    Example("greedy", STREET),
    Example("greedy-no-skip", STREET),
    Example("greedy-threshold", STREET, {"threshold": 4}, "--threshold 4"),
    Example("greedy-per-cost", STREET),
    Example("poznan-80", STREET),
    Example("equal-shares", STREET),
    Example("phragmen", STREET),
    Example("irv", FAIR),
    Example("borda", FAIR),
    Example("condorcet", FAIR),
    Example("schulze", EVENING),
    Example("stv-scottish", BOARD),
    Example("stv-meek", BOARD),
)
EXAMPLES: Mapping[str, Example] = MappingProxyType({example.rule: example for example in _EXAMPLES})


def same_ballots(rule: str) -> list[Example]:
    """The other examples that count the same ballots, for comparison."""
    ours = EXAMPLES[rule]
    return [one for one in _EXAMPLES if one.scene is ours.scene and one.rule != rule]
