# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the queue of speakers is drawn with: the clock of a speech, and lengths of time."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from meetings.models import Meeting, SpeakerEntry
from meetings.speaking_order import seconds_for
from meetings.turns import MINUTE

register = template.Library()


@register.inclusion_tag("meetings/_timer.html")
def speech_timer(meeting: Meeting, entry: SpeakerEntry, kind: str = "") -> dict[str, Any]:
    """How long this person has spoken, and how long they should at most. It is a guide and ends nothing."""
    return {"entry": entry, "kind": kind, "limit": seconds_for(meeting, entry.kind)}


@register.filter
def stopwatch(seconds: int) -> SafeString:
    """Show seconds as minutes and seconds, as a stopwatch does."""
    # The two digits are made first: format_html hands on text, and text is padded on its other side.
    return format_html("<bdi>{}:{}</bdi>", seconds // MINUTE, f"{seconds % MINUTE:02}")
