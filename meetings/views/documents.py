# SPDX-License-Identifier: AGPL-3.0-or-later
"""What there is to read for an item: facilitators put it there, everybody who may see the meeting reads it."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import Request, SignedInRequest
from meetings import services
from meetings.access import item_of, meeting_for, meeting_run_by
from meetings.agenda_forms import DocumentForm
from meetings.models import ItemDocument, Meeting
from meetings.services import MeetingRefused
from meetings.views.steering import steer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def documents(request: SignedInRequest, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """The documents of an item, and one more of them."""
    meeting = meeting_run_by(request.user, meeting_id)
    item = item_of(meeting, item_id)
    form = DocumentForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            services.add_document(item=item, actor=request.user, **form.cleaned_data)
        except MeetingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("meetings:documents", meeting.pk, item.pk)
    context = {
        "assembly": meeting.assembly,
        "meeting": meeting,
        "item": item,
        "documents": item.documents.defer("content"),
        "form": form,
    }
    return render(request, "meetings/documents.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def remove_document(request: SignedInRequest, meeting_id: UUID, document_id: UUID) -> HttpResponse:
    """The document is taken away."""
    return steer(
        request,
        meeting_id,
        lambda meeting, told: services.remove_document(document=_document(meeting, document_id), **told),
    )


@require_GET
@never_cache
def document(request: Request, meeting_id: UUID, document_id: UUID) -> HttpResponse:
    """The file, to be kept and never to be run: no browser takes it for a page of ours."""
    found = _document(meeting_for(request.user, meeting_id), document_id)
    if found.content is None:
        raise Http404
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response["Content-Disposition"] = content_disposition_header(True, found.file_name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _document(meeting: Meeting, document_id: UUID) -> ItemDocument:
    of_meeting = ItemDocument.objects.select_related("item").filter(item__meeting=meeting)
    found: ItemDocument = get_object_or_404(of_meeting, pk=document_id)
    found.item.meeting = meeting
    return found
