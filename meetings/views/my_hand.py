# SPDX-License-Identifier: AGPL-3.0-or-later
"""My raised hand, on my phone: with an account, or as a guest whom this device knows."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import Request
from assemblies.rights import membership_of
from meetings import guests, services
from meetings.access import meeting_followed_by, meeting_for
from meetings.floor_forms import HandForm
from meetings.models import Attendance, Attendee, Meeting, MeetingState, Queue, SpeakerEntry
from meetings.services import MeetingRefused
from meetings.speaking_order import read_floor, seconds_for


@require_GET
@never_cache
def my_hand(request: Request, meeting_id: UUID) -> HttpResponse:
    """Whether my hand is up, at which place I am, and why."""
    found = meeting_followed_by(request, meeting_id)
    return render(request, "meetings/phone/_my_hand.html", about_my_hand(request, found))


@guests.known_here
@require_POST
def raise_hand(request: Request, meeting_id: UUID) -> HttpResponse:
    """I want to speak."""
    form = HandForm(request.POST)

    def act(attendee: Attendee) -> object:
        if not form.is_valid():
            raise MeetingRefused(_("Choose for what you want to speak."))
        return services.raise_hand(attendee=attendee, **form.cleaned_data)

    return _with_my_hand(request, meeting_id, act)


@guests.known_here
@require_POST
def withdraw_hand(request: Request, meeting_id: UUID) -> HttpResponse:
    """I do not want to speak any more."""

    def act(attendee: Attendee) -> object:
        wanted = request.POST.get("entry", "")
        mine = SpeakerEntry.objects.in_line().filter(attendee=attendee)
        entry = next((entry for entry in mine if str(entry.pk) == wanted), None)
        if wanted and entry is None:
            raise MeetingRefused(_("This hand is not up any more."))
        return services.withdraw_hand(attendee=attendee, entry=entry)

    return _with_my_hand(request, meeting_id, act)


@guests.known_here
@require_POST
def choose_group(request: Request, meeting_id: UUID) -> HttpResponse:
    """I belong to this group, or to none; only the order of speaking ever uses it."""

    def act(attendee: Attendee) -> object:
        return services.choose_group(attendee=attendee, group=request.POST.get("group", ""))

    return _with_my_hand(request, meeting_id, act)


def _with_my_hand(request: Request, meeting_id: UUID, act: Any) -> HttpResponse:
    found = meeting_for(request.user, meeting_id)
    attendee = guests.attendee_for(request, found)
    if request.user.is_authenticated and membership_of(request.user, found.assembly) is None:
        raise PermissionDenied(_("Only members of this assembly can do that. Join the assembly first."))
    refusal = ""
    try:
        if attendee is None:
            raise MeetingRefused(_("Check in first."))
        act(attendee)
    except MeetingRefused as refused:
        refusal = str(refused)
    if request.htmx:
        context = {**about_my_hand(request, found), "refusal": refusal}
        return render(request, "meetings/phone/_my_hand.html", context, status=409 if refusal else 200)
    if refusal:
        messages.error(request, refusal)
    return redirect("meetings:live", found.pk)


def about_my_hand(request: Request, meeting: Meeting) -> dict[str, Any]:
    """My hands that are up with place and reason, my speech, and for what else I may ask to speak."""
    attendee = guests.attendee_for(request, meeting)
    is_present = attendee is not None and Attendance.objects.present().filter(attendee=attendee).exists()
    context: dict[str, Any] = {"meeting": meeting, "attendee": attendee, "may_speak": False}
    if attendee is None or not is_present or meeting.state != MeetingState.IN_SESSION:
        return context
    item = meeting.items.filter(state="current").first()
    floor = read_floor(meeting)
    mine = [entry for entry in floor.entries if entry.attendee_id == attendee.pk]
    raised = {entry.kind for entry in mine if entry.state in ("requested", "waiting", "called")}
    is_open = item is not None and item.queue == Queue.OPEN
    return context | {
        "mine": [
            {"entry": entry, "at": floor.place_of(entry), "limit": seconds_for(meeting, entry.kind)} for entry in mine
        ],
        "may_speak": is_open and "normal" not in raised,
        "may_answer": is_open and meeting.responses_per_speech > 0 and "direct_response" not in raised,
        "has_speech": floor.speech is not None,
        "may_interrupt": item is not None and item.queue != Queue.CLOSED,
        "raised": raised,
        "queue": item.queue if item else "",
        "takes_sides": "alternate_sides" in meeting.speaking_policies,
    }
