# SPDX-License-Identifier: AGPL-3.0-or-later
"""How proposals are checked: the budget's rule, the departments with their checklists, and words often needed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from assemblies import rights
from assemblies.models import Assembly
from proposals import services
from proposals.desk_forms import DepartmentForm, NamedForm, ReplyForm, ReviewRuleForm
from proposals.models import Cycle, Department, ReplyTemplate, rule_of

from .finding import SECTION, page_about, tell, visible_assembly, visible_cycle


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review_rule(request: SignedInRequest, cycle_id: UUID) -> HttpResponse:
    """How many people check, who signs, in how many days, and how long authors may appeal."""
    cycle = visible_cycle(request.user, cycle_id)
    rights.require(request.user, rights.RUN_CYCLES, cycle.assembly)
    form = ReviewRuleForm(request.POST or None, rule=rule_of(cycle))
    if form.is_valid() and tell(
        request,
        lambda: services.set_review_rule(cycle=cycle, actor=request.user, **form.cleaned_data),
        _("The rule for the check is saved."),
        form=form,
    ):
        return redirect("proposals:manage", cycle.pk)
    is_fixed = services.rule_is_in_use(cycle)
    for field in form.fields.values() if is_fixed and not form.is_bound else ():
        field.disabled = True
    page = page_about(cycle, form=form, is_fixed=is_fixed)
    return render(request, "proposals/review_rule.html", page, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def departments(request: SignedInRequest, slug: str) -> HttpResponse:
    """All departments, and a form for another."""
    return _departments(request, visible_assembly(request.user, slug), None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def department(request: SignedInRequest, department_id: UUID) -> HttpResponse:
    visible = Assembly.objects.visible_to(request.user)
    found = Department.objects.filter(assembly__in=visible).select_related("assembly")
    department = get_object_or_404(found, pk=department_id)
    return _departments(request, department.assembly, department)


def _departments(request: SignedInRequest, assembly: Assembly, department: Department | None) -> HttpResponse:
    rights.require(request.user, rights.RUN_CYCLES, assembly)
    page = {
        "departments": Department.objects.filter(assembly=assembly).prefetch_related("evaluators__user"),
        "department": department,
        "cycle": Cycle.objects.visible_to(request.user).filter(assembly=assembly).first(),
    }
    form = DepartmentForm(request.POST or None, assembly=assembly, department=department)
    saved, gone = _("The department is saved."), _("The department is gone. What it was to check stays assigned.")
    return _list(request, "departments", page, form, department, saved=saved, gone=gone)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def replies(request: SignedInRequest, slug: str) -> HttpResponse:
    """Words that evaluators often need, and a form for more."""
    return _replies(request, visible_assembly(request.user, slug), None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: SignedInRequest, reply_id: UUID) -> HttpResponse:
    visible = Assembly.objects.visible_to(request.user)
    found = ReplyTemplate.objects.filter(assembly__in=visible).select_related("assembly")
    reply = get_object_or_404(found, pk=reply_id)
    return _replies(request, reply.assembly, reply)


def _replies(request: SignedInRequest, assembly: Assembly, reply: ReplyTemplate | None) -> HttpResponse:
    rights.require(request.user, rights.REVIEW_PROPOSALS, assembly)
    page = {"replies": ReplyTemplate.objects.filter(assembly=assembly), "reply": reply}
    form = ReplyForm(request.POST or None, assembly=assembly, reply=reply)
    saved, gone = _("The words are saved."), _("These words are gone. Answers that used them stay as they are.")
    return _list(request, "replies", page, form, reply, saved=saved, gone=gone)


def _list(
    request: SignedInRequest,
    name: str,
    page: dict[str, Any],
    form: NamedForm,
    chosen: Department | ReplyTemplate | None,
    *,
    saved: str,
    gone: str,
) -> HttpResponse:
    """The list with the form below it, for a new one or the chosen one; after a change the list is shown anew."""
    assembly, done = form.stored.assembly, ""
    if chosen is not None and "delete" in request.POST:
        chosen.delete()
        done = gone
    elif form.is_valid() and form.is_saved():
        done = saved
    if done:
        messages.success(request, done)
        return redirect(f"proposals:{name}", assembly.slug)
    page |= {"section": SECTION, "assembly": assembly, "form": form}
    return render(request, f"proposals/{name}.html", page, status=422 if form.is_bound else 200)
