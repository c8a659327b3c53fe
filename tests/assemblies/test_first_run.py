import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client

import ledger
from accounts.models import User
from assemblies import first_run
from assemblies.models import Assembly, Membership, Role
from assemblies.refusals import AssemblyRefused
from tests.make import make_assembly, make_user

ANSWERS: dict[str, Any] = {
    "name": "Riverside",
    "slug": "riverside",
    "person": "Adéla",
    "email": "Adela@Example.org",
    "language": "es",
    "currency": "CZK",
}


@pytest.fixture(autouse=True)
def var_dir(settings: LazySettings, tmp_path: Path) -> Path:
    """A new installation's folder."""
    settings.VAR_DIR = tmp_path
    return tmp_path


def typed(**changes: str) -> dict[str, Any]:
    return ANSWERS | {"code": first_run.setup_code() or ""} | changes


@pytest.mark.django_db
def test_a_new_installation_leads_to_the_set_up_page(client: Client) -> None:
    assert client.get("/")["Location"] == "/setup/"
    assert "Set-up code" in client.get("/setup/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_one_page_makes_the_assembly_and_its_administrator(client: Client, var_dir: Path) -> None:
    response = client.post("/setup/", typed())
    assert response["Location"] == "/a/riverside/"
    assembly = Assembly.objects.get()
    assert (assembly.name, assembly.currency, assembly.language) == ("Riverside", "CZK", "es")
    membership = Membership.objects.get()
    assert (membership.roles, membership.user.email, membership.user.name) == (
        ["administrator"],
        "adela@example.org",
        "Adéla",
    )
    assert membership.verified_at is not None
    assert client.session["_auth_user_id"] == str(membership.user.pk)
    home = client.get("/a/riverside/")
    assert home.headers["Content-Language"] == "es"
    assert 'href="/a/riverside/members/"' in home.content.decode()
    assert [event.kind for event in ledger.events(assembly.pk)] == ["assembly_founded"]
    assert not (var_dir / "setup_code").exists()


@pytest.mark.django_db(transaction=True)
def test_the_new_administrator_adds_a_second_factor_before_anything_else(client: Client) -> None:
    client.post("/setup/", typed())
    assert client.get("/a/riverside/members/")["Location"] == "/me/second-factor/"


@pytest.mark.django_db
def test_afterwards_the_page_is_gone(client: Client) -> None:
    code = first_run.setup_code() or ""
    make_assembly("Riverside")
    assert client.get("/setup/").status_code == 404
    assert client.post("/setup/", ANSWERS | {"code": code}).status_code == 404
    assert client.get("/")["Location"] == "/a/riverside/"


@pytest.mark.django_db
def test_a_private_assembly_alone_does_not_open_it_again(client: Client) -> None:
    make_assembly("Harbour", is_public=False)
    assert client.get("/").status_code == 200
    assert client.get("/setup/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["", "AAAAA-AAAAA", "00000"])
def test_without_the_code_from_the_terminal_nothing_is_made(client: Client, code: str) -> None:
    response = client.post("/setup/", typed(code=code))
    assert response.status_code == 422
    assert "terminal" in response.content.decode()
    assert 'value="Adela@Example.org"' in response.content.decode()
    assert not Assembly.objects.exists()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_code_is_forgiving_about_how_it_is_typed(var_dir: Path) -> None:
    (var_dir / "setup_code").write_text("K7Q1X-0MXT4")
    for written in ("K7Q1X-0MXT4", "k7qix omxt4", " k7ql-x0mxt4 "):
        assert first_run.is_setup_code(written)
    assert not first_run.is_setup_code("K7Q1X-0MXT5")


@pytest.mark.django_db
def test_the_code_stays_the_same_until_it_is_used_and_only_its_owner_reads_it(var_dir: Path) -> None:
    code = first_run.setup_code()
    assert code == first_run.setup_code()
    assert stat.S_IMODE((var_dir / "setup_code").stat().st_mode) == 0o600
    make_assembly("Riverside")
    assert first_run.setup_code() is None
    assert not (var_dir / "setup_code").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Type a name"),
        ({"slug": "river side!"}, "small letters, digits and dashes"),
        ({"email": "adela"}, "Type the whole address"),
        ({"person": ""}, "Type your name"),
        ({"currency": "XXX"}, "Select a valid choice"),
        ({"language": "tlh"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_kept(client: Client, changes: dict[str, str], sentence: str) -> None:
    response = client.post("/setup/", typed(**changes))
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Assembly.objects.exists()


@pytest.mark.django_db
def test_somebody_with_an_account_becomes_the_administrator() -> None:
    user = make_user("Old name", email="adela@example.org")
    membership = first_run.set_up(**ANSWERS)
    assert membership.user == user
    assert User.objects.get().name == "Adéla"


def set_up_together() -> list[str]:
    """What becomes of two people who send the page at the same moment."""
    start, outcomes = threading.Barrier(2, timeout=30), []

    def send(number: int) -> None:
        start.wait()
        try:
            first_run.set_up(**ANSWERS | {"slug": f"town-{number}", "email": f"person{number}@example.org"})
        except AssemblyRefused:
            outcomes.append("refused")
        else:
            outcomes.append("done")
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_make_one_assembly_and_one_administrator() -> None:
    assert set_up_together() == ["done", "refused"]
    assert Assembly.objects.count() == 1
    assert Membership.objects.holding(Role.ADMINISTRATOR).count() == 1


@pytest.mark.django_db(transaction=True)
def test_it_is_the_lock_that_lets_only_one_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """The switch: without waiting, both look, both see nothing, and both found a town."""
    both_looked = threading.Barrier(2, timeout=30)
    looked = threading.local()
    is_set_up = first_run.is_set_up

    def look_slowly() -> bool:
        answer = is_set_up()
        if not hasattr(looked, "before"):
            looked.before = True
            both_looked.wait(timeout=10)
        return answer

    monkeypatch.setattr(first_run, "_wait_for_turn", lambda: None)
    monkeypatch.setattr(first_run, "is_set_up", look_slowly)
    assert set_up_together() == ["done", "done"]
