# SPDX-License-Identifier: AGPL-3.0-or-later
"""Many endowments at once: the same runs as `market.Buyer`, side by side, for elections where one run is short.

Nothing here decides on a doubt. Balances are whole numbers in doubles with a proved error bound, as in `market`; a lane
that meets a comparison which the bound cannot settle is given up and counted by itself, exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from voting.tally.market import Floats, Indexes, Market, Purchase, Run

MOST_MONEY = 2**61
_NOBODY = np.empty(0, dtype=np.int64)


class Lockstep:
    """The layout that all lanes share."""

    def __init__(self, market: Market, rank: Sequence[int], budget: Fraction) -> None:
        self.market = market
        self.priced = [i for i in market.supported if market.whole_costs[i]]
        free = sorted((i for i in market.supported if not market.whole_costs[i]), key=rank.__getitem__)
        self.free = market.compatible(free)
        self.limit = int(budget * market.unit)
        self.usable = bool(self.priced) and sum(market.whole_costs[i] for i in self.priced) < MOST_MONEY
        self.lengths = np.array([len(market.supporters[i]) for i in self.priced], dtype=np.int64)
        if not self.usable:
            return
        ends = np.cumsum(self.lengths)
        self.starts = ends - self.lengths
        self.groups = np.concatenate([market.supporters[i] for i in self.priced])
        self.weight = np.concatenate([market.weight[i] for i in self.priced])
        self.pull = np.concatenate([market.pull[i] for i in self.priced])
        uses = [use for use in (market.utilities[i] for i in self.priced) if use is not None]
        self.uses: Floats | None = np.concatenate(uses) if len(uses) == len(self.priced) else None
        self.force = np.array([float(market.force[i]) for i in self.priced])
        self.rates = np.array([market.rates[i] for i in self.priced])
        self.whole_costs = np.array([market.whole_costs[i] for i in self.priced], dtype=np.int64)
        self.rank = [rank[i] for i in self.priced]
        member = np.zeros((market.groups, len(self.priced)), dtype=np.float32)
        member[self.groups, np.repeat(np.arange(len(self.priced)), self.lengths)] = 1.0
        self.overlap = (member.T @ member > 0).astype(np.float32)
        at = {i: j for j, i in enumerate(self.priced)}
        self.rivals = {at[i]: [at[r] for r in market.rivals[i] if r in at] for i in self.priced if i in market.rivals}
        for j, others in self.rivals.items():
            self.overlap[j, others] = 1.0
        self.closed = [at[r] for i in self.free for r in market.rivals.get(i, ()) if r in at]

    def run(self, endowments: Sequence[Fraction]) -> list[Run | None]:
        """One run for each endowment; None where it must be made exactly."""
        return _Lanes(self, endowments).run()


class _Lanes:
    """The state of all lanes: `low` and `high` bound each option's price for its utility."""

    def __init__(self, plan: Lockstep, endowments: Sequence[Fraction]) -> None:
        self.plan, self.endowments = plan, list(endowments)
        market, lanes, options = plan.market, len(endowments), len(plan.priced)
        everything = max(endowments) * max(int(market.weights.sum()), 1)
        shift = 51 - max(0, everything.numerator // everything.denominator).bit_length()
        unit = Fraction(2) ** shift
        up, down = unit.numerator, unit.denominator * market.unit
        self.need = np.array([float(market.whole_costs[i] * up // down) for i in plan.priced])
        begin = np.array([float(int(endowment * unit)) for endowment in endowments])
        self.balance = np.repeat(begin, market.groups)
        self.slip = np.ones(len(self.balance))
        self.price = np.maximum(np.tile(self.need / plan.force * (1 - 1e-12) - 2.0, (lanes, 1)), 0.0)
        self.error = np.zeros((lanes, options))
        self.low = self.price / plan.rates * (1 - 1e-14)
        self.high = np.full((lanes, options), np.inf)
        self.clean = np.zeros((lanes, options))
        self.seen = np.full((lanes, options), -1, dtype=np.int64)
        self.turn = np.zeros(lanes, dtype=np.int64)
        self.spent = np.zeros(lanes, dtype=np.int64)
        self.bought: list[list[int]] = [[] for _ in endowments]
        self.given_up = np.zeros(lanes, dtype=np.bool_)
        self.aborted = np.zeros(lanes, dtype=np.bool_)
        for lane, endowment in enumerate(endowments):
            top, bottom = endowment.numerator * market.unit, endowment.denominator
            for j, i in enumerate(plan.priced):
                if market.reach[i] * top < market.whole_costs[i] * bottom:
                    self.low[lane, j] = np.inf
        self.low[:, plan.closed] = np.inf

    def run(self) -> list[Run | None]:
        active = np.arange(len(self.endowments), dtype=np.int64)
        while len(active):
            active = self._step(active)
            active = active[~(self.given_up[active] | self.aborted[active])]
        plan, market = self.plan, self.plan.market
        results: list[Run | None] = []
        for lane, endowment in enumerate(self.endowments):
            if self.given_up[lane]:
                results.append(None)
                continue
            made = Run(endowment, aborted=bool(self.aborted[lane]), spent=Fraction(int(self.spent[lane]), market.unit))
            chosen = [*plan.free, *(plan.priced[j] for j in self.bought[lane])]
            made.purchases = [Purchase(i, 0.0, 0, _NOBODY, 0) for i in chosen]
            results.append(made)
        return results

    def _step(self, active: Indexes) -> Indexes:
        """Each lane looks at its best option anew, or buys it; lanes with nothing left to buy are done."""
        low = self.low[active]
        best = np.argmin(low, axis=1)
        every = np.arange(len(active))
        open_lanes = np.isfinite(low[every, best])
        active, best, low = active[open_lanes], best[open_lanes], low[open_lanes]
        if not len(active):
            return active
        fresh = self.seen[active, best] == self.turn[active]
        look_lanes, look_options = [active[~fresh]], [best[~fresh]]
        lanes, first, low = active[fresh], best[fresh], low[fresh]
        if len(lanes):
            rivals = low <= self.high[lanes, first][:, None]
            # Options without a common supporter do not touch each other's price: whichever comes first, both are bought
            # alike. So a rival matters only where it shares a supporter.
            contested = (rivals * self.plan.overlap[first]).sum(axis=1) > 1
            buy_lanes, buy_options = [lanes[~contested]], [first[~contested]]
            if contested.any():
                lanes, rivals = lanes[contested], rivals[contested]
                stale = rivals & (self.seen[lanes] != self.turn[lanes][:, None])
                unseen = stale.any(axis=1)
                look_lanes.append(lanes[unseen])
                look_options.append(np.argmax(stale[unseen], axis=1))
                lanes, rivals = lanes[~unseen], rivals[~unseen]
                clean = (~rivals | (self.clean[lanes] > 0)).all(axis=1)
                self.given_up[lanes[~clean]] = True
                settled = [self._settle(lane, row) for lane, row in zip(lanes[clean], rivals[clean], strict=True)]
                buy_lanes.append(lanes[clean])
                buy_options.append(np.array(settled, dtype=np.int64))
            self._buy(np.concatenate(buy_lanes), np.concatenate(buy_options))
        self._look(np.concatenate(look_lanes), np.concatenate(look_options))
        return active

    def _settle(self, lane: np.int64, rivals: NDArray[np.bool_]) -> int:
        """The best of rivals whose prices are plain quotients: cost by the pull of those who still hold money."""
        market, plan = self.plan.market, self.plan

        def key(j: int) -> tuple[Fraction, int]:
            i = plan.priced[j]
            return market.costs[i] / int(self.clean[lane, j]) / market.scale[i], plan.rank[j]

        return min(np.flatnonzero(rivals).tolist(), key=key)

    def _supporters(self, lanes: Indexes, options: Indexes) -> tuple[Indexes, Indexes, Indexes, Indexes]:
        """Places in the layout of each pair's supporters, where their balances are, where pairs begin, and which is whose."""
        lengths = self.plan.lengths[options]
        ends = np.cumsum(lengths)
        begins = ends - lengths
        pair = np.repeat(np.arange(len(lanes), dtype=np.int64), lengths)
        cells = np.arange(int(ends[-1]), dtype=np.int64) + (self.plan.starts[options] - begins)[pair]
        where = self.plan.groups[cells] + (lanes * self.plan.market.groups)[pair]
        return cells, where, begins, pair

    def _look(self, lanes: Indexes, options: Indexes) -> None:
        """Evaluate one option in each lane: its price with an error bound, or closed, or given up."""
        if not len(lanes):
            return
        plan = self.plan
        cells, where, begins, pair = self._supporters(lanes, options)
        balance, weight, pull = self.balance[where], plan.weight[cells], plan.pull[cells]
        money = np.add.reduceat(weight * balance, begins)
        # Each balance has its own bound, for only those who paid an unsure price are unsure; the emptied have none.
        need, slip = self.need[options], self.slip[where]
        unsure = weight * slip
        slack = np.add.reduceat(unsure, begins) + 2.0
        closed = money < need - slack
        doubtful = ~closed & (money < need + slack)
        self.low[lanes[closed], options[closed]] = np.inf
        self.given_up[lanes[doubtful]] = True
        level = balance if plan.uses is None else balance / plan.uses[cells]
        holding = weight * balance
        price = np.maximum(self.price[lanes, options], need / plan.force[options] * (1 - 1e-14))
        last = np.full(len(lanes), -1.0)
        while True:
            rich = level >= price[pair]
            rich_pull = np.add.reduceat(pull * rich, begins)
            moving = (rich_pull != last) & (rich_pull > 0) & ~closed & ~doubtful
            if not moving.any():
                break
            last = rich_pull
            rest = need - money + np.add.reduceat(holding * rich, begins)
            price = np.where(moving, np.maximum(price, rest / np.where(rich_pull > 0, rich_pull, 1.0)), price)
        empty = rich_pull == 0
        divisor = np.where(empty, 1.0, rich_pull)
        poor_weight = np.add.reduceat(weight * (~rich & (balance > 0)), begins)
        error = (np.add.reduceat(unsure * ~rich, begins) + 2.0) / divisor + price * 1e-12 + 1e-6
        edge = np.minimum.reduceat(np.where(rich, level - slip, np.inf), begins)
        doubtful |= ~closed & (empty | (edge <= price + error))
        self.given_up[lanes[doubtful]] = True
        good = ~closed & ~doubtful
        lanes, options, price, error = lanes[good], options[good], price[good], error[good]
        rate = plan.rates[options]
        lower = np.maximum(price - error, 0.0)
        self.price[lanes, options] = lower
        self.error[lanes, options] = error
        self.low[lanes, options] = lower / rate * (1 - 1e-14)
        self.high[lanes, options] = (price + error) / rate * (1 + 1e-14)
        # Where nobody pays all she has, no error is in the price: it is the cost by a whole number.
        self.clean[lanes, options] = np.where(poor_weight[good] == 0, rich_pull[good], 0.0)
        self.seen[lanes, options] = self.turn[lanes]

    def _buy(self, lanes: Indexes, options: Indexes) -> None:
        """Take each supporter's payment; a lane where somebody stands too close to the price is given up."""
        if not len(lanes):
            return
        plan = self.plan
        cells, where, begins, pair = self._supporters(lanes, options)
        balance = self.balance[where]
        # The stored price is the lower bound, so the middle is one error above it.
        error = self.error[lanes, options] + 1e-6
        price = self.price[lanes, options] + self.error[lanes, options]
        slip = self.slip[where]
        if plan.uses is None:
            gap, slip = balance - price[pair], slip + error[pair] + 1.0
        else:
            uses = plan.uses[cells]
            gap, slip = balance - price[pair] * uses, slip + error[pair] * uses + 1.0
        close = (np.abs(gap) <= slip) & (balance > 0)
        self.given_up[lanes[np.logical_or.reduceat(close, begins)]] = True
        rich = gap > 0
        self.balance[where] = np.where(rich, np.rint(gap), 0.0)
        self.slip[where] = np.where(rich, slip, 0.0)
        self.low[lanes, options] = np.inf
        self.turn[lanes] += 1
        self.spent[lanes] += plan.whole_costs[options]
        self.aborted[lanes[self.spent[lanes] > plan.limit]] = True
        for lane, option in zip(lanes.tolist(), options.tolist(), strict=True):
            self.bought[lane].append(option)
            if option in plan.rivals:
                self.low[lane, plan.rivals[option]] = np.inf
