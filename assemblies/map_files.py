# SPDX-License-Identifier: AGPL-3.0-or-later
"""A town's map from a GeoJSON file: one outline for each district, and lines of water, streets and rails.

What is kept is what the map can show: corners that fall on the same point of the paper are one corner. Everything that
is wrong with a file is told in one sentence, with the number or the name of the place in it where it is.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any

from django.utils.translation import gettext as _

from .models import Assembly, District
from .refusals import AssemblyRefused
from .town_map import TownMap

LARGEST = 4 * 1024 * 1024  # bytes
MOST_DISTRICTS, MOST_LINES = 200, 200
MOST_CORNERS = 5_000  # of one outline, in the file
MOST_KEPT = 8_000  # of the whole map, as it is kept
MOST_LOOKS = 3_000_000  # pairs of edges, of the whole file, when one looks whether an outline crosses itself
WIDEST = 10  # degrees: more is no town
LONGEST_NAME = 80
NAMED_BY = ("name", "NAME", "Name", "name:en", "label", "district")
LINE_KINDS = ("water", "street", "rail")
DEGREES = ("CRS84", "EPSG::4326", "EPSG:4326")
FINE = 10_000_000  # parts of a degree: whole numbers decide whether lines cross

Corner = list[float]
Whole = tuple[int, int]


@dataclass(frozen=True)
class DrawnDistrict:
    """One district of the file. `parts` says how many pieces of land it has there; the largest is drawn."""

    name: str
    outline: list[Corner]
    population: int | None
    parts: int
    has_holes: bool


@dataclass(frozen=True)
class DrawnMap:
    """What a file says, checked and as it will be kept."""

    districts: list[DrawnDistrict]
    landmarks: list[dict[str, Any]]

    def as_geojson(self) -> str:
        """The same map as a file, which can be read again."""
        return json.dumps(
            as_geojson(
                ((one.name, one.population, one.outline) for one in self.districts),
                self.landmarks,
            ),
            ensure_ascii=False,
            separators=(",", ":"),
        )

    def on_paper(self, assembly: Assembly) -> TownMap:
        """The map as it would be drawn, with nothing stored."""
        drawn = Assembly(slug=assembly.slug, landmarks=self.landmarks)
        return TownMap(drawn, [District(name=one.name, outline=one.outline) for one in self.districts])


def as_geojson(
    districts: Iterator[tuple[str, int | None, Sequence[Sequence[float]]]], landmarks: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """A map as GeoJSON (RFC 7946): rings are closed, longitude comes first."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": name} | ({} if population is None else {"population": population}),
            "geometry": {"type": "Polygon", "coordinates": [[*outline, outline[0]]]},
        }
        for name, population, outline in districts
    ]
    features += [
        {
            "type": "Feature",
            "properties": {"kind": line["kind"], "name": line.get("name", "")},
            "geometry": {"type": "LineString", "coordinates": line["line"]},
        }
        for line in landmarks
    ]
    return {"type": "FeatureCollection", "features": features}


