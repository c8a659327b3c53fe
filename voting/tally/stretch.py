# SPDX-License-Identifier: AGPL-3.0-or-later
"""How far the endowment can grow before a run of Equal Shares could change: intervals proved, not sampled.

While the same options are bought in the same order and the same supporters pay all they have, every balance and price
is a linear function of the endowment. Three kinds of conditions keep it so, and each compares such functions:

1. of each purchase, those who pay in full hold at least the price, and the others no more than it;
2. no other option r had been cheaper: with the price p, the sum of min(balance, p u) over its supporters is at most its
   cost. Whatever set S one takes, that sum is at most L = p u over S plus the balances outside S, which is linear;
3. at the end no other option's supporters hold its cost together.

A linear inequality that holds at both ends of an interval holds throughout. So a run is watched at one end, the sets
are kept, the conditions are worked out again at the other end with the same sets, and what holds at both is proved for
every endowment between. Errors of doubles are bounded at both ends; whatever they leave in doubt counts as not proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from voting.tally.market import Floats, Indexes, Market, dot

Truths = NDArray[np.bool_]


class Layout:
    """All supporters of all priced options, one after another."""

    def __init__(self, market: Market, rank: Sequence[int]) -> None:
        self.market, self.rank = market, rank
        self.options = [i for i in market.supported if market.whole_costs[i]]
        self.at = {i: j for j, i in enumerate(self.options)}
        lengths = np.array([len(market.supporters[i]) for i in self.options], dtype=np.int64)
        ends = np.cumsum(lengths)
        self.begins = ends - lengths
        self.slices = [slice(int(low), int(high)) for low, high in zip(self.begins, ends, strict=True)]
        self.segment = np.repeat(np.arange(len(self.options), dtype=np.int64), lengths)
        if self.options:
            self.groups: Indexes = np.concatenate([market.supporters[i] for i in self.options])
            self.weight: Floats = np.concatenate([market.weight[i] for i in self.options])
            self.pull: Floats = np.concatenate([market.pull[i] for i in self.options])
        uses = [use for use in (market.utilities[i] for i in self.options) if use is not None]
        self.uses: Floats | None = np.concatenate(uses) if uses and len(uses) == len(self.options) else None
        self.rates = np.array([market.rates[i] for i in self.options])
        free = market.compatible(
            sorted((i for i in market.supported if not market.whole_costs[i]), key=rank.__getitem__)
        )
        self.closed = self._places(market.rivals.get(i, ()) for i in free)
        self.rivals = [self._places([market.rivals.get(i, ())]) for i in self.options]

    def _places(self, sets: Iterable[Iterable[int]]) -> Indexes:
        """Where the options of these sets stand in the layout."""
        return np.array([self.at[i] for together in sets for i in together if i in self.at], dtype=np.int64)

    def sums(self, values: Floats) -> Floats:
        return np.add.reduceat(values, self.begins)

    def needs(self, unit: Fraction) -> Floats:
        up, down = unit.numerator, unit.denominator * self.market.unit
        return np.array([float(self.market.whole_costs[i] * up // down) for i in self.options])


class Stretch:
    """Watches one run, guesses how far it reaches, and proves it."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.sure = bool(layout.options)
        self.finished = False
        self.limit = np.inf
        self.slope = np.ones(layout.market.groups)
        self.open = np.ones(len(layout.options), dtype=np.bool_)
        self.open[layout.closed] = False
        self.steps: list[tuple[int, Truths, Truths]] = []

    def begin(self, unit: Fraction) -> None:
        self.unit = unit
        self.need = self.layout.needs(unit)

    def see(self, option: int, price: float, error: float, balance: Floats, slip: float) -> None:
        """Before a purchase: keep who stands where, check conditions 1 and 2, and follow the slopes."""
        if not self.sure:
            return
        layout = self.layout
        chosen = layout.at[option]
        ratio = layout.rates / layout.rates[chosen]
        held, slope = balance[layout.groups], self.slope[layout.groups]
        price_each = (price * ratio)[layout.segment]
        payment = price_each if layout.uses is None else price_each * layout.uses
        side = held >= payment
        mine = layout.slices[chosen]
        # Condition 1 at this end, and when it would fail.
        own, own_slope, own_side = held[mine], slope[mine], side[mine]
        use: Floats | float = 1.0 if layout.uses is None else layout.uses[mine]
        gap = own - payment[mine]
        living = own > 0
        if (living & (np.abs(gap) <= slip + error * use + 1.0)).any():
            self.sure = False
            return
        poor = living & ~own_side
        pull = dot(layout.pull[mine], own_side)
        if pull == 0.0:
            self.sure = False
            return
        price_slope = -dot(layout.weight[mine][poor], own_slope[poor]) / pull
        change = own_slope - price_slope * use
        self._until(np.abs(gap), np.where(own_side, -change, change) * living)
        # Condition 2.
        self.open[chosen] = False
        pulled = layout.sums(layout.pull * side)
        rest = layout.sums(np.where(side, 0.0, layout.weight * held))
        total = price * ratio * pulled + rest
        doubt = error * ratio * pulled + slip * layout.sums(np.where(side | (held <= 0), 0.0, layout.weight))
        doubt += 2.0 + total * 1e-12
        unproved = self.open & (total + doubt >= self.need)
        for rival in np.flatnonzero(unproved).tolist():
            if not self._settled_for_good(chosen, rival, pull, not poor.any(), pulled, rest):
                self.sure = False
                return
        growth = price_slope * ratio * pulled + layout.sums(np.where(side, 0.0, layout.weight * slope))
        self._until(self.need - total, np.where(self.open & ~unproved, growth, 0.0))
        self.steps.append((chosen, side, unproved))
        owners = layout.groups[mine]
        self.slope[owners] = np.where(own_side, change, 0.0)
        self.open[layout.rivals[chosen]] = False

    def _settled_for_good(
        self, chosen: int, rival: int, pull: float, clean: bool, pulled: Floats, rest: Floats
    ) -> bool:
        """Neither price depends on the endowment: both are cost by a whole number, compared exactly, ties by the list."""
        if not clean or rest[rival] != 0.0 or pulled[rival] == 0.0:
            return False
        layout, market = self.layout, self.layout.market
        i, j = layout.options[chosen], layout.options[rival]
        mine = market.costs[i] / int(pull) / market.scale[i]
        theirs = market.costs[j] / int(pulled[rival]) / market.scale[j]
        return (mine, layout.rank[i]) < (theirs, layout.rank[j])

    def _until(self, slack: Floats, closing: Floats) -> None:
        """The endowment (in units) at which the first of these slacks is used up."""
        falling = closing > 1e-9
        if falling.any():
            self.limit = min(self.limit, float((np.maximum(slack, 0.0)[falling] / closing[falling]).min()))

    def end(self, balance: Floats, slip: float, *, finished: bool) -> None:
        """Condition 3 at this end."""
        self.finished = finished
        if not self.sure or not finished:
            return
        layout = self.layout
        held = balance[layout.groups]
        money = layout.sums(layout.weight * held)
        doubt = slip * layout.sums(np.where(held > 0, layout.weight, 0.0)) + 2.0
        if (self.open & (money + doubt >= self.need)).any():
            self.sure = False
            return
        growth = layout.sums(layout.weight * self.slope[layout.groups])
        self._until(self.need - money, np.where(self.open, growth, 0.0))

    def guess(self, step: Fraction) -> int:
        """How many increments the linear functions seem to allow."""
        if not (self.sure and self.finished):
            return 0
        if self.limit == np.inf:
            return 2**40
        return max(0, min(int(self.limit / float(step * self.unit)), 2**40))

    def holds_at(self, endowment: Fraction) -> bool:
        """Whether all conditions hold at this endowment too, with the same sets; only then is everything between proved."""
        layout = self.layout
        everything = endowment * max(int(layout.market.weights.sum()), 1)
        unit = Fraction(2) ** (51 - max(0, everything.numerator // everything.denominator).bit_length())
        need = layout.needs(unit)
        balance = np.full(layout.market.groups, float(int(endowment * unit)))
        slip = np.ones(layout.market.groups)
        open_options = np.ones(len(layout.options), dtype=np.bool_)
        open_options[layout.closed] = False
        for chosen, side, settled in self.steps:
            mine = layout.slices[chosen]
            owners, own_side, weight = layout.groups[mine], side[mine], layout.weight[mine]
            own, own_slip = balance[owners], slip[owners]
            use: Floats | float = 1.0 if layout.uses is None else layout.uses[mine]
            pull = dot(layout.pull[mine], own_side)
            price = (need[chosen] - dot(weight * own, ~own_side)) / pull
            error = (dot(weight * own_slip, ~own_side) + 2.0) / pull + abs(price) * 1e-12 + 1e-6
            gap, bound = own - price * use, own_slip + error * use + 1.0
            if price <= 0 or ((own > 0) & np.where(own_side, gap <= bound, gap >= -bound)).any():
                return False
            open_options[chosen] = False
            ratio = layout.rates / layout.rates[chosen]
            held = balance[layout.groups]
            pulled = layout.sums(layout.pull * side)
            total = price * ratio * pulled + layout.sums(np.where(side, 0.0, layout.weight * held))
            doubt = error * ratio * pulled + layout.sums(np.where(side, 0.0, layout.weight * slip[layout.groups]))
            if (open_options & ~settled & (total + doubt + 2.0 + total * 1e-12 >= need)).any():
                return False
            open_options[layout.rivals[chosen]] = False
            balance[owners] = np.where(own_side, np.rint(gap), 0.0)
            slip[owners] = np.where(own_side, bound, 0.0)
        money = layout.sums(layout.weight * balance[layout.groups])
        doubt = layout.sums(layout.weight * slip[layout.groups]) + 2.0
        return not (open_options & (money + doubt >= need)).any()
