# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the measurements of the counting engine say: who elected others, how many times faster, which goals are met.

A missing figure never helps: a goal without it is not met. A peer that was stopped gives a lower bound of its time, so
every ratio made from it is a lower bound too, and so is a middle of such ratios.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.tally_files import CITY, NATION, TOWN

TINIEST = 1e-6  # seconds, below which no clock can be believed


@dataclass(frozen=True)
class Measured:
    """What one contender did with one file: seconds for reading and counting, megabytes, winners, or why not."""

    read: float | None = None
    count: float | None = None
    megabytes: float | None = None
    winners: tuple[str, ...] | None = None
    stopped: str = ""
    bound: bool = False  # it was stopped: the last of its times is at least that

    @property
    def all(self) -> float | None:
        if self.read is None or (self.count is None and not self.bound):
            return None
        return self.read + (self.count or 0.0)


@dataclass
class Row:
    """One contest by one rule: ours beside the peers, with the reason why a peer may elect others."""

    contest: str
    kind: str
    rule: str
    ours: Measured
    peers: dict[str, Measured] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def ratio(self, peer: str, part: str) -> tuple[float, bool] | None:
        """How many times the time of ours the peer took for "count" or "all", and whether that is a bound."""
        theirs = self.peers.get(peer)
        if theirs is None or self.ours.winners is None:
            return None
        time, own = getattr(theirs, part), getattr(self.ours, part)
        if time is None or own is None:
            return None
        return time / max(own, TINIEST), theirs.bound

    def verdict(self, peer: str) -> str:
        """Whether the peer elected the same, and if not, why."""
        theirs = self.peers[peer]
        if theirs.winners is None:
            return theirs.stopped or "no winners"
        if self.ours.winners is None:
            return "ours has no winners"
        if set(theirs.winners) == set(self.ours.winners):
            return "same"
        return f"others: {self.reasons[peer]}" if self.reasons.get(peer) else "OTHERS, WITHOUT A KNOWN REASON"


@dataclass(frozen=True)
class Goal:
    """A figure beside what it should be; without a figure it is not met."""

    name: str
    figure: float | None
    limit: float
    least: bool  # the figure should be at least the limit, else at most
    unit: str = ""
    bound: bool = False
    note: str = ""

    @property
    def met(self) -> bool:
        if self.figure is None:
            return False
        return self.figure >= self.limit if self.least else self.figure <= self.limit

    def sentence(self) -> str:
        asked = f"{'at least' if self.least else 'at most'} {self.limit:g}{self.unit}"
        told = (
            "not measured"
            if self.figure is None
            else f"{'at least ' if self.bound else ''}{self.figure:.4g}{self.unit}"
        )
        against = "" if not self.figure or not self.limit else f" ({self.figure / self.limit:.2f} of it)"
        note = f"; {self.note}" if self.note else ""
        return f"{'met    ' if self.met else 'NOT met'}  {self.name}: {told}, goal {asked}{against}{note}"


def middle(values: Iterable[float]) -> float:
    return statistics.median(values)


def ratios(rows: Sequence[Row], peer: str, part: str, keep: Callable[[Row], bool]) -> list[tuple[float, bool]] | None:
    """The ratio of each row that is kept; None when there is none, or one is missing."""
    found = [row.ratio(peer, part) for row in rows if keep(row)]
    complete = [ratio for ratio in found if ratio is not None]
    return complete if complete and len(complete) == len(found) else None


def _middle(found: list[tuple[float, bool]] | None) -> tuple[float | None, bool]:
    if not found:
        return None, False
    value = middle(ratio for ratio, _ in found)
    return value, any(bound and ratio <= value for ratio, bound in found)


def _least(found: list[tuple[float, bool]] | None) -> tuple[float | None, bool]:
    return min(found) if found else (None, False)


