# SPDX-License-Identifier: AGPL-3.0-or-later
"""The draft of the minutes: what happened, as the meeting itself noted it, in the language of the assembly.

Nothing of what was said, and nothing of who voted how: neither is kept.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from meetings.models import Decision, ItemState, Meeting, MeetingEvent

from .items import consent_section, item_section, load_items, titled
from .markdown import escape
from .people import presence, quorum_section
from .times import clock, span

NOT_FINISHED = (ItemState.CARRIED_OVER, ItemState.POSTPONED, ItemState.TABLED, ItemState.SKIPPED)


def draft_of(meeting: Meeting) -> str:
    """The minutes as far as the meeting wrote them itself; a fixed number of queries, however much happened."""
    with translation.override(meeting.assembly.language), timezone.override(timezone.get_default_timezone()):
        events = _standing(MeetingEvent.objects.filter(meeting=meeting).order_by("seq"))
        decisions = list(
            Decision.objects.filter(meeting=meeting)
            .select_related("poll", "hand_count", "supersedes")
            .prefetch_related("superseded_by", "poll__options")
            .order_by("number")
        )
        items = load_items(meeting, decisions)
        parts = [
            _head(meeting, events),
            [f"## {_('Who was there')}", *presence(meeting)],
            quorum_section(meeting, events),
            [f"## {_('Agenda')}"],
            *(item_section(item) for item in items),
            *(consent_section(decision, items) for decision in decisions if decision.item_id is None),
        ]
        left = [item for item in items if item.item.state in NOT_FINISHED]
        if left:
            parts.append([f"## {_('Not finished')}", "\n".join(f"- {titled(one.item)}" for one in left)])
        parts.append(_end(meeting))
        return "\n\n".join(block for part in parts for block in part if block) + "\n"


def _head(meeting: Meeting, events: Iterable[MeetingEvent]) -> list[str]:
    told = [
        (_("Day"), date_format(timezone.localtime(meeting.called_to_order_at or meeting.starts_at), "DATE_FORMAT")),
        (_("Place"), escape(meeting.place)),
        (_("Planned"), span(meeting.starts_at, meeting.planned_end_at)),
        (_("Doors opened"), clock(meeting.doors_opened_at)),
        (_("Began"), clock(meeting.called_to_order_at)),
        *((_("Break"), span(began, ended)) for began, ended in _breaks(events)),
        *((_("Closed, and taken up again"), span(began, ended)) for began, ended in _reconvened(events)),
        (_("Closed"), clock(meeting.adjourned_at)),
        (_("Chair"), escape(str(meeting.chair)) if meeting.chair else ""),
    ]
    lines = "\n".join(f"- **{label}:** {value}" for label, value in told if value)
    about = _("Minutes of a meeting of %(assembly)s") % {"assembly": escape(meeting.assembly.name)}
    return [f"# {escape(meeting.title)}", about, lines]


def _end(meeting: Meeting) -> list[str]:
    if meeting.adjourned_at is None:
        return []
    return [f"## {_('End')}", _("The meeting was closed at %(time)s.") % {"time": clock(meeting.adjourned_at)}]


def _standing(events: Iterable[MeetingEvent]) -> list[MeetingEvent]:
    """What happened, without what was taken back a moment later."""
    listed = list(events)
    undone = {event.data.get("seq") for event in listed if event.kind == "undone"}
    return [event for event in listed if event.seq not in undone and event.kind != "undone"]


def _breaks(events: Iterable[MeetingEvent]) -> list[tuple[datetime, datetime]]:
    return _between(events, "recessed", ("resumed", "adjourned"))


def _reconvened(events: Iterable[MeetingEvent]) -> list[tuple[datetime, datetime]]:
    return _between(events, "adjourned", ("reconvened",))


def _between(events: Iterable[MeetingEvent], first: str, then: tuple[str, ...]) -> list[tuple[datetime, datetime]]:
    ends = [event for event in events if event.kind in (first, *then)]
    return [(one.at, two.at) for one, two in pairwise(ends) if one.kind == first and two.kind in then]
