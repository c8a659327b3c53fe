# SPDX-License-Identifier: AGPL-3.0-or-later
"""What officials ask in public, and what authors answer."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from assemblies import rights
from proposals import services
from proposals.models import Proposal, Question
from proposals.talking_forms import AnswerForm, QuestionForm

from .finding import member_of, page_about, proposal_at_desk, tell


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """An official's question to the author."""
    proposal, cycle = proposal_at_desk(request.user, proposal_id)
    form = QuestionForm(request.POST or None)
    if form.is_valid() and tell(
        request,
        lambda: services.ask_question(proposal=proposal, asker=member_of(request.user, cycle), **form.cleaned_data),
        _("Everybody can read your question. The author is asked to answer."),
        form=form,
    ):
        return redirect(f"{proposal.get_absolute_url()}#questions")
    page = page_about(cycle, proposal=proposal, form=form)
    return render(request, "proposals/ask.html", page, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: SignedInRequest, question_id: UUID) -> HttpResponse:
    """The author's answer."""
    mine = Proposal.objects.visible_to(request.user).written_by(request.user)
    found = Question.objects.filter(proposal__in=mine).select_related("proposal__heading__cycle__assembly")
    question = get_object_or_404(found, pk=question_id)
    proposal, cycle = question.proposal, question.proposal.heading.cycle
    rights.require(request.user, rights.PROPOSE, cycle.assembly)
    form = AnswerForm(request.POST or None)
    if form.is_valid() and tell(
        request,
        lambda: services.answer_question(question=question, author=member_of(request.user, cycle), **form.cleaned_data),
        _("Everybody can read your answer."),
        form=form,
    ):
        return redirect(f"{proposal.get_absolute_url()}#questions")
    page = page_about(cycle, proposal=proposal, question=question, form=form)
    return render(request, "proposals/ask.html", page, status=422 if form.is_bound else 200)
