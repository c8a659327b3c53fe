# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pabulib `.pb` files: everything that the format allows and real files do, read without loss."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from voting.tally.ballots import Ballots, Key
from voting.tally.errors import InputError
from voting.tally.types import POINTS, Election, Kind, Number, Option, Repair, decimal

WITHDRAWN_COST = 999_999_999
PRIVATE = ("age", "sex")
"""Voters' columns that are never read into anything."""

_NUMBER = re.compile(r"[+-]?\d{1,18}(?:[.,]\d{1,9})?")
_TITLES = ("META", "PROJECTS", "VOTES")
MOST_LINES = 20_000_000


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
    _rows: list[list[str]] = field(default_factory=list, repr=False)
    _lines: list[int] = field(default_factory=list, repr=False)

    @cached_property
    def kind(self) -> Kind:
        try:
            return Kind(self.meta.get("vote_type", "approval").lower())
        except ValueError:
            raise InputError(f"unknown vote_type {self.meta['vote_type']!r}") from None

    @cached_property
    def budget(self) -> Number:
        if "budget" not in self.meta:
            raise InputError("META does not say the budget")
        return number(self.meta["budget"], what="the budget")

    @property
    def currency(self) -> str:
        return self.meta.get("currency", "")

    @property
    def title(self) -> str:
        return self.meta.get("description", "")

    def limit(self, name: str) -> Number | None:
        """A number from META, None where it is absent or written `None`."""
        text = self.meta.get(name, "")
        return None if text in ("", "None") else number(text, what=f"{name} in META")

    def __len__(self) -> int:
        return len(self._rows)

    def votes(self) -> Iterator[Vote]:
        """Each row of VOTES in file order, as it stands: repeated and unknown ids are still in it."""
        at = {name: position for position, name in enumerate(self.vote_columns)}
        kept = [
            (name, position) for name, position in at.items() if name not in (*PRIVATE, "voter_id", "vote", "points")
        ]
        who, what, how_much = at.get("voter_id"), at["vote"], at.get("points")
        for row, line in zip(self._rows, self._lines, strict=True):
            points: tuple[Number, ...] = ()
            if how_much is not None:
                points = tuple(
                    number(part, what="points", line=line, column=how_much + 1, field="points")
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
        return _Grouping(self, lenient=lenient, sentinel=withdrawn_by_cost).election()


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
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise InputError("the file is not UTF-8 text", line=line) from None
    else:
        text = data.removeprefix("\ufeff")
    if "\0" in text:
        raise InputError("the file holds a zero byte", line=text[: text.index("\0")].count("\n") + 1)
    sections = _sections(text)
    meta: dict[str, str] = {}
    _, rows = sections["META"]
    for row, line in rows:
        if len(row) < 2:
            raise InputError("META needs a key and a value", line=line, column=len(row) + 1)
        if len(row) > 2 and any(cell.strip() for cell in row[2:]):
            raise InputError("META has a key and a value, nothing more (quote a value with ';')", line=line, column=3)
        meta[row[0].strip()] = row[1].strip()
    project_columns, rows = sections["PROJECTS"]
    projects = tuple(_projects(project_columns, rows))
    vote_columns, vote_rows = sections["VOTES"]
    if "vote" not in vote_columns:
        raise InputError("VOTES has no column 'vote'", line=sections_line(text, "VOTES"))
    cells, lines = [], []
    width = len(vote_columns)
    for row, line in vote_rows:
        if len(row) != width:
            if len(row) > width and not any(cell.strip() for cell in row[width:]):
                row = row[:width]
            elif len(row) < width and len(row) > vote_columns.index("vote"):
                row = row + [""] * (width - len(row))
            else:
                raise InputError(
                    f"expected {width} cells and found {len(row)}", line=line, column=min(len(row), width) + 1
                )
        cells.append(row)
        lines.append(line)
    return PbFile(meta, projects, project_columns, vote_columns, name, cells, lines)


def write(file: PbFile) -> str:
    """The file again, nothing lost: META, PROJECTS from most to least voted, VOTES."""
    election = file.election(lenient=True)
    scores = dict(zip(election.ids, election.scores, strict=True))
    lines = ["META", "key;value", *(_row((key, value)) for key, value in file.meta.items())]
    lines += ["PROJECTS", _row(file.project_columns)]
    for project in sorted(file.projects, key=lambda project: -scores[project.id]):
        lines.append(_row([project.columns.get(column, "") for column in file.project_columns]))
    lines += ["VOTES", _row(file.vote_columns), *(_row([cell.strip() for cell in row]) for row in file._rows)]
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
    lines = ["META", "key;value", *(_row((key, value)) for key, value in about.items())]
    lines += ["PROJECTS", "project_id;cost;votes;name"]
    for i in sorted(range(len(ids)), key=lambda i: -election.scores[i]):
        option = election.options[i]
        lines.append(_row((option.id, decimal(option.cost), str(election.supporters[i]), option.name)))
    lines += ["VOTES", "voter_id;vote;points" if points else "voter_id;vote"]
    voter = 0
    for choices, beside, weight in election.ballots.rows():
        cells = [",".join(ids[choice] for choice in choices)]
        if points:
            cells.append(",".join(decimal(Fraction(value, election.ballots.unit)) for value in beside))
        for _ in range(weight):
            voter += 1
            lines.append(_row((str(voter), *cells)))
    for _ in range(election.blanks):
        voter += 1
        lines.append(f"{voter};" + (";" if points else ""))
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return ";".join(
        '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in ';"\n\r') else cell for cell in cells
    )


def number(text: str, *, what: str, line: int | None = None, column: int | None = None, field: str = "") -> Number:
    """An exact number from decimal text; a decimal comma is read as a point.

    >>> number("2458488,22", what="the budget")
    Fraction(122924411, 50)
    """
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        shown = stripped if len(stripped) <= 40 else stripped[:40] + "..."
        raise InputError(f"{what} is not a number: {shown!r}", line=line, column=column, field=field)
    value = Fraction(stripped.replace(",", "."))
    return value.numerator if value.denominator == 1 else value


def split(cell: str) -> list[str]:
    """The members of a comma list, spaces aside; an empty cell has none."""
    return [part.strip() for part in cell.split(",") if part.strip()]


Rows = list[tuple[list[str], int]]


def sections_line(text: str, title: str) -> int | None:
    for position, line in enumerate(text.split("\n"), 1):
        if line.strip().upper() == title:
            return position + 1
    return None


def _sections(text: str) -> dict[str, tuple[tuple[str, ...], Rows]]:
    """Split into the three sections, each with its header and its rows with their line numbers."""
    found: dict[str, tuple[tuple[str, ...], Rows]] = {}
    current: Rows | None = None
    expected = iter(_TITLES)
    awaits_header = ""
    for row, line in _lines(text):
        if len(row) == 1 or not any(cell.strip() for cell in row[1:]):
            title = row[0].strip().upper()
            if title in _TITLES and title not in found:
                if title != next(expected, None):
                    raise InputError(f"section {title} is out of order", line=line)
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
                    raise InputError(f"two columns are called {column!r}", line=line, column=position + 1)
            current = []
            found[awaits_header] = (header, current)
            awaits_header = ""
        elif current is None:
            raise InputError("the file does not begin with META", line=line)
        else:
            current.append((row, line))
    for title in _TITLES:
        if title not in found:
            raise InputError(f"section {title} is missing")
        if not found[title][0]:
            raise InputError(f"section {title} has no header line")
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
    except csv.Error as error:
        raise InputError(f"the file cannot be split into cells ({error})", line=start) from None


def _projects(columns: tuple[str, ...], rows: Rows) -> Iterator[Project]:
    for needed in ("project_id", "cost"):
        if needed not in columns:
            raise InputError(f"PROJECTS has no column {needed!r}")
    seen: set[str] = set()
    at_id, at_cost = columns.index("project_id"), columns.index("cost")
    for row, line in rows:
        if len(row) > len(columns) and any(cell.strip() for cell in row[len(columns) :]):
            raise InputError(f"expected {len(columns)} cells and found {len(row)}", line=line, column=len(columns) + 1)
        if len(row) <= max(at_id, at_cost):
            raise InputError(f"expected {len(columns)} cells and found {len(row)}", line=line, column=len(row) + 1)
        name = row[at_id].strip()
        if not name:
            raise InputError("a project has no id", line=line, column=at_id + 1, field="project_id")
        if name in seen:
            raise InputError(f"two projects have the id {name!r}", line=line, column=at_id + 1, field="project_id")
        seen.add(name)
        cost = number(row[at_cost], what="the cost", line=line, column=at_cost + 1, field="cost")
        if cost < 0:
            raise InputError("a cost cannot be negative", line=line, column=at_cost + 1, field="cost")
        cells = (cell.strip() for cell in row)
        yield Project(name, cost, line, dict(zip(columns, cells, strict=False)))


class _Grouping:
    """Turns rows into grouped ballots once, and remembers what had to be repaired."""

    def __init__(self, file: PbFile, *, lenient: bool, sentinel: bool) -> None:
        self.file, self.lenient, self.sentinel = file, lenient, sentinel
        self.place = {project.id: position for position, project in enumerate(file.projects)}
        self.costs = [project.cost for project in file.projects]
        self.repairs: Counter[str] = Counter()
        self.where: dict[str, str] = {}
        self.invalid: Counter[str] = Counter()
        self.unit = 1
        self.limits = {
            name: file.limit(name)
            for name in ("min_length", "max_length", "min_sum_cost", "max_sum_cost", "min_points", "max_points",
                         "min_sum_points", "max_sum_points")
        }  # fmt: skip

    def election(self) -> Election:
        file = self.file
        kind = file.kind
        if file.budget < 0:
            raise InputError("the budget cannot be negative")
        at_vote = file.vote_columns.index("vote")
        at_points = file.vote_columns.index("points") if "points" in file.vote_columns else None
        if kind in POINTS and at_points is None:
            raise InputError(f"a {kind} file needs a column 'points' in VOTES")
        first: dict[tuple[str, str], int] = {}
        counted: Counter[tuple[str, str]] = Counter()
        if kind in POINTS and at_points is not None:
            raw = [(row[at_vote], row[at_points]) for row in file._rows]
        else:
            raw = [(row[at_vote], "") for row in file._rows]
        counted.update(raw)
        for cells, line in zip(reversed(raw), reversed(file._lines), strict=True):
            first[cells] = line
        ballots: list[tuple[list[int], list[Number], int]] = []
        blanks = 0
        for cells in sorted(first, key=first.__getitem__):
            times, line = counted[cells], first[cells]
            marks = self._marks(cells[0], line, at_vote, times)
            if marks is None:
                continue
            points: list[Number] = []
            if kind in POINTS and at_points is not None:
                marks, points = self._points(marks, cells[1], line, at_points, times)
            else:
                marks = self._once(marks, line, at_vote, times)
            if not marks:
                blanks += times
                continue
            self._check(kind, marks, points, line, at_vote, times)
            ballots.append((marks, points, times))
        groups: dict[Key, int] = {}
        for marks, points, times in ballots:
            key: Key
            if kind in POINTS:
                scaled = sorted(zip(marks, (int(p * self.unit) for p in points), strict=True))
                key = tuple(x for pair in scaled for x in pair)
            elif kind is Kind.ORDINAL:
                key = tuple(2 * mark for mark in marks)
            else:
                key = tuple(sorted(marks))
            groups[key] = groups.get(key, 0) + times
        shape = "points" if kind in POINTS else "ranks" if kind is Kind.ORDINAL else "marks"
        return Election(
            kind=kind,
            options=tuple(
                Option(p.id, p.cost, p.name, p.withdrawn and self.sentinel, p.cell("district")) for p in file.projects
            ),
            ballots=Ballots.from_groups(groups, shape=shape, unit=self.unit),
            budget=file.budget,
            blanks=blanks,
            threshold=file.limit("min_project_score_threshold"),
            invalid=dict(sorted(self.invalid.items())),
            repairs=tuple(Repair(code, times, self.where[code]) for code, times in sorted(self.repairs.items())),
            title=file.title,
        )

    def _repair(self, code: str, sentence: str, times: int, line: int, column: int, field: str) -> None:
        """Note a repair, or refuse the file where reading is strict."""
        if not self.lenient:
            raise InputError(sentence, line=line, column=column + 1, field=field)
        self.repairs[code] += times
        self.where.setdefault(code, f"line {line}")

    def _marks(self, cell: str, line: int, column: int, times: int) -> list[int] | None:
        marks = []
        for name in split(cell):
            position = self.place.get(name)
            if position is None:
                self._repair(
                    "unknown_option", f"the ballot names an unknown project: {name!r}", times, line, column, "vote"
                )
                self.invalid["unknown_option"] += times
                return None
            marks.append(position)
        return marks

    def _once(self, marks: list[int], line: int, column: int, times: int) -> list[int]:
        if len(set(marks)) == len(marks):
            return marks
        self._repair("repeated_option", "the ballot names a project twice", times, line, column, "vote")
        return list(dict.fromkeys(marks))

    def _points(
        self, marks: list[int], cell: str, line: int, column: int, times: int
    ) -> tuple[list[int], list[Number]]:
        parts = split(cell)
        if not parts:
            return [], []
        if len(parts) != len(marks):
            raise InputError(
                f"{len(marks)} projects have {len(parts)} points", line=line, column=column + 1, field="points"
            )
        summed: dict[int, Number] = {}
        for mark, part in zip(marks, parts, strict=True):
            value = number(part, what="points", line=line, column=column + 1, field="points")
            lowest = self.limits["min_points"]
            if value < 0 and not (self.file.kind is Kind.SCORING and lowest is not None and lowest <= value):
                raise InputError("points cannot be negative", line=line, column=column + 1, field="points")
            if mark in summed:
                self._repair("repeated_option", "the ballot names a project twice", times, line, column, "points")
                value += summed[mark]
                most = self.limits["max_points"]
                if most is not None and value > most:
                    value = most
            summed[mark] = value
        for value in summed.values():
            denominator = Fraction(value).denominator
            if self.unit % denominator:
                while self.unit % denominator:
                    self.unit *= 2 if denominator % 2 == 0 and self.unit % 2 ** _twos(denominator) else 5
        return list(summed), list(summed.values())

    def _check(self, kind: Kind, marks: list[int], points: list[Number], line: int, column: int, times: int) -> None:
        """Limits that a ballot oversteps: refused when strict, kept and flagged when lenient."""
        limits = self.limits
        length = len(marks)
        most = limits["max_length"]
        if kind is Kind.CHOOSE_ONE:
            most = 1 if most is None else most
        if most is not None and length > most:
            self._repair(
                "too_many_options", f"the ballot names {length} projects, {most} allowed", times, line, column, "vote"
            )
        least = limits["min_length"]
        if least is not None and length < least:
            self._repair(
                "too_few_options", f"the ballot names {length} projects, {least} needed", times, line, column, "vote"
            )
        if limits["max_sum_cost"] is not None or limits["min_sum_cost"] is not None:
            total = sum(Fraction(self.costs[mark]) for mark in marks)
            if limits["max_sum_cost"] is not None and total > limits["max_sum_cost"]:
                self._repair(
                    "too_dear_ballot", "the ballot's projects cost more than allowed", times, line, column, "vote"
                )
            if limits["min_sum_cost"] is not None and total < limits["min_sum_cost"]:
                self._repair(
                    "too_cheap_ballot", "the ballot's projects cost less than needed", times, line, column, "vote"
                )
        if kind in POINTS:
            given = sum((Fraction(value) for value in points), start=Fraction(0))
            if limits["max_points"] is not None and any(value > limits["max_points"] for value in points):
                self._repair(
                    "too_many_points_for_one",
                    "the ballot gives one project more points than allowed",
                    times,
                    line,
                    column,
                    "points",
                )
            if kind is Kind.CUMULATIVE and limits["max_sum_points"] is not None and given > limits["max_sum_points"]:
                self._repair(
                    "too_many_points", "the ballot gives more points than allowed", times, line, column, "points"
                )
            if kind is Kind.CUMULATIVE and limits["min_sum_points"] is not None and given < limits["min_sum_points"]:
                self._repair(
                    "too_few_points", "the ballot gives fewer points than needed", times, line, column, "points"
                )


def _twos(value: int) -> int:
    return (value & -value).bit_length() - 1
