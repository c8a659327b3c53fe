# SPDX-License-Identifier: AGPL-3.0-or-later
"""Candidate rules tried on ballots of the past: who would have won under each. Nothing here decides or is stored."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from assemblies.models import Assembly, Viewer
from assemblies.money import decimals_of
from voting import counting, results, rules_in_words
from voting.models import Poll, PollState
from voting.tally import RULES, Election, TallyError, pb

from .models import Cycle, Project
from .pb_bounds import MOST_BALLOTS, MOST_PROJECTS
from .pb_refusals import in_words
from .refusals import CycleRefused

LARGEST_FILE = 2 * 1024 * 1024  # bytes; what a request may hold, counted by all candidates in a second or two
MOST_STEPS = 200_000
NO_AREA = ""


@dataclass(frozen=True)
class Past:
    """Ballots of the past and what is known about the projects on them."""

    title: str
    currency: str
    unit: int  # so many of the election's units are one of the currency's smallest
    election: Election
    areas: Mapping[str, str]  # option -> district, or what it is about
    rule: str = ""  # by which it was counted then

    def minor(self, amount: Any) -> int:
        return int(Fraction(amount) * self.unit)


@dataclass(frozen=True)
class Tried:
    """What one rule would have done with these ballots."""

    name: str
    text: str
    is_theirs: bool
    winners: frozenset[str]
    spent: int
    budget: int
    served: int  # voters with at least one winner
    voters: int
    areas: list[tuple[str, int]]  # spending by area, the largest first

    @property
    def percent(self) -> int:
        """For drawing and reading, never for deciding; rounded down."""
        return 100 * self.served // self.voters if self.voters else 0


@dataclass(frozen=True)
class Line:
    """One project, with a mark for each rule."""

    title: str
    cost: int
    votes: int
    won: list[bool]


@dataclass(frozen=True)
class Comparison:
    past: Past
    rules: list[Tried]
    lines: list[Line]

    @property
    def differing(self) -> list[Line]:
        """The projects that some rules fund and others do not."""
        return [line for line in self.lines if len(set(line.won)) > 1]


def past_polls(assembly: Assembly, user: Viewer) -> list[Poll]:
    """Ballots whose result everybody may read, the newest first."""
    cycles = Cycle.objects.visible_to(user).filter(assembly=assembly)
    found = Poll.objects.filter(heading__cycle__in=cycles, state=PollState.PUBLISHED, budget__isnull=False)
    return list(found.select_related("heading__cycle").order_by("-published_at"))


def past_of(poll: Poll) -> Past:
    """The ballots of a published result; none of them is shown, only counted."""
    if not results.are_visible(poll) or poll.budget is None:
        raise CycleRefused(_("The result is not published yet."))
    projects = Project.objects.filter(option__poll=poll).select_related("option", "district")
    areas = {
        project.option.key: project.district.name if project.district else project.category_name
        for project in projects
        if project.option
    }
    return Past(poll.question, poll.currency, 1, counting.election_of(poll), areas, poll.rule)


def past_in_file(data: bytes, *, name: str, currency: str) -> Past:
    """The ballots of an uploaded file in Pabulib's form; refused where it is too large to be counted on a page."""
    try:
        file = pb.parse(data, name=name)
        election = file.election(lenient=True)
    except TallyError as error:
        raise CycleRefused(_("This file cannot be read as a .pb file. %(why)s.") % {"why": in_words(error)}) from None
    if election.budget is None or election.budget <= 0:
        raise CycleRefused(_("The file does not say how much money there was."))
    if len(election.options) > MOST_PROJECTS or election.voters() > MOST_BALLOTS:
        raise CycleRefused(
            _("On this page a file has at most %(projects)s projects and %(ballots)s ballots.")
            % {"projects": MOST_PROJECTS, "ballots": MOST_BALLOTS}
        )
    areas = {option.id: option.district for option in election.options}
    return Past(name, currency, 10 ** decimals_of(currency), election, areas, "")


def compare(past: Past) -> Comparison:
    """Every candidate rule counted on the same ballots, with one order of ties for all."""
    election = past.election
    tried = [_try(past, name, text, rule, parameters) for name, text, rule, parameters in _candidates(past)]
    rules = [one for one in tried if one is not None]
    order = sorted(range(len(election.options)), key=lambda i: (-election.scores[i], i))
    lines = [
        Line(
            title=election.options[i].name or election.options[i].id,
            cost=past.minor(election.costs[i]),
            votes=int(election.scores[i]),
            won=[election.ids[i] in one.winners for one in rules],
        )
        for i in order
    ]
    return Comparison(past, rules, lines)


def _candidates(past: Past) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Name, explanation, rule and parameters. A least number of votes is one voter in twenty."""
    election = past.election
    least = max(1, -(-election.voters() // 20))
    words = rules_in_words.RULES_IN_WORDS
    step = 10 ** decimals_of(past.currency) // past.unit
    found: list[tuple[str, str, str, dict[str, Any]]] = [
        (str(rules_in_words.RULE_NAMES["greedy"]), str(words["greedy"]), "greedy", {}),
        (
            _("Greedy, with at least %(votes)s votes") % {"votes": least},
            _("As above, but a project that fewer than one voter in twenty chose is never funded."),
            "greedy",
            {"minimum_votes": least},
        ),
        (
            str(rules_in_words.RULE_NAMES["greedy-per-cost"]),
            _("What has most votes for its price comes first, so that cheap projects come before dear ones."),
            "greedy-per-cost",
            {},
        ),
        (
            str(rules_in_words.RULE_NAMES["equal-shares"]),
            str(words["equal-shares"]),
            "equal-shares",
            {"completion": "add1", "increment": max(1, step)},
        ),
    ]
    if _steps(election, step) > MOST_STEPS:  # a tiny unit of money: the climb would be too long for a page
        found[-1] = (*found[-1][:3], {"completion": "none"})
    return found


def _steps(election: Election, step: int) -> int:
    return int(Fraction(election.budget or 0) // max(1, step))


def _try(past: Past, name: str, text: str, rule: str, parameters: dict[str, Any]) -> Tried | None:
    election = past.election
    if election.kind not in RULES[rule].kinds:
        return None
    try:
        outcome = RULES[rule](election, seed="workbench", **parameters)
    except TallyError:
        return None
    spending: Counter[str] = Counter()
    for key in outcome.winners:
        spending[past.areas.get(key, NO_AREA)] += past.minor(election.costs[election.place[key]])
    return Tried(
        name=name,
        text=text,
        is_theirs=rule == past.rule and not parameters.get("minimum_votes"),
        winners=frozenset(outcome.winners),
        spent=past.minor(outcome.total_cost),
        budget=past.minor(election.budget or 0),
        served=_served(election, outcome.winners),
        voters=election.voters(),
        areas=sorted(((area or _("The whole town"), spent) for area, spent in spending.items()), key=lambda x: -x[1]),
    )


def _served(election: Election, winners: tuple[str, ...]) -> int:
    """How many voters chose at least one winner."""
    ballots = election.ballots
    if not len(ballots) or not winners:
        return 0
    won = np.zeros(len(election.options), dtype=np.bool_)
    won[[election.place[key] for key in winners]] = True
    hit = won[ballots.choices]
    if ballots.points is not None:
        hit &= ballots.points > 0
    return int(ballots.weights[np.unique(ballots.owners[hit])].sum())
