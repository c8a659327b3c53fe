"""Motions and changes to them: what is adopted, what was written for an earlier text, and what is taken back."""

from typing import Any

import pytest
from django.db.models import Model

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.decided import ShownAmendment
from meetings.models import Amendment, AmendmentState, Decision, DecisionWay, Meeting, Motion, MotionState, Outcome
from meetings.services import MeetingRefused
from meetings.services.motions import is_for_an_earlier_text
from tests.make import make_assembly, make_member
from tests.meetings.evening import current, declare_decision_void, declare_void, fresh, fresh_poll, in_session, vote
from tests.once import made_once, parts_of_it

TEXT = "We plant ten trees in Mill Lane.\nWe begin in March."


def five_in_session() -> dict[str, Model]:
    riverside = make_assembly("Riverside")
    people = [make_member(riverside, f"Resident {number}") for number in range(5)]
    return {"riverside": riverside, "meeting": in_session(riverside, *people)}


world = made_once(five_in_session)
riverside, meeting = parts_of_it("riverside", "meeting")


@pytest.fixture
def room(riverside: Assembly) -> list[Membership]:
    """The five residents who are there."""
    people = riverside.memberships.filter(user__name__startswith="Resident")
    return list(people.select_related("user", "assembly").order_by("user__name"))


@pytest.fixture
def motion(meeting: Meeting) -> Motion:
    return services.put_motion(item=current(meeting), title="Trees", text=TEXT, mover="Amina", actor=None)


def now(motion: Motion) -> Motion:
    return Motion.objects.select_related("item__meeting__assembly").get(pk=motion.pk)


def changed(motion: Motion, old: str, new: str) -> Amendment:
    motion = now(motion)
    return services.amend(motion=motion, text=motion.current_text.replace(old, new), actor=None)


def agree(motion: Motion, amendment: Amendment | None = None, *, carried: bool = True) -> Decision:
    if amendment is not None:
        amendment = Amendment.objects.select_related("motion").get(pk=amendment.pk)
    return services.decide_by_agreement(motion=now(motion), amendment=amendment, carried=carried, actor=None)


def voted(meeting: Meeting, room: list[Membership], answers: str, motion: Motion, **about: Any) -> Decision:
    """The decision of a vote on the motion, or on a change to it."""
    held = services.add_poll(
        item=current(meeting), template="yes_no", question="Trees?", motion=now(motion), actor=None, **about
    )
    services.open_item_poll(item_poll=held, actor=None)
    for member, answer in zip(room, answers, strict=False):
        vote(fresh_poll(held).poll, member, {"y": "yes", "n": "no", "a": "abstain"}[answer])
    services.close_item_poll(item_poll=fresh_poll(held), actor=None)
    services.reveal_item_poll(item_poll=fresh_poll(held), actor=None)
    return Decision.objects.get(poll=held.poll)


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ("yyn", MotionState.CARRIED),
        ("ynn", MotionState.LOST),
        ("yn", MotionState.LOST),
        ("aa", MotionState.NO_DECISION),
    ],
)
def test_a_motion_follows_the_vote_on_it(
    meeting: Meeting, room: list[Membership], motion: Motion, answers: str, state: MotionState
) -> None:
    decision = voted(meeting, room, answers, motion)
    assert now(motion).state == state
    assert decision.motion == motion
    assert decision.text == (TEXT if state == MotionState.CARRIED else "")


def test_an_adopted_change_is_in_the_text_and_others_were_written_for_an_earlier_one(
    meeting: Meeting, room: list[Membership], motion: Motion
) -> None:
    twelve, april = changed(motion, "ten", "twelve"), changed(motion, "March", "April")
    decision = voted(meeting, room, "yyn", motion, amendment=twelve)
    assert decision.amendment == twelve
    assert now(motion).current_text == TEXT.replace("ten", "twelve")
    late = Amendment.objects.select_related("motion").get(pk=april.pk)
    assert is_for_an_earlier_text(late)
    with pytest.raises(MeetingRefused, match="earlier text"):
        agree(motion, april)
    with pytest.raises(MeetingRefused, match="earlier text"):
        services.add_poll(
            item=current(meeting), template="yes_no", question="?", motion=now(motion), amendment=late, actor=None
        )
    agree(motion, changed(motion, "March", "April"))
    assert now(motion).current_text == TEXT.replace("ten", "twelve").replace("March", "April")
    agree(motion)
    assert now(motion).state == MotionState.AMENDED_AND_CARRIED
    assert now(motion).text == TEXT  # as it was moved


def test_a_rejected_change_leaves_the_text(motion: Motion) -> None:
    change = changed(motion, "ten", "twelve")
    decision = agree(motion, change, carried=False)
    assert (decision.outcome, decision.way) == (Outcome.LOST, DecisionWay.AGREEMENT)
    change.refresh_from_db()
    assert (change.state, now(motion).current_text) == (AmendmentState.REJECTED, TEXT)


