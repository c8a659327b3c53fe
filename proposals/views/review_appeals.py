# SPDX-License-Identifier: AGPL-3.0-or-later
"""An author's appeal against a No, and the decision about it at the desk."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from assemblies import rights
from proposals import services
from proposals.answering import appeals_end
from proposals.desk_forms import AppealDecisionForm, ReviewAppealForm
from proposals.models import Proposal, Review, ReviewAppeal

from .finding import member_of, page_about, tell, visible_cycle


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def appeal_review(request: SignedInRequest, review_id: UUID) -> HttpResponse:
    """The author's own words against an answer; for others there is no such address."""
    mine = Proposal.objects.visible_to(request.user).written_by(request.user)
    found = Review.objects.filter(proposal__in=mine).select_related("proposal__heading__cycle__assembly")
    review = get_object_or_404(found, pk=review_id)
    cycle = review.proposal.heading.cycle
    form = ReviewAppealForm(request.POST or None)
    if form.is_valid() and tell(
        request,
        lambda: services.appeal_review(review=review, actor=request.user, **form.cleaned_data),
        _("Your appeal is sent. Another evaluator looks at it, and you get a mail."),
        form=form,
    ):
        return redirect(review.proposal)
    page = page_about(cycle, proposal=review.proposal, review=review, until=appeals_end(review, cycle), form=form)
    return render(request, "proposals/review_appeal.html", page, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decide_appeal(request: SignedInRequest, review_id: UUID) -> HttpResponse:
    """Another evaluator's decision."""
    visible = Proposal.objects.visible_to(request.user)
    found = ReviewAppeal.objects.filter(review__proposal__in=visible).select_related(
        "review__proposal__heading__cycle__assembly", "review__evaluator__user", "review__signed_by__user"
    )
    appeal = get_object_or_404(found, pk=review_id)
    proposal = appeal.review.proposal
    cycle = visible_cycle(request.user, proposal.heading.cycle_id)
    rights.require(request.user, rights.REVIEW_PROPOSALS, cycle.assembly)
    form = AppealDecisionForm(request.POST or None)
    if form.is_valid() and tell(
        request,
        lambda: services.decide_review_appeal(
            appeal=appeal,
            evaluator=member_of(request.user, cycle),
            is_granted=form.cleaned_data["outcome"] == "again",
            reason=form.cleaned_data["reason"],
        ),
        _("The author is told, and everybody can read it."),
        form=form,
    ):
        return redirect("proposals:desk", cycle.pk)
    page = page_about(cycle, proposal=proposal, review=appeal.review, appeal=appeal, form=form)
    return render(request, "proposals/review_appeal.html", page, status=422 if form.is_bound else 200)
