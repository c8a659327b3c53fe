# SPDX-License-Identifier: AGPL-3.0-or-later
"""Instant runoff: the last option is eliminated until one has more than half of the votes that still count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voting.tally.rankings import Rankings, by_name, lowest_by_history, strict
from voting.tally.ties import FOR_RANKS, TieBreak
from voting.tally.types import Election, Margin, Outcome, Reason

MANY_GROUPS = 100_000
"""Above so many different ballots the exact margins, one recount for each option, are left out."""


@dataclass
class Round:
    """The piles of one round, who was eliminated after it, and where the pile went."""

    votes: NDArray[np.int64]
    exhausted: int
    eliminated: int | None = None
    moved: dict[int, int] = field(default_factory=dict)


@dataclass
class Count:
    """A whole count down to the winner."""

    rounds: list[Round]
    winner: int | None
    majority: bool
    ties: list[dict[str, Any]]


def irv(
    election: Election,
    *,
    overvote: str = "exhaust",
    run_to_two: bool = False,
    ties: Sequence[str] = FOR_RANKS,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
) -> Outcome:
    """Elect one option; equally few votes are told apart by the most recent earlier round, then by the list."""
    tie_break = TieBreak(election, ties, lot_order=lot_order, seed=seed)
    rankings = strict(election, overvote=overvote)
    count = run(rankings, tie_break, run_to_two=run_to_two)
    n = rankings.valid + (election.blanks + rankings.empty if blank_in_n else 0)
    ids = election.ids
    rounds: list[dict[str, Any]] = []
    for number, this in enumerate(count.rounds, 1):
        continuing = rankings.valid - this.exhausted
        rounds.append({
            "round": number,
            "votes": by_name(election, this.votes),
            "exhausted": this.exhausted,
            "continuing": continuing,
            "needed": continuing // 2 + 1,
            "eliminated": None if this.eliminated is None else ids[this.eliminated],
            "moved": {("" if to == rankings.options else ids[to]): votes for to, votes in sorted(this.moved.items())},
        })  # fmt: skip
    return Outcome(
        rule="irv",
        parameters={
            "overvote": overvote, "run_to_two": run_to_two, "blank_in_n": blank_in_n, **tie_break.parameters(),
        },
        n=n,
        blanks=election.blanks,
        winners=() if count.winner is None else (ids[count.winner],),
        options=_reasons(election, rankings, count, tie_break),
        rounds=tuple(rounds),
        ties=tuple(tie_break.used),
        facts={"overvoted": rankings.overvoted, "without_preference": rankings.empty},
        invalid=election.invalid,
        repairs=election.repairs,
        input_sha256=election.sha256,
    )  # fmt: skip


def run(
    rankings: Rankings,
    tie_break: TieBreak,
    *,
    run_to_two: bool = False,
    immune: int | None = None,
    record: bool = True,
) -> Count:
    """Count once; an immune option is passed over whenever it would be eliminated."""
    options = rankings.options
    alive = np.zeros(options + 1, dtype=np.bool_)
    alive[list(rankings.standing)] = True
    continuing = list(rankings.standing)
    top = rankings.rows[:, 0].copy() if len(rankings.rows) else np.empty(0, dtype=np.int64)
    place = np.zeros(len(top), dtype=np.int64)
    votes = _pile(top, rankings.weights, options)
    piles: dict[int, NDArray[np.int64]] = {}
    if len(top):
        order = np.argsort(top, kind="stable")
        ends = np.cumsum(np.bincount(top, minlength=options + 1))
        for i, part in enumerate(np.split(order, ends[:-1])):
            piles[i] = part
    exhausted = 0
    rounds: list[Round] = []
    used: list[dict[str, Any]] = []
    alive[options] = True
    while True:
        this = Round(votes[:options].copy(), exhausted)
        rounds.append(this)
        counted = rankings.valid - exhausted
        if not continuing or rankings.valid == 0:
            return Count(rounds, None, False, used)
        best = max(continuing, key=lambda i: int(votes[i]))
        majority = 2 * int(votes[best]) > counted
        if len(continuing) == 1 or (majority and not run_to_two and immune is None):
            return Count(rounds, best, majority, used)
        if len(continuing) == 2 and votes[continuing[0]] != votes[continuing[1]]:
            return Count(rounds, best, majority, used)
        candidates = [i for i in continuing if i != immune]
        fewest = min(int(votes[i]) for i in candidates)
        tied = [i for i in candidates if votes[i] == fewest]
        if len(tied) > 1:
            history = [entry.votes for entry in rounds[:-1]]
            left = lowest_by_history(tied, history)
            if len(left) > 1:
                number = len(rounds)
                out = tie_break.choose(left, over="elimination", round=number) if record else _first(left, tie_break)
            else:
                out = left[0]
                if record:
                    tie_break.used.append({
                        "over": "elimination", "round": len(rounds), "tied": [tie_break.ids[i] for i in tied],
                        "criterion": "earlier round", "chosen": tie_break.ids[out],
                    })  # fmt: skip
        else:
            out = tied[0]
        this.eliminated = out
        continuing.remove(out)
        alive[out] = False
        moving = piles.pop(out, np.empty(0, dtype=np.int64))
        exhausted += _move(rankings, alive, moving, top, place, votes, piles, this)
        votes[out] = 0


def _move(
    rankings: Rankings,
    alive: NDArray[np.bool_],
    moving: NDArray[np.int64],
    top: NDArray[np.int64],
    place: NDArray[np.int64],
    votes: NDArray[np.int64],
    piles: dict[int, NDArray[np.int64]],
    this: Round,
) -> int:
    """Pass an eliminated pile on to each ballot's next continuing option; returns what is exhausted."""
    options = rankings.options
    waiting = moving
    while len(waiting):
        place[waiting] += 1
        following = rankings.rows[waiting, place[waiting]]
        top[waiting] = following
        waiting = waiting[~alive[following]]
    if not len(moving):
        return 0
    new = top[moving]
    gained = _pile(new, rankings.weights[moving], options)
    votes += gained
    lost = int(gained[options])
    votes[options] = 0
    order = np.argsort(new, kind="stable")
    ends = np.cumsum(np.bincount(new, minlength=options + 1))
    for i, part in enumerate(np.split(moving[order], ends[:-1])):
        if len(part) and i < options:
            piles[i] = np.concatenate([piles[i], part]) if i in piles else part
    this.moved = {i: int(x) for i, x in enumerate(gained) if x}
    return lost


