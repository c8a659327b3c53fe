# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether this process can do its work: for load balancers, and `python -m config.health` for containers."""

import asyncio
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

from channels.layers import get_channel_layer
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from live.threads import in_thread

PATIENCE = 5  # seconds


@require_GET
async def healthz(request: HttpRequest) -> HttpResponse:
    """200 when database and channel layer answer, else 503 and which of them does not."""
    trouble = [name for name, check in CHECKS.items() if not await _answers(check)]
    body = f"no {' and no '.join(trouble)}" if trouble else "ok"
    return HttpResponse(
        body, content_type="text/plain", status=503 if trouble else 200, headers={"Cache-Control": "no-store"}
    )


async def check_database() -> None:
    await in_thread(None, _select_one)  # not the request's own thread: that one must be able to say that it hangs


async def check_channel_layer() -> None:
    await get_channel_layer().group_send("healthz", {"type": "healthz"})  # type: ignore[union-attr] # nobody listens


CHECKS = {"database": check_database, "channel layer": check_channel_layer}


def _select_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


async def _answers(check: Callable[[], Coroutine[Any, Any, None]]) -> bool:
    try:
        await asyncio.wait_for(check(), PATIENCE)
    except Exception:  # whatever a driver raises, the answer is the same
        return False
    return True


def main() -> int:
    """0 when the web process in this container says that it is well."""
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz"
    name = urlsplit(os.environ.get("PUBLIC_URL", "")).netloc or "localhost"
    request = urllib.request.Request(address, headers={"Host": name})
    try:
        with urllib.request.urlopen(request, timeout=2 * PATIENCE) as answer:  # noqa: S310
            return 0 if answer.status == 200 else 1
    except urllib.error.URLError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
