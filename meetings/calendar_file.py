# SPDX-License-Identifier: AGPL-3.0-or-later
"""A meeting as a calendar file (RFC 5545), so that a phone reminds its owner."""

from datetime import UTC, datetime

from meetings.models import Meeting, MeetingState

LONGEST_LINE = 75  # octets; longer lines are folded


def calendar_file(meeting: Meeting, *, link: str, at: datetime) -> str:
    """One event, which replaces itself in the calendar when the meeting changes."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Folkmoot//Meetings//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{meeting.pk}@folkmoot",
        f"SEQUENCE:{meeting.version}",
        f"DTSTAMP:{_moment(at)}",
        f"DTSTART:{_moment(meeting.starts_at)}",
        f"DTEND:{_moment(meeting.planned_end_at)}",
        f"SUMMARY:{_text(f'{meeting.assembly.name}: {meeting.title}')}",
        f"LOCATION:{_text(meeting.place)}",
        f"DESCRIPTION:{_text(meeting.text)}",
        f"URL:{link}",
        f"STATUS:{'CANCELLED' if meeting.state == MeetingState.CANCELLED else 'CONFIRMED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return "\\n".join(text.splitlines())


def _folded(line: str) -> str:
    """The line in pieces that fit, never cut inside a letter; each further piece starts with a space."""
    pieces, piece = [], ""
    for letter in line:
        if len((piece + letter).encode()) > LONGEST_LINE:
            pieces.append(piece)
            piece = " "
        piece += letter
    return "\r\n".join([*pieces, piece])
