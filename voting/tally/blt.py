# SPDX-License-Identifier: AGPL-3.0-or-later
"""BLT files (Hill, Wichmann and Woodall; OpenSTV, OpaVote, Droop): rankings with weights, then names and a title."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from voting.tally.ballots import Ballots, Key
from voting.tally.errors import InputError
from voting.tally.tokens import whole_numbers
from voting.tally.types import Election, Kind, Option, Repair

MOST_OPTIONS = 10_000
_TOKEN = re.compile(r"\S+")
_LONE_ZERO = re.compile(rb"\n[ \t]*0[ \t]*(?:#[^\n]*)?\r?(?=\n)")
_ALTERNATIVE = re.compile(r"#\s*ALTERNATIVE NAME (\d+):\s*(.+)")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the file and where it stands."""

    text: str
    line: int
    column: int


def parse(data: bytes | str, *, lenient: bool = False, skips: int | None = None) -> Election:
    """Read a BLT file; options are called by their numbers from 1.

    `skips` skipped ranks in a row (`-`) end a ballot, as in Maine and New York two do; else they are passed over.
    """
    if isinstance(data, bytes):
        quick = _quick(data)
        if quick is not None:
            return quick if skips is None else replace(quick, skips=skips)
        text = decode(data)
    else:
        text = data
    return _Reader(text, lenient=lenient, skips=skips).election()


