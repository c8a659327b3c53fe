# SPDX-License-Identifier: AGPL-3.0-or-later
"""The clock of an item: it runs while the item is on the floor and the meeting is in session, and only then."""

from datetime import datetime

from meetings.models import AgendaItem

CLOCK = ("spent_seconds", "running_since")  # the columns that these functions change and the caller saves


def start(item: AgendaItem, at: datetime) -> None:
    """The time of the item runs, on top of what was spent on it before."""
    if item.running_since is None:
        item.running_since = at


def stop(item: AgendaItem, at: datetime) -> None:
    """What was spent on the item is written down, and its time stands still."""
    if item.running_since is not None:
        item.spent_seconds = spent(item, at)
        item.running_since = None


def spent(item: AgendaItem, at: datetime) -> int:
    """The seconds that the item took up to this moment."""
    if item.running_since is None:
        return item.spent_seconds
    return item.spent_seconds + max(0, int((at - item.running_since).total_seconds()))
