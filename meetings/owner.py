# SPDX-License-Identifier: AGPL-3.0-or-later
"""The meeting answers for its polls: who may run them, what stands in the way, and what a decision changes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from assemblies.models import Membership, Viewer
from assemblies.rights import RUN_MEETINGS, may, people_with
from meetings.models import AgendaItem, ItemPoll, Meeting, MeetingState, Scene
from meetings.quorum_now import count_room
from meetings.services.acts import MeetingRefused, clock, lock, record
from meetings.services.decisions import decide_by_poll, quorum_as_data, void_of_poll
from meetings.services.polls import open_item_poll, present_now
from meetings.services.quorum import snapshot
from voting.electorate import NewLine
from voting.models import Poll
from voting.owners import AboutOption
from voting.services import PollRefused


class MeetingOwner:
    """What voting asks about the polls of meetings."""

    def may(self, user: Viewer, verb: str, poll: Poll) -> bool:
        return may(user, RUN_MEETINGS, poll.assembly) and _runs_what_is_rehearsed(user, poll)

    def people(self, poll: Poll, verb: str) -> list[Membership]:
        """Who runs the meeting; a rehearsal, who runs the meeting that it rehearses as well."""
        people = people_with(RUN_MEETINGS, poll.assembly)
        rehearsals = Meeting.objects.filter(assembly=poll.assembly_id).exclude(rehearses=None)
        rehearsal = rehearsals.select_related("rehearses__assembly").first()
        if rehearsal is None or rehearsal.rehearses is None:
            return people
        run_it = {member.user_id for member in people_with(RUN_MEETINGS, rehearsal.rehearses.assembly)}
        return [member for member in people if member.user_id in run_it]

    def blockers(self, poll: Poll) -> list[str]:
        item = item_of(poll)
        meeting = item.meeting
        sentences = []
        if meeting.state != MeetingState.IN_SESSION:
            sentences.append(_("A vote can be opened only while the meeting is in session."))
        elif not item.is_current:
            sentences.append(_("Take up the item first, then open its vote."))
        asked = poll.item_poll
        room = count_room(meeting) if asked.needs_quorum and not asked.is_straw else None
        if room is not None and room.is_lacking:
            sentences.append(room.blocker)
        return sentences

    def open(self, poll: Poll, actor: User) -> Poll:
        """For who is checked in; the item must be on the floor."""
        try:
            return open_item_poll(item_poll=ItemPoll.objects.select_related("item").get(poll=poll), actor=actor)
        except MeetingRefused as refusal:
            raise PollRefused(str(refusal)) from refusal

    def lock(self, poll: Poll) -> None:
        item = item_of(poll)
        _locked(item)
        AgendaItem.objects.select_for_update().get(pk=item.pk)

    def happened(self, poll: Poll, event: str) -> None:
        item = item_of(poll)
        meeting = _locked(item)
        changes: dict[str, Any] = {}
        data: dict[str, Any] = {"item": str(item.pk), "poll": str(poll.pk)}
        if event in ("opened", "published"):
            changes = {"scene": Scene.POLL if event == "opened" else Scene.RESULT, "scene_poll": poll}
        elif event == "voided" and meeting.scene_poll_id == poll.pk:
            changes = {"scene": Scene.ITEM, "scene_poll": None}
        if event == "opened":
            data["quorum"] = quorum_as_data(snapshot(meeting))
        at = _moment_of(poll, event)
        record(meeting, f"poll_{event}", actor=None, at=at, data=data, **changes)
        try:
            if event == "published":
                decide_by_poll(_held(poll), meeting=meeting, actor=None, at=at)
            elif event == "voided":
                void_of_poll(poll, at=at)
        except MeetingRefused as refusal:
            raise PollRefused(str(refusal)) from refusal

    def electorate(self, poll: Poll) -> list[NewLine]:
        """Verified residents who are checked in."""
        return present_now(item_of(poll).meeting)

    def code_scopes(self, poll: Poll) -> Sequence[str]:
        """A code given out at the door is good for every vote of the evening."""
        return [poll.lane]

    def url(self, poll: Poll) -> str:
        return reverse("meetings:cockpit", args=[item_of(poll).meeting_id])

    def voters_url(self, poll: Poll) -> str:
        return reverse("meetings:live", args=[item_of(poll).meeting_id])

    def about_options(self, poll: Poll) -> Mapping[str, AboutOption]:
        return {}


def _runs_what_is_rehearsed(user: Viewer, poll: Poll) -> bool:
    """True outside of rehearsals; the answer for an assembly is kept with the user, as their memberships are."""
    known: dict[object, bool] = user.__dict__.setdefault("_runs_what_is_rehearsed", {})
    if poll.assembly_id not in known:
        rehearsals = Meeting.objects.filter(assembly=poll.assembly_id).exclude(rehearses=None)
        mine = Meeting.objects.in_reach_of(user).values("pk")
        known[poll.assembly_id] = not rehearsals.exclude(pk__in=mine).exists()
    return known[poll.assembly_id]


def _locked(item: AgendaItem) -> Meeting:
    """The meeting, unless its minutes are approved: then its votes stay as they are."""
    try:
        return lock(item.meeting)
    except MeetingRefused as refusal:
        raise PollRefused(str(refusal)) from refusal


def _moment_of(poll: Poll, event: str) -> datetime:
    """When it happened: what is written down later keeps the time that it had."""
    moments = {
        "opened": poll.opened_at,
        "closed": poll.closed_at,
        "counted": poll.closed_at,
        "published": poll.published_at,
    }
    return clock(moments.get(event))


def _held(poll: Poll) -> ItemPoll:
    found = ItemPoll.objects.select_related("item", "motion", "amendment").get(poll=poll)
    found.poll = poll
    return found


def item_of(poll: Poll) -> AgendaItem:
    """The agenda item under which the poll is held, with its meeting."""
    return AgendaItem.objects.select_related("meeting__assembly").get(item_polls__poll=poll)
