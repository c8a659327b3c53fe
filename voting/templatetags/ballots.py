# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a ballot paper draws: its options in areas, in each voter's own order, and how a script writes money."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assemblies.money import decimals_of, format_money
from voting.forms import BallotForm, Row
from voting.models import Poll
from voting.owners import AboutOption
from voting.rules_in_words import conditions

register = template.Library()


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
    """One card of the ballot: the row of the form and what its owner tells about it."""

    row: Row
    about: AboutOption


@dataclass(frozen=True)
class Area:
    """Cards that belong together."""

    name: str
    lines: list[BallotLine]


@register.simple_tag
def ballot_conditions(poll: Poll) -> list[str]:
    """What must be true for a project to win besides its votes."""
    return conditions(poll)


@register.simple_tag
def ballot_areas(form: BallotForm, about: Mapping[str, AboutOption], voter: UUID | None) -> list[Area]:
    """The ballot in areas, in an order that is each voter's own and stays, so that no option has the best place.

    Within each area the order is drawn, and so is that of the areas.
    """
    areas: dict[str, list[BallotLine]] = {}
    for row in sorted(form.rows(), key=lambda row: _lot(voter, row.option.key)):
        line = BallotLine(row, about.get(row.option.key, AboutOption()))
        areas.setdefault(line.about.area or _("Options"), []).append(line)
    return [Area(name, areas[name]) for name in sorted(areas, key=lambda name: _lot(voter, name))]


def _lot(voter: UUID | None, name: str) -> bytes:
    return hashlib.sha256(f"{voter}\n{name}".encode()).digest()
