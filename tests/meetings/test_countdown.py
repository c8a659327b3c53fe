"""Ten seconds before a vote closes: seen by all, stopped by one press, ended by the server and by no browser."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from jobs.testing import run_waiting, waiting_jobs
from meetings import screens, services
from meetings.models import ItemPoll, Meeting
from meetings.services import MeetingRefused
from meetings.services.countdown import COUNTDOWN, close_after_countdown
from tests.make import make_member
from tests.meetings.evening import fresh, fresh_poll, in_session, kinds, put_to_the_vote, vote
from voting.models import PollState

TOPICS = {topic.name: topic for topic in screens.TOPICS}


@pytest.fixture
def held(riverside: Assembly, amina: Membership, bao: Membership) -> ItemPoll:
    return put_to_the_vote(in_session(riverside, amina, bao))


def closing(held: ItemPoll) -> ItemPoll:
    services.start_closing(item_poll=held, actor=None)
    return fresh_poll(held)


def end_of(held: ItemPoll) -> datetime:
    assert held.closing_at
    return held.closing_at


def over(held: ItemPoll) -> None:
    """The ten seconds have gone by."""
    assert held.closing_at
    ItemPoll.objects.filter(pk=held.pk).update(closing_at=held.closing_at - COUNTDOWN - timedelta(seconds=1))


def state(held: ItemPoll) -> str:
    return fresh_poll(held).poll.state


def meeting_of(held: ItemPoll) -> Meeting:
    return fresh(held.item.meeting)


def test_it_is_on_every_screen_and_people_still_vote(held: ItemPoll, amina: Membership) -> None:
    held = closing(held)
    assert state(held) == PollState.OPEN
    vote(held.poll, amina, "yes")
    meeting = held.item.meeting
    for topic, audience in (("meeting", "attendee"), ("cockpit", "facilitator"), ("screen", "screen")):
        shown = "".join(TOPICS[topic].render(meeting.pk, audience, "en").values())
        assert "data-deadline" in shown
        assert ("answer since then" in shown) == (topic == "cockpit")


def test_it_can_be_stopped(held: ItemPoll) -> None:
    held = closing(held)
    services.cancel_closing(item_poll=held, actor=None)
    run_waiting(at=end_of(held) + timedelta(minutes=1))
    assert state(held) == PollState.OPEN
    assert kinds(held.item.meeting)[-2:] == ["poll_closing", "poll_stays_open"]
    with pytest.raises(MeetingRefused, match="not closing"):
        services.cancel_closing(item_poll=held, actor=None)


def test_the_worker_closes_it_when_it_is_over_and_not_before(held: ItemPoll) -> None:
    held = closing(held)
    assert [name for name, _arguments, due in waiting_jobs() if due == held.closing_at] == [
        "meetings.services.countdown.close_after_countdown"
    ]
    run_waiting(at=end_of(held) + timedelta(seconds=1))
    assert state(held) == PollState.OPEN  # the job came by its own clock too early, and looked again
    over(held)
    close_after_countdown(str(held.poll_id))
    assert state(held) == PollState.WITHHELD
    close_after_countdown(str(held.poll_id))  # twice does no harm


def test_a_late_worker_changes_nothing_the_next_page_closes_it(held: ItemPoll, amina: Membership) -> None:
    held = closing(held)
    over(held)
    client = Client()
    client.force_login(amina.user)
    assert client.get(f"/meetings/{held.item.meeting_id}/my-vote/").status_code == 200
    assert state(held) == PollState.WITHHELD


def test_the_cockpit_says_that_it_is_over_whatever_else_changed(held: ItemPoll, bao: Membership) -> None:
    client = Client()
    client.force_login(bao.user)
    url = f"/meetings/{held.item.meeting_id}/votes/close-when-over/"
    held = closing(held)
    assert client.post(url).status_code == 302
    assert state(held) == PollState.OPEN
    over(held)
    assert client.post(url).status_code == 302
    assert state(held) == PollState.WITHHELD


def test_it_can_be_closed_now(held: ItemPoll) -> None:
    held = closing(held)
    services.close_item_poll(item_poll=held, actor=None)
    assert state(held) == PollState.WITHHELD
    with pytest.raises(MeetingRefused, match="not open"):
        services.start_closing(item_poll=held, actor=None)


def test_twice_is_refused_and_an_old_click_too(held: ItemPoll) -> None:
    before = meeting_of(held).version
    held = closing(held)
    with pytest.raises(MeetingRefused, match="closing already"):
        services.start_closing(item_poll=held, actor=None)
    with pytest.raises(services.StaleClick):
        services.cancel_closing(item_poll=held, actor=None, expected_version=before)


def test_a_secret_vote_is_closed_by_two_people_and_not_here(riverside: Assembly, amina: Membership) -> None:
    from voting.models import Secrecy

    people = [make_member(riverside, f"Resident {number}") for number in range(5)]
    agreed = [make_member(riverside, f"Facilitator {number}") for number in range(2)]
    meeting = in_session(riverside, *people)
    from tests.meetings.evening import current

    held = services.add_poll(item=current(meeting), template="yes_no", question="?", secrecy=Secrecy.SECRET, actor=None)
    for member in agreed:
        services.open_item_poll(item_poll=held, actor=member.user)
    with pytest.raises(MeetingRefused, match="Two people"):
        services.start_closing(item_poll=fresh_poll(held), actor=None)
