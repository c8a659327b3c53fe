# SPDX-License-Identifier: AGPL-3.0-or-later
"""A plain map of a town, drawn from the outlines of its districts: no pictures from elsewhere, and no town is asked twice.

A district's outline is a list of corners, each [longitude, latitude] in degrees. A landmark of the assembly helps people
to find their way: {"kind": "water" | "street" | "rail", "name": "...", "line": [corners]}.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import cos, radians

from .models import Assembly, District

WIDTH, TALLEST = 720, 900  # of the map, in its own units
PLAIN_WIDTH = 288  # pixels: how wide the map stands on a page without scripts, on the narrowest phone
EDGE = 16
Corner = Sequence[float]
DEGREE = Decimal("0.000001")


@dataclass(frozen=True)
class Area:
    """A district as the map draws it."""

    district: District
    corners: list[tuple[int, int]]

    @property
    def points(self) -> str:
        return " ".join(f"{x},{y}" for x, y in self.corners)

    @property
    def middle(self) -> tuple[int, int]:
        """Where its name and its number stand."""
        xs, ys = zip(*self.corners, strict=True)
        return (min(xs) + max(xs)) // 2, (min(ys) + max(ys)) // 2


@dataclass(frozen=True)
class Line:
    """A river, a street or a railway."""

    kind: str
    name: str
    points: str


class TownMap:
    """The districts of an assembly on paper, and the way from the earth to the paper and back."""

    def __init__(self, assembly: Assembly, districts: Iterable[District]) -> None:
        self.assembly = assembly
        self.districts = [district for district in districts if len(district.outline) > 2]
        corners = [corner for district in self.districts for corner in district.outline]
        self.west, self.east = min(c[0] for c in corners), max(c[0] for c in corners)
        self.south, self.north = min(c[1] for c in corners), max(c[1] for c in corners)
        self.narrowing = cos(radians((self.south + self.north) / 2))  # of a degree of longitude, this far north
        across, down = (self.east - self.west) * self.narrowing or 1e-6, (self.north - self.south) or 1e-6
        self.scale = min((WIDTH - 2 * EDGE) / across, (TALLEST - 2 * EDGE) / down)
        self.width, self.height = round(across * self.scale) + 2 * EDGE, round(down * self.scale) + 2 * EDGE

    @property
    def plain_height(self) -> int:
        return round(PLAIN_WIDTH * self.height / self.width)

    @property
    def plain_width(self) -> int:
        return PLAIN_WIDTH

    def on_paper(self, longitude: float | Decimal, latitude: float | Decimal, zoom: int = 1) -> tuple[int, int]:
        """Where this place is on the map, in its units; on a map that is so many times as large."""
        x = (float(longitude) - self.west) * self.narrowing * self.scale
        y = (self.north - float(latitude)) * self.scale
        return round(x * zoom) + EDGE * zoom, round(y * zoom) + EDGE * zoom

    def on_earth(self, x: int, y: int) -> tuple[Decimal, Decimal]:
        """The longitude and latitude of a point of the map."""
        longitude = self.west + (x - EDGE) / (self.narrowing * self.scale)
        latitude = self.north - (y - EDGE) / self.scale
        return Decimal(longitude).quantize(DEGREE), Decimal(latitude).quantize(DEGREE)

    def holds(self, x: int, y: int) -> bool:
        return 0 <= x <= self.width and 0 <= y <= self.height

    @cached_property
    def areas(self) -> list[Area]:
        return [Area(one, [self.on_paper(*corner[:2]) for corner in one.outline]) for one in self.districts]

    @cached_property
    def lines(self) -> list[Line]:
        return [
            Line(
                landmark["kind"],
                landmark.get("name", ""),
                " ".join("{},{}".format(*self.on_paper(*corner[:2])) for corner in landmark["line"]),
            )
            for landmark in self.assembly.landmarks
        ]

    def district_at(self, x: int, y: int) -> District | None:
        """The district that this point of the map lies in."""
        return next((area.district for area in self.areas if _lies_in(area.corners, x, y)), None)


def has_map(assembly: Assembly) -> bool:
    """Whether somebody has drawn the districts."""
    return assembly.districts.exclude(outline=[]).exists()


def map_of(assembly: Assembly) -> TownMap | None:
    """The assembly's map, or None where nobody has drawn its districts yet."""
    districts = list(assembly.districts.all())
    if not any(len(district.outline) > 2 for district in districts):
        return None
    return TownMap(assembly, districts)


def _lies_in(corners: list[tuple[int, int]], x: int, y: int) -> bool:
    """Whether a line from the point to the east crosses the outline an odd number of times."""
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (y1 > y) != (y2 > y):
            (low_x, low_y), (high_x, high_y) = ((x1, y1), (x2, y2)) if y1 < y2 else ((x2, y2), (x1, y1))
            inside ^= (x - low_x) * (high_y - low_y) < (high_x - low_x) * (y - low_y)
    return inside
