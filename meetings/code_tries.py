# SPDX-License-Identifier: AGPL-3.0-or-later
"""How often the code on the wall may be typed wrongly: by account or device, and by all guests of one meeting together.

Never by network, since a whole hall shares one address. Who is signed in is counted alone, so nobody else's guesses
keep a member out; many wrong codes by people who are not signed in send only those to the desk for a while.
"""

import hashlib
import secrets
from uuid import UUID

from django.core.cache import cache
from django.utils.translation import gettext as _

from accounts.requests import Request
from meetings import room_code
from meetings.models import Meeting
from meetings.services import MeetingRefused
from meetings.services.acts import clock

DEVICE = "room_code_device"  # in the session of who is not signed in
SECONDS = 10 * 60
TRIES_PER_PERSON = 10  # wrong ones, in each meeting
TRIES_OF_GUESTS = 500  # wrong ones of everybody who is not signed in; two of 28 million codes are right


def count_try(request: Request, meeting: Meeting, typed: str) -> None:
    """Count this code if it is wrong, before anything is done with it; refuse who has typed too many."""
    if not typed.strip():
        return
    person, of_guests = _key(meeting.pk, _who(request)), _key(meeting.pk, "guests")
    is_guest = not request.user.is_authenticated
    if is_guest and int(cache.get(of_guests, 0)) >= TRIES_OF_GUESTS:
        raise MeetingRefused(
            _("Too many wrong codes were typed by guests. Sign in if you have an account, or go to the desk.")
        )
    if _count(person) > TRIES_PER_PERSON:  # counted first: many at the same moment do not slip through together
        raise MeetingRefused(_("You typed too many wrong codes. Go to the desk, or wait ten minutes and try again."))
    if room_code.is_good(typed, meeting, clock()):
        _give_back(person)
    elif is_guest:
        _count(of_guests)


def _who(request: Request) -> str:
    """The account, or else the device, whose random name says nothing of which guest it is."""
    if request.user.is_authenticated:
        return f"account/{request.user.pk}"
    return f"device/{request.session.setdefault(DEVICE, secrets.token_urlsafe(12))}"


def _key(meeting_id: UUID, who: str) -> str:
    return f"room-code/{meeting_id}/{hashlib.sha256(who.encode()).hexdigest()}"


def _count(name: str) -> int:
    """How often this happened since the window began, this time included."""
    cache.add(name, 0, SECONDS)
    try:
        return int(cache.incr(name))
    except ValueError:  # the window ended between the two
        cache.set(name, 1, SECONDS)
        return 1


def _give_back(name: str) -> None:
    try:
        cache.decr(name)
    except ValueError:
        return  # the window has ended
