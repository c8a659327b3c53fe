# SPDX-License-Identifier: AGPL-3.0-or-later
"""Taking part: joining by code, the phone in the hall, my ballot, my raised hand, and the screen on the wall."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import Request, SignedInRequest
from assemblies.models import Membership
from assemblies.rights import RUN_MEETINGS, may, membership_of
from live.templatetags.live import live_topic
from meetings import joining, services
from meetings.access import meeting_for
from meetings.decided import tie_for
from meetings.forms import CheckInForm, CodeForm
from meetings.models import Attendance, AttendanceMode, Attendee, Meeting, MeetingState, SpeakerEntry, SpeakerState
from meetings.services import MeetingRefused
from voting import voters
from voting.forms import ballot_form
from voting.models import Credential, Poll
from voting.services import receipt_of


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


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join_code(request: SignedInRequest, code: str) -> HttpResponse:
    """The door of one meeting: check in, or learn why not yet or not any more."""
    read = joining.read_code(code)
    found = joining.meeting_with(read) if read else None
    if found is None or not Meeting.objects.visible_to(request.user).filter(pk=found.pk).exists():
        form = CodeForm({"code": code})
        form.is_valid()
        form.add_error("code", _no_such_code())
        return render(request, "meetings/join.html", {"form": form}, status=404)
    if code != read:
        return redirect("meetings:join_code", read)
    membership = membership_of(request.user, found.assembly)
    if request.method == "POST":
        return _check_in(request, found, membership)
    if _is_present(found, membership):
        return redirect("meetings:live", found.pk)
    context = {
        "assembly": found.assembly,
        "meeting": found,
        "membership": membership,
        "form": CheckInForm(),
        "next_meeting": _next_meeting(found) if found.is_over else None,
    }
    return render(request, "meetings/door.html", context)


def _no_such_code() -> str:
    return _("No meeting has this code. Check it on the screen in the room; it has six letters and figures.")


def _next_meeting(meeting: Meeting) -> Meeting | None:
    return Meeting.objects.ahead().filter(assembly=meeting.assembly).first()


@require_GET
@never_cache
def live(request: Request, meeting_id: UUID) -> HttpResponse:
    """A phone in the hall: what happens now, my ballot, my hand, and the agenda below."""
    found = meeting_for(request.user, meeting_id)
    services.close_counted_down(found)
    context = {
        "assembly": found.assembly,
        "meeting": found,
        "may_run": may(request.user, RUN_MEETINGS, found.assembly),
        "screen": live_topic({"request": request}, found.topic),
        **_my_vote(request, found),
        **_my_hand(request, found),
    }
    return render(request, "meetings/live.html", context)


@require_GET
@never_cache
def my_vote(request: Request, meeting_id: UUID) -> HttpResponse:
    """My ballot paper or my receipt; a phone asks for it when a vote opens."""
    found = meeting_for(request.user, meeting_id)
    services.close_counted_down(found)
    return render(request, "meetings/phone/_my_vote.html", _my_vote(request, found))


@require_GET
@never_cache
def my_hand(request: Request, meeting_id: UUID) -> HttpResponse:
    """Whether my hand is up, and how many wait before me."""
    found = meeting_for(request.user, meeting_id)
    return render(request, "meetings/phone/_my_hand.html", _my_hand(request, found))


@login_required
@require_POST
def check_in(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """I am at the meeting."""
    found = meeting_for(request.user, meeting_id)
    return _check_in(request, found, membership_of(request.user, found.assembly))


def _check_in(request: SignedInRequest, meeting: Meeting, membership: Membership | None) -> HttpResponse:
    form = CheckInForm(request.POST)
    mode = AttendanceMode(form.cleaned_data["mode"]) if form.is_valid() else AttendanceMode.IN_ROOM
    try:
        services.check_in(meeting=meeting, membership=_member(membership), mode=mode, actor=request.user)
    except MeetingRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(meeting)
    return redirect("meetings:live", meeting.pk)


@login_required
@require_POST
def check_out(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """I have left the meeting."""
    found = meeting_for(request.user, meeting_id)
    try:
        services.check_out(attendee=_attendee(request, found), actor=request.user)
    except MeetingRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(found)


@login_required
@require_POST
def raise_hand(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """I want to speak."""
    return _with_hand(request, meeting_id, up=True)


@login_required
@require_POST
def withdraw_hand(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """I do not want to speak any more."""
    return _with_hand(request, meeting_id, up=False)


def _with_hand(request: SignedInRequest, meeting_id: UUID, *, up: bool) -> HttpResponse:
    found = meeting_for(request.user, meeting_id)
    act = services.raise_hand if up else services.withdraw_hand
    refusal = ""
    try:
        act(attendee=_attendee(request, found))
    except MeetingRefused as refused:
        refusal = str(refused)
    if request.htmx:
        context = {**_my_hand(request, found), "refusal": refusal}
        return render(request, "meetings/phone/_my_hand.html", context, status=409 if refusal else 200)
    if refusal:
        messages.error(request, refusal)
    return redirect("meetings:live", found.pk)


@require_GET
def screen(request: Request, meeting_id: UUID) -> HttpResponse:
    """The projector: one scene at a time, readable from the last row."""
    found = meeting_for(request.user, meeting_id)
    services.close_counted_down(found)
    context = {
        "assembly": found.assembly,
        "meeting": found,
        "screen": live_topic({"request": request}, found.screen_topic),
    }
    return render(request, "meetings/screen.html", context)


def _member(membership: Membership | None) -> Membership:
    if membership is None:
        raise PermissionDenied(_("Only members of this assembly can do that. Join the assembly first."))
    return membership


def _attendee(request: SignedInRequest, meeting: Meeting) -> Attendee:
    attendee = services.attendee_of(meeting, _member(membership_of(request.user, meeting.assembly)))
    if attendee is None:
        raise MeetingRefused(_("Check in first."))
    return attendee


def _is_present(meeting: Meeting, membership: Membership | None) -> bool:
    if membership is None:
        return False
    return Attendance.objects.present().filter(meeting=meeting, attendee__membership=membership).exists()


def _my_vote(request: Request, meeting: Meeting) -> dict[str, Any]:
    """What only I may see of the vote that is open: my paper, or my receipt."""
    membership = membership_of(request.user, meeting.assembly)
    open_polls = Poll.objects.open().filter(lane=meeting.topic).select_related("assembly", "register")
    poll = open_polls.prefetch_related("options").first()
    line = voters.line_of(request, poll) if poll else None
    receipt = receipt_of(poll, line) if poll else None
    return {
        "meeting": meeting,
        "membership": membership,
        "is_present": _is_present(meeting, membership),
        "credential": _code_for(request, meeting),
        "poll": poll,
        "line": line,
        "receipt": receipt,
        "form": ballot_form(poll) if poll and line and receipt is None else None,
        "in_meeting": True,
        "tie": tie_for(request.user, meeting),
    }


def _code_for(request: Request, meeting: Meeting) -> Credential | None:
    """The voter code entered on this device, if it is one for this meeting."""
    credential = voters.credential_of(request)
    return credential if credential and credential.batch.scope == meeting.topic else None


def _my_hand(request: Request, meeting: Meeting) -> dict[str, Any]:
    """Whether I wait to speak or speak now, and my place."""
    membership = membership_of(request.user, meeting.assembly)
    entry = None
    if membership:
        mine = SpeakerEntry.objects.filter(meeting=meeting, attendee__membership=membership)
        entry = mine.filter(state__in=[SpeakerState.WAITING, SpeakerState.SPEAKING]).order_by("asked_seq").first()
    before = (
        SpeakerEntry.objects.waiting().filter(meeting=meeting, asked_seq__lte=entry.asked_seq).count() if entry else 0
    )
    return {
        "meeting": meeting,
        "entry": entry,
        "place": before,
        "may_speak": meeting.state == MeetingState.IN_SESSION and _is_present(meeting, membership),
    }
