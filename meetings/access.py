# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who comes through which door: 404 where a meeting must not be known of, 403 where one may not act."""

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.requests import Request
from assemblies.models import Viewer
from assemblies.rights import CHECK_IN, RUN_MEETINGS, is_facilitator, is_resident, require
from live.rights import with_papers
from meetings.models import AgendaItem, ItemPoll, Meeting, MeetingState
from meetings.models.meetings import SIMULATED
from voting.models import Credential


def meeting_in_reach(user: Viewer, meeting_id: UUID) -> Meeting | None:
    """The meeting with its assembly where `in_reach_of` has it for this person, drafts included.

    Every phone of a hall asks this again and again, so it is not asked as one large question.
    """
    return in_reach(user, _find(meeting_id))


def _find(meeting_id: UUID) -> Meeting | None:
    return Meeting.objects.select_related("assembly").filter(pk=meeting_id).first()


def in_reach(user: Viewer, meeting: Meeting | None) -> Meeting | None:
    """This meeting, where `in_reach_of` has it for this person."""
    if meeting is None or not (meeting.assembly.is_public or is_resident(user, meeting.assembly)):
        return None
    return meeting if meeting.rehearses_id is None or _rehearses(user, meeting) else None


def _rehearses(user: Viewer, rehearsal: Meeting) -> bool:
    if not user.is_authenticated:
        return False
    if user.email.endswith(SIMULATED):
        return True
    rehearsed = rehearsal.rehearses
    return rehearsed is not None and is_facilitator(user, rehearsed.assembly)


def meeting_for(user: Viewer, meeting_id: UUID) -> Meeting:
    """The meeting, if this person may know of it; a draft only facilitators know."""
    return _known_to(user, _find(meeting_id))


def _known_to(user: Viewer, meeting: Meeting | None) -> Meeting:
    meeting = in_reach(user, meeting)
    if meeting is None or (meeting.state == MeetingState.DRAFT and not is_facilitator(user, meeting.assembly)):
        raise Http404
    return meeting


def meeting_with_code(user: Viewer, meeting: Meeting | None) -> Meeting | None:
    """This meeting, if it is announced and whoever is not signed in has entered a voter code for it on their device."""
    if meeting is None or meeting.state == MeetingState.DRAFT or user.is_authenticated:
        return None
    papers = getattr(user, "papers", [])
    topics = {paper.batch.scope for paper in papers if isinstance(paper, Credential)}
    return meeting if meeting.topic in topics else None


def meeting_followed_by(request: Request, meeting_id: UUID) -> Meeting:
    """The meeting, if this person may know of it, or holds a voter code for it: who may vote there may follow it."""
    user = with_papers(request.user, request.session)
    meeting = _find(meeting_id)
    return meeting_with_code(user, meeting) or _known_to(user, meeting)


def meeting_run_by(user: Viewer, meeting_id: UUID) -> Meeting:
    """The meeting, if this person may run it."""
    meeting = meeting_for(user, meeting_id)
    require(user, RUN_MEETINGS, meeting.assembly)
    return meeting


def item_of(meeting: Meeting, item_id: UUID) -> AgendaItem:
    """The item, if it is of this meeting."""
    item: AgendaItem = get_object_or_404(meeting.items, pk=item_id)
    item.meeting = meeting
    return item


def item_poll_of(meeting: Meeting, poll_id: UUID) -> ItemPoll:
    """The vote with its item, if it is one of this meeting."""
    held = ItemPoll.objects.select_related("poll__assembly", "item__meeting__assembly", "motion", "amendment")
    return get_object_or_404(held, item__meeting=meeting, poll=poll_id)


def meeting_at_the_desk_of(user: Viewer, meeting_id: UUID) -> Meeting:
    """The meeting, if this person may check people in."""
    meeting = meeting_for(user, meeting_id)
    require(user, CHECK_IN, meeting.assembly)
    return meeting
