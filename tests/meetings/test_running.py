"""Moving through the agenda: the clock of an item, more time, laying aside, putting off, taking up again (I1, I2, I5)."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.db.models import Model
from django.utils import timezone

from assemblies.models import Assembly, Membership
from meetings import event_words, services
from meetings.models import AgendaItem, ItemPhase, ItemState, Meeting, Motion, MotionState, Scene, SpeakerState
from meetings.services import MeetingRefused, StaleClick, item_clock
from tests.make import make_assembly, make_member
from tests.meetings.evening import (
    current,
    fresh,
    in_session,
    item,
    kinds,
    make_meeting,
    put_to_the_vote,
    seat,
    with_doors_open,
)
from tests.once import made_once, parts_of_it

NOW = timezone.now() + timedelta(hours=1)  # after everything that happens while these tests run


def after(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def amina_in_session() -> dict[str, Model]:
    """Amina is in the room; the first item was taken up at NOW."""
    riverside = make_assembly("Riverside")
    amina = make_member(riverside, "Amina")
    meeting = in_session(riverside, amina, taken_up=0)
    services.advance(meeting=meeting, to=item(meeting, 1), actor=None, at=NOW)
    return {"riverside": riverside, "amina": amina, "meeting": meeting}


world = made_once(amina_in_session)
riverside, amina, meeting = parts_of_it("riverside", "amina", "meeting")


def motion_under(one: AgendaItem, state: MotionState = MotionState.PROPOSED) -> Motion:
    return Motion.objects.create(item=one, title="Buy the mill", text="We buy it.", state=state, created_at=NOW)


# The clock


def test_i3_the_clock_of_an_item_runs_on_the_floor_and_stands_still_in_a_break(meeting: Meeting) -> None:
    services.recess(meeting=meeting, actor=None, at=after(4))
    assert current(meeting).running_since is None
    assert item_clock.spent(current(meeting), after(9)) == 4 * 60
    services.resume(meeting=meeting, actor=None, at=after(10))
    assert item_clock.spent(current(meeting), after(13)) == 7 * 60
    services.advance(meeting=meeting, to=item(meeting, 2), actor=None, at=after(15))
    assert (item(meeting, 1).spent_seconds, item(meeting, 1).running_since) == (9 * 60, None)
    assert item(meeting, 2).running_since == after(15)


def test_i3_going_back_goes_on_counting_where_the_item_stopped(meeting: Meeting) -> None:
    services.advance(meeting=meeting, to=item(meeting, 2), actor=None, at=after(5))
    services.go_back(meeting=meeting, actor=None, at=after(7))
    assert item(meeting, 2).spent_seconds == 2 * 60
    assert item_clock.spent(item(meeting, 1), after(10)) == 8 * 60


def test_i3_closing_the_meeting_stops_the_clock(meeting: Meeting) -> None:
    services.adjourn(meeting=meeting, actor=None, at=after(6))
    assert (item(meeting, 1).spent_seconds, item(meeting, 1).running_since) == (6 * 60, None)


def test_an_extension_says_how_many_minutes_and_on_whose_word(meeting: Meeting) -> None:
    services.extend(item=current(meeting), minutes=5, actor=None)
    services.extend(item=current(meeting), minutes=10, basis="vote", actor=None)
    assert current(meeting).granted_minutes == 25
    told = meeting.events.filter(kind="item_extended").order_by("seq").values_list("data", flat=True)
    assert [(data["minutes"], data["basis"]) for data in told] == [(5, "chair"), (10, "vote")]


def test_time_that_was_given_can_be_taken_back_and_no_more(meeting: Meeting) -> None:
    services.extend(item=current(meeting), minutes=2, actor=None)
    services.extend(item=current(meeting), minutes=-1, actor=None)
    assert current(meeting).granted_minutes == 11
    told = meeting.events.filter(kind="item_extended").last()
    assert told is not None
    assert event_words.sentence(told, event_words.names_in(meeting)) == "“1. Welcome” got 1 minute less."
    with pytest.raises(MeetingRefused, match="on top of the plan"):
        services.extend(item=current(meeting), minutes=-2, actor=None)
    assert current(meeting).granted_minutes == 11


@pytest.mark.parametrize(("minutes", "basis"), [(0, "chair"), (-1, "chair"), (121, "chair"), (5, "nobody")])
def test_an_extension_has_bounds_and_a_basis(meeting: Meeting, minutes: int, basis: str) -> None:
    with pytest.raises(MeetingRefused):
        services.extend(item=current(meeting), minutes=minutes, basis=basis, actor=None)
    assert current(meeting).extended_minutes == 0


def test_what_is_done_gets_no_more_time(meeting: Meeting) -> None:
    services.advance(meeting=meeting, to=item(meeting, 2), actor=None)
    with pytest.raises(MeetingRefused, match="more time"):
        services.extend(item=item(meeting, 1), minutes=5, actor=None)


# Leaving an item


def test_i2_one_step_leads_from_one_item_to_the_next(meeting: Meeting) -> None:
    before = kinds(meeting)
    services.advance(meeting=meeting, to=item(meeting, 2), actor=None)
    assert kinds(meeting) == [*before, "item_taken_up"]
    assert [one.state for one in meeting.items.all()] == ["concluded", "current", "planned"]


def test_i2_a_refused_step_leaves_everything_as_it_was(meeting: Meeting) -> None:
    services.skip_item(item=item(meeting, 2), actor=None)
    with pytest.raises(MeetingRefused):
        services.advance(meeting=meeting, to=item(meeting, 2), actor=None)
    assert current(meeting).position == 1


@pytest.mark.parametrize("act", ["lay_aside", "postpone", "withdraw_item", "advance", "take_from_table", "reconsider"])
def test_i1_no_item_is_left_while_people_vote_on_it(meeting: Meeting, act: str) -> None:
    put_to_the_vote(meeting)
    ways = {
        "lay_aside": lambda: services.lay_aside(item=current(meeting), actor=None),
        "postpone": lambda: services.postpone(item=current(meeting), to="spring", actor=None),
        "withdraw_item": lambda: services.withdraw_item(item=current(meeting), actor=None),
        "advance": lambda: services.advance(meeting=meeting, to=item(meeting, 2), actor=None),
        "take_from_table": lambda: services.take_from_table(item=item(meeting, 2), actor=None),
        "reconsider": lambda: services.reconsider(item=item(meeting, 2), actor=None),
    }
    with pytest.raises(MeetingRefused, match="Close the vote first"):
        ways[act]()
    assert current(meeting).position == 1


@pytest.mark.parametrize("act", ["lay_aside", "postpone", "withdraw_item"])
def test_i1_who_speaks_has_finished_when_the_item_is_left(meeting: Meeting, amina: Membership, act: str) -> None:
    entry = services.raise_hand(attendee=seat(meeting, amina))
    extra = {"to": "spring"} if act == "postpone" else {}
    getattr(services, act)(item=current(meeting), actor=None, **extra)
    entry.refresh_from_db()
    assert entry.state == SpeakerState.WITHDRAWN
    assert fresh(meeting).scene == Scene.AGENDA
    assert not meeting.items.filter(state=ItemState.CURRENT).exists()
    assert item(meeting, 1).running_since is None


def test_i5_an_item_is_not_done_while_nobody_said_what_became_of_its_motion(meeting: Meeting) -> None:
    motion = motion_under(current(meeting))
    with pytest.raises(MeetingRefused, match="Buy the mill"):
        services.advance(meeting=meeting, to=item(meeting, 2), actor=None)
    with pytest.raises(MeetingRefused, match="Buy the mill"):
        services.adjourn(meeting=meeting, actor=None)
    Motion.objects.filter(pk=motion.pk).update(state=MotionState.NO_DECISION)
    services.advance(meeting=meeting, to=item(meeting, 2), actor=None)
    assert current(meeting).position == 2


def test_i5_the_database_knows_it_too(meeting: Meeting) -> None:
    motion_under(current(meeting))
    with pytest.raises(DatabaseError, match="motions have an outcome"), transaction.atomic():
        meeting.items.filter(position=1).update(state="concluded", ended_at=NOW, running_since=None)


def test_the_current_item_with_an_open_motion_is_carried_over(meeting: Meeting) -> None:
    motion_under(current(meeting))
    services.adjourn(meeting=meeting, actor=None, carry_current_over=True)
    assert item(meeting, 1).state == ItemState.CARRIED_OVER


def test_an_item_laid_aside_comes_back_and_its_time_goes_on(meeting: Meeting) -> None:
    services.lay_aside(item=current(meeting), actor=None, basis="vote", at=after(3))
    assert item(meeting, 1).state == ItemState.TABLED
    services.advance(meeting=meeting, to=item(meeting, 2), actor=None, at=after(4))
    services.take_from_table(item=item(meeting, 1), actor=None, basis="vote", at=after(6))
    assert [one.state for one in meeting.items.all()] == ["current", "concluded", "planned"]
    assert item_clock.spent(item(meeting, 1), after(7)) == 4 * 60
    assert meeting.events.filter(kind="item_taken_from_table", data__basis="vote").exists()


def test_only_what_was_laid_aside_is_taken_from_the_table(meeting: Meeting) -> None:
    with pytest.raises(MeetingRefused, match="not laid aside"):
        services.take_from_table(item=item(meeting, 2), actor=None)
    with pytest.raises(MeetingRefused, match="current item"):
        services.lay_aside(item=item(meeting, 2), actor=None)


def test_what_lies_aside_at_the_end_is_carried_over(meeting: Meeting) -> None:
    services.lay_aside(item=current(meeting), actor=None)
    services.adjourn(meeting=meeting, actor=None)
    assert {one.state for one in meeting.items.all()} == {"carried_over"}


def test_an_item_is_put_off_to_a_time_in_words_and_taken_back(meeting: Meeting) -> None:
    services.postpone(item=item(meeting, 2), to=" the spring assembly ", actor=None)
    assert (item(meeting, 2).state, item(meeting, 2).postponed_to) == ("postponed", "the spring assembly")
    services.take_back_item(item=item(meeting, 2), actor=None)
    assert (item(meeting, 2).state, item(meeting, 2).postponed_to) == ("planned", "")


@pytest.mark.parametrize(("to", "why"), [("  ", "to when"), ("x" * 121, "at most 120")])
def test_an_item_is_not_put_off_to_nowhere(meeting: Meeting, to: str, why: str) -> None:
    with pytest.raises(MeetingRefused, match=why):
        services.postpone(item=item(meeting, 2), to=to, actor=None)


def test_with_an_item_its_open_motions_are_withdrawn(meeting: Meeting) -> None:
    motion, lost = motion_under(current(meeting)), motion_under(current(meeting), MotionState.LOST)
    services.withdraw_item(item=current(meeting), actor=None)
    motion.refresh_from_db()
    lost.refresh_from_db()
    assert (item(meeting, 1).state, motion.state, lost.state) == ("withdrawn", "withdrawn", "lost")
    with pytest.raises(MeetingRefused):
        services.withdraw_item(item=item(meeting, 1), actor=None)


def test_what_is_done_is_taken_up_again_and_the_log_says_so(meeting: Meeting) -> None:
    services.advance(meeting=meeting, to=item(meeting, 2), actor=None, at=after(5))
    services.reconsider(item=item(meeting, 1), actor=None, reason="New numbers.", at=after(8))
    assert [one.state for one in meeting.items.all()] == ["current", "concluded", "planned"]
    told = meeting.events.get(kind="item_reconsidered").data
    assert (told["reason"], told["was"], told["was_done_at"]) == ("New numbers.", "concluded", after(5).isoformat())
    with pytest.raises(MeetingRefused, match="that is done"):
        services.reconsider(item=item(meeting, 3), actor=None)


def test_steps_belong_to_the_current_item_and_end_with_it(meeting: Meeting) -> None:
    services.set_phase(item=current(meeting), phase=ItemPhase.DEBATE, actor=None)
    assert current(meeting).phase == ItemPhase.DEBATE
    with pytest.raises(MeetingRefused):
        services.set_phase(item=item(meeting, 2), phase=ItemPhase.DEBATE, actor=None)
    services.advance(meeting=meeting, to=item(meeting, 2), actor=None)
    assert item(meeting, 1).phase == ItemPhase.NONE


@pytest.mark.parametrize("act", ["extend", "lay_aside", "postpone", "withdraw_item", "set_phase", "move_item"])
def test_g2_an_old_page_changes_no_item(meeting: Meeting, act: str) -> None:
    extras: dict[str, dict[str, object]] = {
        "extend": {"minutes": 5},
        "postpone": {"to": "spring"},
        "set_phase": {"phase": ItemPhase.DEBATE},
    }
    extra = extras.get(act, {})
    with pytest.raises(StaleClick):
        getattr(services, act)(item=current(meeting), actor=None, expected_version=meeting.version - 1, **extra)


# From the end back, and the beginning


def test_a_meeting_goes_on_within_a_day(meeting: Meeting) -> None:
    services.adjourn(meeting=meeting, actor=None, at=after(60))
    services.reconvene(meeting=meeting, actor=None, at=after(60 + 23 * 60))
    assert fresh(meeting).state == "in_session"
    assert [one.state for one in meeting.items.all()] == ["concluded", "planned", "planned"]


def test_a_meeting_does_not_go_on_after_a_day(meeting: Meeting) -> None:
    services.adjourn(meeting=meeting, actor=None, at=after(60))
    with pytest.raises(MeetingRefused, match="24 hours"):
        services.reconvene(meeting=meeting, actor=None, at=after(60 + 24 * 60 + 1))


def test_only_the_chair_goes_on_with_a_meeting(meeting: Meeting, amina: Membership, bao: Membership) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(chair=amina)
    services.adjourn(meeting=meeting, actor=None)
    with pytest.raises(MeetingRefused, match="Only the chair"):
        services.reconvene(meeting=meeting, actor=bao.user)
    services.reconvene(meeting=meeting, actor=amina.user)
    assert fresh(meeting).state == "in_session"


def test_a_meeting_that_goes_on_takes_no_other_meetings_code(meeting: Meeting, riverside: Assembly) -> None:
    services.adjourn(meeting=meeting, actor=None)
    other = in_session(riverside)
    Meeting.objects.filter(pk=other.pk).update(join_code=meeting.join_code)
    services.reconvene(meeting=meeting, actor=None)
    assert fresh(meeting).join_code != fresh(other).join_code


def test_the_meeting_begins_when_its_chair_is_here(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    meeting = with_doors_open(riverside, amina)
    Meeting.objects.filter(pk=meeting.pk).update(chair=bao)
    with pytest.raises(MeetingRefused, match="chair is not checked in"):
        services.call_to_order(meeting=meeting, actor=None)
    services.check_in(meeting=meeting, membership=bao)
    services.call_to_order(meeting=meeting, actor=None)


def test_a_meeting_that_would_be_over_is_not_announced(riverside: Assembly) -> None:
    meeting = make_meeting(riverside, starts_at=NOW - timedelta(days=1))
    with pytest.raises(MeetingRefused, match="over already"):
        services.schedule(meeting=meeting, actor=None)


# Any place on the agenda


def titles(meeting: Meeting) -> list[str]:
    return [one.title for one in meeting.items.order_by("position")]


def test_an_item_moves_to_any_place_among_those_to_come(riverside: Assembly) -> None:
    meeting = make_meeting(riverside, "A", "B", "C", "D", "E")
    services.move_item(item=item(meeting, 5), position=2, actor=None)
    assert titles(meeting) == ["A", "E", "B", "C", "D"]
    services.move_item(item=item(meeting, 1), position=4, actor=None)
    assert titles(meeting) == ["E", "B", "C", "A", "D"]
    assert [one.position for one in meeting.items.all()] == [1, 2, 3, 4, 5]


def test_what_is_not_to_come_keeps_its_place_when_others_move(riverside: Assembly) -> None:
    meeting = in_session(riverside)
    services.skip_item(item=item(meeting, 2), actor=None)
    services.add_item(meeting=meeting, title="D", actor=None)
    services.move_item(item=item(meeting, 4), position=3, actor=None)
    assert titles(meeting) == ["Welcome", "Old Tram Hall hours", "D", "Youth seat on the board"]
    for place in (1, 2, 0, 9):
        with pytest.raises(MeetingRefused, match="still to come"):
            services.move_item(item=item(meeting, 4), position=place, actor=None)
