# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pabulib `.pb` files: everything that the format allows and real files do, read without loss."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from voting.tally.errors import InputError, gettext_noop
from voting.tally.pb_grouping import Grouping
from voting.tally.pb_sections import NO_POINTS, ReadRows, Rows, VoteRows, number, sections, sections_line, split
from voting.tally.tokens import PlainTable
from voting.tally.types import POINTS, Election, Kind, Number, Option, decimal

__all__ = ["PbFile", "Project", "Vote", "number", "parse", "read", "write", "write_election", "written_row"]

WITHDRAWN_COST = 999_999_999
PRIVATE = ("age", "sex")
"""Voters' columns that are never read into anything."""

NO_COLUMN = gettext_noop("%(section)s has no column %(name)s")
NUMBER_OF_CELLS = gettext_noop("the number of cells is %(found)s instead of %(expected)s")

_VOTES = re.compile(rb"\n[ \t]*VOTES[ \t;]*\r?\n[^\n]*\n", re.IGNORECASE)
_LONE_RETURN = re.compile(rb"\r(?!\n)")


@dataclass(frozen=True, slots=True)
class Project:
    """One row of PROJECTS; `columns` holds every cell as it stands in the file."""

    id: str
    cost: Number
    line: int
    columns: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.cell("name")

    def cell(self, column: str) -> str:
        """A cell's text; `None` in the file means that nothing is known."""
        text = self.columns.get(column, "")
        return "" if text == "None" else text

    @property
    def selected(self) -> str:
        """ "0", "1", or a special "2" or "3" (reserve money and the like); empty where the file does not say."""
        return self.cell("selected")

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.cell("category").split(",") if part.strip())

    @property
    def coordinates(self) -> tuple[str, str] | None:
        """Latitude and longitude as written, where both are numbers."""
        pair = self.cell("latitude"), self.cell("longitude")
        return pair if all(re.fullmatch(r"-?\d{1,3}(\.\d+)?", part) for part in pair) else None

    @property
    def withdrawn(self) -> bool:
        return self.cost == WITHDRAWN_COST


@dataclass(frozen=True, slots=True)
class Vote:
    """One row of VOTES without age and sex."""

    voter_id: str
    choices: tuple[str, ...]
    points: tuple[Number, ...]
    line: int
    columns: Mapping[str, str]

    @property
    def voting_method(self) -> str:
        return self.columns.get("voting_method", "")

    @property
    def district(self) -> str:
        return self.columns.get("district", "") or self.columns.get("neighborhood", "")


@dataclass(frozen=True)
class PbFile:
    """A `.pb` file in three sections; votes stay raw until they are asked for."""

    meta: Mapping[str, str]
    projects: tuple[Project, ...]
    project_columns: tuple[str, ...]
    vote_columns: tuple[str, ...]
    name: str = ""
    vote_rows: VoteRows = field(default=ReadRows([]), repr=False)

    @cached_property
    def kind(self) -> Kind:
        try:
            return Kind(self.meta.get("vote_type", "approval").lower())
        except ValueError:
            raise InputError(gettext_noop("unknown vote_type %(kind)s"), kind=repr(self.meta["vote_type"])) from None

    @cached_property
    def budget(self) -> Number:
        if "budget" not in self.meta:
            raise InputError(gettext_noop("META does not say the budget"))
        return number(self.meta["budget"], said=gettext_noop("the budget is not a number: %(text)s"))

    @property
    def currency(self) -> str:
        return self.meta.get("currency", "")

    @property
    def title(self) -> str:
        return self.meta.get("description", "")

    def limit(self, name: str) -> Number | None:
        """A number from META, None where it is absent or written `None`."""
        text = self.meta.get(name, "")
        if text in ("", "None"):
            return None
        return number(text, said=gettext_noop("in META, %(what)s is not a number: %(text)s"), what=name)

    def __len__(self) -> int:
        return len(self.vote_rows)

    def votes(self) -> Iterator[Vote]:
        """Each row of VOTES in file order, as it stands: repeated and unknown ids are still in it."""
        at = {name: position for position, name in enumerate(self.vote_columns)}
        kept = [
            (name, position) for name, position in at.items() if name not in (*PRIVATE, "voter_id", "vote", "points")
        ]
        who, what, how_much = at.get("voter_id"), at["vote"], at.get("points")
        for row, line in self.vote_rows.rows():
            points: tuple[Number, ...] = ()
            if how_much is not None:
                points = tuple(
                    number(part, said=NO_POINTS, line=line, column=how_much + 1, field="points")
                    for part in split(row[how_much])
                )
            yield Vote(
                voter_id="" if who is None else row[who].strip(),
                choices=tuple(split(row[what])),
                points=points,
                line=line,
                columns={name: row[position].strip() for name, position in kept},
            )

    def election(self, *, lenient: bool = False, withdrawn_by_cost: bool = True) -> Election:
        """Group the ballots; strict reading refuses what lenient reading repairs and lists.

        A cost of 999999999 marks a withdrawn project, unless the cost is to be taken at its word.
        """
        grouping = Grouping(
            self.kind, self.projects, self.vote_columns, self.vote_rows, self.limit, lenient=lenient
        )  # fmt: skip
        if self.budget < 0:
            raise InputError(gettext_noop("the budget cannot be negative"))
        ballots = grouping.ballots()
        return Election(
            kind=self.kind,
            options=tuple(
                Option(p.id, p.cost, p.name, p.withdrawn and withdrawn_by_cost, p.cell("district"))
                for p in self.projects
            ),
            ballots=ballots,
            budget=self.budget,
            blanks=grouping.blanks,
            threshold=self.limit("min_project_score_threshold"),
            invalid=dict(sorted(grouping.invalid.items())),
            repairs=grouping.repairs(),
            title=self.title,
        )


