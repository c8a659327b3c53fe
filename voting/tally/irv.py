# SPDX-License-Identifier: AGPL-3.0-or-later
"""Instant runoff: the last option is eliminated until one has more than half of the votes that still count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voting.tally.errors import TallyError
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
    together_with: list[int] = field(default_factory=list)
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
    batch: bool = False,
    write_ins: Sequence[str] = (),
    ties: Sequence[str] = FOR_RANKS,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
) -> Outcome:
    """Elect one option; equally few votes are told apart by the most recent earlier round, then by the list.

    `batch` leaves out rounds that could not matter: all who together have fewer votes than the next above them go at
    once. The count itself is made one by one, so neither winner nor ties change. `write_ins` are one pile that goes
    first, unless somebody has a majority at once. `run_to_two` goes on until two are left.
    """
    tie_break = TieBreak(election, ties, lot_order=lot_order, seed=seed)
    rankings = strict(election, overvote=overvote)
    pile = pile_of(election, write_ins)
    count = run(rankings, tie_break, run_to_two=run_to_two or batch, pile=pile)
    if batch:
        count = merged(rankings, count, run_to_two=run_to_two, pile=pile)
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
            **({"together_with": [ids[i] for i in this.together_with]} if batch or pile else {}),
            "moved": {("" if to == rankings.options else ids[to]): votes for to, votes in sorted(this.moved.items())},
        })  # fmt: skip
    return Outcome(
        rule="irv",
        parameters={
            "overvote": overvote, "skips": election.skips, "run_to_two": run_to_two, "batch": batch,
            "write_ins": [ids[i] for i in pile], "blank_in_n": blank_in_n, **tie_break.parameters(),
        },
        n=n,
        blanks=election.blanks,
        winners=() if count.winner is None else (ids[count.winner],),
        options=_reasons(election, rankings, count, tie_break, pile),
        rounds=tuple(rounds),
        ties=tuple(tie_break.used),
        facts={"overvoted": rankings.overvoted, "without_preference": rankings.empty},
        invalid=election.invalid,
        repairs=election.repairs,
        input_sha256=election.sha256,
    )  # fmt: skip


def pile_of(election: Election, write_ins: Sequence[str]) -> tuple[int, ...]:
    """The positions of the write-ins that still stand."""
    if isinstance(write_ins, str):
        raise TallyError("the write-ins are a list of options")
    for name in write_ins:
        if name not in election.place:
            raise TallyError(f"there is no option {name!r} among the write-ins")
    pile = tuple(i for i in election.standing if election.ids[i] in set(write_ins))
    if pile and len(pile) == len(election.standing):
        raise TallyError("not every option can be a write-in")
    return pile


def merged(rankings: Rankings, count: Count, *, run_to_two: bool, pile: Sequence[int] = ()) -> Count:
    """The same count with as many eliminations as possible in each round.

    Whoever together has fewer votes than the next above goes before that one whatever happens, so their rounds, made one
    by one in `count`, follow each other and can be told as one. The pile of write-ins goes by itself.
    """
    rounds: list[Round] = []
    standing = list(rankings.standing)
    at = 0
    while True:
        this = count.rounds[at]
        votes = this.votes
        counted = rankings.valid - this.exhausted
        majority = count.winner is not None and 2 * int(votes[count.winner]) > counted
        if this.eliminated is None or (majority and not run_to_two):
            rounds.append(Round(votes, this.exhausted))
            return Count(rounds, count.winner, majority, count.ties)
        out = [this.eliminated, *this.together_with]
        following = at + 1
        pile_went = at == 0 and bool(pile) and not (majority and count.winner in pile)
        if not pile_went:
            ascending = sorted(standing, key=lambda i: int(votes[i]))
            total = size = 0
            for place, i in enumerate(ascending[:-2], 1):
                total += int(votes[i])
                if total < int(votes[ascending[place]]):
                    size = place
            if size > 1:
                following = at + size
                out = [gone for gone in (entry.eliminated for entry in count.rounds[at:following]) if gone is not None]
        after = count.rounds[following]
        gained = {i: int(after.votes[i]) - int(votes[i]) for i in standing if i not in out}
        gained[rankings.options] = after.exhausted - this.exhausted
        moved = {i: votes for i, votes in gained.items() if votes}
        rounds.append(Round(votes, this.exhausted, out[0], out[1:], moved))
        standing = [i for i in standing if i not in out]
        at = following


def run(
    rankings: Rankings,
    tie_break: TieBreak,
    *,
    run_to_two: bool = False,
    immune: int | None = None,
    record: bool = True,
    pile: Sequence[int] = (),
) -> Count:
    """Count once; an immune option is passed over whenever it would be eliminated; the pile goes first."""
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
        stands = majority and best in pile and immune is None
        if pile and len(rounds) == 1 and not stands:
            going = sorted((i for i in pile if i != immune), key=lambda i: (int(votes[i]), tie_break.rank[i]))
            if going:
                exhausted += _eliminate(rankings, going, this, continuing, alive, top, place, votes, piles)
                continue
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
        exhausted += _eliminate(rankings, [out], this, continuing, alive, top, place, votes, piles)


def _eliminate(
    rankings: Rankings,
    going: Sequence[int],
    this: Round,
    continuing: list[int],
    alive: NDArray[np.bool_],
    top: NDArray[np.int64],
    place: NDArray[np.int64],
    votes: NDArray[np.int64],
    piles: dict[int, NDArray[np.int64]],
) -> int:
    """Take these options out together and pass their ballots on; returns what is exhausted."""
    this.eliminated, this.together_with = going[0], list(going[1:])
    for i in going:
        continuing.remove(i)
        alive[i] = False
    moving = [piles.pop(i) for i in going if i in piles]
    lost = _move(
        rankings, alive, np.concatenate(moving) if moving else np.empty(0, dtype=np.int64),
        top, place, votes, piles, this,
    )  # fmt: skip
    votes[list(going)] = 0
    return lost


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


def _reasons(
    election: Election, rankings: Rankings, count: Count, tie_break: TieBreak, pile: Sequence[int]
) -> dict[str, Reason]:
    ids = election.ids
    first = count.rounds[0].votes
    last = count.rounds[-1]
    number_last = len(count.rounds)
    out = {
        i: number
        for number, this in enumerate(count.rounds, 1)
        for i in (this.eliminated, *this.together_with)
        if i is not None
    }
    detailed = len(rankings.rows) <= MANY_GROUPS and count.winner is not None
    needs = {
        i: votes_needed(rankings, tie_break, i, pile)
        for i in (election.standing if detailed else ())
        if i != count.winner
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


def votes_needed(rankings: Rankings, tie_break: TieBreak, option: int, pile: Sequence[int] = ()) -> int:
    """How many more ballots naming only this option would have elected it, exactly.

    Such ballots never leave it, so while it survives the others fall in one order only; it needs to keep level with or
    above the lowest of them each time. Being level is tried by a recount, one more is enough in any case. A write-in
    stands only with a majority at once.
    """
    if option in pile:
        first = run(rankings, tie_break, record=False).rounds[0]
        return max(rankings.valid - 2 * int(first.votes[option]) + 1, 1)
    staying = run(rankings, tie_break, immune=option, record=False, pile=pile)
    more = 0
    for number, this in enumerate(staying.rounds):
        if pile and number == 0:
            # Nobody is compared while the pile goes; but another must not have a majority at once.
            rivals = np.delete(this.votes, option)
            leader = int(rivals.max()) if len(rivals) else 0
            more = max(more, 2 * leader - (rankings.valid - this.exhausted))
        elif this.eliminated is not None:
            more = max(more, int(this.votes[this.eliminated]) - int(this.votes[option]))
        else:
            rest = np.delete(this.votes, option)
            more = max(more, (int(rest.max()) if len(rest) else 0) - int(this.votes[option]))
    for tried in (more, more + 1):
        if run(rankings.with_more(option, tried), tie_break, record=False, pile=pile).winner == option:
            return tried
    return more + 2
