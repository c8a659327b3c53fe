"""The page on which somebody waits for the count of a `.pb` file: what it says, speaks and leads to."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from assemblies.models import Assembly, District, Membership, Role
from jobs.testing import run_waiting
from proposals.budget_files import send_budget_file
from proposals.models import BudgetImport
from tests.make import make_member
from tests.proposals.test_import_pb import SMALL

STOPPED = "The part of the server that counts is not running."
ADDRESS = "/a/riverside/budget/import/"


def sent(assembly: Assembly, importer: Membership, year: int = 2024, name: str = "small.pb") -> BudgetImport:
    data = SMALL.replace("instance;2024", f"instance;{year}").encode()
    return send_budget_file(assembly=assembly, importer=importer, name=name, data=data)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether a worker is alive: the last in the list."""
    alive = [True]
    monkeypatch.setattr("proposals.views.budget_files.is_any_alive", lambda: alive[-1])
    return alive


@pytest.fixture
def facilitator(client: Client, riverside: Assembly, bao: Membership, worker: list[bool]) -> Client:
    client.force_login(bao.user)
    return client


def spoken(page: str) -> str:
    """The words of the element that a screen reader follows."""
    found = re.search(r'id="said" role="status">(.*?)\n  </div>', page, re.DOTALL)
    assert found, page
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def test_the_end_of_the_count_is_spoken_once(facilitator: Client, riverside: Assembly, bao: Membership) -> None:
    address = sent(riverside, bao).get_absolute_url()
    page = facilitator.get(address).content.decode()
    assert "The ballots are being counted." in spoken(page)
    polled = re.search(r'id="counted" hx-get="([^"]+)"', page)
    assert polled
    assert 'hx-select-oob="#said:innerHTML"' in page  # the region itself stays, or nobody hears the change
    answer = facilitator.get(polled[1], HTTP_HX_REQUEST="true")
    assert (answer.status_code, answer.content) == (204, b"")  # nothing new, nothing spoken again
    assert facilitator.get(polled[1]).status_code == 200
    run_waiting()
    page = facilitator.get(polled[1], HTTP_HX_REQUEST="true").content.decode()
    assert "The ballots are counted." in spoken(page)
    assert "hx-get" not in page.partition('id="count"')[2]


def test_a_worker_that_is_not_there_is_said_and_awaited(
    facilitator: Client, riverside: Assembly, bao: Membership, worker: list[bool]
) -> None:
    batch = sent(riverside, bao)
    address = batch.get_absolute_url()
    worker.append(False)
    page = facilitator.get(f"{address}?seen=counting", HTTP_HX_REQUEST="true").content.decode()
    assert spoken(page) == f"{STOPPED} Tell whoever looks after it; your file is kept."
    assert "a few seconds" not in page
    assert "?seen=stopped" in page  # it goes on by itself when the worker is back
    BudgetImport.objects.update(created_at=timezone.now() - timedelta(hours=1))
    page = facilitator.get(address).content.decode()
    assert STOPPED in page
    assert "Send it again" not in page  # it would only wait again
    worker.append(True)
    assert "Send it again" in facilitator.get(address).content.decode()
    run_waiting()
    worker.append(False)
    page = facilitator.get(address).content.decode()
    assert STOPPED not in page  # what is counted needs nobody
    assert "Bring it in<" in page


def test_a_waiting_file_is_found_by_a_colleague(
    facilitator: Client,
    riverside: Assembly,
    bao: Membership,
    harbour: Assembly,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    assert "Files that have not come in" not in facilitator.get(ADDRESS).content.decode()
    colleague = make_member(riverside, "Dora", Role.FACILITATOR)
    theirs = sent(riverside, colleague, name="theirs.pb")
    elsewhere = sent(harbour, make_member(harbour, "Cleo", Role.FACILITATOR), 2019)
    page = facilitator.get(ADDRESS).content.decode()
    for words in (
        "Files that have not come in",
        "theirs.pb",
        "Dora",
        "It waits to be counted.",
        theirs.get_absolute_url(),
    ):
        assert words in page
    assert elsewhere.get_absolute_url() not in page
    run_waiting()
    assert "It is counted and can be brought in." in facilitator.get(ADDRESS).content.decode()
    BudgetImport.objects.filter(pk=theirs.pk).update(begun_at=timezone.now())
    assert "It is being brought in." in facilitator.get(ADDRESS).content.decode()
    BudgetImport.objects.filter(pk=theirs.pk).update(refusal="Too many ties.")
    assert "It could not come in." in facilitator.get(ADDRESS).content.decode()
    assert "Send" not in facilitator.get(theirs.get_absolute_url()).content.decode().partition('id="count"')[2]
    with CaptureQueriesContext(connection) as one:
        facilitator.get(ADDRESS)
    for year, name in ((2018, "Emil"), (2017, "Fay"), (2016, "Gus")):
        sent(riverside, make_member(riverside, name, Role.FACILITATOR), year)
    with django_assert_num_queries(len(one)):
        facilitator.get(ADDRESS)


def test_one_project_costs_and_two_cost(facilitator: Client, riverside: Assembly, bao: Membership) -> None:
    batch = sent(riverside, bao)
    run_waiting()
    page = facilitator.get(batch.get_absolute_url()).content.decode()
    assert "They cost" in page
    assert "It costs" not in page
    batch.refresh_from_db()
    assert batch.counted is not None
    batch.counted["winners"] = batch.counted["winners"][:1]
    batch.save()
    page = facilitator.get(batch.get_absolute_url()).content.decode()
    assert "It costs" in page
    assert "They cost" not in page


def test_districts_that_the_town_does_not_have_stay_out(
    facilitator: Client, riverside: Assembly, bao: Membership
) -> None:
    address = sent(riverside, bao).get_absolute_url()
    page = facilitator.get(address).content.decode()
    assert (
        "1 district is not on the list of Riverside. It stays out, and its projects count for the whole town:" in page
    )
    assert "Old Town" in page
    assert "an administrator can add it first" in page
    assert 'href="/a/riverside/map/"' not in page
    administrator = Client()
    administrator.force_login(make_member(riverside, "Adela", Role.ADMINISTRATOR).user)
    assert 'href="/a/riverside/map/"' in administrator.get(address).content.decode()
    District.objects.create(assembly=riverside, name="Old Town")
    BudgetImport.objects.all().delete()
    assert "Old Town" not in facilitator.get(sent(riverside, bao).get_absolute_url()).content.decode()
