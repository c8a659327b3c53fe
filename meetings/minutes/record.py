# SPDX-License-Identifier: AGPL-3.0-or-later
"""The record of a meeting as it is frozen: one canonical JSON text, whose SHA-256 is the digest of the minutes.

Its head is for everybody: the minutes, the items, what was decided. Parts that name who came when, or who asked to
speak, stay with the staff; the head holds the SHA-256 of each, so that the one digest covers all of it.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models

from meetings.models import (
    AgendaItem,
    Amendment,
    Attendance,
    Attendee,
    HandCount,
    ItemDocument,
    ItemPoll,
    Meeting,
    MeetingEvent,
    Minutes,
    Motion,
    Objection,
    Proxy,
    SpeakerEntry,
)

FORMAT = "folkmoot-minutes-1"
UNDO = "undo"  # what an event keeps of the moment before it (services/before.py)
Row = dict[str, Any]

OF_THE_MEETING = (
    *("id", "title", "place", "text", "starts_at", "planned_end_at", "doors_opened_at", "called_to_order_at"),
    *("adjourned_at", "quorum_base", "quorum_needed", "quorum_numerator", "quorum_denominator", "quorum_comparison"),
    "quorum_counts",
)


def canonical(value: Any) -> bytes:
    """The one way to write this as JSON: sorted keys, no spaces, times in UTC, no floats."""
    return json.dumps(
        _plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def sha256(value: Any) -> str:
    """The digest of this value, written canonically."""
    return hashlib.sha256(canonical(value)).hexdigest()


def head_of(minutes: Minutes) -> Row:
    """What everybody may read of the record; its SHA-256 is the digest."""
    meeting = minutes.meeting
    head: Row = _plain(
        {
            "format": FORMAT,
            "assembly": meeting.assembly_id,
            "meeting": {name: getattr(meeting, name) for name in OF_THE_MEETING},
            "minutes": _row(minutes, "version", "text", "corrections", "written_at", "signed_at", "approved_at"),
            "items": _items(meeting),
            "decisions": [
                _row(one, leave_out=("meeting", "actor")) | {"root": one.poll.published_root if one.poll else ""}
                for one in meeting.decisions.select_related("poll").order_by("number")
            ],
            "parts": {name: sha256(part(minutes)) for name, part in PARTS.items()},
        }
    )
    return head


def parts_of(minutes: Minutes) -> Row:
    """The parts that stay with the staff."""
    return {name: _plain(part(minutes)) for name, part in PARTS.items()}


def digest_of(minutes: Minutes) -> bytes:
    """SHA-256 of the record as the database holds it now."""
    return hashlib.sha256(canonical(head_of(minutes))).digest()


def export(minutes: Minutes, *, whole: bool) -> Row:
    """The file that people take home: the head with its digest, for the staff with all parts."""
    file = {"digest": bytes(minutes.digest or b"").hex(), "record": head_of(minutes)}
    return file | {"parts": parts_of(minutes)} if whole else file


def broken_in(file: Row) -> list[str]:
    """What does not hold in an exported file, by name; empty where all of it does."""
    record, parts = file.get("record"), file.get("parts") or {}
    if not isinstance(record, dict) or not isinstance(parts, dict):
        return ["record"]
    broken = [] if sha256(record) == file.get("digest") else ["record"]
    stated = record.get("parts") or {}
    return broken + [name for name, part in parts.items() if sha256(part) != stated.get(name)]


def differing(file: Row, minutes: Minutes) -> list[str]:
    """The names of what the database holds otherwise than an exported file."""
    ours, theirs = head_of(minutes), file["record"]
    names = [name for name in ours if name != "parts" and ours[name] != theirs.get(name)]
    stated = theirs.get("parts") or {}
    return names + [name for name, digest in ours["parts"].items() if digest != stated.get(name)]


def _items(meeting: Meeting) -> list[Row]:
    under: dict[UUID, dict[str, list[Row]]] = {}

    def put(name: str, item_id: UUID, row: Row) -> None:
        under.setdefault(item_id, {}).setdefault(name, []).append(row)

    amendments: dict[UUID, list[Row]] = {}
    for amendment in Amendment.objects.filter(motion__item__meeting=meeting).order_by("motion", "number"):
        amendments.setdefault(amendment.motion_id, []).append(_row(amendment, leave_out=("motion",)))
    for motion in Motion.objects.filter(item__meeting=meeting).order_by("created_at", "pk"):
        put(
            "motions", motion.item_id, _row(motion, leave_out=("item",)) | {"amendments": amendments.get(motion.pk, [])}
        )
    for count in HandCount.objects.filter(item__meeting=meeting).order_by("opened_at", "pk"):
        put("hand_counts", count.item_id, _row(count, leave_out=("item", "first_teller", "second_teller")))
    for held in ItemPoll.objects.filter(item__meeting=meeting).order_by("pk"):
        put("polls", held.item_id, _row(held, leave_out=("id", "item")))
    for document in ItemDocument.objects.filter(item__meeting=meeting).order_by("pk"):
        content = hashlib.sha256(bytes(document.content)).hexdigest() if document.content is not None else ""
        row = _row(document, leave_out=("item", "content")) | {"content_sha256": content}
        put("documents", document.item_id, row)
    items = AgendaItem.objects.filter(meeting=meeting).order_by("position")
    return [_row(item, leave_out=("meeting",)) | under.get(item.pk, {}) for item in items]


def _events(minutes: Minutes) -> list[Row]:
    """What happened. How things stood before an act serves to take it back for seconds, and is nobody's record."""
    rows = _rows(MeetingEvent.objects.filter(meeting=minutes.meeting).order_by("seq"))
    return [row | {"data": {name: value for name, value in row["data"].items() if name != UNDO}} for row in rows]


