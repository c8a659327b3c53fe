# SPDX-License-Identifier: AGPL-3.0-or-later
"""The web application: pages by HTTP, live topics by WebSocket."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
pages = get_asgi_application()  # before our own imports: this loads the apps

from django.conf import settings  # noqa: E402

from config.door import Door  # noqa: E402
from live.routing import sockets  # noqa: E402

application = ProtocolTypeRouter({"http": Door(pages, at_once=settings.REQUESTS_AT_ONCE), "websocket": sockets})
