# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who is there: coming in, stepping out, moving, leaving. Each stay is kept; only a person or the end of the meeting
ends one, never a lost connection or silence.
"""

import hashlib
import unicodedata
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from assemblies.models import Membership
from meetings import room_code
from meetings.models import (
    Attendance,
    AttendanceEnd,
    AttendanceMode,
    AttendanceSource,
    Attendee,
    Meeting,
    SpeakerEntry,
)

from .acts import MeetingRefused, clock, lock, record, refuse_when_over
from .floor import leave_the_floor
from .quorum import note_quorum

LONGEST_HANDLE = 60
MOST_GUESTS = 1000  # who let themselves in; more come by the desk
JOINERS = "\u200c\u200d"  # invisible, and part of how some languages are written
OF_A_CROWD = ("checked_in", "came_back", "moved", "stepped_out", "checked_out")  # the desk alone excuses and revokes
BY_THEMSELVES = (AttendanceSource.SELF, AttendanceSource.CODE)


@transaction.atomic
def check_in(
    *,
    meeting: Meeting,
    membership: Membership,
    mode: AttendanceMode = AttendanceMode.IN_ROOM,
    source: AttendanceSource = AttendanceSource.SELF,
    typed_code: str = "",
    actor: User | None = None,
    at: datetime | None = None,
) -> Attendance:
    """The member is at the meeting. Checking in again changes nothing.

    `typed_code` is what the person read on the wall, where the meeting asks for it.
    """
    meeting = lock(meeting)
    _refuse_when_doors_are_closed(meeting)
    if membership.assembly_id != meeting.assembly_id or membership.left_at is not None:
        raise MeetingRefused(_("Only members of this assembly can check in."))
    at = clock(at)
    attendee = _known_seat(meeting, membership)
    last = _last_stay(attendee) if attendee else None
    attendee = attendee or _new_seat(meeting, membership, at)
    return _come_in(meeting, attendee, last, mode, source, typed_code, actor or membership.user, at)


@transaction.atomic
def check_in_guest(
    *,
    meeting: Meeting,
    handle: str,
    device: str = "",
    mode: AttendanceMode = AttendanceMode.IN_ROOM,
    source: AttendanceSource = AttendanceSource.SELF,
    typed_code: str = "",
    actor: User | None = None,
    at: datetime | None = None,
) -> Attendance:
    """Somebody without an account is at the meeting under the name they gave; they may speak, and vote by code alone.

    `device` is a secret on their phone, by which they are known again; who has no phone gets none from the desk.
    A private assembly lets in only whom the desk, or the code on the wall, says to be in the room.
    """
    meeting = lock(meeting)
    _refuse_when_doors_are_closed(meeting)
    at = clock(at)
    attendee = guest_with(meeting, device)
    last = _last_stay(attendee) if attendee else None
    attendee = attendee or _new_guest(meeting, handle, device, source, typed_code, at)
    return _come_in(meeting, attendee, last, mode, source, typed_code, actor, at)


@transaction.atomic
def check_out(*, attendee: Attendee, actor: User | None = None, at: datetime | None = None) -> Attendance:
    """The person has left; a raised hand goes down and a speech ends."""
    return _go(attendee, AttendanceEnd.DEPARTED, "checked_out", actor, at)


@transaction.atomic
def step_out(*, attendee: Attendee, actor: User | None = None, at: datetime | None = None) -> Attendance:
    """The person is out for a moment and does not count as there; a raised hand goes down."""
    return _go(attendee, AttendanceEnd.STEPPED_OUT, "stepped_out", actor, at)


@transaction.atomic
def come_back(
    *,
    attendee: Attendee,
    source: AttendanceSource = AttendanceSource.SELF,
    typed_code: str = "",
    actor: User | None = None,
    at: datetime | None = None,
) -> Attendance:
    """The person is there again as before, by a new stay."""
    meeting = lock(attendee.meeting)
    _refuse_when_doors_are_closed(meeting)
    last = _last_stay(attendee)
    if last is None:
        raise MeetingRefused(_("This person was not here yet. Check them in."))
    mode = AttendanceMode(last.mode)
    return _come_in(meeting, attendee, last, mode, source, typed_code, actor or attendee.user, clock(at))


@transaction.atomic
def move(
    *,
    attendee: Attendee,
    mode: AttendanceMode,
    source: AttendanceSource = AttendanceSource.SELF,
    typed_code: str = "",
    actor: User | None = None,
    at: datetime | None = None,
) -> Attendance:
    """The person goes on from elsewhere, or in the room: one stay ends and another begins at the same instant."""
    meeting = lock(attendee.meeting)
    stay = _stay_of(attendee)
    if stay.mode == mode:
        return stay
    at = clock(at)
    source = _vouched_for(meeting, mode, source, typed_code, at)
    actor = actor or attendee.user
    _end(stay, AttendanceEnd.MOVED, at)
    stay = _begin(meeting, attendee, mode, source, actor, at)
    _record(meeting, "moved", attendee, actor, at, mode=mode, source=source)
    return stay


@transaction.atomic
def revoke(*, attendee: Attendee, reason: str, actor: User | None, at: datetime | None = None) -> Attendance:
    """The person is off the list for a reason that is kept; only the desk can check them in again."""
    if not reason.strip():
        raise MeetingRefused(_("Say why. The reason stays with the list of who was here."))
    return _go(attendee, AttendanceEnd.REVOKED, "revoked", actor, at, reason=reason.strip()[:300])


@transaction.atomic
def excuse(
    *, meeting: Meeting, membership: Membership, excused: bool = True, actor: User | None, at: datetime | None = None
) -> Attendee:
    """The member has said that they cannot come, or that they can after all."""
    meeting = lock(meeting)
    refuse_when_over(meeting)
    if membership.assembly_id != meeting.assembly_id or membership.left_at is not None:
        raise MeetingRefused(_("Only members of this assembly can be excused."))
    if not excused and not Attendee.objects.filter(meeting=meeting, membership=membership).exists():
        raise MeetingRefused(_("This person was not excused."))
    at = clock(at)
    attendee = seat_of(meeting, membership, at)
    if attendee.is_excused == excused:
        return attendee
    if excused and Attendance.objects.present().filter(attendee=attendee).exists():
        raise MeetingRefused(_("This person is here. Who is here cannot be excused."))
    attendee.is_excused = excused
    attendee.save(update_fields=["is_excused"])
    _record(meeting, "excused" if excused else "not_excused", attendee, actor, at)
    return attendee


def attendee_of(meeting: Meeting, membership: Membership | None) -> Attendee | None:
    """The member at this meeting; None before they first come."""
    if membership is None:
        return None
    found = Attendee.objects.filter(meeting=meeting, membership=membership)
    return found.select_related("meeting", "membership__user").first()


def guest_with(meeting: Meeting, device: str) -> Attendee | None:
    """The guest on whose phone this secret is."""
    if not device:
        return None
    found = Attendee.objects.filter(meeting=meeting, membership=None, device_hash=device_hash(device))
    return found.select_related("meeting", "membership__user").first()


def device_hash(device: str) -> bytes:
    """What the database keeps of the secret on a guest's phone."""
    return hashlib.sha256(device.encode()).digest()


