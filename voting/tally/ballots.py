# SPDX-License-Identifier: AGPL-3.0-or-later
"""Identical ballots grouped into flat arrays, in one canonical order whatever order they came in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voting.tally.errors import TallyError, gettext_noop

Key = tuple[int, ...]
"""A ballot as integers. marks: sorted positions; ranks: 2 * position + 1 if tied with the one before; points: pairs."""

MOST_WEIGHT = 2**50
MOST_POINTS = 2**40
MOST_CELLS = 2**27

Cells = NDArray[Any]
"""Rows of small whole numbers, one row for each ballot."""


@dataclass(frozen=True, eq=False)
class Ballots:
    """Group g was cast by `weights[g]` people and holds `choices[starts[g]:starts[g + 1]]`.

    Marks are sorted by option; rankings go from best to worst, with `tied` where a choice shares the rank of the one
    before; `points` (in units of 1/unit) go with the choices. Every group holds at least one choice.
    """

    starts: NDArray[np.int64]
    choices: NDArray[np.int64]
    weights: NDArray[np.int64]
    points: NDArray[np.int64] | None = None
    tied: NDArray[np.bool_] | None = None
    unit: int = 1

    @classmethod
    def from_groups(cls, groups: Mapping[Key, int], *, shape: str, unit: int = 1) -> Ballots:
        """Sort the groups and lay them out flat."""
        keys = sorted(groups)
        counts = [groups[key] for key in keys]
        if sum(counts) > MOST_WEIGHT:
            raise TallyError(gettext_noop("there are more ballots than can be counted"))
        weights = np.array(counts, dtype=np.int64)
        width = 2 if shape == "points" else 1
        lengths = np.fromiter((len(key) // width for key in keys), dtype=np.int64, count=len(keys))
        starts = np.zeros(len(keys) + 1, dtype=np.int64)
        np.cumsum(lengths, out=starts[1:])
        if shape == "points" and any(abs(x) > MOST_POINTS for key in keys for x in key[1::2]):
            raise TallyError(gettext_noop("a ballot gives more points than can be counted"))
        flat = np.fromiter(chain.from_iterable(keys), dtype=np.int64, count=int(starts[-1]) * width)
        if shape == "points":
            return cls(starts, flat[0::2].copy(), weights, points=flat[1::2].copy(), unit=unit)
        if shape == "ranks":
            tied = (flat & 1).astype(np.bool_)
            return cls(starts, flat >> 1, weights, tied=tied if tied.any() else None)
        return cls(starts, flat, weights)

    @classmethod
    def from_flat(
        cls, choices: NDArray[Any], lengths: NDArray[Any], weights: NDArray[Any], options: int
    ) -> Ballots | None:
        """Group strict rankings given as flat arrays; None where that is not possible, or one names an option twice."""
        if not len(lengths) or int(lengths.max()) > options:
            return None
        marked = lengths > 0
        if not marked.all():
            lengths, weights = lengths[marked], weights[marked]
        rows = padded(choices, lengths, options)
        return None if rows is None else cls.from_padded(rows, weights, options, shape="ranks")

    @classmethod
    def from_padded(cls, rows: Cells, weights: NDArray[Any], options: int, *, shape: str) -> Ballots | None:
        """Group ballots given as rows of positions plus one, filled up with noughts; marks are sorted in each row.

        Each row is packed into a few words whose order is the canonical one, so one sort finds what is equal. None where
        a row names an option twice or there are too many people.
        """
        if not len(rows):
            return cls.from_groups({}, shape=shape)
        if int(weights.sum(dtype=np.int64)) > MOST_WEIGHT:
            return None
        width = rows.shape[1]
        bits = options.bit_length()
        per_word = 63 // bits
        words = []
        for low in range(0, width, per_word):
            word = np.zeros(len(rows), dtype=np.int64)
            for place in range(low, min(low + per_word, width)):
                word <<= bits
                word |= rows[:, place]
            words.append(word)
        order = np.lexsort(words[::-1]) if len(words) > 1 else np.argsort(words[0])
        fresh = np.ones(len(order), dtype=np.bool_)
        fresh[1:] = False
        for word in words:
            arranged = word[order]
            fresh[1:] |= arranged[1:] != arranged[:-1]
        heads = np.flatnonzero(fresh)
        total = np.add.reduceat(weights[order], heads, dtype=np.int64)
        kept = rows[order[heads]]
        if _repeats(kept, options):
            return None
        filled = kept > 0
        starts = np.zeros(len(heads) + 1, dtype=np.int64)
        np.cumsum(np.count_nonzero(filled, axis=1), out=starts[1:])
        return cls(starts, kept[filled].astype(np.int64) - 1, total)

    def __len__(self) -> int:
        return len(self.weights)

    @cached_property
    def total(self) -> int:
        return int(self.weights.sum())

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self.starts)

    @cached_property
    def owners(self) -> NDArray[np.int64]:
        """For each choice the group that it belongs to."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.lengths)

    def supporters(self, options: int) -> tuple[int, ...]:
        weights = self.weights[self.owners]
        choices = self.choices
        if self.points is not None:
            positive = self.points > 0
            weights, choices = weights[positive], choices[positive]
        # Integers below 2**50 are exact in a double, whatever the order of summing.
        return tuple(int(x) for x in np.bincount(choices, weights=weights, minlength=options))

    def positional_scores(self, options: int) -> tuple[int, ...]:
        """Pabulib's score of rankings: the option at position j of a ballot of length L gets L - j."""
        place = np.arange(len(self.choices), dtype=np.int64) - self.starts[:-1][self.owners]
        return self._sums(self.lengths[self.owners] - place, options)

    def point_scores(self, options: int) -> tuple[int | Fraction, ...]:
        if self.points is None:
            return (0,) * options
        sums = self._sums(self.points, options)
        return sums if self.unit == 1 else tuple(_short(Fraction(x, self.unit)) for x in sums)

    def _sums(self, values: NDArray[np.int64], options: int) -> tuple[int, ...]:
        largest = int(np.abs(values).max()) if len(values) else 0
        if largest * max(self.total, 1) < 2**62:
            sums = np.zeros(options, dtype=np.int64)
            np.add.at(sums, self.choices, values * self.weights[self.owners])
            return tuple(int(x) for x in sums)
        exact = [0] * options
        for choice, value, owner in zip(self.choices.tolist(), values.tolist(), self.owners.tolist(), strict=True):
            exact[choice] += value * int(self.weights[owner])
        return tuple(exact)

    def columns(self, options: int) -> list[NDArray[np.int64]]:
        """For each option the places in `choices` (and so in `owners` and `points`) where it stands, group by group."""
        order = np.argsort(self.choices, kind="stable")
        ends = np.cumsum(np.bincount(self.choices, minlength=options))
        return np.split(order, ends[:-1]) if options else []

    def rows(self) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], int]]:
        """Each group as (choices, points or tied flags, weight)."""
        starts = self.starts.tolist()
        choices, weights = self.choices.tolist(), self.weights.tolist()
        side = self.points if self.points is not None else self.tied
        beside = [0] * len(choices) if side is None else side.astype(np.int64).tolist()
        for group, weight in enumerate(weights):
            low, high = starts[group], starts[group + 1]
            yield tuple(choices[low:high]), tuple(beside[low:high]), weight

    def normal_form(self) -> Iterator[bytes]:
        yield f"{len(self)} {self.unit}\n".encode()
        for array in (self.starts, self.choices, self.weights, self.points, self.tied):
            if array is not None:
                yield array.astype("<i8").tobytes()


def padded(choices: NDArray[Any], lengths: NDArray[Any], options: int) -> Cells | None:
    """Flat choices as rows of positions plus one, filled up with noughts; None where that would take too much room."""
    width = int(lengths.max()) if len(lengths) else 0
    kind = np.uint8 if options < 2**8 else np.uint16
    if options >= 2**16 or width * len(lengths) > MOST_CELLS:
        return None
    rows = np.zeros((len(lengths), max(width, 1)), dtype=kind)
    if width:
        # Row after row, each filled from the left, is the order of the flat choices.
        rows[np.arange(width) < lengths[:, None]] = choices + 1
    return rows


def _repeats(rows: Cells, options: int) -> bool:
    """Whether any row holds a number other than nought twice."""
    bit = np.concatenate([np.zeros(1, dtype=np.int64), np.int64(1) << (np.arange(options, dtype=np.int64) % 62)])
    for low in range(0, options, 62):
        flags = np.where((np.arange(options + 1) > low) & (np.arange(options + 1) <= low + 62), bit, 0)
        seen = np.zeros(len(rows), dtype=np.int64)
        for place in range(rows.shape[1]):
            entry = flags[rows[:, place]]
            if (seen & entry).any():
                return True
            seen |= entry
    return False


def _short(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value
