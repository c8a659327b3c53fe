# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rows of a file read as proposals, by the very form that residents fill in: the same rules, and an answer for each row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from assemblies.models import District

from .forms import ProposalForm
from .models import Category, Cycle, Heading
from .services import NewProposal
from .spreadsheets import FileRefused, Row, read

COLUMNS = {
    "title": "title",
    "in one sentence": "summary",
    "summary": "summary",
    "text": "text",
    "what and why": "text",
    "pot": "heading",
    "heading": "heading",
    "about": "category",
    "category": "category",
    "where": "place",
    "place": "place",
    "district": "district",
    "cost, as guessed": "cost_guess",
    "cost": "cost_guess",
}
NEEDED = ("title", "summary", "text")


@dataclass(frozen=True)
class ReadRow:
    """A row with what it would become, or with what is wrong in it: each a column and a sentence."""

    number: int
    fields: Mapping[str, Any]
    errors: Sequence[tuple[str, str]]

    @property
    def as_new(self) -> NewProposal:
        fields = dict(self.fields)
        return NewProposal(self.number, fields.pop("heading"), fields)

    @property
    def title(self) -> str:
        return str(self.fields.get("title", ""))


def names() -> dict[str, str]:
    """What a column may be called, in English and in the reader's language, and which answer it is."""
    ours = {
        _("Title"): "title", _("In one sentence"): "summary", _("Text"): "text", _("Pot"): "heading", _("About"): "category",
        _("Where"): "place", _("District"): "district", _("Cost, as guessed"): "cost_guess",
    }  # fmt: skip
    return {**COLUMNS, **{name.lower(): field for name, field in ours.items()}}


def read_file(name: str, data: bytes) -> list[Row]:
    """The rows of the file, which names every column that it needs."""
    rows = read(name, data)
    lacking = missing(list(rows[0].cells)) if rows else []
    if lacking:
        raise FileRefused(_("The first row must name these columns too: %(names)s.") % {"names": ", ".join(lacking)})
    return rows


def missing(columns: Sequence[str]) -> list[str]:
    """The columns that every file needs and this one lacks."""
    known = names()
    there = {known[column] for column in columns if column in known}
    return [name for name in NEEDED if name not in there]


def left_out(columns: Sequence[str]) -> list[str]:
    """The columns of a file that become nothing, because nobody knows their names here."""
    known = names()
    return [column for column in columns if column and column not in known]


def read_rows(cycle: Cycle, rows: Sequence[Mapping[str, Any]]) -> list[ReadRow]:
    """Every row, checked as if somebody had typed it."""
    headings = {heading.title.casefold(): heading for heading in cycle.headings.all()}
    districts = {found.name.casefold(): found for found in District.objects.filter(assembly=cycle.assembly)}
    return [_read(cycle, row["number"], row["cells"], headings, districts) for row in rows]


def _read(
    cycle: Cycle,
    number: int,
    cells: Mapping[str, str],
    headings: Mapping[str, Heading],
    districts: Mapping[str, District],
) -> ReadRow:
    known = names()
    typed = {known[column]: cell.strip() for column, cell in cells.items() if column in known}
    errors: list[tuple[str, str]] = []
    pot, district = typed.pop("heading", ""), typed.pop("district", "")
    heading = headings.get(pot.casefold()) if pot else (next(iter(headings.values())) if len(headings) == 1 else None)
    if heading is None:
        errors.append(
            (_("Pot"), _("There is no pot of this name in this budget.") if pot else _("Name the pot of money."))
        )
    if district and district.casefold() not in districts:
        errors.append((_("District"), _("There is no district of this name.")))
    category = _category(typed.pop("category", ""))
    if category is None:
        topics = ", ".join(str(label) for label in Category.labels)
        errors.append((_("About"), _("There is no such topic. Write one of these: {topics}.").format(topics=topics)))
    form = ProposalForm({**typed, "category": category or Category.OTHER, "heading": ""}, cycle=cycle)
    form.fields.pop("heading", None)  # found by their names above
    form.fields.pop("district", None)
    for name, sentences in form.errors.items():
        field = form.fields.get(name)
        errors += [(str(field.label) if field is not None else "", str(sentence)) for sentence in sentences]
    fields = {**form.cleaned_data, "heading": heading, "district": districts.get(district.casefold())}
    return ReadRow(number, fields if not errors else typed, errors)


def _category(written: str) -> str | None:
    """The topic by its code or by its name in the reader's language; none at all is “Something else”."""
    if not written:
        return Category.OTHER
    by_name = {str(label).casefold(): code for code, label in Category.choices}
    return written if written in Category.values else by_name.get(written.casefold())
