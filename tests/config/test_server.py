"""What the server itself refuses, and that a frame for many sockets is made once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from config import server as serving
from config.server import LARGEST_HEAD, LARGEST_MESSAGE, Server
from live.sockets import Broadcast
from tests.config.serving import free_port

pytestmark = pytest.mark.asyncio
FRAME = Broadcast(type="websocket.send", text="é" * LARGEST_MESSAGE)


async def application(
    scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Answers every page with its length, and every message of a socket with the same long frame."""
    if scope["type"] == "http":
        length = 0
        while (message := await receive())["type"] == "http.request":
            length += len(message["body"])
            if not message["more_body"]:
                stays = [(b"content-length", b"1")] if scope["path"] == "/stay" else [(b"connection", b"close")]
                await send({"type": "http.response.start", "status": 200, "headers": stays})
                await send({"type": "http.response.body", "body": str(length).encode()})
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] == "websocket.receive":
        await send(FRAME)


async def nothing() -> None:
    """There is nothing else to start or to end."""


@asynccontextmanager
async def running() -> AsyncIterator[int]:
    """The port of a server that runs meanwhile."""
    port, ready = free_port(), asyncio.Event()
    server = Server(application, host="127.0.0.1", port=port, before=nothing, after=nothing, ready=ready.set)
    task = asyncio.ensure_future(server._serve())
    await asyncio.wait_for(ready.wait(), 10)
    try:
        yield port
    finally:
        server._ending.set()
        await asyncio.wait_for(task, 10)


async def answer(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """What comes back until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await asyncio.sleep(pause)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


HEAD = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 70000\r\n\r\n"


async def test_a_body_may_be_longer_than_a_head() -> None:
    async with running() as port:
        assert b"\r\n70000\r\n" in await answer(port, HEAD, b"x" * 70_000)
        head = b"GET / HTTP/1.1\r\nX: " + b"x" * (LARGEST_HEAD - 1000) + b"\r\n\r\n"
        assert b"200 OK" in await answer(port, head)


async def test_a_head_without_end_is_refused() -> None:
    async with running() as port:
        assert b"400" in await answer(port, b"GET / HTTP/1.1\r\n", *[b"X: " + b"x" * 8000 + b"\r\n"] * 9, pause=0.01)


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost:", HEAD + b"not all of it"])
async def test_who_does_not_go_on_is_hung_up_on(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    monkeypatch.setattr(serving, "REQUEST_TIMEOUT", 0.2)
    async with running() as port:
        assert await answer(port, said) == b""


async def test_an_empty_line_after_an_answer_keeps_no_connection_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "REQUEST_TIMEOUT", 0.2)
    async with running() as port:
        assert b"200 OK" in await answer(port, b"GET /stay HTTP/1.1\r\nHost: here\r\n\r\n", b"\r\n", pause=0.1)


async def test_a_body_that_no_page_would_take_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "LARGEST_BODY", 1000)
    async with running() as port:
        assert b"400 Bad Request" in await answer(port, HEAD, b"x" * 2000, pause=0.01)


async def test_a_long_message_ends_a_socket_and_ours_may_be_longer_and_are_framed_once() -> None:
    FRAME.prepared = None
    async with running() as port, connect(f"ws://127.0.0.1:{port}/") as one, connect(f"ws://127.0.0.1:{port}/") as two:
        await one.send("hello")
        assert await one.recv() == FRAME["text"]
        made = FRAME.prepared
        await two.send("hello")
        assert await two.recv() == FRAME["text"]
        assert FRAME.prepared is made
        await two.send("x" * (LARGEST_MESSAGE + 1))
        with pytest.raises(ConnectionClosed) as closed:
            await two.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
