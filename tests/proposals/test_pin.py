"""A pin on the map of the town: by a press, by arrows, without scripts; and the map itself."""

from decimal import Decimal

import pytest
from django.test import Client

from assemblies.models import Assembly, District, Membership
from assemblies.town_map import PLAIN_WIDTH, map_of
from proposals.models import Cycle
from tests.proposals.making import make_draft


@pytest.fixture
def north(riverside: Assembly) -> District:
    """The northern half of a town that is a square; the south is the other half."""
    District.objects.create(assembly=riverside, name="South", outline=[[0, 0], [2, 0], [2, 1], [0, 1]])
    return District.objects.create(assembly=riverside, name="North <b>", outline=[[0, 1], [2, 1], [2, 2], [0, 2]])


def test_the_way_to_the_paper_and_back_is_the_same_place(riverside: Assembly, north: District) -> None:
    town = map_of(riverside)
    assert town is not None
    x, y = town.on_paper(Decimal("0.5"), Decimal("1.5"))
    longitude, latitude = town.on_earth(x, y)
    assert abs(longitude - Decimal("0.5")) < Decimal("0.01")
    assert abs(latitude - Decimal("1.5")) < Decimal("0.01")
    assert town.district_at(x, y) == north
    assert town.district_at(0, 0) is None


def test_a_town_without_outlines_has_no_map(client: Client, riverside: Assembly) -> None:
    assert map_of(riverside) is None
    assert client.get("/a/riverside/map.svg").status_code == 404


def test_the_map_is_a_drawing_that_runs_nothing(client: Client, north: District) -> None:
    answer = client.get("/a/riverside/map.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "North &lt;b&gt;" in answer.content.decode()


def test_a_press_on_the_map_without_scripts_puts_the_pin_there_and_keeps_what_was_typed(
    client: Client, riverside: Assembly, amina: Membership, ideas: Cycle, north: District
) -> None:
    client.force_login(amina.user)
    proposal = make_draft(ideas, amina)
    address = f"/proposals/{proposal.pk}/where/"
    typed = {"where": "", "place": "Behind the mill", "pin": ""}
    page = client.post(address, typed | {"map.x": str(PLAIN_WIDTH // 2), "map.y": "30"}).content.decode()
    assert "Behind the mill" in page
    assert "The pin is in North &lt;b&gt;." in page
    town = map_of(riverside)
    assert town is not None
    pin = f"{town.width // 2},{30 * town.width // PLAIN_WIDTH}"
    assert f'value="{pin}"' in page
    proposal.refresh_from_db()
    assert proposal.latitude is None, "a press keeps nothing yet"

    answer = client.post(address, {"where": "spot", "place": "Behind the mill", "pin": pin})
    assert answer.status_code == 302
    proposal.refresh_from_db()
    assert proposal.district == north
    assert proposal.latitude is not None
    assert abs(proposal.longitude - 1) < Decimal("0.01")
    assert f'value="{pin}"' in client.get(address).content.decode(), "it stands where it was put"


def test_arrows_move_the_pin_by_keys_alone(
    client: Client, riverside: Assembly, amina: Membership, ideas: Cycle, north: District
) -> None:
    client.force_login(amina.user)
    address = f"/proposals/{make_draft(ideas, amina).pk}/where/"
    town = map_of(riverside)
    assert town is not None
    middle = town.width // 2, town.height // 2
    for move, pin, expected in (
        ("up", "", f"{middle[0]},{middle[1]}"),
        ("up", "100,100", "100,88"),
        ("left", "4,100", "0,100"),
        ("down", f"100,{town.height}", f"100,{town.height}"),
        ("away", "100,100", ""),
    ):
        page = client.post(address, {"where": "spot", "pin": pin, "move": move}).content.decode()
        assert f'name="pin" value="{expected}"' in page if expected else 'name="pin" value' not in page
    page = client.post(address, {"where": "spot", "pin": "100,100", "map.x": "0", "map.y": "0"}).content.decode()
    assert 'value="100,100"' in page, "a key on the map leaves the pin"


@pytest.mark.parametrize("pin", ["9999,9999", "-1,5", "NaN,5", "5", "5,5,5", "<script>"])
def test_a_pin_that_is_nowhere_counts_as_none(
    client: Client, amina: Membership, ideas: Cycle, north: District, pin: str
) -> None:
    client.force_login(amina.user)
    proposal = make_draft(ideas, amina)
    answer = client.post(f"/proposals/{proposal.pk}/where/", {"where": "spot", "pin": pin})
    assert answer.status_code == 422
    assert "<script>" not in answer.content.decode().replace("<script ", "")
    proposal.refresh_from_db()
    assert proposal.latitude is None
