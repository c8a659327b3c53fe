# SPDX-License-Identifier: AGPL-3.0-or-later
"""How sub-groups voted, after publication, as far as it tells nothing about anybody: see `publication.suppressed`.

The groups are the ways of voting. They ride inside the ballots; where somebody lives does not, so there is no table of it.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from voting import results
from voting.models import BallotType, Poll

from . import gathering, publication

# One mark on each ballot, so the sum of a row is the number of its ballots. Others could hide a small group.
ONE_MARK = (BallotType.YES_NO, BallotType.CHOOSE_ONE, BallotType.CONSENSUS)
BLANK = ""
OTHERS = "…"


@dataclass(frozen=True)
class Row:
    """One group; None stands for a number that is not told."""

    name: str
    numbers: Sequence[int | None]


@dataclass(frozen=True)
class GroupTable:
    columns: Sequence[str]
    rows: Sequence[Row]
    smallest: int = publication.K


def by_channel(poll: Poll) -> GroupTable | None:
    """How many chose what, by way of voting. None under embargo, where weights differ, and where too little is left."""
    if poll.ballot_type not in ONE_MARK or not results.are_visible(poll):
        return None
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for ballot in gathering.ballots_of(poll):
        if ballot.weight != 1:
            return None  # a rare weight would be a name
        table[ballot.channel][next(iter(ballot.choice.get("options", ())), BLANK)] += 1
    shown = publication.suppressed(table) if len(table) > 1 else None
    if shown is None:
        return None
    titles = {option.key: option.shown_title for option in poll.options.all()}
    keys = [key for key in [*titles, BLANK] if any(key in cells for cells in shown.values())]
    names = {"web": _("On a phone or computer"), "paper": _("On paper"), OTHERS: _("Other ways together")}
    return GroupTable(
        columns=[titles.get(key, _("Blank ballot")) for key in keys],
        rows=[Row(names.get(group, group), [cells[key] for key in keys]) for group, cells in shown.items()],
    )
