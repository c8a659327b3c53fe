import json

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import exports
from accounts.models import User
from accounts.services import join_by_email
from assemblies.models import Membership
from tests.make import make_assembly, make_member

pytestmark = pytest.mark.django_db


def test_amina_sees_her_assemblies_and_whether_she_may_vote(client: Client, amina: Membership) -> None:
    client.force_login(amina.user)
    page = client.get("/me/").content.decode()
    assert "Riverside" in page
    assert "You may vote" in page
    assert amina.user.email in page


def test_a_facilitator_reads_the_role(client: Client, bao: Membership) -> None:
    client.force_login(bao.user)
    assert "Facilitator" in client.get("/me/").content.decode()


def test_amina_sees_nothing_of_the_co_op(client: Client, amina: Membership, chidi: Membership) -> None:
    client.force_login(amina.user)
    assert "Harbour" not in client.get("/me/").content.decode()
    assert "Harbour" not in client.get("/me/data.json").content.decode()


def test_name_and_language_are_saved_and_the_browser_follows(client: Client, amina: Membership) -> None:
    client.force_login(amina.user)
    response = client.post("/me/profile/", {"name": "Amina H.", "language": "es"})
    assert response["Location"] == "/me/"
    amina.user.refresh_from_db()
    assert (amina.user.name, amina.user.language) == ("Amina H.", "es")
    assert client.get("/me/").headers["Content-Language"] == "es"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": "", "language": "en"}, "Type the name that others should see."),
        ({"name": "x" * 81, "language": "en"}, "at most 80 characters"),
        ({"name": "Amina", "language": "tlh"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_saved_is_said_and_kept_as_typed(
    client: Client, amina: Membership, typed: dict[str, str], sentence: str
) -> None:
    client.force_login(amina.user)
    response = client.post("/me/profile/", typed)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert f'value="{typed["name"]}"' in response.content.decode() or not typed["name"]
    assert User.objects.get(pk=amina.user.pk).name == "Amina"


def test_the_page_costs_the_same_queries_with_many_memberships(client: Client, amina: Membership) -> None:
    client.force_login(amina.user)
    with CaptureQueriesContext(connection) as with_one:
        client.get("/me/")
    for number in range(5):
        make_member(make_assembly(f"Town {number}"), user=amina.user)
    with CaptureQueriesContext(connection) as with_six:
        client.get("/me/")
    assert len(with_six) == len(with_one) <= 10


def test_the_download_holds_everything_and_nothing_of_others(
    client: Client, amina: Membership, bao: Membership
) -> None:
    client.force_login(amina.user)
    response = client.get("/me/data.json")
    assert "attachment" in response["Content-Disposition"]
    data = json.loads(response.content)
    assert data["account"]["email"] == amina.user.email
    assert [membership["assembly"] for membership in data["memberships"]] == ["Riverside"]
    assert bao.user.email not in response.content.decode()


def test_other_apps_add_their_part(client: Client, amina: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(exports._collectors, "poems", lambda user: [f"A poem by {user.name}"])
    client.force_login(amina.user)
    assert client.get("/me/data.json").json()["poems"] == ["A poem by Amina"]


def test_signing_out_everywhere_leaves_only_this_device(client: Client, amina: Membership) -> None:
    client.force_login(amina.user)
    phone = Client()
    phone.force_login(amina.user)
    assert client.post("/me/sign-out-everywhere/")["Location"] == "/me/"
    assert client.get("/me/").status_code == 200
    assert phone.get("/me/").status_code == 302
    assert not Session.objects.filter(pk=phone.session.session_key).exists()


def test_signing_out_everywhere_signs_out_nobody_else(client: Client, amina: Membership, bao: Membership) -> None:
    client.force_login(amina.user)
    other = Client()
    other.force_login(bao.user)
    client.post("/me/sign-out-everywhere/")
    assert other.get("/me/").status_code == 200


def test_a_new_account_shares_its_session_hash_with_nobody() -> None:
    first, second = (
        join_by_email(email="a@example.org", language="en"),
        join_by_email(email="b@example.org", language=""),
    )
    assert first.password != second.password
    assert first.get_session_auth_hash() != second.get_session_auth_hash()
    assert join_by_email(email="A@example.org", language="es") == first


def test_a_visitor_chooses_a_language(client: Client) -> None:
    response = client.post("/language/", {"language": "es", "next": "/help/"})
    assert response["Location"] == "/help/"
    assert client.get("/help/").headers["Content-Language"] == "es"


def test_a_chosen_language_is_kept_with_the_account_and_comes_back_at_sign_in(
    client: Client, amina: Membership
) -> None:
    client.force_login(amina.user)
    client.post("/language/", {"language": "es"})
    amina.user.refresh_from_db()
    assert amina.user.language == "es"


def test_an_unknown_language_and_a_foreign_address_change_nothing(client: Client) -> None:
    response = client.post("/language/", {"language": "tlh", "next": "https://evil.example/"})
    assert response["Location"] == "/"
    assert "django_language" not in response.cookies


def test_anyone_can_read_how_data_is_kept(client: Client) -> None:
    assert "Cookies" in client.get("/privacy/").content.decode()
