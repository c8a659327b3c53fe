"""A rush of requests waits at the door instead of fighting for threads and connections."""

import asyncio
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


async def rush(door: Door, *paths: str) -> list[BaseException | None]:
    asked = [door({"type": "http", "path": path}, None, None) for path in paths]
    return await asyncio.gather(*asked, return_exceptions=True)


@pytest.mark.parametrize("at_once", [1, 3])
def test_no_more_than_so_many_are_inside(at_once: int) -> None:
    crowd = Crowd()
    door = Door(crowd, at_once=at_once)
    for _event_loop in range(2):
        asyncio.run(rush(door, *["/"] * 20))
    assert (crowd.most, crowd.served) == (at_once, 40)


def test_a_request_that_fails_gives_its_place_back() -> None:
    crowd = Crowd()
    asyncio.run(rush(Door(crowd, at_once=1), *["/broken/"] * 3, "/"))
    assert crowd.served == 1


def test_without_the_door_all_are_inside() -> None:
    crowd = Crowd()
    asyncio.run(rush(crowd, *["/"] * 20))  # type: ignore[arg-type]
    assert crowd.most == 20
