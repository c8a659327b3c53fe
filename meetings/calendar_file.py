# SPDX-License-Identifier: AGPL-3.0-or-later
"""Meetings as a calendar file (RFC 5545), so that a phone reminds its owner: one meeting, or a feed of all of them."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from meetings.models import Meeting, MeetingState

LONGEST_LINE = 75  # octets; longer lines are folded
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def calendar_file(
    meetings: Iterable[Meeting], *, link_of: Callable[[Meeting], str], at: datetime, name: str = ""
) -> str:
    """One event for each meeting, which replaces itself in the calendar when the meeting changes.

    With a name it is a feed: calendars ask for it again twice a day.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Folkmoot//Meetings//EN", "METHOD:PUBLISH"]
    if name:
        lines += [f"NAME:{_text(name)}", f"X-WR-CALNAME:{_text(name)}"]
        lines += ["REFRESH-INTERVAL;VALUE=DURATION:PT12H", "X-PUBLISHED-TTL:PT12H"]
    for meeting in meetings:
        lines += _event(meeting, link_of(meeting), at)
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(meeting: Meeting, link: str, at: datetime) -> list[str]:
    return [
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
    ]


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    text = "\n".join(text.splitlines())  # every kind of line break is one
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return CONTROLS.sub("", text).replace("\n", "\\n")


def _folded(line: str) -> str:
    """The line in pieces that fit, never cut inside a letter; each further piece starts with a space."""
    pieces, piece, octets = [], "", 0
    for letter in line:
        more = len(letter.encode())
        if octets + more > LONGEST_LINE:
            pieces.append(piece)
            piece, octets = " ", 1
        piece, octets = piece + letter, octets + more
    return "\r\n".join([*pieces, piece])
