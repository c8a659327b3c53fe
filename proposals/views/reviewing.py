# SPDX-License-Identifier: AGPL-3.0-or-later
"""The officials' desk: what waits, and the signed answer to one proposal."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.requests import SignedInRequest
from assemblies import rights
from proposals import services
from proposals.forms import ReviewForm
from proposals.models import Proposal
from proposals.refusals import CycleRefused

from .finding import SECTION, visible_cycle, visible_proposal

ON_A_PAGE = 25


@login_required
@require_GET
def desk(request: SignedInRequest, cycle_id: UUID) -> HttpResponse:
    """What waits for a check, the oldest first, and what was answered."""
    cycle = visible_cycle(request.user, cycle_id)
    rights.require(request.user, rights.REVIEW_PROPOSALS, cycle.assembly)
    of_cycle = Proposal.objects.filter(heading__cycle=cycle)
    answered = of_cycle.filter(state__in=[Proposal.State.FEASIBLE, Proposal.State.UNFEASIBLE])
    page = {
        "section": SECTION,
        "assembly": cycle.assembly,
        "cycle": cycle,
        "waiting": of_cycle.awaiting_review().for_cards().select_related("author__user"),
        "page": Paginator(answered.for_cards().with_cost().order_by("-decided_at"), ON_A_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "proposals/desk.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """One proposal with everything that colleagues noted, and the form for the answer."""
    proposal = visible_proposal(request.user, proposal_id)
    cycle = visible_cycle(request.user, proposal.heading.cycle_id)
    rights.require(request.user, rights.REVIEW_PROPOSALS, cycle.assembly)
    form = ReviewForm(request.POST or None, currency=cycle.currency)
    evaluator = rights.membership_of(request.user, cycle.assembly)
    if form.is_valid() and evaluator is not None:
        try:
            services.review_proposal(proposal=proposal, evaluator=evaluator, **form.cleaned_data)
        except CycleRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Your answer to “%(title)s” is public now.") % {"title": proposal.title})
            return redirect("proposals:desk", cycle.pk)
    page = {
        "section": SECTION,
        "assembly": cycle.assembly,
        "cycle": cycle,
        "proposal": proposal,
        "reviews": proposal.reviews.select_related("evaluator__user"),
        "form": form,
    }
    return render(request, "proposals/review.html", page, status=422 if form.is_bound else 200)
