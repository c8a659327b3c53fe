"""The same proposals on a map: near ones stand together, each number leads nearer, and the list stays beside it."""

import html
import random
import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assemblies.models import District, Membership
from proposals.browse_map import ACROSS, MapArea
from proposals.models import Cycle, Proposal
from tests.proposals.making import make_proposal, pot_of

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1]]
SPOT = re.compile(r'<a class="spot" href="([^"]*)" aria-label="([^"]*)">.*?<text[^>]*>(\d+)</text>')


@pytest.fixture
def placed(ideas: Cycle, amina: Membership) -> Cycle:
    """Three near each other in the west, one in the east, and one for everybody."""
    District.objects.create(assembly=ideas.assembly, name="Mill Quarter", outline=SQUARE)
    for number in range(3):
        make_proposal(ideas, amina, f"West {number}", latitude=f"0.5{number + 3}", longitude="0.11", category="green")
    make_proposal(ideas, amina, "East", latitude="0.2", longitude="0.95", category="sport")
    make_proposal(ideas, amina, "Everywhere")
    return ideas


def spots(page: str) -> dict[str, tuple[str, str]]:
    """Of each number on the map where it leads, and what is read aloud."""
    return {number: (html.unescape(url), label) for url, label, number in SPOT.findall(page)}


def titles(page: str) -> list[str]:
    return sorted(re.findall(r'class="card-title"[^>]*><a[^>]*>([^<]*)</a>', page))


def test_near_ones_stand_together_and_each_number_leads_nearer(client: Client, placed: Cycle) -> None:
    address = f"/cycles/{placed.pk}/proposals/"
    page = client.get(address, {"view": "map"}).content.decode()
    assert set(spots(page)) == {"3", "1"}
    assert spots(page)["3"][1] == "3 proposals, Mill Quarter"
    assert "<bdi>1</bdi> proposal has no place on this map" in page
    assert len(titles(page)) == 5  # the list stays beside it
    nearer = client.get(address + spots(page)["3"][0]).content.decode()
    assert titles(nearer) == ["West 0", "West 1", "West 2"]
    assert "on a part of the map" in nearer  # a chip, to take away
    assert set(spots(nearer)) == {"1"}  # each by itself
    assert re.search(r'viewBox="\d+ \d+ \d+ \d+"', nearer)
    assert 'transform="scale(10)"' in nearer


def test_one_alone_leads_to_its_page(client: Client, placed: Cycle) -> None:
    page = client.get(f"/cycles/{placed.pk}/proposals/", {"view": "map"}).content.decode()
    url, label = spots(page)["1"]
    assert url == Proposal.objects.get(title="East").get_absolute_url()
    assert label == "East, Mill Quarter"


def test_what_stands_on_one_point_ends_in_the_list(client: Client, ideas: Cycle, amina: Membership) -> None:
    District.objects.create(assembly=ideas.assembly, name="Mill Quarter", outline=SQUARE)
    for number in range(2):
        make_proposal(ideas, amina, f"Same {number}", latitude="0.123456", longitude="0.654321")
    address, query = f"/cycles/{ideas.pk}/proposals/", "?view=map"
    for _step in range(4):
        page = client.get(address + query).content.decode()
        if "town-map" not in page:
            break
        query = spots(page)["2"][0]
    assert "town-map" not in page
    assert titles(page) == ["Same 0", "Same 1"]


def test_filters_hold_on_the_map_and_the_map_holds_in_the_filters(client: Client, placed: Cycle) -> None:
    address = f"/cycles/{placed.pk}/proposals/"
    page = client.get(address, {"view": "map", "category": "green"}).content.decode()
    assert set(spots(page)) == {"3"}
    assert "category=green" in spots(page)["3"][0]
    nearer = client.get(address + spots(page)["3"][0]).content.decode()
    assert re.search(
        r'<input type="hidden" name="view" value="map">\s*<input type="hidden" name="area" value="0\.', nearer
    )


@pytest.mark.parametrize("area", ["", "x", "1,2,3", "3,0,1,1", "0,0,nan,1", "-999,0,999,1", "1e999,0,2,1"])
def test_nonsense_is_no_part_of_the_earth(client: Client, placed: Cycle, area: str) -> None:
    assert MapArea.read(area) is None
    page = client.get(f"/cycles/{placed.pk}/proposals/", {"view": "map", "area": area}).content.decode()
    assert set(spots(page)) == {"3", "1"}


@pytest.mark.parametrize("area", ["-180,-90,180,90", "0.1,0.1,0.1000001,0.1000001", "170,80,171,81"])
def test_any_part_of_the_earth_can_be_asked_for(client: Client, placed: Cycle, area: str) -> None:
    assert client.get(f"/cycles/{placed.pk}/proposals/", {"view": "map", "area": area}).status_code == 200


def test_without_a_map_of_the_town_there_is_the_list(client: Client, ideas: Cycle, amina: Membership) -> None:
    make_proposal(ideas, amina, "East", latitude="0.2", longitude="0.95")
    page = client.get(f"/cycles/{ideas.pk}/proposals/", {"view": "map"}).content.decode()
    assert titles(page) == ["East"]
    assert "town-map" not in page
    assert "#map" not in page  # nothing leads to it


def test_hidden_ones_and_drafts_are_on_no_map(client: Client, placed: Cycle) -> None:
    Proposal.objects.filter(title="East").update(hidden_at=timezone.now())
    page = client.get(f"/cycles/{placed.pk}/proposals/", {"view": "map"}).content.decode()
    assert set(spots(page)) == {"3"}


def test_three_hundred_cost_no_more_questions_than_five_and_fill_at_most_a_hundred_spots(
    client: Client, placed: Cycle, amina: Membership
) -> None:
    address = f"/cycles/{placed.pk}/proposals/"

    def page_and_questions() -> tuple[str, int]:
        with CaptureQueriesContext(connection) as seen:
            page = client.get(address, {"view": "map", "sort": "newest"}).content.decode()
        return page, len(seen)

    _few, questions = page_and_questions()
    chance, moment = random.Random(7), timezone.now()
    Proposal.objects.bulk_create(
        Proposal(
            heading=pot_of(placed), author=amina, title=f"Idea {number}", state=Proposal.State.SUBMITTED,
            reference=uuid4().hex[:8], submitted_at=moment,
            latitude=f"{chance.random():.6f}", longitude=f"{chance.random():.6f}",
        )
        for number in range(300)
    )  # fmt: skip
    many, questions_of_many = page_and_questions()
    assert questions_of_many == questions <= 14
    found = SPOT.findall(many)
    assert len(found) <= ACROSS * ACROSS
    assert sum(int(number) for _url, _label, number in found) == 304