def read(path: str | Path) -> PbFile:
    """Read a file from disk."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    return parse(data, name=Path(path).name)


def parse(data: bytes | str, *, name: str = "") -> PbFile:
    """Parse a file's content: UTF-8 with or without BOM, LF or CRLF, columns in any order."""
    if isinstance(data, bytes):
        quick = _quick(data, name)
        if quick is not None:
            return quick
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise InputError(gettext_noop("the file is not UTF-8 text"), line=line) from None
    else:
        text = data.removeprefix("\ufeff")
    if "\0" in text:
        raise InputError(gettext_noop("the file holds a zero byte"), line=text[: text.index("\0")].count("\n") + 1)
    found = sections(text)
    vote_columns, vote_rows = found["VOTES"]
    if "vote" not in vote_columns:
        raise InputError(NO_COLUMN, line=sections_line(text, "VOTES"), section="VOTES", name=repr("vote"))
    file = _without_votes(found, name)
    width = len(vote_columns)
    rows: Rows = []
    for row, line in vote_rows:
        if len(row) != width:
            if len(row) > width and not any(cell.strip() for cell in row[width:]):
                row = row[:width]
            elif len(row) < width and len(row) > vote_columns.index("vote"):
                row = row + [""] * (width - len(row))
            else:
                raise InputError(
                    NUMBER_OF_CELLS, line=line, column=min(len(row), width) + 1, found=len(row), expected=width
                )
        rows.append((row, line))
    return replace(file, vote_rows=ReadRows(rows))


def _quick(data: bytes, name: str) -> PbFile | None:
    """The same file where the rows of VOTES are plain, without looking at them one by one; else None."""
    title = _VOTES.search(data)
    if title is None:
        return None
    head, votes = data[: title.end()], data[title.end() :]
    if b"\0" in head or _LONE_RETURN.search(head):
        return None
    try:
        found = sections(head.decode("utf-8-sig"))
    except (UnicodeDecodeError, InputError):
        return None
    vote_columns, rows = found["VOTES"]
    if rows or "vote" not in vote_columns:
        return None
    table = PlainTable.of(votes, width=len(vote_columns), first_line=head.count(b"\n") + 1)
    return None if table is None else replace(_without_votes(found, name), vote_rows=table)


def _without_votes(found: Mapping[str, tuple[tuple[str, ...], Rows]], name: str) -> PbFile:
    meta: dict[str, str] = {}
    for row, line in found["META"][1]:
        if len(row) < 2:
            raise InputError(gettext_noop("META needs a key and a value"), line=line, column=len(row) + 1)
        if len(row) > 2 and any(cell.strip() for cell in row[2:]):
            raise InputError(
                gettext_noop("META has a key and a value, nothing more (quote a value with ';')"), line=line, column=3
            )
        meta[row[0].strip()] = row[1].strip()
    columns, rows = found["PROJECTS"]
    return PbFile(meta, tuple(_projects(columns, rows)), columns, found["VOTES"][0], name)


