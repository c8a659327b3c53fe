"""The ballot paper in the browser, with scripts off: choose, check, send, receipt."""

import re

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from assemblies.models import Assembly, Membership
from tests.make import line_of, make_open_poll
from voting import services
from voting.models import OpenBallot, Poll, receipt_code

pytestmark = pytest.mark.django_db
KEY = "a key that amina's page made"


def url(poll: Poll, page: str = "") -> str:
    return f"/polls/{poll.pk}/{page}"


@pytest.fixture
def poll(riverside: Assembly, amina: Membership) -> Poll:
    return make_open_poll(riverside, amina, max_choices=2)


def test_amina_chooses_checks_and_sends(client: Client, amina: Membership, poll: Poll) -> None:
    client.force_login(amina.user)
    paper = client.get(url(poll)).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', paper)
    assert key
    sent = {"key": key[1], "options": ["a", "c"]}
    check = client.post(url(poll, "review/"), sent).content.decode()
    assert "Check your ballot" in check
    assert 'name="options" value="c"' in check
    assert OpenBallot.objects.count() == 0
    answer = client.post(url(poll, "cast/"), sent, follow=True)
    ballot = OpenBallot.objects.get()
    assert ballot.choice == {"options": ["a", "c"]}
    assert receipt_code(ballot.receipt) in answer.content.decode()


def test_sending_twice_shows_the_same_receipt(client: Client, amina: Membership, poll: Poll) -> None:
    client.force_login(amina.user)
    receipts = [
        client.post(url(poll, "cast/"), {"key": KEY, "options": "a"}, headers={"HX-Request": "true"}).content.decode()
        for _ in range(2)
    ]
    codes = [re.search(r"<bdi>([0-9A-Z-]{19})</bdi>", receipt) for receipt in receipts]
    assert codes[0]
    assert codes[1]
    assert codes[0][1] == codes[1][1]
    assert OpenBallot.objects.count() == 1


def test_a_second_ballot_is_answered_with_409_and_what_was_chosen(
    client: Client, amina: Membership, poll: Poll
) -> None:
    client.force_login(amina.user)
    client.post(url(poll, "cast/"), {"key": KEY, "options": "a"})
    answer = client.post(url(poll, "cast/"), {"key": "another key of hers", "options": "b"})
    assert answer.status_code == 409
    assert "You have voted already" in answer.content.decode()
    assert OpenBallot.objects.get().choice == {"options": ["a"]}


def test_too_many_choices_come_back_ticked_with_what_to_change(client: Client, amina: Membership, poll: Poll) -> None:
    client.force_login(amina.user)
    answer = client.post(url(poll, "cast/"), {"key": KEY, "options": ["a", "b", "c"]})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "You chose 3, and only 2 choices are allowed" in page
    assert len(re.findall(r'name="options" value="[abc]" checked', page)) == 3
    assert KEY in page.replace("&#x27;", "'")


def test_after_closing_the_paper_comes_back_with_not_counted(client: Client, amina: Membership, poll: Poll) -> None:
    client.force_login(amina.user)
    services.close_poll(poll=poll, actor=None)
    answer = client.post(url(poll, "cast/"), {"key": KEY, "options": ["a"]})
    assert answer.status_code == 409
    assert "Not counted" in answer.content.decode()
    assert OpenBallot.objects.count() == 0


def test_a_page_without_a_key_asks_to_load_it_again(client: Client, amina: Membership, poll: Poll) -> None:
    client.force_login(amina.user)
    answer = client.post(url(poll, "cast/"), {"options": ["a"]})
    assert answer.status_code == 422
    assert "Load it again" in answer.content.decode()


def test_bao_is_told_that_he_is_not_in_the_register(client: Client, bao: Membership, poll: Poll) -> None:
    client.force_login(bao.user)
    assert "You are not in the register" in client.get(url(poll)).content.decode()


def test_chidi_cannot_see_that_a_private_poll_exists(
    client: Client, amina: Membership, harbour: Assembly, chidi: Membership
) -> None:
    private = make_open_poll(harbour, chidi)
    client.force_login(amina.user)
    for page in ("", "receipt/", "result/"):
        assert client.get(url(private, page)).status_code == 404
    for act in ("review/", "cast/", "close/", "publish/", "void/"):
        assert client.post(url(private, act)).status_code == 404


def test_a_ranking_with_a_place_used_twice_is_refused_in_words(
    client: Client, riverside: Assembly, amina: Membership
) -> None:
    poll = make_open_poll(riverside, amina, ballot_type="ranked")
    client.force_login(amina.user)
    answer = client.post(url(poll, "cast/"), {"key": KEY, "place-a": "1", "place-b": "1"})
    assert answer.status_code == 422
    assert "same place" in answer.content.decode()
    client.post(url(poll, "cast/"), {"key": KEY, "place-a": "2", "place-b": "1", "place-c": ""})
    assert OpenBallot.objects.get().choice == {"ranking": ["b", "a"]}


def test_the_paper_costs_few_queries_however_many_options(
    client: Client, riverside: Assembly, amina: Membership, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    poll = make_open_poll(riverside, amina, titles=[f"Project {n}" for n in range(26)])
    client.force_login(amina.user)
    with django_assert_max_num_queries(12):
        client.get(url(poll))


SENTINEL = "Shade trees on Sentinel Street"


@pytest.mark.parametrize("embargo", [True, False], ids=["under embargo", "without the embargo"])
def test_nothing_about_the_outcome_leaves_before_it_is_shown(
    client: Client,
    riverside: Assembly,
    amina: Membership,
    bao: Membership,
    monkeypatch: pytest.MonkeyPatch,
    embargo: bool,
) -> None:
    """The winner's count stands in no page while the result is withheld; without the embargo this test finds it."""
    poll = make_open_poll(riverside, amina, bao, titles=[SENTINEL, "Other"])
    services.cast_ballot(poll=poll, line=line_of(poll, amina), choice={"options": ["a"]}, key=KEY)
    poll = services.close_poll(poll=poll, actor=None)
    if not embargo:
        monkeypatch.setattr("voting.results.are_visible", lambda poll: True)
    pages = []
    for person in (None, amina, bao):
        if person:
            client.force_login(person.user)
        pages += [client.get(url(poll, page)).content.decode() for page in ("", "result/")]
        pages.append(client.get(f"/live/{poll.topic}/").content.decode())
    told = [page for page in pages if SENTINEL in page]
    assert bool(told) != embargo