def decode(data: bytes) -> str:
    """UTF-8 with or without BOM."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("the file is not UTF-8 text", line=data[: error.start].count(b"\n") + 1) from None


def write(election: Election) -> str:
    """The election as a BLT file; reading it back gives an equal one."""
    lines = [f"{len(election.options)} {election.seats}"]
    gone = [str(-number) for number, option in enumerate(election.options, 1) if option.withdrawn]
    if gone:
        lines.append(" ".join(gone))
    for choices, tied, weight in election.ballots.rows():
        ranked: list[str] = []
        for choice, level in zip(choices, tied, strict=True):
            if level and election.ballots.points is None:
                ranked[-1] += f"={choice + 1}"
            else:
                ranked.append(str(choice + 1))
        lines.append(" ".join([str(weight), *ranked, "0"]))
    if election.blanks:
        lines.append(f"{election.blanks} 0")
    lines.append("0")
    lines += [_quoted(option.name or option.id) for option in election.options]
    lines.append(_quoted(election.title))
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + " ".join(text.split()).replace('"', '""') + '"'


class _Reader:
    """Reads word by word, so that every complaint can name its line and column."""

    def __init__(self, text: str, *, lenient: bool, skips: int | None = None) -> None:
        self.lenient, self.skips = lenient, skips
        self.lines = text.split("\n")
        self.repairs: Counter[str] = Counter()
        self.where: dict[str, str] = {}
        self.invalid: Counter[str] = Counter()
        self.next_line = 0

    def election(self) -> Election:
        tokens = self._tokens()
        options = self._whole(next(tokens, None), "the number of candidates")
        seats = self._whole(next(tokens, None), "the number of seats")
        if not 1 <= options <= MOST_OPTIONS:
            raise InputError(f"there are {options} candidates; between 1 and {MOST_OPTIONS} can be counted", line=1)
        if seats < 1:
            raise InputError("there must be at least one seat", line=1)
        withdrawn: set[int] = set()
        groups: dict[Key, int] = {}
        blanks = 0
        closed = False
        for token in tokens:
            if token.text.startswith("["):
                self._pass_option(token, tokens)
                continue
            if token.text.startswith("("):
                token = self._after_ballot_id(token, tokens)
            if token.text.startswith("-") and not groups and not blanks:
                number = -self._integer(token, "a withdrawn candidate")
                self._known(number, options, token)
                withdrawn.add(number - 1)
                continue
            weight = self._whole(token, "a ballot's weight")
            if weight == 0:
                closed = True
                break
            key = self._ranking(tokens, options, weight)
            if key:
                groups[key] = groups.get(key, 0) + weight
            else:
                blanks += weight
        if not closed:
            raise InputError("the ballots do not end with a line '0'", line=len(self.lines))
        names, title = self._names(options)
        return Election(
            kind=Kind.ORDINAL,
            options=tuple(Option(str(i + 1), 0, names[i], i in withdrawn) for i in range(options)),
            ballots=Ballots.from_groups(groups, shape="ranks"),
            seats=seats,
            blanks=blanks,
            invalid=dict(self.invalid),
            repairs=tuple(Repair(code, times, self.where[code]) for code, times in sorted(self.repairs.items())),
            title=title,
            skips=self.skips,
        )

    def _tokens(self) -> Iterator[Token]:
        for number, raw in enumerate(self.lines):
            self.next_line = number + 1
            body = raw.split("#", 1)[0]
            for found in _TOKEN.finditer(body):
                yield Token(found.group(), number + 1, found.start() + 1)

    def _integer(self, token: Token | None, what: str) -> int:
        if token is None:
            raise InputError(f"the file ends where {what} should stand", line=len(self.lines))
        if not re.fullmatch(r"[+-]?\d{1,15}", token.text, re.ASCII):
            shown = token.text[:40]
            raise InputError(f"{what} is not a whole number: {shown!r}", line=token.line, column=token.column)
        return int(token.text)

    def _whole(self, token: Token | None, what: str) -> int:
        value = self._integer(token, what)
        if value < 0 and token is not None:
            raise InputError(f"{what} cannot be negative", line=token.line, column=token.column)
        return value

    def _known(self, number: int, options: int, token: Token) -> None:
        if not 1 <= number <= options:
            raise InputError(f"there is no candidate {number}", line=token.line, column=token.column)

    def _pass_option(self, token: Token, tokens: Iterator[Token]) -> None:
        """Extensions in brackets say nothing that changes a count here."""
        while not token.text.endswith("]"):
            following = next(tokens, None)
            if following is None:
                raise InputError("an option in [brackets] is not closed", line=token.line, column=token.column)
            token = following

    def _after_ballot_id(self, token: Token, tokens: Iterator[Token]) -> Token:
        start = token
        while not token.text.endswith(")"):
            following = next(tokens, None)
            if following is None:
                raise InputError("a ballot's (id) is not closed", line=start.line, column=start.column)
            token = following
        following = next(tokens, None)
        if following is None:
            raise InputError("a ballot's weight is missing", line=start.line, column=start.column)
        return following

    def _ranking(self, tokens: Iterator[Token], options: int, weight: int) -> Key:
        key: list[int] = []
        seen: set[int] = set()
        equal = ended = False
        skipped = 0
        for token in tokens:
            for part in re.findall(r"=|[^=]+", token.text):
                if part == "=":
                    equal = True
                    continue
                if part == "-":
                    equal = False
                    skipped += 1
                    if skipped == self.skips:
                        ended = True
                        self.repairs["ended_by_skips"] += weight
                        self.where.setdefault("ended_by_skips", f"line {token.line}")
                    continue
                skipped = 0
                number = self._whole(Token(part, token.line, token.column), "a candidate")
                if number == 0:
                    return tuple(key)
                self._known(number, options, token)
                if number in seen:
                    self._repair("repeated_option", f"the ballot names candidate {number} twice", weight, token)
                elif not ended:
                    seen.add(number)
                    key.append(2 * (number - 1) + (1 if equal and key else 0))
                equal = False
        raise InputError("the last ballot does not end with 0", line=len(self.lines))

    def _repair(self, code: str, sentence: str, times: int, token: Token) -> None:
        if not self.lenient:
            raise InputError(sentence, line=token.line, column=token.column)
        self.repairs[code] += times
        self.where.setdefault(code, f"line {token.line}")

    def _names(self, options: int) -> tuple[list[str], str]:
        """Names and title, quoted or one to a line; a lone text is the title."""
        texts = []
        told: dict[int, str] = {}
        for raw in self.lines[self.next_line :]:
            alternative = _ALTERNATIVE.match(raw.strip())
            if alternative:
                told[int(alternative.group(1))] = alternative.group(2).strip()
            texts += list(_texts(raw.strip()))
        names = [told.get(i + 1, str(i + 1)) for i in range(options)]
        if len(texts) <= 1:
            return names, texts[0] if texts else ""
        if len(texts) < options:
            if not self.lenient:
                raise InputError(f"{options} candidates have {len(texts)} names", line=len(self.lines))
            self.repairs["names_missing"] += 1
            self.where.setdefault("names_missing", f"line {len(self.lines)}")
            return [*texts, *names[len(texts) :]], ""
        return texts[:options], texts[options] if len(texts) > options else ""


def _texts(line: str) -> Iterator[str]:
    """Quoted texts of a line, or the whole line where it has no leading quote."""
    if not line or line.startswith("#"):
        return
    if not line.startswith('"'):
        yield line
        return
    rest = line
    while rest.startswith('"'):
        found = re.match(r'"((?:[^"]|"")*)"?', rest)
        if found is None:
            break
        yield found.group(1).replace('""', '"')
        rest = rest[found.end() :].lstrip()


# -- the quick road: files whose ballots are nothing but numbers --------------------------------------------------


def _quick(data: bytes) -> Election | None:
    """Read plain ballots with whole-array steps; None wherever anything is unusual, for the careful reader."""
    end = _LONE_ZERO.search(data)
    if end is None:
        return None
    head = data[: end.start() + 1]
    if (
        b"\xef\xbb\xbf" in head[:3]
        or b"#" in head
        or not re.fullmatch(rb"\s*\d{1,4} \d{1,4}\s*", head[: head.find(b"\n") + 1])
    ):
        return None
    values = whole_numbers(head)
    if values is None or len(values) < 2:
        return None
    options, seats = int(values[0]), int(values[1])
    if not 1 <= options <= 255 or seats < 1:
        return None
    body = values[2:]
    stops = np.flatnonzero(body == 0)
    if not len(body) or not len(stops) or stops[-1] != len(body) - 1:
        return None
    starts = np.concatenate([[0], stops[:-1] + 1])
    weights = body[starts]
    lengths = stops - starts - 1
    if (lengths < 0).any() or (weights <= 0).any():
        return None
    keep = body != 0
    keep[starts] = False
    choices = body[keep]
    if len(choices) and int(choices.max()) > options:
        return None
    choices = choices.astype(np.uint8) - np.uint8(1)
    try:
        text = data[end.end() :].decode("utf-8")
    except UnicodeDecodeError:
        return None
    grouped = Ballots.from_flat(choices, lengths, weights, options)
    if grouped is None:
        return None
    reader = _Reader(text, lenient=False)
    try:
        names, title = reader._names(options)
    except InputError:
        return None  # the careful reader knows the line, and may repair
    return Election(
        kind=Kind.ORDINAL,
        options=tuple(Option(str(i + 1), 0, names[i]) for i in range(options)),
        ballots=grouped,
        seats=seats,
        blanks=int(weights[lengths == 0].sum()),
        title=title,
    )
