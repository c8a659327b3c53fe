"""The map of a town: entered from a file, looked at first, replaced, removed; a bad file is answered with clear words."""

import html
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import ledger
from assemblies.map_files import LARGEST, MOST_CORNERS, MOST_DISTRICTS, read_map
from assemblies.models import Assembly, District, Membership, Role
from assemblies.refusals import AssemblyRefused
from assemblies.town_map import map_of
from tests.make import make_member

SQUARE = [[4.0, 50.0], [4.1, 50.0], [4.1, 50.1], [4.0, 50.1], [4.0, 50.0]]
BESIDE = [[4.1, 50.0], [4.2, 50.0], [4.2, 50.1], [4.1, 50.1], [4.1, 50.0]]


def outline(name: Any, *rings: Any, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"name": name} | properties,
        "geometry": {"type": "Polygon", "coordinates": list(rings) or [SQUARE]},
    }


def line(*places: Any, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "LineString", "coordinates": list(places)},
    }


def file_of(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)} | more).encode()


TOWN = file_of(
    outline("Mill Quarter", SQUARE, population=1200),
    outline("Quay", BESIDE),
    line([4.0, 50.05], [4.2, 50.06], kind="water", name="River"),
)


@pytest.fixture
def ada(riverside: Assembly) -> Membership:
    return make_member(riverside, "Ada", Role.ADMINISTRATOR)


def look(client: Client, sent: bytes) -> tuple[int, str]:
    answer = client.post("/a/riverside/map/", {"file": SimpleUploadedFile("town.geojson", sent)})
    return answer.status_code, html.unescape(answer.content.decode())


def kept_field(page: str) -> str:
    found = re.search(r'name="map" value="(.*?)">\n', page, re.DOTALL)
    assert found
    return found[1]


def test_a_map_is_looked_at_taken_replaced_and_removed(client: Client, riverside: Assembly, ada: Membership) -> None:
    old = District.objects.create(assembly=riverside, name="Mill Quarter", population=9)
    District.objects.create(assembly=riverside, name="Meadows", outline=SQUARE[:-1])
    client.force_login(ada.user)
    status, page = look(client, TOWN)
    assert status == 200
    assert page.count('<polygon class="town-area"') == 2
    assert '<polyline class="town-water"' in page
    assert "A new district is made." in page
    assert "It is not in the file, so it is on no map." in page
    assert not District.objects.filter(name="Quay").exists()  # nothing has changed yet
    assert client.post("/a/riverside/map/draw/", {"map": kept_field(page)})["Location"] == "/a/riverside/map/"
    drawn = {one.name: one for one in riverside.districts.all()}
    assert set(drawn) == {"Mill Quarter", "Quay", "Meadows"}
    assert drawn["Mill Quarter"].pk == old.pk
    assert drawn["Mill Quarter"].population == 9  # what the assembly knows stays
    assert drawn["Meadows"].outline == []
    town = map_of(Assembly.objects.get(pk=riverside.pk))
    assert town is not None
    assert [type(number) for area in town.areas for corner in area.corners for number in corner] == [int] * 16
    assert [one.kind for one in town.lines] == ["water"]
    assert "2 districts are drawn" in client.get("/a/riverside/map/").content.decode()
    client.post("/a/riverside/map/remove/")
    assert map_of(Assembly.objects.get(pk=riverside.pk)) is None
    assert riverside.districts.count() == 3
    assert Assembly.objects.get(pk=riverside.pk).landmarks == []
    assert "Remove the map" not in client.get("/a/riverside/map/").content.decode()
    assert [event.kind for event in ledger.events(riverside.pk)][-2:] == ["map_drawn", "map_removed"]


def test_the_map_comes_back_as_a_file_that_can_be_read_again(
    client: Client, riverside: Assembly, ada: Membership
) -> None:
    assert client.get("/a/riverside/map.geojson").status_code == 404
    client.force_login(ada.user)
    _status, page = look(client, TOWN)
    client.post("/a/riverside/map/draw/", {"map": kept_field(page)})
    client.logout()
    answer = client.get("/a/riverside/map.geojson")
    assert answer["Content-Type"] == "application/geo+json"
    assert read_map(answer.content) == read_map(TOWN)


def test_several_parts_holes_and_points_are_taken_for_what_they_are() -> None:
    small = [[5.0, 50.0], [5.01, 50.0], [5.01, 50.01], [5.0, 50.0]]
    many = outline("Isles")
    many["geometry"] = {"type": "MultiPolygon", "coordinates": [[small], [SQUARE, small]]}
    label = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [4, 50]}}
    drawn = read_map(file_of(many, label))
    (isles,) = drawn.districts
    assert (isles.parts, isles.has_holes) == (2, True)
    assert sorted(isles.outline) == sorted(SQUARE[:-1])  # the largest part


def test_corners_that_no_eye_can_tell_apart_are_one() -> None:
    fine = [[4 + number / 50_000, 50.0] for number in range(4000)] + [[4.08, 50.1], [4.0, 50.1], [4.0, 50.0]]
    (kept,) = read_map(file_of(outline("Fine", fine))).districts
    assert len(kept.outline) < 800


