"""Raised hands: two tellers, one result, and never more hands than people."""

from typing import Any

import pytest
from django.db.models import Model

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.models import Decision, DecisionWay, HandCount, Meeting, Outcome, Scene
from meetings.services import MeetingRefused, Threshold, TwoCounts
from meetings.situation import look
from tests.make import make_assembly, make_member
from tests.meetings.evening import (
    current,
    declare_decision_void,
    declare_void,
    fresh,
    fresh_poll,
    in_session,
    kinds,
    put_to_the_vote,
    put_up,
)
from tests.once import made_once, parts_of_it


def ten_in_session() -> dict[str, Model]:
    riverside = make_assembly("Riverside")
    people = [make_member(riverside, f"Resident {number}") for number in range(10)]
    return {"riverside": riverside, "meeting": in_session(riverside, *people)}


world = made_once(ten_in_session)
riverside, meeting = parts_of_it("riverside", "meeting")


@pytest.fixture
def room(riverside: Assembly) -> list[Membership]:
    """The ten residents who are there."""
    people = riverside.memberships.filter(user__name__startswith="Resident")
    return list(people.select_related("user", "assembly").order_by("user__name"))


@pytest.fixture
def tellers(room: list[Membership]) -> tuple[Any, Any]:
    return room[0].user, room[1].user


def hands_up(meeting: Meeting, **asked: Any) -> HandCount:
    return services.open_hand_count(item=current(fresh(meeting)), question="Shall we?", actor=None, **asked)


def enter(count: HandCount, teller: Any, yes: int, no: int, abstain: int = 0) -> tuple[TwoCounts, Decision | None]:
    return services.enter_hands(
        hand_count=HandCount.objects.select_related("item__meeting__assembly").get(pk=count.pk),
        counted={"yes": yes, "no": no, "abstain": abstain},
        teller=teller,
    )


def test_two_equal_counts_decide(meeting: Meeting, tellers: tuple[Any, Any]) -> None:
    count = hands_up(meeting, threshold=Threshold("2/3", ">="))
    assert enter(count, tellers[0], 6, 3, 1) == (TwoCounts.WAIT, None)
    told, decision = enter(count, tellers[1], 6, 3, 1)
    assert told is TwoCounts.SAME
    assert decision
    assert (decision.way, decision.outcome) == (DecisionWay.HANDS, Outcome.CARRIED)
    assert decision.sentence == "Carried: 6 yes of 9 counted, needed 6."
    assert decision.present == 10
    with pytest.raises(MeetingRefused, match="over"):
        enter(count, tellers[0], 6, 3, 1)


@pytest.mark.parametrize(("shown", "then"), [("result", "item"), ("agenda", "agenda")])
def test_the_wall_leaves_the_result_before_for_the_hands(meeting: Meeting, shown: str, then: str) -> None:
    held = put_to_the_vote(meeting)
    services.close_item_poll(item_poll=held, actor=None)
    services.reveal_item_poll(item_poll=fresh_poll(held), actor=None)
    services.set_scene(meeting=fresh(meeting), scene=Scene(shown), actor=None)
    hands_up(fresh(meeting))
    assert (look(meeting.pk).scene, fresh(meeting).scene) == (then, then)


def test_when_they_differ_both_count_again(meeting: Meeting, tellers: tuple[Any, Any]) -> None:
    count = hands_up(meeting)
    enter(count, tellers[0], 6, 3)
    assert enter(count, tellers[1], 5, 3) == (TwoCounts.DIFFERENT, None)
    assert "hands_differ" in kinds(meeting)
    told, decision = enter(count, tellers[1], 6, 3)
    assert (told, decision is not None) == (TwoCounts.SAME, True)


def test_the_same_person_is_not_both_tellers(
    meeting: Meeting, tellers: tuple[Any, Any], room: list[Membership]
) -> None:
    count = hands_up(meeting)
    enter(count, tellers[0], 6, 3)
    assert enter(count, tellers[0], 6, 3) == (TwoCounts.WAIT, None)
    assert not Decision.objects.exists()
    enter(count, tellers[1], 5, 3)
    with pytest.raises(MeetingRefused, match="not one of them"):
        enter(count, room[2].user, 6, 3)


