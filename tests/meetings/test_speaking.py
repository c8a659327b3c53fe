"""The speaking queue of a meeting, rule by rule (S1 to S8 of the design): who speaks, who is next, and for how long."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assemblies.models import Assembly, Membership
from meetings import services, turns
from meetings.models import (
    HAS_FLOOR,
    Meeting,
    Side,
    SpeakerEntry,
    SpeakerKind,
    SpeakerState,
)
from meetings.services import MeetingRefused
from meetings.speaking_order import hand_of, history, read_floor, settings_of
from tests.make import make_member
from tests.meetings.evening import fresh, in_session, item, kinds, make_meeting, seat
from tests.meetings.speakers import names, reasons, rule, state, three_in_session, up
from tests.once import made_once, parts_of_it

NOON = datetime(2031, 1, 10, 12, tzinfo=timezone.get_default_timezone())


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


world = made_once(three_in_session)  # and no place is safe unless a test says so
riverside, amina, bao, dagny, meeting = parts_of_it("riverside", "amina", "bao", "dagny", "meeting")


# S1: one person speaks


def test_s1_the_next_speaker_ends_the_speech_before(meeting: Meeting, amina: Membership, bao: Membership) -> None:
    first, second = up(meeting, amina), up(meeting, bao)
    services.call_next(meeting=meeting, actor=None)
    assert state(first) == SpeakerState.SPEAKING
    services.call_next(meeting=meeting, actor=None)
    assert (state(first), state(second)) == (SpeakerState.FINISHED, SpeakerState.SPEAKING)
    services.finish_speaker(entry=second, actor=None)
    with pytest.raises(MeetingRefused, match="Nobody waits"):
        services.call_next(meeting=meeting, actor=None)


def test_s1_the_database_lets_one_person_speak(meeting: Meeting, amina: Membership, bao: Membership) -> None:
    services.call_speaker(entry=up(meeting, amina), actor=None)
    second = up(meeting, bao)
    with pytest.raises(IntegrityError, match="one_speaks"), transaction.atomic():
        SpeakerEntry.objects.filter(pk=second.pk).update(state="speaking", started_at=NOON, running_since=NOON)


@pytest.mark.parametrize("kind", [SpeakerKind.DIRECT_RESPONSE, SpeakerKind.TECHNICAL, SpeakerKind.POINT_OF_ORDER])
def test_s1_a_question_interrupts_the_speech_which_then_goes_on(
    meeting: Meeting, amina: Membership, bao: Membership, kind: SpeakerKind
) -> None:
    speech = services.call_speaker(entry=up(meeting, amina), actor=None, at=at(0))
    question = services.call_speaker(entry=up(meeting, bao, kind=kind), actor=None, at=at(60))
    assert (state(speech), state(question)) == (SpeakerState.PAUSED, SpeakerState.SPEAKING)
    services.finish_speaker(entry=question, actor=None, at=at(90))
    assert (state(speech), state(question)) == (SpeakerState.SPEAKING, SpeakerState.FINISHED)
    services.finish_speaker(entry=speech, actor=None, at=at(100))
    assert state(speech) == SpeakerState.FINISHED
    assert (
        speech.spoken_seconds,
        question.spoken_seconds or SpeakerEntry.objects.get(pk=question.pk).spoken_seconds,
    ) == (
        70,
        30,
    )


def test_s1_a_second_interruption_ends_the_first_and_keeps_the_speech(
    meeting: Meeting, amina: Membership, bao: Membership, dagny: Membership
) -> None:
    speech = services.call_speaker(entry=up(meeting, amina), actor=None)
    first = services.call_speaker(entry=up(meeting, bao, kind=SpeakerKind.TECHNICAL), actor=None)
    second = services.call_speaker(entry=up(meeting, dagny, kind=SpeakerKind.POINT_OF_ORDER), actor=None)
    assert [state(one) for one in (speech, first, second)] == ["paused", "finished", "speaking"]
    services.resume_speaker(entry=speech, actor=None)
    assert [state(one) for one in (speech, second)] == ["speaking", "finished"]


def test_s1_a_speech_is_paused_by_the_chair_and_the_next_speech_ends_it(
    meeting: Meeting, amina: Membership, bao: Membership
) -> None:
    speech = services.call_speaker(entry=up(meeting, amina), actor=None)
    services.pause_speaker(entry=speech, actor=None)
    assert state(speech) == SpeakerState.PAUSED
    with pytest.raises(MeetingRefused, match="not speaking"):
        services.pause_speaker(entry=speech, actor=None)
    services.call_speaker(entry=up(meeting, bao), actor=None)
    assert state(speech) == SpeakerState.FINISHED
    with pytest.raises(MeetingRefused, match="not interrupted"):
        services.resume_speaker(entry=speech, actor=None)


def test_s1_an_answer_that_was_not_given_ends_with_the_next_speech(
    meeting: Meeting, amina: Membership, bao: Membership, dagny: Membership
) -> None:
    services.call_speaker(entry=up(meeting, amina), actor=None)
    answer = up(meeting, bao, kind=SpeakerKind.DIRECT_RESPONSE)
    services.call_speaker(entry=up(meeting, dagny), actor=None)
    assert state(answer) == SpeakerState.WITHDRAWN


# S2: one hand each for each thing


def test_s2_a_point_of_order_may_stand_beside_a_speech(meeting: Meeting, amina: Membership, bao: Membership) -> None:
    other, speech = up(meeting, bao), up(meeting, amina)
    point = up(meeting, amina, kind=SpeakerKind.POINT_OF_ORDER)
    assert up(meeting, amina) == speech
    assert up(meeting, amina, kind=SpeakerKind.POINT_OF_ORDER) == point
    assert names(meeting) == "Amina Bao Amina"
    assert reasons(meeting) == ["point_of_order", "fifo", "fifo"]
    services.withdraw_hand(attendee=seat(meeting, amina), entry=point)
    assert (state(point), state(speech), state(other)) == ("withdrawn", "waiting", "waiting")


def test_s2_answers_are_for_the_speech_that_runs_and_not_too_many(
    meeting: Meeting, amina: Membership, bao: Membership, dagny: Membership
) -> None:
    answer = SpeakerKind.DIRECT_RESPONSE
    with pytest.raises(MeetingRefused, match="is over"):
        up(meeting, bao, kind=answer)
    speech = services.call_speaker(entry=up(meeting, amina), actor=None)
    with pytest.raises(MeetingRefused, match="You have the floor yourself"):
        up(meeting, amina, kind=answer)
    given = up(meeting, bao, kind=answer, responds_to=speech)
    assert given.responds_to == speech
    with pytest.raises(MeetingRefused, match="No more answers"):
        up(meeting, dagny, kind=answer)
    services.withdraw_hand(attendee=seat(meeting, bao))
    assert up(meeting, dagny, kind=answer).responds_to == speech
    rule(meeting, responses_per_speech=0)
    with pytest.raises(MeetingRefused, match="No more answers"):
        up(meeting, bao, kind=answer)


# S3: the order is a function of what is stored


POLICIES = st.lists(st.sampled_from(sorted(turns.POLICIES)), unique=True, max_size=3)
STEPS = st.lists(
    st.tuples(st.sampled_from(("up", "pro", "point", "down", "next", "finish", "missing", "move")), st.integers(0, 5)),
    max_size=14,
)


@pytest.fixture
def six_in_session(riverside: Assembly) -> tuple[Meeting, list[Membership]]:
    people = [make_member(riverside, name) for name in ("Amina", "Bao", "Dagny", "Emre", "Farid", "Gül")]
    return in_session(riverside, *people), people


@pytest.mark.django_db(transaction=False)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(policies=POLICIES, safe=st.integers(0, 2), steps=STEPS)
def test_s3_the_same_inputs_give_the_same_order_and_safe_places_are_kept(
    six_in_session: tuple[Meeting, list[Membership]], policies: list[str], safe: int, steps: list[tuple[str, int]]
) -> None:
    meeting, people = six_in_session
    with transaction.atomic():
        services.set_speaking_rules(
            meeting=fresh(meeting),
            actor=None,
            speaking_policies=policies,
            safe_places=safe,
            group_names=["North", "South"],
        )
        for number, person in enumerate(people[:4]):
            services.choose_group(attendee=seat(fresh(meeting), person), group=("North", "South")[number % 2])
        before: list[turns.Turn] = []
        for second, (step, number) in enumerate(steps):
            try:
                act(fresh(meeting), step, people[number], at(10 * second))
            except MeetingRefused:
                continue
            floor = read_floor(fresh(meeting))
            hands = [hand_of(entry) for entry in floor.entries if entry.state == SpeakerState.WAITING]
            again = turns.order(reversed(hands), history(fresh(meeting)), settings_of(fresh(meeting)))
            assert floor.turns == again == read_floor(fresh(meeting)).turns
            assert SpeakerEntry.objects.filter(meeting=meeting, state__in=HAS_FLOOR).count() <= 2
            if step not in ("move", "missing"):
                there = {turn.hand.id for turn in floor.turns if turn.hand.pinned_place is None}
                kept = [one for one in turns.shown(before)[:safe] if one in there]
                shown = [one for one in turns.shown(floor.turns) if one in there]
                assert shown[: len(kept)] == kept
            before = floor.turns
        transaction.set_rollback(True)


def act(meeting: Meeting, step: str, person: Membership, moment: datetime) -> None:
    """One thing that happens in a debate."""
    attendee = seat(meeting, person)
    floor = read_floor(meeting)
    match step:
        case "up":
            services.raise_hand(attendee=attendee, at=moment)
        case "pro":
            services.raise_hand(attendee=attendee, side=Side.PRO, at=moment)
        case "point":
            services.raise_hand(attendee=attendee, kind=SpeakerKind.POINT_OF_ORDER, at=moment)
        case "down":
            services.withdraw_hand(attendee=attendee, at=moment)
        case "next":
            services.call_next(meeting=meeting, actor=None, at=moment)
        case "finish" if floor.speaking:
            services.finish_speaker(entry=floor.speaking, actor=None, at=moment)
        case "missing" if floor.speaking:
            services.no_show(entry=floor.speaking, actor=None, at=moment)
        case "move" if floor.waiting:
            services.move_hand(entry=floor.waiting[-1].entry, up=True, actor=None, at=moment)


def test_s3_first_timers_go_first_and_everybody_hears_why(meeting: Meeting, amina: Membership, bao: Membership) -> None:
    meeting = rule(meeting, "first_timers_first")
    services.finish_speaker(entry=services.call_speaker(entry=up(meeting, amina), actor=None), actor=None)
    up(meeting, amina)
    up(meeting, bao)
    assert names(meeting) == "Bao Amina"
    assert reasons(meeting) == ["first_timers_first", "spoken_before"]


def test_s3_the_order_does_not_move_while_somebody_speaks(meeting: Meeting, amina: Membership, bao: Membership) -> None:
    """Who speaks has used their seconds up to the last change, so the page and "Call next" agree at any later time."""
    meeting = rule(meeting, "least_time")
    services.finish_speaker(
        entry=services.call_speaker(entry=up(meeting, bao), actor=None, at=at(0)), actor=None, at=at(9)
    )
    services.call_speaker(entry=up(meeting, amina, at=at(10)), actor=None, at=at(10))
    up(meeting, amina, at=at(15))
    up(meeting, bao, at=at(16))
    assert names(meeting) == "Amina Bao"  # six seconds against nine
    assert names(meeting) == "Amina Bao"
    up(meeting, bao, kind=SpeakerKind.TECHNICAL, at=at(40))
    assert names(meeting) == "Bao Bao Amina"  # half a minute against nine seconds


def test_s3_sides_take_turns(meeting: Meeting, amina: Membership, bao: Membership, dagny: Membership) -> None:
    meeting = rule(meeting, "alternate_sides")
    up(meeting, amina, side=Side.PRO)
    up(meeting, bao, side=Side.PRO)
    up(meeting, dagny, side=Side.CONTRA)
    assert names(meeting) == "Amina Dagny Bao"


# S4: safe places


def test_s4_who_is_next_is_not_overtaken(
    meeting: Meeting, amina: Membership, bao: Membership, dagny: Membership
) -> None:
    meeting = rule(meeting, "first_timers_first", safe_places=1)
    services.finish_speaker(entry=services.call_speaker(entry=up(meeting, amina), actor=None), actor=None)
    up(meeting, amina)
    up(meeting, bao)
    assert names(meeting) == "Amina Bao"
    assert reasons(meeting) == ["kept", "fifo"]
    up(meeting, dagny, kind=SpeakerKind.POINT_OF_ORDER)
    assert names(meeting) == "Dagny Amina Bao"
    meeting = rule(meeting, "first_timers_first", safe_places=0)
    assert names(meeting) == "Dagny Bao Amina"


def test_s4_a_safe_place_stays_safe_when_somebody_else_leaves(
    meeting: Meeting, amina: Membership, bao: Membership, dagny: Membership
) -> None:
    meeting = rule(meeting, "first_timers_first", safe_places=1)
    services.finish_speaker(entry=services.call_speaker(entry=up(meeting, amina), actor=None), actor=None)
    up(meeting, amina)
    up(meeting, bao)
    up(meeting, dagny)
    services.check_out(attendee=seat(meeting, bao))
    assert names(meeting) == "Amina Dagny"


def test_s4_an_answer_to_the_speech_that_runs_is_heard_before_who_is_next(
    meeting: Meeting, amina: Membership, bao: Membership, dagny: Membership
) -> None:
    meeting = rule(meeting, "fifo", safe_places=1)
    services.call_speaker(entry=up(meeting, amina), actor=None)
    up(meeting, bao)
    up(meeting, dagny, kind=SpeakerKind.DIRECT_RESPONSE)
    assert names(meeting) == "Dagny Bao"
    assert reasons(meeting) == ["direct_response", "fifo"]
    answer = services.call_next(meeting=meeting, actor=None)
    assert (answer.attendee.membership, answer.kind) == (dagny, SpeakerKind.DIRECT_RESPONSE)
    services.finish_speaker(entry=answer, actor=None)
    floor = read_floor(fresh(meeting))
    assert floor.speaking
    assert floor.speaking.attendee.membership == amina  # whose speech goes on
    assert names(meeting) == "Bao"


# S5: groups


def test_s5_groups_take_turns_and_no_event_nor_screen_names_one(
    meeting: Meeting, amina: Membership, bao: Membership, dagny: Membership
) -> None:
    meeting = rule(meeting, "round_robin_groups", group_names=["Tenants of the hill", "Owners"])
    for member, group in ((amina, "Owners"), (bao, "Owners"), (dagny, "Tenants of the hill")):
        services.choose_group(attendee=seat(meeting, member), group=group)
    for member in (amina, bao, dagny):
        up(meeting, member)
    assert names(meeting) == "Amina Dagny Bao"
    assert "Under-heard so far" in str(read_floor(fresh(meeting)).waiting[1].reason)
    told = str(list(meeting.events.values_list("data", flat=True)))
    assert "Owners" not in told
    assert "Tenants" not in told
    with pytest.raises(MeetingRefused, match="in the list"):
        services.choose_group(attendee=seat(meeting, amina), group="Landlords")


def test_s5_a_group_that_is_gone_is_left_by_everybody(meeting: Meeting, amina: Membership, bao: Membership) -> None:
    meeting = rule(meeting, group_names=["North", "South"])
    services.choose_group(attendee=seat(meeting, amina), group="North")
    services.choose_group(attendee=seat(meeting, bao), group="South")
    meeting = rule(meeting, group_names=["South", "West"])
    assert seat(meeting, amina).group == ""
    assert seat(meeting, bao).group == "South"


def test_s5_groups_are_forgotten_thirty_days_after_the_meeting(meeting: Meeting, amina: Membership) -> None:
    meeting = rule(meeting, group_names=["North", "South"])
    services.choose_group(attendee=seat(meeting, amina), group="North")
    services.forget_old_groups(at=timezone.now() + timedelta(days=90))
    assert seat(meeting, amina).group == "North"  # a meeting that is not over keeps its order
    services.adjourn(meeting=meeting, actor=None)
    services.forget_old_groups(at=timezone.now() + timedelta(days=29))
    assert seat(meeting, amina).group == "North"
    services.forget_old_groups(at=timezone.now() + timedelta(days=31))
    assert seat(meeting, amina).group == ""
    assert kinds(meeting).count("groups_forgotten") == 1


def test_s3_a_rule_that_nobody_knows_is_refused_in_words(
    riverside: Assembly, meeting: Meeting, amina: Membership
) -> None:
    up(meeting, amina)
    before = kinds(meeting)
    for act in (services.set_speaking_rules, services.edit_meeting):
        with pytest.raises(MeetingRefused, match=r"no rule “loudest” for who speaks next\. Choose from these: fifo,"):
            act(meeting=meeting, actor=None, speaking_policies=["first_timers_first", "loudest"])
    assert kinds(meeting) == before
    assert names(meeting) == "Amina"
    with pytest.raises(MeetingRefused, match="no rule “loudest”"):
        make_meeting(riverside, speaking_policies=["loudest"])


# S6: the facilitator's hand


def test_s6_a_hand_that_was_moved_stays_and_the_event_says_why(
    meeting: Meeting, amina: Membership, bao: Membership, dagny: Membership
) -> None:
    up(meeting, amina)
    up(meeting, bao)
    last = up(meeting, dagny)
    services.move_hand(entry=last, up=True, actor=bao.user, reason="Has to catch a train.")
    assert names(meeting) == "Amina Dagny Bao"
    assert reasons(meeting) == ["fifo", "moved", "fifo"]
    event = meeting.events.latest("seq")
    assert (event.kind, event.actor) == ("hand_moved", bao.user)
    assert event.data == {"entry": str(last.pk), "from": 3, "to": 2, "reason": "Has to catch a train."}
    services.call_next(meeting=meeting, actor=None)
    assert names(meeting) == "Dagny Bao"  # one place nearer, not for ever second
    services.release_hand(entry=last, actor=None)
    assert names(meeting) == "Bao Dagny"
    with pytest.raises(MeetingRefused, match="where the rules put it"):
        services.release_hand(entry=last, actor=None)


def test_s6_two_moved_hands_change_places(
    meeting: Meeting, amina: Membership, bao: Membership, dagny: Membership
) -> None:
    entries = [up(meeting, member) for member in (amina, bao, dagny)]
    services.move_hand(entry=entries[2], up=True, actor=None)
    services.move_hand(entry=entries[2], up=True, actor=None)
    assert names(meeting) == "Dagny Amina Bao"
    services.move_hand(entry=entries[0], up=True, actor=None)
    assert names(meeting) == "Amina Dagny Bao"
    seq = fresh(meeting).event_seq
    services.move_hand(entry=entries[0], up=True, actor=None)  # there is nothing above
    assert fresh(meeting).event_seq == seq
    services.move_hand(entry=entries[0], up=False, actor=None)
    assert names(meeting) == "Dagny Amina Bao"


def test_s6_a_point_of_order_is_not_moved(meeting: Meeting, amina: Membership) -> None:
    point = up(meeting, amina, kind=SpeakerKind.POINT_OF_ORDER)
    with pytest.raises(MeetingRefused, match="come first"):
        services.move_hand(entry=point, up=True, actor=None)


# S7: time


def test_s7_seconds_are_the_sum_of_all_stretches(meeting: Meeting, amina: Membership) -> None:
    speech = services.call_speaker(entry=up(meeting, amina), actor=None, at=at(0))
    moment = 0.0
    for _pause in range(4):
        services.pause_speaker(entry=speech, actor=None, at=at(moment + 10.75))
        services.resume_speaker(entry=speech, actor=None, at=at(moment + 20))
        moment += 20
    services.finish_speaker(entry=speech, actor=None, at=at(moment + 2.5))
    speech.refresh_from_db()
    assert speech.spoken_for == timedelta(seconds=45.5)
    assert speech.spoken_seconds == 45


def test_s7_nobody_is_cut_off(meeting: Meeting, amina: Membership) -> None:
    speech = services.call_speaker(entry=up(meeting, amina), actor=None, at=at(0))
    services.finish_speaker(entry=speech, actor=None, at=at(4000))
    speech.refresh_from_db()
    assert speech.spoken_seconds == 4000 > meeting.speech_seconds


# S8: the item ends


def test_s8_with_the_item_the_queue_ends(
    meeting: Meeting, amina: Membership, bao: Membership, dagny: Membership
) -> None:
    speech = services.call_speaker(entry=up(meeting, amina), actor=None)
    question = services.call_speaker(entry=up(meeting, bao, kind=SpeakerKind.TECHNICAL), actor=None)
    ready = services.call_speaker(entry=up(meeting, dagny), actor=None, starts=False)
    waiting = up(meeting, bao)
    services.advance(meeting=meeting, to=item(meeting, 2), actor=None)
    assert [state(one) for one in (speech, question, ready, waiting)] == [
        "finished",
        "finished",
        "withdrawn",
        "withdrawn",
    ]
    assert read_floor(fresh(meeting)).entries == []


def test_leaving_ends_a_speech(meeting: Meeting, amina: Membership) -> None:
    speech = services.call_speaker(entry=up(meeting, amina), actor=None, at=at(0))
    services.check_out(attendee=seat(meeting, amina), at=at(30))
    assert state(speech) == SpeakerState.FINISHED
    assert speech.spoken_seconds == 30
