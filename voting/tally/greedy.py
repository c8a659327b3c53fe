# SPDX-License-Identifier: AGPL-3.0-or-later
"""Greedy allocation: fund from most to least voted, in five published variants."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from voting.tally.errors import TallyError
from voting.tally.modifiers import Floors, Grant, Modifiers, Purse, Sets
from voting.tally.ties import FOR_MONEY, TieBreak, money
from voting.tally.types import Election, Kind, Margin, Number, Outcome, Reason, exact


@dataclass(frozen=True)
class Step:
    """What happened to one option when its turn came."""

    option: int
    left_before: Number
    code: str
    rival: int | None = None


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
    exclusive: Sets = (),
    district_floors: Floors | None = None,
) -> Outcome:
    """Fund from most to least voted, skipping what no longer fits."""
    modifiers = Modifiers(
        election, exclusive=exclusive, district_floors=district_floors, minimum_votes=minimum_votes
    )  # fmt: skip
    return _count("greedy", election, ties, lot_order, seed, blank_in_n, fund_zero_votes, modifiers)


def greedy_no_skip(
    election: Election,
    *,
    ties: Sequence[str] = FOR_MONEY,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    fund_zero_votes: bool = False,
    minimum_votes: Number | None = None,
    exclusive: Sets = (),
    district_floors: Floors | None = None,
) -> Outcome:
    """Fund from most to least voted and stop at the first that does not fit."""
    modifiers = Modifiers(
        election, exclusive=exclusive, district_floors=district_floors, minimum_votes=minimum_votes
    )  # fmt: skip
    return _count("greedy-no-skip", election, ties, lot_order, seed, blank_in_n, fund_zero_votes, modifiers, stop=True)


def greedy_threshold(
    election: Election,
    *,
    ties: Sequence[str] = FOR_MONEY,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    fund_zero_votes: bool = False,
    threshold: Number | None = None,
    exclusive: Sets = (),
    district_floors: Floors | None = None,
) -> Outcome:
    """Greedy among the options that reach a threshold of votes (the file's, where none is given)."""
    bar = threshold if threshold is not None else election.threshold
    modifiers = Modifiers(
        election, exclusive=exclusive, district_floors=district_floors, minimum_votes=bar or 0
    )  # fmt: skip
    return _count("greedy-threshold", election, ties, lot_order, seed, blank_in_n, fund_zero_votes, modifiers)


def greedy_per_cost(
    election: Election,
    *,
    ties: Sequence[str] = FOR_MONEY,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    fund_zero_votes: bool = False,
    minimum_votes: Number | None = None,
    exclusive: Sets = (),
    district_floors: Floors | None = None,
) -> Outcome:
    """Fund by votes for each unit of money, as exact fractions, skipping what no longer fits."""
    modifiers = Modifiers(
        election, exclusive=exclusive, district_floors=district_floors, minimum_votes=minimum_votes
    )  # fmt: skip
    return _count(
        "greedy-per-cost", election, ties, lot_order, seed, blank_in_n, fund_zero_votes, modifiers, per_cost=True
    )


def poznan_80(
    election: Election,
    *,
    ties: Sequence[str] = FOR_MONEY,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    fund_zero_votes: bool = False,
    minimum_votes: Number | None = None,
    exclusive: Sets = (),
    district_floors: Floors | None = None,
    share: Number | str = Fraction(4, 5),
) -> Outcome:
    """Stop at the first that does not fit, but fund it too when the money left covers 80 % of its cost."""
    reserve = exact(share, what="the share that must be there")
    if not 0 < reserve <= 1:
        raise TallyError("the share that must be there lies between 0 and 1")
    modifiers = Modifiers(
        election, exclusive=exclusive, district_floors=district_floors, minimum_votes=minimum_votes
    )  # fmt: skip
    return _count(
        "poznan-80", election, ties, lot_order, seed, blank_in_n, fund_zero_votes, modifiers,
        stop=True, reserve=reserve,
    )  # fmt: skip


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
    modifiers: Modifiers,
    order: Sequence[int],
    budget: Number,
    *,
    stop: bool = False,
    reserve: Fraction | None = None,
    fund_zero_votes: bool = False,
    funded: Collection[int] = (),
) -> Walk:
    """Walk the order with the money left: select what fits, skip or stop at what does not.

    `funded` was funded before and keeps its rivals out.
    """
    election = modifiers.election
    left, steps, stopped = budget, [], False
    taken = set(funded)
    for i in order:
        votes, cost = election.scores[i], election.costs[i]
        rival = modifiers.rival(i, taken)
        if modifiers.too_few_votes(i):
            code = "below_threshold"
        elif votes <= 0 and not fund_zero_votes:
            code = "no_votes"
        elif stopped:
            code = "after_stop"
        elif rival is not None:
            code = "rival_funded"
        elif cost <= left:
            code = "selected"
        elif reserve is not None and left >= reserve * cost:
            code, stopped = "selected_from_reserve", True
        else:
            code, stopped = "too_dear", stop
        steps.append(Step(i, left, code, rival if code == "rival_funded" else None))
        if code == "selected":
            left -= cost
            taken.add(i)
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
    modifiers: Modifiers,
    *,
    stop: bool = False,
    per_cost: bool = False,
    reserve: Fraction | None = None,
) -> Outcome:
    budget = money(election.budget)
    tie_break = TieBreak(election, ties, lot_order=lot_order, seed=seed)
    values = merits(election, per_cost=per_cost)
    order = order_by(election, values, tie_break, election.standing)
    record_ties(election, order, values, tie_break)
    grants = modifiers.grants(order, budget, fund_zero_votes=fund_zero_votes)
    granted = [grant.option for grant in grants]
    walked = walk(
        modifiers, [i for i in order if i not in granted],
        _short(budget - sum((election.costs[i] for i in granted), start=Fraction(0))),
        stop=stop, reserve=reserve, fund_zero_votes=fund_zero_votes, funded=granted,
    )  # fmt: skip
    chosen = [*granted, *walked.selected]
    total = sum((election.costs[i] for i in chosen), start=Fraction(0))
    moving = {*chosen, *(step.option for step in walked.steps if stop and step.code == "too_dear")}
    margins = _Margins(modifiers, order, values, tie_break, budget, stop, per_cost, reserve, fund_zero_votes, moving)
    reasons, rounds = _reasons(modifiers, order, grants, walked, margins)
    threshold = modifiers.minimum_votes
    parameters: dict[str, Any] = {"fund_zero_votes": fund_zero_votes, "blank_in_n": blank_in_n}
    parameters["threshold" if rule == "greedy-threshold" else "minimum_votes"] = threshold
    if reserve is not None:
        parameters["share"] = reserve
    short = _short(total)
    facts: dict[str, Any] = {"budget": budget}
    if modifiers.floors:
        facts["floors"] = modifiers.account(grants)
    return Outcome(
        rule=rule,
        parameters={**parameters, **modifiers.parameters(), **tie_break.parameters()},
        n=election.voters(blank_in_n=blank_in_n),
        blanks=election.blanks,
        winners=tuple(election.ids[i] for i in chosen),
        options={name: reasons[name] for name in election.ids},
        rounds=tuple(rounds),
        ties=tuple(tie_break.used),
        total_cost=short,
        unspent=budget - short,
        facts=facts,
        invalid=election.invalid,
        repairs=election.repairs,
        input_sha256=election.sha256,
    )