def _pile(choices: NDArray[np.int64], weights: NDArray[np.int64], options: int) -> NDArray[np.int64]:
    # Weights together stay below 2**50, so sums in doubles are exact.
    return np.bincount(choices, weights=weights, minlength=options + 1).astype(np.int64)


def _first(tied: Sequence[int], tie_break: TieBreak) -> int:
    return min(tied, key=tie_break.rank.__getitem__)


def _reasons(election: Election, rankings: Rankings, count: Count, tie_break: TieBreak) -> dict[str, Reason]:
    ids = election.ids
    first = count.rounds[0].votes
    last = count.rounds[-1]
    number_last = len(count.rounds)
    out = {this.eliminated: number for number, this in enumerate(count.rounds, 1) if this.eliminated is not None}
    detailed = len(rankings.rows) <= MANY_GROUPS and count.winner is not None
    needs = {
        i: votes_needed(rankings, tie_break, i) for i in (election.standing if detailed else ()) if i != count.winner
    }
    reasons: dict[str, Reason] = {}
    for i, option in enumerate(election.options):
        numbers: dict[str, Any] = {"first_votes": int(first[i])}
        if option.withdrawn:
            reasons[option.id] = Reason("withdrawn")
        elif i == count.winner:
            numbers |= {"round": number_last, "votes": int(last.votes[i])}
            numbers |= {"continuing": rankings.valid - last.exhausted, "majority": count.majority}
            others = [j for j in election.standing if j != i and j not in out]
            if others:
                rival = max(others, key=lambda j: int(last.votes[j]))
                numbers |= {"rival": ids[rival], "rival_votes": int(last.votes[rival])}
            if needs:
                nearest = min(needs, key=lambda j: (needs[j], j))
                numbers |= {"nearest": ids[nearest], "nearest_more": needs[nearest]}
            reasons[option.id] = Reason("elected", numbers, Margin())
        elif i in out:
            this = count.rounds[out[i] - 1]
            left = [j for j in election.standing if j not in out or out[j] > out[i]]
            above = min((int(this.votes[j]) for j in left), default=None)
            numbers |= {"round": out[i], "votes": int(this.votes[i])}
            if above is not None:
                numbers["behind_next"] = above - int(this.votes[i])
            reasons[option.id] = Reason("eliminated", numbers, Margin(needs.get(i), votes_exact=i in needs))
        elif count.winner is None:
            reasons[option.id] = Reason("no_votes", numbers)
        else:
            numbers |= {"round": number_last, "votes": int(last.votes[i])}
            numbers["behind_by"] = int(last.votes[count.winner]) - int(last.votes[i])
            reasons[option.id] = Reason("beaten", numbers, Margin(needs.get(i), votes_exact=i in needs))
    return reasons


def votes_needed(rankings: Rankings, tie_break: TieBreak, option: int) -> int:
    """How many more ballots naming only this option would have elected it, exactly.

    Such ballots never leave it, so while it survives the others fall in one order only; it needs to keep level with or
    above the lowest of them each time. Being level is tried by a recount, one more is enough in any case.
    """
    staying = run(rankings, tie_break, immune=option, record=False)
    more = 0
    for this in staying.rounds:
        if this.eliminated is not None:
            more = max(more, int(this.votes[this.eliminated]) - int(this.votes[option]))
        else:
            rest = np.delete(this.votes, option)
            more = max(more, (int(rest.max()) if len(rest) else 0) - int(this.votes[option]))
    for tried in (more, more + 1):
        if run(rankings.with_more(option, tried), tie_break, record=False).winner == option:
            return tried
    return more + 2