def _people(minutes: Minutes) -> list[Row]:
    return _rows(Attendee.objects.filter(meeting=minutes.meeting).order_by("pk"), "device_hash", "group")


def _stays(minutes: Minutes) -> list[Row]:
    return _rows(Attendance.objects.filter(meeting=minutes.meeting).order_by("began_at", "pk"))


def _proxies(minutes: Minutes) -> list[Row]:
    return _rows(Proxy.objects.filter(meeting=minutes.meeting).order_by("given_at", "pk"))


def _speakers(minutes: Minutes) -> list[Row]:
    return _rows(SpeakerEntry.objects.filter(meeting=minutes.meeting).order_by("asked_seq"))


def _objections(minutes: Minutes) -> list[Row]:
    return _rows(Objection.objects.filter(item__meeting=minutes.meeting).order_by("pk"))


def _signatures(minutes: Minutes) -> Row:
    """Who stands for the minutes, and who led and counted: accounts, which only the staff may match with names."""
    meeting = minutes.meeting
    counts = HandCount.objects.filter(item__meeting=meeting).order_by("opened_at", "pk")
    return {
        "minutes": _row(minutes, "id", "written_by", "signed_by", "approved_by"),
        "chair": meeting.chair_id,
        "tellers": [_row(count, "id", "first_teller", "second_teller") for count in counts],
        "decisions": [_row(one, "id", "actor") for one in meeting.decisions.order_by("number")],
    }


PARTS: dict[str, Callable[[Minutes], Any]] = {
    "events": _events,
    "attendees": _people,
    "attendance": _stays,
    "proxies": _proxies,
    "speakers": _speakers,
    "objections": _objections,
    "signatures": _signatures,
}


def _rows(found: Iterable[models.Model], *leave_out: str) -> list[Row]:
    return [_row(one, leave_out=("meeting", *leave_out)) for one in found]


def _row(one: models.Model, *names: str, leave_out: tuple[str, ...] = ()) -> Row:
    """The columns of a row by name; a reference to another row is its id."""
    fields = [field for field in one._meta.concrete_fields if field.name not in leave_out]
    return {field.name: getattr(one, field.attname) for field in fields if not names or field.name in names}


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case UUID() | float():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case timedelta():
            return value // timedelta(microseconds=1)
        case dict():
            return {str(key): _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
    raise TypeError(f"{type(value).__name__} has no place in the record of a meeting.")
