# SPDX-License-Identifier: AGPL-3.0-or-later
"""The ideas of a budget, and the way back of one's own."""

import secrets
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import MD5, Cast, Concat
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import Request, SignedInRequest
from proposals import services
from proposals.forms import ProposalFilter
from proposals.models import Category, Phase, Proposal
from proposals.refusals import CycleRefused
from proposals.standing import FILTERS

from .finding import SECTION, own_proposal, visible_cycle

ON_A_PAGE = 12
ORDER_COOKIE = "proposal_order"  # a random word, so that each visitor keeps an order of their own


@require_GET
def proposals(request: Request, cycle_id: UUID) -> HttpResponse:
    """The ideas of a budget, to search and compare; the order is each visitor's own, and stays."""
    cycle = visible_cycle(request.user, cycle_id)
    if cycle.is_imported:
        return redirect("proposals:results", cycle.pk)  # its projects came without proposals
    form = ProposalFilter(request.GET, cycle=cycle, statuses=[(name, one.word) for name, (one, _q) in FILTERS.items()])
    order = request.COOKIES.get(ORDER_COOKIE, "") or secrets.token_hex(8)
    found = _in_order(
        _filtered(Proposal.objects.public().filter(heading__cycle=cycle), form.chosen), form.chosen, order
    )
    page = Paginator(found.for_cards().with_cost(), ON_A_PAGE).get_page(request.GET.get("page"))
    shown = {
        "section": SECTION,
        "assembly": cycle.assembly,
        "cycle": cycle,
        "filter": form,
        "chips": _chips(form.chosen, request.GET),
        "page": page,
        "may_propose": cycle.is_in(Phase.Kind.ACCEPTING),
    }
    response = render(request, "proposals/proposals.html", shown)
    response.set_cookie(
        ORDER_COOKIE, order, max_age=90 * 24 * 3600, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return response


def _filtered(found: Any, chosen: dict[str, Any]) -> Any:
    if words := chosen.get("q"):
        for word in words.split():
            found = found.filter(
                Q(title__icontains=word)
                | Q(summary__icontains=word)
                | Q(text__icontains=word)
                | Q(place__icontains=word)
                | Q(reference__iexact=word)
            )
    if category := chosen.get("category"):
        found = found.filter(category=category)
    if district := chosen.get("district"):
        found = found.filter(district=district)
    if status := chosen.get("status"):
        found = found.filter(FILTERS[status][1])
    return found


def _in_order(found: Any, chosen: dict[str, Any], order: str) -> Any:
    if chosen.get("sort") == ProposalFilter.Sort.NEWEST:
        return found.order_by("-submitted_at", "pk")
    mixed = MD5(Concat(Value(order), Cast(F("pk"), CharField())))
    return found.order_by(mixed, "pk")


def _chips(chosen: dict[str, Any], asked: QueryDict) -> list[tuple[str, str]]:
    """What narrows the list in words, each with the address of the list without it."""
    words: dict[str, Callable[[Any], str]] = {
        "q": lambda value: f"“{value}”",
        "category": lambda value: str(Category(value).label),
        "district": str,
        "status": lambda value: str(FILTERS[value][0].word),
    }
    chips = []
    for name in words:
        if name in chosen:
            rest = asked.copy()
            for dropped in (name, "page"):
                rest.pop(dropped, None)
            chips.append((words[name](chosen[name]), f"?{rest.urlencode()}"))
    return chips


@login_required
@require_POST
def withdraw(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    proposal = own_proposal(request.user, proposal_id)
    try:
        services.withdraw_proposal(proposal=proposal, actor=request.user)
    except CycleRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("You have taken your proposal back."))
    return redirect(proposal)
