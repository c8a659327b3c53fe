# SPDX-License-Identifier: AGPL-3.0-or-later
"""What became of what was decided: dates and money, project by project."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.mails import site_address
from accounts.requests import Request, SignedInRequest
from assemblies import rights
from assemblies.models import Viewer
from proposals import services
from proposals.decided import decided_by
from proposals.forms import MilestoneForm, SpendingForm, StatusForm
from proposals.history import history_of
from proposals.models import Project
from proposals.money_trail import trail_of, trails_of
from proposals.share_card import HEIGHT, WIDTH, share_card
from proposals.submission_forms import PhotoForm
from proposals.timeline import results_are_published

from .finding import SECTION, page_about, tell, visible_assembly, visible_cycle, visible_project


@require_GET
def delivery(request: Request, cycle_id: UUID) -> HttpResponse:
    """Every funded project with its state and its money."""
    cycle = visible_cycle(request.user, cycle_id)
    projects = Project.objects.funded().filter(heading__cycle=cycle).select_related("award", "district")
    page = page_about(
        cycle,
        rows=trails_of(projects.prefetch_related("spendings", "milestones")),
        is_published=results_are_published(cycle),
    )
    return render(request, "proposals/delivery.html", page)


@require_GET
def decided(request: Request, slug: str) -> HttpResponse:
    """Everything that the assembly's budgets ever funded, and what became of it."""
    assembly = visible_assembly(request.user, slug)
    page = {"section": SECTION, "assembly": assembly, "decided": decided_by(assembly, request.user)}
    return render(request, "proposals/decided.html", page)


@require_GET
def project(request: Request, project_id: UUID) -> HttpResponse:
    """One project from the ballot to the ribbon."""
    project = visible_project(request.user, project_id)
    return render(request, "proposals/project.html", project_page(project, request.user))


@require_GET
def card(request: Request, project_id: UUID) -> HttpResponse:
    """The picture of a funded project for wherever its link is shared; others have none."""
    project = visible_project(request.user, project_id)
    if not project.is_funded:
        raise Http404
    cycle = project.heading.cycle
    said = f"{project.title} {project.status} {project.award.amount} {cycle.title} {cycle.assembly.name}"
    print_of_it = sha256(f"{said} {cycle.assembly.language}".encode()).hexdigest()
    png = cache.get_or_set(f"share-card-{print_of_it}", lambda: share_card(project), timeout=3600)
    kept = "public, max-age=3600" if cycle.is_published and cycle.assembly.is_public else "private, no-store"
    return HttpResponse(png, content_type="image/png", headers={"Cache-Control": kept})


def project_page(project: Project, user: Viewer, **bound: forms.Form) -> dict[str, Any]:
    cycle = project.heading.cycle
    page = page_about(
        cycle,
        project=project,
        trail=trail_of(project) if project.is_funded else None,
        poll=project.heading.poll,
        may_take_off=not hasattr(project, "incident") and rights.may(user, rights.RUN_CYCLES, cycle.assembly),
        card=_card(project) if project.is_funded and cycle.is_published and cycle.assembly.is_public else None,
        photos=project.photos.all(),
        history=history_of(project) if project.is_funded else [],
    )
    if project.is_funded and rights.may(user, rights.RUN_CYCLES, cycle.assembly):
        page |= {
            "milestone_form": MilestoneForm(),
            "spending_form": SpendingForm(currency=cycle.currency),
            "status_form": StatusForm(initial={"status": project.status, "ready_on": project.ready_on}),
            "photo_form": PhotoForm(),
            "may_run": True,
        }
    return page | bound | ({"form": next(iter(bound.values()))} if bound else {})


def _card(project: Project) -> dict[str, object]:
    """What a page that is shared says about itself, with addresses that are good from outside."""
    site = site_address()
    return {
        "page": site + project.get_absolute_url(),
        "image": site + reverse("proposals:card", args=[project.pk]),
        "width": WIDTH,
        "height": HEIGHT,
    }


@login_required
@require_POST
def record_milestone(request: SignedInRequest, project_id: UUID) -> HttpResponse:
    return _record(
        request, project_id, "milestone_form", lambda project: MilestoneForm(request.POST), services.record_milestone
    )


@login_required
@require_POST
def record_spending(request: SignedInRequest, project_id: UUID) -> HttpResponse:
    return _record(
        request,
        project_id,
        "spending_form",
        lambda project: SpendingForm(request.POST, currency=project.heading.cycle.currency),
        services.record_spending,
    )


@login_required
@require_POST
def set_status(request: SignedInRequest, project_id: UUID) -> HttpResponse:
    return _record(request, project_id, "status_form", lambda project: StatusForm(request.POST), services.set_status)


def _record(
    request: SignedInRequest,
    project_id: UUID,
    name: str,
    make_form: Callable[[Project], forms.Form],
    act: Callable[..., object],
) -> HttpResponse:
    """One of the three forms of the project's page: stored, or back with what to change."""
    project = visible_project(request.user, project_id)
    rights.require(request.user, rights.RUN_CYCLES, project.heading.cycle.assembly)
    form = make_form(project)
    if form.is_valid() and tell(
        request,
        lambda: act(project=project, actor=request.user, **form.cleaned_data),
        _("Recorded. Everybody can read it now."),
        form=form,
    ):
        return redirect(project)
    return render(request, "proposals/project.html", project_page(project, request.user, **{name: form}), status=422)
