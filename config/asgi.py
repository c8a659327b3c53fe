# SPDX-License-Identifier: AGPL-3.0-or-later
"""The web application: pages by HTTP, live topics by WebSocket."""

import os

import django
from channels.routing import ProtocolTypeRouter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)  # before our own imports: this loads the apps

from django.conf import settings  # noqa: E402

from config.door import Door  # noqa: E402
from config.pages import Pages  # noqa: E402
from live.routing import sockets  # noqa: E402

pages = Pages(threads=settings.REQUESTS_AT_ONCE)
application = ProtocolTypeRouter({"http": Door(pages, at_once=settings.REQUESTS_AT_ONCE), "websocket": sockets})
