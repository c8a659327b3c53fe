# SPDX-License-Identifier: AGPL-3.0-or-later
"""Making one proposal of several, or several of one: suggested here, and answered by the authors themselves."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import SignedInRequest
from assemblies import rights
from proposals import services
from proposals.joining_forms import MergeForm, ReasonForm, SplitForm, WordsForm
from proposals.models import ANSWERED_WITHIN, Cycle, Merge, Proposal, Split
from proposals.refusals import CycleRefused
from proposals.similar import similar_to

from .finding import member_of, page_about, tell, visible_cycle, visible_proposal


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def suggest_merge(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """Which proposals could be one with this one, and in which words; an author or an official suggests it."""
    proposal, cycle = _for_author_or_official(request, proposal_id)
    similar = [
        found
        for found in similar_to(cycle, proposal.title, proposal.summary, but=proposal)
        if found.heading_id == proposal.heading_id and services.can_be_joined(found)
    ]
    form = MergeForm(request.POST or None, proposal=proposal, similar=similar)
    if form.is_valid():
        try:
            merge = services.suggest_merge(
                target=proposal, others=form.chosen, suggester=member_of(request.user, cycle), **form.words
            )
        except CycleRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Every author has a mail. It happens only if all of them say Yes."))
            return redirect(merge)
    return _form(request, "proposals/suggest_merge.html", proposal, cycle, form)


@login_required
@require_GET
def merge(request: SignedInRequest, merge_id: UUID) -> HttpResponse:
    """The words, who has agreed, and the buttons; for the authors and the officials."""
    found, cycle = _merge(request, merge_id)
    return _show_merge(request, found, cycle)


def _show_merge(
    request: SignedInRequest, found: Merge, cycle: Cycle, *, form: Form | None = None, undo: Form | None = None
) -> HttpResponse:
    parts = list(found.parts.select_related("proposal__author__user", "proposal__project"))
    mine = [part for part in parts if part.proposal.author.user_id == request.user.pk]
    words = {"title": found.title, "summary": found.summary, "text": found.text}
    page = page_about(
        cycle,
        merge=found,
        parts=parts,
        is_author=bool(mine),
        not_in_list=[part.proposal for part in parts if not services.can_be_joined(part.proposal)],
        is_on=cycle.is_in(*services.REVIEW_PHASES),
        may_undo=bool(mine) and _can_be_undone(found, cycle),
        may_agree=found.is_open and any(part.agreed_at is None for part in mine),
        may_take_back=found.is_open and services.may_take_back(found, request.user),
        form=form or WordsForm(initial=words),
        undo_form=undo or ReasonForm(),
    )
    return render(request, "proposals/merge.html", page, status=422 if form or undo else 200)


def _can_be_undone(found: Merge, cycle: Cycle) -> bool:
    """While the check is on, and nothing stands on what became of it."""
    if not cycle.is_in(*services.REVIEW_PHASES):
        return False
    try:
        services.refuse_undoing(found, found.target)
    except CycleRefused:
        return False
    return True


@login_required
@require_POST
def agree_to_merge(request: SignedInRequest, merge_id: UUID) -> HttpResponse:
    found, _cycle = _merge_of_author(request, merge_id)
    typed = request.POST.get("wording", "")
    wording = int(typed) if typed.isdecimal() and len(typed) < 9 else 0
    tell(
        request,
        lambda: services.agree_to_merge(merge=found, author=request.user, wording=wording),
        _("You have said Yes to these words."),
    )
    return redirect(found)


@login_required
@require_POST
def refuse_merge(request: SignedInRequest, merge_id: UUID) -> HttpResponse:
    found, _cycle = _merge_of_author(request, merge_id)
    reason = request.POST.get("reason", "")
    tell(
        request,
        lambda: services.refuse_merge(merge=found, author=request.user, reason=reason),
        _("You have said No. All proposals go on as they are."),
    )
    return redirect(found)


@login_required
@require_POST
def take_merge_back(request: SignedInRequest, merge_id: UUID) -> HttpResponse:
    found, _cycle = _merge(request, merge_id)
    return _take_back(request, found, lambda: services.take_merge_back(merge=found, actor=request.user))


@login_required
@require_POST
def reword_merge(request: SignedInRequest, merge_id: UUID) -> HttpResponse:
    found, cycle = _merge_of_author(request, merge_id)
    form = WordsForm(request.POST)
    if form.is_valid() and tell(
        request,
        lambda: services.reword_merge(merge=found, author=request.user, **form.words),
        _("The others are asked about the new words."),
        form=form,
    ):
        return redirect(found)
    return _show_merge(request, found, cycle, form=form)


@login_required
@require_POST
def undo_merge(request: SignedInRequest, merge_id: UUID) -> HttpResponse:
    found, cycle = _merge_of_author(request, merge_id)
    form = ReasonForm(request.POST)
    if form.is_valid() and tell(
        request,
        lambda: services.undo_merge(merge=found, author=request.user, **form.cleaned_data),
        _("Each proposal is what it was before, with its supports."),
        form=form,
    ):
        return redirect(found)
    return _show_merge(request, found, cycle, undo=form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def split(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """The new proposals in their words: made at once by the author, suggested by an official."""
    proposal, cycle = _for_author_or_official(request, proposal_id)
    form = SplitForm(request.POST or None)
    if form.is_valid():
        try:
            found = services.split_proposal(
                proposal=proposal,
                actor=member_of(request.user, cycle),
                pieces=form.pieces,
                reason=form.cleaned_data["reason"],
            )
        except CycleRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("The author is asked.") if found.is_open else _("The new proposals are in the list.")
            )
            return redirect(found if found.is_open else proposal)
    return _form(request, "proposals/split.html", proposal, cycle, form)


@login_required
@require_GET
def split_page(request: SignedInRequest, split_id: UUID) -> HttpResponse:
    """What was suggested, for the author and the officials."""
    found, cycle = _split(request, split_id)
    return _show_split(request, found, cycle)


def _show_split(request: SignedInRequest, found: Split, cycle: Cycle, *, undo: Form | None = None) -> HttpResponse:
    is_mine, is_on = found.proposal.is_written_by(request.user), cycle.is_in(*services.REVIEW_PHASES)
    page = page_about(
        cycle,
        split=found,
        proposal=found.proposal,
        pieces=found.pieces.select_related("became"),
        is_on=is_on,
        is_mine=is_mine,
        may_take_back=found.is_open and services.may_take_back(found, request.user),
        may_undo=is_mine and is_on and services.can_be_undone(found),
        undo_form=undo or ReasonForm(),
        undo_days=services.UNDONE_WITHIN.days,
        undo_until=found.ended_at + services.UNDONE_WITHIN if found.ended_at else None,
    )
    return render(request, "proposals/split_page.html", page, status=422 if undo else 200)


@login_required
@require_POST
def agree_to_split(request: SignedInRequest, split_id: UUID) -> HttpResponse:
    return _answer_split(request, split_id, services.agree_to_split, _("The new proposals are in the list."))


@login_required
@require_POST
def refuse_split(request: SignedInRequest, split_id: UUID) -> HttpResponse:
    return _answer_split(
        request, split_id, services.refuse_split, _("You have said No. Your proposal goes on as it is.")
    )


@login_required
@require_POST
def undo_split(request: SignedInRequest, split_id: UUID) -> HttpResponse:
    found, cycle = _split_of_author(request, split_id)
    form = ReasonForm(request.POST)
    if form.is_valid() and tell(
        request,
        lambda: services.undo_split(split=found, author=request.user, **form.cleaned_data),
        _("Your proposal is what it was before, with its supports."),
        form=form,
    ):
        return redirect(found)
    return _show_split(request, found, cycle, undo=form)


def _answer_split(request: SignedInRequest, split_id: UUID, act: Callable[..., object], done: str) -> HttpResponse:
    """Yes or No of the author of the proposal."""
    found, _cycle = _split_of_author(request, split_id)
    tell(request, lambda: act(split=found, author=request.user), done)
    return redirect(found)


@login_required
@require_POST
def take_split_back(request: SignedInRequest, split_id: UUID) -> HttpResponse:
    found, _cycle = _split(request, split_id)
    return _take_back(request, found, lambda: services.take_split_back(split=found, actor=request.user))


def _take_back(request: SignedInRequest, found: Merge | Split, act: Callable[[], object]) -> HttpResponse:
    if not services.may_take_back(found, request.user):
        raise PermissionDenied(_("Only who suggested it can take it back."))
    tell(request, act, _("The suggestion is taken back."))
    return redirect(found)


def _for_author_or_official(request: SignedInRequest, proposal_id: UUID) -> tuple[Proposal, Cycle]:
    proposal = visible_proposal(request.user, proposal_id)
    cycle = visible_cycle(request.user, proposal.heading.cycle_id)
    if not proposal.is_written_by(request.user):
        rights.require(request.user, rights.REVIEW_PROPOSALS, cycle.assembly)
    else:
        rights.require(request.user, rights.PROPOSE, cycle.assembly)
    return proposal, cycle


def _merge(request: SignedInRequest, merge_id: UUID) -> tuple[Merge, Cycle]:
    """For its authors, their co-sponsors and the officials; for others there is no such page."""
    visible = Proposal.objects.visible_to(request.user)
    found = get_object_or_404(
        Merge.objects.filter(target__in=visible).select_related("target__heading", "suggested_by"), pk=merge_id
    )
    cycle = visible_cycle(request.user, found.target.heading.cycle_id)
    if not (
        rights.may(request.user, rights.REVIEW_PROPOSALS, cycle.assembly)
        or _is_asked(request, found)
        or Merge.objects.of_co_sponsor(request.user).filter(pk=found.pk).exists()
    ):
        raise Http404
    return found, cycle


def _is_asked(request: SignedInRequest, merge: Merge) -> bool:
    return Merge.objects.asked_of(request.user).filter(pk=merge.pk).exists()


def _merge_of_author(request: SignedInRequest, merge_id: UUID) -> tuple[Merge, Cycle]:
    found, cycle = _merge(request, merge_id)
    if not _is_asked(request, found):
        raise PermissionDenied(_("Only the authors can do this."))
    return found, cycle


def _split(request: SignedInRequest, split_id: UUID) -> tuple[Split, Cycle]:
    visible = Proposal.objects.visible_to(request.user)
    found = get_object_or_404(
        Split.objects.filter(proposal__in=visible).select_related(
            "proposal__heading", "proposal__author", "suggested_by"
        ),
        pk=split_id,
    )
    cycle = visible_cycle(request.user, found.proposal.heading.cycle_id)
    if not (
        found.proposal.is_written_by(request.user)
        or rights.may(request.user, rights.REVIEW_PROPOSALS, cycle.assembly)
        or Split.objects.of_co_sponsor(request.user).filter(pk=found.pk).exists()
    ):
        raise Http404
    return found, cycle


def _split_of_author(request: SignedInRequest, split_id: UUID) -> tuple[Split, Cycle]:
    found, cycle = _split(request, split_id)
    if not found.proposal.is_written_by(request.user):
        raise PermissionDenied(_("Only the author can do this."))
    return found, cycle


def _form(request: SignedInRequest, template: str, proposal: Proposal, cycle: Cycle, form: Form) -> HttpResponse:
    page = page_about(
        cycle,
        proposal=proposal,
        form=form,
        is_mine=proposal.is_written_by(request.user),
        days=ANSWERED_WITHIN.days,
        undo_days=services.UNDONE_WITHIN.days,
    )
    return render(request, template, page, status=422 if form.is_bound else 200)
