# SPDX-License-Identifier: AGPL-3.0-or-later
"""The CSV files of the Scottish elections collection (mggg/scot-elex): counted rankings, then candidates and ward."""

from __future__ import annotations

import csv
import io
import re

from voting.tally.ballots import Ballots, Key
from voting.tally.blt import MOST_OPTIONS, decode
from voting.tally.errors import InputError
from voting.tally.types import Election, Kind, Option


def parse(data: bytes | str, *, lenient: bool = False) -> Election:
    """Read `candidates,seats,` then `weight,candidate,...,` then the candidates' names and parties, and the ward."""
    text = decode(data) if isinstance(data, bytes) else data.removeprefix("\ufeff")
    rows = []
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                rows.append((cells, reader.line_num))
    except csv.Error as error:
        raise InputError(f"the file cannot be split into cells ({error})", line=reader.line_num) from None
    if not rows or len(rows[0][0]) != 2:
        raise InputError("the first line gives the number of candidates and of seats", line=1)
    head, line = rows[0]
    options, seats = (_whole(cell, "a number of the first line", line, i + 1) for i, cell in enumerate(head))
    if not 1 <= options <= MOST_OPTIONS or seats < 1:
        raise InputError("the first line gives the number of candidates and of seats", line=line)
    groups: dict[Key, int] = {}
    blanks = 0
    position = 1
    while position < len(rows) and re.fullmatch(r"\d+", rows[position][0][0], re.ASCII):
        cells, line = rows[position]
        weight = _whole(cells[0], "a weight", line, 1)
        marks: list[int] = []
        for column, cell in enumerate(cells[1:], 2):
            number = _whole(cell, "a candidate", line, column)
            if not 1 <= number <= options:
                raise InputError(f"there is no candidate {number}", line=line, column=column)
            if number - 1 in marks:
                if not lenient:
                    raise InputError(f"the ballot names candidate {number} twice", line=line, column=column)
                continue
            marks.append(number - 1)
        if not marks:
            blanks += weight
        elif weight:
            key = tuple(2 * mark for mark in marks)
            groups[key] = groups.get(key, 0) + weight
        position += 1
    names: dict[int, str] = {}
    title = ""
    for cells, line in rows[position:]:
        found = re.fullmatch(r"Candidate (\d+)", cells[0], re.ASCII)
        if found and len(cells) >= 2:
            names[int(found.group(1))] = cells[1] + (f" ({cells[2]})" if len(cells) > 2 else "")
        elif len(cells) == 1:
            title = cells[0]
        else:
            raise InputError(f"this line is no ballot and no candidate: {cells[0][:40]!r}", line=line, column=1)
    return Election(
        kind=Kind.ORDINAL,
        options=tuple(Option(str(i), 0, names.get(i, str(i))) for i in range(1, options + 1)),
        ballots=Ballots.from_groups(groups, shape="ranks"),
        seats=seats,
        blanks=blanks,
        title=title,
    )


def write(election: Election) -> str:
    """The election in the collection's CSV form; it has no place for equal ranks or withdrawn candidates."""
    if election.ballots.tied is not None or any(option.withdrawn for option in election.options):
        raise InputError("this form cannot hold equal ranks or withdrawn candidates")
    lines = [f"{len(election.options)},{election.seats},"]
    for choices, _, weight in election.ballots.rows():
        lines.append(",".join([str(weight), *(str(choice + 1) for choice in choices)]) + ",")
    if election.blanks:
        lines.append(f"{election.blanks},")
    for number, option in enumerate(election.options, 1):
        lines.append(f'"Candidate {number}",{_quoted(option.name or option.id)},')
    lines.append(_quoted(election.title) + ",")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + " ".join(text.split()).replace('"', '""') + '"'


def _whole(text: str, what: str, line: int, column: int) -> int:
    if not re.fullmatch(r"\d{1,15}", text, re.ASCII):
        raise InputError(f"{what} is not a whole number: {text[:40]!r}", line=line, column=column)
    return int(text)
