# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who is there: checking in and out."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from assemblies.models import Membership
from meetings.models import (
    Attendance,
    AttendanceEnd,
    AttendanceMode,
    AttendanceSource,
    Attendee,
    Meeting,
    SpeakerEntry,
)

from .acts import MeetingRefused, clock, lock, record
from .floor import leave_the_floor


@transaction.atomic
def check_in(
    *,
    meeting: Meeting,
    membership: Membership,
    mode: AttendanceMode = AttendanceMode.IN_ROOM,
    source: AttendanceSource = AttendanceSource.SELF,
    actor: User | None = None,
    at: datetime | None = None,
) -> Attendance:
    """The person is at the meeting. Checking in again changes nothing."""
    meeting = lock(meeting)
    if not meeting.is_room_open:
        raise MeetingRefused(
            _("This meeting is over.")
            if meeting.is_over
            else _("The doors are not open yet. Come back when it begins.")
        )
    if membership.assembly_id != meeting.assembly_id or membership.left_at is not None:
        raise MeetingRefused(_("Only members of this assembly can check in."))
    at = clock(at)
    attendee, _made = Attendee.objects.get_or_create(
        meeting=meeting, membership=membership, defaults={"created_at": at}
    )
    stay = Attendance.objects.present().filter(attendee=attendee).first()
    if stay is not None:
        return stay
    actor = actor or membership.user
    stay = Attendance.objects.create(
        meeting=meeting, attendee=attendee, mode=mode, source=source, actor=actor, began_at=at
    )
    record(
        meeting,
        "checked_in",
        actor=actor,
        at=at,
        steers=False,
        data={"attendee": str(attendee.public_id), "mode": mode, "source": source},
    )
    return stay


@transaction.atomic
def check_out(*, attendee: Attendee, actor: User | None = None, at: datetime | None = None) -> Attendance:
    """The person has left; a raised hand goes down and a speech ends."""
    meeting = lock(attendee.meeting)
    stay = Attendance.objects.present().filter(attendee=attendee).first()
    if stay is None:
        raise MeetingRefused(_("This person is not checked in."))
    at = clock(at)
    leave_the_floor(SpeakerEntry.objects.filter(attendee=attendee), at=at)
    stay.ended_at, stay.end = at, AttendanceEnd.DEPARTED
    stay.save(update_fields=["ended_at", "end"])
    record(
        meeting,
        "checked_out",
        actor=actor or attendee.user,
        at=at,
        steers=False,
        data={"attendee": str(attendee.public_id)},
    )
    return stay


def attendee_of(meeting: Meeting, membership: Membership | None) -> Attendee | None:
    """The member at this meeting; None before they first come."""
    if membership is None:
        return None
    found = Attendee.objects.filter(meeting=meeting, membership=membership)
    return found.select_related("meeting", "membership__user").first()
