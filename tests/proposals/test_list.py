"""Finding and comparing ideas, on a phone without scripts."""

import re

import pytest
from django.test import Client

from assemblies.models import Assembly, District, Membership
from proposals.models import Cycle, Proposal
from proposals.services import review_proposal, withdraw_proposal
from tests.make import make_member
from tests.proposals.making import Kind, make_cycle, make_draft, make_proposal, make_published


def titles(page: str) -> list[str]:
    return re.findall(r'<h2 class="card-title"[^>]*><a href="/proposals/[^"]*">([^<]*)</a>', page)


@pytest.fixture
def thirty(ideas: Cycle, amina: Membership) -> Cycle:
    for number in range(30):
        make_proposal(ideas, amina, f"Idea {number:02}")
    return ideas


def test_the_order_is_each_visitors_own_and_stays_over_the_pages(client: Client, thirty: Cycle) -> None:
    address = f"/cycles/{thirty.pk}/proposals/"
    first, second, third = (titles(client.get(address, {"page": page}).content.decode()) for page in (1, 2, 3))
    assert (len(first), len(second), len(third)) == (12, 12, 6)
    assert sorted(first + second + third) == [f"Idea {number:02}" for number in range(30)]
    assert first != sorted(first)
    assert titles(client.get(address).content.decode()) == first
    others = [titles(Client().get(address).content.decode()) for _ in range(3)]
    assert any(other != first for other in others)


def test_newest_first_when_asked(client: Client, thirty: Cycle, amina: Membership) -> None:
    newest = make_proposal(thirty, amina, "The newest")
    Proposal.objects.filter(pk=newest.pk).update(submitted_at=thirty.phases.get(kind=Kind.REVIEWING).starts_at)
    page = client.get(f"/cycles/{thirty.pk}/proposals/", {"sort": "newest"}).content.decode()
    assert titles(page)[0] == "The newest"


def test_more_can_be_loaded_and_there_are_real_pages(client: Client, thirty: Cycle) -> None:
    page = client.get(f"/cycles/{thirty.pk}/proposals/").content.decode()
    assert 'href="?page=2"' in page
    assert 'hx-get="?page=2"' in page
    assert "Load more" not in client.get(f"/cycles/{thirty.pk}/proposals/", {"page": 3}).content.decode()


def test_filters_narrow_the_list_and_chips_widen_it_again(
    client: Client, ideas: Cycle, amina: Membership, eva: Membership
) -> None:
    mill = District.objects.create(assembly=ideas.assembly, name="Mill Quarter")
    trees = make_proposal(ideas, amina, "Shade trees", category="green", district=mill)
    make_proposal(ideas, amina, "A football pitch", category="sport", text="For everybody in Weaver Lane.")
    bench = make_proposal(ideas, amina, "A bench", category="streets")
    review_proposal(proposal=bench, evaluator=eva, feasibility="feasible", cost=100)
    withdraw_proposal(proposal=trees, actor=amina.user)
    address = f"/cycles/{ideas.pk}/proposals/"
    for asked, found in (
        ({"category": "green"}, ["Shade trees"]),
        ({"district": str(mill.pk)}, ["Shade trees"]),
        ({"status": "withdrawn"}, ["Shade trees"]),
        ({"status": "feasible"}, ["A bench"]),
        ({"q": "weaver lane"}, ["A football pitch"]),
        ({"q": bench.reference.lower()}, ["A bench"]),
        ({"q": "nothing like it"}, []),
        ({"category": "green", "status": "feasible"}, []),
    ):
        page = client.get(address, asked).content.decode()
        assert titles(page) == found, asked
        assert page.count('class="chip"') == len(asked)
    page = client.get(address, {"category": "green", "q": "Shade", "page": "1"}).content.decode()
    assert 'class="chip" href="?q=Shade"' in page
    assert 'class="chip" href="?category=green"' in page


@pytest.mark.parametrize(
    "asked", [{"district": "nonsense"}, {"status": "x"}, {"page": "-3"}, {"page": "zebra"}, {"sort": "x"}]
)
def test_nonsense_in_the_address_shows_the_whole_list(
    client: Client, ideas: Cycle, amina: Membership, asked: dict[str, str]
) -> None:
    make_proposal(ideas, amina)
    answer = client.get(f"/cycles/{ideas.pk}/proposals/", asked)
    assert answer.status_code == 200
    assert titles(answer.content.decode()) == ["Shade trees"]


def test_an_empty_list_says_why(client: Client, ideas: Cycle) -> None:
    assert "There are no proposals yet." in client.get(f"/cycles/{ideas.pk}/proposals/").content.decode()
    assert "Take a filter away." in client.get(f"/cycles/{ideas.pk}/proposals/?q=x").content.decode()


def test_text_of_residents_is_never_markup(client: Client, ideas: Cycle, amina: Membership) -> None:
    evil = "<script>alert(1)</script>"
    proposal = make_proposal(ideas, amina, evil, summary=evil, text=evil, place=evil)
    for page in (f"/cycles/{ideas.pk}/proposals/", f"/proposals/{proposal.pk}/"):
        text = client.get(page).content.decode()
        assert evil not in text
        assert "&lt;script&gt;" in text


@pytest.mark.parametrize("number", [2, 24])
def test_the_list_asks_the_same_number_of_questions_however_long_it_is(
    client: Client,
    riverside: Assembly,
    amina: Membership,
    eva: Membership,
    number: int,
    django_assert_num_queries: object,
) -> None:
    cycle = make_cycle(riverside, Kind.BALLOTING)
    make_published(cycle, amina, eva, {f"Project {count}": 1_000 for count in range(number)})
    client.force_login(make_member(riverside, "Reader").user)
    client.get(f"/cycles/{cycle.pk}/proposals/")
    with django_assert_num_queries(8):  # type: ignore[operator]
        client.get(f"/cycles/{cycle.pk}/proposals/")


def test_drafts_of_others_are_not_in_the_list_nor_in_its_count(client: Client, ideas: Cycle, amina: Membership) -> None:
    make_draft(ideas, amina, "Only mine")
    client.force_login(amina.user)
    page = client.get(f"/cycles/{ideas.pk}/proposals/").content.decode()
    assert "Only mine" not in page
    assert "Only mine" in client.get(f"/cycles/{ideas.pk}/").content.decode()  # among my proposals
