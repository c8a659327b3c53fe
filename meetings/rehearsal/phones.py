# SPDX-License-Identifier: AGPL-3.0-or-later
"""As little of a browser as will do: pages by HTTP, live topics by WebSocket. The standard library alone.

Thousands of these run in one process and cost less than the server that they talk to.
"""

import asyncio
import base64
import os
import secrets
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlencode, urlsplit

PATIENCE = 60.0  # seconds, with a handshake or a page: as long as the server works on one


@dataclass(frozen=True)
class Server:
    """Where the server listens, and the address under which people know it."""

    origin: str  # as browsers write it: http://127.0.0.1:8000
    listens_at: tuple[str, int]
    is_behind_proxy: bool = False  # we are inside, where the proxy has taken HTTPS off already

    @classmethod
    def at(cls, base_url: str) -> "Server":
        """The server that listens where its address says."""
        parts = urlsplit(base_url)
        default = 443 if parts.scheme == "https" else 80
        return cls(f"{parts.scheme}://{parts.netloc}", (parts.hostname or "", parts.port or default))

    @property
    def host(self) -> str:
        return urlsplit(self.origin).netloc

    @property
    def tls(self) -> ssl.SSLContext | None:
        """Encryption, where the server itself speaks it."""
        speaks = self.origin.startswith("https:") and not self.is_behind_proxy
        return ssl.create_default_context() if speaks else None

    @property
    def cookie_prefix(self) -> str:
        return "__Host-" if self.origin.startswith("https:") else ""

    def headers(self, session: str, csrf: str) -> list[str]:
        """What every request says."""
        cookies = f"{self.cookie_prefix}csrftoken={csrf}"
        if session:
            cookies += f"; {self.cookie_prefix}sessionid={session}"
        proxied = ["X-Forwarded-Proto: https", "X-Forwarded-For: 127.0.0.1"] if self.is_behind_proxy else []
        return [f"Host: {self.host}", f"Origin: {self.origin}", f"Cookie: {cookies}", *proxied]


@dataclass
class Browser:
    """One person's pages."""

    server: Server
    session: str = ""
    csrf: str = field(default_factory=lambda: secrets.token_hex(16))

    async def get(self, path: str) -> tuple[int, str]:
        return await self._ask("GET", path, b"")

    async def post(self, path: str, fields: Sequence[tuple[str, str]] = ()) -> tuple[int, str]:
        """The status and the page; a redirect is not followed."""
        return await self._ask("POST", path, urlencode([("csrfmiddlewaretoken", self.csrf), *fields]).encode())

    async def _ask(self, verb: str, path: str, body: bytes) -> tuple[int, str]:
        return await asyncio.wait_for(self._ask_for_ever(verb, path, body), PATIENCE)

    async def _ask_for_ever(self, verb: str, path: str, body: bytes) -> tuple[int, str]:
        host, port = self.server.listens_at
        reader, writer = await asyncio.open_connection(host, port, ssl=self.server.tls)
        try:
            head = [f"{verb} {path} HTTP/1.1", *self.server.headers(self.session, self.csrf), "Connection: close"]
            head += [f"Referer: {self.server.origin}{path}", f"Content-Length: {len(body)}"]
            if body:
                head.append("Content-Type: application/x-www-form-urlencoded")
            writer.write("\r\n".join([*head, "", ""]).encode() + body)
            answer = await reader.read()
        finally:
            writer.close()
        first, _, page = answer.partition(b"\r\n\r\n")
        words = first.split(b" ", 2)
        if len(words) < 3:
            raise ConnectionError("The server hung up without an answer.")
        return int(words[1]), page.decode("utf-8", "replace")


class Phone(asyncio.Protocol):
    """One socket: it says how it is and is told of every frame, of pings it takes care itself."""

    def __init__(
        self,
        server: Server,
        path: str,
        on_frame: Callable[[float, bytes], None],
        *,
        session: str = "",
        on_end: Callable[[int], None] = lambda code: None,
    ) -> None:
        self.server, self.path, self.session = server, path, session
        self.on_frame, self.on_end = on_frame, on_end
        self.loop = asyncio.get_running_loop()
        self.open: asyncio.Future[None] = self.loop.create_future()
        self.buffer = b""
        self.close_code = 1006
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are not of that class
        key = base64.b64encode(os.urandom(16)).decode()
        head = [f"GET {self.path} HTTP/1.1", *self.server.headers(self.session, "0" * 32)]
        head += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"]
        self.transport.write("\r\n".join([*head, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        now = self.loop.time()
        self.buffer += data
        if not self.open.done():
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self.open.set_exception(ConnectionError(head.decode("latin1")))
                return
            self.buffer = rest
            self.open.set_result(None)
        while (end := self.frame_end()) and len(self.buffer) >= end[1]:
            opcode, payload = self.buffer[0] & 15, self.buffer[end[0] : end[1]]
            self.buffer = self.buffer[end[1] :]
            if opcode == 1:
                self.on_frame(now, payload)
            elif opcode == 8:
                self.close_code = int.from_bytes(payload[:2], "big") if len(payload) > 1 else 1005
                self.transport.close()
            elif opcode == 9:  # a ping
                self.say(payload, opcode=10)

    def frame_end(self) -> tuple[int, int] | None:
        """Where the payload of the next frame begins and ends, as far as its head has arrived."""
        if len(self.buffer) < 2:
            return None
        length = self.buffer[1] & 127
        head = {126: 4, 127: 10}.get(length, 2)
        if len(self.buffer) < head:
            return None
        return head, head + (length if head == 2 else int.from_bytes(self.buffer[2:head], "big"))

    def connection_lost(self, error: Exception | None) -> None:
        if not self.open.done():
            self.open.set_exception(error or ConnectionError("closed"))
        else:
            self.on_end(self.close_code)

    def say(self, payload: bytes, opcode: int = 1) -> None:
        """Send this, masked with zeros."""
        self.transport.write(bytes([0x80 | opcode, 0x80 | len(payload)]) + bytes(4) + payload)

    def hello(self, seq: int) -> None:
        """Say which version we have, as live.js does."""
        self.say(b'{"type":"hello","seq":%d}' % seq)

    def hang_up(self) -> None:
        self.transport.close()


async def connect(
    server: Server,
    path: str,
    on_frame: Callable[[float, bytes], None],
    *,
    session: str = "",
    on_end: Callable[[int], None] = lambda code: None,
) -> Phone:
    """A phone whose socket is open; raises OSError or TimeoutError where there is none."""
    host, port = server.listens_at
    phone = Phone(server, path, on_frame, session=session, on_end=on_end)
    await asyncio.get_running_loop().create_connection(lambda: phone, host, port, ssl=server.tls)
    try:
        await asyncio.wait_for(phone.open, PATIENCE)
    except BaseException:
        phone.hang_up()
        raise
    return phone
