# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which proposals a visitor asked for, in which order, and what an empty answer tells her to try."""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.core.paginator import Page
from django.db.models import BigIntegerField, F, Func, Value
from django.db.models.functions import Coalesce

from assemblies.money import format_money

from .browse_forms import BrowseForm
from .models import Category, Cycle, Proposal
from .models.proposals import ProposalQuerySet
from .models.search import found_by
from .paging import page_of_keys
from .standing import FILTERS

_signer = signing.Signer(salt="proposals.order")
NARROWING = ("q", "heading", "category", "district", "status", "cost", "area")  # in the order of the chips


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

    @property
    def seed(self) -> int:
        """The mix as the number by which the database shuffles."""
        return int.from_bytes(hashlib.blake2b(self.mix.encode(), digest_size=8).digest(), signed=True)

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
    "area": lambda found, area: found.filter(area.inside),
}


class Shuffled(Func):
    """A place that nobody can choose for a proposal: PostgreSQL's own hash of its key, another one for each seed."""

    function = "uuid_hash_extended"
    output_field = BigIntegerField()


def in_order(found: ProposalQuerySet, sort: str, start: Start) -> ProposalQuerySet:
    """As it was asked for; mixed, where nothing was."""
    if sort == BrowseForm.Sort.NEWEST:
        return found.order_by("-submitted_at", "pk")
    if sort == BrowseForm.Sort.SUPPORTED:
        return found.order_by("-support_count", "-submitted_at", "pk")
    if sort == BrowseForm.Sort.MIXED:
        return found.order_by(Shuffled(F("pk"), Value(start.seed)), "pk")
    return found


def page_of(ordered: ProposalQuerySet, size: int, number: str | None, cycle: Cycle) -> "Page[Any]":
    """One page with everything that its cards show; the pots and their ballots are known from the budget."""
    page = page_of_keys(ordered, size, number)
    keys = list(page.object_list)
    shown = Proposal.objects.public().select_related("district", "project__award").prefetch_related("photos")
    found = shown.with_cost().defer("text").in_bulk(keys)
    headings = {heading.pk: heading for heading in cycle.headings.all()}
    for proposal in found.values():
        proposal.heading = headings[proposal.heading_id]
    page.object_list = [found[key] for key in keys if key in found]  # one may have been hidden since
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
        "area": lambda value: value.words,
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
