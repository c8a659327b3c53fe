# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an event keeps of the moment before it, so that the act can be taken back for a few seconds."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from meetings.models import HAS_FLOOR, IN_LINE, AgendaItem, Meeting, SpeakerEntry

OF_MEETING = ("state", "scene", "scene_poll_id", "scene_text", "is_blanked", "standing_order", "order_at")
OF_ITEM = (
    *("position", "state", "started_at", "ended_at", "outcome", "phase", "queue", "postponed_to"),
    *("spent_seconds", "running_since"),
)
OF_HAND = ("state", "started_at", "ended_at", "running_since", "spoken_seconds", "pinned_place")

Kept = dict[str, Any]  # columns of one row as JSON


def before(meeting: Meeting, *items: AgendaItem | None, hands: bool = False) -> Kept:
    """The meeting, these items and, where the act touches the floor, the hands as they are now: call it first."""
    kept: Kept = {
        "meeting": _columns(meeting, OF_MEETING),
        "items": {str(item.pk): _columns(item, OF_ITEM) for item in items if item is not None},
        "hands": {},
    }
    if hands:
        entries: Iterable[SpeakerEntry] = SpeakerEntry.objects.filter(meeting=meeting, state__in=[*IN_LINE, *HAS_FLOOR])
        for entry in entries:
            spoken = {"spoken_for": entry.spoken_for // timedelta(microseconds=1)}
            kept["hands"][str(entry.pk)] = _columns(entry, OF_HAND) | spoken
    return kept


def _columns(row: models.Model, names: Iterable[str]) -> Kept:
    return {name: _written(getattr(row, name)) for name in names}


def _written(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, list):
        return [str(one) for one in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()  # with its microseconds, which JSON by Django's own encoder would lose
    return DjangoJSONEncoder().default(value)
