# SPDX-License-Identifier: AGPL-3.0-or-later
"""Taking part: the phone in the hall, my ballot, and the screen on the wall."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.requests import Request
from assemblies.rights import RUN_MEETINGS, may, membership_of
from live.templatetags.live import live_topic
from meetings import guests, services
from meetings.access import meeting_followed_by
from meetings.decided import tie_for
from meetings.models import Attendance, Attendee, Meeting
from meetings.views.coming import place_of
from meetings.views.my_hand import about_my_hand
from voting import open_polls, voters
from voting.forms import ballot_form
from voting.models import Credential, Poll, RegisterLine
from voting.services import Receipt, receipt_of


@require_GET
@never_cache
def live(request: Request, meeting_id: UUID) -> HttpResponse:
    """A phone in the hall: what happens now, my ballot, my hand, and the agenda below."""
    found = meeting_followed_by(request, meeting_id)
    services.close_counted_down(found)
    context = {
        "assembly": found.assembly,
        "meeting": found,
        "may_run": may(request.user, RUN_MEETINGS, found.assembly),
        "screen": live_topic({"request": request}, found.topic),
        **place_of(request, found),
        **_my_vote(request, found),
        **about_my_hand(request, found),
    }
    return render(request, "meetings/live.html", context)


@require_GET
@never_cache
def my_vote(request: Request, meeting_id: UUID) -> HttpResponse:
    """My ballot paper or my receipt; a phone asks for it when a vote opens."""
    found = meeting_followed_by(request, meeting_id)
    services.close_counted_down(found)
    return render(request, "meetings/phone/_my_vote.html", _my_vote(request, found))


@require_GET
def screen(request: Request, meeting_id: UUID) -> HttpResponse:
    """The projector: one scene at a time, readable from the last row."""
    found = meeting_followed_by(request, meeting_id)
    services.close_counted_down(found)
    context = {
        "assembly": found.assembly,
        "meeting": found,
        "screen": live_topic({"request": request}, found.screen_topic),
    }
    return render(request, "meetings/screen.html", context)


def _is_present(attendee: Attendee | None) -> bool:
    return attendee is not None and Attendance.objects.present().filter(attendee=attendee).exists()


def _my_vote(request: Request, meeting: Meeting) -> dict[str, Any]:
    """What only I may see of the vote that is open: my paper, or my receipt."""
    membership = membership_of(request.user, meeting.assembly)
    poll = open_polls.find_in(meeting.topic)
    line, receipt, others = _my_lines(request, poll) if poll else (None, None, [])
    return {
        "meeting": meeting,
        "membership": membership,
        "is_present": lambda: _is_present(guests.attendee_for(request, meeting)),  # asked where there is no paper
        "credential": _code_for(request, meeting),
        "poll": poll,
        "line": line,
        "other_lines": others,
        "receipt": receipt,
        "form": ballot_form(poll) if poll and line and receipt is None else None,
        "in_meeting": True,
        "tie": tie_for(request.user, meeting),
    }


def _my_lines(request: Request, poll: Poll) -> tuple[RegisterLine | None, Receipt | None, list[RegisterLine]]:
    """The line whose paper is shown, its receipt, and the other lines that I vote for as the holder of a proxy.

    Unless I chose one, the paper is that of the first line which has not voted.
    """
    lines = voters.lines_of(request, poll)
    receipts = {line: receipt_of(poll, line) for line in lines}
    chosen = voters.line_of(request, poll)
    if "line" not in request.GET:
        chosen = next((line for line in lines if receipts[line] is None), chosen)
    receipt = receipts[chosen] if chosen else None
    return chosen, receipt, [line for line in lines if line != chosen]


def _code_for(request: Request, meeting: Meeting) -> Credential | None:
    """The voter code entered on this device, if it is one for this meeting."""
    credential = voters.credential_of(request)
    return credential if credential and credential.batch.scope == meeting.topic else None
