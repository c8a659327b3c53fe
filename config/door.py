# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many requests are worked on at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakKeyDictionary

Application = Callable[[Any, Any, Any], Awaitable[None]]


class Door:
    """Lets so many requests in at once; the others wait their turn, which costs next to nothing.

    Each request has a thread and a connection to the database. When a hall of people votes in the same second,
    hundreds of threads would fight for the processor and for connections, and nobody would be served in time.
    """

    def __init__(self, application: Application, *, at_once: int) -> None:
        self.application, self.at_once = application, at_once
        self._places: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async with self._places_here():
            await self.application(scope, receive, send)

    def _places_here(self) -> asyncio.Semaphore:
        return self._places.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self.at_once))