BOW_TIE = [[4.0, 50.0], [4.1, 50.1], [4.1, 50.0], [4.0, 50.05], [4.0, 50.0]]
BAD_FILES = {
    "no json": (b"<svg/>", "no GeoJSON that we can read"),
    "not utf-8": (b"\xff\xfe{}", "no GeoJSON that we can read"),
    "a deep nest": (b"[" * 100_000, "no GeoJSON that we can read"),
    "no number": (b'{"type": "Feature", "x": NaN}', "no GeoJSON that we can read"),
    "a list": (b"[]", "Its type must be FeatureCollection"),
    "nothing in it": (file_of(), "nothing in this file"),
    "entries of no kind": (file_of(7), "nothing in this file"),
    "no shape": (file_of({"type": "Feature", "geometry": None}), "Entry 1 of the file has no shape"),
    "an unknown shape": (file_of({"geometry": {"type": "Circle"}}), "neither an outline nor a line"),
    "only a line": (file_of(line([4, 50], [5, 50], kind="water")), "no outline of a district"),
    "a line of no kind": (file_of(outline("A"), line([4, 50], [5, 50])), "Line 2 needs the property"),
    "a line of one corner": (file_of(outline("A"), line([4, 50], kind="rail")), "at least two corners"),
    "no name": (file_of(outline("")), "Outline 1 has no name"),
    "a long name": (file_of(outline("x" * 81)), "too long"),
    "the same name": (file_of(outline("A"), outline("A", BESIDE)), "stands in the file twice"),
    "no outline": (file_of({"properties": {"name": "A"}, "geometry": {"type": "Polygon"}}), "“A” has no outline"),
    "no corners": (file_of(outline("A", {"x": 1})), "“A” has no corners"),
    "words for numbers": (file_of(outline("A", [["4", "50"]] * 4)), "no pair of numbers"),
    "yes for a number": (file_of(outline("A", [[True, 50]] * 4)), "no pair of numbers"),
    "a number without end": (file_of(outline("A", [[10**400, 50]] * 4)), "no pair of numbers"),
    "not closed": (file_of(outline("A", SQUARE[:-1])), "not closed"),
    "too few corners": (file_of(outline("A", SQUARE[:2] + SQUARE[:1])), "not closed"),
    "flat": (file_of(outline("A", [[4, 50], [5, 50], [6, 50], [4, 50]])), "encloses nothing"),
    "crossing itself": (file_of(outline("A", BOW_TIE)), "crosses itself"),
    "metres": (file_of(outline("A", [[500_000, 5_000_000]] * 4)), "not in degrees"),
    "another system": (file_of(outline("A"), crs={"properties": {"name": "EPSG:3857"}}), "not in degrees"),
    "a continent": (file_of(outline("A", [[0, 0], [20, 0], [20, 5], [0, 0]])), "too far apart"),
    "too small beside": (
        file_of(outline("A"), outline("B", [[5, 50], [5.000001, 50], [5.000001, 50.000001], [5, 50]])),
        "“B” is too small",
    ),
    "too many corners": (file_of(outline("A", [[4, 50]] * (MOST_CORNERS + 1))), "Simplify its outline"),
    "too many entries": (file_of(*[outline("A")] * 3 * MOST_DISTRICTS), "at most"),
    "too large": (b" " * (LARGEST + 1), "too large"),
    "empty": (b"", "This file is empty"),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_bad_file_is_answered_with_clear_words(
    client: Client, riverside: Assembly, ada: Membership, what: str
) -> None:
    sent, words = BAD_FILES[what]
    client.force_login(ada.user)
    status, page = look(client, sent)
    assert status == 422
    assert words in page
    assert not riverside.districts.exists()


def test_many_fine_outlines_are_looked_at_no_longer_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    squares = [outline(f"Square {n}", [[n, 0], [n, 1], [n + 1, 1], [n + 1, 0], [n, 0]]) for n in range(5)]
    read_map(file_of(*squares))
    monkeypatch.setattr("assemblies.map_files.MOST_LOOKS", 20)
    read_map(file_of(*squares[:2]))
    with pytest.raises(AssemblyRefused, match="too fine"):
        read_map(file_of(*squares))


def test_what_was_changed_between_looking_and_taking_is_looked_at_again(
    client: Client, riverside: Assembly, ada: Membership
) -> None:
    client.force_login(ada.user)
    for sent in ("", "{}", file_of(outline("A", BOW_TIE)).decode()):
        assert client.post("/a/riverside/map/draw/", {"map": sent}).status_code == 422
    assert "crosses itself" in html.unescape(
        client.post("/a/riverside/map/draw/", {"map": file_of(outline("A", BOW_TIE)).decode()}).content.decode()
    )
    assert not riverside.districts.exists()


def test_names_are_words_and_never_markup(client: Client, riverside: Assembly, ada: Membership) -> None:
    client.force_login(ada.user)
    answer = client.post(
        "/a/riverside/map/", {"file": SimpleUploadedFile("x.json", file_of(outline("<script>alert(1)</script>")))}
    )
    assert answer.status_code == 200
    assert b"<script>alert" not in answer.content
    with pytest.raises(AssemblyRefused, match="needs the property"):
        read_map(file_of(outline("A"), line([4, 50], [5, 50], kind='"><script>')))


def test_only_who_administers_draws(
    client: Client, riverside: Assembly, amina: Membership, bao: Membership, chidi: Membership
) -> None:
    for person in (amina, bao):
        client.force_login(person.user)
        for address in ("", "draw/", "remove/"):
            assert client.post(f"/a/riverside/map/{address}").status_code == 403
    assert client.get("/a/riverside/map/draw/").status_code == 405
    riverside.is_public = False
    riverside.save(update_fields=["is_public"])
    client.force_login(chidi.user)
    for address in ("/a/riverside/map/", "/a/riverside/map.geojson"):
        assert client.get(address).status_code == 404
    assert client.post("/a/riverside/map/remove/").status_code == 404
