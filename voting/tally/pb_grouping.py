# SPDX-License-Identifier: AGPL-3.0-or-later
"""The votes of a `.pb` file as grouped ballots: what must be repaired is repaired and listed, or refused.

Rows that are plain in every respect are grouped with whole-array steps. All others, and whole files that are unusual,
go through the careful steps one by one; those alone repair and complain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import chain
from math import ceil, floor, lcm
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from voting.tally.ballots import Ballots, Cells, Key, padded
from voting.tally.errors import InputError, gettext_noop
from voting.tally.pb_sections import NO_POINTS, VoteRows, number, split
from voting.tally.tokens import EMPTY, PlainTable
from voting.tally.types import POINTS, Kind, Number, Repair

NAMED_TWICE = gettext_noop("the ballot names a project twice")
LIMITS = ("min_length", "max_length", "min_sum_cost", "max_sum_cost", "min_points", "max_points", "min_sum_points", "max_sum_points")  # fmt: skip


class Priced(Protocol):
    """A project, as far as its ballots need it."""

    @property
    def id(self) -> str: ...

    @property
    def cost(self) -> Number: ...


class Grouping:
    """Turns rows into grouped ballots once, and remembers what had to be repaired."""

    def __init__(
        self,
        kind: Kind,
        projects: Sequence[Priced],
        columns: Sequence[str],
        rows: VoteRows,
        limit: Callable[[str], Number | None],
        *,
        lenient: bool,
    ) -> None:
        self.kind, self.rows, self.lenient = kind, rows, lenient
        self.at_vote = columns.index("vote")
        self.at_points = columns.index("points") if "points" in columns else None
        self.ids = [project.id for project in projects]
        self.place = {name: position for position, name in enumerate(self.ids)}
        self.costs = [project.cost for project in projects]
        self.repaired: Counter[str] = Counter()
        self.where: dict[str, str] = {}
        self.invalid: Counter[str] = Counter()
        self.blanks = 0
        self.unit = 1
        self.limits = {name: limit(name) for name in LIMITS}

    def repairs(self) -> tuple[Repair, ...]:
        return tuple(Repair(code, times, self.where[code]) for code, times in sorted(self.repaired.items()))

    def ballots(self) -> Ballots:
        """All ballots, grouped; blank ones are counted apart."""
        if self.kind in POINTS:
            return Ballots.from_groups(self._groups(range(len(self.rows))), shape="points", unit=self.unit)
        shape = "ranks" if self.kind is Kind.ORDINAL else "marks"
        plain = self._plain()
        if plain is not None:
            rows, odd = plain
            quick = self._together(rows, self._groups(odd), shape)
            if quick is not None:
                return quick
        return Ballots.from_groups(self._groups(range(len(self.rows))), shape=shape)

    # -- plain rows ----------------------------------------------------------------------------------------------

    def _plain(self) -> tuple[Cells, list[int]] | None:
        """The plain rows as positions plus one, filled up with noughts, and which rows are not plain."""
        if not isinstance(self.rows, PlainTable):
            return None
        listed = self.rows.lists(self.at_vote, self.ids)
        if listed is None:
            return None
        places, lengths = listed
        owners = np.repeat(np.arange(len(lengths)), lengths)
        odd = np.zeros(len(lengths), dtype=np.bool_)
        odd[owners[places < 0]] = True
        blank = np.zeros_like(odd)
        blank[owners[(places == EMPTY) & (lengths[owners] == 1)]] = True
        kept = np.flatnonzero(~odd)
        choices, lengths = places[~odd[owners]], lengths[kept]
        rows = padded(choices, lengths, len(self.ids))
        if rows is None:
            return None
        # A nought less one is the largest number there is, so the filling is sorted to the end.
        ordered = np.sort(rows - rows.dtype.type(1), axis=1) + rows.dtype.type(1)
        unusual = ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] > 0)).any(axis=1)
        for faulty in self._beyond_limits(choices, lengths):
            unusual |= faulty
        odd[kept[unusual]] = True
        self.blanks += int(blank.sum())
        rows = rows if self.kind is Kind.ORDINAL else ordered
        return rows[~unusual], np.flatnonzero(odd & ~blank).tolist()

    def _beyond_limits(self, choices: NDArray[np.int64], lengths: NDArray[np.int64]) -> Iterable[NDArray[np.bool_]]:
        """For each limit the ballots that overstep it, which is settled by whole numbers."""
        most, least = self._most(), self.limits["min_length"]
        if most is not None:
            yield lengths > floor(most)
        if least is not None:
            yield lengths < ceil(least)
        dearest, cheapest = self.limits["max_sum_cost"], self.limits["min_sum_cost"]
        if (dearest is not None or cheapest is not None) and len(lengths):
            unit = lcm(1, *(Fraction(cost).denominator for cost in self.costs))
            whole = [int(cost * unit) for cost in self.costs]
            if sum(whole) >= 2**62:
                yield np.ones(len(lengths), dtype=np.bool_)
                return
            starts = np.cumsum(lengths) - lengths
            totals = np.add.reduceat(np.array(whole, dtype=np.int64)[choices], starts)
            if dearest is not None:
                yield totals > min(floor(dearest * unit), 2**62)
            if cheapest is not None:
                yield totals < min(ceil(cheapest * unit), 2**62)

    def _together(self, rows: Cells, groups: dict[Key, int], shape: str) -> Ballots | None:
        """Plain rows and the groups that were made carefully, as one."""
        weights = np.ones(len(rows), dtype=np.int64)
        if groups:
            keys = list(groups)
            flat = np.fromiter(chain.from_iterable(keys), dtype=np.int64)
            lengths = np.array([len(key) for key in keys], dtype=np.int64)
            more = padded(flat >> 1 if shape == "ranks" else flat, lengths, len(self.ids))
            if more is None:
                return None
            both = np.zeros((len(rows) + len(more), max(rows.shape[1], more.shape[1])), dtype=rows.dtype)
            both[: len(rows), : rows.shape[1]] = rows
            both[len(rows) :, : more.shape[1]] = more
            rows = both
            weights = np.concatenate([weights, np.array(list(groups.values()), dtype=np.int64)])
        return Ballots.from_padded(rows, weights, len(self.ids), shape=shape)

    # -- one by one ----------------------------------------------------------------------------------------------

    def _groups(self, positions: Sequence[int]) -> dict[Key, int]:
        """The ballots of these rows, each different one looked at once, in the order of the file."""
        kind, at_vote, at_points = self.kind, self.at_vote, self.at_points
        if kind in POINTS and at_points is None:
            raise InputError(gettext_noop("a %(kind)s file needs a column 'points' in VOTES"), kind=str(kind))
        first: dict[tuple[str, str], int] = {}
        counted: Counter[tuple[str, str]] = Counter()
        for position in positions:
            row, line = self.rows.row(position)
            cells = (row[at_vote], row[at_points] if kind in POINTS and at_points is not None else "")
            counted[cells] += 1
            first.setdefault(cells, line)
        ballots: list[tuple[list[int], list[Number], int]] = []
        for cells, line in first.items():
            times = counted[cells]
            marks = self._marks(cells[0], line, at_vote, times)
            if marks is None:
                continue
            points: list[Number] = []
            if kind in POINTS and at_points is not None:
                marks, points = self._points(marks, cells[1], line, at_points, times)
            else:
                marks = self._once(marks, line, at_vote, times)
            if not marks:
                self.blanks += times
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
        return groups

    def _most(self) -> Number | None:
        """The most projects that a ballot may name."""
        most = self.limits["max_length"]
        return 1 if most is None and self.kind is Kind.CHOOSE_ONE else most

    def _repair(
        self, code: str, sentence: str, times: int, line: int, column: int, field: str, **values: object
    ) -> None:
        """Note a repair, or refuse the file where reading is strict."""
        if not self.lenient:
            raise InputError(sentence, line=line, column=column + 1, field=field, **values)
        self.repaired[code] += times
        self.where.setdefault(code, f"line {line}")

    def _marks(self, cell: str, line: int, column: int, times: int) -> list[int] | None:
        marks = []
        for name in split(cell):
            position = self.place.get(name)
            if position is None:
                said = gettext_noop("the ballot names an unknown project: %(name)s")
                self._repair("unknown_option", said, times, line, column, "vote", name=repr(name))
                self.invalid["unknown_option"] += times
                return None
            marks.append(position)
        return marks

    def _once(self, marks: list[int], line: int, column: int, times: int) -> list[int]:
        if len(set(marks)) == len(marks):
            return marks
        self._repair("repeated_option", NAMED_TWICE, times, line, column, "vote")
        return list(dict.fromkeys(marks))

    def _points(
        self, marks: list[int], cell: str, line: int, column: int, times: int
    ) -> tuple[list[int], list[Number]]:
        parts = split(cell)
        if not parts:
            return [], []
        if len(parts) != len(marks):
            raise InputError(
                gettext_noop("the numbers of projects and of points differ: %(projects)s and %(points)s"),
                line=line,
                column=column + 1,
                field="points",
                projects=len(marks),
                points=len(parts),
            )
        summed: dict[int, Number] = {}
        for mark, part in zip(marks, parts, strict=True):
            value = number(part, said=NO_POINTS, line=line, column=column + 1, field="points")
            lowest = self.limits["min_points"]
            if value < 0 and not (self.kind is Kind.SCORING and lowest is not None and lowest <= value):
                raise InputError(
                    gettext_noop("points cannot be negative"), line=line, column=column + 1, field="points"
                )
            if mark in summed:
                self._repair("repeated_option", NAMED_TWICE, times, line, column, "points")
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
        most = self._most()
        if most is not None and length > most:
            said = gettext_noop("the ballot names too many projects: %(length)s instead of at most %(most)s")
            self._repair("too_many_options", said, times, line, column, "vote", length=length, most=str(most))
        least = limits["min_length"]
        if least is not None and length < least:
            said = gettext_noop("the ballot names too few projects: %(length)s instead of at least %(least)s")
            self._repair("too_few_options", said, times, line, column, "vote", length=length, least=str(least))
        if limits["max_sum_cost"] is not None or limits["min_sum_cost"] is not None:
            total = sum(Fraction(self.costs[mark]) for mark in marks)
            if limits["max_sum_cost"] is not None and total > limits["max_sum_cost"]:
                said = gettext_noop("the ballot's projects cost more than allowed")
                self._repair("too_dear_ballot", said, times, line, column, "vote")
            if limits["min_sum_cost"] is not None and total < limits["min_sum_cost"]:
                said = gettext_noop("the ballot's projects cost less than needed")
                self._repair("too_cheap_ballot", said, times, line, column, "vote")
        if kind in POINTS:
            column = column if self.at_points is None else self.at_points
            given = sum((Fraction(value) for value in points), start=Fraction(0))
            if limits["max_points"] is not None and any(value > limits["max_points"] for value in points):
                said = gettext_noop("the ballot gives one project more points than allowed")
                self._repair("too_many_points_for_one", said, times, line, column, "points")
            if kind is Kind.CUMULATIVE and limits["max_sum_points"] is not None and given > limits["max_sum_points"]:
                said = gettext_noop("the ballot gives more points than allowed")
                self._repair("too_many_points", said, times, line, column, "points")
            if kind is Kind.CUMULATIVE and limits["min_sum_points"] is not None and given < limits["min_sum_points"]:
                said = gettext_noop("the ballot gives fewer points than needed")
                self._repair("too_few_points", said, times, line, column, "points")


def _twos(value: int) -> int:
    return (value & -value).bit_length() - 1
