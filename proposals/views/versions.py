# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a proposal said and says: every wording with what changed in it, and the form for better words."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.requests import Request, SignedInRequest
from assemblies import rights
from proposals import services
from proposals.models import Phase
from proposals.talking_forms import ChangeForm
from proposals.wordings import changes_of

from .finding import member_of, own_proposal, page_about, tell, visible_cycle, visible_proposal


@require_GET
def versions(request: Request, proposal_id: UUID) -> HttpResponse:
    """Every wording, the newest first, each with its changes word by word."""
    proposal = visible_proposal(request.user, proposal_id)
    cycle = visible_cycle(request.user, proposal.heading.cycle_id)
    page = page_about(cycle, proposal=proposal, changes=changes_of(proposal))
    return render(request, "proposals/versions.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """The author's form for better words; the old ones stay readable."""
    proposal = own_proposal(request.user, proposal_id)
    if proposal.is_draft:
        return redirect("proposals:edit", proposal.pk)
    cycle = visible_cycle(request.user, proposal.heading.cycle_id)
    rights.require(request.user, rights.PROPOSE, cycle.assembly)
    form = ChangeForm(request.POST or None, cycle=cycle, proposal=proposal)
    if form.is_valid() and tell(
        request,
        lambda: services.change_proposal(
            proposal=proposal,
            editor=member_of(request.user, cycle),
            reason=form.cleaned_data["reason"],
            **form.wording,
        ),
        _("Your proposal says this now. What it said before stays readable."),
        form=form,
    ):
        return redirect(proposal)
    page = page_about(cycle, proposal=proposal, form=form, is_taken_now=cycle.is_in(Phase.Kind.ACCEPTING))
    return render(request, "proposals/change.html", page, status=422 if form.is_bound else 200)
