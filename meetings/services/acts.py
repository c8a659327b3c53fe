# SPDX-License-Identifier: AGPL-3.0-or-later
"""What every act in a meeting has in common: one lock, one event with the next number, one word to the screens.

The meeting's row is locked first, then the agenda item's, then the poll's: always in this order.
"""

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

import live
from accounts.models import User
from meetings.models import AgendaItem, Meeting, MeetingEvent, MeetingState


class MeetingRefused(Exception):
    """The meeting was not changed; the message is written for the person who tried."""


class StaleClick(MeetingRefused):
    """Somebody else changed the meeting after this person's page was drawn."""


def clock(at: datetime | None = None) -> datetime:
    """The time by the database's clock, which all processes share, or the given one."""
    if at is not None:
        return at
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    return now  # type: ignore[no-any-return]


def lock(meeting: Meeting, *, expected_version: int | None = None) -> Meeting:
    """The meeting as it is now, locked until the transaction ends; raises StaleClick when it moved on."""
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    locked.assembly = meeting.assembly  # which is not locked, and known already where everybody comes in at once
    if expected_version is not None and locked.version != expected_version:
        raise StaleClick(_("Somebody else was faster, so nothing was changed. Look at the page again, then decide."))
    if locked.state == MeetingState.MINUTES_APPROVED:
        raise MeetingRefused(_("The minutes are approved. Nothing of this meeting changes any more."))
    return locked


def lock_item(item: AgendaItem, *, expected_version: int | None = None) -> tuple[Meeting, AgendaItem]:
    """The item's meeting and then the item, both locked until the transaction ends."""
    meeting = lock(item.meeting, expected_version=expected_version)
    locked = AgendaItem.objects.select_for_update().filter(pk=item.pk).first()
    if locked is None:
        raise StaleClick(_("This item was taken off the agenda."))
    locked.meeting = meeting
    return meeting, locked


def current_item(meeting: Meeting) -> AgendaItem | None:
    """The item on the floor, locked; call it with the meeting locked."""
    item = AgendaItem.objects.select_for_update().filter(meeting=meeting, state="current").first()
    if item is not None:
        item.meeting = meeting
    return item


def require_state(meeting: Meeting, *states: MeetingState, otherwise: str) -> None:
    """Refuse with this sentence unless the meeting is in one of these states."""
    if meeting.state not in states:
        raise MeetingRefused(otherwise)


def refuse_when_over(meeting: Meeting) -> None:
    if meeting.is_over:
        raise MeetingRefused(_("This meeting is over. Its agenda cannot be changed any more."))


def record(
    meeting: Meeting,
    kind: str,
    *,
    actor: User | None,
    at: datetime,
    data: dict[str, Any] | None = None,
    steers: bool = True,
    in_passing: bool = False,
    undo: dict[str, Any] | None = None,
    **changes: Any,
) -> MeetingEvent:
    """The meeting has these changes and one more event, and its screens are told after the commit.

    `undo` is what was before, where the act can be taken back (before.py); it holds for the version that the act makes.

    What facilitators steer by gives the meeting a new version; what does not steer, as a check-in, a question to
    whoever drives or the quorum, never makes a facilitator's click stale. That says nothing about when screens show it:
    at once, unless it happened `in_passing`. So do only the acts that a crowd does, each a little (live.announce).
    """
    meeting.event_seq += 1  # the row itself is counted up by the event's trigger
    data = dict(data or {})
    if undo is not None:
        data["undo"] = undo | {"version": meeting.version + int(steers)}
    event = MeetingEvent.objects.create(
        meeting=meeting, seq=meeting.event_seq, kind=kind, actor=actor, at=at, data=data
    )
    for name, value in changes.items():
        setattr(meeting, name, value)
    fields = list(changes)
    if steers:
        meeting.version += 1
        fields.append("version")
    if fields:
        meeting.save(update_fields=fields)  # after the event: approved minutes let no event in any more
    live.announce(meeting.topic, in_passing=in_passing)
    return event
