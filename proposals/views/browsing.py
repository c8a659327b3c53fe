# SPDX-License-Identifier: AGPL-3.0-or-later
"""Finding and comparing the proposals of a budget: as a list, on a map, in a table."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from accounts.requests import Request
from assemblies.town_map import has_map, map_of
from proposals import browsing
from proposals.browse_forms import BrowseForm
from proposals.browse_map import browse_map
from proposals.models import Phase, Proposal

from .finding import page_about, visible_cycle

ON_A_PAGE = {BrowseForm.View.LIST: 12, BrowseForm.View.MAP: 12, BrowseForm.View.TABLE: 25}
ORDER_COOKIE = "proposal_order"  # a random word, so that each visitor keeps an order of their own
GONE_ON = (Proposal.State.MERGED, Proposal.State.SPLIT)  # read where the others are only by who asks for them
NOT_FURTHER = ("page", "start")  # what belongs to leafing: a link that changes the list begins anew


@require_GET
def proposals(request: Request, cycle_id: UUID) -> HttpResponse:
    """The ideas of a budget, to search and compare; the order is each visitor's own, and stays."""
    cycle = visible_cycle(request.user, cycle_id)
    if cycle.is_imported:
        return redirect("proposals:results", cycle.pk)  # its projects came without proposals
    form = BrowseForm(request.GET, cycle=cycle)
    chosen = form.chosen
    asked = {name: str(value) for name, value in request.GET.items() if name not in NOT_FURTHER and value}
    mix = request.COOKIES.get(ORDER_COOKIE, "")
    told = browsing.Start.read(request.GET.get("start", ""), mix)
    start = told or browsing.Start.now(mix, timezone.now())
    everything = Proposal.objects.public().filter(heading__in=[heading.pk for heading in cycle.headings.all()])
    if chosen.get("status") not in GONE_ON:
        everything = everything.going_on()
    if told:
        everything = everything.filter(submitted_at__lte=start.until)
    found = browsing.narrowed(everything, chosen)
    view = chosen.get("view", BrowseForm.View.LIST)
    ordered = browsing.in_order(found, chosen.get("sort", BrowseForm.Sort.MIXED), start)
    is_drawn = has_map(cycle.assembly)
    if view == BrowseForm.View.MAP and not is_drawn:
        view = BrowseForm.View.LIST
    page = browsing.page_of(ordered, ON_A_PAGE[view], request.GET.get("page"), cycle)
    chips = browsing.chips(chosen, asked, cycle, get_language() or "en")
    shown = page_about(
        cycle,
        filter=form,
        view=view,
        views=_views(asked, view, is_drawn=is_drawn),
        area=chosen.get("area"),
        chips=chips,
        page=page,
        wider=[] if page.object_list else list(browsing.wider(everything, chosen, chips)),
        may_propose=cycle.is_in(Phase.Kind.ACCEPTING),
    )
    if view == BrowseForm.View.MAP and page.object_list and (town := map_of(cycle.assembly)):
        shown["map"] = browse_map(found, page.paginator.count, town, chosen.get("area"), asked)
    _keep_the_order_further_on(request, page, start)
    response = render(request, "proposals/proposals.html", shown)
    if mix or told is None:  # what stood in a link is not kept: it was somebody else's
        response.set_cookie(
            ORDER_COOKIE, start.mix, max_age=90 * 24 * 3600, httponly=True, samesite="Lax", secure=request.is_secure()
        )
    return response


def _views(asked: dict[str, str], now: str, *, is_drawn: bool) -> list[tuple[str, str, bool]]:
    """Name and address of each way to look at the same proposals, and whether it is the one on the screen."""
    rest = {name: value for name, value in asked.items() if name != "view"}
    return [
        (name, "?" + urlencode(rest if name == BrowseForm.View.LIST else {**rest, "view": name}), name == now)
        for name in (BrowseForm.View.LIST, BrowseForm.View.MAP, BrowseForm.View.TABLE)
        if is_drawn or name != BrowseForm.View.MAP
    ]


def _keep_the_order_further_on(request: Request, page: "Page[Any]", start: browsing.Start) -> None:
    """Links to other pages are made from what was asked; with the start in it they go on where this page ends."""
    if page.has_other_pages():
        asked = request.GET.copy()
        asked["start"] = str(start)
        request.GET = asked  # type: ignore[assignment]
