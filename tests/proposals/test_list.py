"""Finding and comparing ideas, on a phone without scripts."""

import html
import re
from datetime import timedelta

import pytest
from django import forms
from django.test import Client
from django.utils import timezone

from assemblies.models import Assembly, District, Membership
from proposals.browse_forms import BrowseForm
from proposals.browsing import Start
from proposals.models import Cycle, Proposal
from proposals.paging import page_of_keys
from proposals.services import review_proposal, withdraw_proposal
from proposals.widgets import PlainSelect
from tests.make import make_member
from tests.proposals.making import Kind, make_cycle, make_draft, make_proposal, pot_of


def titles(page: str) -> list[str]:
    return re.findall(r'<h2 class="card-title"[^>]*><a href="/proposals/[^"]*">([^<]*)</a>', page)


def write_in_bulk(cycle: Cycle, author: Membership, *titles: str) -> None:
    """More than one person may send in on one day."""
    Proposal.objects.bulk_create(
        Proposal(
            heading=pot_of(cycle),
            author=author,
            reference=f"RV-{place:05}",
            title=title,
            state="submitted",
            submitted_at=timezone.now() - timedelta(minutes=1),
            cost_guess=100,
        )
        for place, title in enumerate(titles)
    )


@pytest.fixture
def thirty(ideas: Cycle, amina: Membership) -> Cycle:
    write_in_bulk(ideas, amina, *(f"Idea {number:02}" for number in range(30)))
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
    assert re.search(r'href="\?start=[^"&]+&amp;page=2" hx-get="\?start=[^"&]+&amp;page=2"', page)
    assert "Load more" not in client.get(f"/cycles/{thirty.pk}/proposals/", {"page": 3}).content.decode()


def next_page(page: str) -> str:
    return html.unescape(re.findall(r'hx-get="([^"]*)"', page)[0])


@pytest.mark.parametrize("sort", ["", "newest", "supported"])
def test_leafing_on_neither_repeats_nor_loses_an_idea_when_new_ones_come_in_and_cookies_are_refused(
    thirty: Cycle, amina: Membership, sort: str
) -> None:
    address = f"/cycles/{thirty.pk}/proposals/"
    first = Client().get(address, {"sort": sort}).content.decode()
    for number in range(5):
        new = make_proposal(thirty, amina, f"Late {number}")
        Proposal.objects.filter(pk=new.pk).update(submitted_at=timezone.now() + timedelta(minutes=1))
    second = Client().get(address + next_page(first)).content.decode()
    third = Client().get(address + next_page(second)).content.decode()
    seen = titles(first) + titles(second) + titles(third)
    assert sorted(seen) == [f"Idea {number:02}" for number in range(30)]
    assert "Late 0" in Client().get(address, {"sort": "newest"}).content.decode()


def test_nobody_hands_out_a_mix_of_his_own_choice(client: Client, thirty: Cycle) -> None:
    address = f"/cycles/{thirty.pk}/proposals/"
    first = titles(client.get(address).content.decode())
    for start in ("mine-zzz", "mine-zzz:signature", "::", "x" * 5000, str(Start("other", timezone.now()))):
        assert titles(client.get(address, {"start": start}).content.decode()) == first  # the cookie's mix goes first


def test_the_most_supported_first_when_asked(client: Client, thirty: Cycle) -> None:
    Proposal.objects.filter(title="Idea 17").update(support_count=9)
    Proposal.objects.filter(title="Idea 03").update(support_count=4)
    page = client.get(f"/cycles/{thirty.pk}/proposals/", {"sort": "supported"}).content.decode()
    assert titles(page)[:2] == ["Idea 17", "Idea 03"]


def test_a_table_shows_the_same_ideas_in_rows_and_keeps_what_was_asked(client: Client, thirty: Cycle) -> None:
    Proposal.objects.filter(title="Idea 17").update(support_count=1234, cost_guess=50_00)
    page = client.get(f"/cycles/{thirty.pk}/proposals/", {"view": "table", "sort": "supported"}).content.decode()
    rows = re.findall(
        r'<tr><th scope="row"[^>]*><a href="/proposals/[^"]*">([^<]*)</a></th>(.*?)</tr>', page, re.DOTALL
    )
    assert len(rows) == 25
    assert rows[0][0] == "Idea 17"
    assert "1\xa0234" in rows[0][1]
    assert "50" in rows[0][1]
    assert 'name="view" value="table"' in page
    assert 'href="?sort=supported"' in page  # the list, of the same


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
        ({"cost": "1"}, ["A bench"]),
        ({"category": "green", "status": "feasible"}, []),
    ):
        page = client.get(address, asked).content.decode()
        assert titles(page) == found, asked
        assert page.count("take away</span>") == len(asked)
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


