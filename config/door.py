# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many requests are worked on at the same time."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakKeyDictionary

Message = dict[str, Any]
Application = Callable[[Any, Any, Any], Awaitable[None]]


class Waiting:
    """A client outside: what it says meanwhile is kept, and whether it has gone."""

    def __init__(self, receive: Callable[[], Awaitable[Message]]) -> None:
        self._receive = receive
        self._said: deque[Message] = deque()
        self.has_hung_up = False

    async def listen(self) -> None:
        while not self.has_hung_up:
            message = await self._receive()
            self._said.append(message)
            self.has_hung_up = message["type"] == "http.disconnect"

    async def receive(self) -> Message:
        return self._said.popleft() if self._said else await self._receive()


class Door:
    """Lets so many requests in at once; the others wait their turn, which costs next to nothing.

    Each request has a thread and a connection to the database. When a hall of people votes in the same second,
    hundreds of threads would fight for the processor and for connections, and nobody would be served in time.
    """

    def __init__(self, application: Application, *, at_once: int) -> None:
        self.application, self.at_once = application, at_once
        self._places: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        places = self._places_here()
        if not places.locked():
            async with places:
                await self.application(scope, receive, send)
            return
        waiting = Waiting(receive)
        listening = asyncio.ensure_future(waiting.listen())
        try:
            async with places:
                listening.cancel()
                # Whoever gave up and asks again must not be served twice: the queue would only grow.
                if not waiting.has_hung_up:
                    await self.application(scope, waiting.receive, send)
        finally:
            listening.cancel()

    def _places_here(self) -> asyncio.Semaphore:
        return self._places.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self.at_once))
