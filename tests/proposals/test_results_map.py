"""What was decided where: each project of a result on the map of the town, and in words below."""

import re
from itertools import combinations
from math import hypot

import pytest
from django.test import Client

from assemblies.models import District, Membership
from proposals import results_map
from proposals.models import Cycle, Project, Proposal
from proposals.services import put_on_ballot
from tests.proposals.making import Kind, make_cycle, make_feasible, make_published, pot_of, project_of

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1]]
PIN = re.compile(r'<a class="(spot[^"]*)" href="#p(\d+)" aria-label="([^"]*)">')


@pytest.fixture
def published(voting_now: Cycle, amina: Membership, eva: Membership) -> Cycle:
    District.objects.create(assembly=voting_now.assembly, name="Mill Quarter", outline=SQUARE)
    make_published(voting_now, amina, eva)
    return voting_now


def pins(client: Client, cycle: Cycle) -> list[tuple[str, str, str]]:
    return PIN.findall(client.get(f"/cycles/{cycle.pk}/results/").content.decode())


def test_the_pin_of_an_idea_goes_to_the_ballot_with_it(amina: Membership, eva: Membership) -> None:
    cycle = make_cycle(amina.assembly, Kind.BALLOTING)
    ideas = make_feasible(cycle, amina, eva, {"Shade trees": 10, "Chess tables": 20})
    Proposal.objects.filter(pk=ideas[0].pk).update(latitude="0.25", longitude="0.75")
    put_on_ballot(heading=pot_of(cycle), actor=None)
    assert Project.objects.filter(heading__cycle=cycle).exclude(latitude=None).count() == 1
    pinned = Project.objects.get(proposal=ideas[0])
    assert (str(pinned.latitude), str(pinned.longitude)) == ("0.250000", "0.750000")


def test_each_pin_leads_to_the_row_that_says_the_same_in_words(client: Client, published: Cycle) -> None:
    project = project_of(published, "Chess tables")
    lost = Project.objects.filter(heading__cycle=published, award=None).first()
    assert lost is not None
    Project.objects.filter(pk=project.pk).update(latitude="0.25", longitude="0.75", place="Mill Lane 3")
    Project.objects.filter(pk=lost.pk).update(latitude="0.5", longitude="0.5")
    page = client.get(f"/cycles/{published.pk}/results/").content.decode()
    found = PIN.findall(page)
    assert [(kind, number) for kind, number, _label in found] == [
        ("spot off", str(lost.number)),
        ("spot", str(project.number)),  # drawn last, on top
    ]
    assert found[1][2].endswith("Chess tables: funded")
    assert found[0][2].endswith(": not funded")
    for _kind, number, _label in found:
        assert f'<tr id="p{number}">' in page
    assert "Mill Lane 3" in page


def test_what_lies_beyond_the_edge_or_nowhere_is_counted_in_words(client: Client, published: Cycle) -> None:
    Project.objects.filter(heading__cycle=published).update(latitude="0.5", longitude="0.5")
    project = project_of(published, "Chess tables")
    Project.objects.filter(pk=project.pk).update(latitude="40", longitude="3")
    assert "1 project has no place on this map" in client.get(f"/cycles/{published.pk}/results/").content.decode()


def test_too_many_pins_leave_what_is_funded(client: Client, published: Cycle, monkeypatch: pytest.MonkeyPatch) -> None:
    Project.objects.filter(heading__cycle=published).update(latitude="0.5", longitude="0.5")
    monkeypatch.setattr(results_map, "MOST_PINS", 1)
    found = pins(client, published)
    assert {kind for kind, _number, _label in found} == {"spot"}
    assert len(found) == 1


def test_pins_of_one_place_stand_beside_each_other() -> None:
    places = results_map.apart([(300, 300)] * 12 + [(10, 10), (700, 10)], 720, 720)
    distances = [hypot(a - c, b - d) for (a, b), (c, d) in combinations(places, 2)]
    assert min(distances) > 0.8 * results_map.DIAMETER
    assert places[12:] == [(10, 10), (700, 10)]  # alone: where they are
    assert all(0 < x < 720 and 0 < y < 720 for x, y in places)
    assert max(hypot(x - 300, y - 300) for x, y in places[:12]) < 120


def test_without_pins_or_without_a_map_there_is_the_table_alone(client: Client, published: Cycle) -> None:
    assert pins(client, published) == []
    Project.objects.filter(heading__cycle=published).update(latitude="0.5", longitude="0.5")
    assert pins(client, published) != []
    District.objects.update(outline=[])
    assert pins(client, published) == []
