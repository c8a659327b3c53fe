# SPDX-License-Identifier: AGPL-3.0-or-later
"""What goes into a count and what comes out of it: options, ballots, elections, outcomes and reasons."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any

from voting.tally.ballots import Ballots, Key
from voting.tally.errors import TallyError

ENGINE = "folkmoot-tally/2"
"""The engine's version; it changes whenever any outcome or its form could."""

Number = int | Fraction
_EXACT = re.compile(r"-?\d{1,18}(?:\.\d{1,9}|/\d{1,9})?", re.ASCII)

MONEY = frozenset(
    {
        "budget",
        "collected",
        "cost",
        "increment",
        "left",
        "left_after",
        "left_before",
        "money",
        "money_behind",
        "money_then",
        "reserve",
        "short_by",
        "spent",
        "total_cost",
        "unspent",
    }
)
"""Names of numbers that are money: written as decimal strings, while other fractions are written "p/q"."""


class Kind(StrEnum):
    """How a ballot speaks about the options."""

    APPROVAL = "approval"
    CHOOSE_ONE = "choose-1"
    ORDINAL = "ordinal"
    CUMULATIVE = "cumulative"
    SCORING = "scoring"


POINTS = frozenset({Kind.CUMULATIVE, Kind.SCORING})
MARKS = frozenset({Kind.APPROVAL, Kind.CHOOSE_ONE})


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can win: a project with its cost, a candidate, an answer."""

    id: str
    cost: Number = 0
    name: str = ""
    withdrawn: bool = False
    district: str = ""


@dataclass(frozen=True, slots=True)
class Ballot:
    """One choice, cast by `weight` people.

    `choices` are option ids: approved ones, or a ranking from best to worst in which a tuple of ids stands for an
    equal rank. `points` goes with cumulative and scoring ballots, one number per choice.
    """

    choices: Sequence[str | tuple[str, ...]]
    points: Sequence[Number] = ()
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Repair:
    """What lenient reading changed or passed over, and how often."""

    code: str
    times: int = 1
    where: str = ""


@dataclass(frozen=True)
class Election:
    """Everything that a rule may look at; equal elections have equal outcomes."""

    kind: Kind
    options: tuple[Option, ...]
    ballots: Ballots
    budget: Number | None = None
    seats: int = 1
    blanks: int = 0
    threshold: Number | None = None
    invalid: Mapping[str, int] = field(default_factory=dict)
    repairs: tuple[Repair, ...] = ()
    title: str = ""
    skips: int | None = None
    """So many skipped ranks in a row ended a ballot when it was read; None: skipped ranks are passed over."""

    @cached_property
    def place(self) -> dict[str, int]:
        """Position of each option id in file order."""
        return {option.id: position for position, option in enumerate(self.options)}

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(option.id for option in self.options)

    @cached_property
    def costs(self) -> tuple[Number, ...]:
        return tuple(option.cost for option in self.options)

    @cached_property
    def standing(self) -> tuple[int, ...]:
        """Positions of the options that were not withdrawn."""
        return tuple(position for position, option in enumerate(self.options) if not option.withdrawn)

    @cached_property
    def supporters(self) -> tuple[int, ...]:
        """For each option, how many people marked it (with points: gave it more than zero)."""
        return self.ballots.supporters(len(self.options))

    @cached_property
    def scores(self) -> tuple[Number, ...]:
        """For each option its votes, its points, or for rankings L minus position summed over the ballots."""
        if self.kind in MARKS:
            return self.supporters
        if self.kind is Kind.ORDINAL:
            return self.ballots.positional_scores(len(self.options))
        return self.ballots.point_scores(len(self.options))

    def voters(self, *, blank_in_n: bool = False) -> int:
        """The number n of ballots that count."""
        return self.ballots.total + (self.blanks if blank_in_n else 0)

    @cached_property
    def sha256(self) -> str:
        """Hash of the normal form: a canonical JSON line, then the sorted ballots as little-endian integers."""
        head = {
            "blanks": self.blanks,
            "budget": None if self.budget is None else decimal(self.budget),
            "kind": str(self.kind),
            "options": [
                [option.id, decimal(option.cost), option.withdrawn, *([option.district] if option.district else [])]
                for option in self.options
            ],
            "seats": self.seats,
        }
        digest = hashlib.sha256(canonical_json(head).encode() + b"\n")
        for array in self.ballots.normal_form():
            digest.update(array)
        return digest.hexdigest()


def build_election(
    *,
    kind: Kind | str,
    options: Iterable[Option],
    ballots: Iterable[Ballot | Sequence[str | tuple[str, ...]] | Mapping[str, Number] | str],
    budget: Number | None = None,
    seats: int = 1,
    blanks: int = 0,
    threshold: Number | None = None,
    title: str = "",
    skips: int | None = None,
) -> Election:
    """Group ballots into an election, refusing unknown, repeated or empty choices; an empty ballot is a blank one.

    A ballot is a list of ids (a single id for choose-one), for points a mapping from id to points, or a `Ballot`. In a
    ranking `()` is a skipped rank: passed over, or with `skips` the end of the ballot after so many in a row.

    >>> town = build_election(kind="approval", options=[Option("park", 70), Option("well", 60)], budget=100,
    ...                       ballots=[["park"], ["well", "park"], []])
    >>> town.supporters, town.blanks
    ((2, 1), 1)
    """
    kind = Kind(kind)
    listed = tuple(options)
    place = {option.id: position for position, option in enumerate(listed)}
    if len(place) != len(listed):
        raise TallyError("two options have the same id")
    if seats < 1:
        raise TallyError("there must be at least one seat")
    unit = 1
    cast: list[tuple[Ballot, list[tuple[int, int]]]] = []
    for given in ballots:
        ballot = _as_ballot(given)
        if ballot.weight < 0:
            raise TallyError("a ballot cannot weigh less than nothing")
        marks = list(_marks(ballot, place, skips))
        if len({position for position, _ in marks}) != len(marks):
            raise TallyError(f"a ballot names an option twice: {list(ballot.choices)}")
        if kind is Kind.CHOOSE_ONE and len(marks) > 1:
            raise TallyError(f"a ballot names more than one option: {list(ballot.choices)}")
        if kind in POINTS:
            if len(ballot.points) != len(marks):
                raise TallyError("a ballot has not one number of points for each choice")
            for number in ballot.points:
                unit = _common(unit, number)
        elif kind is not Kind.ORDINAL and any(tied for _, tied in marks):
            raise TallyError("only a ranking can hold equal ranks")
        cast.append((ballot, marks))
    groups: dict[Key, int] = {}
    for ballot, marks in cast:
        if not marks:
            blanks += ballot.weight
            continue
        key: Key
        if kind in POINTS:
            points = [int(number * unit) for number in ballot.points]
            key = tuple(x for pair in sorted((m[0], p) for m, p in zip(marks, points, strict=True)) for x in pair)
        elif kind is Kind.ORDINAL:
            key = tuple(2 * position + tied for position, tied in marks)
        else:
            key = tuple(sorted(position for position, _ in marks))
        if ballot.weight:
            groups[key] = groups.get(key, 0) + ballot.weight
    shape = "points" if kind in POINTS else "ranks" if kind is Kind.ORDINAL else "marks"
    grouped = Ballots.from_groups(groups, shape=shape, unit=unit)
    return Election(
        kind=kind,
        options=listed,
        ballots=grouped,
        budget=budget,
        seats=seats,
        blanks=blanks,
        threshold=threshold,
        title=title,
        skips=skips,
    )


def _as_ballot(given: Ballot | Sequence[str | tuple[str, ...]] | Mapping[str, Number] | str) -> Ballot:
    if isinstance(given, Ballot):
        return given
    if isinstance(given, str):
        return Ballot((given,))
    if isinstance(given, Mapping):
        return Ballot(tuple(given), tuple(given.values()))
    return Ballot(given)


def _marks(ballot: Ballot, place: Mapping[str, int], skips: int | None) -> Iterable[tuple[int, int]]:
    skipped = 0
    for choice in ballot.choices:
        skipped = 0 if choice else skipped + 1
        if skips is not None and skipped >= skips:
            return
        for order, name in enumerate(choice if isinstance(choice, tuple) else (choice,)):
            if name not in place:
                raise TallyError(f"a ballot names an unknown option: {name!r}")
            yield place[name], int(order > 0)


def _common(unit: int, number: Number) -> int:
    denominator = Fraction(number).denominator
    return unit * denominator // _gcd(unit, denominator)


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


@dataclass(frozen=True, slots=True)
class Margin:
    """What would have changed an option's fate.

    For one that lost: at least `votes` more votes, or a cost lower by `cost`, would have made it win. For one that won:
    `votes` fewer votes, or a cost higher by more than `cost`, would have made it lose. None: no such number exists, or
    none is known. A number that is not exact is a bound: that much suffices, less might too.
    """

    votes: int | None = None
    votes_exact: bool = False
    cost: Number | None = None
    cost_exact: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {
            "votes": self.votes,
            "votes_exact": self.votes_exact,
            "cost": None if self.cost is None else decimal(self.cost),
            "cost_exact": self.cost_exact,
        }


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an option won or lost: a code for the sentence and the numbers that fill it."""

    code: str
    numbers: Mapping[str, Any] = field(default_factory=dict)
    margin: Margin | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "numbers": plain(self.numbers),
            "margin": None if self.margin is None else self.margin.as_dict(),
        }


