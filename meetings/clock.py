# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a meeting stands against its plan: how late it runs, when it will end, and what will not be reached."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assemblies.money import format_count

PLANNED = "planned"
CURRENT = "current"

REACHED = "reached"
CUT_SHORT = "cut_short"  # begins in time and is not done by the planned end
NOT_REACHED = "not_reached"

MINUTE = 60


@dataclass(frozen=True)
class TimedItem:
    """An agenda item with its time in seconds. Every state but planned and current means that it was left."""

    id: UUID | int | str
    state: str
    planned: int
    extended: int = 0  # granted on top of the plan
    spent: int = 0  # while it was current and the meeting was in session

    @property
    def granted(self) -> int:
        """The time it may take."""
        return self.planned + self.extended

    @property
    def left(self) -> int:
        """What is left of it; below zero when the time is over."""
        return self.granted - self.spent


@dataclass(frozen=True)
class Expected:
    """When an item that is not done will begin and end, as it looks now."""

    item: TimedItem
    number: int
    begins_at: datetime
    ends_at: datetime
    reach: str


@dataclass(frozen=True)
class Suggestion:
    """Something to say to the facilitator about the time, with its numbers."""

    code: str
    numbers: tuple[int, ...] = ()  # of items
    minutes: int = 0

    @property
    def sentence(self) -> str:
        named = {"items": get_text_list([format_count(number) for number in self.numbers], _("and"))}
        minutes = {"minutes": format_count(self.minutes)}
        match self.code:
            case "over_time":
                text = ngettext(
                    "Item %(items)s is %(minutes)s minute over its time: close it or extend.",
                    "Item %(items)s is %(minutes)s minutes over its time: close it or extend.",
                    self.minutes,
                )
            case "cut_short":
                text = ngettext(
                    "Item %(items)s will not be done in time, %(minutes)s minute is missing: shorten, move or extend.",
                    "Item %(items)s will not be done in time, %(minutes)s minutes are missing: shorten, move or extend.",
                    self.minutes,
                )
            case _:
                text = ngettext(
                    "Item %(items)s will not be reached: shorten, move or extend.",
                    "Items %(items)s will not be reached: shorten, move or extend.",
                    len(self.numbers),
                )
        return text % {**named, **minutes}

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class Clock:
    """Where the meeting stands in time. All in seconds; below zero is ahead of the plan."""

    planned: int  # of all items, as first planned
    spent: int  # on all items
    drift: int  # by how much the items so far took longer than planned; an item that was left out saves its time
    current: Expected | None
    ahead: tuple[Expected, ...]  # planned items in the order of the agenda
    forecast_end: datetime
    planned_end: datetime

    @property
    def late_by(self) -> int:
        """By how much the meeting will end after its planned end."""
        return int((self.forecast_end - self.planned_end).total_seconds())

    @property
    def is_late(self) -> bool:
        return self.forecast_end > self.planned_end

    @property
    def not_reached(self) -> tuple[Expected, ...]:
        """Items that would begin only when the meeting should be over."""
        return tuple(one for one in self.ahead if one.reach == NOT_REACHED)

    @property
    def cut_short(self) -> Expected | None:
        """The item that the planned end cuts in two."""
        return next((one for one in (self.current, *self.ahead) if one and one.reach == CUT_SHORT), None)

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """What to think about now; nothing while the plan holds."""
        found = []
        if self.current and self.current.item.left < 0:
            over = _minutes_up(-self.current.item.left)
            found.append(Suggestion("over_time", (self.current.number,), over))
        if cut := self.cut_short:
            missing = _minutes_up(int((cut.ends_at - self.planned_end).total_seconds()))
            found.append(Suggestion("cut_short", (cut.number,), missing))
        if missed := self.not_reached:
            found.append(Suggestion("not_reached", tuple(one.number for one in missed)))
        return tuple(found)


def read(
    items: Iterable[TimedItem],
    *,
    now: datetime,
    planned_end: datetime,
    is_in_session: bool = True,
    goes_on_at: datetime | None = None,
) -> Clock:
    """How the meeting stands now. Items come in the order of the agenda and are numbered as they come.

    Before it begins and in a recess nothing goes on before `goes_on_at`, or before now when that is past or not known.
    Items that are laid aside are not expected back; whoever takes one from the table makes it current again.
    """
    listed: Sequence[tuple[int, TimedItem]] = list(enumerate(items, 1))
    at = now if is_in_session or goes_on_at is None else max(now, goes_on_at)
    current = None
    for number, item in listed:
        if item.state == CURRENT:
            current = _expect(item, number, at, max(0, item.left), planned_end)
            at = current.ends_at
    ahead = []
    for number, item in listed:
        if item.state == PLANNED:
            ahead.append(_expect(item, number, at, max(0, item.left), planned_end))
            at = ahead[-1].ends_at
    return Clock(
        planned=sum(item.planned for _number, item in listed),
        spent=sum(item.spent for _number, item in listed),
        drift=sum(_drift(item) for _number, item in listed),
        current=current,
        ahead=tuple(ahead),
        forecast_end=at,
        planned_end=planned_end,
    )


def _expect(item: TimedItem, number: int, at: datetime, seconds: int, planned_end: datetime) -> Expected:
    ends_at = at + timedelta(seconds=seconds)
    reach = REACHED if ends_at <= planned_end else CUT_SHORT
    if item.state == PLANNED and at >= planned_end:
        reach = NOT_REACHED
    return Expected(item, number, at, ends_at, reach)


def _drift(item: TimedItem) -> int:
    """An extension does not hide that the plan was overrun, so the plan is the one that people were told."""
    if item.state == PLANNED:
        return 0
    if item.state == CURRENT:
        return max(0, item.spent - item.planned)
    return item.spent - item.planned


def _minutes_up(seconds: int) -> int:
    return -(-seconds // MINUTE)
