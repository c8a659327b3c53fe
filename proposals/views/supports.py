# SPDX-License-Identifier: AGPL-3.0-or-later
"""Supporting an idea, taking the support back, and how many supports a budget asks for."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import SignedInRequest
from assemblies import rights
from assemblies.models import Membership
from proposals import services
from proposals.models import Proposal
from proposals.refusals import CycleRefused
from proposals.supporting import supporting_of
from proposals.talking_forms import SupportRuleForm

from .finding import member_of, page_about, tell, visible_cycle, visible_proposal


@login_required
@require_POST
def support(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    return _act(
        request, proposal_id, lambda proposal, person: services.support_proposal(proposal=proposal, person=person)
    )


@login_required
@require_POST
def withdraw_support(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    return _act(
        request, proposal_id, lambda proposal, person: services.withdraw_support(proposal=proposal, person=person)
    )


def _act(request: SignedInRequest, proposal_id: UUID, act: Callable[[Proposal, Membership], object]) -> HttpResponse:
    """Done, or why not, where the button was; without scripts on the page of the proposal."""
    proposal = visible_proposal(request.user, proposal_id)
    cycle = visible_cycle(request.user, proposal.heading.cycle_id)
    rights.require(request.user, rights.SUPPORT, cycle.assembly)
    refusal = ""
    try:
        act(proposal, member_of(request.user, cycle))
    except CycleRefused as refused:
        refusal = str(refused)
    if not request.htmx:
        if refusal:
            messages.error(request, refusal)
        return redirect(f"{proposal.get_absolute_url()}#supports")
    proposal.refresh_from_db()
    page = {"proposal": proposal, "supporting": supporting_of(proposal, cycle, request.user), "refusal": refusal}
    return render(request, "proposals/_supports.html", page, status=422 if refusal else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def support_rule(request: SignedInRequest, cycle_id: UUID) -> HttpResponse:
    """How many supports an idea needs, decided before the first one can be given."""
    cycle = visible_cycle(request.user, cycle_id)
    rights.require(request.user, rights.RUN_CYCLES, cycle.assembly)
    form = SupportRuleForm(request.POST or None, rule=services.support_rule_of(cycle))
    if form.is_valid() and tell(
        request,
        lambda: services.set_support_rule(cycle=cycle, actor=request.user, **form.cleaned_data),
        _("The rule for supports is saved."),
        form=form,
    ):
        return redirect("proposals:manage", cycle.pk)
    page = page_about(cycle, form=form)
    return render(request, "proposals/support_rule.html", page, status=422 if form.is_bound else 200)
