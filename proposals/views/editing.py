# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page on which who runs a budget edits its plan, with a preview of what residents would see."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from assemblies import rights
from proposals import services
from proposals.checklist import checklist
from proposals.editor import Editor, rearranged
from proposals.editor_changes import differences
from proposals.forms import DayField
from proposals.models import Cycle
from proposals.preview import Preview, preview
from proposals.refusals import CycleRefused, PlanIsOld

from .finding import page_about, visible_cycle


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit_cycle(request: SignedInRequest, cycle_id: UUID) -> HttpResponse:
    """Text, calendar, pots and ballot on one page. Nothing is stored before “Save”; every other button keeps what was typed."""
    cycle = visible_cycle(request.user, cycle_id)
    rights.require(request.user, rights.RUN_CYCLES, cycle.assembly)
    if request.method != "POST":
        return _page(request, cycle, Editor(cycle))
    act = request.POST.get("act", "preview")
    if act == "save":
        return _save(request, cycle)
    if act != "preview":
        return _page(request, cycle, Editor(cycle, rearranged(request.POST, act), checked=False))
    editor = Editor(cycle, request.POST)
    if request.htmx:
        return render(request, "proposals/_preview.html", _preview_of(cycle, editor, request.POST))
    return _page(request, cycle, editor, status=200 if editor.is_valid else 422)


def _save(request: SignedInRequest, cycle: Cycle) -> HttpResponse:
    editor = Editor(cycle, request.POST)
    if not editor.is_valid:
        return _page(request, cycle, editor, status=422)
    try:
        services.edit_cycle(cycle=cycle, plan=editor.plan, expected_version=editor.version, actor=request.user)
    except PlanIsOld as refusal:
        return _page_of_two_editors(request, cycle, str(refusal))
    except CycleRefused as refusal:
        editor.refuse(refusal)
        return _page(request, cycle, editor, status=422)
    messages.success(request, _("The budget is saved."))
    return redirect("proposals:edit_cycle", cycle.pk)


def _page_of_two_editors(request: SignedInRequest, cycle: Cycle, sentence: str) -> HttpResponse:
    """What this person typed, beside what the other one saved; the next “Save” is on top of that."""
    now = visible_cycle(request.user, cycle.pk)
    data = request.POST.copy()
    data["version"] = str(now.version)
    editor = Editor(now, data)
    editor.general.append(sentence)
    if all(line.is_valid() for line in editor.lines):
        editor.differences = differences(now, editor.plan)
    return _page(request, now, editor, status=409)


def _page(request: SignedInRequest, cycle: Cycle, editor: Editor, *, status: int = 200) -> HttpResponse:
    data = editor.data
    page = page_about(
        cycle,
        editor=editor,
        has_errors=status in (409, 422),
        checklist=checklist(cycle),
        **_preview_of(cycle, editor, data),
    )
    return render(request, "proposals/edit_cycle.html", page, status=status)


def _preview_of(cycle: Cycle, editor: Editor, data: QueryDict | None) -> dict[str, Any]:
    """The picture of the chosen day, or the sentences that say why there is none."""
    day = _day(data)
    shown = editor if editor.checked or data is None else Editor(cycle, data)
    problems: list[str] = []
    picture: Preview | None = None
    if data is None:
        picture = _stored(cycle, day)
    elif shown.is_valid:
        picture = preview(cycle, shown.phases, shown.plan, day)
    else:
        problems = list(dict.fromkeys(sentence for _where, _label, sentence in shown.mistakes))
        if not any(line.errors for line in [*shown.steps, shown.end]):
            picture = preview(cycle, shown.phases, None, day)
    return {"preview": picture, "preview_day": day, "preview_problems": problems}


def _stored(cycle: Cycle, day: date) -> Preview:
    phases = [
        services.NewPhase(phase.kind, phase.starts_at, phase.ends_at) for phase in cycle.phases.all() if phase.enabled
    ]
    return preview(cycle, phases, None, day)


def _day(data: QueryDict | None) -> date:
    """The chosen day; today where none was chosen, or where it cannot be read."""
    try:
        found: date | None = DayField(required=False).clean(data.get("day", "")) if data is not None else None
    except ValidationError:
        found = None
    return found or timezone.localdate()
