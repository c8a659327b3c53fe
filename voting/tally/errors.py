# SPDX-License-Identifier: AGPL-3.0-or-later
"""The two ways in which a count can be refused, each with one plain sentence."""

from __future__ import annotations


def gettext_noop(message: str) -> str:
    """Mark a sentence that pages say in every language; here it stays English.

    The name is the one by which Django's `makemessages` finds what is to be translated.
    """
    return message


class TallyError(ValueError):
    """The count was not made; the message is one plain sentence, and the values fill its gaps."""

    def __init__(self, message: str, **values: object) -> None:
        self.message, self.values = message, values
        super().__init__(message % values if values else message)


class InputError(TallyError):
    """A file cannot be used; the message names line and column."""

    def __init__(
        self, message: str, *, line: int | None = None, column: int | None = None, field: str = "", **values: object
    ) -> None:
        super().__init__(message, **values)
        self.line, self.column, self.field = line, column, field
        where = []
        if line is not None:
            where.append(f"line {line}")
        if column is not None:
            where.append(f"column {column}" + (f" ({field})" if field else ""))
        if where:
            self.args = (f"{', '.join(where)}: {self.args[0]}",)
