# SPDX-License-Identifier: AGPL-3.0-or-later
"""Most votes or most points win: approval, choose one (plurality), points and scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from voting.tally.ties import FOR_RANKS, TieBreak
from voting.tally.types import MARKS, Election, Kind, Margin, Number, Outcome, Reason, exact


def approval(
    election: Election,
    *,
    ties: Sequence[str] = FOR_RANKS,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    all_winners: bool = False,
    more_than: Number | None = None,
) -> Outcome:
    """The options with most votes fill the seats; `more_than` asks for more than that share of the ballots too."""
    return most(
        election, election.supporters, rule="approval", ties=ties, lot_order=lot_order, seed=seed,
        blank_in_n=blank_in_n, all_winners=all_winners, more_than=more_than,
    )  # fmt: skip


def plurality(
    election: Election,
    *,
    ties: Sequence[str] = FOR_RANKS,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    all_winners: bool = False,
    more_than: Number | None = None,
) -> Outcome:
    """Each ballot names one option; most votes win."""
    return most(
        election, election.supporters, rule="plurality", ties=ties, lot_order=lot_order, seed=seed,
        blank_in_n=blank_in_n, all_winners=all_winners, more_than=more_than,
    )  # fmt: skip


def points(
    election: Election,
    *,
    ties: Sequence[str] = FOR_RANKS,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    all_winners: bool = False,
) -> Outcome:
    """Ballots share out points; most points win."""
    return most(
        election, election.scores, rule="points", ties=ties, lot_order=lot_order, seed=seed,
        blank_in_n=blank_in_n, all_winners=all_winners,
    )  # fmt: skip


def score(
    election: Election,
    *,
    ties: Sequence[str] = FOR_RANKS,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    all_winners: bool = False,
) -> Outcome:
    """Ballots grade each option; the highest sum wins."""
    return most(
        election, election.scores, rule="score", ties=ties, lot_order=lot_order, seed=seed,
        blank_in_n=blank_in_n, all_winners=all_winners,
    )  # fmt: skip


def most(
    election: Election,
    sums: Sequence[Number],
    *,
    rule: str,
    ties: Sequence[str],
    lot_order: Sequence[str] | None,
    seed: str | None,
    blank_in_n: bool,
    all_winners: bool,
    more_than: Number | None = None,
    variant: str | None = None,
    facts: dict[str, Any] | None = None,
    voters: int | None = None,
    minimum: int = 1,
    seats: int | None = None,
    gains: tuple[Number, Number] | None = None,
) -> Outcome:
    """Fill the seats from the highest sum down; options below `minimum` are never elected.

    With `all_winners` everyone tied with the last seat's sum is elected as well. `gains` are what a ballot that names
    only one option gives to it and to each other one; none: a vote or a point for it alone.
    """
    tie_break = TieBreak(election, ties, lot_order=lot_order, seed=seed)
    seats = election.seats if seats is None else seats
    n = election.voters(blank_in_n=blank_in_n) if voters is None else voters
    more_than = None if more_than is None else exact(more_than, what="the bar")  # polls keep it as text, "1/2"
    bar = None if more_than is None else more_than * n
    order: list[int] = []
    levels: dict[Number, list[int]] = {}
    for i in election.standing:
        levels.setdefault(sums[i], []).append(i)
    elected: list[int] = []
    for level in sorted(levels, reverse=True):
        group = levels[level]
        eligible = level >= minimum and (bar is None or level > bar) and n > 0
        free = seats - len(elected)
        splits = eligible and 0 < free < len(group)
        if all_winners and eligible and free > 0:
            ranked = sorted(group, key=tie_break.rank.__getitem__)
            elected += ranked
        elif splits:
            ranked = tie_break.order(group, over="seat", value=level, seats=free)
            elected += ranked[:free]
        else:
            ranked = sorted(group, key=tie_break.rank.__getitem__)
            if eligible and free > 0:
                elected += ranked
        order += ranked
    winners = set(elected)
    fate = _Fate(election, sums, tie_break, seats, n, more_than, minimum, all_winners, blank_in_n, gains)
    reasons: dict[str, Reason] = {}
    for place, i in enumerate(order, 1):
        reasons[election.ids[i]] = _reason(election, sums, order, winners, i, place, bar, minimum, fate)
    for i, option in enumerate(election.options):
        if option.withdrawn:
            reasons[election.ids[i]] = Reason("withdrawn", {"votes": sums[i]})
    parameters: dict[str, Any] = {"all_winners": all_winners, "blank_in_n": blank_in_n, "seats": seats}
    if more_than is not None:
        parameters["more_than"] = more_than
    if variant is not None:
        parameters["variant"] = variant
    return Outcome(
        rule=rule,
        parameters={**parameters, **tie_break.parameters()},
        n=n,
        blanks=election.blanks,
        winners=tuple(election.ids[i] for i in elected),
        options={name: reasons[name] for name in election.ids},
        rounds=({"votes": {election.ids[i]: sums[i] for i in order}},),
        ties=tuple(tie_break.used),
        facts={"vacant": max(0, seats - len(elected)), **(facts or {})},
        invalid=election.invalid,
        repairs=election.repairs,
        input_sha256=election.sha256,
    )


def _reason(
    election: Election,
    sums: Sequence[Number],
    order: list[int],
    winners: set[int],
    i: int,
    place: int,
    bar: Fraction | None,
    minimum: int,
    fate: _Fate,
) -> Reason:
    numbers: dict[str, Any] = {"votes": sums[i], "place": place}
    if i in winners:
        rival = next((j for j in order if j not in winners), None)
        numbers["ahead_by"] = None if rival is None else sums[i] - sums[rival]
        return Reason("elected", numbers, fate.fewer(i))
    if sums[i] < minimum:
        code = "no_votes"
    elif bar is not None and sums[i] <= bar:
        code, numbers["bar"] = "below_bar", bar
    else:
        code = "not_elected"
    last = next((j for j in reversed(order) if j in winners), None)
    if last is not None and len(winners) >= fate.seats:
        numbers["behind_by"] = sums[last] - sums[i]
    return Reason(code, numbers, fate.more(i))


@dataclass(frozen=True)
class _Fate:
    """Whether an option would be elected with more votes or fewer.

    One more is one more ballot that names only it (with points: that gives it one point). One fewer is one of its
    ballots without it, which is blank then if it names nothing else. Each step moves the fate in one direction only.
    """

    election: Election
    sums: Sequence[Number]
    tie_break: TieBreak
    seats: int
    n: int
    share: Number | None
    minimum: int
    all_winners: bool
    blank_in_n: bool
    gains: tuple[Number, Number] | None

    def elected(self, i: int, change: int, n: int, n_of_rivals: int, *, ahead_of_equals: bool | None) -> bool:
        own, others = self.gains or (1, 0)
        mine = self.sums[i] + change * own
        if not self._eligible(mine, n):
            return False
        ahead = 0
        rank = self.tie_break.level_rank
        for j in self.election.standing:
            theirs = self.sums[j] + change * others
            if j == i or theirs < mine or not self._eligible(theirs, n_of_rivals):
                continue
            first = rank[j] < rank[i] if ahead_of_equals is None else not ahead_of_equals
            ahead += theirs > mine or (first and not self.all_winners)
        return ahead < self.seats

    def _eligible(self, votes: Number, n: int) -> bool:
        return n > 0 and votes >= self.minimum and (self.share is None or votes > self.share * n)

    @property
    def _sure(self) -> bool:
        """Ties stay as the list settles them: by no number of votes that is not what is counted here."""
        plain = self.election.kind in MARKS and self.gains is None
        return plain or "max_votes" not in self.tie_break.criteria

    def more(self, i: int) -> Margin:
        def wins(more: int) -> bool:
            n = self.n + more
            return self.elected(i, more, n, n, ahead_of_equals=None if self._sure else False)

        own, others = self.gains or (1, 0)
        if own <= others and not wins(1):
            return Margin()
        best = sorted((self.sums[j] for j in self.election.standing if j != i), reverse=True)
        goal = best[self.seats - 1] if len(best) >= self.seats else self.minimum
        near = 1 if own <= others else max(int((goal - self.sums[i]) // (own - others)), 1)
        votes = _least(wins, near)
        exact = self._sure and (self.election.kind in MARKS or self.gains is not None)
        return Margin(votes=votes, votes_exact=votes is not None and exact)

    def fewer(self, i: int) -> Margin:
        """Nobody knows which ballots would leave it out, so how many would be blank is taken at its worst."""
        if self.gains is not None:
            return Margin()
        alone = self.election.kind is Kind.CHOOSE_ONE
        bar = self.share is not None and not self.blank_in_n

        def loses(fewer: int) -> bool:
            left = self.n - fewer if bar else self.n
            n_of_rivals = left if alone else self.n
            return not self.elected(i, -fewer, left, n_of_rivals, ahead_of_equals=None if self._sure else True)

        best = sorted((self.sums[j] for j in self.election.standing if j != i), reverse=True)
        goal = best[self.seats - 1] if len(best) >= self.seats else self.minimum
        votes = _least(loses, max(int((self.sums[i] - goal) // 1), 1), most=max(_up(self.sums[i]), 1))
        exact = self.election.kind in MARKS and (alone or not bar)
        return Margin(votes=votes, votes_exact=votes is not None and exact)


def _least(holds: Callable[[int], bool], near: int, *, most: int = 2**50) -> int | None:
    """The least number from 1 on for which it holds, and for all above; found from a guess by doubling and halving."""
    low, high = 0, min(max(near, 1), most)
    step = 1
    while not holds(high):
        if high >= most:
            return None
        low, high, step = high, min(high + step, most), 2 * step
    step = 1
    while high - step > low and holds(high - step):
        high, step = high - step, 2 * step
    low = max(low, high - step)
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high


def _up(value: Number) -> int:
    return int(-((-value) // 1))
