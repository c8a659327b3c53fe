# SPDX-License-Identifier: AGPL-3.0-or-later
"""What somebody sent before they were signed in, or after they no longer were: kept with their session until they are."""

from functools import wraps
from typing import Any, Protocol

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _

from accounts.requests import Request

KEPT = "unsent"  # in the session: the path and what was typed there; one page at a time
LONGEST = 40_000  # of what is kept, encoded as a form


class View(Protocol):
    def __call__(self, request: Any, *arguments: Any, **named: Any) -> HttpResponse: ...


def keep(request: Request) -> None:
    """What was typed on this page waits for its author to come back signed in."""
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    encoded = typed.urlencode()
    if len(encoded) <= LONGEST:
        request.session[KEPT] = {"path": request.path, "typed": encoded}


def typed_here(request: Request) -> QueryDict | None:
    """What waited for this page, taken out of the session."""
    kept = request.session.get(KEPT)
    if not kept or kept["path"] != request.path:
        return None
    del request.session[KEPT]
    return QueryDict(kept["typed"])


def to_sign_in(request: Request) -> HttpResponse:
    """The way to the sign-in page and back here, with what was typed kept meanwhile."""
    if request.method == "POST":
        keep(request)
        messages.info(request, _("What you wrote is kept. Give your e-mail address, then go on where you were."))
    return redirect_to_login(request.get_full_path())


def signed_in(view: View) -> View:
    """Only people who are signed in come here; what others typed is not lost."""

    @wraps(view)
    def asked(request: Request, *arguments: Any, **named: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        return view(request, *arguments, **named)

    return asked
