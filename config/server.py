# SPDX-License-Identifier: AGPL-3.0-or-later
# ruff: noqa: E402 -- Daphne takes the event loop that is there when it is imported
"""Daphne in this process: pages and sockets on one port."""

import uvloop
from twisted.internet import asyncioreactor

loop = uvloop.new_event_loop()
asyncioreactor.install(loop)  # type: ignore[no-untyped-call]

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import autobahn.websocket.protocol
import daphne.server
from daphne.endpoints import build_endpoint_description_strings
from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.internet import defer, main, reactor

from live.sockets import Broadcast

LARGEST_MESSAGE = 16 * 1024  # bytes that a socket may send us; ballots come by HTTP
REQUEST_TIMEOUT = 60  # seconds
PING_INTERVAL = 20  # seconds, so that phones behind a router stay connected

logger = logging.getLogger(__name__)


def send_now(protocol: Any, message: Any) -> None:
    """The prepared message goes to the socket's network buffer at once where nothing waits before it.

    Twisted would ask the event loop to tell when it may write, for each of thousands of sockets: that costs more than
    the writing. What does not fit goes its usual way.
    """
    transport, data = protocol.transport, message.payloadHybi
    if protocol.send_queue or transport.dataBuffer or transport._tempDataBuffer:
        protocol.sendPreparedMessage(message)
        return
    sent = transport.writeSomeData(data)
    if sent is main.CONNECTION_LOST:
        return  # Twisted hears of it where it reads
    if sent < len(data):
        transport.write(data[sent:])


# Autobahn prints its settings prettily for each new socket, two milliseconds long, even where no log takes the line.
vars(autobahn.websocket.protocol)["pformat"] = lambda settings: ""


class Factory(HTTPFactory):  # type: ignore[misc]
    """Takes requests as they come: Django reads the forms, and our own log has a line for each."""

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802 -- Twisted's name
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = partial(WebRequest, parsePOSTFormSubmission=False)
        return protocol

    def log(self, request: Any) -> None:
        """Twisted would write a line that goes nowhere."""


daphne.server.HTTPFactory = Factory  # where Daphne makes its own; it offers no other place


class Server(daphne.server.Server):  # type: ignore[misc]
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
        super().__init__(
            application,
            endpoints=build_endpoint_description_strings(host=host, port=port),
            http_timeout=REQUEST_TIMEOUT,
            ping_interval=PING_INTERVAL,
            websocket_max_message_size=LARGEST_MESSAGE,
            websocket_max_frame_size=LARGEST_MESSAGE,
            ready_callable=self._begin,
            server_name="folkmoot",
            verbosity=0,
        )
        self.before, self.after, self.ready = before, after, ready
        self.failure: Exception | str | None = None

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """As Daphne does it; but what goes to a thousand sockets is framed once, and may be longer than what they send.

        Daphne's limit on messages would hold for ours too.
        """
        if isinstance(message, Broadcast) and protocol.state == protocol.STATE_OPEN:
            if message.prepared is None:
                message.prepared = protocol.factory.prepareMessage(message["text"].encode(), False, True)
            send_now(protocol, message.prepared)
        else:
            await super().handle_reply(protocol, message)

    def end(self, reason: str) -> None:
        """Stop serving; may be called from any thread."""
        self.failure = reason
        reactor.callFromThread(self.stop)

    def listen_error(self, failure: Any) -> None:
        self.failure = failure.value
        self.stop()

    def _begin(self) -> None:
        """Called when the port is ours, just before the event loop runs."""
        # What is loaded by now stays for good: the garbage collector need not look through it again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000, 20, 20)
        task = loop.create_task(self._start())
        reactor.addSystemEventTrigger("before", "shutdown", lambda: self._finish(task))  # type: ignore[arg-type]

    async def _start(self) -> None:
        await self.before()
        self.ready()

    def _finish(self, start: "asyncio.Task[None]") -> "defer.Deferred[None]":
        async def finish() -> None:
            start.cancel()
            await asyncio.gather(start, return_exceptions=True)
            try:
                await self.after()
            except Exception:
                logger.exception("The live hub did not stop cleanly.")

        return defer.Deferred.fromFuture(loop.create_task(finish()))
