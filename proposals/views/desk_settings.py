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
    assembly = visible_assembly(request.user, slug)
    rights.require(request.user, rights.RUN_CYCLES, assembly)
    return _departments(request, assembly, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def department(request: SignedInRequest, department_id: UUID) -> HttpResponse:
    visible = Assembly.objects.visible_to(request.user)
    found = Department.objects.filter(assembly__in=visible).select_related("assembly")
    department = get_object_or_404(found, pk=department_id)
    rights.require(request.user, rights.RUN_CYCLES, department.assembly)
    if "delete" in request.POST:
        department.delete()
        messages.success(request, _("The department is gone. What it was to check stays assigned."))
        return redirect("proposals:departments", department.assembly.slug)
    return _departments(request, department.assembly, department)


def _departments(request: SignedInRequest, assembly: Assembly, department: Department | None) -> HttpResponse:
    page = {
        "departments": Department.objects.filter(assembly=assembly).prefetch_related("evaluators__user"),
        "department": department,
        "cycle": Cycle.objects.visible_to(request.user).filter(assembly=assembly).first(),
        "form": DepartmentForm(request.POST or None, assembly=assembly, department=department),
    }
    return _list(request, "departments", assembly, page, _("The department is saved."))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def replies(request: SignedInRequest, slug: str) -> HttpResponse:
    """Words that evaluators often need, and a form for more."""
    assembly = visible_assembly(request.user, slug)
    rights.require(request.user, rights.REVIEW_PROPOSALS, assembly)
    return _replies(request, assembly, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: SignedInRequest, reply_id: UUID) -> HttpResponse:
    visible = Assembly.objects.visible_to(request.user)
    found = ReplyTemplate.objects.filter(assembly__in=visible).select_related("assembly")
    reply = get_object_or_404(found, pk=reply_id)
    rights.require(request.user, rights.REVIEW_PROPOSALS, reply.assembly)
    if "delete" in request.POST:
        reply.delete()
        messages.success(request, _("These words are gone. Answers that used them stay as they are."))
        return redirect("proposals:replies", reply.assembly.slug)
    return _replies(request, reply.assembly, reply)


def _replies(request: SignedInRequest, assembly: Assembly, reply: ReplyTemplate | None) -> HttpResponse:
    page = {
        "replies": ReplyTemplate.objects.filter(assembly=assembly),
        "reply": reply,
        "form": ReplyForm(request.POST or None, assembly=assembly, reply=reply),
    }
    return _list(request, "replies", assembly, page, _("The words are saved."))


def _list(request: SignedInRequest, name: str, assembly: Assembly, page: dict[str, Any], done: str) -> HttpResponse:
    """The list with the form below it; what was typed well is kept, and the list is shown anew."""
    form: NamedForm = page["form"]
    if form.is_valid() and form.is_saved():
        messages.success(request, done)
        return redirect(f"proposals:{name}", assembly.slug)
    page |= {"section": SECTION, "assembly": assembly}
    return render(request, f"proposals/{name}.html", page, status=422 if form.is_bound else 200)
