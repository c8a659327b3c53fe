# SPDX-License-Identifier: AGPL-3.0-or-later
"""Staff prove themselves twice: by a code from their mailbox, and by a passkey or an authenticator app.

Who has a second factor is always asked for it at sign-in; so here it is enough to know that there is one.
Adding one ends every other session, so that no session from before goes on without it.
"""

from collections.abc import Callable
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from .models import User
from .services import end_other_sessions

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class SecondFactorMissing(PermissionDenied):
    """The person holds the role, but has to add a second factor before acting in it."""


def has_second_factor(user: User) -> bool:
    """Whether a passkey or an authenticator app protects this account; asked once in a request."""
    if "_has_second_factor" not in user.__dict__:
        user.__dict__["_has_second_factor"] = Authenticator.objects.filter(
            user=user, type__in=SECOND_FACTORS
        ).exists()
    return bool(user.__dict__["_has_second_factor"])


def is_second_factor_missing(user: User | AnonymousUser) -> bool:
    """Whether this person has to add a second factor before acting in a staff role."""
    return settings.REQUIRE_SECOND_FACTOR and not (user.is_authenticated and has_second_factor(user))


class SecondFactorMiddleware:
    """Leads staff without a second factor to the page where they add one, and back afterwards."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, SecondFactorMissing):
            return None
        back = request.get_full_path() if request.method == "GET" else "/"
        return HttpResponseRedirect(f"{reverse('mfa_index')}?{urlencode({'next': back})}")


@receiver(authenticator_added)
def end_sessions_without_it(request: HttpRequest, user: User, **kwargs: object) -> None:
    """Other devices sign in again, now with the second factor."""
    user.__dict__.pop("_has_second_factor", None)
    end_other_sessions(request=request, user=user)
