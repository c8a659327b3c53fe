# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which proposals a visitor asked for, in which order, and what an empty answer tells her to try."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.core.paginator import Page, Paginator
from django.db.models import CharField, F, Value
from django.db.models.functions import MD5, Cast, Coalesce, Concat

from assemblies.money import format_money

from .browse_forms import BrowseForm
from .models import Category, Cycle, Proposal
from .models.proposals import ProposalQuerySet
from .models.search import found_by
from .standing import FILTERS

_signer = signing.Signer(salt="proposals.order")
NARROWING = ("q", "heading", "category", "district", "status", "cost")  # in the order of the chips


@dataclass(frozen=True)
class Start:
    """From where somebody leafs through the list: a mix of her own, and the moment after which nothing new comes in.

    It stands in the address of every further page, signed, so that pages neither repeat nor lose a proposal and nobody
    hands out a mix that was picked because it begins with a proposal of his own.
    """

    mix: str
    until: datetime

    @classmethod
    def now(cls, mix: str, moment: datetime) -> "Start":
        return cls(mix or secrets.token_hex(4), moment)

    @classmethod
    def read(cls, text: str, mix: str) -> "Start | None":
        """What the address says; the mix that this browser keeps goes before it."""
        try:
            told, seconds = _signer.unsign(text).split("-")
            return cls(mix or told, datetime.fromtimestamp(int(seconds, 36), UTC))
        except (signing.BadSignature, ValueError, OverflowError, OSError):
            return None

    def __str__(self) -> str:
        return _signer.sign(f"{self.mix}-{_in_36(int(self.until.timestamp()))}")


@dataclass(frozen=True)
class Chip:
    """One thing that narrows the list, in words, with the address of the list without it."""

    name: str
    words: str
    url: str


def narrowed(found: ProposalQuerySet, chosen: dict[str, Any], *, without: str = "") -> ProposalQuerySet:
    """The proposals that meet everything that was chosen, but for one thing where it is named."""
    for name in NARROWING:
        if name in chosen and name != without:
            found = _BY[name](found, chosen[name])
    return found


def _by_cost(found: ProposalQuerySet, most: int) -> ProposalQuerySet:
    return found.with_cost().alias(known_cost=Coalesce("checked_cost", "cost_guess")).filter(known_cost__lte=most)


_BY: dict[str, Callable[[ProposalQuerySet, Any], ProposalQuerySet]] = {
    "q": lambda found, words: found.filter(found_by(words)),
    "heading": lambda found, heading: found.filter(heading=heading),
    "category": lambda found, category: found.filter(category=category),
    "district": lambda found, district: found.filter(district=district),
    "status": lambda found, status: found.filter(FILTERS[status][1]),
    "cost": _by_cost,
}


def in_order(found: ProposalQuerySet, sort: str, start: Start) -> ProposalQuerySet:
    """As it was asked for; mixed, where nothing was."""
    if sort == BrowseForm.Sort.NEWEST:
        return found.order_by("-submitted_at", "pk")
    if sort == BrowseForm.Sort.SUPPORTED:
        return found.order_by("-support_count", "-submitted_at", "pk")
    if sort == BrowseForm.Sort.MIXED:
        return found.order_by(MD5(Concat(Value(start.mix), Cast(F("pk"), CharField()))), "pk")
    return found


def page_of(ordered: ProposalQuerySet, size: int, number: str | None) -> "Page[Any]":
    """One page with everything that its cards show.

    Only keys are put in order: with the texts of thousands of proposals beside them the database would sort on disk.
    """
    page: Page[Any] = Paginator(ordered.values_list("pk", flat=True), size).get_page(number)
    keys = list(page.object_list)
    found = Proposal.objects.for_cards().with_cost().in_bulk(keys)
    page.object_list = [found[key] for key in keys]
    return page


def chips(chosen: dict[str, Any], asked: dict[str, str], cycle: Cycle, locale: str) -> list[Chip]:
    """What narrows the list; each can be taken away alone."""
    words: dict[str, Callable[[Any], str]] = {
        "q": lambda value: f"“{value}”",
        "heading": str,
        "category": lambda value: str(Category(value).label),
        "district": str,
        "status": lambda value: str(FILTERS[value][0].word),
        "cost": lambda value: BrowseForm.cost_words(format_money(value, cycle.currency, locale)),
    }
    return [
        Chip(name, words[name](chosen[name]), "?" + urlencode({key: asked[key] for key in asked if key != name}))
        for name in NARROWING
        if name in chosen
    ]


def wider(found: ProposalQuerySet, chosen: dict[str, Any], chips: list[Chip]) -> Iterator[tuple[Chip, int]]:
    """Where nothing was found by several filters: which one to take away, and how many proposals that shows."""
    for chip in chips if len(chips) > 1 else []:
        if count := narrowed(found, chosen, without=chip.name).count():
            yield chip, count


def _in_36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"
