# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a person sees when something broke."""

import structlog
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

BALLOTS = ("voting:cast", "voting:review")
CSRF_FIELD = "csrfmiddlewaretoken"


def broken(request: HttpRequest) -> HttpResponse:
    """Show a page that asks neither database nor session, with the number that the log gave to this request.

    A ballot comes back whole, with its key, in a form that sends it again: nothing that was chosen is lost.
    """
    page: dict[str, object] = {"reference": structlog.contextvars.get_contextvars().get("request", "")}
    sent = _ballot_in(request)
    if sent:
        token = dict(sent).get(CSRF_FIELD, "")  # the one that came, for a new one would need its cookie
        fields = [(name, value) for name, value in sent if name != CSRF_FIELD]
        page |= {"sent": fields, "address": request.path, "csrf_token": token}
    return HttpResponse(render_to_string("not_counted.html" if sent else "500.html", page), status=500)


def _ballot_in(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of a ballot that was sent; none where it was no ballot or cannot be read."""
    try:
        if request.method != "POST" or resolve(request.path_info).view_name not in BALLOTS:
            return []
        return [(name, str(value)) for name, values in request.POST.lists() for value in values]
    except (Resolver404, UnreadablePostError, SuspiciousOperation):
        return []