def read_map(sent: bytes) -> DrawnMap:
    """The map that the file holds; refused with a sentence that says what is wrong, and where."""
    if len(sent) > LARGEST:
        raise AssemblyRefused(
            _("This file is too large. Take one of at most %(n)d megabytes, with simpler outlines.")
            % {"n": LARGEST // 1024**2}
        )
    districts: list[DrawnDistrict] = []
    landmarks: list[dict[str, Any]] = []
    for number, feature in enumerate(_features(sent), start=1):
        geometry, properties = feature.get("geometry"), feature.get("properties") or {}
        if not isinstance(geometry, dict) or not isinstance(properties, dict):
            raise AssemblyRefused(_("Entry %(n)d of the file has no shape.") % {"n": number})
        kind, places = geometry.get("type"), geometry.get("coordinates")
        if kind in ("Polygon", "MultiPolygon"):
            districts.append(_district(number, properties, [places] if kind == "Polygon" else places))
        elif kind in ("LineString", "MultiLineString"):
            landmarks += _lines(number, properties, [places] if kind == "LineString" else places)
        elif kind not in ("Point", "MultiPoint"):
            raise AssemblyRefused(
                _("Entry %(n)d is neither an outline nor a line. Districts are of the type Polygon.") % {"n": number}
            )
    _refuse_as_a_whole(districts, landmarks)
    _refuse_crossing(districts)
    return _as_kept(districts, landmarks)


def _features(sent: bytes) -> list[dict[str, Any]]:
    try:
        read = json.loads(sent.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError):  # no text, no JSON, or a nest of brackets
        raise AssemblyRefused(
            _("This file is no GeoJSON that we can read. It may be broken, or of another kind.")
        ) from None
    if not isinstance(read, dict) or read.get("type") not in ("FeatureCollection", "Feature"):
        raise AssemblyRefused(_("This file is no GeoJSON. Its type must be FeatureCollection."))
    reference = read.get("crs")
    if reference is not None and not any(known in json.dumps(reference) for known in DEGREES):
        raise AssemblyRefused(_not_in_degrees())
    features = [read] if read["type"] == "Feature" else read.get("features")
    if not isinstance(features, list) or not features or not all(isinstance(one, dict) for one in features):
        raise AssemblyRefused(_("There is nothing in this file."))
    if len(features) > MOST_DISTRICTS + MOST_LINES:
        raise AssemblyRefused(
            _("There are %(n)d entries in this file, and at most %(most)d fit on a map.")
            % {"n": len(features), "most": MOST_DISTRICTS + MOST_LINES}
        )
    return features


def _no_number(_word: str) -> float:
    raise ValueError("JSON has no such number")


def _district(number: int, properties: dict[str, Any], parts: Any) -> DrawnDistrict:
    name = next((str(properties[key]).strip() for key in NAMED_BY if isinstance(properties.get(key), str)), "")
    if not name:
        raise AssemblyRefused(_("Outline %(n)d has no name. Give each one the property “name”.") % {"n": number})
    if len(name) > LONGEST_NAME:
        raise AssemblyRefused(
            _("The name of outline %(n)d is too long: at most %(most)d letters.") % {"n": number, "most": LONGEST_NAME}
        )
    if not isinstance(parts, list) or not parts or not all(isinstance(part, list) and part for part in parts):
        raise AssemblyRefused(_("“%(name)s” has no outline.") % {"name": name})
    rings = [_ring(name, part[0]) for part in parts]
    ring = max(rings, key=lambda one: abs(_twice_the_area(_whole(one))))
    population = properties.get("population")
    if not isinstance(population, int) or isinstance(population, bool) or not 0 <= population < 2**31:
        population = None
    return DrawnDistrict(name, ring, population, len(parts), has_holes=any(len(part) > 1 for part in parts))


def _lines(number: int, properties: dict[str, Any], lines: Any) -> Iterator[dict[str, Any]]:
    kind = properties.get("kind")
    if kind not in LINE_KINDS:
        raise AssemblyRefused(_("Line %(n)d needs the property “kind”: water, street or rail.") % {"n": number})
    name = str(properties.get("name") or "")[:LONGEST_NAME]
    where = name or _("Line %(n)d") % {"n": number}
    if not isinstance(lines, list):
        raise AssemblyRefused(_("“%(name)s” has no corners.") % {"name": where})
    for line in lines:
        corners = _corners(where, line)
        if len(corners) < 2:
            raise AssemblyRefused(_("“%(name)s” needs at least two corners.") % {"name": where})
        yield {"kind": kind, "name": name, "line": corners}


def _corners(name: str, places: Any) -> list[Corner]:
    """The corners as numbers, in degrees; refused with the name of what they belong to."""
    if not isinstance(places, list):
        raise AssemblyRefused(_("“%(name)s” has no corners.") % {"name": name})
    if len(places) > MOST_CORNERS:
        raise AssemblyRefused(
            _("“%(name)s” has %(n)d corners, and at most %(most)d can be read. Simplify its outline first.")
            % {"name": name, "n": len(places), "most": MOST_CORNERS}
        )
    corners = []
    for place in places:
        if not isinstance(place, list) or len(place) < 2 or not all(_is_number(one) for one in place[:2]):
            raise AssemblyRefused(_("A corner of “%(name)s” is no pair of numbers.") % {"name": name})
        longitude, latitude = float(place[0]), float(place[1])
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            raise AssemblyRefused(_not_in_degrees())
        corners.append([longitude, latitude])
    return corners


def _is_number(one: Any) -> bool:
    return isinstance(one, int | float) and not isinstance(one, bool) and abs(one) < 1e9 and isfinite(one)


def _ring(name: str, places: Any) -> list[Corner]:
    """The corners of an outline, each once: the last one, which closes it, is left out."""
    corners = _corners(name, places)
    if len(corners) < 4 or corners[0] != corners[-1]:
        raise AssemblyRefused(
            _("The outline of “%(name)s” is not closed: it needs at least three corners, and ends where it begins.")
            % {"name": name}
        )
    ring = [corner for corner, after in pairwise(corners) if corner != after]
    if len(ring) < 3 or _twice_the_area(_whole(ring)) == 0:
        raise AssemblyRefused(_("The outline of “%(name)s” encloses nothing.") % {"name": name})
    return ring


def _whole(ring: list[Corner]) -> list[Whole]:
    return [(round(longitude * FINE), round(latitude * FINE)) for longitude, latitude in ring]


def _twice_the_area(ring: list[Whole]) -> int:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True))


