"""A meeting moves along its arrows and along no others."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.models import Attendance, ItemState, Meeting, MeetingEvent, MeetingState, Scene
from meetings.services import MeetingRefused, StaleClick
from tests.meetings.evening import (
    announced,
    current,
    fresh,
    in_session,
    kinds,
    make_meeting,
    put_to_the_vote,
    put_up,
    seat,
    with_doors_open,
)

ACTS: dict[str, Callable[[Meeting], object]] = {
    "schedule": lambda meeting: services.schedule(meeting=meeting, actor=None),
    "open_doors": lambda meeting: services.open_doors(meeting=meeting, actor=None),
    "call_to_order": lambda meeting: services.call_to_order(meeting=meeting, actor=None),
    "recess": lambda meeting: services.recess(meeting=meeting, actor=None),
    "resume": lambda meeting: services.resume(meeting=meeting, actor=None),
    "adjourn": lambda meeting: services.adjourn(meeting=meeting, actor=None),
    "cancel": lambda meeting: services.cancel(meeting=meeting, actor=None, reason="The hall is flooded."),
}
ARROWS = {
    "draft": {"schedule": "scheduled", "cancel": "cancelled"},
    "scheduled": {"open_doors": "doors_open", "cancel": "cancelled"},
    "doors_open": {"call_to_order": "in_session", "cancel": "cancelled"},
    "in_session": {"recess": "in_recess", "adjourn": "adjourned"},
    "in_recess": {"resume": "in_session", "adjourn": "adjourned"},
    "adjourned": {},
    "cancelled": {},
}


def meeting_in(assembly: Assembly, state: str) -> Meeting:
    """The shortest way there."""
    meeting = make_meeting(assembly)
    ways = {
        "draft": (),
        "scheduled": ("schedule",),
        "doors_open": ("schedule", "open_doors"),
        "in_session": ("schedule", "open_doors", "call_to_order"),
        "in_recess": ("schedule", "open_doors", "call_to_order", "recess"),
        "adjourned": ("schedule", "open_doors", "call_to_order", "adjourn"),
        "cancelled": ("cancel",),
    }
    for act in ways[state]:
        ACTS[act](meeting)
    return fresh(meeting)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", ARROWS)
def test_each_act_follows_an_arrow_or_is_refused(riverside: Assembly, state: str, act: str) -> None:
    meeting = meeting_in(riverside, state)
    events = kinds(meeting)
    if act in ARROWS[state]:
        ACTS[act](meeting)
        assert fresh(meeting).state == ARROWS[state][act]
        assert len(kinds(meeting)) == len(events) + 1
    else:
        with pytest.raises(MeetingRefused):
            ACTS[act](meeting)
        assert fresh(meeting).state == state
        assert kinds(meeting) == events


def test_the_database_knows_the_arrows_too(riverside: Assembly) -> None:
    meeting = make_meeting(riverside)
    with pytest.raises(DatabaseError), transaction.atomic():
        Meeting.objects.filter(pk=meeting.pk).update(state=MeetingState.DOORS_OPEN)


def test_a_meeting_without_items_is_not_announced(riverside: Assembly) -> None:
    meeting = make_meeting(riverside)
    for one in meeting.items.order_by("-position"):
        services.remove_item(item=one, actor=None)
    with pytest.raises(MeetingRefused, match="at least one item"):
        services.schedule(meeting=meeting, actor=None)


def test_a_meeting_is_not_called_off_without_a_reason(riverside: Assembly) -> None:
    with pytest.raises(MeetingRefused, match="Say why"):
        services.cancel(meeting=announced(riverside), actor=None, reason="  ")


def test_a_break_ends_the_speech_but_keeps_the_queue(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    meeting = in_session(riverside, amina, bao)
    speaking = services.raise_hand(attendee=seat(meeting, amina))
    services.raise_hand(attendee=seat(meeting, bao))
    services.call_speaker(entry=speaking, actor=None)
    services.recess(meeting=meeting, actor=None)
    assert list(meeting.speakers.values_list("state", flat=True)) == ["finished", "waiting"]
    assert fresh(meeting).scene == Scene.BREAK
    services.resume(meeting=meeting, actor=None)
    assert fresh(meeting).scene == Scene.ITEM


def test_at_the_end_stays_end_and_what_was_not_reached_is_carried_over(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    services.adjourn(meeting=meeting, actor=None)
    assert [one.state for one in meeting.items.all()] == ["concluded", "carried_over", "carried_over"]
    assert not Attendance.objects.present().filter(meeting=meeting).exists()
    assert meeting.events.last().data == {"carried_over": 2}  # type: ignore[union-attr]


def test_the_current_item_can_be_carried_over_too(riverside: Assembly) -> None:
    meeting = in_session(riverside)
    services.adjourn(meeting=meeting, actor=None, carry_current_over=True)
    assert {one.state for one in meeting.items.all()} == {"carried_over"}


@pytest.mark.parametrize("act", ["recess", "adjourn"])
def test_nothing_ends_while_people_vote(riverside: Assembly, amina: Membership, act: str) -> None:
    meeting = in_session(riverside, amina)
    put_to_the_vote(meeting)
    with pytest.raises(MeetingRefused, match="Close the vote first"):
        ACTS[act](meeting)


def test_an_old_page_steers_nothing(riverside: Assembly) -> None:
    meeting = announced(riverside)
    seen = meeting.version
    services.open_doors(meeting=meeting, actor=None, expected_version=seen)
    with pytest.raises(StaleClick):
        services.call_to_order(meeting=meeting, actor=None, expected_version=seen)
    assert fresh(meeting).state == MeetingState.DOORS_OPEN


def test_a_check_in_or_a_raised_hand_makes_no_click_stale(
    riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    meeting = in_session(riverside, amina)
    seen = meeting.version
    services.check_in(meeting=meeting, membership=bao)
    services.raise_hand(attendee=seat(meeting, amina))
    services.recess(meeting=meeting, actor=None, expected_version=seen)


def test_every_steering_act_makes_older_clicks_stale(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    versions = [meeting.version]
    item_poll = put_up(meeting)
    versions.append(fresh(meeting).version)
    services.open_item_poll(item_poll=item_poll, actor=None)
    versions.append(fresh(meeting).version)
    services.close_item_poll(item_poll=item_poll, actor=None)
    versions.append(fresh(meeting).version)
    services.reveal_item_poll(item_poll=item_poll, actor=None)
    versions.append(fresh(meeting).version)
    services.set_scene(meeting=meeting, scene=Scene.ITEM, actor=None)
    versions.append(fresh(meeting).version)
    assert versions == sorted(set(versions))


def test_events_are_numbered_without_gaps_and_never_change(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    seqs = list(meeting.events.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1)) == list(range(1, meeting.event_seq + 1))
    with pytest.raises(DatabaseError), transaction.atomic():
        meeting.events.update(kind="rewritten")
    with pytest.raises(DatabaseError), transaction.atomic():
        meeting.events.all().delete()


@pytest.mark.parametrize("seq", [0, 2, 99])
def test_the_database_takes_no_event_out_of_turn(riverside: Assembly, seq: int) -> None:
    meeting = make_meeting(riverside)
    taken = {2: 2, 99: meeting.event_seq + 2}.get(seq, seq)
    with pytest.raises(DatabaseError), transaction.atomic():
        MeetingEvent.objects.create(meeting=meeting, seq=taken, kind="forged", at=meeting.created_at)


def test_the_database_allows_one_current_item(riverside: Assembly) -> None:
    meeting = in_session(riverside)
    with pytest.raises(IntegrityError), transaction.atomic():
        meeting.items.filter(position=2).update(state=ItemState.CURRENT, started_at=meeting.starts_at)
    assert current(meeting).position == 1


def test_join_codes_of_meetings_ahead_are_all_different(riverside: Assembly, monkeypatch: pytest.MonkeyPatch) -> None:
    first = make_meeting(riverside)
    codes = iter([first.join_code, "000002"])
    field = Meeting._meta.get_field("join_code")
    monkeypatch.setattr(field, "_get_default", lambda: first.join_code)
    monkeypatch.setattr("meetings.services.meetings.new_join_code", lambda: next(codes))
    assert make_meeting(riverside).join_code == "000002"


def test_a_code_is_free_again_after_the_meeting(riverside: Assembly) -> None:
    first = with_doors_open(riverside)
    services.call_to_order(meeting=first, actor=None)
    services.adjourn(meeting=first, actor=None)
    second = make_meeting(riverside)
    Meeting.objects.filter(pk=second.pk).update(join_code=first.join_code)
    assert fresh(second).join_code == first.join_code
