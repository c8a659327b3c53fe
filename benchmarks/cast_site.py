# SPDX-License-Identifier: AGPL-3.0-or-later
# ruff: noqa: E402 -- Django must be set up before our models are imported
"""What benchmarks/cast.py serves: Folkmoot as it is, and one empty POST for people who are signed in, to compare with."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

settings.ROOT_URLCONF = "benchmarks.cast_site"

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from config.asgi import application
from config.server import Server
from config.urls import urlpatterns as pages


@login_required
@require_POST
def empty(request: HttpRequest) -> HttpResponse:
    """Nothing happens, for somebody who is signed in and whose form is genuine."""
    return HttpResponse(status=204)


urlpatterns = [*pages, path("bench/empty/", empty)]  # found as late as the page that takes ballots


async def nothing() -> None:
    """What serve would start and stop besides; the hub starts with its first socket."""


if __name__ == "__main__":
    sys.modules["benchmarks.cast_site"] = sys.modules["__main__"]
    Server(application, host=settings.HOST, port=settings.PORT, before=nothing, after=nothing, ready=lambda: None).run()