@dataclass(frozen=True)
class Outcome:
    """The whole result of one count: who won, each round, and for each option the reason."""

    rule: str
    parameters: Mapping[str, Any]
    n: int
    blanks: int
    winners: tuple[str, ...]
    options: Mapping[str, Reason]
    rounds: tuple[Mapping[str, Any], ...] = ()
    ties: tuple[Mapping[str, Any], ...] = ()
    verdict: str = ""
    total_cost: Number = 0
    unspent: Number | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    invalid: Mapping[str, int] = field(default_factory=dict)
    repairs: tuple[Repair, ...] = ()
    input_sha256: str = ""
    engine: str = ENGINE

    @cached_property
    def _body(self) -> dict[str, Any]:
        return {
            "engine": self.engine,
            "rule": self.rule,
            "parameters": plain(self.parameters),
            "n": self.n,
            "blanks": self.blanks,
            "invalid": dict(self.invalid),
            "repairs": [{"code": r.code, "times": r.times, "where": r.where} for r in self.repairs],
            "winners": list(self.winners),
            "verdict": self.verdict,
            "total_cost": decimal(self.total_cost),
            "unspent": None if self.unspent is None else decimal(self.unspent),
            "facts": plain(self.facts),
            "rounds": [plain(entry) for entry in self.rounds],
            "options": {name: reason.as_dict() for name, reason in self.options.items()},
            "ties": [plain(tie) for tie in self.ties],
            "input_sha256": self.input_sha256,
        }

    @cached_property
    def sha256(self) -> str:
        """Hash of the canonical form of everything else in the outcome."""
        return hashlib.sha256(canonical_json(self._body).encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """The outcome as plain JSON values: fractions as "p/q", money as decimal strings, counts as integers."""
        return {**self._body, "sha256": self.sha256}

    def canonical(self) -> str:
        return canonical_json(self.as_dict())


def exact(value: Number | str, *, what: str) -> Fraction:
    """The number that a parameter of a rule gives; text is "12", "0.5" or "1/2", for an exponent could hide a huge one.

    >>> exact("1/2", what="the share")
    Fraction(1, 2)
    """
    if isinstance(value, bool | float) or not isinstance(value, int | Fraction | str):
        raise TallyError(f"{what} is not an exact number")
    if isinstance(value, str):
        numbers = value.strip()
        if not _EXACT.fullmatch(numbers) or not int(numbers.partition("/")[2] or 1):
            raise TallyError(f"{what} is not a number: {value[:40]!r}")
        return Fraction(numbers)
    return Fraction(value)


def decimal(value: Number) -> str:
    """Write money as a decimal string; only an amount that no decimal can write stays "p/q".

    >>> decimal(4500), decimal(Fraction(49, 20)), decimal(Fraction(-1, 8)), decimal(Fraction(1, 3))
    ('4500', '2.45', '-0.125', '1/3')
    """
    number = Fraction(value)
    rest, digits, twos, fives = number.denominator, 0, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return str(number)
    digits = max(twos, fives)
    whole = abs(number.numerator) * 10**digits // number.denominator
    text = str(whole).rjust(digits + 1, "0")
    sign = "-" if number < 0 else ""
    return sign + (text if digits == 0 else f"{text[:-digits]}.{text[-digits:]}")


def plain(value: Any, name: str = "") -> Any:
    """Turn numbers, tuples and mappings into JSON values by the rules of the trail."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return str(value) if isinstance(value, StrEnum) else value
    if isinstance(value, Mapping):
        return {str(key): plain(inner, name if name in MONEY else str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner, name) for inner in value]
    if isinstance(value, int | Fraction):
        if name in MONEY:
            return decimal(value)
        return str(value) if isinstance(value, Fraction) else value
    raise TypeError(f"a trail cannot hold {type(value).__name__}")


def canonical_json(value: Any) -> str:
    """One way only to write a value: sorted keys, no spaces, no escapes beyond JSON's own."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
