# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages of a meeting draw with: the button of an act, and how long something lasts."""

from datetime import datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from meetings import keys
from meetings.models import Meeting

register = template.Library()


@register.inclusion_tag("meetings/cockpit/_act.html")
def act(
    meeting: Meeting,
    verb: str,
    label: str,
    *ids: object,
    kind: str = "plain small",
    sign: str = "",
    about: str = "",
    side: bool = False,
    key: str = "",
    **fields: object,
) -> dict[str, Any]:
    """Draw the button of one act, with the version of the meeting that its reader sees.

    `about` names for screen readers what the act is about, `side` puts it beside the main one, `key` names its shortcut
    where the act has no own; the other keyword arguments are sent with the act.
    """
    return {
        "url": reverse(f"meetings:{verb}", args=[meeting.pk, *ids]),
        "label": label,
        "kind": kind,
        "sign": sign,
        "about": about,
        "side": side,
        "version": meeting.version,
        "key": key or keys.OF_ACT.get(verb, ""),
        "fields": fields,
    }


@register.filter
def clock(at: datetime | None) -> SafeString | str:
    """Show the hour and minute by the clock on the wall."""
    return format_html("<bdi>{}</bdi>", date_format(timezone.localtime(at), "H:i")) if at else ""
