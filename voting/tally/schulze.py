# SPDX-License-Identifier: AGPL-3.0-or-later
"""Schulze's method (strongest paths) and the Condorcet winner, from the same matrix of pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voting.tally.errors import TallyError
from voting.tally.pairwise import Pairs, compare
from voting.tally.ties import FOR_RANKS, TieBreak
from voting.tally.types import Election, Margin, Outcome, Reason

STRENGTHS = ("winning-votes", "margins")


def schulze(
    election: Election,
    *,
    strength: str = "winning-votes",
    overvote: str = "exhaust",
    all_winners: bool = False,
    ties: Sequence[str] = FOR_RANKS,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
) -> Outcome:
    """An option wins if its strongest path to every other is at least as strong as the path back."""
    if strength not in STRENGTHS:
        raise TallyError(f"the strength is one of {', '.join(STRENGTHS)}")
    tie_break = TieBreak(election, ties, lot_order=lot_order, seed=seed)
    pairs = compare(election, overvote=overvote)
    path = strongest_paths(strengths(pairs, strength), election.standing)
    standing = election.standing if pairs.valid else ()
    best = [a for a in standing if all(path[a, b] >= path[b, a] for b in standing if b != a)]
    elected = _elected(best, tie_break, all_winners)
    reasons: dict[str, Reason] = {}
    for i, option in enumerate(election.options):
        if option.withdrawn:
            reasons[option.id] = Reason("withdrawn")
        elif i in elected:
            reasons[option.id] = Reason("elected", {"winners": len(best), **_duels(election, pairs, i)}, Margin())
        elif i in best:
            reasons[option.id] = Reason("lost_tie", {"winners": len(best), **_duels(election, pairs, i)}, Margin())
        elif not standing:
            reasons[option.id] = Reason("no_votes")
        else:
            rival = max((b for b in standing if b != i), key=lambda b: (path[b, i] - path[i, b], -b))
            numbers = {"rival": election.ids[rival], "path_to_rival": int(path[i, rival])}
            numbers |= {"path_from_rival": int(path[rival, i]), **_duels(election, pairs, i)}
            reasons[option.id] = Reason("beaten", numbers, _bound(pairs, i, standing))
    return _outcome(
        election, "schulze", {"strength": strength, "overvote": overvote, "all_winners": all_winners},
        tie_break, pairs, elected, reasons, blank_in_n,
        {"winning_set": [election.ids[i] for i in best], "paths": _matrix(election, path)},
    )  # fmt: skip


def condorcet(
    election: Election,
    *,
    overvote: str = "exhaust",
    all_winners: bool = False,
    ties: Sequence[str] = FOR_RANKS,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
) -> Outcome:
    """The option that beats every other one to one; nobody where there is a cycle or a draw at the top."""
    tie_break = TieBreak(election, ties, lot_order=lot_order, seed=seed)
    pairs = compare(election, overvote=overvote)
    standing = election.standing if pairs.valid else ()
    winner = condorcet_winner(pairs, standing)
    elected = [] if winner is None else [winner]
    reasons: dict[str, Reason] = {}
    for i, option in enumerate(election.options):
        if option.withdrawn:
            reasons[option.id] = Reason("withdrawn")
        elif not standing:
            reasons[option.id] = Reason("no_votes")
        else:
            code = "elected" if i == winner else "beaten" if winner is not None else "no_condorcet_winner"
            margin = Margin() if i == winner else _bound(pairs, i, standing, exact=True)
            reasons[option.id] = Reason(code, _duels(election, pairs, i), margin)
    outcome = _outcome(
        election, "condorcet", {"overvote": overvote, "all_winners": all_winners}, tie_break, pairs, elected, reasons,
        blank_in_n, {"smith_set": [election.ids[i] for i in smith_set(pairs, standing)]},
        verdict="" if winner is not None else "no_condorcet_winner",
    )  # fmt: skip
    return outcome


def strengths(pairs: Pairs, strength: str) -> NDArray[np.int64]:
    """How strongly each option beats each other; nought where it does not."""
    above = pairs.above
    beats = above > above.T
    return np.where(beats, above if strength == "winning-votes" else above - above.T, 0)


def strongest_paths(strength: NDArray[np.int64], standing: Sequence[int]) -> NDArray[np.int64]:
    """The widest path between every two options that still stand."""
    path = strength.copy()
    for middle in standing:
        path = np.maximum(path, np.minimum(path[:, middle : middle + 1], path[middle : middle + 1, :]))
    return path


def condorcet_winner(pairs: Pairs, standing: Sequence[int]) -> int | None:
    for a in standing:
        if all(pairs.above[a, b] > pairs.above[b, a] for b in standing if b != a):
            return a
    return None


def smith_set(pairs: Pairs, standing: Sequence[int]) -> list[int]:
    """The smallest set whose members all beat everyone outside it."""
    reach = {a: {b for b in standing if b != a and pairs.above[a, b] >= pairs.above[b, a]} for a in standing}
    best: set[int] | None = None
    for start in standing:
        # Whoever is not beaten by a member belongs in the set as well.
        members, waiting = {start}, [start]
        while waiting:
            a = waiting.pop()
            for b in standing:
                if b not in members and a in reach[b]:
                    members.add(b)
                    waiting.append(b)
        if best is None or len(members) < len(best):
            best = members
    return sorted(best or ())


def _elected(best: list[int], tie_break: TieBreak, all_winners: bool) -> list[int]:
    if all_winners or len(best) <= 1:
        return sorted(best)
    return [tie_break.choose(best, over="winner")]


def _duels(election: Election, pairs: Pairs, i: int) -> dict[str, Any]:
    won = sum(1 for b in election.standing if b != i and pairs.above[i, b] > pairs.above[b, i])
    lost = sum(1 for b in election.standing if b != i and pairs.above[i, b] < pairs.above[b, i])
    return {"duels_won": won, "duels_lost": lost, "duels": len(election.standing) - 1}


def _bound(pairs: Pairs, i: int, standing: Sequence[int], *, exact: bool = False) -> Margin:
    """With that many more ballots naming it first it beats everyone one to one, which elects it."""
    gap = max((int(pairs.above[b, i] - pairs.above[i, b]) for b in standing if b != i), default=0)
    return Margin(votes=max(gap + 1, 1), votes_exact=exact)


def _matrix(election: Election, table: NDArray[np.int64]) -> dict[str, dict[str, int]]:
    ids = election.ids
    return {ids[a]: {ids[b]: int(table[a, b]) for b in election.standing if b != a} for a in election.standing}


def _outcome(
    election: Election,
    rule: str,
    parameters: dict[str, Any],
    tie_break: TieBreak,
    pairs: Pairs,
    elected: list[int],
    reasons: dict[str, Reason],
    blank_in_n: bool,
    facts: dict[str, Any],
    *,
    verdict: str = "",
) -> Outcome:
    winner = condorcet_winner(pairs, election.standing) if pairs.valid else None
    return Outcome(
        rule=rule,
        parameters={**parameters, "blank_in_n": blank_in_n, **tie_break.parameters()},
        n=pairs.valid + (election.blanks + pairs.empty if blank_in_n else 0),
        blanks=election.blanks,
        winners=tuple(election.ids[i] for i in elected),
        options=reasons,
        rounds=({"above": _matrix(election, pairs.above)},),
        ties=tuple(tie_break.used),
        verdict=verdict,
        facts={
            "condorcet_winner": None if winner is None else election.ids[winner],
            "overvoted": pairs.overvoted,
            "without_preference": pairs.empty,
            **facts,
        },
        invalid=election.invalid,
        repairs=election.repairs,
        input_sha256=election.sha256,
    )