def seat_of(meeting: Meeting, membership: Membership, at: datetime) -> Attendee:
    """The member at this meeting, known from now on; call it with the meeting locked."""
    return _known_seat(meeting, membership) or _new_seat(meeting, membership, at)


def _known_seat(meeting: Meeting, membership: Membership) -> Attendee | None:
    return Attendee.objects.filter(meeting=meeting, membership=membership).first()


def _new_seat(meeting: Meeting, membership: Membership, at: datetime) -> Attendee:
    return Attendee.objects.create(meeting=meeting, membership=membership, created_at=at)


def _refuse_when_doors_are_closed(meeting: Meeting) -> None:
    if meeting.is_room_open:
        return
    raise MeetingRefused(
        _("This meeting is over.") if meeting.is_over else _("The doors are not open yet. Come back when it begins.")
    )


def _new_guest(
    meeting: Meeting, handle: str, device: str, source: AttendanceSource, typed_code: str, at: datetime
) -> Attendee:
    handle = plain_name(handle)
    by_themselves = source in BY_THEMSELVES
    if not handle:
        raise MeetingRefused(_("Type the name by which the room may call you."))
    if len(handle) > LONGEST_HANDLE:
        raise MeetingRefused(_("This name is too long. Use at most %(n)d letters.") % {"n": LONGEST_HANDLE})
    if not meeting.walk_ins_allowed:
        raise MeetingRefused(_("This meeting is for members only. Sign in, or ask at the desk."))
    if by_themselves and not meeting.assembly.is_public and not room_code.is_good(typed_code, meeting, at):
        raise MeetingRefused(_("Ask at the desk. The desk lets guests into this meeting."))
    guests = Attendee.objects.filter(meeting=meeting, membership=None)
    if by_themselves and guests.count() >= MOST_GUESTS:
        raise MeetingRefused(_("Many guests have joined already. Ask at the desk."))
    if _is_taken(handle, meeting, guests):  # the desk, and the person who is called, must know who is meant
        raise MeetingRefused(_("Somebody has this name already. Add a letter or another name."))
    hashed = device_hash(device) if device else None
    return Attendee.objects.create(meeting=meeting, handle=handle, device_hash=hashed, created_at=at)


