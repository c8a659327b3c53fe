"""A rush of requests waits at the door instead of fighting for threads and connections."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from config.door import Door


class Crowd:
    """An application that notes how many requests are inside."""

    def __init__(self) -> None:
        self.inside = self.most = self.served = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0.001)
        self.inside -= 1
        if scope["path"] == "/broken/":
            raise ZeroDivisionError
        self.served += 1


def client(*, hangs_up: bool = False) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Somebody who sends a form, and then stays or goes."""
    messages = [{"type": "http.request", "body": b"a=1"}] + [{"type": "http.disconnect"}] * hangs_up

    async def receive() -> dict[str, Any]:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    return receive


def rush(door: Any, *paths: str) -> None:
    """All at once, in an event loop of their own: browser tests leave one running in this thread."""

    async def everybody() -> None:
        asked = [door({"type": "http", "path": path}, client(), None) for path in paths]
        await asyncio.gather(*asked, return_exceptions=True)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, everybody()).result()


@pytest.mark.parametrize("at_once", [1, 3])
def test_no_more_than_so_many_are_inside(at_once: int) -> None:
    crowd = Crowd()
    door = Door(crowd, at_once=at_once)
    for _event_loop in range(2):
        rush(door, *["/"] * 20)
    assert (crowd.most, crowd.served) == (at_once, 40)


def test_a_request_that_fails_gives_its_place_back() -> None:
    crowd = Crowd()
    rush(Door(crowd, at_once=1), *["/broken/"] * 3, "/")
    assert crowd.served == 1


def test_without_the_door_all_are_inside() -> None:
    crowd = Crowd()
    rush(crowd, *["/"] * 20)
    assert crowd.most == 20


@pytest.mark.parametrize("at_once", [1, 20])
def test_who_hangs_up_outside_is_not_served_and_who_stays_has_said_everything(at_once: int) -> None:
    """With places for all nobody waits, and all are served: this test can fail."""
    heard: list[bytes] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        heard.append((await receive())["body"])
        await asyncio.sleep(0.001)

    async def eleven_of_whom_nine_go() -> None:
        door = Door(application, at_once=at_once)
        clients = [client(hangs_up=0 < number < 10) for number in range(11)]
        await asyncio.gather(*(door({"type": "http"}, receive, None) for receive in clients))

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, eleven_of_whom_nine_go()).result()
    assert heard == [b"a=1"] * (2 if at_once == 1 else 11)
