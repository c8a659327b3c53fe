# SPDX-License-Identifier: AGPL-3.0-or-later
"""The code on the wall that proves who types it is in the room: another one every minute, and none is stored."""

from datetime import datetime

from django.utils.crypto import constant_time_compare, salted_hmac

from assemblies import codes
from meetings.models import Meeting

SECONDS = 60  # how long one code is on the wall; it is taken for as long again
LENGTH = 5
SALT = "meetings.room_code"


def window(at: datetime) -> int:
    """The number of the minute to which a code belongs."""
    return int(at.timestamp()) // SECONDS


def room_code(meeting: Meeting, at: datetime) -> str:
    """The code that is on the wall at this moment."""
    return _code_of(meeting, window(at))


def is_good(typed: str, meeting: Meeting, at: datetime) -> bool:
    """Whether somebody meant the code on the wall, or the one before it: people need time to type."""
    meant = codes.meant_by(typed)
    return any(constant_time_compare(meant, _code_of(meeting, window(at) - before)) for before in (0, 1))


def is_shown(meeting: Meeting) -> bool:
    """Whether the wall has to show a code now."""
    return meeting.asks_room_code and meeting.is_room_open


def _code_of(meeting: Meeting, number: int) -> str:
    digest = salted_hmac(SALT, f"{meeting.pk}|{number}", algorithm="sha256").digest()
    return "".join(codes.ALPHABET[byte % len(codes.ALPHABET)] for byte in digest[:LENGTH])
