# SPDX-License-Identifier: AGPL-3.0-or-later
"""Taking back the last thing that somebody steered, for ten seconds: the rows are as they were before it.

Votes are never taken back. What people did by themselves in between (a check-in, a raised hand) stays where it can.
"""

from datetime import datetime, timedelta
from typing import Any

import pgtrigger
from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.models import (
    IN_LINE,
    AgendaItem,
    Attendance,
    Meeting,
    MeetingEvent,
    SpeakerEntry,
    SpeakerState,
)

from .acts import MeetingRefused, clock, lock, record
from .floor import end

TIME = timedelta(seconds=10)  # as it is shown
TRANSIT = timedelta(seconds=2)  # for a press in the last moment on a slow line
ON_ANOTHER_ITEM = ("item_taken_up",)  # hands that went up since belong to an item that nobody discusses now
TIMES = ("started_at", "ended_at", "running_since")


def undoable(meeting: Meeting, actor: User, *, at: datetime | None = None) -> MeetingEvent | None:
    """What this person steered last, if it can still be taken back and nobody has steered since."""
    done = meeting.events.filter(actor=actor, data__undo__version=meeting.version, at__gt=clock(at) - TIME - TRANSIT)
    return done.order_by("-seq").first()


@transaction.atomic
def undo(
    *,
    meeting: Meeting,
    actor: User,
    seq: int,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> MeetingEvent:
    """This event is undone: what it changed is as it was before, and the log keeps both."""
    meeting = lock(meeting, expected_version=expected_version)
    at = clock(at)
    event = undoable(meeting, actor, at=at)
    if event is None or event.seq != seq:
        raise MeetingRefused(_("This cannot be taken back any more: ten seconds are over, or something else happened."))
    kept: dict[str, Any] = event.data["undo"]
    _put_items_back(meeting, kept["items"])
    # A hand that was taken down goes up again, and a speech that ended goes on: only here, never as an act of its own.
    with pgtrigger.ignore("meetings.SpeakerEntry:state_moves_as_drawn"):
        _put_hands_back(meeting, event, kept["hands"], at)
    of_meeting = kept["meeting"]
    changes = of_meeting | {"order_at": _moment(of_meeting["order_at"])}
    if changes["state"] == meeting.state:
        del changes["state"]
    return record(meeting, "undone", actor=actor, at=at, data={"seq": event.seq, "kind": event.kind}, **changes)


def _put_items_back(meeting: Meeting, kept: dict[str, dict[str, Any]]) -> None:
    """First what is on the floor now leaves it, so that there is never more than one current item."""
    items = list(AgendaItem.objects.select_for_update().filter(meeting=meeting, pk__in=kept))
    for item in sorted(items, key=lambda one: not one.is_current):
        columns = kept[str(item.pk)]
        for name, value in columns.items():
            setattr(item, name, _moment(value) if name in TIMES else value)
        item.save(update_fields=list(columns))


def _put_hands_back(meeting: Meeting, event: MeetingEvent, kept: dict[str, dict[str, Any]], at: datetime) -> None:
    entries = SpeakerEntry.objects.select_for_update(of=("self",)).filter(meeting=meeting)
    if event.kind in ON_ANOTHER_ITEM:
        for entry in entries.in_line().exclude(pk__in=kept):
            end(entry, SpeakerState.WITHDRAWN, at)
    here = set(Attendance.objects.present().filter(meeting=meeting).values_list("attendee_id", flat=True))
    back = [entry for entry in entries.filter(pk__in=kept) if _may_go_back(entry, event, here)]
    for entry in sorted(back, key=lambda one: kept[str(one.pk)]["state"] not in IN_LINE):  # the floor is free first
        columns = dict(kept[str(entry.pk)])
        if columns["state"] in IN_LINE:
            for newer in entries.in_line().filter(attendee=entry.attendee_id, kind=entry.kind).exclude(pk=entry.pk):
                end(newer, SpeakerState.WITHDRAWN, at)
        columns["spoken_for"] = timedelta(microseconds=columns["spoken_for"])
        for name, value in columns.items():
            setattr(entry, name, _moment(value) if name in TIMES else value)
        entry.save(update_fields=list(columns))


def _may_go_back(entry: SpeakerEntry, event: MeetingEvent, here: set[int]) -> bool:
    """Who has left, or took their hand down themselves since, is not called back."""
    return entry.attendee_id in here and entry.ended_at in (None, event.at)


def _moment(written: str | None) -> datetime | None:
    return parse_datetime(written) if written else None
