# SPDX-License-Identifier: AGPL-3.0-or-later
"""A file of proposals: uploaded, looked at row by row, taken in, taken back."""

import hashlib
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import SignedInRequest
from assemblies import rights
from assemblies.models import Membership
from proposals import services
from proposals.forms import UploadField
from proposals.models import Cycle, Phase, ProposalImport
from proposals.refusals import CycleRefused
from proposals.spreadsheets import LARGEST_FILE, FileRefused
from proposals.table_import import left_out, read_file, read_rows

from .finding import page_about, tell, visible_cycle


class FileForm(forms.Form):
    file = UploadField(
        label=gettext_lazy("File"),
        largest=LARGEST_FILE,
        accept=".csv,.xlsx",
        help_text=gettext_lazy("CSV or XLSX. The first row names the columns: title, summary, text."),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: SignedInRequest, cycle_id: UUID) -> HttpResponse:
    """A file is read and shown; nothing comes in by uploading it."""
    cycle = visible_cycle(request.user, cycle_id)
    rights.require(request.user, rights.RUN_CYCLES, cycle.assembly)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            data = file.read()
            batch = services.look_at_file(
                cycle=cycle,
                importer=_member(request, cycle),
                name=file.name,
                file_hash=hashlib.sha256(data).hexdigest(),
                rows=read_file(file.name, data),
            )
        except (CycleRefused, FileRefused) as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect(batch)
    page = page_about(
        cycle, form=form, is_taken_now=cycle.is_in(Phase.Kind.ACCEPTING), batches=cycle.imports.exclude(done_at=None)
    )
    return render(request, "proposals/upload.html", page, status=422 if form.is_bound else 200)


@login_required
@require_GET
def import_page(request: SignedInRequest, import_id: UUID) -> HttpResponse:
    """What each row would become, and what is wrong in which column; a dry run that writes nothing."""
    batch, cycle = _found(request, import_id)
    return render(request, "proposals/import.html", _page(batch, cycle))


@login_required
@require_POST
def take_in(request: SignedInRequest, import_id: UUID) -> HttpResponse:
    """All rows come in, or none where one has something wrong in it."""
    batch, cycle = _found(request, import_id)
    page = _page(batch, cycle)
    if page["wrong"]:
        return render(request, "proposals/import.html", page, status=422)
    new = [row.as_new for row in page["rows"]]
    member = _member(request, cycle)
    tell(
        request,
        lambda: services.take_in(batch=batch, importer=member, rows=new),
        _("The proposals are in. Everybody can read them."),
    )
    return redirect(batch)


@login_required
@require_POST
def undo_import(request: SignedInRequest, import_id: UUID) -> HttpResponse:
    batch, cycle = _found(request, import_id)
    member = _member(request, cycle)
    tell(
        request,
        lambda: services.undo_import(batch=batch, importer=member),
        _("The proposals of this file are taken back."),
    )
    return redirect(batch)


def _page(batch: ProposalImport, cycle: Cycle) -> dict[str, Any]:
    rows = read_rows(cycle, batch.rows) if batch.done_at is None else []
    return page_about(
        cycle,
        batch=batch,
        rows=rows,
        left_out=left_out(list(batch.rows[0]["cells"])) if rows else [],
        is_taken_now=cycle.is_in(Phase.Kind.ACCEPTING),
        wrong=[row for row in rows if row.errors],
        made=batch.proposals.select_related("proposal") if batch.done_at else [],
    )


def _found(request: SignedInRequest, import_id: UUID) -> tuple[ProposalImport, Cycle]:
    cycles = Cycle.objects.visible_to(request.user)
    batch = get_object_or_404(ProposalImport.objects.filter(cycle__in=cycles), pk=import_id)
    cycle = visible_cycle(request.user, batch.cycle_id)
    rights.require(request.user, rights.RUN_CYCLES, cycle.assembly)
    return batch, cycle


def _member(request: SignedInRequest, cycle: Cycle) -> Membership:
    return Membership.objects.current().get(assembly=cycle.assembly, user=request.user)