def _refuse_crossing(districts: list[DrawnDistrict]) -> None:
    """Edges are looked at from the west to the east, each beside those that begin before it ends.

    So many looks are for all outlines together: a file of many fine ones would else keep the server for minutes.
    """
    looks = 0
    for one in districts:
        ring, name = _whole(one.outline), {"name": one.name}
        edges = sorted((min(a, b), max(a, b)) for a, b in zip(ring, ring[1:] + ring[:1], strict=True))
        for at, (west, east) in enumerate(edges):
            for place in range(at + 1, len(edges)):
                other_west, other_east = edges[place]
                if other_west[0] > east[0]:
                    break
                looks += 1
                if looks > MOST_LOOKS:
                    raise AssemblyRefused(_("The outline of “%(name)s” is too fine. Simplify it first.") % name)
                if _cross(west, east, other_west, other_east):
                    raise AssemblyRefused(_("The outline of “%(name)s” crosses itself.") % name)


def _cross(a: Whole, b: Whole, c: Whole, d: Whole) -> bool:
    """Whether both edges go through each other; touching is no crossing."""
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Whole, b: Whole, c: Whole) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _refuse_as_a_whole(districts: list[DrawnDistrict], landmarks: list[dict[str, Any]]) -> None:
    if not districts:
        raise AssemblyRefused(_("There is no outline of a district in this file."))
    if len(districts) > MOST_DISTRICTS or len(landmarks) > MOST_LINES:
        raise AssemblyRefused(
            _("A map holds at most %(most)d districts and %(lines)d lines.")
            % {"most": MOST_DISTRICTS, "lines": MOST_LINES}
        )
    names = [one.name for one in districts]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise AssemblyRefused(_("The name “%(name)s” stands in the file twice.") % {"name": twice})
    corners = [corner for one in districts for corner in one.outline]
    for axis in (0, 1):
        if max(corner[axis] for corner in corners) - min(corner[axis] for corner in corners) > WIDEST:
            raise AssemblyRefused(
                _(
                    "These outlines lie too far apart for one town. Look whether longitude comes before latitude in the file."
                )
            )


def _as_kept(districts: list[DrawnDistrict], landmarks: list[dict[str, Any]]) -> DrawnMap:
    """The same with no more corners than the paper can show."""
    town = DrawnMap(districts, []).on_paper(Assembly())
    kept = []
    for one in districts:
        outline = _seen(town, one.outline, closed=True)
        if len(outline) < 3:
            raise AssemblyRefused(
                _("“%(name)s” is too small beside the others to be drawn on the same map.") % {"name": one.name}
            )
        kept.append(DrawnDistrict(one.name, outline, one.population, one.parts, one.has_holes))
    lines = [line | {"line": _seen(town, line["line"], closed=False)} for line in landmarks]
    lines = [line for line in lines if len(line["line"]) > 1]
    if sum(len(one.outline) for one in kept) + sum(len(line["line"]) for line in lines) > MOST_KEPT:
        raise AssemblyRefused(_("This map is too fine: phones would wait for it. Simplify the outlines first."))
    return DrawnMap(kept, lines)


def _seen(town: TownMap, corners: list[Corner], *, closed: bool) -> list[Corner]:
    """Corners that fall on another point of the paper than the one before."""
    seen: list[Corner] = []
    before = town.on_paper(corners[-1][0], corners[-1][1]) if closed else None
    for longitude, latitude in corners:
        point = town.on_paper(longitude, latitude)
        if point != before:
            seen.append([round(longitude, 6), round(latitude, 6)])
            before = point
    return seen


def _not_in_degrees() -> str:
    return _(
        "The places in this file are not in degrees. Save it again with longitude and latitude (WGS 84, EPSG:4326)."
    )
