# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every option against every other: how many rank the one strictly above the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voting.tally.errors import TallyError
from voting.tally.rankings import OVERVOTES, strict
from voting.tally.types import POINTS, Election, Kind

CHUNK = 4_000_000


@dataclass(frozen=True, eq=False)
class Pairs:
    """`above[a, b]` voters put a strictly above b; whoever is not ranked stands last, level with the others."""

    above: NDArray[np.int64]
    valid: int
    empty: int
    overvoted: int


def levels(election: Election, overvote: str) -> tuple[NDArray[np.int64], NDArray[np.int64], int, int]:
    """For each group the level of each option (0 best), its weight, and what was passed over."""
    if overvote not in OVERVOTES:
        raise TallyError(f"overvote is one of {', '.join(OVERVOTES)}")
    if election.kind is Kind.APPROVAL or election.kind in POINTS:
        raise TallyError("this rule needs rankings")
    options = len(election.options)
    if overvote != "tie":
        rankings = strict(election, overvote=overvote)
        table = np.full((len(rankings.rows), options + 1), options, dtype=np.int64)
        every = np.arange(len(rankings.rows))
        for place in range(rankings.rows.shape[1]):
            table[every, rankings.rows[:, place]] = place
        return table[:, :options], rankings.weights, rankings.empty, rankings.overvoted
    ballots = election.ballots
    tied = np.zeros(len(ballots.choices), dtype=np.bool_) if ballots.tied is None else ballots.tied
    rank = np.cumsum(~tied)
    position = rank - rank[ballots.starts[:-1]][ballots.owners] if len(rank) else rank
    table = np.full((len(ballots), options), options, dtype=np.int64)
    table[ballots.owners, ballots.choices] = position
    gone = [i for i, option in enumerate(election.options) if option.withdrawn]
    table[:, gone] = options
    filled = (table < options).any(axis=1)
    weights = ballots.weights[filled]
    overvoted = int(ballots.weights[np.unique(ballots.owners[tied])].sum())
    return table[filled], weights, ballots.total - int(weights.sum()), overvoted


def compare(election: Election, *, overvote: str) -> Pairs:
    """Count every pair."""
    table, weights, empty, overvoted = levels(election, overvote)
    options = len(election.options)
    above = np.zeros((options, options), dtype=np.int64)
    step = max(1, CHUNK // max(options, 1))
    for low in range(0, len(table), step):
        part = table[low : low + step]
        # Weights together stay below 2**50: sums in doubles are exact.
        weight = weights[low : low + step].astype(np.float64)
        for a in range(options):
            above[a] += (weight @ (part[:, a : a + 1] < part)).astype(np.int64)
    return Pairs(above, int(weights.sum()), empty, overvoted)
