# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tags every page draws with: icons, amounts, counts, the ring of people, bars and links of the header."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template.context import RequestContext
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi

from assemblies.money import format_count, money_text
from assemblies.seats import GROUND, Seats, people_per_dot, seats

register = template.Library()

MANY_BLOCKS = 12  # of a ribbon; above, the gaps between them are narrower
FLIPPED_IN_RTL = frozenset({"arrow-right", "arrow-left", "exit", "enter"})


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw one sign of the sprite; it is hidden from screen readers unless it has a label of its own."""
    if not label:
        return _drawn(name)
    use = format_html('<use href="{}#{}"></use>', _sprite(), name)
    return format_html('<svg class="icon{}" role="img" aria-label="{}">{}</svg>', _flip(name), label, use)


@lru_cache(maxsize=1_000)
def _drawn(name: str) -> SafeString:
    """A list draws the same few signs dozens of times."""
    use = format_html('<use href="{}#{}"></use>', _sprite(), name)
    return format_html('<svg class="icon{}" aria-hidden="true">{}</svg>', _flip(name), use)


@lru_cache(maxsize=1)
def _sprite() -> str:
    return static("icons.svg")


def _flip(name: str) -> str:
    return " flip" if name in FLIPPED_IN_RTL else ""


@register.simple_tag
def icon_url(name: str) -> str:
    """Give the address of one sign, for a drawing with classes of its own."""
    return f"{_sprite()}#{name}"


@register.filter
def shown_pages(paginator: "Paginator[Any]", number: int) -> list[int]:
    """List the page numbers worth a link: the first, the last and those around this one; 0 stands for a gap."""
    wanted = sorted({1, number - 1, number, number + 1, paginator.num_pages} & set(paginator.page_range))
    pages: list[int] = []
    for page in wanted:
        if pages and page == pages[-1] + 2:
            pages.append(page - 1)
        elif pages and page > pages[-1] + 1:
            pages.append(0)
        pages.append(page)
    return pages


@register.filter
def money(minor: int | None, currency: str) -> SafeString | str:
    """Show an amount that never breaks over two lines and keeps its order in a right-to-left page."""
    if minor is None:
        return ""
    return format_html("<bdi>{}</bdi>", money_text(minor, currency))


register.filter(money_text)  # without markup, for attributes and mails


@register.filter
def count(number: int | None) -> SafeString | str:
    """Show a whole number in groups of three that never breaks over two lines."""
    return "" if number is None else format_html("<bdi>{}</bdi>", format_count(number))


@register.filter
def count_text(number: int | None) -> str:
    """Write a whole number in groups of three without markup, for attributes and mails."""
    return "" if number is None else format_count(number)


@register.simple_tag
def moot(filled: int, total: int) -> SafeString:
    """Draw the turnout: a dot for each person, filled from the reading side, so that no dot is a person."""
    ring = seats(-(-total // people_per_dot(total)))
    taken = _dots_taken(filled, total, ring)
    places = [*reversed(ring.places)] if get_language_bidi() else ring.places
    return format_html(
        '<svg class="moot" viewBox="0 0 {} {}" aria-hidden="true"><path class="in" d="{}"/>'
        '<path class="out" d="{}"/><path class="mound" d="{}"/></svg>',
        ring.width,
        ring.height,
        ring.dots(places[:taken]),
        ring.rings(places[taken:]),
        ring.mound,
    )


@register.simple_tag
def moot_scale(total: int) -> int:
    """Answer how many people one dot stands for, so that a caption can say so."""
    return people_per_dot(total)


@register.simple_tag
def moot_ground(yours: int = 61) -> SafeString:
    """Draw the ring as the pattern of a green band, with one warm seat: yours."""
    ring = seats(GROUND)
    others = [place for index, place in enumerate(ring.places) if index != yours]
    return format_html(
        '<svg class="moot ground" viewBox="0 0 {} {}" aria-hidden="true"><path class="in" d="{}"/>'
        '<path class="mound" d="{}"/><path class="seat" d="{}"/></svg>',
        ring.width,
        ring.height,
        ring.dots(others),
        ring.mound,
        ring.dots([ring.places[yours]]),
    )


def _dots_taken(filled: int, total: int, ring: Seats) -> int:
    """Count filled dots: none only when nobody voted, all only when everybody did."""
    if filled <= 0 or total <= 0:
        return 0
    if filled >= total:
        return len(ring.places)
    return min(max(filled // people_per_dot(total), 1), len(ring.places) - 1)


@register.simple_tag
def bar(part: int, whole: int, off: bool = False) -> SafeString:
    """Draw one horizontal bar from a common zero; hatched when its option was not chosen."""
    width = _share(part, whole)
    start = _share(max(whole - part, 0), whole) if get_language_bidi() else "0%"
    zero = "100%" if get_language_bidi() else "0%"
    return format_html(
        '<svg class="bar" aria-hidden="true"><rect class="fill{}" x="{}" width="{}" height="100%"/>'
        '<rect class="zero" x="{}" height="100%"/></svg>',
        " off" if off else "",
        start,
        width,
        zero,
    )


@register.simple_tag
def ribbon(blocks: Iterable[tuple[object, int]], total: int, label: str = "") -> SafeString:
    """Draw where the money went: one block for each (name, amount), and what is left over hatched."""
    parts: list[SafeString] = []
    used = 0
    drawn = list(blocks)
    gap = 4 if len(drawn) <= MANY_BLOCKS else 2
    for name, amount in drawn:
        parts.append(_ribbon_block(used, amount, total, str(name) if amount * 25 >= total else "", "fill", gap))
        used += amount
    if used < total:
        parts.append(_ribbon_block(used, total - used, total, "", "fill off", gap))
    return format_html(
        '<svg class="ribbon" role="img" aria-label="{}">{}</svg>',
        label,
        format_html_join("", "{}", ((p,) for p in parts)),
    )


def _ribbon_block(before: int, amount: int, total: int, name: str, kind: str, gap: int) -> SafeString:
    start = total - before - amount if get_language_bidi() else before
    edge = start + amount if get_language_bidi() else start
    text = (
        format_html(
            '<text class="inside{}" x="{}" y="50%">{}</text>',
            " tight" if amount * 9 < total else "",
            _share(2 * start + amount, 2 * total),
            name,
        )
        if name
        else ""
    )
    cut = format_html('<rect class="cut" x="{}" width="{}" height="100%"/>', _share(edge, total), gap) if before else ""
    return format_html(
        '<rect class="{}" x="{}" width="{}" height="100%"/>{}{}',
        kind,
        _share(start, total),
        _share(amount, total),
        text,
        cut,
    )


def _share(part: int, whole: int) -> str:
    """Write part of whole as a percentage with two decimals, in whole numbers all the way."""
    hundredths = min(max(part, 0) * 10_000 // whole, 10_000) if whole > 0 else 0
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


@register.simple_tag(takes_context=True)
def nav_item(context: RequestContext, name: str, argument: object, label: str, exact: bool = False) -> SafeString:
    """Link a section in the header and mark the one that the reader is in; an unknown address draws nothing.

    A page whose address does not tell its section says so as `section` in its context.
    """
    try:
        url = reverse(name, args=[argument])
    except NoReverseMatch:
        return SafeString("")
    request: HttpRequest | None = context.get("request")
    here = request.path if request else ""
    if here == url:
        current = SafeString(' aria-current="page"')
    elif context.get("section") == name or (not exact and here.startswith(url)):
        current = SafeString(' aria-current="true"')
    else:
        current = SafeString("")
    return format_html('<a href="{}"{}>{}</a>', url, current, label)


@register.simple_tag
def is_demo() -> bool:
    """Tell whether this installation is a demo that anybody may enter."""
    return bool(getattr(settings, "DEMO", False))
