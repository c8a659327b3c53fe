# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a person sees when something broke."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def broken(request: HttpRequest) -> HttpResponse:
    """Show a page that asks neither database nor session, with the number that the log gave to this request."""
    reference = structlog.contextvars.get_contextvars().get("request", "")
    return HttpResponse(render_to_string("500.html", {"reference": reference}), status=500)
