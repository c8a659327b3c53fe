# SPDX-License-Identifier: AGPL-3.0-or-later
"""Uvicorn in this process: pages and sockets on one port.

Uvicorn's protocols do the talking; starting, ending and the limits are ours, because `manage.py serve` has more to
start and end than pages, and says in one sentence what went wrong.
"""

import asyncio
import gc
import logging
import signal
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from live.sockets import Broadcast

LARGEST_MESSAGE = 16 * 1024  # bytes that a socket may send us; ballots come by HTTP
LARGEST_HEAD = 64 * 1024  # bytes of a request before its body
LARGEST_BODY = 32 * 1024 * 1024  # bytes; Django writes a body to the disk before any page says how much it takes
REQUEST_TIMEOUT = 60  # seconds in which a request must have come in
PING_INTERVAL = 20  # seconds, so that phones behind a router stay connected
PATIENCE_AT_THE_END = 5  # seconds for requests that are still being answered
WAITING_CONNECTIONS = 4096  # that the kernel holds for us; a hall comes back at once after a restart

logger = logging.getLogger(__name__)


class PageProtocol(HttpToolsProtocol):
    """Requests, whose head and body have limits and which must have come in within a minute."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.head_size = self.body_size = 0
        self.deadline = self.loop.call_later(REQUEST_TIMEOUT, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self.deadline.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.timeout_keep_alive_task is not None:  # it ends with the first byte, which may be an empty line
            self.wait_for_request()
        self.reads_head = True
        super().data_received(data)
        if self.reads_head and self.parser is not None:
            self.head_size += len(data)
            if self.head_size > LARGEST_HEAD:
                self.send_400_response("The request is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.body_size = 0
        self.wait_for_request()

    def on_headers_complete(self) -> None:
        self.reads_head, self.head_size = False, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.reads_head = False
        self.body_size += len(body)
        if self.body_size <= LARGEST_BODY:
            super().on_body(body)
        elif not self.transport.is_closing():
            self.send_400_response("The request is too large.")

    def on_message_complete(self) -> None:
        self.deadline.cancel()
        super().on_message_complete()

    def wait_for_request(self) -> None:
        """From now on it has a minute to come in."""
        self.deadline.cancel()
        self.deadline = self.loop.call_later(REQUEST_TIMEOUT, self.transport.close)


class SocketProtocol(WebSocketsSansIOProtocol):
    """Sockets; what goes to a thousand of them is framed once."""

    async def send(self, message: Any) -> None:
        if not isinstance(message, Broadcast) or not self.handshake_complete or self.close_sent:
            return await super().send(message)
        if not self.writable.is_set():
            await self.writable.wait()
        if message.prepared is None:
            message.prepared = Frame(Opcode.TEXT, message["text"].encode()).serialize(mask=False)
        if not self.disconnected:
            self.transport.write(message.prepared)


class Server:
    """Serves until Ctrl-C, SIGTERM or `end`; `failure` then says why it could not, if it could not."""

    def __init__(
        self,
        application: Any,
        *,
        host: str,
        port: int,
        before: Callable[[], Awaitable[None]],
        after: Callable[[], Awaitable[None]],
        ready: Callable[[], None],
    ) -> None:
        self.host, self.port = host, port
        self.config = uvicorn.Config(
            application,
            http=PageProtocol,
            ws=SocketProtocol,
            ws_max_size=LARGEST_MESSAGE,
            ws_ping_interval=PING_INTERVAL,
            ws_ping_timeout=PING_INTERVAL,
            ws_per_message_deflate=False,
            interface="asgi3",
            lifespan="off",
            proxy_headers=False,  # settings.SECURE_PROXY_SSL_HEADER says when they are believed
            log_config=None,
            access_log=False,  # config.logs has a line for each
        )
        self.before, self.after, self.ready = before, after, ready
        self.failure: Exception | str | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending = asyncio.Event()

    def run(self) -> None:
        """Serve; afterwards nothing listens any more and every screen was told to go."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    def end(self, reason: str) -> None:
        """Stop serving; may be called from any thread."""
        self.failure = reason
        if self._loop:
            self._loop.call_soon_threadsafe(self._ending.set)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            self._loop.add_signal_handler(number, self._ending.set)
        self.config.load()
        state = ServerState()
        protocol = partial(PageProtocol, config=self.config, server_state=state, app_state={})
        try:
            listening = await self._loop.create_server(protocol, self.host, self.port, backlog=WAITING_CONNECTIONS)
        except OSError as error:
            self.failure = error
            return
        keep_what_is_loaded()
        try:
            await self.before()
            self.ready()
            await self._ending.wait()
        finally:
            listening.close()
            await self._finish(state)

    async def _finish(self, state: ServerState) -> None:
        try:
            await self.after()
        except Exception:
            logger.exception("The live hub did not stop cleanly.")
        for connection in list(state.connections):
            connection.shutdown()
        if state.tasks:
            await asyncio.wait(state.tasks, timeout=PATIENCE_AT_THE_END)


def keep_what_is_loaded() -> None:
    """What is loaded by now stays for good: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