def test_one_teller_counts_twice_and_the_record_says_so(meeting: Meeting, tellers: tuple[Any, Any]) -> None:
    count = hands_up(meeting, one_teller=True)
    assert enter(count, tellers[0], 6, 3) == (TwoCounts.WAIT, None)
    assert enter(count, tellers[0], 5, 3) == (TwoCounts.DIFFERENT, None)
    assert enter(count, tellers[0], 5, 4) == (TwoCounts.WAIT, None)
    told, decision = enter(count, tellers[0], 5, 4)
    assert told is TwoCounts.SAME
    assert decision
    assert decision.numbers["one_teller"]


@pytest.mark.parametrize(("numbers", "why"), [((8, 3, 0), "only 10 people"), ((-1, 3, 0), "below zero")])
def test_more_hands_than_people_are_refused(
    meeting: Meeting, tellers: tuple[Any, Any], numbers: tuple[int, int, int], why: str
) -> None:
    with pytest.raises(MeetingRefused, match=why):
        enter(hands_up(meeting), tellers[0], *numbers)


def test_a_straw_count_decides_nothing(meeting: Meeting, tellers: tuple[Any, Any]) -> None:
    count = hands_up(meeting, is_straw=True)
    enter(count, tellers[0], 6, 3)
    assert enter(count, tellers[1], 6, 3) == (TwoCounts.SAME, None)
    assert not Decision.objects.exists()


def test_a_motion_follows_the_hands_and_a_tie_is_for_the_chair(
    meeting: Meeting, tellers: tuple[Any, Any], room: list[Membership]
) -> None:
    motion = services.put_motion(item=current(meeting), title="Trees", text="Ten trees.", actor=None)
    Meeting.objects.filter(pk=meeting.pk).update(chair_breaks_ties=True, chair=room[3])
    count = hands_up(meeting, motion=motion)
    with pytest.raises(MeetingRefused, match="being counted"):
        services.decide_by_agreement(motion=motion, actor=None)
    enter(count, tellers[0], 4, 4)
    _told, tie = enter(count, tellers[1], 4, 4)
    assert tie
    motion.refresh_from_db()
    assert (tie.outcome, motion.state) == (Outcome.TIE, "lost")
    decided = services.cast_deciding_vote(decision=tie, vote="yes", actor=room[3].user)
    motion.refresh_from_db()
    assert (decided.outcome, decided.text, motion.state) == (Outcome.CARRIED, "Ten trees.", "carried")
    declare_decision_void(decided, "Not the chair's turn.")
    motion.refresh_from_db()
    assert motion.state == "lost"


def test_nothing_else_moves_while_hands_are_counted(meeting: Meeting) -> None:
    count = hands_up(meeting)
    with pytest.raises(MeetingRefused, match="being counted"):
        services.open_item_poll(item_poll=put_up(fresh(meeting)), actor=None)
    with pytest.raises(MeetingRefused, match="being counted"):
        services.recess(meeting=fresh(meeting), actor=None)
    with pytest.raises(MeetingRefused, match="Say why"):
        services.stop_hand_count(hand_count=count, reason=" ", actor=None)
    services.stop_hand_count(hand_count=count, reason="The lights went out.", actor=None)
    assert not Decision.objects.exists()
    services.recess(meeting=fresh(meeting), actor=None)


def test_hands_need_a_quorum_the_session_and_an_item(riverside: Assembly, room: list[Membership]) -> None:
    few = in_session(riverside, *room[:2], quorum_needed=5)
    with pytest.raises(MeetingRefused, match="quorum"):
        hands_up(few)
    hands_up(few, needs_quorum=False)
    empty = in_session(riverside)
    with pytest.raises(MeetingRefused, match="Nobody"):
        hands_up(empty)


def test_a_void_vote_gives_way_to_the_count_of_hands_that_decided(meeting: Meeting, tellers: tuple[Any, Any]) -> None:
    held = put_up(meeting)
    services.open_item_poll(item_poll=held, actor=None)
    declare_void(fresh_poll(held), "The Wi-Fi was gone.")
    assert look(meeting.pk).poll_in_hand, "the void vote is told until something else was decided"
    count = hands_up(meeting)
    enter(count, tellers[0], 6, 3, 1)
    enter(count, tellers[1], 6, 3, 1)
    assert look(meeting.pk).poll_in_hand is None
