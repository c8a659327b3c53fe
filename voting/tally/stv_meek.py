# SPDX-License-Identifier: AGPL-3.0-or-later
"""Meek's STV by the PR Foundation's reference rule: nine decimals, every rounding up, surpluses by iteration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from voting.tally.errors import TallyError, gettext_noop
from voting.tally.rankings import Rankings, strict
from voting.tally.stv_scottish import enough_for_quota
from voting.tally.ties import FOR_RANKS, TieBreak
from voting.tally.types import Election, Margin, Outcome, Reason

ONE = 10**9
OMEGA = 10**3
MOST_BALLOTS = 4 * 10**9


def stv_meek(
    election: Election,
    *,
    overvote: str = "exhaust",
    ties: Sequence[str] = FOR_RANKS,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
) -> Outcome:
    """Fill the seats by single transferable vote where those elected keep just the share of each vote that they need."""
    tie_break = TieBreak(election, ties, lot_order=lot_order, seed=seed)
    rankings = strict(election, overvote=overvote)
    if rankings.valid > MOST_BALLOTS:
        raise TallyError(gettext_noop("there are more ballots than nine decimals can be kept for"))
    count = Count(rankings, election.seats, tie_break)
    count.run()
    ids = election.ids
    return Outcome(
        rule="stv-meek",
        parameters={
            "overvote": overvote, "skips": election.skips, "seats": election.seats, "blank_in_n": blank_in_n, **tie_break.parameters(),
        },
        n=rankings.valid + (election.blanks + rankings.empty if blank_in_n else 0),
        blanks=election.blanks,
        winners=tuple(ids[i] for i in count.elected),
        options=_reasons(election, count),
        rounds=tuple(count.rounds(ids, election.standing)),
        ties=tuple(tie_break.used),
        facts={
            "iterations": count.iterations,
            "vacant": max(0, election.seats - len(count.elected)),
            "overvoted": rankings.overvoted,
            "without_preference": rankings.empty,
        },
        invalid=election.invalid,
        repairs=election.repairs,
        input_sha256=election.sha256,
    )  # fmt: skip


def nine(units: int) -> str:
    """Units of 0.000000001 as text with nine places."""
    return f"{units // ONE}.{units % ONE:09d}"


def _up(top: int, bottom: int) -> int:
    return -(-top // bottom)


class Count:
    """The state of one count: keep factors, and a line for each time somebody was elected or defeated."""

    def __init__(self, rankings: Rankings, seats: int, tie_break: TieBreak) -> None:
        self.rankings, self.seats, self.tie_break = rankings, seats, tie_break
        self.keep = np.zeros(rankings.options + 1, dtype=np.int64)
        self.keep[list(rankings.standing)] = ONE
        self.hopeful = list(rankings.standing)
        self.elected: list[int] = []
        self.votes: list[int] = [0] * rankings.options
        self.quota = 0
        self.iterations = 0
        self.lines: list[dict[str, Any]] = []

    def run(self) -> None:
        while not self._complete():
            fresh, surplus = self._iterate()
            if fresh:
                continue
            self._defeat(surplus)
        vacancies = self.seats - len(self.elected)
        if vacancies > 0:
            # Where there are seats for all, nothing was counted: the reference rule lists no step.
            for i in list(self.hopeful):
                if self.iterations:
                    self._line("elect", i)
                self.elected.append(i)
            self.hopeful = []

    def _complete(self) -> bool:
        return len(self.elected) >= self.seats or len(self.elected) + len(self.hopeful) <= self.seats

    def _iterate(self) -> tuple[bool, int]:
        """Distribute votes until somebody is elected or the surplus is as good as gone."""
        before: int | None = None
        while True:
            self.iterations += 1
            self._distribute()
            self.quota = sum(self.votes) // (self.seats + 1) + 1
            reached = [i for i in self.hopeful if self.votes[i] >= self.quota]
            for i in reached:
                self.hopeful.remove(i)
                self.elected.append(i)
                self._line("elect", i)
            surplus = max(0, sum(self.votes[i] - self.quota for i in self.elected))
            if reached:
                return True, surplus
            if surplus < OMEGA or (before is not None and surplus >= before):
                return False, surplus
            before = surplus
            for i in self.elected:
                shrunk = _up(int(self.keep[i]) * self.quota, ONE)
                self.keep[i] = _up(shrunk * ONE, self.votes[i])

    def _distribute(self) -> None:
        """Each ballot gives every option its keep share, rounded up, of what is left of it."""
        rankings = self.rankings
        rows, weights = rankings.rows, rankings.weights
        left = np.full(len(rows), ONE, dtype=np.int64)
        votes = np.zeros(rankings.options + 1, dtype=np.int64)
        active = np.arange(len(rows), dtype=np.int64)
        for place in range(rows.shape[1]):
            if not len(active):
                break
            to = rows[active, place]
            rest = left[active]
            share = (rest * self.keep[to] + (ONE - 1)) // ONE
            np.add.at(votes, to, share * weights[active])
            left[active] = rest - share
            active = active[(rest > share) & (to < rankings.options)]
        self.votes = [int(x) for x in votes[: rankings.options]]

    def _defeat(self, surplus: int) -> None:
        """Defeat the lowest; all within the surplus of the lowest count as equal."""
        fewest = min(self.votes[i] for i in self.hopeful)
        tied = [i for i in self.hopeful if self.votes[i] <= fewest + surplus]
        loser = tied[0] if len(tied) == 1 else self.tie_break.choose(tied, over="defeat", iteration=self.iterations)
        self._line("defeat", loser)
        self.hopeful.remove(loser)
        self.keep[loser] = 0

    def _line(self, action: str, i: int) -> None:
        surplus = max(0, sum(self.votes[j] - self.quota for j in self.elected))
        self.lines.append({
            "action": action, "option": i, "iteration": self.iterations, "quota": self.quota, "surplus": surplus,
            "votes": list(self.votes), "keep": [int(x) for x in self.keep],
        })  # fmt: skip

    def rounds(self, ids: Sequence[str], standing: Sequence[int]) -> list[dict[str, Any]]:
        return [
            {
                "action": line["action"],
                "option": ids[line["option"]],
                "iteration": line["iteration"],
                "quota": nine(line["quota"]),
                "surplus": nine(line["surplus"]),
                "votes": {ids[i]: nine(line["votes"][i]) for i in standing},
                "keep": {ids[i]: nine(line["keep"][i]) for i in standing},
            }
            for line in self.lines
        ]


def _reasons(election: Election, count: Count) -> dict[str, Reason]:
    lines = {line["option"]: (number, line) for number, line in enumerate(count.lines, 1)}
    reasons: dict[str, Reason] = {}
    for i, option in enumerate(election.options):
        if option.withdrawn:
            reasons[option.id] = Reason("withdrawn")
        elif i in lines:
            number, line = lines[i]
            numbers = {"round": number, "votes": nine(line["votes"][i]), "quota": nine(line["quota"])}
            if line["action"] == "elect":
                code = "elected" if line["votes"][i] >= line["quota"] > 0 else "elected_without_quota"
                numbers["place"] = count.elected.index(i) + 1
                reasons[option.id] = Reason(code, numbers, Margin())
            else:
                numbers["short_of_quota"] = nine(max(0, line["quota"] - line["votes"][i]))
                reasons[option.id] = Reason("excluded", numbers, _bound(count, i))
        elif i in count.elected:
            reasons[option.id] = Reason("elected_without_quota", {"place": count.elected.index(i) + 1}, Margin())
        else:
            numbers = {"votes": nine(count.votes[i]), "quota": nine(count.quota)}
            numbers["short_of_quota"] = nine(max(0, count.quota - count.votes[i]))
            reasons[option.id] = Reason("not_elected", numbers, _bound(count, i))
    return reasons


def _bound(count: Count, i: int) -> Margin:
    """So many more ballots that name only it give it the quota in the first iteration: a bound, fewer might do."""
    rankings = count.rankings
    first = int(rankings.weights[rankings.rows[:, 0] == i].sum())
    return Margin(votes=enough_for_quota(first, rankings.valid, count.seats))
