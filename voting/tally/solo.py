# SPDX-License-Identifier: AGPL-3.0-or-later
"""One endowment by doubles alone, for elections so large that lanes side by side (`lockstep`) gain nothing.

The bounds are those of `lockstep`: balances are whole numbers, sums are exact, each balance is off by at most its own
slip, nought is exact. A comparison that these bounds cannot settle ends the run without a result.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from voting.tally.market import Floats, Indexes, Run, dot

if TYPE_CHECKING:
    from voting.tally.lockstep import Lockstep, Start


class InDoubt(Exception):
    """The bounds cannot settle a comparison; the run has to be made exactly."""


class Supporters:
    """Those supporters of an option who may still hold money, with their weights and uses."""

    def __init__(self, groups: Indexes, weight: Floats, pull: Floats, uses: Floats | None) -> None:
        self.groups, self.weight, self.pull, self.uses = groups, weight, pull, uses
        self.held: Floats = weight
        self.turn = 0
        self.rich = 0.0
        self.pure = False

    def only(self, living: NDArray[np.bool_]) -> Supporters:
        uses = None if self.uses is None else self.uses[living]
        return Supporters(self.groups[living], self.weight[living], self.pull[living], uses)


class Solo:
    """One run from the start that all endowments of a batch share."""

    def __init__(self, plan: Lockstep, start: Start, lane: int) -> None:
        self.plan, self.start, self.lane = plan, start, lane
        self.need = start.need
        self.balance = start.begin[lane] - start.paid
        self.slips = np.full(len(self.balance), start.slip)
        self.slip = start.slip
        self.spent = start.spent
        self.low = start.low(lane)
        self.high = np.full(len(self.low), np.inf)
        self.root = np.floor(self.need / plan.force).tolist()
        self.seen = [-1] * len(self.low)
        self.turn = 0
        self.supporters: dict[int, Supporters] = {}
        self.bought: list[int] = []

    def run(self, endowment: Fraction) -> Run | None:
        plan, start = self.plan, self.start
        try:
            while self.spent <= plan.limit and self._step():
                pass
        except InDoubt:
            return None
        made = Run(endowment, aborted=self.spent > plan.limit, spent=Fraction(self.spent, plan.market.unit))
        chosen = [*plan.free, *(plan.priced[j] for j in (*start.together, *self.bought))]
        made.purchases = [plan.bills[i] for i in chosen]
        return made

    def _step(self) -> bool:
        """Buy the best option, or look at it anew; False where nothing is left to buy."""
        best = int(self.low.argmin())
        if self.low[best] == np.inf:
            return False
        if self.seen[best] != self.turn:
            known, self.low[best] = self.low[best], np.inf
            second, self.low[best] = float(self.low[self.low.argmin()]), known
            self._look(best, second)
            return True
        near = np.flatnonzero(self.low <= self.high[best]).tolist()
        if len(near) > 1:
            stale = [j for j in near if self.seen[j] != self.turn]
            if stale:
                self._look(stale[0], float(self.high[best]))
                return True
            pulls = [self.supporters[j].rich if self.supporters[j].pure else 0.0 for j in near]
            chosen = self.plan.settle(best, near, pulls)
            if chosen is None:
                raise InDoubt
            best = chosen
        self._buy(best)
        return True

    def _look(self, j: int, enough: float) -> None:
        """Work out one option's price as `lockstep` does: bounds of it, or closed; or only that it is more than enough."""
        plan, market = self.plan, self.plan.market
        i, rate, loss = plan.priced[j], float(plan.rates[j]), self.slip * float(plan.reach[j]) + 2.0
        who = self.supporters.get(j)
        if who is None:
            who = self.supporters[j] = Supporters(
                market.supporters[i], market.weight[i], market.pull[i], market.utilities[i]
            )
        held = self.balance.take(who.groups)
        if self.turn > who.turn + 4:
            living = held > 0.0
            if 4 * np.count_nonzero(living) < 3 * len(held):
                who = self.supporters[j] = who.only(living)
                held = held[living]
            who.turn = self.turn
        who.held = held
        need, whole = float(self.need[j]), float(int(self.root[j]))
        while True:
            pay = whole if who.uses is None else who.uses * whole
            paid = dot(who.weight, np.minimum(held, pay))
            rich = dot(who.pull, held > pay)
            if rich == 0.0:
                # All supporters pay all they have, which is `paid`.
                if paid + loss >= need:
                    raise InDoubt
                self.low[j] = np.inf
                return
            root = whole + (need - paid) / rich
            error = loss / rich + root * 1e-12 + 1e-6
            self.root[j] = root
            self.low[j] = max(root - error, 0.0) / rate * (1 - 1e-14)
            if int(root) <= whole:
                break
            if self.low[j] > enough:
                return
            whole = float(int(root))
        self.high[j] = (root + error) / rate * (1 + 1e-14)
        who.rich, who.pure = rich, paid == whole * rich
        self.seen[j] = self.turn

    def _buy(self, j: int) -> None:
        """Take each supporter's payment; whoever stands too close to the price leaves it in doubt."""
        plan = self.plan
        who, root = self.supporters[j], self.root[j]
        loose = self.slips.take(who.groups)
        gap = who.held - (root if who.uses is None else who.uses * root)
        unsure = 0.0 if who.pure else dot(who.weight, loose * (gap < 0.0))
        error = (unsure + 2.0) / who.rich + root * 1e-12 + 1e-6
        grown = error * plan.market.steepest[plan.priced[j]] + 1.0
        loose += grown
        distance = np.abs(gap)
        if distance.min() <= self.slip + grown and ((distance <= loose) & (who.held > 0.0)).any():
            raise InDoubt
        np.rint(gap, out=gap)
        np.maximum(gap, 0.0, out=gap)
        loose *= gap > 0.0
        self.balance[who.groups] = gap
        self.slips[who.groups] = loose
        self.slip += grown
        self.low[j] = np.inf
        for rival in plan.rivals.get(j, ()):
            self.low[rival] = np.inf
        self.turn += 1
        self.spent += plan.whole_costs[j]
        self.bought.append(j)