def goals(
    rows: Sequence[Row], commands: Mapping[str, Mapping[str, float] | None], imports: Mapping[str, Any]
) -> list[Goal]:
    """Every goal with its figure."""

    def real_add1(row: Row) -> bool:
        return row.kind == "money" and row.rule == "add1"

    def wards(row: Row) -> bool:
        return row.kind == "ward" and row.rule == "stv-scottish"

    number = sum(map(real_add1, rows))
    count = ratios(rows, "pabutools", "count", real_add1)
    whole = ratios(rows, "pabutools", "all", real_add1)
    value, bound = _middle(count)
    found = [
        Goal(f"Equal Shares with add1 against pabutools, median of {number} files", value, 100, True, " times", bound)
    ]
    slowest, slowest_bound = _least([*count, *whole] if count and whole else None)
    found.append(Goal("and slowest of all files, with and without reading", slowest, 1, True, " times", slowest_bound))
    for name, what, seconds in [
        (TOWN, "90,000 x 160 by add1", 2),
        (CITY, "60,000 x 80 with 50,000 distinct ballots by add1", 5),
        (NATION, "1,000,000 rankings by instant runoff", 2),
    ]:
        figures = commands.get(name) or {}
        note = f"{figures['wall']} s on the clock" if "wall" in figures else ""
        found.append(Goal(f"{what}, the whole command", figures.get("cpu"), seconds, False, " s", note=note))
        if name != NATION:
            found.append(Goal(f"{what}, memory", figures.get("megabytes"), 500, False, " MB"))
    for part, words in [("count", "counting"), ("all", "with reading")]:
        value, bound = _middle(ratios(rows, "droop", part, wards))
        found.append(Goal(f"Scottish wards against droop, median, {words}", value, 20, True, " times", bound))
    more = imports.get("milliseconds_more") if imports.get("without_django") else None
    found.append(Goal("import voting.tally after numpy, without Django", more, 150, False, " ms"))
    compared = [row.verdict(peer) for row in rows for peer in row.peers]
    finished = [verdict for verdict in compared if verdict == "same" or verdict.lower().startswith("others")]
    wrong = sum(verdict.startswith("OTHERS") for verdict in finished)
    note = (
        f"{finished.count('same')} the same, {len(finished) - wrong - finished.count('same')} others for a known reason"
    )
    found.append(
        Goal("other winners than a peer's without a known reason", wrong if finished else None, 0, False, note=note)
    )
    return found


HEAD = f"{'contest':44} {'rule':12} {'contender':11} {'read s':>9} {'count s':>9} {'MB':>7} {'x count':>9} {'x all':>9}  winners"


def _seconds(value: float | None, bound: bool = False) -> str:
    return (
        "-"
        if value is None
        else f"{'> ' if bound else ''}{value:.4f}"
        if value < 10
        else f"{'> ' if bound else ''}{value:.1f}"
    )


def _times(ratio: tuple[float, bool] | None) -> str:
    return "-" if ratio is None else f"{'> ' if ratio[1] else ''}{ratio[0]:.4g}"


def lines(row: Row) -> str:
    """A row of the table for each contender."""
    told = []
    for name, each in {"ours": row.ours, **row.peers}.items():
        stopped_reading = each.bound and each.count is None
        cells = [
            f"{row.contest[:44]:44} {row.rule:12} {name:11}",
            f"{_seconds(each.read, stopped_reading):>9} {_seconds(each.count, each.bound):>9}",
            f"{'-' if each.megabytes is None else round(each.megabytes):>7}",
        ]
        if name == "ours":
            cells.append(f"{'':19}  " + (each.stopped or f"{len(each.winners or ())} winners"))
        else:
            cells.append(
                f"{_times(row.ratio(name, 'count')):>9} {_times(row.ratio(name, 'all')):>9}  {row.verdict(name)}"
            )
        told.append(" ".join(cells))
    return "\n".join(told)


def medians(rows: Sequence[Row]) -> str:
    """For each kind of contest, rule and peer: the middle and the least of what could be compared."""
    told = [
        f"{'times faster than':24} {'contests':12} {'rule':12} {'files':>5} {'count: middle':>14} {'least':>8} {'all: middle':>12} {'least':>8}"
    ]
    for kind, rule, peer in dict.fromkeys((row.kind, row.rule, peer) for row in rows for peer in row.peers):
        mine = [row for row in rows if row.kind == kind and row.rule == rule]
        cells = []
        known = 0
        for part in ("count", "all"):
            found = [ratio for row in mine if (ratio := row.ratio(peer, part)) is not None]
            known = max(known, len(found))
            value, bound = _middle(found)
            cells += [_times(None if value is None else (value, bound)), _times(min(found) if found else None)]
        told.append(
            f"{peer:24} {kind:12} {rule:12} {known:>5} {cells[0]:>14} {cells[1]:>8} {cells[2]:>12} {cells[3]:>8}"
        )
    return "\n".join(told) + "\n"
