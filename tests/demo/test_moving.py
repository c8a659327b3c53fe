"""A demo started on a later day shows that day, and what happened stays when it happened.

To move a town takes seconds, so most tests look at the same one, forty days later; the first ones move their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import QuerySet
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

import ledger
from assemblies.models import Assembly
from demo.evenings import PRESENT_TODAY
from demo.seeding import day_shown, seed
from meetings import services as meetings
from meetings.models import Meeting, MeetingState
from proposals.models import Cycle, Milestone, Phase
from voting import services as voting
from voting.models import OpenBallot, Poll, PollState


def the_ballot_closes_in_a_week(before: Poll, later: datetime) -> None:
    after = ballot()
    assert after.pk == before.pk
    assert days_between(later, after.closes_at) == 8
    assert after.opened_at == before.opened_at
    assert timezone.localtime(after.closes_at).hour == 20
    extended = ledger.events(after.pk).last()
    assert extended.kind == "poll.extended"
    ledger.verify(after.pk)


@pytest.fixture(autouse=True)
def in_demo(town: datetime, settings):
    settings.DEMO = True


def ballot() -> Poll:
    return Poll.objects.open().get(owner_kind="cycle")


def todays_meeting() -> Meeting:
    return Meeting.objects.get(assembly__slug="riverside", state=MeetingState.DOORS_OPEN)


def days_between(earlier: datetime, later: datetime) -> int:
    return (timezone.localdate(later) - timezone.localdate(earlier)).days


def test_a_clock_that_was_set_back_changes_nothing(town: datetime):
    assert seed(now=town - timedelta(days=3)) is False
    assert days_between(town, ballot().closes_at) == 8


def test_a_meeting_that_people_left_running_is_wound_up_and_tonight_there_is_another(town: datetime):
    meeting = todays_meeting()
    bao = meeting.assembly.memberships.get(user__email="bao@riverside.demo").user
    meetings.call_to_order(meeting=meeting, actor=bao)
    item = meeting.items.get(position=2)
    meetings.advance(meeting=meeting, to=item, actor=bao)
    poll = meetings.open_item_poll(item_poll=item.item_polls.get(), actor=bao)
    line = poll.register.lines.get(membership__user__email="amina@riverside.demo")
    voting.cast_ballot(poll=poll, line=line, choice={"options": ["yes"]}, key="k" * 20)

    seed(now=town + timedelta(days=1))

    meeting.refresh_from_db()
    poll.refresh_from_db()
    assert meeting.state == MeetingState.ADJOURNED
    assert poll.is_counted
    assert poll.turnout == 1
    assert todays_meeting().pk != meeting.pk
    assert todays_meeting().attendances.present().count() == PRESENT_TODAY


def test_a_meeting_that_was_closed_stays_closed_and_tonight_there_is_another(town: datetime):
    meeting = todays_meeting()
    meetings.call_to_order(meeting=meeting, actor=None)
    meetings.adjourn(meeting=meeting, actor=None)
    seed(now=town + timedelta(days=1))
    assert todays_meeting().pk != meeting.pk
    meeting.refresh_from_db()
    assert meeting.state == MeetingState.ADJOURNED


def test_when_the_vote_was_closed_the_next_budget_is_in_the_vote(town: datetime):
    poll = ballot()
    year = poll.heading.cycle.year
    voting.close_poll(poll=poll, actor=None)
    later = town + timedelta(days=1)
    seed(now=later)
    assert ballot().heading.cycle.year == year + 1
    assert days_between(later, ballot().closes_at) == 8
    poll.refresh_from_db()
    assert poll.state == PollState.WITHHELD
    assert len({cycle.title for cycle in Cycle.objects.all()}) == Cycle.objects.count()


def test_many_days_in_a_row_leave_one_meeting_today_and_one_ballot(town: datetime):
    count, before = Meeting.objects.count(), ballot()
    for day in range(1, 3):
        later = town + timedelta(days=day)
        assert seed(now=later) is True
        the_ballot_closes_in_a_week(before, later)
    assert Meeting.objects.count() == count
    assert ballot().turnout == 1400


DAYS = 40


@dataclass(frozen=True)
class Before:
    """What the town showed before it was moved to a later moment."""

    later: datetime
    ballot: Poll
    meeting: Meeting
    steps: dict[str, str]
    planned: dict[Any, tuple[int, datetime]]
    happened: list[Any]
    plans: list[int]


@pytest.fixture(scope="module")
def moved_town(seeded_at: datetime, django_db_blocker: DjangoDbBlocker) -> Iterator[Before]:
    """The town forty days later; the tests below this line see it, and none of those above."""
    later = seeded_at + timedelta(days=DAYS)
    with django_db_blocker.unblock(), override_settings(DEMO=True), transaction.atomic():
        before = Before(
            later=later,
            ballot=ballot(),
            meeting=todays_meeting(),
            steps=steps(seeded_at),
            planned={
                meeting.pk: (days_between(seeded_at, meeting.starts_at), meeting.starts_at)
                for meeting in planned_meetings()
            },
            happened=what_happened(),
            plans=plans(seeded_at),
        )
        assert seed(now=later) is True
        yield before
        transaction.set_rollback(True)


@pytest.fixture
def before(moved_town: Before, town: datetime) -> Before:
    """The moved town, open to a test."""
    return moved_town


def planned_meetings() -> QuerySet[Meeting]:
    return Meeting.objects.filter(state=MeetingState.SCHEDULED)


def steps(at: datetime) -> dict[str, str]:
    return {cycle.title: cycle.phase(at).kind for cycle in Cycle.objects.all()}


def plans(since: datetime) -> list[int]:
    dates = Milestone.objects.filter(done_on=None).values_list("due_on", flat=True)
    return sorted((due - timezone.localdate(since)).days for due in dates)


def what_happened() -> list[Any]:
    return [
        list(Poll.objects.filter(state=PollState.PUBLISHED).order_by("pk").values()),
        OpenBallot.objects.filter(poll__owner_kind="cycle").order_by("-cast_at").values_list("cast_at").first(),
        list(Milestone.objects.exclude(done_on=None).order_by("pk").values()),
        list(Meeting.objects.filter(state=MeetingState.MINUTES_DRAFT).order_by("pk").values()),
    ]


def test_the_ballot_stays_open_and_closes_in_a_week(before: Before):
    the_ballot_closes_in_a_week(before.ballot, before.later)


def test_each_budget_is_at_the_step_at_which_it_was(before: Before):
    assert steps(before.later) == before.steps
    for cycle in Cycle.objects.prefetch_related("phases"):
        phases = list(cycle.phases.all())
        assert [phase.ends_at for phase in phases[:-1]] == [phase.starts_at for phase in phases[1:]]


def test_the_phase_of_the_vote_and_the_ballot_close_together(before: Before):
    assert Phase.objects.get(cycle__headings__poll=ballot(), kind="balloting").ends_at == ballot().closes_at


def test_the_meeting_is_today_with_the_same_people_and_no_second_one(before: Before):
    meeting = todays_meeting()
    assert meeting.pk == before.meeting.pk
    assert meeting.join_code == before.meeting.join_code
    assert days_between(before.later, meeting.starts_at) == 0
    assert meeting.length == before.meeting.length
    assert meeting.attendances.present().count() == PRESENT_TODAY
    assert meeting.attendances.exclude(ended_at=None).count() == PRESENT_TODAY
    moments = [event.at for event in meeting.events.order_by("seq")]
    assert moments == sorted(moments)


def test_the_planned_meetings_keep_their_distance_and_their_hour(before: Before):
    assert len(before.planned) == 2
    for meeting in planned_meetings():
        distance, starts_at = before.planned[meeting.pk]
        assert days_between(before.later, meeting.starts_at) == distance
        assert timezone.localtime(meeting.starts_at).hour == timezone.localtime(starts_at).hour


def test_what_happened_keeps_its_dates(before: Before):
    assert what_happened() == before.happened


def test_plans_move_on_and_what_is_late_stays_late(before: Before):
    after = plans(before.later)
    assert [days for days in after if days > 0] == [days for days in before.plans if days > 0]
    assert min(after) == min(before.plans) - DAYS


def test_a_second_start_on_the_later_day_changes_nothing(before: Before):
    assert day_shown(Assembly.objects.get(slug="riverside")) == timezone.localdate(before.later)
    shown = list(Meeting.objects.order_by("pk").values()), list(Phase.objects.order_by("pk").values())
    assert seed(now=before.later + timedelta(minutes=1)) is False
    assert (list(Meeting.objects.order_by("pk").values()), list(Phase.objects.order_by("pk").values())) == shown
    assert day_shown(Assembly.objects.get(slug="riverside")) == timezone.localdate(before.later)
