"""Who opens a socket is asked about together with all who open one at that moment, and as strictly as alone."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

import live.hub
from accounts.models import User
from assemblies.models import Assembly, Membership
from live import rights
from live.frames import Audience
from live.rights import SessionStore, Visitor
from tests.live.conftest import Board, make_phone, sign_in
from tests.make import make_member


def signed_in(member: Membership) -> str:
    client = Client()
    client.force_login(member.user)
    return str(client.session.session_key)


def with_session(key: str, **changes: Any) -> str:
    session = SessionStore(key)
    session.update(changes)
    session.save()
    return key


def closed_account(member: Membership, key: str) -> None:
    User.objects.filter(pk=member.user_id).update(is_active=False)


def expired(member: Membership, key: str) -> None:
    Session.objects.filter(pk=key).update(expire_date=timezone.now())


def signed_out_everywhere(member: Membership, key: str) -> None:
    """As a new password does."""
    with_session(key, **{HASH_SESSION_KEY: "0" * 64})


def another_backend(member: Membership, key: str) -> None:
    with_session(key, **{BACKEND_SESSION_KEY: "elsewhere.Backend"})


def nobody_of_ours(member: Membership, key: str) -> None:
    with_session(key, **{SESSION_KEY: "not a key"})


def emptied(member: Membership, key: str) -> None:
    Session.objects.filter(pk=key).delete()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "spoil", [closed_account, expired, signed_out_everywhere, another_backend, nobody_of_ours, emptied]
)
def test_whose_session_is_not_good_comes_in_as_a_stranger(
    amina: Membership, bao: Membership, board: Board, spoil: Callable[[Membership, str], None]
) -> None:
    key, other = signed_in(amina), signed_in(bao)
    good = (Visitor(amina.user_id, key), Audience("resident", "en"))
    assert rights.admit_all([(board.topic, key, "en")]) == [good]
    spoil(amina, key)
    asked = [(board.topic, key, "en"), (board.topic, other, "es"), (board.topic, None, "en")]
    try:
        alone = rights.who(key)[1]
    except Exception as error:  # as Django's own pages would have it
        with pytest.raises(type(error)):
            rights.admit_all(asked)
        return
    assert alone == Visitor()
    facilitator = (Visitor(bao.user_id, other), Audience("facilitator", "es"))
    assert rights.admit_all(asked) == [(Visitor(), None), facilitator, (Visitor(), None)]


@pytest.mark.django_db
def test_a_session_from_before_the_secret_was_changed_is_good(
    amina: Membership, board: Board, settings: Settings
) -> None:
    key = signed_in(amina)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one", [settings.SECRET_KEY]
    assert rights.admit_all([(board.topic, key, "en")]) == [(Visitor(amina.user_id, key), Audience("resident", "en"))]
    assert Session.objects.filter(pk=key).exists()  # or the next page would ask to sign in


@pytest.mark.django_db
def test_what_nobody_registered_is_nothing_for_anybody(amina: Membership, board: Board) -> None:
    key = signed_in(amina)
    found = rights.admit_all([("unknown/thing", key, "en"), (board.topic, key, "en"), ("notice/x", key, "en")])
    assert [audience for _visitor, audience in found] == [None, Audience("resident", "en"), None]


@pytest.mark.django_db
def test_a_hundred_cost_no_more_questions_than_two(riverside: Assembly, board: Board) -> None:
    def questions(people: list[Membership]) -> int:
        board.roles |= {one.user_id: "resident" for one in people}
        asked = [(board.topic, signed_in(one), "en") for one in people]
        with CaptureQueriesContext(connection) as captured:
            assert all(audience for _visitor, audience in rights.admit_all(asked))
        return len(captured)

    crowd = [make_member(riverside, f"Person {number}") for number in range(100)]
    assert questions(crowd[:2]) == questions(crowd) == 2  # sessions and people; the board asks for nothing


@pytest.mark.django_db
def test_a_hundred_strangers_cost_one_question(board: Board) -> None:
    """A session in which nobody is signed in, or that has ended, is not looked for again."""
    asked = []
    for number in range(100):
        session = SessionStore()
        session["visits"] = number
        session.save()
        asked += [(board.topic, session.session_key, "en"), (board.topic, f"endedlongago{number}", "en")]
    with CaptureQueriesContext(connection) as captured:
        assert set(rights.admit_all(asked)) == {(Visitor(), None)}
    assert len(captured) == 1


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh_hub")
async def test_who_comes_while_others_are_asked_about_is_asked_about_together(
    amina: Membership, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await sync_to_async(signed_in)(amina)
    together: list[int] = []
    admit_all = rights.admit_all

    def noted(asked: Any) -> Any:
        together.append(len(asked))
        return admit_all(asked)

    monkeypatch.setattr(rights, "admit_all", noted)
    admission = live.hub.hub().admission
    found = await asyncio.gather(*(admission.admit(board.topic, key, "en") for _ in range(250)))
    assert set(found) == {(Visitor(amina.user_id, key), Audience("resident", "en"))}
    assert together == [100, 100, 50]


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh_hub")
async def test_one_that_cannot_be_answered_keeps_nobody_else_out(
    amina: Membership, bao: Membership, board: Board
) -> None:
    good, bad = await sync_to_async(signed_in)(amina), await sync_to_async(signed_in)(bao)

    class Stumbling(dict[Any, str]):
        def get(self, key: Any, default: Any = None) -> Any:
            if key == bao.user_id:
                raise ValueError("Bao")
            return super().get(key, default)

    board.roles = Stumbling(board.roles)
    admission = live.hub.hub().admission
    found = await asyncio.gather(
        *(admission.admit(board.topic, key, "en") for key in (good, bad, good)), return_exceptions=True
    )
    assert [type(one) for one in found] == [tuple, ValueError, tuple]


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh_hub")
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
async def test_while_the_database_is_away_nobody_is_asked_about_alone(
    board: Board, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """A hundred who wait for a database that does not answer would wait a hundred times."""
    questions: list[int] = []

    def away(asked: Any) -> Any:
        questions.append(len(asked))
        raise error

    monkeypatch.setattr(rights, "admit_all", away)
    admission = live.hub.hub().admission
    found = await asyncio.gather(
        *(admission.admit(board.topic, None, "en") for _ in range(100)), return_exceptions=True
    )
    assert {type(one) for one in found} == {error}
    assert questions == [100]


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh_hub")
@pytest.mark.parametrize("hostile", ['"abcdefgh\\000"', "abcdefgh%00", "abcdefgh'", "\u00e4bcdefgh", '""'])
async def test_a_cookie_that_is_no_key_is_asked_about_with_the_others(
    amina: Membership, board: Board, monkeypatch: pytest.MonkeyPatch, hostile: str
) -> None:
    """A quoted cookie may hold any letter by its octal number, also the one that PostgreSQL takes in no text."""
    together: list[list[str | None]] = []
    admit_all = rights.admit_all

    def noted(asked: Any) -> Any:
        together.append([key for _address, key, _language in asked])
        return admit_all(asked)

    monkeypatch.setattr(rights, "admit_all", noted)
    good = await sign_in(amina)
    phones = [make_phone(board.topic, cookie) for cookie in (good, hostile, good)]
    connected = await asyncio.gather(*(each.connect(timeout=10) for each in phones))
    assert [came_in for came_in, _code in connected] == [True, False, True]
    assert together == [[good, None, good]]
    for each in (phones[0], phones[2]):
        await each.disconnect()


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh_hub")
async def test_when_the_hub_ends_nobody_waits_for_an_answer(amina: Membership, board: Board) -> None:
    key = await sync_to_async(signed_in)(amina)
    admission = live.hub.hub().admission
    waiting = [asyncio.ensure_future(admission.admit(board.topic, key, "en")) for _ in range(150)]
    await asyncio.sleep(0)
    await live.hub.stop()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(one) for one in found[100:]} == {asyncio.CancelledError}