def _projects(columns: tuple[str, ...], rows: Rows) -> Iterator[Project]:
    for needed in ("project_id", "cost"):
        if needed not in columns:
            raise InputError(NO_COLUMN, section="PROJECTS", name=repr(needed))
    seen: set[str] = set()
    at_id, at_cost = columns.index("project_id"), columns.index("cost")
    for row, line in rows:
        if len(row) > len(columns) and any(cell.strip() for cell in row[len(columns) :]):
            raise InputError(NUMBER_OF_CELLS, line=line, column=len(columns) + 1, found=len(row), expected=len(columns))
        if len(row) <= max(at_id, at_cost):
            raise InputError(NUMBER_OF_CELLS, line=line, column=len(row) + 1, found=len(row), expected=len(columns))
        name = row[at_id].strip()
        if not name:
            raise InputError(gettext_noop("a project has no id"), line=line, column=at_id + 1, field="project_id")
        if name in seen:
            raise InputError(
                gettext_noop("two projects have the id %(id)s"),
                line=line,
                column=at_id + 1,
                field="project_id",
                id=repr(name),
            )
        seen.add(name)
        cost = number(
            row[at_cost],
            said=gettext_noop("the cost is not a number: %(text)s"),
            line=line,
            column=at_cost + 1,
            field="cost",
        )
        if cost < 0:
            raise InputError(gettext_noop("a cost cannot be negative"), line=line, column=at_cost + 1, field="cost")
        cells = (cell.strip() for cell in row)
        yield Project(name, cost, line, dict(zip(columns, cells, strict=False)))


def write(file: PbFile) -> str:
    """The file again, nothing lost: META, PROJECTS from most to least voted, VOTES."""
    election = file.election(lenient=True)
    scores = dict(zip(election.ids, election.scores, strict=True))
    lines = ["META", "key;value", *(written_row((key, value)) for key, value in file.meta.items())]
    lines += ["PROJECTS", written_row(file.project_columns)]
    for project in sorted(file.projects, key=lambda project: -scores[project.id]):
        lines.append(written_row([project.columns.get(column, "") for column in file.project_columns]))
    lines += [
        "VOTES",
        written_row(file.vote_columns),
        *(written_row([cell.strip() for cell in row]) for row, _ in file.vote_rows.rows()),
    ]
    return "\n".join(lines) + "\n"


def write_election(election: Election, *, meta: Mapping[str, str] | None = None) -> str:
    """An election of ours as a `.pb` file, one row for each ballot, voters numbered."""
    ids = election.ids
    points = election.kind in POINTS
    about = {
        "description": election.title,
        "num_projects": str(len(ids)),
        "num_votes": str(election.ballots.total + election.blanks),
        "budget": decimal(election.budget or 0),
        "vote_type": str(election.kind),
        **({} if election.threshold is None else {"min_project_score_threshold": decimal(election.threshold)}),
        **(meta or {}),
    }
    lines = ["META", "key;value", *(written_row((key, value)) for key, value in about.items())]
    lines += ["PROJECTS", "project_id;cost;votes;name"]
    for i in sorted(range(len(ids)), key=lambda i: -election.scores[i]):
        option = election.options[i]
        lines.append(written_row((option.id, decimal(option.cost), str(election.supporters[i]), option.name)))
    lines += ["VOTES", "voter_id;vote;points" if points else "voter_id;vote"]
    voter = 0
    for choices, beside, weight in election.ballots.rows():
        cells = [",".join(ids[choice] for choice in choices)]
        if points:
            cells.append(",".join(decimal(Fraction(value, election.ballots.unit)) for value in beside))
        for _ in range(weight):
            voter += 1
            lines.append(written_row((str(voter), *cells)))
    for _ in range(election.blanks):
        voter += 1
        lines.append(f"{voter};" + (";" if points else ""))
    return "\n".join(lines) + "\n"


def written_row(cells: Sequence[str]) -> str:
    """One line of a file; a cell that would break the line stands in quotes."""
    return ";".join(
        '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in ';"\n\r') else cell for cell in cells
    )
