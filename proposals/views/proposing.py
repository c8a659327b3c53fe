# SPDX-License-Identifier: AGPL-3.0-or-later
"""From an idea to a proposal in the list: write, check your answers, send, take back."""

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
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import Request, SignedInRequest
from assemblies import rights
from proposals import services
from proposals.forms import ProposalFilter, ProposalForm
from proposals.models import Category, Phase, Proposal
from proposals.refusals import CycleRefused
from proposals.standing import FILTERS

from .finding import SECTION, member_of, own_proposal, visible_cycle

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
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: SignedInRequest, cycle_id: UUID) -> HttpResponse:
    """A new draft. It is kept from the first valid answer on, and only its author sees it."""
    cycle = visible_cycle(request.user, cycle_id)
    rights.require(request.user, rights.PROPOSE, cycle.assembly)
    form = ProposalForm(request.POST or None, cycle=cycle)
    if form.is_valid():
        proposal = services.draft_proposal(
            author=member_of(request.user, cycle), language=get_language() or "en", **form.written
        )
        return redirect("proposals:check", proposal.pk)
    page = {"section": SECTION, "assembly": cycle.assembly, "cycle": cycle, "form": form, "taken": cycle.phase_of(Phase.Kind.ACCEPTING),
            "is_taken_now": cycle.is_in(Phase.Kind.ACCEPTING)}  # fmt: skip
    return render(request, "proposals/submit.html", page, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """The draft again, as it was left."""
    proposal = own_proposal(request.user, proposal_id)
    if not proposal.is_draft:
        return redirect(proposal)
    cycle = visible_cycle(request.user, proposal.heading.cycle_id)
    form = ProposalForm(request.POST or None, cycle=cycle, proposal=proposal)
    if form.is_valid():
        try:
            services.edit_draft(proposal=proposal, **form.written)
        except CycleRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("proposals:check", proposal.pk)
    page = {"section": SECTION, "assembly": cycle.assembly, "cycle": cycle, "form": form, "proposal": proposal,
            "is_taken_now": cycle.is_in(Phase.Kind.ACCEPTING)}  # fmt: skip
    return render(request, "proposals/submit.html", page, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """Everything that was written, once more; sending it is the second step."""
    proposal = own_proposal(request.user, proposal_id)
    if not proposal.is_draft:
        return redirect("proposals:sent" if proposal.state == Proposal.State.SUBMITTED else proposal, proposal.pk)
    cycle = visible_cycle(request.user, proposal.heading.cycle_id)
    refusal = ""
    if request.method == "POST":
        rights.require(request.user, rights.PROPOSE, cycle.assembly)
        try:
            services.submit_proposal(proposal=proposal)
        except CycleRefused as refused:
            refusal = str(refused)
        else:
            return redirect("proposals:sent", proposal.pk)
    page = {"section": SECTION, "assembly": cycle.assembly, "cycle": cycle, "proposal": proposal, "refusal": refusal}
    return render(request, "proposals/check.html", page, status=422 if refusal else 200)


@login_required
@require_GET
def sent(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """The proposal is in: its reference, and what happens next."""
    proposal = own_proposal(request.user, proposal_id)
    if proposal.is_draft:
        return redirect("proposals:check", proposal.pk)
    cycle = visible_cycle(request.user, proposal.heading.cycle_id)
    checking = next((one for kind in ("reviewing", "valuating") if (one := cycle.phase_of(kind))), None)
    page = {"section": SECTION, "assembly": cycle.assembly, "cycle": cycle, "proposal": proposal, "checking": checking,
            "vote": cycle.phase_of(Phase.Kind.BALLOTING)}  # fmt: skip
    return render(request, "proposals/sent.html", page)


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
