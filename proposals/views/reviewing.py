# SPDX-License-Identifier: AGPL-3.0-or-later
"""The officials' desk: what waits and who checks it, and one proposal with its estimates, notes and answer."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import SignedInRequest
from assemblies import rights
from proposals import services
from proposals.answering import answering_of, checklist_for
from proposals.desk_forms import AnswerForm, AssignForm, ConflictForm, DeskFilter, NoteForm, SendBackForm
from proposals.joined import waits_for_authors
from proposals.models import Cycle, DeskAct, Estimate, Proposal, rule_of
from proposals.paging import page_of_keys
from proposals.services.desk import CAN_BE_UNDONE_FOR
from proposals.triage import OPEN_STAGES, at_desk, board, entry_of, filtered, for_rows, numbers_of

from .finding import member_of, page_about, proposal_at_desk, tell, visible_cycle

ON_A_PAGE = 25
SMALL_FORMS: dict[str, type[Form]] = {
    "note_form": NoteForm,
    "conflict_form": ConflictForm,
    "send_back_form": SendBackForm,
}  # beside the answer, on the page of one proposal


@login_required
@require_GET
def desk(request: SignedInRequest, cycle_id: UUID) -> HttpResponse:
    """What waits for a check, the oldest first, as a table or as a board."""
    cycle = visible_cycle(request.user, cycle_id)
    rights.require(request.user, rights.REVIEW_PROPOSALS, cycle.assembly)
    return _show_desk(request, cycle)


def _show_desk(request: SignedInRequest, cycle: Cycle, *, form: Form | None = None) -> HttpResponse:
    rule, now = rule_of(cycle), timezone.now()
    filter_form = DeskFilter(request.GET or {"stage": "open"}, assembly=cycle.assembly)
    undoable = cycle.desk_acts.filter(undone_at=None, made_at__gt=now - CAN_BE_UNDONE_FOR)
    page = page_about(
        cycle,
        rule=rule,
        filter=filter_form,
        is_board=request.GET.get("view") == "board",
        chosen=set(request.POST.getlist("proposals")),
        form=form or AssignForm(assembly=cycle.assembly),
        is_on=cycle.is_in(*services.REVIEW_PHASES),
        suggested=waits_for_authors(cycle),
        acts=undoable.select_related("actor__user")[:5],
    )
    if page["is_board"]:
        chosen = {name: value for name, value in filter_form.chosen.items() if name != "stage"}
        page["columns"] = board(cycle, rule, chosen)
    else:
        everything = at_desk(cycle, rule)
        numbers = numbers_of(everything)
        found = filtered(everything, filter_form.chosen, rule, now).order_by("waiting_since", "pk")
        page["page"] = rows = page_of_keys(found, ON_A_PAGE, request.GET.get("page"))
        shown = for_rows(everything).in_bulk(list(rows.object_list))
        page["entries"] = [entry_of(shown[key], rule, now) for key in rows.object_list if key in shown]
        page["waiting"] = sum(number for stage, number in numbers.items() if stage in OPEN_STAGES)
    return render(request, "proposals/desk.html", page, status=422 if form else 200)


@login_required
@require_POST
def assign(request: SignedInRequest, cycle_id: UUID) -> HttpResponse:
    """Evaluators for many proposals at once."""
    cycle = visible_cycle(request.user, cycle_id)
    rights.require(request.user, rights.REVIEW_PROPOSALS, cycle.assembly)
    form = AssignForm(request.POST, assembly=cycle.assembly)
    if form.is_valid():
        actor, who = member_of(request.user, cycle), form.cleaned_data["who"]
        chosen = [pk for text in request.POST.getlist("proposals") if (pk := _uuid(text)) is not None]
        act: Callable[..., object] = services.unassign_proposals
        if who != AssignForm.NOBODY:
            evaluator = form.cleaned_data["evaluator"] if who == AssignForm.HAND else None
            act = partial(services.assign_proposals, evaluator=evaluator)
        if tell(
            request,
            lambda: act(cycle=cycle, proposals=chosen, actor=actor),
            _("Done. You can undo it below for 24 hours."),
            form=form,
        ):
            return redirect("proposals:desk", cycle.pk)
    return _show_desk(request, cycle, form=form)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@login_required
@require_POST
def undo_desk_act(request: SignedInRequest, act_id: UUID) -> HttpResponse:
    act = get_object_or_404(DeskAct.objects.filter(cycle__in=Cycle.objects.visible_to(request.user)), pk=act_id)
    cycle = visible_cycle(request.user, act.cycle_id)
    rights.require(request.user, rights.REVIEW_PROPOSALS, cycle.assembly)
    actor = member_of(request.user, cycle)
    tell(request, lambda: services.undo_desk_act(act=act, actor=actor), _("Undone. It is as it was before."))
    return redirect("proposals:desk", cycle.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """One proposal with everything that colleagues noted, and the form for the answer."""
    proposal, cycle = proposal_at_desk(request.user, proposal_id)
    form = _answer_form(cycle, proposal, request.POST)
    if "insert" in request.POST:
        return _show(request, proposal, cycle, form=_with_reply(request, cycle, proposal))
    if form.is_valid():
        evaluator = member_of(request.user, cycle)
        act: Callable[..., object] = services.review_proposal
        done = _("Your answer to “%(title)s” is public now.")
        if rule_of(cycle).needs_second_person:
            act = partial(services.give_estimate, checked=form.lines_checked)
            done = _("Your estimate for “%(title)s” is kept. A second person goes on.")
        if tell(
            request,
            lambda: act(proposal=proposal, evaluator=evaluator, **form.answer),
            done % {"title": proposal.title},
            form=form,
        ):
            return redirect("proposals:desk", cycle.pk)
    return _show(request, proposal, cycle, form=form)


@login_required
@require_POST
def write_note(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    return _small_act(
        request,
        proposal_id,
        "note_form",
        lambda proposal, member, typed: services.write_note(proposal=proposal, author=member, **typed),
        _("Your colleagues can read it."),
    )


@login_required
@require_POST
def declare_conflict(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    return _small_act(
        request,
        proposal_id,
        "conflict_form",
        lambda proposal, member, typed: services.declare_conflict(proposal=proposal, evaluator=member, **typed),
        _("Somebody else checks this proposal."),
    )


@login_required
@require_POST
def send_back(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    return _small_act(
        request,
        proposal_id,
        "send_back_form",
        lambda proposal, member, typed: services.send_back(proposal=proposal, signer=member, **typed),
        _("It is checked again."),
    )


@login_required
@require_POST
def sign_answer(request: SignedInRequest, estimate_id: UUID) -> HttpResponse:
    """The estimate becomes the public answer."""
    visible = Proposal.objects.visible_to(request.user)
    estimate = get_object_or_404(Estimate.objects.filter(proposal__in=visible), pk=estimate_id)
    proposal, cycle = proposal_at_desk(request.user, estimate.proposal_id)
    signer = member_of(request.user, cycle)
    signed = tell(
        request,
        lambda: services.sign_answer(estimate=estimate, signer=signer),
        _("The answer to “%(title)s” is public now.") % {"title": proposal.title},
    )
    return redirect("proposals:desk", cycle.pk) if signed else redirect("proposals:review", proposal.pk)


def _answer_form(cycle: Cycle, proposal: Proposal, typed: QueryDict | None) -> AnswerForm:
    return AnswerForm(
        typed or None,
        proposal=proposal,
        currency=cycle.currency,
        assembly=cycle.assembly,
        checklist=checklist_for(proposal, cycle),
    )


def _with_reply(request: SignedInRequest, cycle: Cycle, proposal: Proposal) -> AnswerForm:
    """The form as it was typed, with the chosen words below the reason; nothing is checked or stored yet."""
    data = request.POST.copy()
    asked = _answer_form(cycle, proposal, request.POST)
    asked.is_valid()
    if reply := asked.cleaned_data.get("reply"):
        data["public_reason"] = f"{data.get('public_reason', '').rstrip()}\n\n{reply.text}".strip()
    filled = _answer_form(cycle, proposal, data)
    filled.initial = {name: data.getlist(name) if name == "checked" else data.get(name) for name in filled.fields}
    filled.is_bound = False
    filled.keep_tick(request.POST)
    return filled


def _show(
    request: SignedInRequest, proposal: Proposal, cycle: Cycle, *, form: Form | None = None, **forms: Form
) -> HttpResponse:
    page = page_about(
        cycle,
        proposal=proposal,
        reviews=proposal.reviews.select_related("evaluator__user", "signed_by__user", "appeal__decided_by__user"),
        answering=answering_of(proposal, cycle, request.user),
        form=form or _answer_form(cycle, proposal, None),
    )
    page |= {name: empty() for name, empty in SMALL_FORMS.items()} | forms
    refused = any(isinstance(found, Form) and found.is_bound for found in page.values())
    return render(request, "proposals/review.html", page, status=422 if refused else 200)


def _small_act(
    request: SignedInRequest,
    proposal_id: UUID,
    name: str,
    act: Callable[[Proposal, Any, dict[str, Any]], object],
    done: str,
) -> HttpResponse:
    """Done and back to the page of the proposal at the desk; a refused text is kept where it was typed."""
    proposal, cycle = proposal_at_desk(request.user, proposal_id)
    form = SMALL_FORMS[name](request.POST)
    if form.is_valid() and tell(
        request, lambda: act(proposal, member_of(request.user, cycle), form.cleaned_data), done, form=form
    ):
        return redirect("proposals:review", proposal.pk)
    return _show(request, proposal, cycle, **{name: form})
