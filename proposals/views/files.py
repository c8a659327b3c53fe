# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tables of a budget as files, for everybody who may see it."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from accounts.requests import Request
from proposals.open_data import TABLES
from proposals.spreadsheets import as_csv, as_xlsx

from .finding import visible_cycle

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def table(request: Request, cycle_id: UUID, what: str, form: str) -> HttpResponse:
    """Proposals, results or spending; without a published result there is no file of results."""
    cycle = visible_cycle(request.user, cycle_id)
    found = TABLES[what](cycle) if what in TABLES and form in ("csv", "xlsx") else None
    if found is None:
        raise Http404
    name = f"{slugify(cycle.title) or 'budget'}-{what}.{form}"
    body, kind = (as_csv(found), "text/csv; charset=utf-8") if form == "csv" else (as_xlsx(found), XLSX)
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
