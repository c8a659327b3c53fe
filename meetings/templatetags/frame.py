# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the cockpit draws around its panels."""

from typing import Any

from django import template

from meetings import event_words, keys
from meetings.next_step import NextStep
from meetings.services.undo import TIME, undoable

register = template.Library()


@register.inclusion_tag("meetings/cockpit/_act.html")
def primary(step: NextStep) -> dict[str, Any]:
    """The one button of what comes next."""
    return {
        "url": step.url,
        "label": step.label,
        "kind": "large",
        "sign": "arrow-right" if step.goes_on else "",
        "version": step.meeting.version,
        "fields": step.data,
        "key": keys.OF_ACT.get(step.verb, ""),
    }


@register.simple_tag
def shortcuts() -> list[tuple[str, str, str]]:
    """Every key of the cockpit as (name, key, what it does)."""
    return keys.shown()


@register.inclusion_tag("meetings/cockpit/_undo.html", takes_context=True)
def undo_toast(context: dict[str, Any]) -> dict[str, Any]:
    """What this facilitator did last in a sentence, with the button that takes it back while that is possible."""
    meeting = context["meeting"]
    meeting.refresh_from_db(fields=["version"])
    event = undoable(meeting, context["request"].user)
    if event is None:
        return {"event": None}
    return {
        "event": event,
        "meeting": meeting,
        "sentence": event_words.sentence(event, event_words.names_in(meeting)),
        "until": event.at + TIME,
        "csrf_token": context.get("csrf_token"),
    }
