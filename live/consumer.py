# SPDX-License-Identifier: AGPL-3.0-or-later
"""The socket of one screen. It says which version it has and hears what it looks like now; it cannot act."""

import asyncio
import json
from urllib.parse import parse_qs

from django.conf import settings
from django.http import parse_cookie

from live.frames import language_of
from live.hub import MAY_NOT_WATCH, hub
from live.origins import Receive, Scope, Send
from live.sockets import Socket

SECONDS_TO_SAY_HELLO = 10
LONGEST_HELLO = 64
HELLOS_PER_MINUTE = 150  # a page answers every fourth frame, so sixty at most
NOT_A_HELLO = 4400
TOO_MANY = 4429


class NotAHello(ValueError):
    """A screen sent something else than the version that it has."""


async def follow(scope: Scope, receive: Receive, send: Send) -> None:
    """Bring one screen up to date until it goes."""
    address = "{name}/{id}".format(**scope["url_route"]["kwargs"])
    asked_language = parse_qs(scope["query_string"].decode("latin1")).get("language", [""])[0]

    await receive()  # the handshake
    # Channels' AuthMiddlewareStack would look into the session again for every frame, and use one thread for everybody.
    visitor, audience = await hub().admission.admit(address, _session_key(scope), language_of(asked_language))
    if audience is None:
        await send({"type": "websocket.close", "code": MAY_NOT_WATCH})
        return
    if not hub().has_room(visitor):
        await send({"type": "websocket.close", "code": TOO_MANY})
        return
    await send({"type": "websocket.accept"})
    socket = Socket(send, address=address, audience=audience, visitor=visitor, caught_up=hub().catch_up)
    try:
        await _listen(socket, receive)
    finally:
        hub().leave(socket)


def _session_key(scope: Scope) -> str | None:
    """What the cookie says, where it can be a key: with a NUL, PostgreSQL would refuse the question about all others."""
    cookies = [value.decode("latin1") for name, value in scope["headers"] if name.lower() == b"cookie"]
    written = parse_cookie("; ".join(cookies)).get(settings.SESSION_COOKIE_NAME, "")
    return written if written.isascii() and written.isalnum() else None


async def _listen(socket: Socket, receive: Receive) -> None:
    """Hear which version the screen has, first to join and then as an answer to frames; anything else ends it."""
    loop = asyncio.get_running_loop()
    minute_ends, hellos, joined = loop.time() + 60, 0, False
    while True:
        try:
            message = await asyncio.wait_for(receive(), None if joined else SECONDS_TO_SAY_HELLO)
            if message["type"] == "websocket.disconnect":
                return
            seq = _version_in(message)
        except (NotAHello, TimeoutError):
            return socket.close(NOT_A_HELLO)
        if loop.time() > minute_ends:
            minute_ends, hellos = loop.time() + 60, 0
        hellos += 1
        if hellos > HELLOS_PER_MINUTE:
            return socket.close(TOO_MANY)
        socket.heard(seq)
        if not joined:
            # Join before the first frame is made, or a change between the two is lost.
            joined = True
            hub().join(socket)


def _version_in(message: dict[str, object]) -> int:
    text = message.get("text")
    if not isinstance(text, str) or len(text) > LONGEST_HELLO:
        raise NotAHello
    try:
        hello = json.loads(text)
    except ValueError:
        raise NotAHello from None
    if not isinstance(hello, dict) or hello.keys() != {"type", "seq"} or hello["type"] != "hello":
        raise NotAHello
    seq = hello["seq"]
    if type(seq) is not int or not 0 <= seq < 2**63:
        raise NotAHello
    return seq
