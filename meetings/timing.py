# SPDX-License-Identifier: AGPL-3.0-or-later
"""What screens say about time: of each item planned and actual, of the meeting how late it is and when it will end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assemblies.money import format_count
from meetings import clock
from meetings.clock import Clock, Expected, TimedItem
from meetings.models import AgendaItem, ItemState, Meeting, MeetingState
from meetings.services.item_clock import spent

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class ItemTime:
    """The time of one item: when it began or will begin, what it may take and what it took."""

    begins_at: datetime
    planned: int  # minutes
    granted: int  # minutes, with what it was given besides
    spent: int  # seconds
    counts_from: datetime | None  # where its clock would have begun had it never stood still; empty while it does
    expected: Expected | None

    @property
    def is_not_reached(self) -> bool:
        return self.expected is not None and self.expected.reach == clock.NOT_REACHED

    @property
    def is_cut_short(self) -> bool:
        return self.expected is not None and self.expected.reach == clock.CUT_SHORT

    @property
    def is_over(self) -> bool:
        """Whether it took more than it was given."""
        return self.spent > 60 * self.granted

    @property
    def elapsed(self) -> str:
        """What it took, as a clock shows it."""
        return f"{self.spent // 60}:{self.spent % 60:02d}"

    @property
    def words(self) -> str:
        """Planned and actual in a few words."""
        minutes = self.spent // 60
        if self.spent == 0:
            return _("%(n)s min planned") % {"n": format_count(self.granted)}
        return _("%(planned)s min planned, %(spent)s used") % {
            "planned": format_count(self.granted),
            "spent": format_count(minutes) if minutes else _("less than 1"),
        }


@dataclass(frozen=True)
class MeetingTime:
    """How the meeting stands against its plan, in numbers and in sentences."""

    clock: Clock
    is_under_way: bool

    @property
    def drift_minutes(self) -> int:
        """By how many whole minutes the items so far took longer than planned; below zero when they took less."""
        return int(self.clock.drift / 60)

    @property
    def is_late(self) -> bool:
        """Whether it will end later than planned, by a minute or more."""
        return self.clock.late_by >= 60

    @property
    def sentence(self) -> str:
        """How late it is and when it will end: one line for those who run the meeting."""
        ends = {"end": _hour(self.clock.forecast_end), "planned": _hour(self.clock.planned_end)}
        if not self.is_under_way:
            return (
                _("Ends about %(end)s, later than planned (%(planned)s)") % ends
                if self.is_late
                else _("Ends about %(end)s, planned until %(planned)s") % ends
            )
        return f"{self._drift()}, {self._end(ends)}"

    def _drift(self) -> str:
        minutes = self.drift_minutes
        shown = {"n": format_count(abs(minutes))}
        if minutes > 0:
            return ngettext("%(n)s min late", "%(n)s min late", minutes) % shown
        if minutes < 0:
            return ngettext("%(n)s min ahead", "%(n)s min ahead", -minutes) % shown
        return _("On time")

    def _end(self, ends: dict[str, str]) -> str:
        return _("ends about %(end)s (planned %(planned)s)") % ends

    @property
    def suggestions(self) -> list[str]:
        """What to think about now; nothing while the plan holds."""
        return [one.sentence for one in self.clock.suggestions]


def read(meeting: Meeting, items: Sequence[AgendaItem], *, at: datetime) -> tuple[MeetingTime, dict[UUID, ItemTime]]:
    """The time of the meeting and of each item, as it is at this moment; no queries."""
    is_in_session = meeting.state == MeetingState.IN_SESSION
    at = meeting.adjourned_at or at
    timed = [
        TimedItem(item.pk, item.state, 60 * item.planned_minutes, 60 * item.extended_minutes, spent(item, at))
        for item in items
    ]
    goes_on_at = None if meeting.has_begun else meeting.starts_at
    read_clock = clock.read(
        timed, now=at, planned_end=meeting.planned_end_at, is_in_session=is_in_session, goes_on_at=goes_on_at
    )
    expected = {one.item.id: one for one in (read_clock.current, *read_clock.ahead) if one is not None}
    times: dict[UUID, ItemTime] = {}
    reached = meeting.called_to_order_at or meeting.starts_at  # where an item that never began would have been
    for item, its in zip(items, timed, strict=True):
        coming = expected.get(item.pk)
        begins_at = item.started_at or (coming.begins_at if coming else reached)
        times[item.pk] = ItemTime(
            begins_at=begins_at,
            planned=item.planned_minutes,
            granted=item.granted_minutes,
            spent=its.spent,
            counts_from=item.running_since - timedelta(seconds=item.spent_seconds) if item.running_since else None,
            expected=coming,
        )
        if item.started_at or item.state == ItemState.PLANNED:
            reached = item.ended_at or begins_at + MINUTE * item.planned_minutes
    return MeetingTime(read_clock, is_under_way=meeting.has_begun and not meeting.is_over), times


def _hour(at: datetime) -> str:
    return date_format(timezone.localtime(at), "H:i")
