# SPDX-License-Identifier: AGPL-3.0-or-later
"""How much of the ballots may be published without telling who voted what. Decided by code, never by a person.

The first line that fits decides:

    named polls that said so       every ballot, with its voter
    fewer than 5 ballots, or all alike    totals: more would add nothing, or tell too much
    each pattern at least 5 times  every ballot, under its tracking code: anybody counts again
    sums of votes or points        one column for each option: anybody adds up, nobody joins columns into ballots
    everything else                totals and rounds; scrutineers get the ballots, and sign
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from .verify import canonical

K = 5  # as many people at least share whatever is published
# Rules that only add up what ballots give to each option.
ADDITIVE = frozenset(
    {
        "approval",
        "consensus",
        "greedy",
        "greedy-no-skip",
        "greedy-per-cost",
        "greedy-threshold",
        "majority",
        "plurality",
        "points",
        "poznan-80",
        "score",
    }
)


class Kind(StrEnum):
    """What is published. The words are also those of the manifest in a bundle."""

    NAMED = "named"
    FULL = "full"
    COLUMNS = "columns"
    TOTALS = "totals"
    SCRUTINEERS = "scrutineers"


@dataclass(frozen=True)
class CountedBallot:
    """A ballot as it was counted: `code` are 10 bytes that only its voter knows before the result is published.

    In a named poll `voter` is its line in the register and `key_hash` what its receipt was made with.
    """

    choice: Mapping[str, Any]
    weight: int
    channel: str
    code: bytes
    voter: str = ""
    key_hash: bytes = b""

    @property
    def pattern(self) -> bytes:
        """Everything about the ballot that its publication would show, besides the code."""
        return canonical([self.choice, self.weight, self.channel])


def kind_of(definition: Mapping[str, Any], ballots: Sequence[CountedBallot]) -> Kind:
    """What may be published of these ballots."""
    if shows_names(definition):
        return Kind.NAMED
    if len(ballots) < K or is_unanimous(ballots):
        return Kind.TOTALS
    if min(Counter(ballot.pattern for ballot in ballots).values()) >= K:
        return Kind.FULL
    return Kind.COLUMNS if may_be_split(definition, ballots) else Kind.SCRUTINEERS


def shows_names(definition: Mapping[str, Any]) -> bool:
    """Whether everybody was told before the poll opened that names will be published with the ballots."""
    return definition["secrecy"] == 1 and bool(definition.get("names_shown"))


def is_unanimous(ballots: Iterable[CountedBallot]) -> bool:
    """Whether all who did not leave their ballot blank chose the same."""
    return len({canonical(ballot.choice) for ballot in ballots if ballot.choice}) <= 1


def may_be_split(definition: Mapping[str, Any], ballots: Iterable[CountedBallot]) -> bool:
    """Whether columns are enough to count again, and no weight joins them: a rare weight would be a name."""
    is_sum = definition["rule"] in ADDITIVE and definition["ballot_type"] != "ranked"
    return is_sum and all(ballot.weight == 1 for ballot in ballots)


def announcement(definition: Mapping[str, Any]) -> list[str]:
    """What a voter reads before voting about what will be published, in sentences."""
    if shows_names(definition):
        return [_("When the result is published, everybody who may see this vote can read how you voted, by name.")]
    sentences = [
        _(
            "When the result is published, so are the ballots, without names, if each choice was made by 5 people or more."
        )
    ]
    if definition["rule"] in ADDITIVE and definition["ballot_type"] != "ranked":
        sentences.append(
            _(
                "Otherwise each option is published alone: anybody can add it up, and nobody can put your ballot together."
            )
        )
    else:
        sentences.append(
            _("Otherwise only sums are published. Scrutineers, who are named, count the ballots again and sign.")
        )
    sentences.append(_("With fewer than 5 ballots, or when all are alike, the result itself tells how people voted."))
    return sentences


# Sub-groups: how a ward or a channel voted.

Table = Mapping[str, Mapping[str, int]]  # group -> option -> number of ballots
Cell = tuple[str, str]
Cells = Mapping[Cell, int]
Hidden = dict[str, dict[str, int | None]]


def suppressed(table: Table) -> Hidden | None:
    """The table with None in cells below 5, and in enough others that no hidden cell follows from the sums.

    Groups with fewer than 5 ballots are put together first. The sum of each row and of each column counts as known
    to everybody. None where nothing is left to tell apart.
    """
    rows = merged(table)
    if len(rows) < 2:
        return None
    columns = sorted({column for row in rows.values() for column in row})
    cells = {(group, column): rows[group].get(column, 0) for group in rows for column in columns}
    hidden = {place for place, number in cells.items() if number < K}
    while found := next((place for place in sorted(hidden) if not _may_differ(place, cells, hidden)), None):
        beside = _corners(found, cells, hidden)
        if beside is None:
            return None  # the sums would tell this cell whatever else is hidden
        hidden |= beside
    return {group: {c: None if (group, c) in hidden else cells[group, c] for c in columns} for group in rows}


def _corners(place: Cell, cells: Cells, hidden: set[Cell]) -> set[Cell] | None:
    """The three cells that make a rectangle with this one in which it may differ, fewest ballots hidden anew; or None."""
    row, column = place
    ways = []
    for other_row, other_column in cells:
        across, above, opposite = (row, other_column), (other_row, column), (other_row, other_column)
        if other_row == row or other_column == column:
            continue
        if min(cells[across], cells[above]) > 0 or min(cells[place], cells[opposite]) > 0:
            corners = {across, above, opposite}
            ways.append((sum(cells[corner] for corner in corners - hidden), sorted(corners)))
    return set(min(ways)[1]) if ways else None


def merged(table: Table, others: str = "…") -> dict[str, dict[str, int]]:
    """The groups with at least 5 ballots; smaller ones are one group, together with the next larger if need be."""
    by_size = sorted(table, key=lambda group: (sum(table[group].values()), group))
    small = [group for group in by_size if sum(table[group].values()) < K]
    together: Counter[str] = Counter()
    for group in small:
        together.update(table[group])
    rest = by_size[len(small) :]
    while small and rest and together.total() < K:
        together.update(table[rest.pop(0)])
    rows = {group: dict(table[group]) for group in sorted(rest)}
    if together.total() >= K:
        rows[others] = dict(together)
    return rows


def _may_differ(place: Cell, cells: Cells, hidden: set[Cell]) -> bool:
    """Whether some other table with the same sums and the same visible cells has another number here.

    Such a table differs along a closed walk through hidden cells, one up and one down in turn; what goes down must
    have something to give. One step up or down in this cell is enough.
    """
    return _walk(place, cells, hidden, up=True) or (cells[place] > 0 and _walk(place, cells, hidden, up=False))


def _walk(
    place: tuple[str, str], cells: Mapping[tuple[str, str], int], hidden: set[tuple[str, str]], *, up: bool
) -> bool:
    """Whether raising (or lowering) this cell can be made up for elsewhere."""
    row, column = place
    # Raised in its column, so some other cell of this column goes down, its row goes up elsewhere ... back to this row.
    reached, todo = {column}, [column]
    rows_done: set[str] = set()
    while todo:
        at = todo.pop()
        for group, name in hidden:
            if name != at or group in rows_done or (group, name) == place:
                continue
            if up and cells[group, name] == 0:
                continue
            if group == row:
                return True
            rows_done.add(group)
            for other_group, other in hidden:
                if other_group != group or other in reached:
                    continue
                if not up and cells[other_group, other] == 0:
                    continue
                reached.add(other)
                todo.append(other)
    return False
