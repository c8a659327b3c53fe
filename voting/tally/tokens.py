# SPDX-License-Identifier: AGPL-3.0-or-later
"""Numbers, cells and names found in the bytes of a file by whole-array steps, where all is plain.

Nothing here complains. Whatever is unusual gives None, `UNKNOWN` or `EMPTY`, and the careful readers look again and name line
and column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNKNOWN = -1
EMPTY = -2
_CHUNK = 1 << 20
_SEMICOLON, _NEWLINE, _COMMA = b";\n,"


@dataclass(frozen=True)
class PlainTable:
    """Rows of cells between semicolons, no quotes, each with the same number of cells and none left out."""

    body: bytes
    width: int
    first_line: int

    @classmethod
    def of(cls, body: bytes, *, width: int, first_line: int) -> PlainTable | None:
        """The table, if these bytes are one; rows end with a line feed, with or without a carriage return."""
        if b'"' in body or b"\0" in body:
            return None
        body = body.rstrip(b"\r\n")
        if b"\r" in body:
            body = body.replace(b"\r\n", b"\n")
        if not body or b"\r" in body or not _is_text(body):
            return None
        raw = np.frombuffer(body, dtype=np.uint8)
        breaks = raw[(raw == _SEMICOLON) | (raw == _NEWLINE)]
        if len(breaks) % width != width - 1:
            return None
        marks = np.append(breaks, np.uint8(_NEWLINE)).reshape(-1, width) == _NEWLINE
        if not marks[:, -1].all() or marks[:, :-1].any():
            return None
        # A row of one empty cell is a blank line, which the careful reader passes over.
        if width == 1 and (b"\n\n" in body or body.startswith(b"\n")):
            return None
        return cls(body, width, first_line)

    @cached_property
    def _texts(self) -> list[str]:
        return self.body.decode().split("\n")

    def __len__(self) -> int:
        return self.body.count(b"\n") + 1

    def row(self, position: int) -> tuple[list[str], int]:
        """One row's cells and its line in the file."""
        return self._texts[position].split(";"), self.first_line + position

    def rows(self) -> Iterator[tuple[list[str], int]]:
        for line, text in enumerate(self._texts, self.first_line):
            yield text.split(";"), line

    def lists(self, column: int, names: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
        """The comma lists of one column as positions in `names`, `UNKNOWN` or `EMPTY`, with each row's length.

        An empty cell has one member, which is `EMPTY`, as is the one beside a comma too many.
        """
        body = self.body.replace(b", ", b",") + b"\n"
        raw = np.frombuffer(body, dtype=np.uint8)
        ends = np.flatnonzero((raw == _SEMICOLON) | (raw == _NEWLINE) | (raw == _COMMA))
        closes = raw[ends] != _COMMA
        cell = np.cumsum(closes) - closes
        mine = cell % self.width == column
        starts = np.concatenate([[0], ends[:-1] + 1])[mine]
        found = _positions(body, starts, ends[mine], names)
        if found is None:
            return None
        return found, np.bincount(cell[mine] // self.width, minlength=len(self)).astype(np.int64)


def _is_text(body: bytes) -> bool:
    if body.isascii():
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _positions(
    body: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64], names: Sequence[str]
) -> NDArray[np.int64] | None:
    """Which of the names stands at each place, compared eight bytes at a time; None where names cannot be told apart."""
    keys = [name.encode() for name in names]
    longest = max(map(len, keys), default=0)
    if not 0 < longest <= 64:
        return None
    words = -(-longest // 8)
    padded = body + bytes(8 * words)
    eights = np.ndarray(len(padded) - 7, dtype="<u8", buffer=padded, strides=(1,))
    known = np.frombuffer(b"".join(key.ljust(8 * words, b"\0") for key in keys), dtype="<u8").reshape(-1, words)
    lengths = ends - starts
    keep = np.array([(1 << 8 * size) - 1 for size in range(9)], dtype=np.uint64)
    mixed_known = np.zeros(len(keys), dtype=np.uint64)
    mixed = np.zeros(len(starts), dtype=np.uint64)
    seen = []
    for word in range(words):
        part = eights[starts + 8 * word] if word == 0 else eights[np.minimum(starts + 8 * word, len(eights) - 1)]
        part &= keep[np.clip(lengths - 8 * word, 0, 8)]
        seen.append(part)
        factor = np.uint64(0x9E3779B97F4A7C15 * (2 * word + 1) & (2**64 - 1) | 1)
        mixed = part if words == 1 else mixed ^ part * factor
        mixed_known = known[:, 0] if words == 1 else mixed_known ^ known[:, word] * factor
    order = np.argsort(mixed_known)
    sorted_known = mixed_known[order]
    if (sorted_known[1:] == sorted_known[:-1]).any():
        return None
    place = order[np.minimum(np.searchsorted(sorted_known, mixed), len(keys) - 1)]
    same = lengths <= longest
    for word, part in enumerate(seen):
        same &= known[place, word] == part
    return np.where(same, place, np.where(lengths == 0, EMPTY, UNKNOWN))


def whole_numbers(data: bytes) -> NDArray[Any] | None:
    """All numbers of a text of digits and white space; None where it holds anything else."""
    parts = []
    low = 0
    while low < len(data):
        high = min(low + _CHUNK, len(data))
        if high < len(data):
            cut = max(data.rfind(b"\n", low, high), data.rfind(b" ", low, high))
            if cut < low:
                return None
            high = cut + 1
        part = _numbers(np.frombuffer(data, dtype=np.uint8, count=high - low, offset=low))
        if part is None:
            return None
        parts.append(part)
        low = high
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _numbers(raw: NDArray[np.uint8]) -> NDArray[Any] | None:
    """The numbers of one piece, which begins and ends between numbers or at an end of the text."""
    digits = raw - np.uint8(48)
    digit = np.zeros(len(raw) + 2, dtype=np.bool_)
    np.less(digits, 10, out=digit[1:-1])
    if not (digit[1:-1] | (raw == 32) | (raw == 10) | (raw == 13) | (raw == 9)).all():
        return None
    last = np.flatnonzero(digit[1:-1] & ~digit[2:])
    if not digit[last].any():
        return digits[last].astype(np.int32)
    lengths = last - np.flatnonzero(digit[1:-1] & ~digit[:-2]) + 1
    longest = int(lengths.max())
    if longest > 15:
        return None
    values: NDArray[Any] = digits[last].astype(np.int32 if longest <= 9 else np.int64)
    for place in range(1, longest):
        more = np.flatnonzero(lengths > place)
        values[more] += digits[last[more] - place].astype(values.dtype) * 10**place
    return values
