# SPDX-License-Identifier: AGPL-3.0-or-later
"""PrefLib `.soi`, `.soc`, `.toi` and `.toc` files: a header of `# KEY: value` lines, then counted orders."""

from __future__ import annotations

import re
from collections import Counter

from voting.tally.ballots import Ballots, Key
from voting.tally.blt import MOST_OPTIONS, decode
from voting.tally.errors import InputError
from voting.tally.types import Election, Kind, Option, Repair

_HEADER = re.compile(r"#\s*([^:]+?)\s*:\s*(.*)")
_ORDER = re.compile(r"\{[^{}]*\}|[^,{}]+|,")


def parse(data: bytes | str, *, lenient: bool = False) -> Election:
    """Read an order file; `{2,3}` is an equal rank (in files of US elections: an overvote), an empty order is blank."""
    text = decode(data) if isinstance(data, bytes) else data.removeprefix("\ufeff")
    header: dict[str, str] = {}
    groups: dict[Key, int] = {}
    names: dict[int, str] = {}
    repairs: Counter[str] = Counter()
    where: dict[str, str] = {}
    blanks = voters = 0
    options = 0
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line:
            continue
        if line.startswith("#"):
            found = _HEADER.fullmatch(line)
            if found:
                key, value = found.group(1).upper(), found.group(2).strip()
                header[key] = value
                if key.startswith("ALTERNATIVE NAME "):
                    told = found.group(1)[len("ALTERNATIVE NAME ") :]
                    names[_whole(told, "an alternative's number", number)] = value
            continue
        if not options:
            options = _whole(header.get("NUMBER ALTERNATIVES", ""), "NUMBER ALTERNATIVES", number)
            if not 1 <= options <= MOST_OPTIONS:
                raise InputError(f"there are {options} alternatives; between 1 and {MOST_OPTIONS} can be counted")
            if "imbued" in header.get("MODIFICATION TYPE", "").lower():
                raise InputError("this file was completed by machine (imbued); its orders are not ballots", line=number)
        count, colon, order = line.partition(":")
        if not colon:
            raise InputError("an order is written 'count: first,second'", line=number, column=1)
        times = _whole(count.strip(), "the count of an order", number)
        voters += times
        ranking = _order(order, options, number, len(count) + 2, times, lenient, repairs, where)
        if not ranking:
            blanks += times
        elif times:
            groups[ranking] = groups.get(ranking, 0) + times
    if not options:
        options = _whole(header.get("NUMBER ALTERNATIVES", ""), "NUMBER ALTERNATIVES", 1)
        if not 1 <= options <= MOST_OPTIONS:
            raise InputError(f"there are {options} alternatives; between 1 and {MOST_OPTIONS} can be counted")
    told = header.get("NUMBER VOTERS", "")
    if told.isdigit() and int(told) != voters:
        if not lenient:
            raise InputError(f"the header speaks of {told} voters and the orders add up to {voters}")
        repairs["voters_differ"] += 1
        where["voters_differ"] = "header"
    return Election(
        kind=Kind.ORDINAL,
        options=tuple(Option(str(i), 0, names.get(i, str(i))) for i in range(1, options + 1)),
        ballots=Ballots.from_groups(groups, shape="ranks"),
        blanks=blanks,
        repairs=tuple(Repair(code, times, where[code]) for code, times in sorted(repairs.items())),
        title=header.get("TITLE", ""),
    )


def write(election: Election, *, suffix: str = "toi") -> str:
    """The election as a PrefLib order file."""
    lines = [
        f"# TITLE: {' '.join(election.title.split())}",
        f"# DATA TYPE: {suffix}",
        "# MODIFICATION TYPE: original",
        f"# NUMBER ALTERNATIVES: {len(election.options)}",
        f"# NUMBER VOTERS: {election.ballots.total + election.blanks}",
        f"# NUMBER UNIQUE ORDERS: {len(election.ballots) + (1 if election.blanks else 0)}",
    ]
    for number, option in enumerate(election.options, 1):
        lines.append(f"# ALTERNATIVE NAME {number}: {' '.join((option.name or option.id).split())}")
    for choices, tied, weight in election.ballots.rows():
        levels: list[list[str]] = []
        for choice, level in zip(choices, tied, strict=True):
            if level and election.ballots.points is None:
                levels[-1].append(str(choice + 1))
            else:
                levels.append([str(choice + 1)])
        order = ",".join(level[0] if len(level) == 1 else "{" + ",".join(level) + "}" for level in levels)
        lines.append(f"{weight}: {order}")
    if election.blanks:
        lines.append(f"{election.blanks}: ")
    return "\n".join(lines) + "\n"


def _order(
    text: str,
    options: int,
    line: int,
    offset: int,
    times: int,
    lenient: bool,
    repairs: Counter[str],
    where: dict[str, str],
) -> Key:
    key: list[int] = []
    seen: set[int] = set()
    position = 0
    for found in _ORDER.finditer(text):
        if found.start() != position:
            raise InputError("an order has a stray bracket", line=line, column=offset + position)
        position = found.end()
        part = found.group()
        if part == ",":
            continue
        braced = part.startswith("{")
        inner = part.strip("{}")
        members = [member.strip() for member in inner.split(",")] if inner.strip() else []
        first = True
        column = offset + position - len(part.lstrip())
        for member in members:
            number = _whole(member, "an alternative", line, column)
            if not 1 <= number <= options:
                raise InputError(f"there is no alternative {number}", line=line, column=column)
            if number in seen:
                if not lenient:
                    raise InputError(f"the order names {number} twice", line=line, column=column)
                repairs["repeated_option"] += times
                where.setdefault("repeated_option", f"line {line}")
                continue
            seen.add(number)
            key.append(2 * (number - 1) + (0 if first or not braced else 1))
            first = False
    if position != len(text):
        raise InputError("an order has a stray bracket", line=line, column=offset + position)
    return tuple(key)


def _whole(text: str, what: str, line: int, column: int | None = None) -> int:
    if not re.fullmatch(r"\d{1,15}", text.strip(), re.ASCII):
        raise InputError(f"{what} is not a whole number: {text.strip()[:40]!r}", line=line, column=column)
    return int(text)
