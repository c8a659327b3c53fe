# SPDX-License-Identifier: AGPL-3.0-or-later
"""What Django's own checks cannot know about this project."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from config.readiness import demo_trouble


@register()
def demo_is_private(**_: Any) -> list[CheckMessage]:
    """The demo is never where strangers can reach it."""
    trouble = demo_trouble(demo=settings.DEMO, hosts=settings.ALLOWED_HOSTS, listens_on=settings.HOST)
    return [Error(trouble, id="config.E001")] if trouble else []
