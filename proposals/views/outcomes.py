# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the count decided, for everybody, once it is published."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from accounts.requests import Request
from assemblies.town_map import map_of
from proposals.count_page import count_page
from proposals.models import Phase
from proposals.outcomes import Line, PotResult, result_of, results_of
from proposals.pb_export import as_pb

from .finding import page_about, visible_cycle, visible_heading


@require_GET
def results(request: Request, cycle_id: UUID) -> HttpResponse:
    """The result in a sentence, by both rules, with a reason for every project; before it is published, the date."""
    cycle = visible_cycle(request.user, cycle_id)
    pots = results_of(cycle)
    page = page_about(
        cycle,
        pots=pots,
        funded=sum(len(pot.binding.winners) for pot in pots),
        projects=sum(len(pot.lines) for pot in pots),
        spent=sum(pot.binding.total_cost for pot in pots),
        asked=_asked(pots, request.GET.get("why", "")),
        town=map_of(cycle.assembly) if pots else None,
        planned=cycle.phase_of(Phase.Kind.FINISHED),
    )
    return render(request, "proposals/results.html", page)


def _asked(pots: list[PotResult], project_id: str) -> Line | None:
    """The project that the reader asks about; the first that was not funded when they ask about none."""
    lines = [line for pot in pots for line in pot.lines]
    asked = next((line for line in lines if str(line.project.pk) == project_id), None)
    return asked or next((line for line in lines if not line.binding.won), None)


@require_GET
def count(request: Request, heading_id: UUID) -> HttpResponse:
    """How one pot was decided: the rule in plain sentences, every step of the count, and what to check it with."""
    heading = visible_heading(request.user, heading_id)
    pot = result_of(heading)
    if pot is None:
        raise Http404
    page = page_about(heading.cycle, pot=pot, count=count_page(pot, request.GET.get("step", "")))
    return render(request, "proposals/count.html", page)


@require_GET
def results_pb(request: Request, heading_id: UUID) -> HttpResponse:
    """A published pot as a `.pb` file, for anybody who wants to count it again."""
    heading = visible_heading(request.user, heading_id)
    text = as_pb(heading)
    if text is None:
        raise Http404
    name = slugify(f"{heading.cycle.title} {heading.title}") or "results"
    return HttpResponse(
        text,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.pb"'},
    )
