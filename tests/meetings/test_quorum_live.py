"""The quorum at every second: who counts, what it takes, and what happens when it is met or lost."""

from typing import Any

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from assemblies.services import verify_member
from meetings import services
from meetings.models import AttendanceMode, Meeting, QuorumState
from meetings.quorum_now import count_room
from meetings.services import MeetingRefused
from meetings.situation import look
from tests.make import make_member
from tests.meetings.evening import current, fresh, in_session, kinds, put_up, seat, with_doors_open
from voting.models import CodeBatch
from voting.services import credentials

HALF_OF_MEMBERS: dict[str, Any] = {"quorum_base": "members", "quorum_comparison": "more_than"}


def crowd(assembly: Assembly, size: int) -> list[Membership]:
    return [make_member(assembly, f"Person {number}") for number in range(size)]


def test_number_6_a_quorum_of_42_members_at_more_than_half_needs_22(riverside: Assembly) -> None:
    people = crowd(riverside, 42)
    meeting = in_session(riverside, *people[:21], **HALF_OF_MEMBERS)
    assert services.snapshot(meeting) == services.Snapshot(21, 22, QuorumState.NOT_MET)
    item_poll = put_up(meeting)
    with pytest.raises(MeetingRefused, match="22 voters must be checked in, and 21 are"):
        services.open_item_poll(item_poll=item_poll, actor=None)
    services.check_in(meeting=meeting, membership=people[21])
    assert services.snapshot(meeting) == services.Snapshot(22, 22, QuorumState.MET)
    services.open_item_poll(item_poll=item_poll, actor=None)


