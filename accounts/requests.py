# SPDX-License-Identifier: AGPL-3.0-or-later
"""The types of requests, as views see them."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from .models import User


class Request(HttpRequest):
    """Anybody's request."""

    htmx: HtmxDetails


class SignedInRequest(Request):
    """A request behind `login_required`."""

    user: User
