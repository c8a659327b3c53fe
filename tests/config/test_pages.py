"""All of Django's work for a request is done by one thread of a fixed number."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path

from config.pages import Pages

answered_by: list[str] = []
opened: list[Any] = []


def ask_database(request: HttpRequest) -> HttpResponse:
    answered_by.append(threading.current_thread().name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    opened.append(connection.connection)
    return HttpResponse(request.body)


async def later(request: HttpRequest) -> HttpResponse:
    await asyncio.sleep(0)
    return HttpResponse("later")


def in_parts(request: HttpRequest) -> HttpResponseBase:
    return StreamingHttpResponse(iter([b"one ", b"two"]))


def this_file(request: HttpRequest) -> HttpResponseBase:
    return FileResponse(Path(__file__).open("rb"))


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [
    path("database/", ask_database),
    path("later/", later),
    path("parts/", in_parts),
    path("file/", this_file),
    path("broken/", broken),
]


@pytest.fixture
def pages(settings: Any) -> Iterator[Pages]:
    settings.ROOT_URLCONF, settings.MIDDLEWARE = __name__, []
    pages = Pages(threads=2)
    yield pages
    pages.threads.shutdown()


def ask(pages: Pages, *paths: str, body: bytes = b"") -> list[tuple[int, bytes]]:
    """Status and body for each, all at once, in an event loop of their own."""

    async def one(path: str) -> tuple[int, bytes]:
        told: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            told.append(message)

        scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": []}
        await pages(scope, receive, send)
        return told[0]["status"], b"".join(message.get("body", b"") for message in told)

    async def all_of_them() -> list[tuple[int, bytes]]:
        return await asyncio.gather(*map(one, paths))

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, all_of_them()).result()


@pytest.mark.django_db(transaction=True)
def test_requests_share_the_threads_and_give_their_connections_back(pages: Pages) -> None:
    answered_by.clear()
    opened.clear()
    assert ask(pages, *["/database/"] * 20, body=b"what was sent") == [(200, b"what was sent")] * 20
    assert len(set(answered_by)) <= 2
    assert all(name.startswith("pages") for name in answered_by)
    closed_in_each_thread = [pages.threads.submit(lambda: connection.connection is None) for _ in range(8)]
    assert all(closed.result() for closed in closed_in_each_thread)


def test_parts_and_files_arrive_whole(pages: Pages) -> None:
    parts, file = ask(pages, "/parts/", "/file/")
    assert parts == (200, b"one two")
    assert file == (200, Path(__file__).read_bytes())


def test_a_view_that_waits_works_as_well(pages: Pages) -> None:
    assert ask(pages, "/later/") == [(200, b"later")]


def test_a_view_that_fails_is_answered_too(pages: Pages) -> None:
    [(status, _body)] = ask(pages, "/broken/")
    assert status == 500
