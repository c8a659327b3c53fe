"""A notice board that only these tests know: the smallest thing that screens can follow."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import connections
from django.template import Context, Template
from django.test import Client

import live.hub
from assemblies.models import Membership
from config.asgi import application
from live import topics

HOST, ORIGIN = b"localhost:8000", b"http://localhost:8000"


@dataclass
class Board:
    """What is written on the board, who may read it as what, and how often it was drawn."""

    id: UUID = field(default_factory=uuid4)
    text: str = "Nothing yet"
    roles: dict[Any, str] = field(default_factory=dict)
    renders: list[tuple[str, str]] = field(default_factory=list)
    broken_for: str = ""  # an audience for which it cannot be drawn

    @property
    def topic(self) -> str:
        return f"notice/{self.id}"

    def audience_of(self, user: Any, id: UUID) -> str | None:
        return self.roles.get(user.pk) if id == self.id else None

    def state(self, id: UUID) -> str:
        return self.text

    def render(self, id: UUID, audience: str, language: str) -> dict[str, str]:
        if audience == self.broken_for:
            raise ValueError
        self.renders.append((audience, language))
        template = Template(
            "{% load i18n live %}<p>{{ text }}</p><p>{{ audience }}, {% get_current_language as l %}{{ l }}</p>"
            '<form action="/" method="post">{% live_csrf %}</form>'
        )
        return {"notice": template.render(Context({"text": self.text, "audience": audience})), "other": "<hr>"}

    def write(self, text: str) -> None:
        """The text changes, as a service would change it."""
        self.text = text
        live.announce(self.topic)


@pytest.fixture
def board(amina: Membership, bao: Membership) -> Iterator[Board]:
    """A board that Amina reads as a resident and Bao as its facilitator; Chidi may not know of it."""
    board = Board(roles={amina.user.pk: "resident", bao.user.pk: "facilitator"})
    topics.register(topics.Topic(name="notice", audience_of=board.audience_of, state=board.state, render=board.render))
    yield board
    topics.unregister("notice")


@pytest_asyncio.fixture
async def fresh_hub() -> AsyncIterator[None]:
    """The hub ends with the test's event loop, and no worker thread keeps a database connection."""
    yield
    await live.hub.stop()
    await sync_to_async(connections.close_all)()


class Phone(WebsocketCommunicator):
    """A screen that follows the board, and says what it got."""

    async def hello(self, seq: int) -> None:
        await self.send_json_to({"type": "hello", "seq": seq})

    async def frame(self) -> dict[str, Any]:
        """The next frame; fails after a generous while without one."""
        frame = json.loads(await self.receive_from(timeout=10))
        assert isinstance(frame, dict)
        return frame

    async def frame_saying(self, text: str) -> dict[str, Any]:
        """The first frame that shows this text, answering those before it as a page does."""
        while True:
            frame = await self.frame()
            await self.hello(frame["seq"])
            if text in frame["panels"]["notice"]:
                return frame

    async def close_code(self) -> int:
        """The code with which the server closed, after any frames that were under way."""
        while True:
            message = await self.receive_output(timeout=10)
            if message["type"] == "websocket.close":
                return int(message["code"])


PhoneOf = Callable[..., AbstractAsyncContextManager[Phone]]


def make_phone(topic: str, cookie: str = "", *, language: str = "en", headers: Any = None) -> Phone:
    """A phone that has not connected yet."""
    headers = [(b"host", HOST), (b"origin", ORIGIN)] if headers is None else headers
    if cookie:
        headers = [*headers, (b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode())]
    return Phone(application, f"/ws/live/{topic}/?language={language}", headers=headers)


@sync_to_async
def sign_in(member: Membership | None) -> str:
    """The session cookie of a member who signed in."""
    if member is None:
        return ""
    client = Client()
    client.force_login(member.user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def phone(board: Board) -> PhoneOf:
    """`async with phone(amina) as screen`: a signed-in phone that follows the board from version `seq`."""

    @asynccontextmanager
    async def connected(member: Membership | None, *, seq: int | None = 0, **options: Any) -> AsyncIterator[Phone]:
        screen = make_phone(board.topic, await sign_in(member), **options)
        assert (await screen.connect(timeout=10))[0], "the phone was refused"
        if seq is not None:
            await screen.hello(seq)
        yield screen
        await screen.disconnect()

    return connected


Write = Callable[[str], Awaitable[None]]


@pytest.fixture
def write(board: Board) -> Write:
    """The board's text changes in a thread, as it would in a view."""
    return sync_to_async(board.write)