def test_an_empty_answer_says_which_filter_to_take_away(client: Client, ideas: Cycle, amina: Membership) -> None:
    make_proposal(ideas, amina, "Shade trees", category="green")
    make_proposal(ideas, amina, "Shade sails", category="green")
    page = client.get(
        f"/cycles/{ideas.pk}/proposals/", {"q": "shade", "category": "sport", "cost": "9"}
    ).content.decode()
    assert "No proposals match. Take a filter away." in page  # no single one helps
    page = client.get(f"/cycles/{ideas.pk}/proposals/", {"q": "shade", "category": "sport"}).content.decode()
    assert "Take one filter away:" in page
    assert re.findall(r'<a class="chip" href="\?q=shade">(without .*?)</a>', page) == [
        "without Sport: <bdi>2</bdi> proposals"
    ]
    assert "without “shade”" not in page  # that would show nothing either


def test_text_of_residents_is_never_markup(client: Client, ideas: Cycle, amina: Membership) -> None:
    evil = "<script>alert(1)</script>"
    proposal = make_proposal(ideas, amina, evil, summary=evil, text=evil, place=evil)
    for page in (f"/cycles/{ideas.pk}/proposals/", f"/proposals/{proposal.pk}/"):
        text = client.get(page).content.decode()
        assert evil not in text
        assert "&lt;script&gt;" in text


@pytest.mark.parametrize("asked", ["", "view=table", "view=map", "q=project&sort=supported&cost=999999"])
@pytest.mark.parametrize("number", [10, 200])
def test_the_list_asks_the_same_number_of_questions_however_long_it_is(
    client: Client,
    riverside: Assembly,
    amina: Membership,
    number: int,
    asked: str,
    django_assert_num_queries: object,
) -> None:
    cycle = make_cycle(riverside, Kind.BALLOTING)
    write_in_bulk(cycle, amina, *(f"Project {place}" for place in range(number)))
    client.force_login(make_member(riverside, "Reader").user)
    address = f"/cycles/{cycle.pk}/proposals/?{asked}"
    client.get(address)
    with django_assert_num_queries(10):  # type: ignore[operator]
        assert len(client.get(address).content) > 1000


def test_drafts_of_others_are_not_in_the_list_nor_in_its_count(client: Client, ideas: Cycle, amina: Membership) -> None:
    make_draft(ideas, amina, "Only mine")
    client.force_login(amina.user)
    page = client.get(f"/cycles/{ideas.pk}/proposals/").content.decode()
    assert "Only mine" not in page
    assert "Only mine" in client.get(f"/cycles/{ideas.pk}/").content.decode()  # among my proposals


@pytest.mark.parametrize(
    ("asked", "number", "shown"),
    [("3", 3, 6), ("4", 3, 6), ("0", 3, 6), ("-3", 3, 6), ("9" * 30, 3, 6), ("9" * 5000, 1, 12), ("x", 1, 12)],
)
def test_a_page_that_does_not_exist_is_the_last_or_the_first(
    client: Client, thirty: Cycle, asked: str, number: int, shown: int
) -> None:
    page = client.get(f"/cycles/{thirty.pk}/proposals/", {"page": asked}).content.decode()
    assert len(titles(page)) == shown
    assert f'<span class="vh">Page </span>{number}</span>' in page
    assert "<bdi>30</bdi> proposals" in page


def test_an_idea_that_is_hidden_while_the_list_is_made_is_not_shown(
    client: Client, thirty: Cycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keys_and_then_hidden(*asked: object) -> object:
        page = page_of_keys(*asked)  # type: ignore[arg-type]
        Proposal.objects.filter(pk=page.object_list[0]).update(hidden_at=timezone.now())
        return page

    monkeypatch.setattr("proposals.browsing.page_of_keys", keys_and_then_hidden)
    page = client.get(f"/cycles/{thirty.pk}/proposals/", {"sort": "newest"}).content.decode()
    assert len(titles(page)) == 11


def test_the_filters_look_as_every_other_form_does(ideas: Cycle) -> None:
    District.objects.create(assembly=ideas.assembly, name="<Mill> & “Quarter”")
    form = BrowseForm({"category": "green", "sort": "newest"}, cycle=ideas)
    selects = [field for field in form.visible_fields() if isinstance(field.field.widget, PlainSelect)]
    assert [field.name for field in selects] == ["category", "district", "status", "sort"]
    for field in selects:
        drawn = str(field)
        widget = field.field.widget
        as_django = forms.Select(widget.attrs, widget.choices)
        as_django.is_required = widget.is_required
        field.field.widget = as_django
        assert drawn == str(field)


@pytest.mark.parametrize("number", [10, 200])
def test_the_page_of_the_budget_asks_the_same_number_of_questions_for_few_or_many_ideas(
    client: Client, ideas: Cycle, amina: Membership, number: int, django_assert_num_queries: object
) -> None:
    write_in_bulk(ideas, amina, *(f"Idea {place}" for place in range(number)))
    address = f"/cycles/{ideas.pk}/"
    client.get(address)
    with django_assert_num_queries(5):  # type: ignore[operator]
        assert f"{number}" in client.get(address).content.decode()