def plain_name(typed: str) -> str:
    """The name as everybody sees it: without invisible letters, which would make one name of two that look alike.

    >>> plain_name(" Ami\u200bna  Okafor ")
    'Amina Okafor'
    """
    shown = unicodedata.normalize("NFKC", " ".join(typed.split()))
    kept = (letter for letter in shown if letter in JOINERS or unicodedata.category(letter) not in ("Cc", "Cf"))
    return " ".join("".join(kept).split())


def _is_taken(handle: str, meeting: Meeting, guests: QuerySet[Attendee]) -> bool:
    """Whether another guest, or a member of the assembly, goes by this name."""
    alike = {handle, "".join(letter for letter in handle if letter not in JOINERS)}
    members = Membership.objects.current().filter(assembly=meeting.assembly_id)
    return any(
        guests.filter(handle__iexact=name).exists() or members.filter(user__name__iexact=name).exists()
        for name in alike
    )


def _come_in(
    meeting: Meeting,
    attendee: Attendee,
    last: Attendance | None,
    mode: AttendanceMode,
    source: AttendanceSource,
    typed_code: str,
    actor: User | None,
    at: datetime,
) -> Attendance:
    if last is not None and last.ended_at is None:
        return last
    if last is not None and last.end == AttendanceEnd.REVOKED and source != AttendanceSource.DESK:
        raise MeetingRefused(_("The desk took you off the list. Speak to the people at the desk."))
    source = _vouched_for(meeting, mode, source, typed_code, at)
    if attendee.is_excused:
        attendee.is_excused = False
        attendee.save(update_fields=["is_excused"])
    stay = _begin(meeting, attendee, mode, source, actor, at)
    was_out = last is not None and last.end == AttendanceEnd.STEPPED_OUT
    _record(meeting, "came_back" if was_out else "checked_in", attendee, actor, at, mode=mode, source=source)
    return stay


def _vouched_for(
    meeting: Meeting, mode: AttendanceMode, source: AttendanceSource, typed_code: str, at: datetime
) -> AttendanceSource:
    """How the person comes in: who says by themselves that they are in the room shows it with the code on the wall."""
    if source not in BY_THEMSELVES or mode != AttendanceMode.IN_ROOM:
        return source
    if room_code.is_good(typed_code, meeting, at):
        return AttendanceSource.CODE
    if not meeting.asks_room_code:
        return AttendanceSource.SELF
    raise MeetingRefused(
        _("This is not the code on the screen. It changes every minute: type the one that is there now.")
        if typed_code.strip()
        else _("Type the code that the screen in the room shows, or go to the desk.")
    )


def _go(
    attendee: Attendee, end: AttendanceEnd, kind: str, actor: User | None, at: datetime | None, reason: str = ""
) -> Attendance:
    meeting = lock(attendee.meeting)
    stay = _stay_of(attendee)
    at = clock(at)
    concerns_all = leave_the_floor(SpeakerEntry.objects.filter(attendee=attendee), at=at)
    _end(stay, end, at, reason)
    _record(meeting, kind, attendee, actor or attendee.user, at, concerns_all=concerns_all)
    return stay


def _stay_of(attendee: Attendee) -> Attendance:
    stay = Attendance.objects.present().filter(attendee=attendee).first()
    if stay is None:
        raise MeetingRefused(_("This person is not checked in."))
    return stay


def _last_stay(attendee: Attendee) -> Attendance | None:
    return Attendance.objects.filter(attendee=attendee).order_by("-began_at", "-ended_at").first()


def _begin(
    meeting: Meeting,
    attendee: Attendee,
    mode: AttendanceMode,
    source: AttendanceSource,
    actor: User | None,
    at: datetime,
) -> Attendance:
    return Attendance.objects.create(
        meeting=meeting, attendee=attendee, mode=mode, source=source, actor=actor, began_at=at
    )


def _end(stay: Attendance, end: AttendanceEnd, at: datetime, reason: str = "") -> None:
    stay.ended_at, stay.end, stay.end_reason = at, end, reason
    stay.save(update_fields=["ended_at", "end", "end_reason"])


def _record(
    meeting: Meeting,
    kind: str,
    attendee: Attendee,
    actor: User | None,
    at: datetime,
    *,
    concerns_all: bool = False,
    **data: str,
) -> None:
    """The event of somebody coming or going, and then, if it flips, that of the quorum."""
    in_passing = kind in OF_A_CROWD and not concerns_all
    data = {"attendee": str(attendee.public_id), **data}
    record(meeting, kind, actor=actor, at=at, steers=False, in_passing=in_passing, data=data)
    note_quorum(meeting, at=at)
