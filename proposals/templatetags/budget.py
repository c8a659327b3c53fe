# SPDX-License-Identifier: AGPL-3.0-or-later
"""What pages of a budget draw: the sign of a topic, days, and the ballot paper in its areas."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assemblies.money import decimals_of, format_money
from assemblies.templatetags.civic import icon
from proposals import dates
from proposals.models import Category, Project, Proposal
from proposals.models.cycles import category_name
from proposals.standing import standing_of
from voting.forms import BallotForm, Row

register = template.Library()

SIGNS = {
    Category.STREETS: "road",
    Category.GREEN: "tree",
    Category.WHEELS: "bike",
    Category.PLAY: "swing",
    Category.LEARNING: "school",
    Category.CULTURE: "art",
    Category.SPORT: "sport",
    Category.CARE: "health",
    Category.MEETING: "people",
    Category.OTHER: "star",
}
# Words of imported files, in the order in which they are tried.
WORDS = [
    ("sport", "sport"), ("recreat", "swing"), ("park", "tree"), ("green", "tree"), ("nature", "leaf"), ("environ", "leaf"),
    ("road", "road"), ("transit", "road"), ("transport", "bus"), ("street", "road"), ("cycl", "bike"), ("cultur", "art"),
    ("art", "art"), ("educat", "school"), ("school", "school"), ("health", "health"), ("welfare", "health"),
    ("public space", "bench"), ("water", "water"), ("groen", "tree"), ("verte", "tree"),
]  # fmt: skip


@register.simple_tag
def topic_icon(category: str) -> SafeString:
    """The sign beside what a project is about."""
    if category in Category.values:
        return icon(SIGNS[Category(category)])
    words = category.lower()
    return icon(next((sign for part, sign in WORDS if part in words), "star"))


@register.filter
def day(value: date | datetime | None) -> str:
    """A day as people say it; the year stands only where it is another one."""
    return "" if value is None else dates.day_in_words(value)


@register.filter
def last_day(value: datetime | None) -> str:
    """The last day that belongs to what ends then: at midnight it is the day before."""
    return "" if value is None else dates.day_in_words(dates.last_day(value))


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A day with its weekday and the time, whose figures stay together."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return format_html("{} {}, <bdi>{}</bdi>", date_format(local, "l"), day(value), date_format(local, "TIME_FORMAT"))


@register.inclusion_tag("proposals/_standing.html")
def standing(proposal: Proposal, box: bool = False) -> dict[str, object]:
    """The tag that says where the proposal stands."""
    return {"standing": standing_of(proposal), "box": box}


@register.simple_tag
def money_pattern(currency: str) -> SafeString:
    """How a script writes amounts of this currency: attributes for the element that it reads."""
    language = get_language() or "en"
    decimals = decimals_of(currency)
    one = 10**decimals
    return format_html(
        'data-pattern="{}" data-decimals="{}" data-point="{}"',
        format_money(one, currency, language).replace("1", "{n}"),
        decimals,
        "." if "." in format_money(one + 1, currency, language) else ",",
    )


@dataclass(frozen=True)
class BallotLine:
    """One card of the ballot: the row of the form and the project behind it."""

    row: Row
    project: Project


@dataclass(frozen=True)
class Area:
    """Cards that belong together."""

    name: str
    lines: list[BallotLine]


@register.simple_tag
def ballot_areas(form: BallotForm, projects: Mapping[str, Project], voter: UUID | None) -> list[Area]:
    """The ballot in areas, in an order that is each voter's own and stays, so that no project has the best place.

    Areas are districts where there are some, else topics; within each the order is drawn, and so is that of the areas.
    """
    lines = [BallotLine(row, projects[row.option.key]) for row in form.rows() if row.option.key in projects]
    by_district = len({line.project.district_id for line in lines}) > 1
    areas: dict[str, list[BallotLine]] = {}
    for line in sorted(lines, key=lambda line: _lot(voter, line.row.option.key)):
        areas.setdefault(_area_of(line.project, by_district), []).append(line)
    return [Area(name, areas[name]) for name in sorted(areas, key=lambda name: _lot(voter, name))]


def _area_of(project: Project, by_district: bool) -> str:
    if by_district:
        return project.district.name if project.district else _("The whole town")
    return category_name(project.category) or _("Projects")


def _lot(voter: UUID | None, name: str) -> bytes:
    return hashlib.sha256(f"{voter}\n{name}".encode()).digest()
