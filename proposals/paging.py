# SPDX-License-Identifier: AGPL-3.0-or-later
"""One page of a long list, and how long the list is, in one look at the database."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Window

FURTHEST = 1_000_000  # a page number above it is taken for the last page


def page_of_keys(ordered: QuerySet[Any], size: int, asked: str | None) -> "Page[Any]":
    """The keys on one page; a page that does not exist is the first, or the last where it would come later.

    Whatever narrows the list is worked out once, for the page and for the length together. Only keys are put in order:
    with the texts of thousands of proposals beside them the database would sort on disk.
    """
    number = _number(asked)
    rows = _rows(ordered, size, number) if 1 <= number <= FURTHEST else []
    if not rows and number != 1:
        number = Paginator(range(ordered.count()), size).num_pages
        rows = _rows(ordered, size, number)
    paginator: Paginator[Any] = Paginator(range(rows[0][1] if rows else 0), size)  # it only has to know how many
    return Page([key for key, _in_all in rows], number, paginator)


def _rows(ordered: QuerySet[Any], size: int, number: int) -> list[tuple[Any, int]]:
    """Keys and, beside each, the length; it goes first in the order, or PostgreSQL would plan as if twelve were enough."""
    first = (number - 1) * size
    order = ordered.query.order_by or ordered.model._meta.ordering
    counted = ordered.annotate(in_all=Window(Count("*"))).order_by("in_all", *order)
    return list(counted.values_list("pk", "in_all")[first : first + size])


def _number(asked: str | None) -> int:
    try:
        return int(asked or "1")
    except ValueError:
        return 1
