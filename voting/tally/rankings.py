# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rankings made ready for counting: withdrawn options passed over, equal ranks treated by a named policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from voting.tally.errors import TallyError
from voting.tally.types import Election, Kind

OVERVOTES = ("exhaust", "skip", "tie")


@dataclass(frozen=True, eq=False)
class Rankings:
    """One row for each different ranking, best first, padded with `options` (nobody)."""

    rows: NDArray[np.int64]
    weights: NDArray[np.int64]
    options: int
    standing: tuple[int, ...]
    valid: int
    empty: int
    """Ballots without any preference that counts: overvoted at the first rank, or naming only withdrawn options."""
    overvoted: int
    """Ballots with an equal rank anywhere, counted or not."""

    def with_more(self, option: int, more: int) -> Rankings:
        """The same rankings and `more` ballots that name only this option."""
        row = np.full((1, self.rows.shape[1]), self.options, dtype=np.int64)
        row[0, 0] = option
        rows = np.vstack([self.rows, row])
        return replace(self, rows=rows, weights=np.append(self.weights, np.int64(more)), valid=self.valid + more)


def strict(election: Election, *, overvote: str = "exhaust") -> Rankings:
    """Rankings without equal ranks, for rules that move a ballot as a whole."""
    if overvote == "tie":
        raise TallyError("this rule cannot share a ballot between equal ranks; choose exhaust or skip")
    if overvote not in OVERVOTES:
        raise TallyError(f"overvote is one of {', '.join(OVERVOTES)}")
    if election.kind in (Kind.APPROVAL, Kind.CUMULATIVE, Kind.SCORING):
        raise TallyError("this rule needs rankings")
    ballots, options = election.ballots, len(election.options)
    keep = np.ones(len(ballots.choices), dtype=np.bool_)
    for position, option in enumerate(election.options):
        if option.withdrawn:
            keep &= ballots.choices != position
    owners = ballots.owners
    overvoted = 0
    if ballots.tied is not None:
        keep, overvoted = _without_equals(election, keep, overvote)
    choices, owners = ballots.choices[keep], owners[keep]
    lengths = np.bincount(owners, minlength=len(ballots)).astype(np.int64)
    width = max(int(lengths.max()) if len(lengths) else 0, 1)
    rows = np.full((len(ballots), width + 1), options, dtype=np.int64)
    starts = np.cumsum(lengths) - lengths
    rows[owners, np.arange(len(choices)) - starts[owners]] = choices
    filled = lengths > 0
    weights = ballots.weights[filled]
    valid = int(weights.sum())
    return Rankings(rows[filled], weights, options, election.standing, valid, ballots.total - valid, overvoted)


def _without_equals(election: Election, keep: NDArray[np.bool_], overvote: str) -> tuple[NDArray[np.bool_], int]:
    """Which choices still count once equal ranks end the ballot (exhaust) or are passed over (skip).

    An equal rank of which only one option is still standing is no overvote.
    """
    ballots = election.ballots
    tied = np.zeros(len(ballots.choices), dtype=np.bool_) if ballots.tied is None else ballots.tied
    rank = np.cumsum(~tied)
    standing = np.bincount(rank, weights=keep)
    doubled = keep & (standing[rank] > 1)
    touched = np.unique(ballots.owners[doubled])
    overvoted = int(ballots.weights[touched].sum())
    if overvote == "skip":
        return keep & ~doubled, overvoted
    position = np.arange(len(ballots.choices), dtype=np.int64)
    first = np.full(len(ballots), len(ballots.choices), dtype=np.int64)
    np.minimum.at(first, ballots.owners[doubled], position[doubled])
    return keep & (position < first[ballots.owners]), overvoted


def by_name(election: Election, votes: NDArray[np.int64]) -> dict[str, int]:
    """Votes of the options still standing, by id."""
    return {election.ids[i]: int(votes[i]) for i in election.standing}


def lowest_by_history(
    tied: Sequence[int], history: Sequence[Mapping[int, int] | NDArray[np.int64]], *, highest: bool = False
) -> list[int]:
    """Narrow a tied set by the most recent earlier round at which its members differ, as far back as needed."""
    left = list(tied)
    for votes in reversed(history):
        if len(left) == 1:
            break
        values = {i: int(votes[i]) for i in left}
        goal = max(values.values()) if highest else min(values.values())
        left = [i for i in left if values[i] == goal]
    return left
