# SPDX-License-Identifier: AGPL-3.0-or-later
"""How often voter codes may be tried: by code and by device, never by network, since a whole hall shares one address.

A device can pretend to be a new one, so there is an alarm over all tries together. It shuts nobody out: where a
thousand codes are valid, a guess is right once in a million million tries, and people in the hall go on voting.
"""

import hashlib
from dataclasses import dataclass

from django.core.cache import cache
from django.utils.translation import gettext as _

import jobs

from .jobs import warn_of_guessing

TRIES_PER_CODE, CODE_SECONDS = 5, 5 * 60
TRIES_PER_DEVICE, DEVICE_SECONDS = 20, 60 * 60  # wrong ones
ALARM_TRIES, ALARM_SECONDS = 100, 10 * 60  # wrong ones, everybody's together
ALARM_REST = 60 * 60  # seconds until the alarm can go off again


class TooOften(Exception):
    """The limit is reached; the message says how long to wait."""


@dataclass(frozen=True)
class Tries:
    """What one try has used up."""

    code: str
    device: str

    def were_right(self) -> None:
        """The device may go on: at a desk it enters a code for one person after another."""
        _give_back(self.device)

    def were_wrong(self) -> None:
        """It counts, and many wrong ones together are an alarm."""
        if _count("voter-code/all", ALARM_SECONDS) >= ALARM_TRIES and cache.add("voter-code/alarm", 1, ALARM_REST):
            jobs.defer_once("voter-code-alarm", warn_of_guessing)


def use_up(*, code: bytes, device: str) -> Tries:
    """Count one try before it is made, or raise TooOften: many at the same moment do not slip through together."""
    hashed = hashlib.sha256(device.encode()).hexdigest()
    tries = Tries(f"voter-code/code/{code.hex()}", f"voter-code/device/{hashed}")
    if _count(tries.device, DEVICE_SECONDS) > TRIES_PER_DEVICE:
        raise TooOften(_("There were too many wrong codes from here. Wait an hour, or ask at the desk."))
    if _count(tries.code, CODE_SECONDS) > TRIES_PER_CODE:
        _give_back(tries.device)
        raise TooOften(_("This code was entered too often. Wait five minutes, then try again."))
    return tries


def _count(name: str, seconds: int) -> int:
    """How often this happened since the window began, this time included."""
    cache.add(name, 0, seconds)
    try:
        return int(cache.incr(name))
    except ValueError:  # the window ended between the two
        cache.set(name, 1, seconds)
        return 1


def _give_back(name: str) -> None:
    try:
        cache.decr(name)
    except ValueError:
        return  # the window has ended
