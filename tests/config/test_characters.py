"""The character NUL, which no database stores, is refused in plain words wherever somebody sends it."""

from typing import Any

import pytest
from django.db import DataError
from django.test import Client

from assemblies.models import Assembly, Membership, Role
from tests.make import make_member, make_open_poll
from tests.proving import prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana(riverside: Assembly) -> Client:
    person, client = make_member(riverside, "Dana", Role.ADMINISTRATOR), Client()
    client.force_login(person.user)
    prove(client, person.user)
    return client


def test_in_a_field_that_a_view_reads_without_a_form(riverside: Assembly, dana: Client, amina: Membership) -> None:
    poll = make_open_poll(riverside, amina)
    answer = dana.post(f"/polls/{poll.pk}/remove/", {"name": "Am\x00ina"})
    assert answer.status_code == 400
    assert "Nothing was changed." in answer.content.decode()
    assert dana.get(f"/polls/{poll.pk}/remove/", {"name": "\x00"}).status_code == 400


def test_in_the_name_of_a_field_and_in_a_form(client: Client, riverside: Assembly) -> None:
    assert client.post("/vote/", {"co\x00de": "ABC"}).status_code == 400
    assert client.post("/vote/", {"code": "AB\x00C"}).status_code == 400
    assert client.post("/vote/", {"code": "ABC"}).status_code == 422


def test_without_the_guard_the_database_would_refuse_it(
    riverside: Assembly, dana: Client, amina: Membership, settings: Any
) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "NoNul" not in name]
    poll = make_open_poll(riverside, amina)
    with pytest.raises(DataError, match="NUL"):
        dana.get(f"/polls/{poll.pk}/remove/", {"name": "\x00"})
