# SPDX-License-Identifier: AGPL-3.0-or-later
"""Taking a project off the list before the vote, and off the ballot while people vote."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import fresh_proof
from accounts.requests import SignedInRequest
from assemblies import rights
from proposals import services
from proposals.incident_forms import IncidentForm
from proposals.price_doubts import RIGHT

from .finding import page_about, tell, visible_project


@login_required
@require_POST
def take_off_list(request: SignedInRequest, project_id: UUID) -> HttpResponse:
    """Its price or its words are checked anew; the ballot is drawn up again afterwards."""
    project = visible_project(request.user, project_id)
    cycle = project.heading.cycle
    rights.require(request.user, rights.RUN_CYCLES, cycle.assembly)
    tell(
        request,
        lambda: services.take_off_list(project=project, actor=request.user),
        _("“%(title)s” is off the list. When it has been checked anew, draw up the ballot again.")
        % {"title": project.title},
    )
    return redirect("proposals:manage", cycle.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_incident(request: SignedInRequest, project_id: UUID) -> HttpResponse:
    """What happened and why; every voter hears of it alike."""
    project = visible_project(request.user, project_id)
    cycle = project.heading.cycle
    rights.require(request.user, rights.RUN_CYCLES, cycle.assembly)
    if not fresh_proof.is_there(request, request.user):
        if request.method == "POST":
            fresh_proof.keep_typed(request, request.path, [*IncidentForm.base_fields, RIGHT])
        return fresh_proof.ask(request.path)
    typed = fresh_proof.typed_before(request, request.path)
    form = IncidentForm(request.POST or None, project=project, currency=cycle.currency, initial=typed)
    if not form.is_bound:
        form.keep_tick(typed)
    if form.is_valid() and tell(
        request,
        lambda: services.report_incident(project=project, actor=request.user, **form.cleaned_data),
        _("“%(title)s” is off the ballot. Every voter gets a mail.") % {"title": project.title},
        form=form,
    ):
        fresh_proof.forget_typed(request, request.path)
        return redirect(project)
    page = page_about(cycle, project=project, poll=project.heading.poll, form=form)
    return render(request, "proposals/report_incident.html", page, status=422 if form.is_bound else 200)
