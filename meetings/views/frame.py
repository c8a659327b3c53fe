# SPDX-License-Identifier: AGPL-3.0-or-later
"""Around the panels: taking back, handing over, what to see to before, the wall and its words, and paper."""

from typing import cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseStopPolling

from accounts.requests import Request, SignedInRequest
from live.templatetags.live import live_topic
from meetings import services
from meetings.access import meeting_followed_by, meeting_run_by
from meetings.frame import checklist
from meetings.frame_forms import WallForm
from meetings.models import Meeting, Scene
from meetings.services.driving import answer_driver, ask_to_drive, stop_driving
from meetings.services.undo import undo as take_back
from meetings.situation import look
from meetings.views.steering import Told, steer


@login_required
@require_POST
def undo(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """What I steered last did not happen."""
    seq = request.POST.get("seq", "")[:9]
    number = int(seq) if seq.isascii() and seq.isdigit() else 0
    return steer(request, meeting_id, lambda meeting, told: take_back(meeting=meeting, actor=request.user, seq=number))


@login_required
@require_POST
def drive(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """I drive, or ask whoever does."""
    return steer(request, meeting_id, lambda meeting, told: ask_to_drive(meeting=meeting, actor=request.user))


@login_required
@require_POST
def answer(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """I hand over to the one who asked, or go on driving."""
    agrees = request.POST.get("agrees") == "1"
    return steer(
        request, meeting_id, lambda meeting, told: answer_driver(meeting=meeting, agrees=agrees, actor=request.user)
    )


@login_required
@require_POST
def stop(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """I do not drive any more, or take back that I asked to."""
    return steer(request, meeting_id, lambda meeting, told: stop_driving(meeting=meeting, actor=request.user))


@login_required
@require_GET
@never_cache
def before(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """What is ready for the meeting; the cockpit asks again now and then until it begins."""
    meeting = meeting_run_by(request.user, meeting_id)
    if request.htmx and meeting.has_begun:
        return HttpResponseStopPolling()
    template = "meetings/cockpit/_before.html" if request.htmx else "meetings/before.html"
    return render(request, template, {"assembly": meeting.assembly, "meeting": meeting, "checks": checklist(meeting)})


@require_http_methods(["GET", "HEAD", "POST"])
def scene(request: Request, meeting_id: UUID) -> HttpResponse:
    """The wall in words, for whoever reads by ear or sits elsewhere; facilitators choose what it shows."""
    if request.method == "POST":
        return _choose_scene(cast(SignedInRequest, request), meeting_id)
    found = meeting_followed_by(request, meeting_id)
    context = {
        "assembly": found.assembly,
        "meeting": found,
        "screen": live_topic({"request": request}, found.screen_topic),
    }
    return render(request, "meetings/scene.html", context)


@login_required
def _choose_scene(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    def act(meeting: Meeting, told: Told) -> object:
        form = WallForm(request.POST)
        if not form.is_valid():
            if form.errors.keys() == {"text"}:
                raise services.MeetingRefused(form.errors["text"][0])
            raise Http404
        chosen = Scene(form.cleaned_data["scene"])
        return services.set_scene(meeting=meeting, scene=chosen, text=form.cleaned_data["text"], **told)

    return steer(request, meeting_id, act)


@login_required
@require_GET
def paper(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """What to print in case the line fails: the agenda, who is here with boxes to tick, and ballots in large print."""
    meeting = meeting_run_by(request.user, meeting_id)
    here = meeting.attendees.filter(attendances__ended_at=None, attendances__isnull=False)
    context = {
        "assembly": meeting.assembly,
        "meeting": meeting,
        "now": look(meeting.pk),
        "people": sorted(here.select_related("membership__user").distinct(), key=lambda one: str(one).casefold()),
        "blank_lines": range(12),
        "ballots": range(4),
    }
    return render(request, "meetings/paper.html", context)
