# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who a request is at a meeting: a member, or a guest whom a secret on their phone makes known again.

The secret lives in a cookie of its own and not in the session: a voter code lives there, and the database must never
be able to tell which guest holds which code.
"""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse

from accounts.requests import Request
from assemblies.rights import membership_of
from meetings import services
from meetings.models import Attendee, Meeting

P = ParamSpec("P")


def new_secret() -> str:
    return secrets.token_urlsafe(24)


def remember(response: HttpResponse, meeting: Meeting, secret: str) -> None:
    """The phone knows the guest again for as long as a session lasts."""
    response.set_cookie(
        _cookie(meeting.pk),
        secret,
        max_age=settings.SESSION_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def secret_of(request: Request, meeting_id: UUID) -> str:
    """The secret on this device; empty where a person is signed in, who is no guest then."""
    return "" if request.user.is_authenticated else request.COOKIES.get(_cookie(meeting_id), "")[:100]


def attendee_for(request: Request, meeting: Meeting) -> Attendee | None:
    """Who this request is at the meeting; None for who never came."""
    if request.user.is_authenticated:
        return services.attendee_of(meeting, membership_of(request.user, meeting.assembly))
    return services.guest_with(meeting, secret_of(request, meeting.pk))


def known_here(
    view: Callable[Concatenate[Request, UUID, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Who neither is signed in nor has joined as a guest signs in first."""

    @wraps(view)
    def guarded(request: Request, /, meeting_id: UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated and not secret_of(request, meeting_id):
            return redirect_to_login(request.get_full_path())
        return view(request, meeting_id, *args, **kwargs)

    return guarded


def _cookie(meeting_id: UUID) -> str:
    return f"guest-{meeting_id.hex}"
