# SPDX-License-Identifier: AGPL-3.0-or-later
"""A budget of the past as a `.pb` file: sent, looked at, brought in, taken back."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.requests import SignedInRequest
from assemblies import rights
from assemblies.models import Assembly
from jobs.worker import is_any_alive
from proposals import services
from proposals.budget_files import LARGEST_FILE, begin_budget_import, refusal_in_words, send_budget_file
from proposals.forms import TakeBackForm, UploadField
from proposals.models import BudgetImport, Cycle
from proposals.pb_import import ImportedBefore
from proposals.pb_preview import repair_in_words
from proposals.pb_refusals import ImportRefused
from voting.rules_in_words import RULE_NAMES

from .cycles import desk_page
from .finding import SECTION, tell, visible_assembly, visible_cycle


class BudgetFileForm(forms.Form):
    file = UploadField(label=gettext_lazy("A file in the .pb form"), largest=LARGEST_FILE, accept=".pb")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def budget_file(request: SignedInRequest, slug: str) -> HttpResponse:
    """A file is read and shown; nothing comes in by sending it."""
    assembly = visible_assembly(request.user, slug)
    rights.require(request.user, rights.RUN_CYCLES, assembly)
    form = BudgetFileForm(request.POST, request.FILES) if request.method == "POST" else BudgetFileForm()
    there: Cycle | None = None
    importer = rights.membership_of(request.user, assembly)
    if form.is_valid() and importer is not None:
        file = form.cleaned_data["file"]
        try:
            batch = send_budget_file(assembly=assembly, importer=importer, name=file.name, data=file.read())
        except ImportedBefore as refusal:
            form.add_error("file", str(refusal))
            there = Cycle.objects.visible_to(request.user).filter(pk=refusal.cycle.pk).first()
        except ImportRefused as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect(batch)
    left_lying = BudgetImport.objects.filter(assembly=assembly, cycle=None).select_related("importer__user")
    page = {
        "section": SECTION,
        "assembly": assembly,
        "form": form,
        "there": there,
        "waiting": left_lying.defer("text", "facts"),
    }
    return render(request, "proposals/budget_file.html", page, status=422 if form.is_bound else 200)


@login_required
@require_GET
def budget_import(request: SignedInRequest, import_id: UUID) -> HttpResponse:
    """What would come in, and who would win; a dry run that writes nothing. Once it is in, its results."""
    batch = _found(request, import_id)
    if batch.cycle is not None:
        if batch.cycle.is_published:
            messages.success(request, _("The budget is in. Everybody who may see this assembly can read its results."))
        there = reverse("proposals:results", args=[batch.cycle.pk])
        return HttpResponseClientRedirect(there) if request.htmx else redirect(there)
    state = _state(batch)
    if request.htmx and request.GET.get("seen") == state:
        return HttpResponse(status=204)  # nothing is swapped, so nothing is spoken again every two seconds
    return render(request, "proposals/budget_import.html", _page(request, batch, state))


@login_required
@require_POST
def bring_in(request: SignedInRequest, import_id: UUID) -> HttpResponse:
    """The worker brings it in, for a large file takes its time to be counted."""
    batch = _found(request, import_id)
    actor = rights.membership_of(request.user, batch.assembly)
    if actor is None:
        raise PermissionDenied
    try:
        begin_budget_import(batch=batch, actor=actor)
    except ImportRefused as refusal:
        if batch.cycle is None:
            messages.error(request, str(refusal))
    return redirect(batch)


@login_required
@require_POST
def take_back(request: SignedInRequest, cycle_id: UUID) -> HttpResponse:
    """Only who runs or audits budgets sees it from then on; what was counted stays stored."""
    cycle = visible_cycle(request.user, cycle_id)
    rights.require(request.user, rights.RUN_CYCLES, cycle.assembly)
    form = TakeBackForm(request.POST)
    if form.is_valid() and tell(
        request,
        lambda: services.take_back_budget(cycle=cycle, actor=request.user, **form.cleaned_data),
        _("The budget is taken back. Only those who run budgets and auditors still see it."),
        form=form,
    ):
        return redirect("proposals:manage", cycle.pk)
    return render(request, "proposals/manage.html", desk_page(request, cycle, take_back_form=form), status=422)


def _found(request: SignedInRequest, import_id: UUID) -> BudgetImport:
    visible = BudgetImport.objects.filter(assembly__in=Assembly.objects.visible_to(request.user))
    batch = get_object_or_404(visible.select_related("assembly", "cycle"), pk=import_id)
    rights.require(request.user, rights.RUN_CYCLES, batch.assembly)
    return batch


def _state(batch: BudgetImport) -> str:
    """Where the file stands, in the one word that its page turns on."""
    if batch.refusal:
        return "refused"
    if not batch.is_waiting:
        return "counted"
    if not is_any_alive():
        return "stopped"  # also when it is late: sending it again would only make it wait again
    if batch.is_late:
        return "late"
    return "begun" if batch.begun_at else "counting"


def _page(request: SignedInRequest, batch: BudgetImport, state: str) -> dict[str, Any]:
    facts, counted = batch.facts, batch.counted or {}
    winners, official = dict(counted.get("winners", [])), dict(facts["official"])
    return {
        "section": SECTION,
        "assembly": batch.assembly,
        "batch": batch,
        "state": state,
        "refusal": refusal_in_words(batch),
        "is_followed": state in ("counting", "begun", "stopped"),
        "may_draw_map": rights.may(request.user, rights.MANAGE_ASSEMBLY, batch.assembly),
        "facts": facts,
        "rule_name": RULE_NAMES.get(facts["rule"], facts["rule"]),
        "repairs": [repair_in_words(*repair) for repair in facts["repairs"]],
        "is_foreign_money": facts["currency"] not in (batch.assembly.currency, "XXX"),
        "winners": list(winners.values()),
        "spent": counted.get("spent"),
        "official": official,
        "both": len(winners.keys() & official.keys()),
        "only_ours": [name for key, name in winners.items() if key not in official],
        "only_official": [name for key, name in official.items() if key not in winners],
    }
