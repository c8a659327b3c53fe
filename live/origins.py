# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sockets are taken from our own pages only. Browsers let every page open a socket to us, cookies included."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

DEFAULT_PORTS = {"http": 80, "https": 443}


def from_our_pages(application: Application) -> Application:
    """The application, for handshakes with one known Host and one Origin of ours by scheme, host and port."""

    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        if is_ours(scope["headers"]):
            await application(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 4403})

    return checked


def is_ours(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether a handshake comes from a page of ours: compared as written, because browsers have one spelling."""
    origins = [value for name, value in headers if name.lower() == b"origin"]
    hosts = [value for name, value in headers if name.lower() == b"host"]
    if len(origins) != 1 or len(hosts) != 1:
        return False
    if origins[0] not in {as_browsers_write(origin) for origin in settings.ALLOWED_ORIGINS}:
        return False
    host, _port = split_domain_port(hosts[0].decode("latin1"))
    return bool(host) and validate_host(host, settings.ALLOWED_HOSTS)


def as_browsers_write(origin: str) -> bytes:
    """An origin in the spelling of the Origin header: lower case, without the port that its scheme implies."""
    parts = urlsplit(origin)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in (None, DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}".encode()
