# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where the proposals of a list lie: near ones stand together as one spot, so that thousands fit on one map."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log10
from typing import Any
from urllib.parse import urlencode

from django.db.models import Avg, Count, FloatField, Func, IntegerField, Min, Q, TextField, Value
from django.db.models.functions import Cast, Collate, Least
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assemblies.town_map import TownMap

from .models.proposals import ProposalQuerySet

ACROSS = 10  # cells in which proposals stand together, in each direction
UNIT = 24  # the size of the letters in a spot, of a map that is 720 wide
NEAREST = 60  # times as near as the whole town; then a number leads to the list
MEETING_POINT = 8  # decimals of a degree in an address: finer than a pin can be


@dataclass(frozen=True)
class MapArea:
    """A part of the map, in degrees. It stands in the address, as in `area=4.35,50.84,4.37,50.86`."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def read(cls, text: str) -> "MapArea | None":
        """What the address says, or None where that is no part of the earth."""
        try:
            west, south, east, north = (float(part) for part in text.split(","))
        except ValueError:
            return None
        if -180 <= west < east <= 180 and -90 <= south < north <= 90:
            return cls(west, south, east, north)
        return None

    def __str__(self) -> str:
        return ",".join(f"{degree:.{MEETING_POINT}f}" for degree in (self.west, self.south, self.east, self.north))

    @property
    def inside(self) -> Q:
        """Cells that meet share no proposal: the west and the south edge belong to a cell."""
        return Q(
            longitude__gte=f"{self.west:.{MEETING_POINT}f}",
            longitude__lt=f"{self.east:.{MEETING_POINT}f}",
            latitude__gte=f"{self.south:.{MEETING_POINT}f}",
            latitude__lt=f"{self.north:.{MEETING_POINT}f}",
        )

    @property
    def words(self) -> str:
        return _("on a part of the map")


@dataclass(frozen=True)
class Spot:
    """So many proposals, here. The link shows these alone and the map nearer; one alone leads to its own page."""

    x: int
    y: int
    radius: int
    count: int
    words: str
    url: str


@dataclass(frozen=True)
class BrowseMap:
    """What the page draws."""

    town: TownMap
    view_box: str
    zoom: int
    spots: list[Spot]
    unplaced: int  # of the list, those that stand nowhere on this map

    @property
    def drawn(self) -> SafeString:
        """The spots. A hundred of them by a template would take as long as the rest of the page."""
        return format_html_join(
            "",
            '<a class="spot" href="{}" aria-label="{}"><title>{}</title><circle cx="{}" cy="{}" r="{}"/>'
            '<text x="{}" y="{}">{}</text></a>',
            (
                (spot.url, spot.words, spot.words, spot.x, spot.y, spot.radius, spot.x, spot.y, spot.count)
                for spot in self.spots
            ),
        )


class _Cell(Func):
    function = "width_bucket"
    output_field = IntegerField()


@dataclass(frozen=True)
class _View:
    """The part of the town that is shown, and how much nearer than the whole."""

    town: TownMap
    bounds: MapArea
    zoom: int
    asked: dict[str, str]

    def spot(self, cell: Mapping[str, Any], titles: Mapping[str, str]) -> Spot:
        wide = (self.bounds.east - self.bounds.west) / ACROSS
        high = (self.bounds.north - self.bounds.south) / ACROSS
        west, south = self.bounds.west + (cell["column"] - 1) * wide, self.bounds.south + (cell["row"] - 1) * high
        x, y = self.town.on_paper(cell["longitude_of"], cell["latitude_of"], self.zoom)
        left, bottom = self.town.on_paper(west, south, self.zoom)
        right, top = self.town.on_paper(west + wide, south + high, self.zoom)
        district = self.town.district_at(x // self.zoom, y // self.zoom)
        number: int = cell["number"]
        words = titles.get(cell["pk_of"], "") or ngettext("%(n)d proposal", "%(n)d proposals", number) % {"n": number}
        radius = max(min(round(UNIT * (1 + 0.3 * log10(number))), (right - left) // 2, (bottom - top) // 2), 1)
        return Spot(
            x=min(max(x, left + radius), right - radius),  # within its cell, so that no two lie on each other
            y=min(max(y, top + radius), bottom - radius),
            radius=radius,
            count=number,
            words=f"{words}, {district.name}" if district else words,
            url=self._url(cell, MapArea(west, south, west + wide, south + high)),
        )

    def _url(self, cell: Mapping[str, Any], nearer: MapArea) -> str:
        if cell["number"] == 1:
            return reverse("proposals:proposal", args=[cell["pk_of"]])
        asked = {**self.asked, "area": str(nearer)}
        if self.zoom >= NEAREST:
            asked.pop("view", None)
        return "?" + urlencode(asked)


def browse_map(
    found: ProposalQuerySet, total: int, town: TownMap, area: MapArea | None, asked: dict[str, str]
) -> BrowseMap:
    """Two questions to the database, and at most a hundred spots, however many of the `total` proposals have a place."""
    view = _view(town, area, asked)
    cells = list(
        found.order_by()
        .filter(view.bounds.inside)
        .annotate(
            column=_cell("longitude", view.bounds.west, view.bounds.east),
            row=_cell("latitude", view.bounds.south, view.bounds.north),
        )
        .values("column", "row")
        .annotate(
            number=Count("pk"),
            longitude_of=Avg(Cast("longitude", FloatField())),
            latitude_of=Avg(Cast("latitude", FloatField())),
            pk_of=Min(Collate(Cast("pk", TextField()), "C")),  # any one will do, and this is the quickest to find
        )
        .order_by("-number", "row", "column")
    )
    alone = found.order_by().filter(pk__in=[cell["pk_of"] for cell in cells if cell["number"] == 1])
    titles = {str(pk): title for pk, title in alone.values_list("pk", "title")}
    spots = [view.spot(cell, titles) for cell in cells]
    left, top = town.on_paper(view.bounds.west, view.bounds.north, view.zoom)
    right, bottom = town.on_paper(view.bounds.east, view.bounds.south, view.zoom)
    return BrowseMap(
        town=town,
        view_box=f"{left} {top} {max(right - left, 1)} {max(bottom - top, 1)}",
        zoom=view.zoom,
        spots=spots,
        unplaced=total - sum(spot.count for spot in spots),
    )


def _cell(field: str, low: float, high: float) -> Least:
    return Least(_Cell(Cast(field, FloatField()), Value(low), Value(high), Value(ACROSS)), Value(ACROSS))


def _view(town: TownMap, area: MapArea | None, asked: dict[str, str]) -> _View:
    west, north = (float(degree) for degree in town.on_earth(0, 0))
    east, south = (float(degree) for degree in town.on_earth(town.width, town.height))
    if area is None:
        return _View(town, MapArea(west, south, east, north), 1, asked)
    zoom = min((east - west) / (area.east - area.west), (north - south) / (area.north - area.south))
    return _View(town, area, min(max(round(zoom), 1), NEAREST), asked)
