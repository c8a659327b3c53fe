# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a meeting decided, for whoever may see the meeting; who was there, by name, for members only."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.requests import Request, SignedInRequest
from assemblies.rights import RUN_MEETINGS, is_resident, may
from meetings.access import meeting_for
from meetings.decided import ShownDecision, shown_decisions
from meetings.models import Attendance, AttendanceMode, Decision, Meeting
from meetings.services.runoffs import asked_to_void


@require_GET
def decisions(request: Request, meeting_id: UUID) -> HttpResponse:
    """Every decision with its numbers; void and replaced ones stay, struck out."""
    found = meeting_for(request.user, meeting_id)
    context = {
        "assembly": found.assembly,
        "meeting": found,
        "decisions": _log(found),
        "sees_names": is_resident(request.user, found.assembly),
        "may_run": may(request.user, RUN_MEETINGS, found.assembly),
    }
    return render(request, "meetings/decisions.html", context)


@require_GET
def decisions_file(request: Request, meeting_id: UUID) -> HttpResponse:
    """The same for machines; nobody is named in it."""
    found = meeting_for(request.user, meeting_id)
    data = {
        "meeting": {"id": str(found.pk), "title": found.title, "assembly": found.assembly.slug},
        "decisions": [_as_data(shown) for shown in _log(found)],
    }
    return JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 1})


def _log(meeting: Meeting) -> list[ShownDecision]:
    made = Decision.objects.filter(meeting=meeting).with_lost_quorum().order_by("number")
    return shown_decisions(
        list(made.select_related("item", "poll", "motion", "amendment", "supersedes")), asked_to_void(meeting)
    )


def _as_data(shown: ShownDecision) -> dict[str, Any]:
    decision = shown.decision
    return {
        "number": decision.number,
        "item": decision.item.title if decision.item else None,
        "question": decision.question,
        "way": decision.way,
        "outcome": decision.outcome,
        "sentence": decision.sentence,
        "numbers": decision.numbers,
        "adopted": decision.text,
        "poll": str(decision.poll_id) if decision.poll_id else None,
        "decided_at": decision.decided_at.isoformat(),
        "quorum": {
            "present": decision.present,
            "required": decision.quorum_required,
            "state": decision.quorum_state,
        },
        "stands": shown.stands,
        "replaces": decision.supersedes.number if decision.supersedes else None,
        "replaced_by": shown.replaced_by,
        "voided_at": decision.voided_at.isoformat() if decision.voided_at else None,
        "void_reason": decision.void_reason,
    }


@login_required
@require_GET
def who_was_there(request: SignedInRequest, meeting_id: UUID, number: int) -> HttpResponse:
    """Who was checked in at the moment of a decision, for members of the assembly."""
    found = meeting_for(request.user, meeting_id)
    if not is_resident(request.user, found.assembly):
        raise PermissionDenied(_("Only members of this assembly see who was there."))
    decision = get_object_or_404(Decision, meeting=found, number=number)
    stays = Attendance.objects.at_moment(decision.decided_at).filter(meeting=found)
    here = list(stays.select_related("attendee__membership__user"))
    context = {
        "assembly": found.assembly,
        "meeting": found,
        "shown": ShownDecision(decision),
        "in_room": _names(here, AttendanceMode.IN_ROOM),
        "remote": _names(here, AttendanceMode.REMOTE),
    }
    return render(request, "meetings/who_was_there.html", context)


def _names(stays: list[Attendance], mode: AttendanceMode) -> list[str]:
    return sorted((str(stay.attendee) for stay in stays if stay.mode == mode), key=str.casefold)
