# SPDX-License-Identifier: AGPL-3.0-or-later
"""How often somebody may try. Allauth counts in the cache, by address, session or network, as settings say.

A whole hall sits behind one network address, so what guards an account is counted by e-mail address and
by sign-in; the network's limit is only a ceiling against floods.
"""

import time

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import ngettext

APP = "allauth.account"
ASK_FOR_CODE, TYPE_CODE = "request_login_code", "confirm_login_code"


class TooOften(Exception):
    """The limit is reached; the message says how long to wait."""


def use_up(request: HttpRequest, action: str, *, key: str) -> None:
    """Count one try, or raise TooOften."""
    if not ratelimit.consume(request, app=APP, action=action, key=key):
        raise TooOften(_waiting_text(_seconds_to_wait(request, action, key=key)))


def mailbox_of(email: str) -> str:
    """The address whose owner gets the mail: most servers take what stands after a plus as a note."""
    name, _, server = email.rpartition("@")
    return f"{name.partition('+')[0]}@{server}"


def _seconds_to_wait(request: HttpRequest, action: str, *, key: str) -> float:
    """Until the oldest try that counts no longer does, under the strictest limit."""
    waits = [0.0]
    for rate in ratelimit.get_rates(app=APP, action=action):
        history = cache.get(ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=key), [])
        if len(history) >= rate.amount:  # newest first
            waits.append(history[rate.amount - 1] + rate.duration - time.time())
    return max(waits)


def _waiting_text(seconds: float) -> str:
    minutes = max(1, -(-int(seconds) // 60))
    if minutes <= 60:
        text = ngettext(
            "That was too often. Wait %(count)s minute, then try again.",
            "That was too often. Wait %(count)s minutes, then try again.",
            minutes,
        )
        return text % {"count": minutes}
    hours = -(-minutes // 60)
    text = ngettext(
        "That was too often. Wait %(count)s hour, then try again.",
        "That was too often. Wait %(count)s hours, then try again.",
        hours,
    )
    return text % {"count": hours}
