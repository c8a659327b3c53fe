# SPDX-License-Identifier: AGPL-3.0-or-later
"""Why a `.pb` file does not come in, in the language of whoever reads it, be it at once or later and somebody else.

The tally says its reasons in English sentences that it marks for translation. They are put into words here.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext as _

from voting.tally.errors import InputError, TallyError

from .plain_text import shorten

MOST_SAID = 300  # letters about what is wrong in a file, which may quote it


class ImportRefused(Exception):
    """Nothing was imported; the message says why, with line and column where there is one.

    It is marked for translation, and becomes words only when somebody reads it. A reason of the tally may be a value.
    """

    def __init__(self, message: str, **values: Any) -> None:
        self.message, self.values = message, values
        super().__init__(message)

    def __str__(self) -> str:
        said = {
            name: in_words(value) if isinstance(value, TallyError) else value for name, value in self.values.items()
        }
        return _filled(self.message, said)

    @property
    def parts(self) -> dict[str, Any]:
        """The refusal as it is stored, in no language."""
        values = {
            name: _parts(value) if isinstance(value, TallyError) else value for name, value in self.values.items()
        }
        return {"message": self.message, "values": values}

    @staticmethod
    def of(parts: Mapping[str, Any]) -> "ImportRefused":
        """The refusal again that was stored."""
        values = {name: _reason(value) if isinstance(value, dict) else value for name, value in parts["values"].items()}
        return ImportRefused(parts["message"], **values)


class TooLarge(ImportRefused):
    """The file holds more than a page counts; the message says how much that is."""


def file_refused(error: TallyError) -> ImportRefused:
    """The tally does not take the file that was sent on a page."""
    return ImportRefused(gettext_noop("This file cannot be brought in. %(why)s."), why=error)


def in_words(error: TallyError) -> str:
    """The reason of the tally, with its place in the file: a sentence without its full stop."""
    why = _filled(error.message, error.values)
    said = why[:1].upper() + why[1:]
    if isinstance(error, InputError) and error.line is not None:
        place = {"line": error.line, "column": error.column, "field": error.field, "why": why}
        if error.column is None:
            said = _("Line %(line)s: %(why)s") % place
        elif error.field:
            said = _("Line %(line)s, column %(column)s (%(field)s): %(why)s") % place
        else:
            said = _("Line %(line)s, column %(column)s: %(why)s") % place
    return shorten(said, MOST_SAID)


def _filled(message: str, values: Mapping[str, object]) -> str:
    said = gettext(message)
    return said % values if values else said


def _parts(error: TallyError) -> dict[str, Any]:
    place = [error.line, error.column, error.field] if isinstance(error, InputError) else [None, None, ""]
    return {"message": error.message, "values": error.values, "place": place}


def _reason(parts: Mapping[str, Any]) -> InputError:
    line, column, field = parts["place"]
    return InputError(parts["message"], line=line, column=column, field=field, **parts["values"])
