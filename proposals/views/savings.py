# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where money goes that a pot did not need."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import Request, SignedInRequest
from assemblies import rights
from proposals import services
from proposals.forms import CarryOverForm
from proposals.models import Heading
from proposals.savings import savings_of, why_it_stays

from .finding import page_about, tell, visible_heading


@require_GET
def savings(request: Request, heading_id: UUID) -> HttpResponse:
    """What is left of a pot, why, and where it went or will go."""
    heading = visible_heading(request.user, heading_id)
    may_run = rights.may(request.user, rights.RUN_CYCLES, heading.cycle.assembly)
    return render(
        request, "proposals/savings.html", _page(heading, CarryOverForm(heading=heading) if may_run else None)
    )


@login_required
@require_POST
def fund_next_project(request: SignedInRequest, heading_id: UUID) -> HttpResponse:
    heading = visible_heading(request.user, heading_id)
    rights.require(request.user, rights.RUN_CYCLES, heading.cycle.assembly)
    tell(
        request,
        lambda: services.fund_next_project(heading=heading, actor=request.user),
        _("The next project on the list has its money."),
    )
    return redirect("proposals:savings", heading.pk)


@login_required
@require_POST
def carry_over(request: SignedInRequest, heading_id: UUID) -> HttpResponse:
    heading = visible_heading(request.user, heading_id)
    rights.require(request.user, rights.RUN_CYCLES, heading.cycle.assembly)
    form = CarryOverForm(request.POST, heading=heading)
    if form.is_valid() and tell(
        request,
        lambda: services.carry_over(heading=heading, into=form.cleaned_data["into"], actor=request.user),
        _("The money is in the later budget."),
        form=form,
    ):
        return redirect("proposals:savings", heading.pk)
    return render(request, "proposals/savings.html", _page(heading, form), status=422)


def _page(heading: Heading, form: CarryOverForm | None) -> dict[str, object]:
    return page_about(
        heading.cycle,
        heading=heading,
        savings=savings_of(heading),
        stays=why_it_stays(heading.cycle),
        used=heading.savings_used.select_related("award__project", "into__cycle"),
        form=form,
    )
