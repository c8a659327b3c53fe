# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sequential Phragmén for budgets: money flows to everybody at one speed, and supporters buy as soon as they can."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Any

import numpy as np

from voting.tally import greedy
from voting.tally.errors import TallyError
from voting.tally.modifiers import Floors, Modifiers, Sets
from voting.tally.ties import FOR_MONEY, TieBreak, money
from voting.tally.types import Election, Margin, Number, Outcome, Reason

VARIANTS = ("stop", "skip")


class Loads:
    """Each group's load is the time of its last purchase: whole numbers over one common denominator."""

    def __init__(self, election: Election) -> None:
        ballots = election.ballots
        self.weights = ballots.weights.astype(np.float64)
        self.choices, self.owners = ballots.choices, ballots.owners
        self.supporters = []
        for place in ballots.columns(len(election.options)):
            owners = ballots.owners[place]
            if ballots.points is not None:
                owners = owners[ballots.points[place] > 0]
            self.supporters.append(owners)
        self.costs = [Fraction(cost) for cost in election.costs]
        self.denominator = lcm(1, *(cost.denominator for cost in self.costs))
        self.times = [0]
        self.last = np.zeros(len(ballots), dtype=np.int64)
        self.reach = election.supporters

    def time(self, i: int) -> Fraction:
        """When the supporters of an option could buy it, exactly."""
        return Fraction(self._top(i), self.denominator * self.reach[i])

    def _top(self, i: int) -> int:
        owners = self.supporters[i]
        held = np.bincount(self.last[owners], weights=self.weights[owners], minlength=1)
        total = int(self.costs[i] * self.denominator)
        for when in np.flatnonzero(held).tolist():
            total += self.times[when] * int(held[when])
        return total

    def buy(self, i: int) -> None:
        top, votes = self._top(i), self.reach[i]
        common = gcd(top, votes)
        grow = votes // common
        if grow != 1:
            self.denominator *= grow
            self.times = [time * grow for time in self.times]
        self.times.append(top // common)
        self.last[self.supporters[i]] = len(self.times) - 1

    def sharing(self, i: int) -> set[int]:
        """The options that have a supporter in common with this one."""
        mark = np.zeros(len(self.weights), dtype=np.bool_)
        mark[self.supporters[i]] = True
        return set(self.choices[mark[self.owners]].tolist())

    def rough(self, i: int, approximate: np.ndarray[Any, np.dtype[np.float64]]) -> float:
        """The time to within one part in 10**9: all terms are positive, so relative errors do not grow."""
        owners = self.supporters[i]
        return (
            float(self.costs[i]) / self.reach[i]
            + float(self.weights[owners] @ approximate[self.last[owners]]) / self.reach[i]
        )


def phragmen(
    election: Election,
    *,
    variant: str = "stop",
    ties: Sequence[str] = FOR_MONEY,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    minimum_votes: Number | None = None,
    exclusive: Sets = (),
    district_floors: Floors | None = None,
) -> Outcome:
    """Buy, at each moment, the option whose supporters have saved its cost; stop when that one does not fit any more.

    Variant `skip` leaves such an option out and goes on. District floors (`modifiers`) spend their money first, by votes
    and without burdening anybody; what a rival keeps out is no longer waited for.
    """
    if variant not in VARIANTS:
        raise TallyError(f"the variant is one of {', '.join(VARIANTS)}")
    budget = Fraction(money(election.budget))
    tie_break = TieBreak(election, ties, lot_order=lot_order, seed=seed)
    loads = Loads(election)
    modifiers = Modifiers(election, exclusive=exclusive, district_floors=district_floors, minimum_votes=minimum_votes)
    order = greedy.order_by(election, greedy.merits(election), tie_break, election.standing)
    grants = {grant.option: grant for grant in modifiers.grants(order, budget)}
    out = set(grants).union(*(modifiers.rivals.get(i, ()) for i in grants))
    supported = [i for i in election.standing if loads.reach[i] > 0 and not modifiers.too_few_votes(i) and i not in out]
    heap = [(float(loads.costs[i]) / loads.reach[i] * (1 - 1e-9), i) for i in supported]
    heapq.heapify(heap)
    approximate = np.zeros(1)
    shared = left = budget - sum((loads.costs[i] for i in grants), start=Fraction(0))
    open_options = set(supported)
    bought: dict[int, dict[str, Any]] = {}
    skipped: dict[int, dict[str, Any]] = {}
    stopped: Fraction | None = None
    equals: list[int] = []
    touched: set[int] = set()
    when = Fraction(0)
    while open_options:
        # Nothing outside a tied set was as early, and times never fall: who was not touched is still first.
        first = [i for i in equals if i in open_options and (i not in touched or loads.time(i) == when)]
        fresh = not first
        if fresh:
            first = _earliest(heap, open_options, loads, approximate)
            when, equals, touched = loads.time(first[0]), first, set()
        misfits = [i for i in first if loads.costs[i] > left]
        if misfits and variant == "stop":
            stopped = when
            for i in misfits:
                skipped[i] = {"time": when, "left": left, "short_by": loads.costs[i] - left}
            break
        if misfits:
            for i in misfits:
                skipped[i] = {"time": when, "left": left, "short_by": loads.costs[i] - left}
                open_options.discard(i)
            continue
        if fresh and len(first) > 1:
            chosen = tie_break.choose(first, over="round", round=len(bought) + 1)
        else:
            chosen = min(first, key=tie_break.rank.__getitem__)
        loads.buy(chosen)
        if len(equals) > 1:
            touched |= loads.sharing(chosen)
        approximate = np.append(approximate, float(when))
        bought[chosen] = {"time": when, "left_before": left, "left_after": left - loads.costs[chosen]}
        left -= loads.costs[chosen]
        open_options.discard(chosen)
        open_options -= modifiers.rivals.get(chosen, frozenset())
    ids = election.ids
    funded = [*grants, *bought]
    soonest = min((loads.costs[i] / loads.reach[i] for i in supported), default=None)
    reasons: dict[str, Reason] = {}
    for i, option in enumerate(election.options):
        numbers: dict[str, Any] = {"votes": loads.reach[i], "cost": loads.costs[i]}
        if option.withdrawn:
            reasons[option.id] = Reason("withdrawn", numbers)
            continue
        # Ahead of everybody else's first purchase an option is bought whatever comes later, if it fits at all.
        votes = _sooner(loads.costs[i], soonest, loads.reach[i]) if loads.costs[i] <= shared and i not in out else None
        if votes is not None:
            votes = max(votes, _up(Fraction(minimum_votes or 0) - Fraction(election.scores[i])))
        cost: Fraction | None = None
        if i in grants:
            code, numbers = "selected_by_floor", modifiers.numbers(grants[i])
        elif i in bought:
            code, numbers = "selected", {**numbers, "round": list(bought).index(i) + 1, **bought[i]}
        elif loads.reach[i] == 0:
            code = "no_votes"
        elif modifiers.too_few_votes(i):
            code, numbers["threshold"] = "below_threshold", minimum_votes
        elif (rival := modifiers.rival(i, funded)) is not None:
            code, numbers["rival"] = "rival_funded", ids[rival]
        elif i in skipped:
            # At that cost it would have been bought before it was too dear.
            code, numbers, cost = "too_dear", {**numbers, **skipped[i]}, skipped[i]["short_by"]
        else:
            code, numbers = "after_stop", {**numbers, "time": loads.time(i), "stopped_at": stopped, "left": left}
            if stopped is not None and loads.costs[i] <= left:
                # With nothing else changed up to the stop, it would have been bought before it.
                last = _sooner(numbers["time"] * loads.reach[i], stopped, loads.reach[i])
                votes = last if votes is None else min(votes, last or votes)
        won = code.startswith("selected")
        reasons[option.id] = Reason(code, numbers, Margin() if won else Margin(votes=votes, cost=cost))
    total = budget - left
    return Outcome(
        rule="phragmen",
        parameters={
            "variant": variant, "blank_in_n": blank_in_n, "minimum_votes": minimum_votes,
            **modifiers.parameters(), **tie_break.parameters(),
        },
        n=election.voters(blank_in_n=blank_in_n),
        blanks=election.blanks,
        winners=tuple(ids[i] for i in funded),
        options=reasons,
        rounds=tuple(
            {"round": number, "option": ids[i], "cost": loads.costs[i], **numbers}
            for number, (i, numbers) in enumerate(bought.items(), 1)
        ),
        ties=tuple(tie_break.used),
        total_cost=total.numerator if total.denominator == 1 else total,
        unspent=left.numerator if left.denominator == 1 else left,
        facts={
            "budget": budget, "stopped_at": stopped,
            **({"floors": modifiers.account(list(grants.values()))} if modifiers.floors else {}),
        },
        invalid=election.invalid,
        repairs=election.repairs,
        input_sha256=election.sha256,
    )  # fmt: skip


def _sooner(top: Fraction, time: Fraction | None, votes: int) -> int | None:
    """How many more votes bring top / votes below that time; none where the time is the beginning itself."""
    if time is None:
        return 1
    if time <= 0:
        return None
    return max(int(top / time) + 1 - votes, 1)


def _up(value: Fraction) -> int:
    return int(-((-value) // 1))


def _earliest(
    heap: list[tuple[float, int]],
    open_options: set[int],
    loads: Loads,
    approximate: np.ndarray[Any, np.dtype[np.float64]],
) -> list[int]:
    """All options that can be bought first; times never fall, so old ones are lower bounds."""
    fresh: set[int] = set()
    close: list[int] = []
    ceiling = float("inf")
    while heap and heap[0][0] <= ceiling:
        _, i = heapq.heappop(heap)
        if i not in open_options:
            continue
        rough = loads.rough(i, approximate)
        if i not in fresh:
            fresh.add(i)
            heapq.heappush(heap, (rough * (1 - 1e-9), i))
            continue
        close.append(i)
        ceiling = min(ceiling, rough * (1 + 1e-9))
    for i in close:
        heapq.heappush(heap, (loads.rough(i, approximate) * (1 - 1e-9), i))
    if len(close) == 1:
        return close
    exact = {i: loads.time(i) for i in close}
    best = min(exact.values())
    return sorted(i for i in close if exact[i] == best)
