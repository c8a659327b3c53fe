# SPDX-License-Identifier: AGPL-3.0-or-later
"""The two ways in which a count can be refused, each with one plain sentence."""

from __future__ import annotations


class TallyError(ValueError):
    """The count was not made; the message is one plain sentence."""


class InputError(TallyError):
    """A file cannot be used; the message names line and column."""

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None, field: str = "") -> None:
        self.line, self.column, self.field = line, column, field
        where = []
        if line is not None:
            where.append(f"line {line}")
        if column is not None:
            where.append(f"column {column}" + (f" ({field})" if field else ""))
        super().__init__((", ".join(where) + ": " if where else "") + message)
