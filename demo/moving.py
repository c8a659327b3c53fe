# SPDX-License-Identifier: AGPL-3.0-or-later
"""A demo that was seeded on an earlier day is brought to today.

What is still to come moves on by whole days, so that the ballot stays open and the meeting is today. What has
happened stays when it happened: no ballot, result or event gets another date, and the database would refuse it.
Where a poll's closing time moves, its log says so. What people ended in the meantime stays ended, and the next
one of its kind begins.
"""

from datetime import date, timedelta

from django.db import transaction

import ledger
import live
from meetings import services as meetings
from meetings.models import Attendance, ItemPoll, Meeting, MeetingState
from proposals.models import Cycle, Milestone, Phase
from voting import services as voting
from voting.models import Poll

from .calendar import end_of, moved, start_of
from .cycles import seed_now
from .evenings import DOORS, PRESENT_TODAY, in_the_room, let_in, open_todays_doors
from .town import Town

AHEAD = (MeetingState.DRAFT, MeetingState.SCHEDULED)


def move(town: Town, *, shown: date) -> int:
    """The demo shows today instead of the day that it showed; answers by how many days that is."""
    days = (town.calendar.today - shown).days
    if days <= 0:
        return 0
    _move_phases(town, shown, days)
    _move_closing_times(town, shown, days)
    _move_milestones(town, shown, days)
    _move_meetings(town, shown, days)
    return days


def keep_lively(town: Town) -> None:
    """Somewhere people vote on a budget, and the doors of a meeting are open."""
    if not Poll.objects.open().filter(assembly=town.assembly, owner_kind="cycle").exists():
        last = Cycle.objects.filter(assembly=town.assembly).order_by("year").last()
        seed_now(town, year=last.year + 1 if last else town.calendar.past_year + 1)
    room = Meeting.objects.filter(assembly=town.assembly, state=MeetingState.DOORS_OPEN).order_by("starts_at").last()
    for meeting in Meeting.objects.filter(
        assembly=town.assembly, state__in=[MeetingState.IN_SESSION, MeetingState.IN_RECESS]
    ):
        _wind_up(town, meeting)
    if room is None:
        open_todays_doors(town)
    else:
        _come_again(town, room)


@transaction.atomic
def _move_phases(town: Town, shown: date, days: int) -> None:
    """What lay ahead of the day that was shown lies as far ahead of today."""
    cutoff = end_of(shown)
    for phase in Phase.objects.filter(cycle__assembly=town.assembly, cycle__source_hash=None):
        if phase.starts_at >= cutoff:
            phase.starts_at = moved(phase.starts_at, days)
        if phase.ends_at is not None and phase.ends_at >= cutoff:
            phase.ends_at = moved(phase.ends_at, days)
        phase.save(update_fields=["starts_at", "ends_at"])


def _move_closing_times(town: Town, shown: date, days: int) -> None:
    polls = Poll.objects.open().filter(assembly=town.assembly, owner_kind="cycle", closes_at__gte=end_of(shown))
    for poll in polls.select_for_update():
        if poll.closes_at is None:
            continue
        poll.closes_at = moved(poll.closes_at, days)
        poll.save(update_fields=["closes_at"])
        ledger.append(stream=poll.pk, kind="poll.extended", data={"closes_at": poll.closes_at, "actor": None})
        for topic in poll.topics:
            live.announce(topic)


def _move_milestones(town: Town, shown: date, days: int) -> None:
    for milestone in Milestone.objects.filter(
        project__heading__cycle__assembly=town.assembly, done_on=None, due_on__gt=shown
    ):
        if milestone.due_on is not None:
            milestone.due_on += timedelta(days=days)
            milestone.save(update_fields=["due_on"])


def _move_meetings(town: Town, shown: date, days: int) -> None:
    ahead = Meeting.objects.filter(assembly=town.assembly, state__in=AHEAD, starts_at__gte=start_of(shown))
    for meeting in ahead:
        meetings.edit_meeting(
            meeting=meeting,
            starts_at=moved(meeting.starts_at, days),
            planned_end_at=moved(meeting.planned_end_at, days),
            actor=None,
            at=town.calendar.now,
        )


def _wind_up(town: Town, meeting: Meeting) -> None:
    """A meeting of an earlier day that nobody ended is ended: open polls are counted, the rest is carried over."""
    for item_poll in ItemPoll.objects.in_progress().filter(item__meeting=meeting).select_related("poll"):
        voting.close_poll(poll=item_poll.poll, actor=None)
    meetings.adjourn(meeting=meeting, actor=None, carry_current_over=True)


def _come_again(town: Town, meeting: Meeting) -> None:
    """Nobody called the meeting to order, so it is held today: people went home, and they are back."""
    now = town.calendar.now
    went_home_at = min(meeting.planned_end_at, now - DOORS)
    present = (
        Attendance.objects.present()
        .filter(meeting=meeting)
        .select_related("attendee__membership__user", "attendee__meeting")
    )
    for stay in present:
        meetings.check_out(attendee=stay.attendee, at=max(went_home_at, stay.began_at))
    starts_at = town.calendar.meeting_starts_at
    meetings.edit_meeting(
        meeting=meeting,
        starts_at=starts_at,
        planned_end_at=starts_at + meeting.length,
        doors_opened_at=now - DOORS,
        actor=None,
        at=now - DOORS,
    )
    let_in(meeting, in_the_room(town, PRESENT_TODAY), town.calendar)
