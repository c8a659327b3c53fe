# SPDX-License-Identifier: AGPL-3.0-or-later
"""Staff prove themselves twice: by a code from their mailbox, and by a passkey or an authenticator app.

Who has a second factor is always asked for it at sign-in; so here it is enough to know that there is one.
Adding one ends every other session, so that no session from before goes on without it.
"""

from collections.abc import Callable

from allauth.account.internal.flows.login import record_authentication
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

PAGE_AFTER = "page_after_second_factor"
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class SecondFactorMissing(PermissionDenied):
    """The person holds the role, but has to add a second factor before acting in it."""


def has_second_factor(user: User) -> bool:
    """Whether a passkey or an authenticator app protects this account; asked once in a request."""
    if "_has_second_factor" not in user.__dict__:
        user.__dict__["_has_second_factor"] = Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists()
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
        # In the session, not in the address: a link to here cannot send anybody elsewhere.
        request.session[PAGE_AFTER] = request.get_full_path() if request.method == "GET" else "/"
        return HttpResponseRedirect(reverse("mfa_index"))


@receiver(authenticator_added)
def proved_by_adding(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: object) -> None:
    """This device need not prove it again at once; all others have to sign in again, now with the second factor."""
    if authenticator.type in SECOND_FACTORS:
        user.__dict__.pop("_has_second_factor", None)
        record_authentication(request, user, "mfa", type=authenticator.type, reauthenticated=True)
        end_other_sessions(request=request, user=user)