def test_each_flip_is_an_event_and_the_meeting_remembers_it(
    riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    meeting = with_doors_open(riverside, amina, quorum_needed=2)
    assert fresh(meeting).quorum_state == QuorumState.NOT_MET
    assert "quorum_lost" not in kinds(meeting)  # it never was met
    services.check_in(meeting=meeting, membership=bao)
    assert (kinds(meeting)[-1], fresh(meeting).quorum_state) == ("quorum_met", QuorumState.MET)
    assert meeting.events.last().data == {"present": 2, "required": 2}  # type: ignore[union-attr]
    services.move(attendee=seat(meeting, bao), mode=AttendanceMode.REMOTE)
    assert kinds(meeting)[-1] == "moved"
    services.step_out(attendee=seat(meeting, bao))
    assert (kinds(meeting)[-1], fresh(meeting).quorum_state) == ("quorum_lost", QuorumState.NOT_MET)


def test_a_flip_makes_no_click_of_a_facilitator_stale(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, quorum_needed=1)
    services.check_in(meeting=meeting, membership=amina)
    assert kinds(meeting)[-1] == "quorum_met"
    assert fresh(meeting).version == meeting.version


def test_where_no_quorum_is_set_nobody_counts(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    assert services.snapshot(meeting).state == QuorumState.NOT_SET
    assert fresh(meeting).quorum_state == QuorumState.NOT_SET


@pytest.mark.parametrize(("counts", "present"), [("in_room", 1), ("all_present", 2), ("with_proxies", 3)])
def test_who_counts_is_a_choice(
    riverside: Assembly, amina: Membership, bao: Membership, counts: str, present: int
) -> None:
    giver = make_member(riverside, "Giver")
    meeting = with_doors_open(riverside, amina, quorum_needed=3, quorum_counts=counts, proxies_per_holder=1)
    services.check_in(meeting=meeting, membership=bao, mode=AttendanceMode.REMOTE)
    services.give_proxy(meeting=meeting, giver=giver, holder=amina, document="1", actor=None)
    assert services.snapshot(meeting).present == present
    assert (kinds(meeting)[-1] == "quorum_met") == (present == 3)


def test_guests_and_who_is_not_verified_make_no_quorum_of_voters(riverside: Assembly, amina: Membership) -> None:
    newcomer = make_member(riverside, "Newcomer", verified=False)
    meeting = with_doors_open(riverside, amina, newcomer, quorum_base="residents", quorum_comparison="at_least")
    services.check_in_guest(meeting=meeting, handle="Zoe")
    room = count_room(meeting)
    assert (room.people.all, room.members.all, room.present, room.base_size) == (3, 2, 1, 1)
    services.edit_meeting(meeting=meeting, actor=None, quorum_base="members")
    assert count_room(fresh(meeting)).present == 2


def codes(meeting: Meeting, *, once_entered: bool = True) -> list[str]:
    """Cards for this meeting, given out at its door."""
    poll = put_up(meeting).poll
    _batch, cards = credentials.make_codes(
        poll=poll,
        batch_id=CodeBatch().pk,
        label="Door",
        size=2,
        counts_once_entered=once_entered,
        actor=None,
    )
    return [card.code for card in cards]


def test_who_enters_a_voter_code_counts_from_then_on(
    riverside: Assembly, amina: Membership, django_capture_on_commit_callbacks: Any
) -> None:
    meeting = in_session(riverside, amina, quorum_needed=2)
    card, _other = codes(meeting)
    with django_capture_on_commit_callbacks(execute=True):
        credential = credentials.enter(typed=card, device="a phone")
    assert kinds(meeting)[-1] == "quorum_met"
    with django_capture_on_commit_callbacks(execute=True):
        credentials.leave(credential)
    assert kinds(meeting)[-1] == "quorum_lost"


def test_codes_sent_out_before_count_once_they_are_entered(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina, quorum_needed=2)
    card, _other = codes(meeting, once_entered=False)
    assert count_room(meeting).present == 1
    assert count_room(meeting).may_vote == 3
    credentials.enter(typed=card, device="a phone")
    assert count_room(meeting).codes.remote == 1


def test_a_vote_that_needs_no_quorum_opens_without_one(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina, quorum_needed=5)
    item_poll = put_up(meeting)
    assert "quorum is not met" in " ".join(_blockers(meeting))
    item_poll.needs_quorum = False
    item_poll.save()
    services.open_item_poll(item_poll=item_poll, actor=None)


def _blockers(meeting: Meeting) -> list[str]:
    from voting.services import blockers

    return blockers(current(meeting).item_polls.get().poll)


def test_the_rule_can_change_and_is_looked_at_anew(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina, quorum_needed=1)
    assert fresh(meeting).quorum_state == QuorumState.MET
    services.edit_meeting(meeting=meeting, actor=None, quorum_needed=2)
    assert kinds(meeting)[-1] == "quorum_lost"
    services.edit_meeting(meeting=meeting, actor=None, quorum_base="", quorum_needed=None)
    assert fresh(meeting).quorum_state == QuorumState.NOT_SET


def test_the_cockpit_is_alerted_and_everybody_reads_it_in_words(
    client: Client, riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    meeting = in_session(riverside, amina, bao, quorum_needed=2)
    client.force_login(bao.user)
    cockpit, phone = f"/meetings/{meeting.pk}/cockpit/", f"/meetings/{meeting.pk}/live/"
    assert "Quorum lost" not in client.get(cockpit).content.decode()
    assert "Quorum met: 2 voters here, needed 2." in client.get(phone).content.decode()
    services.step_out(attendee=seat(meeting, amina))
    assert (
        "Quorum lost: 1 here, needed 2. Without it you may only close the meeting"
        in client.get(cockpit).content.decode()
    )
    assert "No quorum: 1 voter here, needed 2." in client.get(phone).content.decode()


def test_a_room_of_15_costs_as_many_queries_as_one_of_5(riverside: Assembly, django_assert_num_queries: Any) -> None:
    few = with_doors_open(riverside, *crowd(riverside, 5), **HALF_OF_MEMBERS)
    many = with_doors_open(riverside, *crowd(riverside, 15), **HALF_OF_MEMBERS)
    for meeting in (few, many):
        with django_assert_num_queries(4):
            count_room(meeting)
    assert look(many.pk).present == 15


def test_a_voting_right_given_at_the_desk_makes_the_quorum(
    client: Client, riverside: Assembly, bao: Membership
) -> None:
    newcomer = make_member(riverside, "Newcomer", verified=False)
    meeting = with_doors_open(riverside, newcomer, quorum_needed=1)
    client.force_login(bao.user)
    client.post(f"/meetings/{meeting.pk}/desk/people/{newcomer.pk}/voting-right/")
    assert kinds(meeting)[-1] == "quorum_met"
    assert verify_member(membership=newcomer, actor=bao.user).verified_at
