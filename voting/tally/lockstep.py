# SPDX-License-Identifier: AGPL-3.0-or-later
"""Many endowments at once: the same runs as `buyer.Buyer`, side by side in lanes, with the richest in the last lane.

Neighbouring endowments buy nearly the same in nearly the same order. So what one lane asks about an option is worked
out for all lanes together, and a payment is taken in all lanes that buy the option now.

Nothing here decides on a doubt. Balances are whole numbers in doubles, in units so small that all money behind one
option stays below 2**52: sums are exact. A stored balance is off by at most its own `slips`, which grows by the error of
each price that its owner paid (`slip` bounds them for a whole lane); nought stands for those who have paid all they had,
and is exact. A lane that meets a comparison which these bounds cannot settle is given up, to be counted by itself,
exactly.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from voting.tally.market import Floats, Indexes, Market, Purchase, Run, dot
from voting.tally.solo import Solo

MOST_MONEY = 2**61
FEW = 600
_NOBODY = np.empty(0, dtype=np.int64)


class Lockstep:
    """The layout that all lanes share; options are called by their place among those that cost something."""

    def __init__(self, market: Market, rank: Sequence[int], budget: Fraction) -> None:
        self.market = market
        self.priced = [i for i in market.supported if market.whole_costs[i]]
        free = sorted((i for i in market.supported if not market.whole_costs[i]), key=rank.__getitem__)
        self.free = market.compatible(free)
        self.limit = int(budget * market.unit)
        self.usable = bool(self.priced) and sum(market.whole_costs[i] for i in self.priced) < MOST_MONEY
        self.rank = [rank[i] for i in self.priced]
        self.rates = np.array([market.rates[i] for i in self.priced])
        self.force = np.array([float(market.force[i]) for i in self.priced])
        self.reach = np.array([float(market.reach[i]) for i in self.priced])
        self.whole_costs = [market.whole_costs[i] for i in self.priced]
        self.least = [market.costs[i] / market.reach[i] for i in self.priced]
        """The endowment from which on all supporters together hold the cost."""
        at = {i: j for j, i in enumerate(self.priced)}
        self.rivals = {at[i]: [at[r] for r in market.rivals[i] if r in at] for i in self.priced if i in market.rivals}
        self.closed = [at[r] for i in self.free for r in market.rivals.get(i, ()) if r in at]
        even = [market.costs[i] / market.force[i] / market.scale[i] for i in self.priced]
        self.evenly = sorted(range(len(self.priced)), key=lambda j: (even[j], self.rank[j]))
        """The order in which options are bought while every supporter pays the same."""
        self.place = np.empty(len(self.priced), dtype=np.int64)
        self.place[self.evenly] = np.arange(len(self.priced))
        self.bills = {i: Purchase(i, 0.0, 0, _NOBODY, 0) for i in market.supported}
        self.size = sum(len(market.supporters[i]) for i in self.priced) / max(len(self.priced), 1)
        self.side_by_side = self.size <= FEW
        """With few supporters for each option a run is all overhead, and lanes share it."""
        self._shared: dict[tuple[int, int], bool] = {}
        self._settled: dict[tuple[tuple[int, float], ...], int] = {}

    def run(self, endowments: Sequence[Fraction]) -> Iterator[Run | None]:
        """One run for each endowment, given from the least to the greatest; None where it must be made exactly."""
        if not endowments:
            return
        start = Start(self, endowments)
        if self.side_by_side:
            yield from _Lanes(self, start, endowments).run()
        else:
            for lane, endowment in enumerate(endowments):
                yield Solo(self, start, lane).run(endowment)

    def touch(self, one: int, other: int) -> bool:
        """Whether buying one changes what the other costs, or keeps it out."""
        pair = (min(one, other), max(one, other))
        known = self._shared.get(pair)
        if known is None:
            mark = np.zeros(self.market.groups, dtype=np.bool_)
            mark[self.market.supporters[self.priced[one]]] = True
            known = bool(mark[self.market.supporters[self.priced[other]]].any()) or other in self.rivals.get(one, ())
            self._shared[pair] = known
        return known

    def settle(self, best: int, near: list[int], pulls: list[float]) -> int | None:
        """Which of these options comes first, exactly; None where that is not known here.

        A pull is that of those who still hold money, where all of them can pay, else nought. The cost by that pull is
        never more than the price, and it is the price of the one that is bought, for buying makes sure that all who hold
        money can pay it. Options that do not touch each other are bought alike in either order.
        """
        if all(pulls):
            return self._cheapest(tuple(zip(near, pulls, strict=True)))
        if any(self.touch(one, other) for k, one in enumerate(near) for other in near[k + 1 :]):
            return None
        return best

    def _cheapest(self, offers: tuple[tuple[int, float], ...]) -> int:
        known = self._settled.get(offers)
        if known is None:
            market = self.market

            def key(offer: tuple[int, float]) -> tuple[Fraction, int]:
                i = self.priced[offer[0]]
                return market.costs[i] / int(offer[1]) / market.scale[i], self.rank[offer[0]]

            known = self._settled[offers] = min(offers, key=key)[0]
        return known


def _grouped(options: Indexes, lanes: Indexes) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for j, lane in zip(options.tolist(), lanes.tolist(), strict=True):
        groups.setdefault(j, []).append(lane)
    return groups


class Start:
    """What a batch of endowments has in common: the unit of its balances, and the purchases that are alike in all.

    No price is lower than the cost by all supporters' pull. So the option with the least such quotient is bought first
    wherever all its supporters can pay it, and whoever can with the least endowment can with the others. An option whose
    supporters' money is too little with the greatest endowment is out in all.
    """

    def __init__(self, plan: Lockstep, endowments: Sequence[Fraction]) -> None:
        if any(later < earlier for earlier, later in pairwise(endowments)):
            raise ValueError("endowments go from the least to the greatest")
        self.plan = plan
        lanes = len(endowments)
        most = endowments[-1] * int(plan.reach.max())
        self.unit = Fraction(2) ** (51 - (most.numerator // most.denominator).bit_length())
        up, down = self.unit.numerator, self.unit.denominator * plan.market.unit
        self.need = np.array([float(cost * up // down) for cost in plan.whole_costs])
        self.begin = np.array([float(int(endowment * self.unit)) for endowment in endowments])
        self.first = [bisect_left(endowments, least) for least in plan.least]
        """For each option the first endowment with which its supporters together hold its cost."""
        self.gone = {*plan.closed, *(j for j, first in enumerate(self.first) if first == lanes)}
        self.together: list[int] = []
        self.spent = 0
        self.slip = 1.0
        self.paid = np.zeros(plan.market.groups)
        for j in plan.evenly:
            if j not in self.gone and not self._buy_evenly(j):
                break

    def _buy_evenly(self, j: int) -> bool:
        """Whether the next option is paid evenly in all lanes, or is out in all."""
        plan, market = self.plan, self.plan.market
        i = plan.priced[j]
        owners, uses = market.supporters[i], market.utilities[i]
        price = self.need[j] / plan.force[j]
        error = 1.0 / plan.force[j] + price * 1e-12 + 1e-6
        before = self.paid[owners]
        after = before + np.rint(price if uses is None else price * uses)
        spread = self.slip + error * market.steepest[i] + 1.0
        if float(after.max()) + spread >= self.begin[0]:
            left = float(self.begin[-1]) * plan.reach[j] - dot(market.weight[i], before)
            if left + self.slip * plan.reach[j] + 2.0 >= self.need[j]:
                return False
            self.gone.add(j)
            return True
        self.paid[owners] = after
        self.slip = spread
        self.together.append(j)
        self.gone.update((j, *plan.rivals.get(j, ())))
        self.spent += plan.whole_costs[j]
        return self.spent <= plan.limit

    def low(self, lane: int) -> Floats:
        """Lower bounds of what is open in a lane; all else is infinitely dear."""
        bounds: Floats = (
            np.maximum(self.need / self.plan.force * (1 - 1e-12) - 2.0, 0.0) / self.plan.rates * (1 - 1e-14)
        )
        bounds[list(self.gone)] = np.inf
        bounds[np.array(self.first) > lane] = np.inf
        return bounds


class _Lanes:
    """The state of all lanes: `low` and `high` bound each option's price for its utility."""

    def __init__(self, plan: Lockstep, start: Start, endowments: Sequence[Fraction]) -> None:
        self.plan, self.start, self.endowments = plan, start, endowments
        lanes, options = len(endowments), len(plan.priced)
        self.need = start.need
        self.spent = np.full(lanes, start.spent, dtype=np.int64)
        self.bought: list[list[int]] = [[] for _ in endowments]
        self.given_up = np.zeros(lanes, dtype=np.bool_)
        self.aborted = self.spent > plan.limit
        self.balance = start.begin - start.paid[:, None]
        self.slips = np.full((len(self.balance), lanes), start.slip)
        self.slip = np.full(lanes, start.slip)
        self.root = np.repeat(np.floor(self.need / plan.force)[:, None], lanes, axis=1)
        self.rich = np.zeros((options, lanes))
        self.pure = np.zeros((lanes, options))
        self.low = np.array([start.low(lane) for lane in range(lanes)])
        self.high = np.full((lanes, options), np.inf)
        self.seen = np.full((lanes, options), -1, dtype=np.int64)
        self.turn = np.zeros(lanes, dtype=np.int64)
        longest = max(len(plan.market.supporters[i]) for i in plan.priced)
        self.held = np.empty((longest, lanes))
        self.spare = np.empty((longest, lanes))
        self.loose = np.empty((longest, lanes))
        self.above = np.empty((longest, lanes), dtype=np.bool_)

    def run(self) -> list[Run | None]:
        while True:
            active = np.flatnonzero(~(self.given_up | self.aborted))
            if not len(active) or not self._step(active):
                break
        plan, market = self.plan, self.plan.market
        results: list[Run | None] = []
        for lane, endowment in enumerate(self.endowments):
            if self.given_up[lane]:
                results.append(None)
                continue
            made = Run(endowment, aborted=bool(self.aborted[lane]), spent=Fraction(int(self.spent[lane]), market.unit))
            chosen = [*plan.free, *(plan.priced[j] for j in (*self.start.together, *self.bought[lane]))]
            made.purchases = [plan.bills[i] for i in chosen]
            results.append(made)
        return results

    def _step(self, active: Indexes) -> bool:
        """Each lane buys its best option, or looks at it anew; False where no lane has anything left to buy."""
        low = self.low if len(active) == len(self.low) else self.low[active]
        best = low.argmin(axis=1)
        open_lanes = np.isfinite(low[np.arange(len(active)), best])
        if not open_lanes.any():
            return False
        fresh = open_lanes & (self.seen[active, best] == self.turn[active])
        stale = open_lanes & ~fresh
        look, buy = _grouped(best[stale], active[stale]), {}
        if fresh.any():
            active, best, low = active[fresh], best[fresh], low[fresh]
            near = low <= self.high[active, best][:, None]
            contested = np.count_nonzero(near, axis=1) > 1
            if contested.any():
                best[contested] = self._settle(active[contested], best[contested], near[contested], look)
            buy = _grouped(best[best >= 0], active[best >= 0])
        for j, lanes in buy.items():
            self._buy(j, lanes)
        for j, lanes in look.items():
            self._look(j, lanes)
        return True

    def _settle(self, lanes: Indexes, best: Indexes, near: NDArray[np.bool_], look: dict[int, list[int]]) -> Indexes:
        """Which of the near options comes first in each lane; -1 where one must be looked at first, or none can say."""
        plan = self.plan
        stale = near & (self.seen[lanes] != self.turn[lanes][:, None])
        waits = stale.any(axis=1)
        for lane, j in zip(lanes[waits].tolist(), stale[waits].argmax(axis=1).tolist(), strict=True):
            look.setdefault(j, []).append(lane)
        # Where all supporters can pay evenly, prices are in the order that was worked out before.
        evenly = ~waits & (~near | (self.pure[lanes] == plan.force)).all(axis=1)
        chosen = np.where(evenly, np.where(near, plan.place, len(plan.priced)).argmin(axis=1), -1)
        for row in np.flatnonzero(~waits & ~evenly).tolist():
            others = np.flatnonzero(near[row])
            first = plan.settle(int(best[row]), others.tolist(), self.pure[lanes[row], others].tolist())
            if first is None:
                self.given_up[lanes[row]] = True
            else:
                chosen[row] = first
        return chosen

    def _look(self, j: int, asking: list[int]) -> None:
        """Work out one option's price in all lanes: bounds of it, or closed; who asks in vain is given up.

        With a whole price T, the supporters together pay S(T) exactly, and those above it have the pull R. Below the
        next whole number S grows by R, so T + (cost - S) / R is the price if it lies there, and never above it.
        """
        plan, market = self.plan, self.plan.market
        i = plan.priced[j]
        owners, weight, pull, uses = market.supporters[i], market.weight[i], market.pull[i], market.utilities[i]
        held, spare, above = self.held[: len(owners)], self.spare[: len(owners)], self.above[: len(owners)]
        np.take(self.balance, owners, axis=0, out=held, mode="clip")
        is_open = np.isfinite(self.low[:, j])
        whole, need = np.floor(self.root[j]), self.need[j]
        while True:
            pay = whole if uses is None else uses[:, None] * whole
            np.minimum(held, pay, out=spare)
            np.greater(held, pay, out=above)
            paid = np.einsum("i,ij->j", weight, spare)
            rich = np.einsum("i,ij->j", pull, above)
            stuck = rich == 0
            root = whole + (need - paid) / np.where(stuck, 1.0, rich)
            moving = is_open & ~stuck & (np.floor(root) > whole)
            if not moving.any():
                break
            whole = np.where(moving, np.floor(root), whole)
        # A lane whose supporters all pay all they have holds `paid` together.
        lacking = is_open & stuck & (paid + self.slip * plan.reach[j] + 2.0 < need)
        self.low[lacking, j] = np.inf
        asked = np.zeros(len(is_open), dtype=np.bool_)
        asked[asking] = True
        self.given_up |= asked & is_open & stuck & ~lacking
        good = is_open & ~stuck
        divisor = np.where(stuck, 1.0, rich)
        error = (self.slip * plan.reach[j] + 2.0) / divisor + root * 1e-12 + 1e-6
        rate = plan.rates[j]
        self.low[good, j] = (np.maximum(root - error, 0.0) / rate * (1 - 1e-14))[good]
        self.high[good, j] = ((root + error) / rate * (1 + 1e-14))[good]
        self.root[j, good] = root[good]
        self.rich[j, good] = rich[good]
        # Where those below the price hold nothing, no error is in it: it is the cost by a whole number.
        self.pure[good, j] = np.where(paid == whole * rich, rich, 0.0)[good]
        self.seen[good, j] = self.turn[good]

    def _buy(self, j: int, lanes: list[int]) -> None:
        """Take each supporter's payment; a lane where somebody stands too close to the price is given up.

        Once all are known to stand where they seem to, the price is (cost - what the poor hold) / R, so what is unsure
        in it is what is unsure in the poor's money, by R.
        """
        plan, market = self.plan, self.plan.market
        i = plan.priced[j]
        owners, weight, uses = market.supporters[i], market.weight[i], market.utilities[i]
        held, spare, above = self.held[: len(owners)], self.spare[: len(owners)], self.above[: len(owners)]
        loose = self.loose[: len(owners)]
        np.take(self.balance, owners, axis=0, out=held, mode="clip")
        np.take(self.slips, owners, axis=0, out=loose, mode="clip")
        buys = np.zeros(len(self.turn), dtype=np.bool_)
        buys[lanes] = True
        root, rich = self.root[j], np.where(buys, self.rich[j], 1.0)
        payment = np.where(buys, root, 0.0)
        unsure = np.zeros(len(self.turn))
        np.subtract(held, payment if uses is None else uses[:, None] * payment, out=held)
        if not self.pure[lanes, j].all():
            np.less(held, 0.0, out=above)
            np.multiply(loose, above, out=spare)
            unsure = np.einsum("i,ij->j", weight, spare)
        error = np.where(buys, (unsure + 2.0) / rich + root * 1e-12 + 1e-6, 0.0)
        grown = np.where(buys, error * market.steepest[i] + 1.0, 0.0)
        loose += grown
        np.abs(held, out=spare)
        for lane in np.flatnonzero(buys & (spare.min(axis=0) <= self.slip + grown)).tolist():
            self.given_up[lane] |= bool((spare[:, lane] <= loose[:, lane]).any())
        np.rint(held, out=held)
        np.maximum(held, 0.0, out=held)
        np.greater(held, 0.0, out=above)
        loose *= above
        self.balance[owners] = held
        self.slips[owners] = loose
        self.slip += grown
        self.low[lanes, j] = np.inf
        for rival in plan.rivals.get(j, ()):
            self.low[lanes, rival] = np.inf
        self.turn[lanes] += 1
        self.spent[lanes] += plan.whole_costs[j]
        self.aborted |= self.spent > plan.limit
        for lane in lanes:
            self.bought[lane].append(j)
