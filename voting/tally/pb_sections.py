# SPDX-License-Identifier: AGPL-3.0-or-later
"""The three sections of a `.pb` file, its rows and cells, read carefully: every complaint can name its line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from voting.tally.errors import InputError, gettext_noop
from voting.tally.types import Number

_NUMBER = re.compile(r"[+-]?\d{1,18}(?:[.,]\d{1,9})?")
TITLES = ("META", "PROJECTS", "VOTES")
NO_POINTS = gettext_noop("the points are not a number: %(text)s")

Rows = list[tuple[list[str], int]]


class VoteRows(Protocol):
    """The rows of VOTES, each with its line in the file."""

    def __len__(self) -> int: ...

    def row(self, position: int) -> tuple[list[str], int]: ...

    def rows(self) -> Iterator[tuple[list[str], int]]: ...


@dataclass(frozen=True, slots=True)
class ReadRows:
    """Rows that were read one by one."""

    read: Rows

    def __len__(self) -> int:
        return len(self.read)

    def row(self, position: int) -> tuple[list[str], int]:
        return self.read[position]

    def rows(self) -> Iterator[tuple[list[str], int]]:
        return iter(self.read)


def number(
    text: str,
    *,
    what: str = "",
    said: str = "%(what)s is not a number: %(text)s",
    line: int | None = None,
    column: int | None = None,
    field: str = "",
) -> Number:
    """An exact number from decimal text; a decimal comma is read as a point.

    >>> number("2458488,22", what="the budget")
    Fraction(122924411, 50)
    """
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        shown = stripped if len(stripped) <= 40 else stripped[:40] + "..."
        raise InputError(said, line=line, column=column, field=field, what=what, text=repr(shown))
    value = Fraction(stripped.replace(",", "."))
    return value.numerator if value.denominator == 1 else value


def split(cell: str) -> list[str]:
    """The members of a comma list, spaces aside; an empty cell has none."""
    return [part.strip() for part in cell.split(",") if part.strip()]


def sections_line(text: str, title: str) -> int | None:
    for position, line in enumerate(text.split("\n"), 1):
        if line.strip().upper() == title:
            return position + 1
    return None


def sections(text: str) -> dict[str, tuple[tuple[str, ...], Rows]]:
    """Split into the three sections, each with its header and its rows with their line numbers."""
    found: dict[str, tuple[tuple[str, ...], Rows]] = {}
    current: Rows | None = None
    expected = iter(TITLES)
    awaits_header = ""
    for row, line in _lines(text):
        if len(row) == 1 or not any(cell.strip() for cell in row[1:]):
            title = row[0].strip().upper()
            if title in TITLES and title not in found:
                if title != next(expected, None):
                    raise InputError(gettext_noop("section %(title)s is out of order"), line=line, title=title)
                awaits_header = title
                found[title] = ((), [])
                current = None
                continue
        if awaits_header:
            header = tuple(cell.strip().lower() for cell in row)
            while header and not header[-1]:
                header = header[:-1]
            for position, column in enumerate(header):
                if column in header[:position]:
                    raise InputError(
                        gettext_noop("two columns are called %(name)s"),
                        line=line,
                        column=position + 1,
                        name=repr(column),
                    )
            current = []
            found[awaits_header] = (header, current)
            awaits_header = ""
        elif current is None:
            raise InputError(gettext_noop("the file does not begin with META"), line=line)
        else:
            current.append((row, line))
    for title in TITLES:
        if title not in found:
            raise InputError(gettext_noop("section %(title)s is missing"), title=title)
        if not found[title][0]:
            raise InputError(gettext_noop("section %(title)s has no header line"), title=title)
    return found


def _lines(text: str) -> Iterator[tuple[list[str], int]]:
    """Rows that hold something, with line numbers; quotes cost time only where there are any."""
    if '"' not in text:
        for line, raw in enumerate(text.split("\n"), 1):
            stripped = raw.rstrip("\r")
            if stripped and not stripped.isspace():
                yield stripped.split(";"), line
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=False)
    start = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield row, start
            start = reader.line_num + 1
    except csv.Error:
        raise InputError(
            gettext_noop("the file cannot be split into cells; a closing quote may be missing"), line=start
        ) from None
