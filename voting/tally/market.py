# SPDX-License-Identifier: AGPL-3.0-or-later
"""An election laid out for Equal Shares, and what one run of it leaves behind."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from voting.tally.errors import TallyError, gettext_noop
from voting.tally.types import Election, Kind, Number

Floats = NDArray[np.float64]
Indexes = NDArray[np.int64]

UTILITIES = ("cost", "uniform", "points")
ALONE = 8000


def dot(left: Floats, right: Floats | NDArray[np.bool_]) -> float:
    """Sum of products on one core: for long arrays numpy's own product starts threads that cost more than they gain."""
    if len(left) > ALONE:
        return float(np.einsum("i,i->", left, right))
    return float(left.dot(right))


class Market:
    """An election laid out for Equal Shares: who supports what, with how much utility."""

    def __init__(
        self,
        election: Election,
        *,
        utility: str,
        minimum_votes: Number = 0,
        rivals: Mapping[int, frozenset[int]] | None = None,
        closed: Collection[int] = (),
    ) -> None:
        """`closed` options are not for sale; buying one of `rivals` closes those that it maps to."""
        if utility not in UTILITIES:
            raise TallyError(f"the utility is one of {', '.join(UTILITIES)}")
        ballots = election.ballots
        self.election, self.utility = election, utility
        self.groups = len(ballots)
        self.weights = ballots.weights.astype(np.float64)
        self.costs = [Fraction(cost) for cost in election.costs]
        self.unit = lcm(1, *(cost.denominator for cost in self.costs))
        self.whole_costs = [int(cost * self.unit) for cost in self.costs]
        self.supporters: list[Indexes] = []
        self.weight: list[Floats] = []
        self.utilities: list[Floats | None] = []
        self.pull: list[Floats] = []
        self.reach: list[int] = []
        self.force: list[int] = []
        self.steepest: list[float] = []
        values = self._values()
        for place in ballots.columns(len(election.options)):
            owners = ballots.owners[place]
            given = None if values is None else values[place]
            if given is not None:
                owners, given = owners[given > 0], given[given > 0]
            weight = self.weights[owners]
            pull = weight if given is None else weight * given
            total = float(pull.sum())
            if total > 2.0**52:
                raise TallyError(gettext_noop("the ballots give more points than Equal Shares can count"))
            self.supporters.append(owners)
            self.weight.append(weight)
            self.utilities.append(given)
            self.pull.append(pull)
            self.reach.append(int(weight.sum()))
            self.force.append(int(total))
            self.steepest.append(1.0 if given is None or not len(given) else float(given.max()))
        self.scale = [cost if utility == "cost" and cost else Fraction(1) for cost in self.costs]
        self.supported = [
            i
            for i in election.standing
            if self.reach[i] > 0 and election.scores[i] >= minimum_votes and i not in closed
        ]
        self.rivals = rivals or {}
        self.rates = [float(scale) for scale in self.scale]
        self._sets: dict[int, dict[int, int]] = {}
        self._given = values

    def _values(self) -> Floats | None:
        """Utility beside each choice, None where supporting is all that counts."""
        ballots = self.election.ballots
        if self.utility == "points" and self.election.kind is Kind.ORDINAL:
            place = np.arange(len(ballots.choices), dtype=np.int64) - ballots.starts[:-1][ballots.owners]
            return (ballots.lengths[ballots.owners] - place).astype(np.float64)
        if ballots.points is None:
            return None
        values = ballots.points.astype(np.float64)
        return values if self.utility == "points" else (values > 0).astype(np.float64)

    def utility_of(self, group: int) -> dict[int, int]:
        """What the group's ballot supports, with the utility of each as a whole number."""
        known = self._sets.get(group)
        if known is None:
            low, high = int(self.election.ballots.starts[group]), int(self.election.ballots.starts[group + 1])
            choices = self.election.ballots.choices[low:high].tolist()
            values = self._given
            if values is None:
                known = dict.fromkeys(choices, 1)
            else:
                known = {c: int(v) for c, v in zip(choices, values[low:high].tolist(), strict=True) if v > 0}
            self._sets[group] = known
        return known

    def compatible(self, options: Sequence[int]) -> list[int]:
        """Those that are left when each keeps its later rivals out."""
        kept: list[int] = []
        for i in options:
            if not self.rivals.get(i, frozenset()).intersection(kept):
                kept.append(i)
        return kept

    def weight_by_option(self, groups: Indexes, weights: Floats) -> Floats:
        """For each option the weight, times utility, of those of the groups that support it."""
        ballots = self.election.ballots
        starts, lengths = ballots.starts[groups], ballots.lengths[groups]
        ends = np.cumsum(lengths)
        cells = np.arange(int(ends[-1]), dtype=np.int64) + np.repeat(starts - ends + lengths, lengths)
        share = np.repeat(weights, lengths)
        if self._given is not None:
            share = share * np.maximum(self._given[cells], 0.0)
        return np.bincount(ballots.choices[cells], weights=share, minlength=len(self.costs)).astype(np.float64)


@dataclass(slots=True)
class Purchase:
    """One option bought: the price is what one unit of utility costs (with cost utilities: the largest payment)."""

    option: int
    price: float
    rich_pull: int
    emptied: Indexes
    emptied_weight: int
    full_payers: int = 0
    part_payers: int = 0
    exact: Fraction | None = None


@dataclass(slots=True)
class Shortage:
    """When an option's supporters could no longer pay for it together."""

    round: int
    money: Fraction


@dataclass(slots=True)
class Run:
    """What one endowment buys."""

    endowment: Fraction
    purchases: list[Purchase] = field(default_factory=list)
    spent: Fraction = Fraction(0)
    aborted: bool = False
    ties: list[tuple[int, list[int], int]] = field(default_factory=list)
    shortages: dict[int, Shortage] = field(default_factory=dict)
    behind: dict[int, Fraction] = field(default_factory=dict)

    @property
    def options(self) -> list[int]:
        return [purchase.option for purchase in self.purchases]
