# SPDX-License-Identifier: AGPL-3.0-or-later
"""One run of Equal Shares: every voter holds the same endowment and pays for what she supports.

Balances are whole numbers kept in doubles, in units so small that all money together stays below 2**51: sums of them
are exact, and what truncation lost is bounded by `slip`. Whenever that bound cannot decide a comparison, the same
comparison is made again on exact fractions (`Ledger`), so no float ever decides.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from voting.tally.ledger import Ledger
from voting.tally.market import Floats, Indexes, Market, Purchase, Run, Shortage, dot
from voting.tally.ties import TieBreak
from voting.tally.types import Number


class Witness(Protocol):
    """Looks on while a run is made."""

    def begin(self, unit: Fraction) -> None: ...

    def see(self, option: int, price: float, error: float, balance: Floats, slip: float) -> None: ...

    def end(self, balance: Floats, slip: float, *, finished: bool) -> None: ...


class Buyer:
    """Runs one endowment; `watch` keeps everything that an explanation needs."""

    def __init__(
        self,
        market: Market,
        endowment: Fraction,
        rank: Sequence[int],
        *,
        abort_above: Number | None = None,
        watch: bool = False,
        tracer: Witness | None = None,
    ) -> None:
        self.market, self.rank, self.watch = market, rank, watch
        self.abort_above = abort_above
        self.tracer = tracer
        self.run_so_far = Run(endowment)
        self.endowment = endowment
        everything = endowment * max(int(market.weights.sum()), 1)
        shift = 51 - max(0, (everything.numerator // everything.denominator)).bit_length()
        self.unit = Fraction(2) ** shift
        self.balance = np.full(market.groups, float(int(endowment * self.unit)))
        self.slip = 1.0
        if tracer is not None:
            tracer.begin(self.unit)
        self.ledger = Ledger(market, endowment)
        self.written = 0
        self.lower: dict[int, float] = {}
        self.found: dict[int, tuple[float, float]] = {}
        self.bought: set[int] = set()
        self.equals: list[int] = []
        self.equal_ratio = Fraction(0)
        self.touched = np.zeros(market.groups, dtype=np.bool_)

    def run(self) -> Run:
        market, result = self.market, self.run_so_far
        free, open_options = [], set()
        top, bottom = self.endowment.numerator * market.unit, self.endowment.denominator
        for i in market.supported:
            if market.costs[i] == 0:
                free.append(i)
            elif market.reach[i] * top >= market.whole_costs[i] * bottom:
                open_options.add(i)
            elif self.watch:
                result.shortages[i] = Shortage(0, market.reach[i] * self.endowment)
        for i in market.compatible(sorted(free, key=self.rank.__getitem__)):
            result.purchases.append(Purchase(i, 0.0, market.force[i], np.empty(0, dtype=np.int64), 0, market.reach[i]))
            self._write_free(i)
            self._drop_rivals(i, open_options)
        up, down = self.unit.numerator, self.unit.denominator * market.unit
        self.need = {i: float(market.whole_costs[i] * up // down) for i in open_options}
        self.rate = market.rates
        limit = None if self.abort_above is None else int(self.abort_above * market.unit)
        spent = 0
        heap: list[tuple[float, int]] = []
        for i in open_options:
            price = self.need[i] / market.force[i]
            self.lower[i] = max(0.0, price * (1 - 1e-12) - 2)
            heap.append((self._low_ratio(i), i))
        heapq.heapify(heap)
        while True:
            chosen = self._next(heap, open_options)
            if chosen is None:
                break
            self._buy(chosen)
            open_options.discard(chosen)
            self.bought.add(chosen)
            self._drop_rivals(chosen, open_options)
            if self.watch:
                self._look_for_shortages(chosen)
            spent += market.whole_costs[chosen]
            if limit is not None and spent > limit:
                result.aborted = True
                break
        result.spent = Fraction(spent, market.unit)
        if self.tracer is not None:
            self.tracer.end(self.balance, self.slip, finished=not result.aborted)
        if self.watch:
            self._close()
        return result

    def _drop_rivals(self, bought: int, open_options: set[int]) -> None:
        for rival in self.market.rivals.get(bought, ()):
            open_options.discard(rival)

    def _low_ratio(self, i: int) -> float:
        return self.lower[i] / self.rate[i] * (1 - 1e-14)

    # -- choosing ------------------------------------------------------------------------------------------------

    def _next(self, heap: list[tuple[float, int]], open_options: set[int]) -> int | None:
        """The open option with the smallest price for its utility; ties by the list, decided exactly."""
        queued = self._next_of_equals(heap, open_options)
        if queued is not None:
            return queued
        fresh = self.found = {}
        rivals: list[int] = []
        ceiling = float("inf")
        while heap and heap[0][0] <= ceiling:
            _, i = heapq.heappop(heap)
            if i not in open_options:
                continue
            if i not in fresh:
                found = self._evaluate(i)
                if found is None:
                    open_options.discard(i)
                    continue
                price, error = found
                fresh[i] = found
                self.lower[i] = max(0.0, price - error)
                heapq.heappush(heap, (self._low_ratio(i), i))
                continue
            price, error = fresh[i]
            ceiling = min(ceiling, (price + error) / self.rate[i] * (1 + 1e-14))
            rivals.append(i)
        for i in rivals:
            heapq.heappush(heap, (self._low_ratio(i), i))
        if not rivals:
            return None
        if len(rivals) == 1:
            return rivals[0]
        exact = {i: self._exact_price(i) / self.market.scale[i] for i in rivals}
        best = min(exact.values())
        tied = [i for i in rivals if exact[i] == best]
        chosen = min(tied, key=self.rank.__getitem__)
        if len(tied) > 1:
            self.run_so_far.ties.append((len(self.run_so_far.purchases) + 1, sorted(tied), chosen))
            self.equals = sorted(tied, key=self.rank.__getitem__, reverse=True)
            self.equals.remove(chosen)
            self.equal_ratio = best
            self.touched[:] = False
        return chosen

    def _next_of_equals(self, heap: list[tuple[float, int]], open_options: set[int]) -> int | None:
        """The next of a tied set that is still as cheap: nothing outside it was, and prices never fall."""
        while self.equals:
            i = self.equals.pop()
            if i not in open_options:
                continue
            if not self.touched[self.market.supporters[i]].any():
                return i
            found = self._evaluate(i)
            if found is None:
                open_options.discard(i)
                continue
            self.found[i] = found
            if self._exact_price(i) / self.market.scale[i] == self.equal_ratio:
                return i
        return None

    def _evaluate(self, i: int) -> tuple[float, float] | None:
        """Price and its error bound; None where the supporters cannot pay together."""
        market = self.market
        balance = self.balance[market.supporters[i]]
        weight, pull, given = market.weight[i], market.pull[i], market.utilities[i]
        need = self.need[i]
        money = dot(weight, balance)
        slack = self.slip * market.reach[i] + 2.0
        if money < need - slack:
            return None
        if money < need + slack:
            if not self._affordable(i):
                return None
            price = float(self._exact_price(i) * self.unit)
            return price, 1.0 + price * 1e-12
        price = max(self.lower.get(i, 0.0), need / market.force[i] * (1 - 1e-14))
        level = balance if given is None else balance / given
        last_pull = -1.0
        while True:
            rich = level >= price
            rich_pull = dot(pull, rich)
            if rich_pull == last_pull or rich_pull == 0.0:
                break
            last_pull = rich_pull
            price = max(price, (need - money + dot(weight, balance * rich)) / rich_pull)
        if rich_pull > 0.0:
            # Only those who pay all they have carry an error into the price; the emptied carry none.
            unsure = 0.0 if rich_pull == market.force[i] else self.slip * dot(weight, ~rich & (balance > 0))
            error = (unsure + 2.0) / rich_pull + price * 1e-12 + 1e-6
            # Above the price the curve is as steep as at it only while nobody else runs out of money.
            if float(np.where(rich, level, np.inf).min()) > price + error + self.slip:
                return price, error
        price = float(self._exact_price(i) * self.unit)
        return price, 1.0 + price * 1e-12

    # -- paying --------------------------------------------------------------------------------------------------

    def _buy(self, i: int) -> None:
        market, result = self.market, self.run_so_far
        price, error = self.found[i]
        owners, given = market.supporters[i], market.utilities[i]
        balance = self.balance[owners]
        payment = price if given is None else price * given
        spread = self.slip + (error + 1e-6) * market.steepest[i] + 1.0
        gap = balance - payment
        close = (np.abs(gap) <= spread) & (balance > 0)
        everything: Fraction | None = None
        level: NDArray[np.bool_] | None = None
        if close.any():
            everything = self._split(i)[0]
            rich, level = self._exact_rich(i, everything, gap > spread, np.flatnonzero(close))
        else:
            rich = gap > 0
        poor = ~rich
        emptied = owners[poor & (balance > 0)]
        rich_pull = int(dot(market.pull[i], rich))
        emptied_weight = int(market.weights[emptied].sum())
        full = int(dot(market.weight[i], rich if level is None else rich | level))
        result.purchases.append(Purchase(i, price, rich_pull, emptied, emptied_weight, full, market.reach[i] - full))
        if self.tracer is not None:
            self.tracer.see(i, price, error, self.balance, self.slip)
        if rich_pull == 0:
            # Everybody pays everything: nobody's balance depends on the price any more, so zero will do for it.
            result.purchases[-1].exact = everything
            self._write_all()
            self.ledger.add(i, int(market.costs[i] * self.ledger.denominator), 1)
            self.written += 1
        self.balance[owners] = np.where(rich, np.rint(gap), 0.0)
        if self.equals:
            self.touched[owners] = True
        # A balance that has payers' dust left must not look emptied.
        dust = rich & (self.balance[owners] <= 0)
        if dust.any():
            self.balance[owners[dust]] = 1.0
        self.slip += (error + 1e-6) * market.steepest[i] + 2.0
        if self.slip > 2.0**16:
            self._refresh()

    def _refresh(self) -> None:
        """Start again from exact prices, so that errors cannot pile up."""
        self._write_all()
        empty = self.balance == 0
        balance = np.full(self.market.groups, float(int(self.endowment * self.unit)))
        lost = 1.0
        for option, price in self.ledger.prices.items():
            whole = float(self.ledger.fraction(price) * self.unit)
            given = self.market.utilities[option]
            paid = whole if given is None else whole * given
            balance[self.market.supporters[option]] -= np.rint(paid)
            lost += 1.0 + whole * 1e-12 * self.market.steepest[option]
        balance = np.maximum(balance, 1.0)
        balance[empty] = 0.0
        self.balance, self.slip = balance, min(self.slip, lost + 1.0)

    # -- exact comparisons ---------------------------------------------------------------------------------------

    def _write_free(self, i: int) -> None:
        self.ledger.add(i, 0, max(self.market.force[i], 1))
        self.written += 1

    def _write_all(self) -> None:
        """Bring the exact ledger up to the last purchase."""
        ledger = self.ledger
        for purchase in self.run_so_far.purchases[self.written :]:
            if purchase.rich_pull == 0:
                break
            money, _ = ledger.held(purchase.emptied)
            ledger.add(purchase.option, money, purchase.rich_pull)
            self.written += 1

    def _living(self, i: int) -> Indexes:
        owners = self.market.supporters[i]
        return owners[self.balance[owners] > 0]

    def _money(self, i: int) -> Fraction:
        self._write_all()
        money, _ = self.ledger.held(self._living(i))
        return self.ledger.fraction(money)

    def _affordable(self, i: int) -> bool:
        return self._money(i) >= self.market.costs[i]

    def _split(self, i: int) -> tuple[Fraction, NDArray[np.bool_]]:
        """Exact price of an affordable option and which supporters can pay it in full.

        Everybody starts as able to pay; whoever holds less than the price that follows is moved to those who pay all
        they have, until nothing changes. Doubles settle all but the close cases.
        """
        self._write_all()
        market, ledger = self.market, self.ledger
        owners, given = market.supporters[i], market.utilities[i]
        balance = self.balance[owners]
        living = balance > 0
        level = balance if given is None else balance / given
        rich = living.copy()
        cost = int(market.costs[i] * ledger.denominator)
        spread = self.slip + 2.0
        exact_levels: dict[int, Fraction] = {}
        while True:
            money, _ = ledger.held(owners[living & ~rich])
            rich_pull = int(dot(market.pull[i], rich))
            if rich_pull == 0:
                return self._highest(i, owners, living), rich
            price = Fraction(cost - money, rich_pull * ledger.denominator)
            approximate = float(price * self.unit)
            tolerance = spread + approximate * 1e-12
            leaves = rich & (level < approximate - tolerance)
            for position in np.flatnonzero(rich & ~leaves & (level <= approximate + tolerance)).tolist():
                if position not in exact_levels:
                    use = 1 if given is None else int(given[position])
                    exact_levels[position] = ledger.fraction(ledger.balance(int(owners[position]))) / use
                if exact_levels[position] < price:
                    leaves[position] = True
            if not leaves.any():
                return price, rich
            rich = rich & ~leaves

    def _highest(self, i: int, owners: Indexes, living: NDArray[np.bool_]) -> Fraction:
        """The price where everybody pays all: the highest balance for its utility."""
        given = self.market.utilities[i]
        best = Fraction(0)
        for position in np.flatnonzero(living).tolist():
            use = 1 if given is None else int(given[position])
            best = max(best, self.ledger.fraction(self.ledger.balance(int(owners[position]))) / use)
        return best

    def _exact_price(self, i: int) -> Fraction:
        """Exact price of an affordable option; plain division where nobody comes near running out."""
        market = self.market
        balance, given = self.balance[market.supporters[i]], market.utilities[i]
        flat = market.costs[i] / market.force[i]
        top = float(flat * self.unit)
        level = balance if given is None else balance / given
        if float(level.min()) > top * (1 + 1e-12) + self.slip + 2.0:
            return flat
        return self._split(i)[0]

    def _exact_rich(
        self, i: int, price: Fraction, sure: NDArray[np.bool_], close: Indexes
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Who keeps something after paying, and who pays the full price with her last money."""
        owners, given = self.market.supporters[i], self.market.utilities[i]
        rich, level = sure.copy(), np.zeros_like(sure)
        for position in close.tolist():
            use = 1 if given is None else int(given[position])
            balance = self.ledger.fraction(self.ledger.balance(int(owners[position])))
            rich[position] = balance > price * use
            level[position] = balance == price * use
        return rich, level

    # -- explaining ----------------------------------------------------------------------------------------------

    def _look_for_shortages(self, chosen: int) -> None:
        """Note each option whose supporters cannot pay for it any more after this purchase touched them."""
        result, market, bought = self.run_so_far, self.market, self.bought
        owners = market.supporters[chosen]
        for i in np.flatnonzero(market.weight_by_option(owners, market.weights[owners])).tolist():
            if i in result.shortages or i not in self.need or i in bought:
                continue
            money = dot(market.weight[i], self.balance[market.supporters[i]])
            if money < self.need[i] + self.slip * market.reach[i] + 2.0:
                exact = self._money(i)
                if exact < market.costs[i]:
                    result.shortages[i] = Shortage(len(result.purchases), exact)

    def _close(self) -> None:
        """Exact prices of all purchases and the money left behind each option that was not bought."""
        result, market = self.run_so_far, self.market
        self._write_all()
        bought = set(result.options)
        for purchase in result.purchases:
            if purchase.exact is None or purchase.rich_pull:
                purchase.exact = self.ledger.fraction(self.ledger.prices[purchase.option])
        for i in market.supported:
            if i not in bought:
                result.behind[i] = self._money(i)


def run(
    market: Market,
    endowment: Fraction,
    tie_break: TieBreak,
    *,
    abort_above: Number | None = None,
    watch: bool = False,
    tracer: Witness | None = None,
) -> Run:
    return Buyer(market, endowment, tie_break.rank, abort_above=abort_above, watch=watch, tracer=tracer).run()
