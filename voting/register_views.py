# SPDX-License-Identifier: AGPL-3.0-or-later
"""The register of a poll, for who runs it: who is in, voter codes, and people who come later."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import fresh_proof
from accounts.requests import SignedInRequest

from . import code_sheets, services
from .assembly_polls import KIND as OF_THE_ASSEMBLY
from .desk_views import poll_run_by
from .models import NOT_OPENED, CodeBatch, Electorate, LateAdmission, Poll, PollState
from .owners import owner_of, scopes_of
from .register_forms import CardForm, CodesForm, RegisterForm, ShareForm
from .services import credentials

NAMES_ON_A_PAGE = 25
LATE_COMERS_SHOWN = 12


@login_required
@require_GET
@never_cache
def register(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """Who is in the register, or would be if the poll opened now."""
    poll = poll_run_by(request, poll_id, "open")
    page, typed = _page(request, poll), fresh_proof.typed_before(request, request.path)
    fresh_proof.forget_typed(request, request.path)  # said once: whatever else is done here comes back to this page
    if "card_of" in typed:
        page["card_batch"] = page["batches"].filter(pk=typed["card_of"]).first()
        page["card_form"] = CardForm(initial=typed)
    else:
        page["codes_form"].initial.update(typed)
    return render(request, "voting/register.html", page)


@login_required
@require_POST
def change_register(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """Who may vote is settled, until the poll opens."""
    poll = poll_run_by(request, poll_id, "open")
    form = RegisterForm(request.POST, poll=poll)
    if not form.is_valid():
        return render(request, "voting/register.html", _page(request, poll, register_form=form), status=422)
    try:
        services.prepare_register(poll=poll, **_as_models_have_it(form.cleaned_data))
    except services.PollRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Saved."))
    return redirect("voting:register", poll.pk)


@login_required
@require_POST
def share_register(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """Two votes, or one more, have the same voters, and each votes in at most so many of them."""
    poll = poll_run_by(request, poll_id, "open")
    _require_assemblys_own(poll)
    form = ShareForm(request.POST, poll=poll)
    if form.is_valid():
        try:
            services.share_register(
                polls=_together(poll, form.cleaned_data["other"]), max_polls=form.cleaned_data["max_polls"]
            )
        except services.PollRefused as refusal:
            form.add_error("max_polls", str(refusal))
        else:
            messages.success(request, _("Saved. These votes have the same voters now."))
            return redirect("voting:register", poll.pk)
    return render(request, "voting/register.html", _page(request, poll, share_form=form), status=422)


@login_required
@require_POST
def stop_sharing(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """The vote has a register of its own again."""
    poll = poll_run_by(request, poll_id, "open")
    _require_assemblys_own(poll)
    try:
        services.stop_sharing(poll=poll)
    except services.PollRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Saved. This vote has voters of its own again."))
    return redirect("voting:register", poll.pk)


def _require_assemblys_own(poll: Poll) -> None:
    if poll.owner_kind != OF_THE_ASSEMBLY:  # a meeting and a budget know their voters
        raise PermissionDenied(_("This vote belongs to a meeting or a budget, which knows its voters."))


def _together(*polls: Poll) -> list[Poll]:
    """These polls and all with which they share a register already; the first one's voters are everybody's."""
    found = list(polls)
    for poll in polls:
        if poll.register is not None and poll.register.max_polls is not None:
            found += [other for other in poll.register.polls.exclude(pk=poll.pk) if other not in found]
    return found


@login_required
@require_POST
@never_cache
def make_codes(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """The sheet to print, once: this answer is the only place where the codes can be read."""
    poll = poll_run_by(request, poll_id, "open")
    form = CodesForm(request.POST)
    if not form.is_valid():
        return render(request, "voting/register.html", _page(request, poll, codes_form=form), status=422)
    entered = form.cleaned_data
    typed = {name: entered[name] for name in ("label", "size", "counts_once_entered")}
    if asked := _asked_for_proof(request, poll, typed):
        return asked
    try:
        batch, printed = credentials.make_codes(
            poll=poll,
            batch_id=entered["batch"],
            actor=request.user,
            **typed,
        )
    except credentials.CodeRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("voting:register", poll.pk)
    context = {
        "assembly": poll.assembly,
        "poll": poll,
        "batch": batch,
        "cards": code_sheets.cards(printed),
        "short_address": code_sheets.short_address(),
    }
    return render(request, "voting/code_sheet.html", context)


@login_required
@require_POST
def revoke_codes(request: SignedInRequest, poll_id: UUID, batch_id: UUID) -> HttpResponse:
    """The codes of this batch open nothing any more."""
    poll = poll_run_by(request, poll_id, "open")
    batch = get_object_or_404(CodeBatch, pk=batch_id, scope__in=scopes_of(poll))
    if asked := _asked_for_proof(request, poll):
        return asked
    try:
        credentials.revoke_codes(batch=batch, actor=request.user)
    except credentials.CodeRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("These codes open nothing any more. Ballots that are in stay counted."))
    return redirect("voting:register", poll.pk)


@login_required
@require_POST
def revoke_card(request: SignedInRequest, poll_id: UUID, batch_id: UUID) -> HttpResponse:
    """One code of this batch opens nothing any more: somebody lost their card."""
    poll = poll_run_by(request, poll_id, "open")
    batch = get_object_or_404(CodeBatch, pk=batch_id, scope__in=scopes_of(poll))
    form = CardForm(request.POST)
    if form.is_valid():
        typed = {"card_of": str(batch.pk), "number": form.cleaned_data["number"]}
        if asked := _asked_for_proof(request, poll, typed):
            return asked
        try:
            credentials.revoke_card(batch=batch, number=form.cleaned_data["number"], actor=request.user)
        except credentials.CodeRefused as refusal:
            form.add_error("number", str(refusal))
        else:
            messages.success(request, _("This card opens nothing any more. A ballot that is in stays counted."))
            return redirect("voting:register", poll.pk)
    page = {**_page(request, poll, card_form=form), "card_batch": batch}
    return render(request, "voting/register.html", page, status=422)


@login_required
@require_POST
def admit_late(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """Everybody who is there now and not in the register may vote as well."""
    poll = poll_run_by(request, poll_id, "open")
    if asked := _asked_for_proof(request, poll):
        return asked
    try:
        added = services.admit_late(poll=poll, lines=services.late_comers(poll), actor=request.user)
    except services.PollRefused as refusal:
        messages.error(request, str(refusal))
    else:
        said = ngettext("%(count)d person was added.", "%(count)d people were added.", added) % {"count": added}
        messages.success(request, said)
    return redirect("voting:register", poll.pk)


def _asked_for_proof(request: SignedInRequest, poll: Poll, typed: dict[str, Any] | None = None) -> HttpResponse | None:
    """To the proof and back to the register, with what was typed; None for who has just proved who they are."""
    page = reverse("voting:register", args=[poll.pk])
    if not fresh_proof.is_there(request, request.user, for_one_act=poll.is_secret):
        fresh_proof.keep_typed(request, page, ready=typed)
        return fresh_proof.ask(page)
    fresh_proof.forget_typed(request, page)
    if poll.is_secret:
        fresh_proof.use_up(request)
    return None


def _page(request: SignedInRequest, poll: Poll, **forms_with_errors: Form) -> dict[str, Any]:
    is_fixed = poll.register is not None and poll.register.frozen_at is not None
    scopes = scopes_of(poll)
    entered = Count("credentials", filter=Q(credentials__entry__isnull=False))
    revoked = Count("credentials", filter=Q(credentials__revoked_at__isnull=False))
    late = services.late_comers(poll)
    why_fixed = credentials.why_fixed(poll.assembly_id)
    page = {
        "assembly": poll.assembly,
        "poll": poll,
        "back_url": owner_of(poll).url(poll),
        "is_fixed": is_fixed,
        "is_over": poll.state not in (*NOT_OPENED, PollState.OPEN),
        "batches": CodeBatch.objects.filter(scope__in=scopes).annotate(entered=entered, revoked=revoked),
        "card_form": CardForm(),
        "codes_fixed": why_fixed.get(scopes[0], ""),  # of new ones, which are made for the first
        "scopes_fixed": why_fixed,
        "register_form": None if is_fixed else RegisterForm(poll=poll),
        "sharing": _sharing(poll),
        "share_form": None if is_fixed or poll.owner_kind != OF_THE_ASSEMBLY else ShareForm(poll=poll),
        "codes_form": CodesForm(initial={"batch": uuid4(), "counts_once_entered": bool(poll.lane)}),
        "late": late,
        "late_shown": late[:LATE_COMERS_SHOWN],
        "more_late": max(0, len(late) - LATE_COMERS_SHOWN),
        **_who(request, poll, is_fixed=is_fixed),
        **forms_with_errors,
    }
    wrong = next(iter(forms_with_errors.values()), None)
    return {**page, "form": wrong}  # the title of the page says so when something is wrong


def _sharing(poll: Poll) -> list[Poll]:
    """The other votes with the same register."""
    if poll.register is None or poll.register.max_polls is None:
        return []
    return list(poll.register.polls.exclude(pk=poll.pk))


def _who(request: SignedInRequest, poll: Poll, *, is_fixed: bool) -> dict[str, Any]:
    """Counts, and the members by name, a page at a time."""
    if is_fixed and poll.register is not None:
        lines = poll.register.lines.all()
        counts = lines.aggregate(
            total=Count("pk"),
            members=Count("membership"),
            codes=Count("credential"),
            late=Count("pk", filter=Q(late=True)),
            paper=Count("pk", filter=Q(paper_issued=True)),
        )
        named: Any = (
            lines.exclude(membership=None)
            .select_related("membership__user", "membership__district", "proxy__user")
            .order_by("membership__user__name", "pk")
        )
    else:
        now = services.voters_now(poll)
        named = sorted((line for line in now if line.membership), key=lambda line: str(line.membership.user).casefold())
        codes = sum(line.credential is not None for line in now)
        counts = {"total": len(now), "members": len(named), "codes": codes, "late": 0, "paper": 0}
    counts["neither"] = counts["total"] - counts["members"] - counts["codes"]
    return {"counts": counts, "page": Paginator(named, NAMES_ON_A_PAGE).get_page(request.GET.get("page"))}


def _as_models_have_it(entered: dict[str, Any]) -> dict[str, Any]:
    """What was chosen, in the types that the service takes; what was not asked keeps its default."""
    kinds: dict[str, Any] = {"electorate": Electorate, "late_admission": LateAdmission}
    return {name: kinds[name](value) if name in kinds else value for name, value in entered.items()}
