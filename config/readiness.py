# SPDX-License-Identifier: AGPL-3.0-or-later
"""What has to be right before Folkmoot serves. What is not becomes one sentence with its remedy."""

import errno
import socket
from collections.abc import Iterable
from contextlib import closing

import redis

from config.database import hide_password, without_password
from config.hosts import EVERYWHERE, is_public

LAST_PORT = 65_535


class NotReady(Exception):
    """Folkmoot cannot serve; the message is written for the person who started it."""


def check_port(host: str, port: int) -> None:
    """The port is free to listen on."""
    try:
        if port > LAST_PORT:
            raise OverflowError  # looking up its address would silently take another one
        kind, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with closing(socket.socket(kind, socket.SOCK_STREAM)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, OverflowError) as error:
        raise NotReady(port_sentence(host, port, error)) from None


def port_sentence(host: str, port: int, error: Exception) -> str:
    """Why nobody can listen there, and what helps."""
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return f"Port {port} is taken, perhaps by a Folkmoot that already runs: stop it, or use `make run PORT={port + 1}`."
    if number == errno.EACCES:
        return f"Port {port} is for the system administrator only: use one above 1023, as in `make run PORT=8000`."
    if isinstance(error, OverflowError):
        return f"There is no port {port}: use one below 65536, as in `make run PORT=8000`."
    return f"{host} is not an address of this machine: use HOST=127.0.0.1, or HOST=0.0.0.0 for phones in your network."


def check_redis(url: str) -> None:
    """Redis or Valkey answers, where one is named."""
    if not url:
        return
    try:
        with closing(redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5)) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        reason = hide_password(str(error), url)
        raise NotReady(
            f"Redis at {without_password(url)} cannot be reached ({reason}): check REDIS_URL and that it runs, "
            "or leave REDIS_URL unset for a single web process."
        ) from None


def demo_trouble(*, demo: bool, hosts: Iterable[str], listens_on: str) -> str | None:
    """Why the demo may not start here: its sign-in buttons let everybody be anybody."""
    public = [host for host in hosts if host == "*" or is_public(host)]
    if not demo or not public:
        return None
    at = "every address" if "*" in public else public[0]
    if listens_on in EVERYWHERE and public[0] != "*":
        at += " (an address of this machine)"
    return (
        f"The demo lets everybody sign in as anybody, so it does not start where strangers can reach it, at {at}: "
        "set DEMO=0, or leave PUBLIC_URL unset and use a private network."
    )
