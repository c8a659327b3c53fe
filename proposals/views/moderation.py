# SPDX-License-Identifier: AGPL-3.0-or-later
"""The moderators' queue, one reported thing with its context, the author's appeal, and the public numbers."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import Request, SignedInRequest
from assemblies import rights
from assemblies.models import Assembly, Viewer
from proposals import services
from proposals.models import Comment, Cycle, Moderation, Proposal, Report
from proposals.moderating import ON_A_PAGE, numbers_of, waiting_page
from proposals.moderation_forms import AppealAnswerForm, AppealForm, DecisionForm
from proposals.paging import page_of_keys
from proposals.refusals import CycleRefused

from .finding import SECTION, member_of, page_about, tell, visible_assembly


@login_required
@require_GET
def queue(request: SignedInRequest, slug: str) -> HttpResponse:
    """Appeals first, since somebody waits for an answer; then reports, the oldest first; then what was decided."""
    assembly = visible_assembly(request.user, slug)
    rights.require(request.user, rights.MODERATE, assembly)
    decided = page_of_keys(Moderation.objects.of_assembly(assembly), ON_A_PAGE, request.GET.get("decided"))
    words = Moderation.objects.with_words().in_bulk(list(decided.object_list))
    decided.object_list = [words[key] for key in decided.object_list]
    page = {
        "section": SECTION,
        "assembly": assembly,
        "appeals": Moderation.objects.of_assembly(assembly).appealed().with_words()[:ON_A_PAGE],
        "page": waiting_page(assembly, request.GET.get("page", "1")),
        "decided": decided,
    }
    return render(request, "proposals/moderation.html", page)


@require_GET
def numbers(request: Request, slug: str) -> HttpResponse:
    """How often something was reported and hidden, for everybody to read."""
    assembly = visible_assembly(request.user, slug)
    page = {
        "section": SECTION,
        "assembly": assembly,
        "numbers": numbers_of(assembly),
        "may_moderate": rights.may(request.user, rights.MODERATE, assembly),
    }
    return render(request, "proposals/moderation_numbers.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def moderate_comment(request: SignedInRequest, comment_id: UUID) -> HttpResponse:
    found = Comment.objects.filter(proposal__heading__cycle__in=Cycle.objects.visible_to(request.user))
    found = found.select_related("author__user", "parent__author__user", "proposal__heading__cycle__assembly")
    return _moderate(request, get_object_or_404(found, pk=comment_id))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def moderate_proposal(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    found = Proposal.objects.filter(heading__cycle__in=Cycle.objects.visible_to(request.user))
    found = found.exclude(state=Proposal.State.DRAFT).select_related("author__user", "heading__cycle__assembly")
    return _moderate(request, get_object_or_404(found, pk=proposal_id))


def _moderate(request: SignedInRequest, about: Proposal | Comment) -> HttpResponse:
    cycle = _cycle_of(about)
    rights.require(request.user, rights.MODERATE, cycle.assembly)
    form = DecisionForm(request.POST or None)
    if form.is_valid():
        moderator = member_of(request.user, cycle)
        try:
            decision = services.decide_reports(about=about, moderator=moderator, **form.cleaned_data)
        except CycleRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            is_hidden = decision.verdict == Moderation.Verdict.HIDDEN
            messages.success(request, _("It is hidden, and its author is told why.") if is_hidden else _("It stays."))
            return redirect("proposals:moderation", cycle.assembly.slug)
    return _show_thing(request, about, form=form)


def _show_thing(
    request: SignedInRequest, about: Proposal | Comment, *, form: Form | None = None, answer: Form | None = None
) -> HttpResponse:
    """The reported words with what stands around them, the reports, and what was decided before."""
    cycle = _cycle_of(about)
    reports = about.reports.select_related("reporter__user")
    page = page_about(
        cycle,
        about=about,
        is_comment=isinstance(about, Comment),
        topic=about.proposal if isinstance(about, Comment) else about,
        reports=reports.filter(settled_by=None),
        decisions=about.moderations.with_words().prefetch_related(Prefetch("reports", Report.objects.all())),
        photos=[] if isinstance(about, Comment) else about.photos.all(),
        may_moderate=True,
        form=form or DecisionForm(),
        answer_form=answer or AppealAnswerForm(),
        may_see_reporters=about.author.user_id != request.user.pk
        and rights.may(request.user, rights.SEE_REPORTERS, cycle.assembly),
    )
    refused = (form is not None and form.is_bound) or (answer is not None and answer.is_bound)
    return render(request, "proposals/moderate.html", page, status=422 if refused else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decision(request: SignedInRequest, decision_id: UUID) -> HttpResponse:
    """What was hidden, why, and the appeal, for the author alone."""
    found = Moderation.objects.told_to(request.user).with_words()
    decision = get_object_or_404(found, pk=decision_id)
    form = AppealForm(request.POST or None)
    if form.is_valid() and tell(
        request,
        lambda: services.appeal_moderation(decision=decision, actor=request.user, **form.cleaned_data),
        _("Your appeal is sent. You get a mail with the answer."),
        form=form,
    ):
        return redirect(decision)
    assembly = _assembly_of(decision)
    page = {"section": SECTION, "assembly": assembly, "decision": decision, "topic": decision.topic, "form": form}
    return render(request, "proposals/moderation_decision.html", page, status=422 if form.is_bound else 200)


@login_required
@require_POST
def decide_moderation_appeal(request: SignedInRequest, decision_id: UUID) -> HttpResponse:
    decision, cycle = _for_moderators(request.user, decision_id)
    form = AppealAnswerForm(request.POST)
    if form.is_valid() and tell(
        request,
        lambda: services.decide_moderation_appeal(
            decision=decision,
            moderator=member_of(request.user, cycle),
            is_shown=form.cleaned_data["outcome"] == "shown",
            reason=form.cleaned_data["reason"],
        ),
        _("The author is told."),
        form=form,
    ):
        return redirect("proposals:moderation", cycle.assembly.slug)
    return _show_thing(request, decision.about, answer=form)


@login_required
@require_POST
def bring_back(request: SignedInRequest, decision_id: UUID) -> HttpResponse:
    decision, cycle = _for_moderators(request.user, decision_id)
    tell(
        request,
        lambda: services.bring_back(decision=decision, moderator=member_of(request.user, cycle)),
        _("Everybody can read it again, and its author is told."),
    )
    return redirect("proposals:moderation", cycle.assembly.slug)


def _for_moderators(user: Viewer, decision_id: UUID) -> tuple[Moderation, Cycle]:
    decision = get_object_or_404(Moderation.objects.with_words(), pk=decision_id)
    cycle = get_object_or_404(
        Cycle.objects.visible_to(user).select_related("assembly"), pk=_cycle_of(decision.about).pk
    )
    rights.require(user, rights.MODERATE, cycle.assembly)
    return decision, cycle


def _cycle_of(about: Proposal | Comment) -> Cycle:
    return about.proposal.heading.cycle if isinstance(about, Comment) else about.heading.cycle


def _assembly_of(decision: Moderation) -> Assembly:
    return _cycle_of(decision.about).assembly
