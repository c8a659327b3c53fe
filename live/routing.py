# SPDX-License-Identifier: AGPL-3.0-or-later
from typing import Any, cast

from channels.routing import URLRouter
from django.urls import path

from live.consumer import follow
from live.origins import Application, from_our_pages

sockets: Application = from_our_pages(
    cast(Application, URLRouter([path("ws/live/<str:name>/<str:id>/", cast(Any, follow))]))
)