def test_voiding_the_vote_on_a_change_takes_it_out_unless_something_rests_on_it(
    meeting: Meeting, room: list[Membership], motion: Motion
) -> None:
    first = voted(meeting, room, "yy", motion, amendment=changed(motion, "ten", "twelve"))
    second = agree(motion, changed(motion, "March", "April"))
    item_poll = fresh_poll(first.poll.item_poll)  # type: ignore[union-attr]
    with pytest.raises(MeetingRefused, match="later decision void first"):
        declare_void(item_poll, "Miscounted.")
    declare_decision_void(second, "Too early.")
    declare_void(item_poll, "Miscounted.")
    assert now(motion).current_text == TEXT
    assert set(motion.amendments.values_list("state", flat=True)) == {AmendmentState.PROPOSED}


def test_a_void_vote_gives_the_motion_back_to_the_room(
    meeting: Meeting, room: list[Membership], motion: Motion
) -> None:
    decision = voted(meeting, room, "yyn", motion)
    declare_void(fresh_poll(decision.poll.item_poll), "Miscounted.")  # type: ignore[union-attr]
    assert now(motion).state == MotionState.PROPOSED
    again = voted(meeting, room, "nny", motion, follows=decision.poll)
    assert (again.supersedes, now(motion).state) == (None, MotionState.LOST)


def test_nothing_happens_to_a_motion_while_the_room_votes_on_it(
    meeting: Meeting, room: list[Membership], motion: Motion
) -> None:
    change = changed(motion, "ten", "twelve")
    held = services.add_poll(
        item=current(meeting), template="yes_no", question="Trees?", motion=motion, amendment=change, actor=None
    )
    services.open_item_poll(item_poll=held, actor=None)
    with pytest.raises(MeetingRefused, match="vote"):
        agree(motion)
    with pytest.raises(MeetingRefused, match="vote"):
        services.end_motion(motion=now(motion), state=MotionState.WITHDRAWN, actor=None)
    with pytest.raises(MeetingRefused, match="vote"):
        services.withdraw_amendment(amendment=change, actor=None)


@pytest.mark.parametrize("state", [MotionState.WITHDRAWN, MotionState.REFERRED, MotionState.NO_DECISION])
def test_a_motion_ends_without_a_vote_and_is_not_decided_after(motion: Motion, state: MotionState) -> None:
    services.end_motion(motion=now(motion), state=state, referred_to="The district", actor=None)
    assert now(motion).state == state
    with pytest.raises(MeetingRefused, match="decided already"):
        agree(motion)
    with pytest.raises(MeetingRefused, match="decided already"):
        changed(motion, "ten", "twelve")


def test_handing_a_motion_on_needs_to_say_to_whom(motion: Motion) -> None:
    with pytest.raises(MeetingRefused, match="to whom"):
        services.end_motion(motion=now(motion), state=MotionState.REFERRED, actor=None)


def test_a_change_that_changes_nothing_is_refused(motion: Motion) -> None:
    with pytest.raises(MeetingRefused, match="Change something"):
        services.amend(motion=motion, text=TEXT + "\r\n", actor=None)
    with pytest.raises(MeetingRefused, match="Write the text"):
        services.amend(motion=motion, text=" ", actor=None)


def test_a_withdrawn_change_is_not_decided(motion: Motion) -> None:
    change = changed(motion, "ten", "twelve")
    services.withdraw_amendment(amendment=change, actor=None)
    with pytest.raises(MeetingRefused, match="decided already"):
        agree(motion, change)


def test_a_straw_poll_and_a_choice_do_not_decide_on_a_motion(meeting: Meeting, motion: Motion) -> None:
    choices: tuple[dict[str, Any], ...] = (
        {"template": "temperature"},
        {"template": "choose_one", "options": ("A", "B")},
    )
    for asked in choices:
        with pytest.raises(MeetingRefused):
            services.add_poll(item=current(meeting), question="?", motion=motion, actor=None, **asked)


def test_agreement_needs_a_quorum(riverside: Assembly, room: list[Membership]) -> None:
    meeting = in_session(riverside, *room[:2], quorum_needed=5)
    motion = services.put_motion(item=current(fresh(meeting)), title="Trees", text=TEXT, actor=None)
    with pytest.raises(MeetingRefused, match="quorum"):
        agree(motion)


def test_a_change_is_said_in_words_for_who_listens(motion: Motion) -> None:
    shown = ShownAmendment(changed(motion, "ten trees in Mill Lane", "twelve trees"))
    assert shown.in_words == ["Instead of “ten”: “twelve”.", "Left out: “in Mill Lane”."]
