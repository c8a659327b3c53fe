# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the people of Riverside vote: districts, tastes and a seed. The outcome is then counted like any other.

A voter lives somewhere and cares most for two of the nine themes. What is near is liked more than what is
far, and a favourite theme more than the rest. Nothing here knows a counting rule.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .content.idea import Idea, Theme
from .content.town import DISTRICTS

LOVED, OTHERWISE = 195, 74  # per cent of the usual interest
BLANK = 0.005  # of the voters hand in nothing, and that is a vote too
DECIDED = (1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 7, 8)  # how many projects people are ready to choose


@dataclass(frozen=True)
class Voter:
    """Somebody on the register: where they live and what they care for."""

    district: str
    themes: frozenset[Theme]


def voters(number: int, *, known: Sequence[str], seed: str) -> Iterator[Voter]:
    """This many voters: first those whose district is known, then others spread over the districts as in other years."""
    chance = random.Random(f"voters {seed}")  # noqa: S311 - tastes, not secrets
    names = [place.name for place in DISTRICTS]
    shares = [place.ballots for place in DISTRICTS]
    for place in range(number):
        district = known[place] if place < len(known) else chance.choices(names, shares)[0]
        yield Voter(district, frozenset(chance.sample(list(Theme), 2)))


def interest(voter: Voter, idea: Idea) -> float:
    """How probable it is, from 0 to 1, that this voter likes this idea."""
    at_home = not idea.district or idea.district == voter.district
    usual = idea.near if at_home else idea.far
    taste = LOVED if idea.theme in voter.themes else OTHERWISE
    return min(0.95, usual * taste / 10_000)


def approvals(
    voter: Voter, ideas: Sequence[Idea], *, most: int, budget: int | None, chance: random.Random
) -> list[int]:
    """The places of the ideas that go on this voter's ballot, most wanted first, within the limits of the ballot."""
    if chance.random() < BLANK:
        return []
    liked = [place for place, idea in enumerate(ideas) if chance.random() < interest(voter, idea)]
    # Among what they like people choose what they like most, with some whim.
    liked.sort(key=lambda place: -interest(voter, ideas[place]) * (0.6 + 0.8 * chance.random()))
    chosen: list[int] = []
    spent = 0
    for place in liked[: min(most, chance.choice(DECIDED) + 1)]:
        if budget is None or spent + ideas[place].cost <= budget:
            chosen.append(place)
            spent += ideas[place].cost
    return chosen
