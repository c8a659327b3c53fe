"""A demo started on a later day shows that day, and what happened stays when it happened."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

import ledger
from assemblies.models import Assembly
from demo.evenings import PRESENT_TODAY
from demo.seeding import day_shown, seed
from meetings import services as meetings
from meetings.models import Meeting, MeetingState
from proposals.models import Cycle, Milestone, Phase
from voting import services as voting
from voting.models import OpenBallot, Poll, PollState


@pytest.fixture(autouse=True)
def in_demo(town: datetime, settings):
    settings.DEMO = True


def ballot() -> Poll:
    return Poll.objects.open().get(owner_kind="cycle")


def todays_meeting() -> Meeting:
    return Meeting.objects.get(assembly__slug="riverside", state=MeetingState.DOORS_OPEN)


def days_between(earlier: datetime, later: datetime) -> int:
    return (timezone.localdate(later) - timezone.localdate(earlier)).days


@pytest.mark.parametrize("days", [1, 40])
def test_the_ballot_stays_open_and_closes_in_a_week(town: datetime, days: int):
    before = ballot()
    later = town + timedelta(days=days)
    assert seed(now=later) is True
    after = ballot()
    assert after.pk == before.pk
    assert days_between(later, after.closes_at) == 8
    assert after.opened_at == before.opened_at
    assert timezone.localtime(after.closes_at).hour == 20
    extended = ledger.events(after.pk).last()
    assert extended.kind == "poll.extended"
    ledger.verify(after.pk)


def test_each_budget_is_at_the_step_at_which_it_was(town: datetime):
    def steps(at: datetime) -> dict[str, str]:
        return {cycle.title: cycle.phase(at).kind for cycle in Cycle.objects.all()}

    before = steps(town)
    later = town + timedelta(days=40)
    seed(now=later)
    assert steps(later) == before
    for cycle in Cycle.objects.prefetch_related("phases"):
        phases = list(cycle.phases.all())
        assert [phase.ends_at for phase in phases[:-1]] == [phase.starts_at for phase in phases[1:]]


def test_the_phase_of_the_vote_and_the_ballot_close_together(town: datetime):
    seed(now=town + timedelta(days=12))
    assert Phase.objects.get(cycle__headings__poll=ballot(), kind="balloting").ends_at == ballot().closes_at


def test_the_meeting_is_today_with_the_same_people_and_no_second_one(town: datetime):
    before = todays_meeting()
    later = town + timedelta(days=3)
    seed(now=later)
    meeting = todays_meeting()
    assert meeting.pk == before.pk
    assert meeting.join_code == before.join_code
    assert days_between(later, meeting.starts_at) == 0
    assert meeting.length == before.length
    assert meeting.attendances.present().count() == PRESENT_TODAY
    assert meeting.attendances.exclude(ended_at=None).count() == PRESENT_TODAY
    moments = [event.at for event in meeting.events.order_by("seq")]
    assert moments == sorted(moments)


def test_the_planned_meetings_keep_their_distance_and_their_hour(town: datetime):
    planned = Meeting.objects.filter(state=MeetingState.SCHEDULED)
    before = {meeting.pk: (days_between(town, meeting.starts_at), meeting.starts_at) for meeting in planned}
    later = town + timedelta(days=90)
    seed(now=later)
    assert len(before) == 2
    for meeting in planned.all():
        distance, starts_at = before[meeting.pk]
        assert days_between(later, meeting.starts_at) == distance
        assert timezone.localtime(meeting.starts_at).hour == timezone.localtime(starts_at).hour


def test_what_happened_keeps_its_dates(town: datetime):
    published = list(Poll.objects.filter(state=PollState.PUBLISHED).order_by("pk").values())
    casts = OpenBallot.objects.filter(poll__owner_kind="cycle").order_by("-cast_at").values_list("cast_at").first()
    done = list(Milestone.objects.exclude(done_on=None).order_by("pk").values())
    over = list(Meeting.objects.filter(state=MeetingState.ADJOURNED).order_by("pk").values())
    seed(now=town + timedelta(days=9))
    assert list(Poll.objects.filter(state=PollState.PUBLISHED).order_by("pk").values()) == published
    assert (
        OpenBallot.objects.filter(poll__owner_kind="cycle").order_by("-cast_at").values_list("cast_at").first() == casts
    )
    assert list(Milestone.objects.exclude(done_on=None).order_by("pk").values()) == done
    assert list(Meeting.objects.filter(state=MeetingState.ADJOURNED).order_by("pk").values()) == over


def test_plans_move_on_and_what_is_late_stays_late(town: datetime):
    def plans(since: datetime) -> list[int]:
        dates = Milestone.objects.filter(done_on=None).values_list("due_on", flat=True)
        return sorted((due - timezone.localdate(since)).days for due in dates)

    before = plans(town)
    seed(now=town + timedelta(days=9))
    after = plans(town + timedelta(days=9))
    assert [days for days in after if days > 0] == [days for days in before if days > 0]
    assert min(after) == min(before) - 9


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


def test_a_second_start_on_the_later_day_changes_nothing(town: datetime):
    later = town + timedelta(days=2)
    assert seed(now=later) is True
    before = list(Meeting.objects.order_by("pk").values()), list(Phase.objects.order_by("pk").values())
    assert seed(now=later + timedelta(minutes=1)) is False
    assert (list(Meeting.objects.order_by("pk").values()), list(Phase.objects.order_by("pk").values())) == before
    assert day_shown(Assembly.objects.get(slug="riverside")) == timezone.localdate(later)


def test_a_clock_that_was_set_back_changes_nothing(town: datetime):
    assert seed(now=town - timedelta(days=3)) is False
    assert days_between(town, ballot().closes_at) == 8


def test_many_days_in_a_row_leave_one_meeting_today_and_one_ballot(town: datetime):
    count = Meeting.objects.count()
    for day in range(1, 3):
        seed(now=town + timedelta(days=day))
    assert Meeting.objects.count() == count
    assert ballot().turnout == 1400
