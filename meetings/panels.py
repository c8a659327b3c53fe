# SPDX-License-Identifier: AGPL-3.0-or-later
"""What meetings have to say on pages that show several apps, and in the export of a person's data."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from accounts.models import User
from live.rights import with_papers
from meetings.access import meeting_with_code
from meetings.models import Attendance, Meeting, MeetingEvent, SpeakerEntry


def next_meeting(request: HttpRequest, context: dict[str, Any]) -> str:
    """The meeting that is on, or the next one, on the home page of its assembly."""
    ahead = Meeting.objects.ahead().filter(assembly=context["assembly"]).select_related("assembly")
    found = [*ahead]
    if not found:
        return ""
    shown = next((meeting for meeting in found if meeting.is_room_open), found[0])
    return render_to_string("meetings/_home_panel.html", {"meeting": shown}, request=request)


def with_code(request: HttpRequest, context: dict[str, Any]) -> str:
    """The way to the meeting that a voter code is for, where people without an account may follow it."""
    kind, _slash, meeting_id = context["scope"].partition("/")
    if kind != "meeting":
        return ""
    user = with_papers(request.user, request.session)
    meeting = Meeting.objects.select_related("assembly").filter(pk=meeting_id).first()
    found = meeting_with_code(user, meeting) or Meeting.objects.visible_to(user).filter(pk=meeting_id).first()
    return render_to_string("meetings/_with_code.html", {"meeting": found}, request=request) if found else ""


def kept_about(user: User) -> dict[str, Any]:
    """When the person was at meetings, asked to speak, and steered one."""
    stays = Attendance.objects.filter(attendee__membership__user=user).select_related("meeting")
    speeches = SpeakerEntry.objects.filter(attendee__membership__user=user).select_related("meeting", "item")
    acts = MeetingEvent.objects.filter(actor=user).select_related("meeting").order_by("at")
    return {
        "attendance": [
            {"meeting": stay.meeting.title, "mode": stay.mode, "began_at": stay.began_at, "ended_at": stay.ended_at}
            for stay in stays
        ],
        "speaking": [
            {
                "meeting": entry.meeting.title,
                "item": entry.item.title,
                "state": entry.state,
                "asked_at": entry.asked_at,
                "started_at": entry.started_at,
                "ended_at": entry.ended_at,
            }
            for entry in speeches
        ],
        "acts": [{"meeting": event.meeting.title, "kind": event.kind, "at": event.at} for event in acts],
    }
