"""A bad network and a bad day: whoever sends the same ballot again has one ballot and the same receipt.

A connection is cut before its answer is read, the database goes away: nothing that was chosen is lost, and sending it
again is always right.
"""

import asyncio
import re
import secrets
from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.http import HttpResponseBase
from django.test import Client

from assemblies.models import Assembly, Membership
from config.asgi import application
from tests.make import make_open_poll
from voting import sealing, services, views
from voting.models import Envelope, OpenBallot, Poll, PollState, Secrecy, receipt_code

pytestmark = pytest.mark.django_db(transaction=True)

CSRF = "c" * 32
KEY = "the key that the page of Amina made"
RECEIPT = re.compile(r'data-receipt="([0-9A-Z-]{19})"')
secrecies = pytest.mark.parametrize("secrecy", [Secrecy.NAMED, Secrecy.CONFIDENTIAL], ids=["named", "sealed"])


@pytest.fixture
def phone(client: Client, amina: Membership) -> Client:
    client.force_login(amina.user)
    return client


def send(phone: Client, poll: Poll, *options: str, key: str = KEY) -> Any:
    return phone.post(f"/polls/{poll.pk}/cast/", {"key": key, "options": options}, headers={"HX-Request": "true"})


def send_and_hang_up(phone: Client, poll: Poll, *options: str) -> None:
    """The server's part: the request comes in, and its connection is cut as soon as the ballot is stored; nobody reads."""
    fields = [("csrfmiddlewaretoken", CSRF), ("key", KEY), *(("options", option) for option in options)]
    body = urlencode(fields).encode()
    cookies = f"sessionid={phone.cookies['sessionid'].value}; csrftoken={CSRF}"
    headers = {
        "host": "localhost:8000",
        "origin": "http://localhost:8000",
        "cookie": cookies,
        "hx-request": "true",
        "content-type": "application/x-www-form-urlencoded",
        "content-length": str(len(body)),
    }
    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": f"/polls/{poll.pk}/cast/",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "server": ("localhost", 8000),
        "client": ("127.0.0.1", 50_000),
    }
    events: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if events:
            return events.pop()
        at_work = sync_to_async(stored, thread_sensitive=False)
        while not await at_work(poll):  # noqa: ASYNC110 - the view runs in its thread
            await asyncio.sleep(0.01)
        return {"type": "http.disconnect"}

    async def answer(message: Any) -> None:
        """Goes nowhere."""

    asyncio.run(application(scope, receive, answer))


def stored(poll: Poll) -> int:
    return (Envelope if poll.is_sealed else OpenBallot).objects.filter(poll=poll).count()


@secrecies
def test_after_a_cut_connection_the_same_key_brings_the_receipt_of_the_one_ballot(
    riverside: Assembly, amina: Membership, phone: Client, secrecy: Secrecy
) -> None:
    poll = make_open_poll(riverside, amina, secrecy=secrecy)
    send_and_hang_up(phone, poll, "a", "c")
    assert stored(poll) == 1
    again, once_more = send(phone, poll, "a", "c"), send(phone, poll, "a", "c")
    assert (again.status_code, once_more.status_code, stored(poll)) == (200, 200, 1)
    assert receipt_in(again) == receipt_in(once_more) == receipt_of_the_ballot_in(poll)


@secrecies
def test_after_a_cut_connection_another_key_is_409_and_the_paper_keeps_what_was_entered(
    riverside: Assembly, amina: Membership, phone: Client, secrecy: Secrecy
) -> None:
    poll = make_open_poll(riverside, amina, secrecy=secrecy)
    send_and_hang_up(phone, poll, "a")
    first = receipt_of_the_ballot_in(poll)
    for headers in ({"HX-Request": "true"}, {}):
        fields = {"key": "the key of a page that was loaded again", "options": ["b", "c"]}
        answer = phone.post(f"/polls/{poll.pk}/cast/", fields, headers=headers)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "You have voted already. Your first ballot counts" in page
        assert re.findall(r'name="options" value="([abc])" checked', page) == ["b", "c"]
    assert (stored(poll), receipt_of_the_ballot_in(poll)) == (1, first)


