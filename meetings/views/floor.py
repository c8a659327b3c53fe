# SPDX-License-Identifier: AGPL-3.0-or-later
"""The floor in the cockpit: calling, interrupting and ending speeches, the queue and its rules, and who spoke how long."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import Request, SignedInRequest
from assemblies.rights import RUN_MEETINGS, is_resident, may
from meetings import services, turns
from meetings.access import item_of, meeting_for, meeting_run_by
from meetings.floor_forms import FindForm, HandForm, RulesForm
from meetings.models import HELD, Attendance, Attendee, Meeting, Queue, SpeakerEntry
from meetings.services import MeetingRefused
from meetings.speaking_order import history
from meetings.views.steering import Told, steer

MOST_FOUND = 8


@login_required
@require_POST
def call_next(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """Whoever is next has the floor, if that is still the one whom the page showed."""
    try:
        shown = UUID(request.POST["shown"]) if request.POST.get("shown") else None
    except ValueError:
        raise Http404 from None
    return steer(request, meeting_id, lambda meeting, told: services.call_next(meeting=meeting, shown=shown, **told))


@login_required
@require_POST
def call_speaker(request: SignedInRequest, meeting_id: UUID, entry_id: UUID) -> HttpResponse:
    """This person has the floor, or is asked to get ready."""
    starts = request.POST.get("ready") != "1"
    return _with_entry(request, meeting_id, entry_id, partial(services.call_speaker, starts=starts))


@login_required
@require_POST
def pause_speaker(request: SignedInRequest, meeting_id: UUID, entry_id: UUID) -> HttpResponse:
    return _with_entry(request, meeting_id, entry_id, services.pause_speaker)


@login_required
@require_POST
def resume_speaker(request: SignedInRequest, meeting_id: UUID, entry_id: UUID) -> HttpResponse:
    return _with_entry(request, meeting_id, entry_id, services.resume_speaker)


@login_required
@require_POST
def finish_speaker(request: SignedInRequest, meeting_id: UUID, entry_id: UUID) -> HttpResponse:
    return _with_entry(request, meeting_id, entry_id, services.finish_speaker)


@login_required
@require_POST
def no_show(request: SignedInRequest, meeting_id: UUID, entry_id: UUID) -> HttpResponse:
    return _with_entry(request, meeting_id, entry_id, services.no_show)


@login_required
@require_POST
def admit_hand(request: SignedInRequest, meeting_id: UUID, entry_id: UUID) -> HttpResponse:
    return _with_entry(request, meeting_id, entry_id, services.admit_hand)


@login_required
@require_POST
def decline_hand(request: SignedInRequest, meeting_id: UUID, entry_id: UUID) -> HttpResponse:
    return _with_entry(request, meeting_id, entry_id, services.decline_hand)


@login_required
@require_POST
def move_hand(request: SignedInRequest, meeting_id: UUID, entry_id: UUID) -> HttpResponse:
    """One place up or down, or back to where the rules put it."""
    to, reason = request.POST.get("to"), request.POST.get("reason", "")

    def act(meeting: Meeting, told: Told) -> object:
        entry = _entry(meeting, entry_id)
        if to == "rules":
            return services.release_hand(entry=entry, **told)
        return services.move_hand(entry=entry, up=to != "down", reason=reason, **told)

    return steer(request, meeting_id, act)


@login_required
@require_POST
def set_queue(request: SignedInRequest, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """The list of speakers is open, closed, or closed but for points of order."""
    wanted = request.POST.get("queue")
    if wanted not in Queue.values:
        raise Http404

    def act(meeting: Meeting, told: Told) -> object:
        return services.set_queue(item=item_of(meeting, item_id), queue=Queue(wanted), **told)

    return steer(request, meeting_id, act)


@login_required
@require_GET
def find_speaker(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """Who is there under this name, to put them on the list when they have no phone."""
    found = meeting_run_by(request.user, meeting_id)
    form = FindForm(request.GET)
    wanted = form.cleaned_data["q"].strip() if form.is_valid() else ""
    context = {
        "assembly": found.assembly,
        "meeting": found,
        "wanted": wanted,
        "people": _present_named(found, wanted)[:MOST_FOUND] if wanted else [],
    }
    template = "meetings/_found_speakers.html" if request.htmx else "meetings/find_speaker.html"
    return render(request, template, context)


@login_required
@require_POST
def raise_hand_for(request: SignedInRequest, meeting_id: UUID, attendee_id: UUID) -> HttpResponse:
    """Somebody without a phone is on the list."""
    form = HandForm(request.POST)

    def act(meeting: Meeting, told: Told) -> object:
        attendee = get_object_or_404(
            Attendee.objects.select_related("meeting", "membership__user"), meeting=meeting, public_id=attendee_id
        )
        if not form.is_valid():
            raise Http404
        return services.raise_hand_for(attendee=attendee, actor=request.user, **form.cleaned_data)

    return steer(request, meeting_id, act)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def queue_rules(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """How the queue of speakers works in this meeting."""
    found = meeting_run_by(request.user, meeting_id)
    if "move" in request.POST:
        form = RulesForm.rearranged(request.POST, meeting=found)
    else:
        form = RulesForm(request.POST or None, meeting=found)
    if form.is_valid():
        try:
            services.set_speaking_rules(meeting=found, actor=request.user, **form.cleaned_data)
        except MeetingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The queue of speakers has these rules now."))
            return redirect("meetings:cockpit" if found.is_room_open else "meetings:agenda", found.pk)
    context = {"assembly": found.assembly, "meeting": found, "form": form}
    return render(request, "meetings/queue_rules.html", context, status=422 if form.is_bound else 200)


@require_GET
def time_shares(request: Request, meeting_id: UUID) -> HttpResponse:
    """How long everybody spoke. Only members read names, and groups are told when nobody can watch them grow."""
    found = meeting_for(request.user, meeting_id)
    shares = turns.time_shares(history(found))
    shows_names = is_resident(request.user, found.assembly)
    people = Attendee.objects.select_related("membership__user").in_bulk(shares.people) if shows_names else {}
    total = sum(shares.people.values())
    context: dict[str, Any] = {
        "assembly": found.assembly,
        "meeting": found,
        "shows_names": shows_names,
        "may_run": may(request.user, RUN_MEETINGS, found.assembly),
        "total": total,
        "people": [(people.get(person), seconds) for person, seconds in shares.people.items()],
        "has_groups": bool(found.group_names),
        "shows_groups": found.state in HELD,
        "groups": shares.groups if found.state in HELD else {},
        "has_hidden_groups": shares.has_hidden_groups,
    }
    return render(request, "meetings/time_shares.html", context)


def _with_entry(
    request: SignedInRequest, meeting_id: UUID, entry_id: UUID, act: Callable[..., SpeakerEntry]
) -> HttpResponse:
    return steer(request, meeting_id, lambda meeting, told: act(entry=_entry(meeting, entry_id), **told))


def _entry(meeting: Meeting, entry_id: UUID) -> SpeakerEntry:
    return get_object_or_404(SpeakerEntry.objects.select_related("meeting"), meeting=meeting, pk=entry_id)


def _present_named(meeting: Meeting, wanted: str) -> QuerySet[Attendee]:
    """Who is there and has this in their name."""
    present = meeting.attendees.filter(pk__in=Attendance.objects.present().filter(meeting=meeting).values("attendee"))
    named = present.filter(Q(handle__icontains=wanted) | Q(membership__user__name__icontains=wanted))
    return named.select_related("membership__user").order_by("membership__user__name", "handle", "pk")
