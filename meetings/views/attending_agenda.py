# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people on their phones do with the agenda: they ask to talk about an item that would be adopted without debate."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from assemblies.rights import membership_of
from meetings import services
from meetings.access import item_of, meeting_for
from meetings.services import MeetingRefused


@login_required
@require_POST
def object_to_consent(request: SignedInRequest, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """I want to talk about this item."""
    meeting = meeting_for(request.user, meeting_id)
    item = item_of(meeting, item_id)
    membership = membership_of(request.user, meeting.assembly)
    if membership is None:
        raise PermissionDenied(_("Only members of this assembly can do that. Join the assembly first."))
    attendee = services.attendee_of(meeting, membership)
    said, refusal = _("“%(item)s” will be talked about.") % {"item": item}, ""
    try:
        if attendee is None:
            raise MeetingRefused(_("Check in first."))
        services.object_to_consent(attendee=attendee, item=item)
    except MeetingRefused as refused:
        refusal = str(refused)
    if request.htmx:
        context = {"said": said, "refusal": refusal}
        return render(request, "meetings/phone/_talked_about.html", context, status=409 if refusal else 200)
    messages.add_message(request, messages.ERROR if refusal else messages.SUCCESS, refusal or said)
    return redirect("meetings:live", meeting.pk)
