# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which rule counts: tried on the past by everybody, chosen and locked by who runs the budget."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import Request, SignedInRequest
from assemblies import rights
from proposals import services, workbench
from proposals.models import Cycle
from proposals.pb_bounds import has_tried_many
from proposals.refusals import CycleRefused
from proposals.rule_forms import ConditionsForm, FileForm, LockForm, PastForm
from voting.models import NOT_OPENED
from voting.rules_in_words import RULE_NAMES, RULES_IN_WORDS

from .finding import page_about, tell, visible_cycle, visible_heading


@require_GET
def rules(request: Request, cycle_id: UUID) -> HttpResponse:
    """How this budget is counted, and what other rules would have done with ballots of the past."""
    cycle = visible_cycle(request.user, cycle_id)
    polls = workbench.past_polls(cycle.assembly, request.user)
    form = PastForm(request.GET or None, polls=polls)
    chosen = form.cleaned_data["poll"] if form.is_valid() else None
    comparison = workbench.compare(workbench.past_of(chosen)) if chosen else None
    return render(request, "proposals/rules.html", _page(request, cycle, form, comparison=comparison))


@login_required
@require_POST
def try_file(request: SignedInRequest, cycle_id: UUID) -> HttpResponse:
    """The same for a file; it is counted in this request and not kept."""
    cycle = visible_cycle(request.user, cycle_id)
    form, comparison = FileForm(request.POST, request.FILES), None
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            if has_tried_many(request.user):
                raise CycleRefused(_("You have tried many files. Come back in an hour."))
            past = workbench.past_in_file(file.read(), name=file.name[-80:], currency=cycle.currency)
            comparison = workbench.compare(past)
        except CycleRefused as refusal:
            form.add_error("file", str(refusal))
    polls = PastForm(polls=workbench.past_polls(cycle.assembly, request.user))
    page = _page(request, cycle, polls, file_form=form, comparison=comparison)
    return render(request, "proposals/rules.html", page, status=200 if comparison else 422)


@login_required
@require_POST
def lock_rule(request: SignedInRequest, cycle_id: UUID) -> HttpResponse:
    """From now on nobody changes how the ballots are counted."""
    cycle = visible_cycle(request.user, cycle_id)
    rights.require(request.user, rights.RUN_CYCLES, cycle.assembly)
    form = LockForm(request.POST, cycle=cycle)
    if form.is_valid():
        tell(
            request,
            lambda: services.lock_rule(cycle=cycle, actor=request.user, **form.cleaned_data),
            _("The rule is locked. Its number is on the page of the budget."),
        )
        return redirect("proposals:rules", cycle.pk)
    polls = PastForm(polls=workbench.past_polls(cycle.assembly, request.user))
    return render(request, "proposals/rules.html", _page(request, cycle, polls, lock_form=form), status=422)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def conditions(request: SignedInRequest, heading_id: UUID) -> HttpResponse:
    """What must hold for a project of this pot to win, besides its votes."""
    heading = visible_heading(request.user, heading_id)
    cycle = heading.cycle
    rights.require(request.user, rights.RUN_CYCLES, cycle.assembly)
    form = ConditionsForm(request.POST or None, heading=heading)
    if form.is_valid() and tell(
        request,
        lambda: services.set_conditions(heading=heading, actor=request.user, **form.conditions),
        _("The conditions are saved. Draw up the ballot with them."),
        form=form,
    ):
        return redirect("proposals:manage", cycle.pk)
    page = page_about(cycle, heading=heading, projects=heading.projects.all(), form=form)
    return render(request, "proposals/conditions.html", page, status=422 if form.errors else 200)


def _page(request: Request, cycle: Cycle, past_form: PastForm, **more: Any) -> dict[str, Any]:
    may_lock = cycle.rule_locked_at is None and rights.may(request.user, rights.RUN_CYCLES, cycle.assembly)
    is_opened = any(heading.poll and heading.poll.state not in NOT_OPENED for heading in cycle.headings.all())
    page = page_about(
        cycle,
        rule_name=RULE_NAMES.get(cycle.rule, cycle.rule),
        rule_in_words=RULES_IN_WORDS.get(cycle.rule, ""),
        past_form=past_form,
        is_opened=is_opened,
        file_form=FileForm(),
        lock_form=LockForm(cycle=cycle) if may_lock and not is_opened else None,
    )
    return page | more
