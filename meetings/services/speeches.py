# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who speaks: calling, interrupting, going on, ending a speech, and people who do not come when they are called."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.models import HAS_FLOOR, Meeting, MeetingState, Scene, SpeakerEntry, SpeakerKind, SpeakerState
from meetings.speaking_order import INTERRUPTING, Floor, read_floor

from .acts import MeetingRefused, StaleClick, clock, lock, record, require_state
from .before import before
from .floor import close_ranks, end, lock_entry, order_before, stop_the_clock


@transaction.atomic
def call_next(
    *,
    meeting: Meeting,
    actor: User | None,
    shown: UUID | None = None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> SpeakerEntry:
    """Whoever is next has the floor. Nothing happens when that is not the one whom the page showed as next."""
    meeting = lock(meeting, expected_version=expected_version)
    require_state(meeting, MeetingState.IN_SESSION, otherwise=_("The meeting is not in session."))
    floor = read_floor(meeting)
    entry = floor.next_up
    if entry is None:
        raise MeetingRefused(_("Nobody waits to speak."))
    if shown is not None and shown != entry.pk:
        raise StaleClick(_("Somebody else is next now. Look at the queue again, then decide."))
    entry.meeting = meeting
    return _start(floor, entry, actor, clock(at))


@transaction.atomic
def call_speaker(
    *,
    entry: SpeakerEntry,
    actor: User | None,
    starts: bool = True,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> SpeakerEntry:
    """This person has the floor, or with `starts=False` is asked to get ready; then they come before all who wait."""
    meeting, entry = lock_entry(entry, expected_version)
    floor = read_floor(meeting)
    ready = (SpeakerState.WAITING, SpeakerState.CALLED) if starts else (SpeakerState.WAITING,)
    if entry.state not in ready:
        raise MeetingRefused(_("This person is not waiting to speak any more."))
    at = clock(at)
    if starts:
        return _start(floor, entry, actor, at)
    if floor.called is not None:
        raise MeetingRefused(_("%(name)s was called already. Let them speak first.") % {"name": floor.called.attendee})
    undo = before(meeting, hands=True)
    entry.state = SpeakerState.CALLED
    entry.save(update_fields=["state"])
    close_ranks(floor, {entry.pk})
    data = {"entry": str(entry.pk)}
    record(meeting, "speaker_called", actor=actor, at=at, data=data, undo=undo, **order_before(floor, at))
    return entry


def _start(floor: Floor, entry: SpeakerEntry, actor: User | None, at: datetime) -> SpeakerEntry:
    """The person speaks. A question or an answer interrupts the speech; anything else ends it."""
    undo = before(floor.meeting, hands=True)
    interrupted = floor.speech if entry.kind in INTERRUPTING else None
    for on_the_floor in (floor.speaking, floor.paused):
        if on_the_floor is None or (on_the_floor is interrupted and on_the_floor.state == SpeakerState.PAUSED):
            continue
        end(on_the_floor, SpeakerState.PAUSED if on_the_floor is interrupted else SpeakerState.FINISHED, at)
    gone = {entry.pk}
    if interrupted is None:
        gone |= _drop_answers(floor, entry, at)
    entry.state, entry.running_since = SpeakerState.SPEAKING, at
    entry.started_at = entry.started_at or at
    entry.save(update_fields=["state", "running_since", "started_at"])
    close_ranks(floor, gone)
    data = {"entry": str(entry.pk), "interrupts": str(interrupted.pk) if interrupted else None}
    changes = order_before(floor, at) | _on_the_wall(floor.meeting, is_speaking=True)
    record(floor.meeting, "speaker_started", actor=actor, at=at, data=data, undo=undo, **changes)
    return entry


def _drop_answers(floor: Floor, entry: SpeakerEntry, at: datetime) -> set[UUID]:
    """Who wanted to answer a speech that is over does not wait any more, once the next speech begins."""
    if entry.kind != SpeakerKind.NORMAL:
        return set()
    states = (SpeakerState.REQUESTED, SpeakerState.WAITING)
    late = [one for one in floor.entries if one.kind == SpeakerKind.DIRECT_RESPONSE and one.state in states]
    for one in late:
        end(one, SpeakerState.WITHDRAWN, at)
    return {one.pk for one in late}


@transaction.atomic
def pause_speaker(
    *, entry: SpeakerEntry, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> SpeakerEntry:
    """The speech waits and its time stands still, for a question from the chair or the room."""
    meeting, entry = lock_entry(entry, expected_version)
    floor = read_floor(meeting)
    if entry.state != SpeakerState.SPEAKING:
        raise MeetingRefused(_("This person is not speaking."))
    if floor.paused is not None:
        raise MeetingRefused(_("One speech is interrupted already. End this one instead."))
    at = clock(at)
    end(entry, SpeakerState.PAUSED, at)
    record(meeting, "speaker_paused", actor=actor, at=at, data={"entry": str(entry.pk)}, **order_before(floor, at))
    return entry


@transaction.atomic
def resume_speaker(
    *, entry: SpeakerEntry, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> SpeakerEntry:
    """The interrupted speech goes on; whoever interrupted it has finished."""
    meeting, entry = lock_entry(entry, expected_version)
    floor = read_floor(meeting)
    if entry.state != SpeakerState.PAUSED:
        raise MeetingRefused(_("This speech is not interrupted."))
    at = clock(at)
    if floor.speaking is not None:
        end(floor.speaking, SpeakerState.FINISHED, at)
    _go_on(entry, at)
    record(meeting, "speaker_resumed", actor=actor, at=at, data={"entry": str(entry.pk)}, **order_before(floor, at))
    return entry


@transaction.atomic
def finish_speaker(
    *, entry: SpeakerEntry, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> SpeakerEntry:
    """This person has spoken. The speech that they interrupted goes on; otherwise the floor is free."""
    meeting, entry = lock_entry(entry, expected_version)
    floor = read_floor(meeting)
    if entry.state not in HAS_FLOOR:
        raise MeetingRefused(_("This person is not speaking."))
    at = clock(at)
    end(entry, SpeakerState.FINISHED, at)
    _leave(floor, entry, "speaker_finished", actor, at)
    return entry


@transaction.atomic
def no_show(
    *, entry: SpeakerEntry, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> SpeakerEntry:
    """Who was called and did not come waits at the end of the queue; the second time they are off it."""
    meeting, entry = lock_entry(entry, expected_version)
    floor = read_floor(meeting)
    if entry.state not in (SpeakerState.CALLED, SpeakerState.SPEAKING):
        raise MeetingRefused(_("This person was not called."))
    at = clock(at)
    entry.no_shows += 1
    waits_again = entry.no_shows == 1
    entry.state = SpeakerState.WAITING if waits_again else SpeakerState.NO_SHOW
    entry.ended_at = None if waits_again else at
    entry.sent_back_seq = meeting.event_seq + 1
    entry.pinned_place = entry.started_at = entry.running_since = None
    entry.spoken_for, entry.spoken_seconds = timedelta(), 0
    entry.save()
    _leave(floor, entry, "speaker_missing", actor, at)
    return entry


def _leave(floor: Floor, entry: SpeakerEntry, kind: str, actor: User | None, at: datetime) -> None:
    """Whoever was interrupted by this person goes on."""
    was_speaking = floor.speaking is not None and floor.speaking.pk == entry.pk
    goes_on = floor.paused if was_speaking else None
    if goes_on is not None:
        _go_on(goes_on, at)
    still_speaking = goes_on is not None or (floor.speaking is not None and not was_speaking)
    data = {"entry": str(entry.pk), "resumed": str(goes_on.pk) if goes_on else None}
    changes = order_before(floor, at) | _on_the_wall(floor.meeting, is_speaking=still_speaking)
    record(floor.meeting, kind, actor=actor, at=at, data=data, **changes)


def _go_on(entry: SpeakerEntry, at: datetime) -> None:
    stop_the_clock(entry, at)
    entry.state, entry.running_since = SpeakerState.SPEAKING, at
    entry.save(update_fields=["state", "running_since"])


def _on_the_wall(meeting: Meeting, *, is_speaking: bool) -> dict[str, Any]:
    """The projector follows from the item to its speaker and back; another scene stays."""
    if is_speaking and meeting.scene == Scene.ITEM:
        return {"scene": Scene.SPEAKER}
    if not is_speaking and meeting.scene == Scene.SPEAKER:
        return {"scene": Scene.ITEM}
    return {}
