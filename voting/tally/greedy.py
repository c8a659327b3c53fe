# SPDX-License-Identifier: AGPL-3.0-or-later
"""Greedy allocation: fund from most to least voted, in five published variants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from voting.tally.ties import FOR_MONEY, TieBreak, money
from voting.tally.types import Election, Kind, Margin, Number, Outcome, Reason


@dataclass(frozen=True)
class Step:
    """What happened to one option when its turn came."""

    option: int
    left_before: Number
    code: str


@dataclass(frozen=True)
class Walk:
    """One walk down the order of votes with the money that is left."""

    steps: tuple[Step, ...]
    left: Number

    @property
    def selected(self) -> list[int]:
        return [step.option for step in self.steps if step.code in ("selected", "selected_from_reserve")]


def greedy(
    election: Election,
    *,
    ties: Sequence[str] = FOR_MONEY,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    fund_zero_votes: bool = False,
    minimum_votes: Number | None = None,
) -> Outcome:
    """Fund from most to least voted, skipping what no longer fits."""
    return _count("greedy", election, ties, lot_order, seed, blank_in_n, fund_zero_votes, threshold=minimum_votes)


def greedy_no_skip(
    election: Election,
    *,
    ties: Sequence[str] = FOR_MONEY,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    fund_zero_votes: bool = False,
    minimum_votes: Number | None = None,
) -> Outcome:
    """Fund from most to least voted and stop at the first that does not fit."""
    return _count(
        "greedy-no-skip", election, ties, lot_order, seed, blank_in_n, fund_zero_votes,
        threshold=minimum_votes, stop=True,
    )  # fmt: skip


def greedy_threshold(
    election: Election,
    *,
    ties: Sequence[str] = FOR_MONEY,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    fund_zero_votes: bool = False,
    threshold: Number | None = None,
) -> Outcome:
    """Greedy among the options that reach a threshold of votes (the file's, where none is given)."""
    bar = threshold if threshold is not None else election.threshold
    return _count("greedy-threshold", election, ties, lot_order, seed, blank_in_n, fund_zero_votes, threshold=bar or 0)


def greedy_per_cost(
    election: Election,
    *,
    ties: Sequence[str] = FOR_MONEY,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    fund_zero_votes: bool = False,
    minimum_votes: Number | None = None,
) -> Outcome:
    """Fund by votes for each unit of money, as exact fractions, skipping what no longer fits."""
    return _count(
        "greedy-per-cost", election, ties, lot_order, seed, blank_in_n, fund_zero_votes,
        threshold=minimum_votes, per_cost=True,
    )  # fmt: skip


def poznan_80(
    election: Election,
    *,
    ties: Sequence[str] = FOR_MONEY,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    fund_zero_votes: bool = False,
    share: Number = Fraction(4, 5),
) -> Outcome:
    """Stop at the first that does not fit, but fund it too when the money left covers 80 % of its cost."""
    return _count(
        "poznan-80", election, ties, lot_order, seed, blank_in_n, fund_zero_votes, stop=True, reserve=Fraction(share)
    )


def merits(election: Election, *, per_cost: bool = False) -> list[tuple[int, Fraction]]:
    """For each option the value that the order follows; what is free comes first if anyone wants it."""
    values = []
    for i, votes in enumerate(election.scores):
        cost = election.costs[i]
        if cost == 0 and votes > 0:
            values.append((1, Fraction(votes)))
        else:
            values.append((0, Fraction(votes) / cost if per_cost and cost else Fraction(votes)))
    return values


def order_by(election: Election, values: Sequence[Any], tie_break: TieBreak, among: Sequence[int]) -> list[int]:
    """From the highest value to the lowest, ties in the order of the list."""
    return sorted(among, key=lambda i: ((-values[i][0], -values[i][1]), tie_break.rank[i]))


def walk(
    election: Election,
    order: Sequence[int],
    budget: Number,
    *,
    stop: bool = False,
    reserve: Fraction | None = None,
    fund_zero_votes: bool = False,
    bar: Number | None = None,
) -> Walk:
    """Walk the order with the money left: select what fits, skip or stop at what does not."""
    left, steps, stopped = budget, [], False
    for i in order:
        votes, cost = election.scores[i], election.costs[i]
        if bar is not None and votes < bar:
            code = "below_threshold"
        elif votes <= 0 and not fund_zero_votes:
            code = "no_votes"
        elif stopped:
            code = "after_stop"
        elif cost <= left:
            code = "selected"
        elif reserve is not None and left >= reserve * cost:
            code, stopped = "selected_from_reserve", True
        else:
            code, stopped = "too_dear", stop
        steps.append(Step(i, left, code))
        if code == "selected":
            left -= cost
        elif code == "selected_from_reserve":
            left = 0
    return Walk(tuple(steps), left)


def _count(
    rule: str,
    election: Election,
    ties: Sequence[str],
    lot_order: Sequence[str] | None,
    seed: str | None,
    blank_in_n: bool,
    fund_zero_votes: bool,
    *,
    threshold: Number | None = None,
    stop: bool = False,
    per_cost: bool = False,
    reserve: Fraction | None = None,
) -> Outcome:
    budget = money(election.budget)
    tie_break = TieBreak(election, ties, lot_order=lot_order, seed=seed)
    values = merits(election, per_cost=per_cost)
    order = order_by(election, values, tie_break, election.standing)
    record_ties(election, order, values, tie_break)
    walked = walk(election, order, budget, stop=stop, reserve=reserve, fund_zero_votes=fund_zero_votes, bar=threshold)
    chosen = walked.selected
    total = sum((election.costs[i] for i in chosen), start=Fraction(0))
    margins = _Margins(election, order, values, tie_break, budget, stop, per_cost, reserve, fund_zero_votes, threshold)
    reasons: dict[str, Reason] = {}
    rounds = []
    stopped_at: str | None = None
    for place, step in enumerate(walked.steps, 1):
        i, cost = step.option, election.costs[step.option]
        numbers: dict[str, Any] = {"votes": election.scores[i], "cost": cost, "place": place}
        if step.code == "selected":
            numbers |= {"left_before": step.left_before, "left_after": step.left_before - cost}
        elif step.code == "selected_from_reserve":
            numbers |= {"left_before": step.left_before, "left_after": 0, "reserve": cost - step.left_before}
        elif step.code == "too_dear":
            numbers |= {"left": step.left_before, "short_by": cost - step.left_before}
        elif step.code == "below_threshold":
            numbers |= {"threshold": threshold, "votes_short": (threshold or 0) - election.scores[i]}
        elif step.code == "after_stop":
            numbers |= {"left": step.left_before, "stopped_at": stopped_at}
        margin = margins.of(place - 1, step)
        if step.code == "too_dear":
            numbers["votes_more_needed"] = margin.votes
        if step.code in ("too_dear", "selected_from_reserve") and stopped_at is None:
            stopped_at = election.ids[i]
        reasons[election.ids[i]] = Reason(step.code, numbers, margin)
        rounds.append({"option": election.ids[i], "decision": step.code, **numbers})
    for i, option in enumerate(election.options):
        if option.withdrawn:
            reasons[option.id] = Reason("withdrawn", {"votes": election.scores[i], "cost": option.cost})
    parameters: dict[str, Any] = {"fund_zero_votes": fund_zero_votes, "blank_in_n": blank_in_n}
    if threshold is not None or rule != "poznan-80":
        parameters["threshold" if rule == "greedy-threshold" else "minimum_votes"] = threshold
    if reserve is not None:
        parameters["share"] = reserve
    short = _short(total)
    return Outcome(
        rule=rule,
        parameters={**parameters, **tie_break.parameters()},
        n=election.voters(blank_in_n=blank_in_n),
        blanks=election.blanks,
        winners=tuple(election.ids[i] for i in chosen),
        options={name: reasons[name] for name in election.ids},
        rounds=tuple(rounds),
        ties=tuple(tie_break.used),
        total_cost=short,
        unspent=budget - short,
        facts={"budget": budget},
        invalid=election.invalid,
        repairs=election.repairs,
        input_sha256=election.sha256,
    )


def record_ties(election: Election, order: Sequence[int], values: Sequence[Any], tie_break: TieBreak) -> None:
    """Every set of voted options with equal value had its order settled by the list."""
    levels: dict[Any, list[int]] = {}
    for i in order:
        if election.scores[i] > 0:
            levels.setdefault(values[i], []).append(i)
    for group in levels.values():
        if len(group) > 1:
            tie_break.order(group, over="order", votes=election.scores[group[0]])


class _Margins:
    """How many votes or how much cost would have changed each option's fate.

    Votes move one option up or down an order whose other members stay as they are, so the exact number is found by
    looking at each place in that order. A changed cost moves the option itself only where the order depends on cost.
    """

    def __init__(
        self,
        election: Election,
        order: list[int],
        values: list[tuple[int, Fraction]],
        tie_break: TieBreak,
        budget: Number,
        stop: bool,
        per_cost: bool,
        reserve: Fraction | None,
        fund_zero_votes: bool,
        bar: Number | None,
    ) -> None:
        self.election, self.order, self.values, self.rank = election, order, values, tie_break.level_rank
        self.budget, self.stop, self.per_cost, self.reserve = budget, stop, per_cost, reserve
        self.fund_zero, self.bar = fund_zero_votes, bar
        self.like = Counter(values[j] for j in order)
        self.moves_with_cost = per_cost or any(name in ("min_cost", "max_cost") for name in tie_break.criteria)
        self.whole = election.kind in (Kind.APPROVAL, Kind.CHOOSE_ONE)

    def of(self, place: int, step: Step) -> Margin:
        i = step.option
        won = step.code in ("selected", "selected_from_reserve")
        others = [j for j in self.order if j != i]
        room = self._room(others)
        votes = self._votes(i, won, others, room)
        cost, exact = self._cost(i, won, room[place] if place < len(room) else None, step)
        return Margin(votes=votes, votes_exact=votes is not None and self.whole, cost=cost, cost_exact=exact)

    def _room(self, others: list[int]) -> list[Number | None]:
        """Money left before each place in the order without the option; None once a variant has stopped."""
        room: list[Number | None] = []
        left: Number = self.budget
        stopped = False
        for j in others:
            room.append(None if stopped else left)
            votes, cost = self.election.scores[j], self.election.costs[j]
            if (self.bar is not None and votes < self.bar) or (votes <= 0 and not self.fund_zero) or stopped:
                continue
            if cost <= left:
                left -= cost
            elif self.reserve is not None and left >= self.reserve * cost:
                left, stopped = 0, True
            else:
                stopped = self.stop
        room.append(None if stopped else left)
        return room

    def _fits(self, i: int, room: Number | None) -> bool:
        if room is None:
            return False
        cost = self.election.costs[i]
        return cost <= room or (self.reserve is not None and room >= self.reserve * cost)

    def _place(self, i: int, votes: Number, others: list[int]) -> int:
        """The place that the option would have with that many votes."""
        cost = self.election.costs[i]
        first = 1 if cost == 0 and votes > 0 else 0
        value = Fraction(votes) / cost if self.per_cost and cost else Fraction(votes)
        place = 0
        for j in others:
            theirs = self.values[j]
            ahead = theirs > (first, value) or (theirs == (first, value) and self.rank[j] < self.rank[i])
            if not ahead:
                break
            place += 1
        return place

    def _wins(self, i: int, votes: Number, others: list[int], room: list[Number | None]) -> bool:
        if (self.bar is not None and votes < self.bar) or (votes <= 0 and not self.fund_zero):
            return False
        return self._fits(i, room[self._place(i, votes, others)])

    def _votes(self, i: int, won: bool, others: list[int], room: list[Number | None]) -> int | None:
        """Room never grows along the order, so the fate changes at one number of votes, found by halving."""
        now = self.election.scores[i]
        if won:
            low, high = 0, _up(now)  # low votes fewer: still wins; high votes fewer: at nothing
            if self._wins(i, now - high, others, room):
                return None
            while high - low > 1:
                middle = (low + high) // 2
                if self._wins(i, now - middle, others, room):
                    low = middle
                else:
                    high = middle
            return high
        top = max((Fraction(self.election.scores[j]) for j in others), default=Fraction(0))
        if self.per_cost:
            top = max((self.values[j][1] for j in others), default=Fraction(0)) * self.election.costs[i]
        high = _up(max(top, Fraction(self.bar or 0)) - now) + 2
        low = 0
        if high <= 0 or not self._wins(i, now + high, others, room):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            if self._wins(i, now + middle, others, room):
                high = middle
            else:
                low = middle
        return high

    def _cost(self, i: int, won: bool, room: Number | None, step: Step) -> tuple[Number | None, bool]:
        exact = not self.moves_with_cost or not self._has_equals(i)
        exact = exact and not self.per_cost
        if won and step.code == "selected":
            spare = step.left_before / self.reserve if self.reserve is not None else step.left_before
            return spare - self.election.costs[i], exact
        if step.code == "too_dear" and room is not None:
            allowed = room / self.reserve if self.reserve is not None else room
            return self.election.costs[i] - allowed, exact
        return None, False

    def _has_equals(self, i: int) -> bool:
        return self.like[self.values[i]] > 1


def _up(value: Number) -> int:
    return int(-((-value) // 1))


def _short(value: Number) -> Number:
    number = Fraction(value)
    return number.numerator if number.denominator == 1 else number
