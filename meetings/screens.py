# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the screens of a meeting show, live: phones, the cockpit, the desk and the projector are topics of one meeting.

Each panel is rendered once for everybody in an audience. What is personal (my ballot, my raised hand) never travels
here: phones ask for it themselves when a vote opens, each at its own moment.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models.functions import Now, TruncMinute
from django.template.loader import render_to_string

from assemblies.models import Viewer
from assemblies.rights import CHECK_IN, RUN_MEETINGS, is_resident, know_memberships, may
from live import Topic
from meetings import frame, joining, room_code
from meetings.access import in_reach, meeting_with_code
from meetings.models import AHEAD, Meeting, MeetingState, Scene
from meetings.next_step import next_step
from meetings.services.acts import clock
from meetings.situation import look
from meetings.speaking_order import read_floor
from voting import results
from voting.models import Poll, PollState

PHONE_PANELS = ("now", "turnout", "floor", "agenda")
COCKPIT_PANELS = ("people", "driver", "run", "now", "turnout", "drive", "prepare", "projector", "decided", "floor")
SCREEN_PANELS = ("scene", "words")
DESK_PANELS = ("counts",)


def phone_audience(user: Viewer, meeting: Meeting | None) -> str | None:
    """Members see who waits to speak; the public sees the meeting without names."""
    seen = _announced(user, meeting)
    if seen is None:
        return "public" if meeting_with_code(user, meeting) else None
    return "attendee" if is_resident(user, seen.assembly) else "public"


def cockpit_audience(user: Viewer, meeting: Meeting | None) -> str | None:
    """Those who run the meeting."""
    seen = in_reach(user, meeting)
    return "facilitator" if seen and may(user, RUN_MEETINGS, seen.assembly) else None


def screen_audience(user: Viewer, meeting: Meeting | None) -> str | None:
    """Everybody who may see the meeting may put it on a wall; only a member's wall names who speaks.

    Only the wall of those who check people in shows the code that proves somebody is in the room.
    """
    seen = _announced(user, meeting)
    if seen is None:
        return "public" if meeting_with_code(user, meeting) else None
    if may(user, CHECK_IN, seen.assembly):
        return "wall"
    return "screen" if is_resident(user, seen.assembly) else "public"


def desk_audience(user: Viewer, meeting: Meeting | None) -> str | None:
    """Those who check people in."""
    seen = _announced(user, meeting)
    return "desk" if seen and may(user, CHECK_IN, seen.assembly) else None


def state(meeting_id: UUID) -> str:
    """The number of the last event, how far the open vote got, and whether the count of one does not get on."""
    meeting = Meeting.objects.only("event_seq").get(pk=meeting_id)
    open_poll = Poll.objects.open().filter(lane=meeting.topic).first()
    stuck = [poll.pk for poll in Poll.objects.filter(lane=meeting.topic, state=PollState.CLOSING) if poll.is_stuck]
    return f"{meeting.event_seq} {results.movement(open_poll) if open_poll else ''} {stuck}"


def cockpit_state(meeting_id: UUID) -> str:
    """The same, and the minute until the meeting is over: how late it is, and whether the doors may open, changes so."""
    under_way = Meeting.objects.filter(pk=meeting_id, state__in=AHEAD).annotate(minute=TruncMinute(Now()))
    minute = under_way.values_list("minute", flat=True).first()
    return f"{state(meeting_id)} {minute or ''}"


def screen_state(meeting_id: UUID) -> str:
    """The same, and the number of the minute while the wall shows a code that changes with it."""
    meeting = Meeting.objects.only("state", "asks_room_code").get(pk=meeting_id)
    return f"{state(meeting_id)} {room_code.window(clock()) if room_code.is_shown(meeting) else ''}"


def render_phone(meeting_id: UUID, audience: str, language: str) -> Mapping[str, str]:
    return _render("phone", PHONE_PANELS, {"now": look(meeting_id), "shows_names": audience == "attendee"})


def render_cockpit(meeting_id: UUID, audience: str, language: str) -> Mapping[str, str]:
    now = look(meeting_id)
    context = {
        "now": now,
        "meeting": now.meeting,
        "driving": frame.driving(meeting_id),
        "step": next_step(now, floor=read_floor(now.meeting), chair_is_here=frame.chair_is_here(now.meeting)),
        "scenes": Scene.choices,
        "short_address": joining.short_address(),
    }
    return _render("cockpit", COCKPIT_PANELS, context)


def render_screen(meeting_id: UUID, audience: str, language: str) -> Mapping[str, str]:
    now = look(meeting_id)
    context = {
        "now": now,
        "meeting": now.meeting,
        "shows_names": audience in ("screen", "wall"),
        "shows_room_code": room_code.is_shown(now.meeting),
        "room_code": room_code.room_code(now.meeting, clock()) if audience == "wall" else "",
        "short_address": joining.short_address(),
        "qr": joining.qr_picture(joining.join_link(now.meeting)),
    }
    return _render("screen", SCREEN_PANELS, context)


def render_desk(meeting_id: UUID, audience: str, language: str) -> Mapping[str, str]:
    return _render("desk", DESK_PANELS, {"now": look(meeting_id)})


def _render(folder: str, panels: tuple[str, ...], context: dict[str, Any]) -> dict[str, str]:
    return {name: render_to_string(f"meetings/{folder}/_{name}.html", context) for name in panels}


def _announced(user: Viewer, meeting: Meeting | None) -> Meeting | None:
    """The meeting, if it was announced and this person may see it."""
    seen = in_reach(user, meeting)
    return seen if seen and seen.state != MeetingState.DRAFT else None


def _known(meeting_id: UUID) -> Meeting | None:
    """What rights are decided by, and no more: every socket that opens asks."""
    found = Meeting.objects.select_related("assembly").only("state", "rehearses", "assembly__is_public")
    return found.filter(pk=meeting_id).first()


def _topic(name: str, audience: Callable[[Viewer, Meeting | None], str | None], **how: Any) -> Topic:
    """A topic of meetings; `audience` is asked about a person and the meeting with this id, or None if there is none."""

    def audience_of(user: Viewer, meeting_id: UUID) -> str | None:
        return audience(user, _known(meeting_id))

    def audiences_of(users: Sequence[Viewer], meeting_id: UUID) -> list[str | None]:
        meeting = _known(meeting_id)
        if meeting:
            know_memberships(users, meeting.assembly)
        return [audience(user, meeting) for user in users]

    return Topic(name=name, audience_of=audience_of, audiences_of=audiences_of, **how)


TOPICS = (
    _topic("meeting", phone_audience, state=state, render=render_phone),
    _topic("cockpit", cockpit_audience, state=cockpit_state, render=render_cockpit, follows="meeting"),
    _topic("screen", screen_audience, state=screen_state, render=render_screen, follows="meeting"),
    _topic("desk", desk_audience, state=state, render=render_desk, follows="meeting"),
)
