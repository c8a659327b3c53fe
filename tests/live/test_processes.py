"""Several processes tell each other through the channel layer; none of them needs it to work."""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import InMemoryChannelLayer, channel_layers
from django.db import transaction
from pytest_django import Settings

import live
import live.hub
import live.rights
from assemblies.models import Membership
from live.frames import Audience
from live.hub import Hub
from live.rights import Visitor
from live.sockets import Socket
from tests.live.conftest import Board, PhoneOf, Write

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_hub")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def redis_at(port: int, folder: Path) -> Iterator[str]:
    """A Redis of our own."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("redis-server is not installed; .ci/run installs it.")
        pytest.skip("redis-server is not installed: several processes are not tried here.")
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with subprocess.Popen([program, *options], stdout=subprocess.DEVNULL) as server:
        try:
            for _ in range(200):
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                time.sleep(0.05)
            else:
                pytest.fail("redis-server did not start.")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_at(free_port(), tmp_path_factory.mktemp("redis")) as url:
        yield url


def layer_at(url: str) -> dict[str, Any]:
    return {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [url]}}}


def use_layer(settings: Settings, url: str) -> None:
    settings.REDIS_URL, settings.CHANNEL_LAYERS = url, layer_at(url)
    channel_layers.backends.clear()


class Wall:
    """A screen in another process: it remembers the frames it was sent."""

    def __init__(self, hub: Hub, board: Board, member: Membership) -> None:
        self.frames: list[str] = []
        visitor = Visitor(member.user.pk, "another-process")
        audience = Audience("resident", "en")
        socket = Socket(self.take, address=board.topic, audience=audience, visitor=visitor, caught_up=hub.catch_up)
        socket.heard(0)
        hub.join(socket)

    async def take(self, message: dict[str, str]) -> None:
        self.frames.append(message.get("text", ""))

    async def shows(self, text: str, *, patience: float = 10) -> bool:
        for _ in range(int(patience / 0.02)):
            if any(text in frame for frame in self.frames):
                return True
            await asyncio.sleep(0.02)
        return False


async def test_what_one_process_announces_is_seen_in_the_other(
    redis: str, settings: Settings, phone: PhoneOf, amina: Membership, board: Board
) -> None:
    use_layer(settings, redis)
    other = Hub(channel_layers.make_backend("default"))
    live.announcing.unlisten(other.announced)  # another process hears nothing that is said in this one
    wall = Wall(other, board, amina)
    try:
        async with phone(amina) as screen:
            await screen.frame_saying("Nothing yet")
            assert await wall.shows("Nothing yet")
            for count in range(1, 4):
                await sync_to_async(board.write)(f"From the first, {count}")
                await screen.frame_saying(f"From the first, {count}")
                assert await wall.shows(f"From the first, {count}")
            board.text = "From the second"
            other.announced(board.topic)
            await screen.frame_saying("From the second")
            assert await wall.shows("From the second")
    finally:
        await other.stop()


async def test_other_processes_hear_too_what_changes_in_passing_only(
    redis: str, settings: Settings, phone: PhoneOf, amina: Membership, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live.hub, "REST", 1_000_000)
    monkeypatch.setattr(live.hub, "LONGEST_REST", 60)
    monkeypatch.setattr(live.hub, "SECONDS_BETWEEN_CHECKS", 3600)
    use_layer(settings, redis)
    other = Hub(channel_layers.make_backend("default"))
    live.announcing.unlisten(other.announced)
    try:
        async with phone(amina) as screen:
            await screen.frame_saying("Nothing yet")
            board.text = "One more is here"
            other.announced(board.topic, True)
            assert await screen.receive_nothing(timeout=1)
            board.text = "The vote is open"
            other.announced(board.topic, True)
            other.announced(board.topic, False)  # what matters is not lost among what does not
            other.announced(board.topic, True)
            assert "The vote is open" in (await screen.frame())["panels"]["notice"]
    finally:
        await other.stop()


async def test_what_a_worker_without_screens_announces_is_seen(
    redis: str, settings: Settings, amina: Membership, board: Board
) -> None:
    use_layer(settings, redis)
    other = Hub(channel_layers.make_backend("default"))
    live.announcing.unlisten(other.announced)
    wall = Wall(other, board, amina)
    try:
        assert await wall.shows("Nothing yet")
        await sync_to_async(board.write, thread_sensitive=False)("From the worker")
        assert await wall.shows("From the worker")
    finally:
        await other.stop()


async def test_processes_hear_each_other_again_after_the_layer_was_away(
    tmp_path: Path, settings: Settings, phone: PhoneOf, amina: Membership, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live.hub, "SECONDS_BETWEEN_CHECKS", 3600)  # only the layer can bring the news
    port = free_port()
    use_layer(settings, f"redis://127.0.0.1:{port}/0")
    other = Hub(channel_layers.make_backend("default"))
    live.announcing.unlisten(other.announced)
    try:
        wall = Wall(other, board, amina)
        async with phone(amina) as screen:
            for period in ("before", "after"):
                with redis_at(port, tmp_path):
                    for attempt in range(30):
                        await sync_to_async(board.write)(f"Said {period}, {attempt}")
                        await screen.frame_saying(f"Said {period}, {attempt}")
                        if await wall.shows(f"Said {period}", patience=1):
                            break
                    else:
                        pytest.fail(f"Nothing was heard {period} the outage.")
                await sync_to_async(board.write)(f"Said alone {period}")
                await screen.frame_saying(f"Said alone {period}")
    finally:
        await other.stop()


async def test_without_the_layer_the_act_and_the_screens_of_this_process_go_on(
    settings: Settings, phone: PhoneOf, amina: Membership, write: Write
) -> None:
    use_layer(settings, f"redis://127.0.0.1:{free_port()}/0")
    async with phone(amina) as screen:
        await screen.frame_saying("Nothing yet")
        await write("Redis is down")
        await screen.frame_saying("Redis is down")


async def test_without_the_layer_the_act_of_a_worker_is_kept(
    settings: Settings, board: Board, amina: Membership, caplog: pytest.LogCaptureFixture
) -> None:
    use_layer(settings, f"redis://127.0.0.1:{free_port()}/0")

    def act() -> None:
        with transaction.atomic():
            amina.user.name = "Amina B."
            amina.user.save()
            board.write("Kept")

    await sync_to_async(act)()
    await amina.user.arefresh_from_db()
    assert amina.user.name == "Amina B."
    assert "took no announcement" in caplog.text
    assert str(board.id) not in caplog.text


async def test_what_the_layer_loses_every_process_finds_by_itself_within_five_seconds(
    settings: Settings, amina: Membership, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert live.hub.SECONDS_BETWEEN_CHECKS + live.hub.SECONDS_BETWEEN_FRAMES < 5
    monkeypatch.setattr(live.hub, "SECONDS_BETWEEN_CHECKS", 0.2)
    monkeypatch.setattr(live.rights, "signed_out", lambda visitors: set())  # the wall has no session of its own
    use_layer(settings, f"redis://127.0.0.1:{free_port()}/0")
    other = Hub(channel_layers.make_backend("default"))
    live.announcing.unlisten(other.announced)
    wall = Wall(other, board, amina)
    try:
        assert await wall.shows("Nothing yet")
        await sync_to_async(board.write)("Nobody heard this")
        assert await wall.shows("Nobody heard this")
    finally:
        await other.stop()


class CountedLayer(InMemoryChannelLayer):
    """Remembers who subscribed to what."""

    def __init__(self) -> None:
        super().__init__()
        self.subscriptions: list[str] = []

    async def group_add(self, group: str, channel: str) -> None:
        self.subscriptions.append(group)
        await super().group_add(group, channel)


async def test_a_process_has_one_subscription_however_many_topics_its_screens_watch(
    amina: Membership, board: Board
) -> None:
    layer = CountedLayer()
    hub = Hub(layer)
    try:
        wall = Wall(hub, board, amina)
        for number in range(20):
            other = Board(roles=board.roles, text=f"Board {number}")
            Wall(hub, other, amina)
        assert await wall.shows("Nothing yet")
        assert layer.subscriptions == ["live"]
    finally:
        await hub.stop()