@secrecies
def test_after_the_close_the_same_key_still_brings_the_receipt_of_what_was_counted(
    riverside: Assembly, amina: Membership, bao: Membership, phone: Client, secrecy: Secrecy
) -> None:
    """The answer was cut and the poll closed before the phone sent again: the ballot is counted, and that is said."""
    poll = make_open_poll(riverside, amina, bao, secrecy=secrecy, challenge_hours=1)
    send_and_hang_up(phone, poll, "a")
    first = receipt_of_the_ballot_in(poll)
    assert services.close_poll(poll=poll, actor=None).state == PollState.CLOSING
    again = send(phone, poll, "a")
    assert (again.status_code, receipt_in(again)) == (200, first)
    refused = send(phone, poll, "a", key="another key of Amina's")
    assert refused.status_code == 409
    assert "Not counted" in refused.content.decode()


@secrecies
def test_without_the_key_of_the_page_the_second_try_is_refused(
    riverside: Assembly, amina: Membership, phone: Client, monkeypatch: pytest.MonkeyPatch, secrecy: Secrecy
) -> None:
    """The switch: the server makes a key of its own for every request."""
    keep = services.cast_ballot

    def with_another_key(*, key: str, **more: Any) -> services.Receipt:
        return keep(key=secrets.token_urlsafe(18), **more)

    monkeypatch.setattr(services, "cast_ballot", with_another_key)
    poll = make_open_poll(riverside, amina, secrecy=secrecy)
    send_and_hang_up(phone, poll, "a")
    assert send(phone, poll, "a").status_code == 409


def out_of_order(**anything: Any) -> None:
    raise OperationalError("could not extend file: No space left on device")


@secrecies
@pytest.mark.parametrize("page", ["cast", "review"])
def test_a_database_that_breaks_gives_the_ballot_back_to_be_sent_again(
    riverside: Assembly, amina: Membership, phone: Client, monkeypatch: pytest.MonkeyPatch, secrecy: Secrecy, page: str
) -> None:
    poll = make_open_poll(riverside, amina, secrecy=secrecy)
    phone.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(services, "cast_ballot", out_of_order)
        broken.setattr(views, "_own_line", out_of_order)
        answer = phone.post(f"/polls/{poll.pk}/{page}/", {"key": KEY, "options": ["a", "c"]})
    html = answer.content.decode()
    assert answer.status_code == 500
    assert "Your vote is not counted yet" in html
    assert "Send it again" in html
    address = re.search(r'<form method="post" action="([^"]+)">', html)
    assert address
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html)
    assert fields == [("key", KEY), ("options", "a"), ("options", "c")]
    sent = {"key": KEY, "options": [value for name, value in fields if name == "options"]}
    assert phone.post(address[1], sent).status_code == (302 if page == "cast" else 200)
    assert stored(poll) == (page == "cast")


def test_what_is_no_ballot_gets_the_page_that_says_that_something_broke(
    riverside: Assembly, amina: Membership, phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = make_open_poll(riverside, amina)
    phone.raise_request_exception = False
    monkeypatch.setattr(services, "receipt_of", out_of_order)
    answer = phone.get(f"/polls/{poll.pk}/")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.content.decode()
    assert "Send my vote again" not in answer.content.decode()


def receipt_in(answer: HttpResponseBase) -> str:
    found = RECEIPT.search(answer.content.decode())  # type: ignore[attr-defined]
    assert found
    return found[1]


def receipt_of_the_ballot_in(poll: Poll) -> str:
    if poll.is_sealed:
        return receipt_code(sealing.receipt_of(bytes(Envelope.objects.get(poll=poll).body)))
    return receipt_code(OpenBallot.objects.get(poll=poll).receipt)
