# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where somebody is, as their stays say: expected, here, out for a moment, gone, excused, or taken off the list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from meetings.models import Attendance, AttendanceEnd, AttendanceMode, Attendee


class Place(TextChoices):
    EXPECTED = "expected", _("Not here yet")
    EXCUSED = "excused", _("Excused")
    IN_ROOM = "in_room", _("In the room")
    REMOTE = "remote", _("From elsewhere")
    STEPPED_OUT = "stepped_out", _("Stepped out")
    DEPARTED = "departed", _("Left")
    REVOKED = "revoked", _("Taken off the list")


@dataclass(frozen=True)
class Whereabouts:
    """Where one person is, and since when."""

    place: Place
    since: datetime | None = None
    reason: str = ""

    @property
    def is_here(self) -> bool:
        return self.place in (Place.IN_ROOM, Place.REMOTE)

    @property
    def is_in_room(self) -> bool:
        return self.place == Place.IN_ROOM


def whereabouts(attendee: Attendee | None, last: Attendance | None) -> Whereabouts:
    """Where the person is, from the last of their stays."""
    if last is not None and last.ended_at is None:
        place = Place.IN_ROOM if last.mode == AttendanceMode.IN_ROOM else Place.REMOTE
        return Whereabouts(place, last.began_at)
    if attendee is not None and attendee.is_excused:
        return Whereabouts(Place.EXCUSED)
    if last is None:
        return Whereabouts(Place.EXPECTED)
    ended = {AttendanceEnd.STEPPED_OUT: Place.STEPPED_OUT, AttendanceEnd.REVOKED: Place.REVOKED}
    return Whereabouts(ended.get(AttendanceEnd(last.end), Place.DEPARTED), last.ended_at, last.end_reason)


def last_stays(attendees: Iterable[Attendee]) -> dict[int, Attendance]:
    """The last stay of each, by attendee; one query."""
    stays = Attendance.objects.filter(attendee__in=list(attendees))
    return {
        stay.attendee_id: stay
        for stay in stays.order_by("attendee_id", "-began_at", "-ended_at").distinct("attendee_id")
    }


def whereabouts_of(attendee: Attendee | None) -> Whereabouts:
    """Where this one person is."""
    last = last_stays([attendee]).get(attendee.pk) if attendee else None
    return whereabouts(attendee, last)
