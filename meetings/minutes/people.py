# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who was at the meeting, as minutes say it: members by name, guests by number, times only where the quorum turned."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assemblies.money import format_count
from meetings.models import (
    Attendance,
    AttendanceEnd,
    AttendanceMode,
    Attendee,
    Meeting,
    MeetingEvent,
    Proxy,
    QuorumBase,
    QuorumState,
)

from .markdown import escape
from .times import clock

FLIPS = ("quorum_met", "quorum_lost")
COMING = ("checked_in", "came_back")
GOING = ("checked_out", "stepped_out", "revoked")


def presence(meeting: Meeting) -> list[str]:
    """Who was there at any time: who was in the room stands there even if they went home and listened on."""
    stays = Attendance.objects.filter(meeting=meeting).exclude(end=AttendanceEnd.REVOKED)
    modes: dict[int, set[str]] = {}
    for attendee_id, mode in stays.values_list("attendee", "mode"):
        modes.setdefault(attendee_id, set()).add(mode)
    everybody = list(Attendee.objects.filter(meeting=meeting).select_related("membership__user"))
    members = [one for one in everybody if not one.is_guest]
    in_room = [one for one in members if AttendanceMode.IN_ROOM in modes.get(one.pk, ())]
    remote = [one for one in members if modes.get(one.pk) == {AttendanceMode.REMOTE}]
    excused = [one for one in members if one.is_excused and one.pk not in modes]
    guests = sum(1 for one in everybody if one.is_guest and one.pk in modes)
    lines = [
        _listed(_("Members in the room"), in_room),
        _listed(_("Members from elsewhere"), remote),
        _listed(_("Excused"), excused),
        f"**{_('Guests')}:** {format_count(guests)}" if guests else "",
        *_proxies(meeting),
    ]
    kept = [line for line in lines if line]
    return kept or [_("Nobody was checked in.")]


def quorum_section(meeting: Meeting, events: Sequence[MeetingEvent]) -> list[str]:
    """The quorum when the meeting began, and every time it was lost or found again, with who came or went then."""
    head = f"## {_('Quorum')}"
    if meeting.quorum_base == QuorumBase.NONE and not any(event.kind in FLIPS for event in events):
        return [head, _("No quorum was set: any number could decide.")]
    began = next((event for event in events if event.kind == "called_to_order"), None)
    at_beginning = _at_call_to_order(began, events)
    names = _names(meeting, events) if began else {}
    turns = [_turn(event, events, names) for event in events if event.kind in FLIPS and began and event.seq > began.seq]
    return [head, at_beginning, "\n".join(f"- {turn}" for turn in turns)]


def quorum_in_words(present: int, required: int, state: str) -> str:
    """How many were there, and whether that was enough."""
    told = {"present": format_count(present), "required": format_count(required)}
    if state == QuorumState.NOT_SET:
        return _("%(present)s present, no quorum was set") % told
    if state == QuorumState.MET:
        return _("%(present)s present, %(required)s needed: the quorum was met") % told
    return _("%(present)s present, %(required)s needed: the quorum was not met") % told


def _at_call_to_order(began: MeetingEvent | None, events: Iterable[MeetingEvent]) -> str:
    if began is None:
        return ""
    noted = began.data.get("quorum")
    if noted:
        words = quorum_in_words(noted["present"], noted["required"], noted["state"])
        return _("When the meeting began: %(quorum)s.") % {"quorum": words}
    before = [event for event in events if event.kind in FLIPS and event.seq < began.seq]
    if not before:
        return _("When the meeting began the quorum was not met.")
    last = before[-1]
    state = QuorumState.MET if last.kind == "quorum_met" else QuorumState.NOT_MET
    words = quorum_in_words(last.data["present"], last.data["required"], state)
    return _("When the meeting began: %(quorum)s.") % {"quorum": words}


def _turn(flip: MeetingEvent, events: Sequence[MeetingEvent], names: dict[str, str]) -> str:
    time = clock(flip.at)
    state = QuorumState.MET if flip.kind == "quorum_met" else QuorumState.NOT_MET
    words = quorum_in_words(flip.data["present"], flip.data["required"], state)
    cause = next((event for event in reversed(events) if event.seq < flip.seq), None)
    who = names.get(str(cause.data.get("attendee"))) if cause else None
    if cause is not None and who and cause.kind in COMING:
        return _("%(time)s: %(name)s came; %(quorum)s.") % {"time": time, "name": who, "quorum": words}
    if cause is not None and who and cause.kind in GOING:
        return _("%(time)s: %(name)s left; %(quorum)s.") % {"time": time, "name": who, "quorum": words}
    return f"{time}: {words}."


def _names(meeting: Meeting, events: Sequence[MeetingEvent]) -> dict[str, str]:
    """Of members, the names; a guest is one of them."""
    before = {event.seq - 1 for event in events if event.kind in FLIPS}
    wanted = [event.data["attendee"] for event in events if event.seq in before and "attendee" in event.data]
    found = Attendee.objects.filter(meeting=meeting, public_id__in=wanted).select_related("membership__user")
    return {str(one.public_id): _("a guest") if one.is_guest else escape(str(one)) for one in found}


def _listed(label: str, people: Iterable[Attendee]) -> str:
    names = sorted((escape(str(one)) for one in people), key=str.casefold)
    return f"**{label}** ({format_count(len(names))}): {', '.join(names)}" if names else ""


def _proxies(meeting: Meeting) -> list[str]:
    given = Proxy.objects.in_force().filter(meeting=meeting)
    pairs = [
        _("%(holder)s for %(giver)s") % {"holder": escape(str(proxy.holder)), "giver": escape(str(proxy.giver))}
        for proxy in given.select_related("giver__membership__user", "holder__membership__user")
    ]
    if not pairs:
        return []
    label = ngettext("%(number)s proxy", "%(number)s proxies", len(pairs)) % {"number": format_count(len(pairs))}
    return [f"**{label}**: {', '.join(sorted(pairs, key=str.casefold))}"]
