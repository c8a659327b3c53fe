# SPDX-License-Identifier: AGPL-3.0-or-later
"""Scottish STV: the Scottish Local Government Elections Order 2007, rules 45 to 52, in whole units of 0.00001."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voting.tally.errors import TallyError, gettext_noop
from voting.tally.rankings import Rankings, strict
from voting.tally.ties import FOR_RANKS, TieBreak
from voting.tally.types import Election, Margin, Outcome, Reason

ONE = 100_000
MOST_BALLOTS = 400_000_000


@dataclass
class Stage:
    """One stage: what was done, the piles after it, and where the moved votes went."""

    action: str
    option: int | None
    votes: NDArray[np.int64]
    elected: list[int] = field(default_factory=list)
    moved: dict[int, int] = field(default_factory=dict)
    lost: int = 0
    surplus: int = 0


def stv_scottish(
    election: Election,
    *,
    overvote: str = "exhaust",
    ties: Sequence[str] = FOR_RANKS,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
) -> Outcome:
    """Fill the seats by single transferable vote as Scottish councils do (weighted inclusive Gregory, 5 decimals)."""
    tie_break = TieBreak(election, ties, lot_order=lot_order, seed=seed)
    rankings = strict(election, overvote=overvote)
    if rankings.valid > MOST_BALLOTS:
        raise TallyError(gettext_noop("there are more ballots than five decimals can be kept for"))
    count = Count(rankings, election.seats, tie_break)
    stages = count.run()
    ids = election.ids
    rounds = [
        {
            "stage": number,
            "action": stage.action,
            "option": None if stage.option is None else ids[stage.option],
            "votes": {ids[i]: five(int(stage.votes[i])) for i in election.standing},
            "moved": {ids[i]: five(x) for i, x in sorted(stage.moved.items())},
            "non_transferable": five(stage.lost),
            "surplus": five(stage.surplus),
            "elected": [ids[i] for i in stage.elected],
        }
        for number, stage in enumerate(stages, 1)
    ]
    return Outcome(
        rule="stv-scottish",
        parameters={
            "overvote": overvote, "skips": election.skips, "seats": election.seats, "blank_in_n": blank_in_n, **tie_break.parameters(),
        },
        n=rankings.valid + (election.blanks + rankings.empty if blank_in_n else 0),
        blanks=election.blanks,
        winners=tuple(ids[i] for i in count.elected),
        options=_reasons(election, count, stages),
        rounds=tuple(rounds),
        ties=tuple(tie_break.used),
        facts={
            "quota": count.quota,
            "vacant": max(0, election.seats - len(count.elected)),
            "overvoted": rankings.overvoted,
            "without_preference": rankings.empty,
        },
        invalid=election.invalid,
        repairs=election.repairs,
        input_sha256=election.sha256,
    )  # fmt: skip


def five(units: int) -> str:
    """Units of 0.00001 as text with five places."""
    return f"{units // ONE}.{units % ONE:05d}"


class Count:
    """The state of one count."""

    def __init__(self, rankings: Rankings, seats: int, tie_break: TieBreak) -> None:
        self.rankings, self.seats, self.tie_break = rankings, seats, tie_break
        self.quota = rankings.valid // (seats + 1) + 1
        self.bar = self.quota * ONE
        self.continuing = list(rankings.standing)
        self.alive = np.zeros(rankings.options + 1, dtype=np.bool_)
        self.alive[[*self.continuing, rankings.options]] = True
        self.place = np.zeros(len(rankings.rows), dtype=np.int64)
        self.value = np.full(len(rankings.rows), ONE, dtype=np.int64)
        self.votes = np.zeros(rankings.options + 1, dtype=np.int64)
        self.piles: dict[int, list[NDArray[np.int64]]] = {}
        self.elected: list[int] = []
        self.pending: list[int] = []
        self.stages: list[Stage] = []

    def run(self) -> list[Stage]:
        first = Stage("first", None, self.votes)
        self._deal(np.arange(len(self.rankings.rows), dtype=np.int64), first)
        self._close(first)
        while not self._finished():
            if self.pending:
                self._transfer()
            else:
                self._exclude()
        return self.stages

    def _close(self, stage: Stage) -> None:
        """End a stage: keep its piles and deem elected whoever has the quota, most votes first."""
        stage.votes = self.votes[: self.rankings.options].copy()
        self.stages.append(stage)
        reached = [i for i in self.continuing if self.votes[i] >= self.bar] if self.rankings.valid else []
        for i in self._by_votes(reached):
            if len(self.elected) < self.seats:
                self._elect(i, stage)
                if self.votes[i] > self.bar:
                    self.pending.append(i)

    def _elect(self, i: int, stage: Stage) -> None:
        self.elected.append(i)
        self.continuing.remove(i)
        self.alive[i] = False
        stage.elected.append(i)

    def _by_votes(self, options: list[int]) -> list[int]:
        """Most votes first; equals by the most recent earlier stage at which they differ, then by lot."""
        order: list[int] = []
        left = list(options)
        while left:
            most = max(int(self.votes[i]) for i in left)
            tied = [i for i in left if self.votes[i] == most]
            best = tied[0] if len(tied) == 1 else self._settle(tied, highest=True, over="order of election")
            order.append(best)
            left.remove(best)
        return order

    def _settle(self, tied: list[int], *, highest: bool, over: str) -> int:
        """The one of a tied set that was highest (or lowest) alone at the most recent earlier stage, else by lot."""
        for stage in reversed(self.stages[:-1]):
            values = {i: int(stage.votes[i]) for i in tied}
            goal = max(values.values()) if highest else min(values.values())
            at_goal = [i for i in tied if values[i] == goal]
            if len(at_goal) == 1:
                ids = self.tie_break.ids
                self.tie_break.used.append({
                    "over": over, "stage": len(self.stages), "tied": [ids[i] for i in tied],
                    "criterion": "earlier stage", "chosen": ids[at_goal[0]],
                })  # fmt: skip
                return at_goal[0]
        return self.tie_break.choose(tied, over=over, stage=len(self.stages))

    def _finished(self) -> bool:
        vacancies = self.seats - len(self.elected)
        if vacancies <= 0 or not self.continuing:
            return True
        if len(self.continuing) <= vacancies:
            for i in self._by_votes(self.continuing):
                self._elect(i, self.stages[-1])
            return True
        return False

    def _transfer(self) -> None:
        """Pass on the largest surplus: every ballot of the pile, at a value cut down to five decimals."""
        most = max(int(self.votes[i]) for i in self.pending)
        tied = [i for i in self.pending if self.votes[i] == most]
        giver = tied[0] if len(tied) == 1 else self._settle(tied, highest=True, over="surplus")
        self.pending.remove(giver)
        surplus = int(self.votes[giver]) - self.bar
        pile = self._take(giver)
        self.value[pile] = self.value[pile] * surplus // int(self.votes[giver])
        stage = Stage("surplus", giver, self.votes, surplus=surplus)
        self.votes[giver] = self.bar
        self._deal(pile, stage, advance=True)
        self._close(stage)

    def _exclude(self) -> None:
        fewest = min(int(self.votes[i]) for i in self.continuing)
        tied = [i for i in self.continuing if self.votes[i] == fewest]
        loser = tied[0] if len(tied) == 1 else self._settle(tied, highest=False, over="exclusion")
        self.continuing.remove(loser)
        self.alive[loser] = False
        pile = self._take(loser)
        stage = Stage("exclude", loser, self.votes)
        self.votes[loser] = 0
        self._deal(pile, stage, advance=True)
        self._close(stage)

    def _take(self, i: int) -> NDArray[np.int64]:
        parts = self.piles.pop(i, [])
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)

    def _deal(self, ballots: NDArray[np.int64], stage: Stage, *, advance: bool = False) -> None:
        """Give each ballot, at its value, to its next continuing option."""
        rows, nobody = self.rankings.rows, self.rankings.options
        waiting = ballots
        if not advance:
            waiting = ballots[~self.alive[rows[ballots, self.place[ballots]]]] if len(ballots) else ballots
        while len(waiting):
            self.place[waiting] += 1
            waiting = waiting[~self.alive[rows[waiting, self.place[waiting]]]]
        to = rows[ballots, self.place[ballots]]
        gained = np.zeros(nobody + 1, dtype=np.int64)
        np.add.at(gained, to, self.rankings.weights[ballots] * self.value[ballots])
        order = np.argsort(to, kind="stable")
        ends = np.cumsum(np.bincount(to, minlength=nobody + 1))
        for i, part in enumerate(np.split(ballots[order], ends[:-1])):
            if len(part) and i < nobody:
                self.piles.setdefault(i, []).append(part)
        stage.lost = int(gained[nobody])
        gained[nobody] = 0
        self.votes += gained
        stage.moved = {i: int(x) for i, x in enumerate(gained) if x}


def _reasons(election: Election, count: Count, stages: list[Stage]) -> dict[str, Reason]:
    out = {stage.option: number for number, stage in enumerate(stages, 1) if stage.action == "exclude"}
    came_in = {i: number for number, stage in enumerate(stages, 1) for i in stage.elected}
    reasons: dict[str, Reason] = {}
    for i, option in enumerate(election.options):
        numbers: dict[str, Any] = {"quota": count.quota, "first_votes": int(stages[0].votes[i]) // ONE}
        if option.withdrawn:
            reasons[option.id] = Reason("withdrawn")
        elif i in came_in:
            votes = int(stages[came_in[i] - 1].votes[i])
            numbers |= {"stage": came_in[i], "votes": five(votes), "place": count.elected.index(i) + 1}
            code = "elected" if votes >= count.bar and count.rankings.valid else "elected_without_quota"
            reasons[option.id] = Reason(code, numbers, Margin())
        else:
            last = out.get(i, len(stages))
            before = stages[max(last - 2, 0)] if i in out else stages[-1]
            votes = int(before.votes[i])
            numbers |= {"stage": last, "votes": five(votes), "short_of_quota": five(max(0, count.bar - votes))}
            # Quota's worth of ballots that name it first elect it whatever else happens; the quota grows with them.
            first, n, seats = int(stages[0].votes[i]) // ONE, count.rankings.valid, election.seats
            more = enough_for_quota(first, n, seats)
            reasons[option.id] = Reason("excluded" if i in out else "not_elected", numbers, Margin(votes=more))
    return reasons


def enough_for_quota(first: int, valid: int, seats: int) -> int:
    """The least k with first + k > (valid + k) / (seats + 1), which is a quota from the start; a bound, not the least."""
    return max((valid - first * (seats + 1)) // seats + 1, 1)
