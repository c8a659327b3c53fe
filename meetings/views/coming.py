# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ways into a meeting, and out of it: the short code, the door, my own place, and my pass for the desk."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import Request, SignedInRequest
from assemblies.models import Membership
from assemblies.qr_code import qr_code
from assemblies.rights import membership_of
from meetings import guests, joining, passes, room_code, services
from meetings.access import meeting_followed_by, meeting_for
from meetings.code_tries import count_try
from meetings.coming_forms import DoorForm, GuestForm
from meetings.forms import CodeForm
from meetings.models import AttendanceMode, Attendee, Meeting
from meetings.services import MeetingRefused
from meetings.whereabouts import whereabouts_of


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: Request) -> HttpResponse:
    """Where the code of a meeting is typed."""
    form = CodeForm(request.POST or None)
    if form.is_valid():
        code = joining.read_code(form.cleaned_data["code"])
        found = joining.meeting_with(code) if code else None
        if found is not None and Meeting.objects.visible_to(request.user).filter(pk=found.pk).exists():
            return redirect("meetings:join_code", code)
        if code and not request.user.is_authenticated:
            return redirect("meetings:join_code", code)  # signing in comes first: then it may be found
        form.add_error("code", _no_such_code())
    return render(request, "meetings/join.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def join_code(request: Request, code: str) -> HttpResponse:
    """The door of one meeting: check in, join as a guest, or learn why not yet or not any more."""
    read = joining.read_code(code)
    found = joining.meeting_with(read) if read else None
    if found is None or not Meeting.objects.visible_to(request.user).filter(pk=found.pk).exists():
        if not request.user.is_authenticated:  # it may be a private one: nobody learns here that it exists
            return redirect_to_login(request.get_full_path())
        form = CodeForm({"code": code})
        form.is_valid()
        form.add_error("code", _no_such_code())
        return render(request, "meetings/join.html", {"form": form}, status=404)
    if code != read:
        return redirect("meetings:join_code", read)
    attendee = guests.attendee_for(request, found)
    if whereabouts_of(attendee).is_here:
        return redirect("meetings:live", found.pk)
    if request.user.is_authenticated:
        return _door_of_member(request, found, membership_of(request.user, found.assembly))
    return _door_of_guest(request, found, attendee)


def _door_of_member(request: Request, meeting: Meeting, membership: Membership | None) -> HttpResponse:
    form = DoorForm(request.POST or None, meeting=meeting)
    if request.method == "POST":
        member = _member(membership)
        if form.is_valid():
            try:
                count_try(request, meeting, form.typed_code)
                services.check_in(meeting=meeting, membership=member, mode=form.chosen_mode, typed_code=form.typed_code)
            except MeetingRefused as refusal:
                form.add_error("room_code" if "room_code" in form.fields else None, str(refusal))
            else:
                return redirect("meetings:live", meeting.pk)
    return _door(request, meeting, form, membership=membership)


def _door_of_guest(request: Request, meeting: Meeting, guest: Attendee | None) -> HttpResponse:
    """Who has joined before comes in under the same name."""
    initial = {"handle": guest.handle} if guest else {}
    form = GuestForm(request.POST or None, meeting=meeting, initial=initial)
    if form.is_valid():
        secret = guests.secret_of(request, meeting.pk) or guests.new_secret()
        try:
            count_try(request, meeting, form.typed_code)
            services.check_in_guest(
                meeting=meeting,
                handle=form.cleaned_data["handle"],
                device=secret,
                mode=form.chosen_mode,
                typed_code=form.typed_code,
            )
        except MeetingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            response = redirect("meetings:live", meeting.pk)
            guests.remember(response, meeting, secret)
            return response
    return _door(request, meeting, form, membership=None)


def _door(request: Request, meeting: Meeting, form: DoorForm, membership: Membership | None) -> HttpResponse:
    context = {
        "assembly": meeting.assembly,
        "meeting": meeting,
        "membership": membership,
        "form": form,
        "next_meeting": _next_meeting(meeting) if meeting.is_over else None,
    }
    return render(request, "meetings/door.html", context, status=422 if form.is_bound else 200)


def _no_such_code() -> str:
    return _("No meeting has this code. Check it on the screen in the room; it has six letters and figures.")


def _next_meeting(meeting: Meeting) -> Meeting | None:
    return Meeting.objects.ahead().filter(assembly=meeting.assembly).first()


# My own place


@require_GET
@never_cache
def my_place(request: Request, meeting_id: UUID) -> HttpResponse:
    """Whether I am counted as there, and what I can change about it."""
    found = meeting_followed_by(request, meeting_id)
    return render(request, "meetings/phone/_my_place.html", place_of(request, found))


def place_of(request: Request, meeting: Meeting) -> dict[str, Any]:
    """What only I may see of my coming and going."""
    attendee = guests.attendee_for(request, meeting)
    return {
        "meeting": meeting,
        "membership": membership_of(request.user, meeting.assembly),
        "attendee": attendee,
        "my": whereabouts_of(attendee),
        "asks_room_code": room_code.is_shown(meeting),
    }


@guests.known_here
@require_POST
def check_in(request: Request, meeting_id: UUID) -> HttpResponse:
    """I am at the meeting, or am here again."""

    def act(meeting: Meeting) -> object:
        where: dict[str, Any] = {"mode": _mode(request), "typed_code": _typed_code(request)}
        if not request.user.is_authenticated and (guest := guests.attendee_for(request, meeting)):
            secret = guests.secret_of(request, meeting.pk)
            return services.check_in_guest(meeting=meeting, handle=guest.handle, device=secret, **where)
        member = _member(membership_of(request.user, meeting.assembly))
        return services.check_in(meeting=meeting, membership=member, **where)

    return _with_my_place(request, meeting_id, act)


@guests.known_here
@require_POST
def check_out(request: Request, meeting_id: UUID) -> HttpResponse:
    """I have left the meeting."""
    return _with_my_place(request, meeting_id, lambda meeting: services.check_out(attendee=_seated(request, meeting)))


@guests.known_here
@require_POST
def step_out(request: Request, meeting_id: UUID) -> HttpResponse:
    """I am out for a moment."""
    return _with_my_place(request, meeting_id, lambda meeting: services.step_out(attendee=_seated(request, meeting)))


@guests.known_here
@require_POST
def come_back(request: Request, meeting_id: UUID) -> HttpResponse:
    """I am there again."""
    typed = _typed_code(request)
    return _with_my_place(
        request,
        meeting_id,
        lambda meeting: services.come_back(attendee=_seated(request, meeting), typed_code=typed),
    )


@guests.known_here
@require_POST
def move(request: Request, meeting_id: UUID) -> HttpResponse:
    """I go on from elsewhere, or in the room."""
    where: dict[str, Any] = {"mode": _mode(request), "typed_code": _typed_code(request)}
    return _with_my_place(
        request, meeting_id, lambda meeting: services.move(attendee=_seated(request, meeting), **where)
    )


def _with_my_place(request: Request, meeting_id: UUID, act: Callable[[Meeting], object]) -> HttpResponse:
    found = meeting_for(request.user, meeting_id)
    try:
        count_try(request, found, _typed_code(request))
        act(found)
    except MeetingRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("meetings:live", found.pk)


def _mode(request: Request) -> AttendanceMode:
    typed = request.POST.get("mode", "")
    return AttendanceMode(typed) if typed in AttendanceMode.values else AttendanceMode.IN_ROOM


def _typed_code(request: Request) -> str:
    return request.POST.get("room_code", "")[:20]


def _seated(request: Request, meeting: Meeting) -> Attendee:
    attendee = guests.attendee_for(request, meeting)
    if attendee is None:
        if request.user.is_authenticated:
            _member(membership_of(request.user, meeting.assembly))
        raise MeetingRefused(_("Check in first."))
    return attendee


def _member(membership: Membership | None) -> Membership:
    if membership is None:
        raise PermissionDenied(_("Only members of this assembly can do that. Join the assembly first."))
    return membership


# My pass


@login_required
@require_GET
@never_cache
def my_pass(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """A square that the desk scans to check me in."""
    found = meeting_for(request.user, meeting_id)
    membership = _member(membership_of(request.user, found.assembly))
    link = passes.pass_link(found, membership)
    context = {
        "assembly": found.assembly,
        "membership": membership,
        "link": link,
        "qr": qr_code(link),
        **place_of(request, found),
    }
    return render(request, "meetings/pass.html", context)
