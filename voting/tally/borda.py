# SPDX-License-Identifier: AGPL-3.0-or-later
"""Borda's count in three named variants, which elect different options where ballots are short."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from voting.tally.approval import most
from voting.tally.errors import TallyError
from voting.tally.pairwise import compare, levels
from voting.tally.ties import FOR_RANKS
from voting.tally.types import Election, Number, Outcome

VARIANTS = ("averaged", "ranked-only", "pabulib")


def borda(
    election: Election,
    *,
    variant: str = "averaged",
    overvote: str = "exhaust",
    seats: int = 1,
    all_winners: bool = False,
    ties: Sequence[str] = FOR_RANKS,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
) -> Outcome:
    """Points by place; most points win.

    averaged: a point for each option ranked below and half a point for each ranked level, where all that a ballot does
    not name stand level at its end. ranked-only: m - 1 - j at place j (from 0), nothing for what is not named. pabulib:
    L - j on a ballot that names L.
    """
    if variant not in VARIANTS:
        raise TallyError(f"the variant is one of {', '.join(VARIANTS)}")
    pairs = compare(election, overvote=overvote)
    sums = _averaged(election, overvote) if variant == "averaged" else _by_place(election, overvote, variant)
    if seats < 1:
        raise TallyError("there must be at least one seat")
    # A file's seats speak of the rule that it was made for; Borda elects one unless asked for more.
    outcome = most(
        election, sums, rule="borda", ties=ties, lot_order=lot_order, seed=seed, blank_in_n=blank_in_n,
        all_winners=all_winners, variant=variant, voters=pairs.valid + (pairs.empty + election.blanks if blank_in_n else 0),
        seats=seats, minimum=0, gains=_gains(election, variant), facts={"overvote": overvote, "overvoted": pairs.overvoted, "without_preference": pairs.empty},
    )  # fmt: skip
    return outcome


def _gains(election: Election, variant: str) -> tuple[Number, Number]:
    """What a ballot that names one option gives to it and to each other."""
    others = len(election.standing) - 1
    if variant == "averaged":
        return others, Fraction(max(others - 1, 0), 2)
    return (others if variant == "ranked-only" else 1), 0


def _averaged(election: Election, overvote: str) -> list[Number]:
    """Twice the score is a whole number: the sum over all others of V + above - below."""
    pairs = compare(election, overvote=overvote)
    sums: list[Number] = []
    for a in range(len(election.options)):
        doubled = sum(pairs.valid + int(pairs.above[a, b] - pairs.above[b, a]) for b in election.standing if b != a)
        half = Fraction(doubled, 2)
        sums.append(half.numerator if half.denominator == 1 else half)
    return sums


def _by_place(election: Election, overvote: str, variant: str) -> list[Number]:
    table, weights, _, _ = levels(election, overvote)
    options = len(election.options)
    ranked = table < options
    if variant == "ranked-only":
        points = np.where(ranked, len(election.standing) - 1 - table, 0)
    else:
        points = np.where(ranked, ranked.sum(axis=1, keepdims=True) - table, 0)
    return (
        [int(x) for x in (points.astype(object) * weights[:, None].astype(object)).sum(axis=0)]
        if _large(points, weights)
        else [int(x) for x in (points * weights[:, None]).sum(axis=0)]
    )


def _large(
    points: np.ndarray[tuple[int, ...], np.dtype[np.int64]], weights: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
) -> bool:
    """Whether sums might not fit 64 bits."""
    return int(weights.sum()) * max(points.shape[1], 1) >= 2**62
