# SPDX-License-Identifier: AGPL-3.0-or-later
"""One screen's socket as the hub sees it: what it was sent, what it has, and when it must not be sent more."""

import asyncio
import logging
import types
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from typing import Any

from live.frames import Audience
from live.rights import Visitor

logger = logging.getLogger(__name__)
UNANSWERED_FRAMES = 8  # a page answers every fourth frame with a hello; one that does not gets no more than these

Message = dict[str, Any]


class Broadcast(Message):
    """A frame for many sockets: an ordinary message for any server, and ours puts it on the wire's form only once."""

    prepared: Any = None


class Socket:
    """A screen that watches one topic."""

    def __init__(
        self,
        send: Callable[[Message], Awaitable[None]],
        *,
        address: str,
        audience: Audience,
        visitor: Visitor,
        caught_up: Callable[["Socket"], None] = lambda socket: None,
    ) -> None:
        self._send = send
        self.address = address
        self.audience = audience
        self.visitor = visitor
        self.seq: int | None = None  # the newest version that the screen has or is being sent
        self.behind_since: float | None = None  # since when a newer frame waits for the screen to catch up
        self.closed = False
        self._caught_up = caught_up
        self._unanswered: deque[int] = deque()
        self._writing: asyncio.Task[None] | None = None

    def offer(self, frame: Message, seq: int) -> bool:
        """Send the frame, unless the screen has not caught up with earlier ones: then it gets the newest later."""
        if self.closed:
            return False
        if self._writing or len(self._unanswered) >= UNANSWERED_FRAMES:
            self.behind_since = self.behind_since or asyncio.get_running_loop().time()
            return False
        self.seq = seq
        self._unanswered.append(seq)
        self._write(frame)
        return True

    def heard(self, seq: int) -> None:
        """The screen says which version it has; what was sent before that has arrived."""
        if self.seq is None:
            self.seq = seq
        if seq in self._unanswered:
            while self._unanswered.popleft() != seq:
                pass
        self._go_on()

    def close(self, code: int) -> None:
        """The socket takes no more frames and its screen is told to go; the reader of the socket sees it end."""
        if not self.closed:
            self.closed = True
            if self._writing:
                self._writing.cancel()
                self._writing = None
            self._write({"type": "websocket.close", "code": code})

    def _go_on(self) -> None:
        if self.behind_since is not None and not self._writing and len(self._unanswered) < UNANSWERED_FRAMES:
            self.behind_since = None
            self._caught_up(self)

    def _write(self, message: Message) -> None:
        """Hand the message to the server now; if the server wants us to wait, a task waits instead of the hub.

        A task for each frame and socket would cost as much as the sending itself.
        """
        sending = self._send(message).__await__()
        try:
            waits_for = next(sending)
        except StopIteration:
            return
        except Exception as error:
            # Mostly nobody is there any more, and the server's disconnect message follows.
            logger.warning("A frame could not be sent (%s).", type(error).__name__)
            self.closed = True
            return
        self._writing = asyncio.get_running_loop().create_task(_finish(sending, waits_for))
        self._writing.add_done_callback(self._written)

    def _written(self, task: asyncio.Task[None]) -> None:
        self._writing = None
        if task.cancelled() or task.exception():
            self.closed = True
        else:
            self._go_on()


async def _finish(sending: Generator[Any, Any, None], waits_for: Any) -> None:
    await _rest(sending, waits_for)


@types.coroutine
def _rest(sending: Generator[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """What is left of a send that was begun outside its task, and now waits for this."""
    try:
        yield waits_for
        yield from sending
    finally:
        sending.close()
