# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rehearsing a meeting with simulated people, and removing the rehearsal afterwards."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

import jobs
from accounts.requests import SignedInRequest
from meetings.access import meeting_run_by
from meetings.rehearsal.jobs import bring_crowd
from meetings.services import MeetingRefused, rehearsals

CROWD = 50


@login_required
@require_POST
def rehearse(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """A copy of the meeting is there, and its simulated people wait for the doors."""
    meeting = meeting_run_by(request.user, meeting_id)
    try:
        copy = rehearsals.clone_for_rehearsal(meeting=meeting, attendees=CROWD, actor=request.user)
    except MeetingRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(meeting)
    jobs.defer(bring_crowd, str(copy.pk))
    messages.success(
        request,
        _("This is a copy. Open its doors and %(n)d simulated people come in; they go when you close it.")
        % {"n": CROWD},
    )
    return redirect(copy)


@login_required
@require_POST
def remove(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """Nobody sees this rehearsal any more."""
    meeting = meeting_run_by(request.user, meeting_id)
    try:
        real = rehearsals.remove_rehearsal(meeting=meeting, actor=request.user)
    except MeetingRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(meeting)
    messages.success(request, _("The rehearsal is removed."))
    return redirect(real)
