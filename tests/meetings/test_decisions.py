"""What the meeting decided: numbered, explained, with who was there; replaced or void, and never erased."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.db.models import Model

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.models import Decision, DecisionWay, Meeting, MeetingState, Outcome, QuorumState
from meetings.services import MeetingRefused, Threshold
from meetings.services.decisions import outcome_of
from tests.make import make_assembly, make_member
from tests.meetings.evening import (
    current,
    declare_void,
    fresh,
    fresh_poll,
    in_session,
    kinds,
    put_up,
    seat,
    vote,
)
from tests.once import made_once, parts_of_it
from voting import results
from voting.models import OpenBallot, PollState

HALF = Threshold()


def nine_in_session() -> dict[str, Model]:
    """Riverside, and a meeting in which nine residents may vote."""
    riverside = make_assembly("Riverside")
    people = [make_member(riverside, f"Resident {number}") for number in range(9)]
    return {"riverside": riverside, "meeting": in_session(riverside, *people)}


world = made_once(nine_in_session)
riverside, meeting = parts_of_it("riverside", "meeting")


@pytest.fixture
def room(riverside: Assembly) -> list[Membership]:
    """The nine residents."""
    return list(riverside.memberships.select_related("user", "assembly").order_by("user__name"))


def held(meeting: Meeting, template: str = "yes_no", **asked: Any) -> Any:
    """An open vote of the meeting."""
    asked.setdefault("question", "Open until 23:00?")
    item_poll = services.add_poll(item=current(meeting), template=template, actor=None, **asked)
    services.open_item_poll(item_poll=item_poll, actor=None)
    return fresh_poll(item_poll)


def show(item_poll: Any) -> Decision | None:
    """Close it, show it, and the decision that came of it."""
    services.close_item_poll(item_poll=item_poll, actor=None)
    item_poll = fresh_poll(item_poll)
    if item_poll.poll.state != PollState.PUBLISHED:
        services.reveal_item_poll(item_poll=item_poll, actor=None)
    return Decision.objects.filter(poll=item_poll.poll).order_by("-number").first()


def decided(meeting: Meeting, room: list[Membership], answers: str, **asked: Any) -> Decision:
    """The decision after these answers: y, n or a for each person who votes."""
    item_poll = held(meeting, **asked)
    words = {"y": "yes", "n": "no", "a": "abstain"}
    for member, answer in zip(room, answers, strict=False):
        vote(item_poll.poll, member, words[answer])
    decision = show(item_poll)
    assert decision
    return decision


# MEETINGS 6


@pytest.mark.parametrize("name", ["majority", "two_thirds", "three_quarters", "unanimous"])
@pytest.mark.parametrize("base", ["cast", "ballots", "present", "register", "members"])
def test_5_nobody_says_yes_or_no_under_every_threshold_is_not_carried(
    meeting: Meeting, room: list[Membership], name: str, base: str
) -> None:
    decision = decided(meeting, room, "aaa", threshold=Threshold.named(name, base))
    assert decision.outcome == Outcome.NO_VALID_BALLOTS
    assert decision.sentence == "No decision: nobody voted yes or no."


def test_6_a_quorum_of_more_than_half_of_42_members_is_22(riverside: Assembly) -> None:
    members = [make_member(riverside, f"Member {number}") for number in range(42 - riverside.memberships.count())]
    meeting = in_session(riverside, *members[:21])
    Meeting.objects.filter(pk=meeting.pk).update(quorum_base="members")
    item_poll = put_up(fresh(meeting))
    with pytest.raises(MeetingRefused, match="22"):
        services.open_item_poll(item_poll=item_poll, actor=None)
    services.check_in(meeting=fresh(meeting), membership=members[21])
    services.open_item_poll(item_poll=fresh_poll(item_poll), actor=None)
    vote(fresh_poll(item_poll).poll, members[0], "yes")
    decision = show(fresh_poll(item_poll))
    assert decision
    assert (decision.present, decision.quorum_required, decision.quorum_state) == (22, 22, QuorumState.MET)


@pytest.mark.parametrize("base", ["cast", "ballots", "present", "register"])
def test_7_a_weighted_vote_has_its_base_in_weights_and_never_more_than_all(
    meeting: Meeting, room: list[Membership], base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from meetings.services import polls

    lines = polls.present_now
    monkeypatch.setattr(polls, "present_now", lambda meeting: [replace(line, weight=3) for line in lines(meeting)])
    decision = decided(meeting, room, "yyyyyyyyy", threshold=Threshold("1/2", ">", base))
    (test,) = decision.numbers["tests"]
    assert (decision.numbers["yes"], test["base_size"]) == (27, 27)
    assert decision.numbers["yes"] <= test["base_size"]


def test_10_there_is_no_reset_and_void_keeps_the_ballots(meeting: Meeting, room: list[Membership]) -> None:
    decision = decided(meeting, room, "yyyn")
    item_poll = fresh_poll(decision.poll.item_poll)  # type: ignore[union-attr]
    declare_void(item_poll, "The question was unclear.")
    assert OpenBallot.objects.filter(poll=item_poll.poll).count() == 4
    assert results.binding_result(fresh_poll(item_poll).poll) is not None
    decision.refresh_from_db()
    assert (decision.void_reason, Decision.objects.standing().count()) == ("The question was unclear.", 0)
    assert not hasattr(services, "reset_poll")
    for state in ("draft", "ready", "open"):
        with pytest.raises(DatabaseError), transaction.atomic():
            type(item_poll.poll).objects.filter(pk=item_poll.poll.pk).update(state=state)


@pytest.mark.parametrize("template", ["yes_no", "choose_one", "approval", "ranked", "score", "consensus"])
def test_15_what_was_counted_is_counted_again_the_same(meeting: Meeting, room: list[Membership], template: str) -> None:
    from voting import counting
    from voting.tally import RULES

    asked = {} if template in ("yes_no", "consensus") else {"options": ("Bench", "Well", "Tree")}
    item_poll = held(meeting, template, **asked)
    poll = item_poll.poll
    choices: dict[str, list[Any]] = {
        "yes_no": ["yes", "yes", "no"],
        "choose_one": ["1", "1", "2"],
        "approval": ["1", "2", "2"],
        "ranked": ["1", "1", "3"],
        "consensus": ["agree", "agree", "reservations"],
    }
    if template == "score":
        from tests.make import line_of
        from voting.services import cast_ballot

        for number, member in enumerate(room[:3]):
            given = {"points": {"1": 5, "2": 1 + number}}
            cast_ballot(poll=poll, line=line_of(poll, member), choice=given, key=f"{member.pk}-{poll.pk}")
    else:
        for member, key in zip(room, choices[template], strict=False):
            vote(poll, member, key)
    decision = show(item_poll)
    assert decision
    poll = fresh_poll(item_poll).poll
    stored = results.binding_result(poll)
    assert stored
    again = RULES[poll.rule].count(counting.election_of(poll), **counting.parameters_of(poll, poll.rule))
    assert again.sha256 == bytes(stored.outcome_hash).hex()
    assert decision.outcome == outcome_of(stored.outcome)


# R1 to R6


@pytest.mark.parametrize(
    ("answers", "threshold", "outcome", "sentence"),
    [
        ("yyynn", Threshold(), "carried", "Carried: 3 yes of 5 counted, needed 3."),
        ("yynnn", Threshold(), "lost", "Lost: 2 yes of 5 counted, needed 3."),
        ("yynn", Threshold(), "tie", "A tie: 2 yes and 2 no. The motion is not carried."),
        ("yyyynn", Threshold("2/3", ">="), "carried", "Carried: 4 yes of 6 counted, needed 4."),
        ("yyyynn", Threshold("2/3", ">"), "lost", "Lost: 4 yes of 6 counted, needed 5."),
        ("yyyaaaa", Threshold("1/2", ">", "ballots"), "lost", "Lost: 3 yes of 7 ballots, needed 4."),
        ("yyyy", Threshold("1/2", ">", "register"), "lost", "Lost: 4 yes of 9 who may vote, needed 5."),
        ("yyyya", Threshold("1", ">="), "carried", "Carried: 4 yes of 4 counted, needed 4."),
        ("yyyyn", Threshold("1", ">="), "lost", "Lost: 4 yes of 5 counted, needed 5."),
        ("yyynn", Threshold("3/5", ">="), "carried", "Carried: 3 yes of 5 counted, needed 3."),
    ],
)
def test_thresholds_are_exact_and_say_their_numbers(
    meeting: Meeting, room: list[Membership], answers: str, threshold: Threshold, outcome: str, sentence: str
) -> None:
    decision = decided(meeting, room, answers, threshold=threshold)
    assert (decision.outcome, decision.sentence) == (outcome, sentence)


def test_62_yes_of_90_counted_needed_60(riverside: Assembly) -> None:
    people = [make_member(riverside, f"Resident {number}") for number in range(90)]
    decision = decided(in_session(riverside, *people), people, "y" * 62 + "n" * 28, threshold=services.TWO_THIRDS)
    assert decision.sentence == "Carried: 62 yes of 90 counted, needed 60."


def test_those_present_and_all_members_are_counted_when_the_vote_opens(
    riverside: Assembly, meeting: Meeting, room: list[Membership]
) -> None:
    item_poll = held(meeting, threshold=Threshold("1/2", ">", "present"))
    for member in room[5:]:
        services.check_out(attendee=seat(meeting, member))  # they keep their vote, and they still count
    for member in room[:4]:
        vote(item_poll.poll, member, "yes")
    decision = show(item_poll)
    assert decision
    (test,) = decision.numbers["tests"]
    assert (decision.outcome, test["base_size"], test["needed"]) == (Outcome.LOST, 9, 5)
    of_members = decided(meeting, room, "yyyyy", threshold=Threshold("1/2", ">", "members"))
    (test,) = of_members.numbers["tests"]
    assert test["base_size"] == riverside.memberships.filter(left_at=None).count()


@pytest.mark.parametrize(
    ("share", "operator"), [("0", ">="), ("3/2", ">="), ("x", ">="), ("1/0", ">="), ("1", ">"), ("1/2", "=")]
)
def test_a_threshold_that_means_nothing_is_refused_in_words(share: str, operator: str) -> None:
    with pytest.raises(MeetingRefused):
        Threshold(share, operator)


def test_decisions_are_numbered_without_gaps_and_say_who_was_there(meeting: Meeting, room: list[Membership]) -> None:
    first, second = decided(meeting, room, "yyn"), decided(meeting, room, "nny")
    assert (first.number, second.number) == (1, 2)
    assert (first.present, first.quorum_state, first.way) == (9, QuorumState.NOT_SET, DecisionWay.POLL)
    assert first.text == "Open until 23:00?"
    assert second.text == ""
    assert "decided" in kinds(meeting)
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.filter(pk=first.pk).update(sentence="Lost.")
    with pytest.raises(DatabaseError), transaction.atomic():
        first.delete()


def test_a_sentence_is_in_the_language_of_the_assembly_whoever_shows_it(
    meeting: Meeting, room: list[Membership]
) -> None:
    from django.utils import translation

    item_poll = held(meeting)
    vote(item_poll.poll, room[0], "yes")
    with translation.override("es"):
        decision = show(item_poll)
    assert decision
    assert decision.sentence == "Carried: 1 yes of 1 counted, needed 1."


def test_a_straw_poll_decides_nothing(meeting: Meeting, room: list[Membership]) -> None:
    straw = held(meeting, is_straw=True)
    vote(straw.poll, room[0], "yes")
    assert show(straw) is None
    warm = held(meeting, "temperature")
    assert warm.is_straw
    for member, mark in zip(room, "5541", strict=False):
        vote(warm.poll, member, mark)
    assert show(warm) is None
    from meetings.situation import look

    assert look(meeting.pk).poll_in_hand.temperature == "On average 3.8 of 5."  # type: ignore[union-attr]
    assert not Decision.objects.exists()


def test_one_question_at_a_time_also_beside_a_straw_poll(meeting: Meeting, room: list[Membership]) -> None:
    held(meeting, "temperature")
    with pytest.raises(MeetingRefused, match="vote is open"):
        held(meeting)
    with pytest.raises(MeetingRefused, match="vote is open"):
        services.open_hand_count(item=current(meeting), question="Hands?", actor=None)


@pytest.mark.parametrize("matter", ["adjourn", "recess", "next_time", "get_quorum"])
def test_without_a_quorum_the_room_decides_only_how_to_go_on(
    riverside: Assembly, room: list[Membership], matter: str
) -> None:
    meeting = in_session(riverside, *room[:2], quorum_needed=5)
    with pytest.raises(MeetingRefused, match="quorum"):
        held(meeting)
    item_poll = services.add_poll_without_quorum(item=current(meeting), matter=matter, actor=None)
    services.open_item_poll(item_poll=item_poll, actor=None)
    vote(fresh_poll(item_poll).poll, room[0], "yes")
    decision = show(fresh_poll(item_poll))
    assert decision
    assert (decision.outcome, decision.quorum_state, decision.quorum_required) == ("carried", QuorumState.NOT_MET, 5)


def test_a_vote_again_replaces_the_decision_and_when_it_is_void_the_first_stands_again(
    meeting: Meeting, room: list[Membership]
) -> None:
    first = decided(meeting, room, "yyn")
    again = decided(meeting, room, "nny", follows=first.poll)
    assert again.supersedes == first
    assert list(Decision.objects.standing()) == [again]
    declare_void(fresh_poll(again.poll.item_poll), "Miscounted.")  # type: ignore[union-attr]
    assert list(Decision.objects.standing()) == [first]
    third = decided(meeting, room, "yyy", follows=again.poll)
    assert third.supersedes == first
    assert list(Decision.objects.standing()) == [third]
    assert Decision.objects.count() == 3


def test_what_is_decided_while_a_vote_runs_waits(meeting: Meeting, room: list[Membership]) -> None:
    item_poll = held(meeting)
    vote(item_poll.poll, room[0], "yes")
    services.close_item_poll(item_poll=item_poll, actor=None)
    assert not Decision.objects.exists()  # counted, and nobody has seen it
    assert fresh(meeting).state == MeetingState.IN_SESSION


def test_consensus_blocked_leads_to_the_fallback_that_was_agreed(meeting: Meeting, room: list[Membership]) -> None:
    item_poll = held(meeting, "consensus", consent=services.Consent(has_fallback=True))
    assert item_poll.poll.text == "If this is blocked, the room votes again and two thirds decide."
    for member in room[:8]:
        vote(item_poll.poll, member, "agree")
    from tests.make import line_of
    from voting.services import cast_ballot

    why = {"options": ["block"], "reason": "It shuts out children."}
    cast_ballot(poll=item_poll.poll, line=line_of(item_poll.poll, room[8]), choice=why, key=f"k-{item_poll.pk}")
    blocked = show(item_poll)
    assert blocked
    assert blocked.outcome == Outcome.BLOCKED
    second = services.add_fallback(item_poll=fresh_poll(item_poll), actor=None)
    assert second.poll.rule_parameters["threshold"] == "2/3"
    with pytest.raises(MeetingRefused, match="there already"):
        services.add_fallback(item_poll=fresh_poll(item_poll), actor=None)
    services.open_item_poll(item_poll=second, actor=None)
    for number, member in enumerate(room):
        vote(fresh_poll(second).poll, member, "yes" if number < 6 else "no")
    carried = show(fresh_poll(second))
    assert carried
    assert (carried.outcome, carried.supersedes) == (Outcome.CARRIED, blocked)


def test_without_an_agreed_fallback_a_block_stands(meeting: Meeting, room: list[Membership]) -> None:
    item_poll = held(meeting, "consensus")
    vote(item_poll.poll, room[0], "agree")
    show(item_poll)
    with pytest.raises(MeetingRefused, match="not blocked here"):
        services.add_fallback(item_poll=fresh_poll(item_poll), actor=None)


def test_a_tie_between_answers_leads_to_a_runoff_between_them(meeting: Meeting, room: list[Membership]) -> None:
    item_poll = held(meeting, "choose_one", options=("Bench", "Well", "Tree"))
    for member, key in zip(room, "11223", strict=False):
        vote(item_poll.poll, member, key)
    tie = show(item_poll)
    assert tie
    assert (tie.outcome, tie.sentence) == (Outcome.TIE, "A tie: Bench and Well have equally many votes.")
    runoff = services.add_runoff(item_poll=fresh_poll(item_poll), actor=None)
    assert [option.title for option in runoff.poll.options.all()] == ["Bench", "Well"]
    services.open_item_poll(item_poll=runoff, actor=None)
    for member, key in zip(room, "112", strict=False):
        vote(fresh_poll(runoff).poll, member, key)
    found = show(fresh_poll(runoff))
    assert found
    assert (found.outcome, found.supersedes, found.text) == (Outcome.DECIDED, tie, "Bench")


def test_a_winner_that_needs_more_than_half_goes_into_a_runoff_with_the_second(
    meeting: Meeting, room: list[Membership]
) -> None:
    item_poll = held(meeting, "choose_one", options=("Bench", "Well", "Tree"), needs_majority=True)
    for member, key in zip(room, "111122233", strict=False):
        vote(item_poll.poll, member, key)
    decision = show(item_poll)
    assert decision
    assert decision.outcome == Outcome.NEEDS_RUNOFF
    runoff = services.add_runoff(item_poll=fresh_poll(item_poll), actor=None)
    assert [option.title for option in runoff.poll.options.all()] == ["Bench", "Well"]


def test_a_winner_needs_no_runoff(meeting: Meeting, room: list[Membership]) -> None:
    item_poll = held(meeting, "choose_one", options=("Bench", "Well"))
    vote(item_poll.poll, room[0], "1")
    show(item_poll)
    with pytest.raises(MeetingRefused, match="found its winner"):
        services.add_runoff(item_poll=fresh_poll(item_poll), actor=None)


# The chair's casting vote


def tied(meeting: Meeting, room: list[Membership], **fields: Any) -> Decision:
    Meeting.objects.filter(pk=meeting.pk).update(**fields)
    return decided(fresh(meeting), room, "yynn")


def test_the_chair_decides_a_tie_and_the_ballots_stay(meeting: Meeting, room: list[Membership]) -> None:
    tie = tied(meeting, room, chair_breaks_ties=True, chair=room[0])
    decision = services.cast_deciding_vote(decision=tie, vote="yes", actor=room[0].user)
    assert (decision.way, decision.outcome, decision.supersedes) == (DecisionWay.CASTING_VOTE, Outcome.CARRIED, tie)
    assert decision.sentence == "Carried by the casting vote of the chair: 2 yes and 2 no."
    assert OpenBallot.objects.filter(poll=tie.poll).count() == 4
    assert list(Decision.objects.standing()) == [decision]
    with pytest.raises(MeetingRefused, match="tie"):
        services.cast_deciding_vote(decision=tie, vote="no", actor=room[0].user)


def test_only_the_chair_decides_and_only_where_the_meeting_says_so(meeting: Meeting, room: list[Membership]) -> None:
    tie = tied(meeting, room, chair_breaks_ties=True, chair=room[0])
    with pytest.raises(MeetingRefused, match="chair"):
        services.cast_deciding_vote(decision=tie, vote="yes", actor=room[1].user)
    with pytest.raises(MeetingRefused, match="yes or no"):
        services.cast_deciding_vote(decision=tie, vote="maybe", actor=room[0].user)
    Meeting.objects.filter(pk=tie.meeting_id).update(chair_breaks_ties=False)
    with pytest.raises(MeetingRefused, match="chair"):
        services.cast_deciding_vote(decision=tie, vote="yes", actor=room[0].user)


def test_voiding_the_tied_vote_takes_the_chairs_with_it(meeting: Meeting, room: list[Membership]) -> None:
    tie = tied(meeting, room, chair_breaks_ties=True, chair=room[0])
    services.cast_deciding_vote(decision=tie, vote="yes", actor=room[0].user)
    declare_void(fresh_poll(tie.poll.item_poll), "Wrong question.")  # type: ignore[union-attr]
    assert not Decision.objects.standing().exists()
    assert Decision.objects.exclude(void_reason="Wrong question.").count() == 0
