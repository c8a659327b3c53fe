"""A room may vote sealed or in secret; a secret vote is run by two facilitators from the page of the vote."""

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership, Role
from meetings import services
from meetings.models import AgendaItem, ItemPoll, Meeting
from meetings.services import MeetingRefused
from tests.make import make_member
from tests.meetings.evening import current, in_session
from tests.voting.test_desk import browser_of, said
from voting.models import Poll, PollState, Secrecy

pytestmark = pytest.mark.django_db


@pytest.fixture
def bea(riverside: Assembly) -> Membership:
    """A second facilitator."""
    return make_member(riverside, "Bea", Role.FACILITATOR)


@pytest.fixture
def item(riverside: Assembly, bao: Membership) -> AgendaItem:
    """The item on the floor of a meeting with six voters in the hall."""
    crowd = [make_member(riverside, f"Resident {number}") for number in range(6)]
    return current(in_session(riverside, *crowd))


def typed(**changes: str) -> dict[str, str]:
    return {"question": "Do we buy the hall?", "template": "yes_no", "options": "", "secrecy": "2", **changes}


def add(client: Client, meeting: Meeting, item: AgendaItem, **changes: str) -> int:
    return int(client.post(f"/meetings/{meeting.pk}/agenda/{item.pk}/vote/", typed(**changes)).status_code)


def test_a_facilitator_puts_up_a_sealed_vote(item: AgendaItem, bao: Membership) -> None:
    client = browser_of(bao)
    assert add(client, item.meeting, item) == 302
    poll = Poll.objects.get()
    assert poll.secrecy == Secrecy.CONFIDENTIAL
    services.open_item_poll(item_poll=ItemPoll.objects.get(), actor=bao.user)
    poll.refresh_from_db()
    assert poll.state == PollState.OPEN


def test_an_open_vote_is_a_named_one(item: AgendaItem, bao: Membership) -> None:
    answer = browser_of(bao).post(
        f"/meetings/{item.meeting.pk}/agenda/{item.pk}/vote/", typed(template="approval", options="A\nB")
    )
    assert answer.status_code == 422
    assert "Nobody can count sealed ballots while people vote." in said(answer)
    with pytest.raises(MeetingRefused, match="An open vote is a named one"):
        services.add_poll(
            item=item, template="approval", question="?", options="AB", secrecy=Secrecy.SECRET, actor=bao.user
        )


def test_secret_is_offered_only_where_two_can_act(item: AgendaItem, bao: Membership, riverside: Assembly) -> None:
    client, url = browser_of(bao), f"/meetings/{item.meeting.pk}/agenda/{item.pk}/vote/"
    assert "two people must agree" not in said(client.get(url))
    assert add(client, item.meeting, item, secrecy="3") == 422
    make_member(riverside, "Bea", Role.FACILITATOR)
    assert "two people must agree" in said(client.get(url))
    assert add(client, item.meeting, item, secrecy="3") == 302


def test_two_facilitators_run_a_secret_vote_from_its_page_and_nobody_alone_from_the_cockpit(
    item: AgendaItem, bao: Membership, bea: Membership
) -> None:
    meeting = item.meeting
    add(browser_of(bao), meeting, item, secrecy="3")
    poll = Poll.objects.get()
    cockpit = browser_of(bao).get(f"/meetings/{meeting.pk}/cockpit/")
    assert f"/polls/{poll.pk}/desk/" in said(cockpit)
    refused = browser_of(bao).post(f"/meetings/{meeting.pk}/polls/{poll.pk}/open/")
    assert refused.status_code == 409
    assert "Two people open, close and show a secret vote." in said(refused)
    assert not poll.approvals.exists()
    browser_of(bao).post(f"/polls/{poll.pk}/open/")
    assert Poll.objects.get().state == PollState.DRAFT
    with pytest.raises(MeetingRefused, match="Somebody has agreed"):
        services.remove_poll(item_poll=ItemPoll.objects.get(), actor=bao.user)
    answer = browser_of(bea).post(f"/polls/{poll.pk}/open/")
    assert answer["Location"] == f"/meetings/{meeting.pk}/cockpit/"
    poll = Poll.objects.get()
    assert poll.state == PollState.OPEN
    assert poll.entitled == 6
    for verb, state in (("close", "withheld"), ("publish", "published")):
        for person in (bao, bea):
            browser_of(person).post(f"/polls/{poll.pk}/{verb}/")
        assert Poll.objects.get().state == state


def test_the_item_must_be_on_the_floor_for_its_secret_vote_as_well(
    item: AgendaItem, bao: Membership, bea: Membership
) -> None:
    later = services.add_item(meeting=item.meeting, title="Later", actor=bao.user)
    add(browser_of(bao), item.meeting, later, secrecy="3")
    poll = Poll.objects.get()
    answer = browser_of(bao).post(f"/polls/{poll.pk}/open/", follow=True)
    assert "Take up the item first" in said(answer)
    assert Poll.objects.get().state == PollState.DRAFT
