# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many more votes would have funded an option, where no formula knows: proved bounds, and counting again.

One more vote is one more ballot that names only this option, while the budget and all else stay as they are; so every
voter's share in Equal Shares gets a little smaller. Such a number need not be the end of the matter: with still more
votes the option can drop out again, for the climb of add1 may then end earlier. "Exact" says that it is the least.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from fractions import Fraction

from voting.tally.ballots import Ballots, Key
from voting.tally.modifiers import Grant, Modifiers
from voting.tally.types import Election, Kind, Margin, Number

MARGINS = ("bound", "recount")
EACH = 32
"""Up to so many more votes every number is tried; the least that works is then exact."""

Funded = Callable[[Election], Collection[str]]


def enough_voters(
    election: Election, i: int, n: int, budget: Fraction, grants: Sequence[Grant], modifiers: Modifiers
) -> int | None:
    """So many new supporters of nothing else pay for the option alone out of their first shares, whatever else happens.

    k of them hold k S / (n + k), where S is what the floors leave. Everybody's money only grows in a completion, so the
    option is bought in every run; none where it costs all there is, or where a rival could come first.
    """
    shared = budget - sum((Fraction(election.costs[grant.option]) for grant in grants), start=Fraction(0))
    cost = Fraction(election.costs[i])
    if cost >= shared or modifiers.rivals.get(i):
        return None
    alone = -((-cost * n) // (shared - cost))
    missing = -((-((modifiers.minimum_votes or 0) - election.scores[i])) // 1)
    return max(int(alone), int(missing), 1)


def with_more(election: Election, i: int, more: int) -> Election:
    """The same election and `more` ballots that name only this option (with points: that give it one point)."""
    table = election.ballots
    groups: dict[Key, int] = {}
    key: Key
    for choices, beside, weight in table.rows():
        if table.points is not None:
            key = tuple(x for pair in zip(choices, beside, strict=True) for x in pair)
        elif election.kind is Kind.ORDINAL:
            key = tuple(2 * choice + side for choice, side in zip(choices, beside, strict=True))
        else:
            key = choices
        groups[key] = weight
    shape = "points" if table.points is not None else "ranks" if election.kind is Kind.ORDINAL else "marks"
    key = (i, table.unit) if shape == "points" else (2 * i,) if shape == "ranks" else (i,)
    if more:
        groups[key] = groups.get(key, 0) + more
    return replace(election, ballots=Ballots.from_groups(groups, shape=shape, unit=table.unit))


def with_cost(election: Election, i: int, cost: Number) -> Election:
    """The same election where this option costs something else."""
    options = list(election.options)
    options[i] = replace(options[i], cost=cost)
    return replace(election, options=tuple(options))


def recounted(election: Election, i: int, funded: Funded, bound: int | None, lower: Fraction | None) -> Margin:
    """Count again with one more vote, two, three, ...; beyond `EACH` by doubling and halving, which gives a bound.

    `lower` is a candidate for how much less the option would have to cost: kept where a recount confirms that it does.
    """
    name = election.ids[i]

    def wins(more: int) -> bool:
        return name in funded(with_more(election, i, more))

    cost = lower
    if lower is not None and name not in funded(with_cost(election, i, election.costs[i] - lower)):
        cost = None
    for more in range(1, EACH + 1):
        if wins(more):
            return Margin(votes=more, votes_exact=True, cost=cost)
    low, high = EACH, 2 * EACH
    most = bound if bound is not None else 4 * (election.ballots.total + EACH)
    while high < most and not wins(high):
        low, high = high, 2 * high
    if high >= most:
        high = most
        if bound is None and not wins(high):
            return Margin(cost=cost)
    while high - low > 1:
        middle = (low + high) // 2
        if wins(middle):
            high = middle
        else:
            low = middle
    return Margin(votes=high, votes_exact=False, cost=cost)
