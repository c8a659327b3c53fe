# SPDX-License-Identifier: AGPL-3.0-or-later
"""From an idea to a proposal in the list, one thing per page; the draft is kept from the first page on."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import Request, SignedInRequest
from assemblies import rights
from config.characters import forms_take_nul_out
from proposals import services, unsent
from proposals.cost_examples import cost_examples
from proposals.models import Cycle, Phase, Proposal
from proposals.refusals import CycleRefused
from proposals.similar import similar_to
from proposals.steps import ideas_in, is_changing, step_of
from proposals.submission_forms import ContactForm, CostForm, IdeaForm, StepForm, WhereForm, moved_pin

from .finding import member_of, own_proposal, page_about, visible_cycle


@forms_take_nul_out
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: Request, cycle_id: UUID) -> HttpResponse:
    """A new idea. Who is not signed in may write it, and is asked who they are when they go on."""
    cycle = visible_cycle(request.user, cycle_id)
    if request.user.is_authenticated and not rights.may(request.user, rights.PROPOSE, cycle.assembly):
        if request.method == "POST" or not cycle.assembly.is_public:
            rights.require(request.user, rights.PROPOSE, cycle.assembly)
        return render(request, "proposals/join_first.html", _page(cycle))
    if request.method == "POST" and not request.user.is_authenticated:
        return unsent.to_sign_in(request)
    form = IdeaForm(request.POST or unsent.typed_here(request), cycle=cycle)
    if request.method == "POST" and form.is_valid():
        try:
            proposal = services.draft_proposal(
                author=member_of(request.user, cycle), language=get_language() or "en", **form.written
            )
        except CycleRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(_after_idea(request, proposal, cycle))
    page = {"form": form, "step": step_of("edit", None, request.user)}
    return render(request, "proposals/idea.html", _page(cycle) | page, status=_status(request))


@forms_take_nul_out
@unsent.signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """The idea again, as it was left."""
    proposal, cycle = _draft_of(request, proposal_id)
    if not proposal.is_draft:
        return redirect(proposal)
    form = IdeaForm(_typed(request), cycle=cycle, proposal=proposal)
    if request.method == "POST" and form.is_valid() and _is_kept(form, proposal):
        return redirect(_check(proposal) if is_changing(request) else _after_idea(request, proposal, cycle))
    return _ask(request, proposal, cycle, "edit", "idea", form=form)


@require_GET
def similar_while_typing(request: Request, cycle_id: UUID) -> HttpResponse:
    """The ideas that sound like the name that is being typed: a fragment."""
    cycle = visible_cycle(request.user, cycle_id)
    found = similar_to(cycle, request.GET.get("title", ""))
    return render(request, "proposals/_similar.html", {"similar": found, "cycle": cycle, "while_typing": True})


@unsent.signed_in
@require_GET
def similar(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """The ideas that sound like this one, to join instead."""
    proposal, cycle = _draft_of(request, proposal_id)
    if not proposal.is_draft:
        return redirect(proposal)
    found = similar_to(cycle, proposal.title, proposal.summary)
    return _ask(request, proposal, cycle, "similar", "similar", similar=found)


@forms_take_nul_out
@unsent.signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def where(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """An address, a pin on the map, a district, or the whole town."""
    proposal, cycle = _draft_of(request, proposal_id)
    if not proposal.is_draft:
        return redirect(proposal)
    typed = _typed(request)
    form = WhereForm(typed, cycle=cycle, proposal=proposal)
    pin = moved_pin(request.POST, form.map) if request.method == "POST" and form.map else None
    if pin is not None:  # without scripts: a press on the map or on an arrow asks for the page again, and keeps nothing
        typed = request.POST.copy()
        typed["pin"], typed["where"] = pin, WhereForm.SPOT
        form = WhereForm(None, cycle=cycle, proposal=proposal)
        form.initial.update({name: typed.get(name, "") for name in form.fields})
        return _ask(request, proposal, cycle, "where", "where", status=200, form=form)
    if request.method == "POST" and form.is_valid() and _is_kept(form, proposal):
        return redirect(step_of("where", proposal, request.user, changing=is_changing(request)).on)
    return _ask(request, proposal, cycle, "where", "where", form=form)


@forms_take_nul_out
@unsent.signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def guess(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """What it might cost, with what other things cost beside it."""
    proposal, cycle = _draft_of(request, proposal_id)
    if not proposal.is_draft:
        return redirect(proposal)
    form = CostForm(_typed(request), cycle=cycle, proposal=proposal)
    if request.method == "POST" and form.is_valid() and _is_kept(form, proposal):
        return redirect(step_of("guess", proposal, request.user, changing=is_changing(request)).on)
    return _ask(request, proposal, cycle, "guess", "guess", form=form, examples=cost_examples(cycle, proposal.category))


@forms_take_nul_out
@unsent.signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """The name that stands with the proposal, where the person has given none yet."""
    proposal, cycle = _draft_of(request, proposal_id)
    if not proposal.is_draft:
        return redirect(proposal)
    if request.user.name:
        return redirect(_check(proposal))
    form = ContactForm(_typed(request))
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["name"]:
            request.user.name = form.cleaned_data["name"]
            request.user.save(update_fields=["name"])
        return redirect(_check(proposal))
    return _ask(request, proposal, cycle, "contact", "contact", form=form)


@unsent.signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """Everything that was written, once more; sending it is the second step."""
    proposal, cycle = _draft_of(request, proposal_id)
    if not proposal.is_draft:
        return redirect("proposals:sent" if proposal.state == Proposal.State.SUBMITTED else proposal, proposal.pk)
    refusal = ""
    if request.method == "POST":
        rights.require(request.user, rights.PROPOSE, cycle.assembly)
        try:
            services.submit_proposal(proposal=proposal, read_again="read_again" in request.POST)
        except CycleRefused as refused:
            refusal = str(refused)
        else:
            return redirect("proposals:sent", proposal.pk)
    return _ask(
        request,
        proposal,
        cycle,
        "check",
        "check",
        status=422 if refusal else 200,
        refusal=refusal,
        is_expired=proposal.is_expired(),
        photos=proposal.photos.all(),
    )


@unsent.signed_in
@require_GET
def sent(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """The proposal is in: its reference, and what happens next."""
    proposal, cycle = _draft_of(request, proposal_id)
    if proposal.is_draft:
        return redirect(_check(proposal))
    checking = next((one for kind in ("reviewing", "valuating") if (one := cycle.phase_of(kind))), None)
    page = {"proposal": proposal, "checking": checking, "vote": cycle.phase_of(Phase.Kind.BALLOTING)}
    return render(request, "proposals/sent.html", _page(cycle) | page)


@unsent.signed_in
@require_POST
def discard(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """The draft is thrown away, for good."""
    proposal, cycle = _draft_of(request, proposal_id)
    try:
        services.discard_draft(proposal=proposal)
    except CycleRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(proposal)
    messages.success(request, _("Your draft is gone."))
    return redirect(cycle)


def _draft_of(request: SignedInRequest, proposal_id: UUID) -> tuple[Proposal, Cycle]:
    proposal = own_proposal(request.user, proposal_id)
    return proposal, visible_cycle(request.user, proposal.heading.cycle_id)


def _typed(request: Request) -> Any:
    """What is in the form: what was sent now, or what was sent when nobody was signed in any more."""
    return request.POST if request.method == "POST" else unsent.typed_here(request)


def _is_kept(form: StepForm, proposal: Proposal) -> bool:
    """Whether the draft says this now; what stands in the way is said on the form."""
    try:
        services.edit_draft(proposal=proposal, **form.written)
    except CycleRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _after_idea(request: Request, proposal: Proposal, cycle: Cycle) -> str:
    """To the ideas that sound alike, or past them where there are none."""
    alike = similar_to(cycle, proposal.title, proposal.summary)
    return step_of("edit" if alike else "similar", proposal, request.user).on


def _check(proposal: Proposal) -> str:
    return reverse("proposals:check", args=[proposal.pk])


def _ask(
    request: Request, proposal: Proposal, cycle: Cycle, name: str, template: str, *, status: int = 0, **more: Any
) -> HttpResponse:
    """The page of this step."""
    changing = is_changing(request)
    page = {
        "proposal": proposal,
        "step": step_of(name, proposal, request.user, changing=changing),
        "changing": changing,
    }
    return render(request, f"proposals/{template}.html", _page(cycle) | page | more, status=status or _status(request))


def _status(request: Request) -> int:
    return 422 if request.method == "POST" else 200


def _page(cycle: Cycle) -> dict[str, Any]:
    return page_about(cycle, **ideas_in(cycle))
