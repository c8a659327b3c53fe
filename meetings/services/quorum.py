# SPDX-License-Identifier: AGPL-3.0-or-later
"""The quorum as a fact beside the state of the meeting: looked at with every coming and going, and each flip is told."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from meetings.models import ROOM_OPEN, Meeting, QuorumBase, QuorumState
from meetings.quorum_now import count_room

from .acts import clock, lock, record


@dataclass(frozen=True)
class Snapshot:
    """The quorum at one moment, to be kept with a decision."""

    present: int
    required: int
    state: QuorumState


def snapshot(meeting: Meeting) -> Snapshot:
    """The quorum as it is now."""
    room = count_room(meeting)
    return Snapshot(room.present, room.required, room.state)


def note_quorum(meeting: Meeting, *, at: datetime) -> QuorumState:
    """The meeting knows whether its quorum is met, and a flip is an event; call it with the meeting locked."""
    if meeting.quorum_base == QuorumBase.NONE and meeting.quorum_state == QuorumState.NOT_SET:
        return QuorumState.NOT_SET
    now, before = snapshot(meeting), QuorumState(meeting.quorum_state)
    if now.state == before:
        return now.state
    if now.state == QuorumState.MET:
        kind = "quorum_met"
    elif before == QuorumState.MET and now.state == QuorumState.NOT_MET:
        kind = "quorum_lost"
    else:  # the rule is new, or was taken away: nobody came or went
        meeting.quorum_state = now.state
        meeting.save(update_fields=["quorum_state"])
        return now.state
    data = {"present": now.present, "required": now.required}
    record(meeting, kind, actor=None, at=at, data=data, steers=False, quorum_state=now.state)
    return now.state


@transaction.atomic
def hear_of_voters(meeting: Meeting) -> None:
    """Somebody may vote who could not before: the quorum of a meeting that is on is looked at."""
    if meeting.is_room_open:
        note_quorum(lock(meeting), at=clock())


@transaction.atomic
def hear_of_codes(scope: str) -> None:
    """Voter codes were entered, left or revoked: where they are for a meeting that is on, its quorum is looked at."""
    kind, _slash, meeting_id = scope.partition("/")
    if kind != "meeting":
        return
    with_quorum = Meeting.objects.filter(pk=meeting_id, state__in=ROOM_OPEN).exclude(quorum_base=QuorumBase.NONE)
    found = with_quorum.first()
    if found is not None:
        note_quorum(lock(found), at=clock())
