# SPDX-License-Identifier: AGPL-3.0-or-later
"""The way in: a short address, a code that forgives how it is typed, and the same as a picture for cameras."""

from functools import lru_cache

from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.mails import site_address
from assemblies import codes
from assemblies.qr_code import qr_code
from meetings.models import CODE_LENGTH, OVER, Meeting


def read_code(typed: str) -> str:
    """The code that somebody meant: small letters, spaces, dashes and look-alikes are forgiven; empty if it is none."""
    code = codes.meant_by(typed)
    is_code = len(code) == CODE_LENGTH and all(letter in codes.ALPHABET for letter in code)
    return code if is_code else ""


def meeting_with(code: str) -> Meeting | None:
    """The meeting ahead that this code opens, or the last one that it opened."""
    meetings = Meeting.objects.select_related("assembly").filter(join_code=code)
    return meetings.exclude(state__in=OVER).first() or meetings.order_by("-starts_at").first()


def join_link(meeting: Meeting) -> str:
    """The address that leads straight to checking in."""
    return site_address() + reverse("meetings:join_code", args=[meeting.join_code])


def short_address() -> str:
    """What to type into a phone before the code."""
    return site_address().removeprefix("https://").removeprefix("http://") + reverse("meetings:join").rstrip("/")


@lru_cache(maxsize=64)
def qr_picture(link: str) -> SafeString:
    """The link as a square that cameras read; the same few are shown again and again."""
    return qr_code(link)
