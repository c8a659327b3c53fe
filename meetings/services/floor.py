# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who speaks: raising a hand, calling the next speaker, ending a speech."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.models import Attendance, Attendee, Meeting, MeetingState, SpeakerEntry, SpeakerState
from meetings.models.floor import SpeakerQuerySet

from .acts import MeetingRefused, clock, current_item, lock, record, require_state


@transaction.atomic
def raise_hand(*, attendee: Attendee, at: datetime | None = None) -> SpeakerEntry:
    """The person waits to speak on the current item. A hand that is up already stays where it is."""
    meeting = lock(attendee.meeting)
    require_state(
        meeting, MeetingState.IN_SESSION, otherwise=_("You can raise your hand while the meeting is in session.")
    )
    item = current_item(meeting)
    if item is None:
        raise MeetingRefused(_("No item has been taken up yet. Raise your hand when one is."))
    if not Attendance.objects.present().filter(attendee=attendee).exists():
        raise MeetingRefused(_("Check in first, then raise your hand."))
    waiting = SpeakerEntry.objects.waiting().filter(attendee=attendee).first()
    if waiting is not None:
        return waiting
    at = clock(at)
    entry = SpeakerEntry.objects.create(
        meeting=meeting, item=item, attendee=attendee, asked_seq=meeting.event_seq + 1, asked_at=at
    )
    record(meeting, "hand_raised", actor=attendee.user, at=at, steers=False, data={"entry": str(entry.pk)})
    return entry


@transaction.atomic
def withdraw_hand(*, attendee: Attendee, at: datetime | None = None) -> SpeakerEntry:
    """The person does not wait to speak any more."""
    meeting = lock(attendee.meeting)
    entry = SpeakerEntry.objects.waiting().filter(attendee=attendee).first()
    if entry is None:
        raise MeetingRefused(_("Your hand is not up."))
    at = clock(at)
    _end(entry, SpeakerState.WITHDRAWN, at)
    record(meeting, "hand_withdrawn", actor=attendee.user, at=at, steers=False, data={"entry": str(entry.pk)})
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
    for speaking in SpeakerEntry.objects.on_the_floor().filter(meeting=meeting):
        _end(speaking, SpeakerState.FINISHED, at)
    entry.state, entry.started_at, entry.running_since = SpeakerState.SPEAKING, at, at
    entry.save(update_fields=["state", "started_at", "running_since"])
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
    leave_the_floor(entries if waiting_too else entries.on_the_floor(), at=at)


def leave_the_floor(entries: SpeakerQuerySet, *, at: datetime) -> None:
    """Of these, who speaks has finished, and whose hand is up has taken it down; call it with the meeting locked."""
    for entry in entries.on_the_floor():
        _end(entry, SpeakerState.FINISHED, at)
    entries.in_line().update(state=SpeakerState.WITHDRAWN, ended_at=at)


def _end(entry: SpeakerEntry, state: SpeakerState, at: datetime) -> None:
    if entry.running_since is not None:
        entry.spoken_seconds += int((at - entry.running_since).total_seconds())
    entry.state, entry.ended_at, entry.running_since = state, at, None
    entry.save(update_fields=["state", "ended_at", "running_since", "spoken_seconds"])
