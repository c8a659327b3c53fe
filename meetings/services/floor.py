# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who is there and who speaks: checking in and out, raising a hand, calling the next speaker."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from assemblies.models import Membership
from meetings.models import Attendance, AttendanceMode, Meeting, MeetingState, SpeakerEntry, SpeakerState

from .acts import MeetingRefused, clock, current_item, lock, record, require_state


@transaction.atomic
def check_in(
    *,
    meeting: Meeting,
    membership: Membership,
    mode: AttendanceMode = AttendanceMode.IN_ROOM,
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
    stay = Attendance.objects.present().filter(meeting=meeting, membership=membership).first()
    if stay is not None:
        return stay
    at = clock(at)
    stay = Attendance.objects.create(meeting=meeting, membership=membership, mode=mode, began_at=at)
    record(
        meeting,
        "checked_in",
        actor=actor or membership.user,
        at=at,
        steers=False,
        data={"membership": str(membership.pk), "mode": mode},
    )
    return stay


@transaction.atomic
def check_out(
    *, meeting: Meeting, membership: Membership, actor: User | None = None, at: datetime | None = None
) -> Attendance:
    """The person has left; a raised hand goes down and a speech ends."""
    meeting = lock(meeting)
    stay = Attendance.objects.present().filter(meeting=meeting, membership=membership).first()
    if stay is None:
        raise MeetingRefused(_("This person is not checked in."))
    at = clock(at)
    mine = SpeakerEntry.objects.filter(meeting=meeting, membership=membership)
    mine.waiting().update(state=SpeakerState.WITHDRAWN, ended_at=at)
    mine.speaking().update(state=SpeakerState.FINISHED, ended_at=at)
    stay.ended_at = at
    stay.save(update_fields=["ended_at"])
    record(
        meeting,
        "checked_out",
        actor=actor or membership.user,
        at=at,
        steers=False,
        data={"membership": str(membership.pk)},
    )
    return stay


@transaction.atomic
def raise_hand(*, meeting: Meeting, membership: Membership, at: datetime | None = None) -> SpeakerEntry:
    """The person waits to speak on the current item. A hand that is up already stays where it is."""
    meeting = lock(meeting)
    require_state(
        meeting, MeetingState.IN_SESSION, otherwise=_("You can raise your hand while the meeting is in session.")
    )
    item = current_item(meeting)
    if item is None:
        raise MeetingRefused(_("No item has been taken up yet. Raise your hand when one is."))
    if not Attendance.objects.present().filter(meeting=meeting, membership=membership).exists():
        raise MeetingRefused(_("Check in first, then raise your hand."))
    waiting = SpeakerEntry.objects.waiting().filter(meeting=meeting, membership=membership).first()
    if waiting is not None:
        return waiting
    at = clock(at)
    entry = SpeakerEntry.objects.create(
        meeting=meeting, item=item, membership=membership, asked_seq=meeting.event_seq + 1, asked_at=at
    )
    record(meeting, "hand_raised", actor=membership.user, at=at, steers=False, data={"entry": str(entry.pk)})
    return entry


@transaction.atomic
def withdraw_hand(*, meeting: Meeting, membership: Membership, at: datetime | None = None) -> SpeakerEntry:
    """The person does not wait to speak any more."""
    meeting = lock(meeting)
    entry = SpeakerEntry.objects.waiting().filter(meeting=meeting, membership=membership).first()
    if entry is None:
        raise MeetingRefused(_("Your hand is not up."))
    at = clock(at)
    _end(entry, SpeakerState.WITHDRAWN, at)
    record(meeting, "hand_withdrawn", actor=membership.user, at=at, steers=False, data={"entry": str(entry.pk)})
    return entry


@transaction.atomic
def call_speaker(
    *, entry: SpeakerEntry, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> SpeakerEntry:
    """This person has the floor; whoever spoke before has finished."""
    meeting = lock(entry.meeting, expected_version=expected_version)
    require_state(meeting, MeetingState.IN_SESSION, otherwise=_("The meeting is not in session."))
    entry = SpeakerEntry.objects.select_for_update().get(pk=entry.pk)
    if entry.state != SpeakerState.WAITING:
        raise MeetingRefused(_("This person is not waiting to speak any more."))
    at = clock(at)
    SpeakerEntry.objects.speaking().filter(meeting=meeting).update(state=SpeakerState.FINISHED, ended_at=at)
    entry.state, entry.started_at = SpeakerState.SPEAKING, at
    entry.save(update_fields=["state", "started_at"])
    record(meeting, "speaker_called", actor=actor, at=at, data={"entry": str(entry.pk)})
    return entry


@transaction.atomic
def finish_speaker(
    *, entry: SpeakerEntry, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> SpeakerEntry:
    """This person has spoken, and the floor is free."""
    meeting = lock(entry.meeting, expected_version=expected_version)
    entry = SpeakerEntry.objects.select_for_update().get(pk=entry.pk)
    if entry.state != SpeakerState.SPEAKING:
        raise MeetingRefused(_("This person is not speaking."))
    at = clock(at)
    _end(entry, SpeakerState.FINISHED, at)
    record(meeting, "speaker_finished", actor=actor, at=at, data={"entry": str(entry.pk)})
    return entry


def clear_floor(meeting: Meeting, *, at: datetime, waiting_too: bool = True) -> None:
    """Nobody speaks, and unless told otherwise nobody waits; call it with the meeting locked."""
    entries = SpeakerEntry.objects.filter(meeting=meeting)
    entries.speaking().update(state=SpeakerState.FINISHED, ended_at=at)
    if waiting_too:
        entries.waiting().update(state=SpeakerState.WITHDRAWN, ended_at=at)


def _end(entry: SpeakerEntry, state: SpeakerState, at: datetime) -> None:
    entry.state, entry.ended_at = state, at
    entry.save(update_fields=["state", "ended_at"])
