# SPDX-License-Identifier: AGPL-3.0-or-later
"""Slow checks of Equal Shares: every voter by herself, every increment tried or proved to change nothing."""

from __future__ import annotations

import heapq
from collections import Counter
from fractions import Fraction
from itertools import repeat
from typing import Any

from voting.tally.verify_money import fill, floors, greedily, rivals_of
from voting.tally.verify_steps import SlowCount, require

PLAIN = 16
"""After a watched run that proved little, so many are made without watching."""


def check_equal_shares(slow: SlowCount, trail: dict[str, Any], *, quick: bool = False) -> str:
    """Each purchase at the endowment that stands, that the next one ends the climb, and that no earlier one did."""
    parameters, facts = trail["parameters"], trail["facts"]
    bar = Fraction(parameters["minimum_votes"])
    granted = floors(slow, parameters, bar, told=facts.get("floors", []))
    shared = slow.budget - sum((slow.costs[name] for name in granted), start=Fraction(0))
    market = _Market(slow, parameters, bar, granted)
    n = len(slow.points) + (slow.blanks if parameters["blank_in_n"] else 0)
    first = shared / n if n else Fraction(0)
    if parameters["integral"]:
        first = Fraction(first.numerator // first.denominator)
    require(Fraction(facts["first_endowment"]) == first, f"everybody starts with {first}")
    base, _, rest = parameters["completion"].partition("+")
    names, stop = market.supported, facts["stop"]
    at_odds = any(market.rivals.get(name, set()) & set(names) for name in names)
    affordable = sum(slow.costs[name] for name in names) <= shared and not at_odds
    require((stop == "one run") == (base == "none"), "the count stopped for another reason")
    said = ""
    if base != "none" and affordable:
        require(stop == "all affordable", "everything is affordable")
        winners = slow.sort(names, {name: slow.merit(name) for name in names})
    else:
        step = Fraction(parameters["increment"])
        last = Fraction(facts["endowment"])
        require(last == first + facts["increments"] * step, "the endowment does not fit the increments")
        final = market.run(last, None)
        told = [(entry["option"], Fraction(entry["price"])) for entry in trail["rounds"]]
        for mine, theirs in zip(zip(final.bought, final.prices, strict=True), told, strict=False):
            require(mine == theirs, f"{mine[0]} is bought at {mine[1]}, not {theirs[0]} at {theirs[1]}")
        require(len(told) == len(final.bought), f"{len(final.bought)} options are bought")
        winners = final.bought
        if base != "none":
            require(final.spent <= shared, "more is spent than there is")
            ending = market.ending(final, shared, exhaustive=base == "add1e")
            if not ending and market.run(last + step, shared).spent > shared:
                ending = "overshoot"
            require(stop == ending, f"the count stops at the wrong endowment: {ending or 'nothing'} ends it here")
            if not quick:
                _climb(market, first, step, facts["increments"], shared, exhaustive=base == "add1e")
            said = (
                "the final endowment and the next increment were run, earlier ones were not (quick)"
                if quick
                else f"none of the {facts['increments']} increments before ends the climb"
            )
    winners = [*granted, *winners]
    left = slow.budget - sum((slow.costs[name] for name in winners), start=Fraction(0))
    if rest:
        per_cost = base == "none" and parameters["utility"] == "uniform"
        winners += fill(slow, winners, left, parameters, bar, per_cost=per_cost)
    if parameters["comparison"]:
        winners = _compare(slow, winners, parameters, facts, bar)
    require(trail["winners"] == winners, f"the winners are {winners}")
    return said


def _climb(market: _Market, first: Fraction, step: Fraction, top: int, budget: Fraction, *, exhaustive: bool) -> None:
    """No endowment below the top overspends or ends the climb otherwise."""
    k = plain = 0
    while k < top:
        run = market.run(first + k * step, budget, watch=plain == 0)
        require(run.spent <= budget, f"increment {k} overspends already")
        require(not market.ending(run, budget, exhaustive=exhaustive), f"increment {k} ends the climb already")
        reach = 1
        if run.limit is not None:
            # Everything strictly below the limit is bought alike.
            reach = top - k if run.limit == 0 else max(1, int(-((-run.limit) // step)))
            plain = 0 if reach > 2 else PLAIN
        elif plain:
            plain -= 1
        k += reach


class _Run:
    """What one endowment buys, and by how much it may grow with the same purchases (0: without end, None: unknown)."""

    def __init__(self) -> None:
        self.bought: list[str] = []
        self.prices: list[Fraction] = []
        self.spent = Fraction(0)
        self.limit: Fraction | None = None


class _Market:
    """Who supports what, ballot by ballot."""

    def __init__(self, slow: SlowCount, parameters: dict[str, Any], bar: Fraction, granted: list[str]) -> None:
        self.slow, self.costs = slow, slow.costs
        self.rivals = rivals_of(parameters)
        out = set(granted).union(*(self.rivals.get(name, set()) for name in granted))
        points = parameters["utility"] == "points"
        self.people: dict[str, list[int]] = {name: [] for name in slow.standing}
        self.uses: dict[str, list[Fraction | int]] = {name: [] for name in slow.standing}
        for voter, ballot in enumerate(slow.points):
            for name, value in ballot.items():
                if value > 0 and name in self.people:
                    self.people[name].append(voter)
                    if points:
                        self.uses[name].append(int(value) if value.denominator == 1 else value)
        self.supported = [
            name for name in slow.standing
            if self.people[name] and slow.score(name) >= bar and name not in out
        ]  # fmt: skip
        cost_utility = parameters["utility"] == "cost"
        self.scale = {n: self.costs[n] if cost_utility and self.costs[n] else Fraction(1) for n in self.supported}

    def ending(self, run: _Run, budget: Fraction, *, exhaustive: bool) -> str:
        """Why the climb ends at this run, if it does."""
        bought = set(run.bought)
        rest = [n for n in self.supported if n not in bought and not self.rivals.get(n, set()) & bought]
        if not rest:
            return "complete"
        fits = any(self.costs[name] <= budget - run.spent for name in rest)
        return "exhaustive" if exhaustive and not fits else ""

    def run(self, endowment: Fraction, budget: Fraction | None, *, watch: bool = False) -> _Run:
        return _Round(self, endowment, watch).run(budget)


class _Round:
    """One run. Voters who hold the same are in one purse; money is counted in units of 1 / `unit`.

    Watching follows how each purse and price grows with the endowment: all are linear while nobody changes sides and
    the order of purchases stays, and each comparison says up to where it holds.
    """

    def __init__(self, market: _Market, endowment: Fraction, watch: bool) -> None:
        self.market, self.watch = market, watch
        self.unit = endowment.denominator
        self.held = [endowment.numerator]
        self.slope = [Fraction(1)]
        self.purse = [0] * len(market.slow.points)
        self.limit: Fraction | None = None
        self.result = _Run()

    def run(self, budget: Fraction | None) -> _Run:
        """Buy until nothing is affordable, or until more than the budget is spent."""
        market, result = self.market, self.result
        open_names = set(market.supported)
        # Money never grows in a run, so an old price is a lower bound of the price now.
        heap = [(Fraction(0), name, -1, Fraction(0)) for name in market.supported]
        heapq.heapify(heap)
        while True:
            tied, best, slope = self._cheapest(heap, open_names)
            if not tied:
                break
            chosen = market.slow.earliest(tied)
            if self.watch:
                for ratio, name, _, other in heap:
                    if name in open_names:
                        self._holds(ratio - best, other - slope)
            for name in tied:
                heapq.heappush(heap, (best, name, -1, slope))
            price = best * market.scale[chosen]
            self._pay(chosen, price, slope * market.scale[chosen])
            open_names.discard(chosen)
            open_names -= market.rivals.get(chosen, set())
            result.bought.append(chosen)
            result.prices.append(price)
            result.spent += market.costs[chosen]
            if budget is not None and result.spent > budget:
                break
        if self.watch:
            result.limit = self.limit if self.limit is not None else Fraction(0)
        return result

    def _holds(self, gap: Fraction, change: Fraction) -> None:
        """A comparison that holds by this gap now stops holding, at the earliest, where the gap is used up."""
        if change < 0:
            most = max(gap / -change, Fraction(1, 10**30))
            self.limit = most if self.limit is None else min(self.limit, most)
        elif gap == 0 and change > 0:
            self.limit = Fraction(1, 10**30)

    def _cheapest(
        self, heap: list[tuple[Fraction, str, int, Fraction]], open_names: set[str]
    ) -> tuple[list[str], Fraction, Fraction]:
        now = len(self.result.bought)
        tied: list[str] = []
        best = slope = Fraction(0)
        while heap and (not tied or heap[0][0] <= best):
            _, name, seen, change = heapq.heappop(heap)
            if name not in open_names:
                continue
            if seen == now:
                if tied and self.watch:
                    self._holds(Fraction(0), -abs(change - slope))
                best, slope = (_, change) if not tied else (best, slope)
                tied.append(name)
                continue
            offer = self._price(name)
            if offer is None:
                open_names.discard(name)
                continue
            scale = self.market.scale[name]
            heapq.heappush(heap, (offer[0] / scale, name, now, offer[1] / scale))
        return tied, best, slope

    def _purses(self, name: str) -> list[tuple[Fraction | int, int, Fraction | int, int]]:
        """Supporters by what they hold for each unit of utility: (level, purse, utility, people), from poor to rich."""
        purses, uses = map(self.purse.__getitem__, self.market.people[name]), self.market.uses[name]
        if not uses:
            return sorted((self.held[at], at, 1, number) for at, number in Counter(purses).items())
        counted = Counter(zip(purses, uses, strict=True))
        return sorted((Fraction(self.held[at]) / use, at, use, number) for (at, use), number in counted.items())

    def _price(self, name: str) -> tuple[Fraction, Fraction] | None:
        """The least price of one utility at which the supporters pay the cost, and how it grows; None: they cannot."""
        cost = self.market.costs[name] * self.unit
        if cost == 0:
            return Fraction(0), Fraction(0)
        purses = self._purses(name)
        money = sum(self.held[at] * number for _, at, _, number in purses)
        if money < cost:
            if self.watch:
                self._holds(
                    (cost - money) / self.unit, -sum((self.slope[at] * c for _, at, _, c in purses), start=Fraction(0))
                )
            return None
        pull = sum(use * number for _, _, use, number in purses)
        if self.watch:
            self._holds(
                (money - cost) / self.unit, sum((self.slope[at] * c for _, at, _, c in purses), start=Fraction(0))
            )
        poor: Fraction | int = 0
        poor_slope = Fraction(0)
        for place, (level, at, use, number) in enumerate(purses):
            if cost - poor <= level * pull:
                price = Fraction(cost - poor) / pull
                change = -poor_slope / pull
                if self.watch:
                    for side, (_, other, each, _) in enumerate(purses):
                        gap = self.held[other] - price * each
                        moves = self.slope[other] - change * each
                        sign = 1 if side >= place else -1
                        self._holds(sign * gap / self.unit, sign * moves)
                return price / self.unit, change
            poor += self.held[at] * number
            if self.watch:
                poor_slope += self.slope[at] * number
            pull -= use * number
        raise AssertionError("supporters who hold the cost can pay it")

    def _pay(self, name: str, price: Fraction, change: Fraction) -> None:
        """Take the price for each utility, or all that there is."""
        each = price * self.unit
        if each.denominator != 1:
            self.unit *= each.denominator
            self.held = [held * each.denominator for held in self.held]
            each = each * each.denominator
        new: dict[tuple[int, Fraction | int], int] = {}
        paid: Fraction | int = 0
        people, uses = self.market.people[name], self.market.uses[name]
        for voter, use in zip(people, uses or repeat(1, len(people)), strict=True):
            at = self.purse[voter]
            to = new.get((at, use))
            if to is None:
                left = self.held[at] - each * use
                if left.denominator != 1:
                    self.unit *= left.denominator
                    self.held = [held * left.denominator for held in self.held]
                    each, paid, left = each * left.denominator, paid * left.denominator, left * left.denominator
                rich = left >= 0
                to = new[at, use] = len(self.held)
                self.held.append(int(left) if rich else 0)
                self.slope.append(self.slope[at] - change * use if self.watch and rich else Fraction(0))
            paid += self.held[at] - self.held[to]
            self.purse[voter] = to
        require(paid == self.market.costs[name] * self.unit, f"payments for {name} do not add up")


def _compare(
    slow: SlowCount, winners: list[str], parameters: dict[str, Any], facts: dict[str, Any], bar: Fraction
) -> list[str]:
    rival = greedily(slow, parameters, bar)
    ours = theirs = 0
    for points in slow.points:
        liked = {name for name, value in points.items() if value > 0}
        a, b = len(liked & set(winners)), len(liked & set(rival))
        if parameters["comparison"] == "exclusion":
            a, b = min(a, 1), min(b, 1)
        ours, theirs = ours + (a > b), theirs + (b > a)
    told = facts["comparison"]
    require((told["prefer_equal_shares"], told["prefer_greedy"]) == (ours, theirs), f"{ours} : {theirs} prefer")
    return rival if theirs > ours else winners
