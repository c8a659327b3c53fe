# SPDX-License-Identifier: AGPL-3.0-or-later
"""The web application: pages by HTTP, live topics by WebSocket."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_asgi_application()