def _reasons(
    modifiers: Modifiers, order: list[int], grants: list[Grant], walked: Walk, margins: _Margins
) -> tuple[dict[str, Reason], list[dict[str, Any]]]:
    """For each option the reason, and the steps in the order in which they were taken."""
    election, threshold = modifiers.election, modifiers.minimum_votes
    place_of = {i: place for place, i in enumerate(order, 1)}
    reasons: dict[str, Reason] = {}
    rounds: list[dict[str, Any]] = []
    for grant in grants:
        name, numbers = election.ids[grant.option], modifiers.numbers(grant)
        reasons[name] = Reason("selected_by_floor", numbers, margins.of(grant.option, None))
        rounds.append({"option": name, "decision": "selected_by_floor", **numbers})
    stopped_at: str | None = None
    for step in walked.steps:
        i, cost = step.option, election.costs[step.option]
        numbers = {"votes": election.scores[i], "cost": cost, "place": place_of[i]}
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
        elif step.rival is not None:
            numbers |= {"left": step.left_before, "rival": election.ids[step.rival]}
        margin = margins.of(i, step)
        if step.code == "too_dear":
            numbers["votes_more_needed"] = margin.votes
        if step.code in ("too_dear", "selected_from_reserve") and stopped_at is None:
            stopped_at = election.ids[i]
        reasons[election.ids[i]] = Reason(step.code, numbers, margin)
        rounds.append({"option": election.ids[i], "decision": step.code, **numbers})
    for i, option in enumerate(election.options):
        if option.withdrawn:
            reasons[option.id] = Reason("withdrawn", {"votes": election.scores[i], "cost": option.cost})
    return reasons, rounds


def record_ties(election: Election, order: Sequence[int], values: Sequence[Any], tie_break: TieBreak) -> None:
    """Every set of voted options with equal value had its order settled by the list."""
    levels: dict[Any, list[int]] = {}
    for i in order:
        if election.scores[i] > 0:
            levels.setdefault(values[i], []).append(i)
    for group in levels.values():
        if len(group) > 1:
            tie_break.order(group, over="order", votes=election.scores[group[0]])


Room = list[Number | None]
"""The money that an option would find before each of the order and after the last, None where it could not win."""
Chances = tuple[Room | None, Room]
"""What an option would find in its district's floor, and in its turn."""


class _Margins:
    """How many votes or how much cost would have changed each option's fate.

    One more vote is one more ballot that names only this option; one fewer is one of its ballots without it. Votes move
    one option up or down an order whose other members stay as they are, and what it would find at a place depends on
    the others alone. Money and floors never grow along the order, and a rival once funded stays so: the fate changes at
    one number of votes, found by halving. Where ballots give points a number is a bound (a point can be tied by votes).
    """

    def __init__(
        self,
        modifiers: Modifiers,
        order: list[int],
        values: list[tuple[int, Fraction]],
        tie_break: TieBreak,
        budget: Number,
        stop: bool,
        per_cost: bool,
        reserve: Fraction | None,
        fund_zero_votes: bool,
        moving: Collection[int],
    ) -> None:
        self.modifiers, self.election = modifiers, modifiers.election
        self.order, self.values, self.tie_break = order, values, tie_break
        self.budget, self.stop, self.per_cost, self.reserve = budget, stop, per_cost, reserve
        self.fund_zero = fund_zero_votes
        self.like = Counter(values[j] for j in order)
        self.criteria = tie_break.criteria
        self.whole = self.election.kind in (Kind.APPROVAL, Kind.CHOOSE_ONE)
        self.sure = self.whole or "max_votes" not in self.criteria
        self.counts = {j: self._eligible(j, self.election.scores[j]) for j in order}
        self.place_of = {j: place for place, j in enumerate(order)}
        self.levels = [(-values[j][0], -values[j][1]) for j in order]
        self.keys = [(*level, tie_break.key(j)) for level, j in zip(self.levels, order, strict=True)]
        self.best = max((values[j][1] for j in order), default=Fraction(0))
        self.moving = moving
        self.alike: dict[str, Chances] = {}

    def of(self, i: int, step: Step | None) -> Margin:
        """The margin of an option; no step means that its district's floor funded it."""
        won = step is None or step.code.startswith("selected")
        chances = self._chances(i)
        votes = self._votes(i, won, chances)
        if step is None:
            return Margin(votes=votes, votes_exact=votes is not None and self.whole)
        cost, exact = self._cost(i, chances[1][self.place_of[i]], step)
        return Margin(votes=votes, votes_exact=votes is not None and self.whole, cost=cost, cost_exact=exact)

    def _chances(self, i: int) -> Chances:
        """What it would find; the same for all of a district that took no money, stopped nothing and have no rivals."""
        if i in self.moving or i in self.modifiers.rivals:
            return self._without(i)
        district = self.election.options[i].district if self.modifiers.floors else ""
        if district not in self.alike:
            self.alike[district] = self._without(i)
        return self.alike[district]

    def _without(self, i: int) -> Chances:
        """What this option would find, from a walk of all the others."""
        granted: set[int] = set()
        floors: Room | None = None
        if self.modifiers.floors:
            floors, granted = self._floors(i)
        costs, rivals = self.election.costs, self.modifiers.rivals
        mine = rivals.get(i, frozenset())
        left = self.budget - sum((costs[j] for j in granted), start=Fraction(0)) if granted else self.budget
        turns: Room = []
        taken = set(granted)
        out, stopped = bool(mine & granted), False
        for j in self.order:
            turns.append(None if out or stopped else left)
            if j == i or stopped or j in granted or not self.counts[j] or (j in rivals and rivals[j] & taken):
                continue
            cost = costs[j]
            if cost <= left:
                left -= cost
                taken.add(j)
                out = out or j in mine
            elif self.reserve is not None and left >= self.reserve * cost:
                stopped = True
            else:
                stopped = self.stop
        turns.append(None if out or stopped else left)
        return floors, turns

    def _floors(self, i: int) -> tuple[Room, set[int]]:
        """The room that the floor of its district would have for it, and what the floors fund without it."""
        purse = Purse(self.modifiers, self.budget)
        floors: Room = []
        for j in self.order:
            floors.append(purse.room(i))
            room = purse.room(j) if j != i and self.counts[j] else None
            if room is not None and self.election.costs[j] <= room:
                purse.pay(j)
        return [*floors, purse.room(i)], purse.funded

    def _eligible(self, i: int, votes: Number) -> bool:
        bar = self.modifiers.minimum_votes
        return (bar is None or votes >= bar) and (votes > 0 or self.fund_zero)

    def _place(self, i: int, votes: Number, *, ahead_of_equals: bool | None) -> int:
        """How many would be ahead of the option with that many votes, itself among them where it has more now."""
        cost = self.election.costs[i]
        level = (
            -1 if cost == 0 and votes > 0 else 0,
            -(Fraction(votes) / cost if self.per_cost and cost else Fraction(votes)),
        )
        if ahead_of_equals is None:
            return bisect_left(self.keys, (*level, self.tie_break.key(i, votes=votes)))
        return bisect_left(self.levels, level) if ahead_of_equals else bisect_right(self.levels, level)

    def _wins(self, i: int, votes: Number, chances: Chances, *, won: bool) -> bool:
        if not self._eligible(i, votes):
            return False
        # Where points are level, votes may decide: what is not sure counts against the number that is looked for.
        place = self._place(i, votes, ahead_of_equals=None if self.sure else won)
        floors, turns = chances
        cost = self.election.costs[i]
        room = None if floors is None else floors[place]
        if room is not None and cost <= room:
            return True
        turn = turns[place]
        return turn is not None and (cost <= turn or (self.reserve is not None and turn >= self.reserve * cost))

    def _votes(self, i: int, won: bool, chances: Chances) -> int | None:
        now = self.election.scores[i]
        if won:
            low, high = 0, _up(now)  # low votes fewer: still wins; high votes fewer: at nothing
            if high <= 0 or self._wins(i, now - high, chances, won=won):
                return None
            while high - low > 1:
                middle = (low + high) // 2
                if self._wins(i, now - middle, chances, won=won):
                    low = middle
                else:
                    high = middle
            return high
        top = self.best * self.election.costs[i] if self.per_cost else self.best
        high = max(_up(max(top, Fraction(self.modifiers.minimum_votes or 0)) - now), 0) + 2
        low = 0
        if not self._wins(i, now + high, chances, won=won):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            if self._wins(i, now + middle, chances, won=won):
                high = middle
            else:
                low = middle
        return high

    def _cost(self, i: int, room: Number | None, step: Step) -> tuple[Number | None, bool]:
        """Exact where a cost moves nobody in the order; otherwise a bound, or nothing where a higher cost moves ahead."""
        if "max_cost" in self.criteria and self._has_equals(i):
            return None, False
        exact = not self.per_cost and not ("min_cost" in self.criteria and self._has_equals(i))
        cost = self.election.costs[i]
        if step.code == "selected" and cost:
            spare = step.left_before / self.reserve if self.reserve is not None else step.left_before
            return spare - cost, exact
        if step.code == "too_dear" and room is not None:
            allowed = room / self.reserve if self.reserve is not None else room
            if allowed <= 0:
                return None, False
            exact = exact and not self.modifiers.floors
            return cost - allowed, exact
        return None, False

    def _has_equals(self, i: int) -> bool:
        return self.like[self.values[i]] > 1


def _up(value: Number) -> int:
    return int(-((-value) // 1))


def _short(value: Number) -> Number:
    number = Fraction(value)
    return number.numerator if number.denominator == 1 else number
