"""What next: whatever happened before, there is one thing to do, it says why, and it is never refused."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.models import Attendance, Meeting, MeetingState, MotionState, SpeakerKind
from meetings.next_step import NextStep, next_step
from meetings.situation import look
from meetings.speaking_order import read_floor
from tests.make import make_member
from tests.meetings.evening import (
    announced,
    current,
    fresh,
    fresh_poll,
    in_session,
    item,
    make_meeting,
    put_to_the_vote,
    put_up,
    seat,
    vote,
    with_doors_open,
)


def step(meeting: Meeting) -> NextStep:
    """What the cockpit would show now."""
    now = look(meeting.pk)
    chair = now.meeting.chair_id
    here = Attendance.objects.present().filter(meeting=meeting, attendee__membership=chair).exists()
    return next_step(now, floor=read_floor(now.meeting), chair_is_here=chair is None or here)


def verb(meeting: Meeting) -> str:
    return step(meeting).verb


def test_before_the_meeting(riverside: Assembly, amina: Membership) -> None:
    draft = make_meeting(riverside)
    assert verb(draft) == "schedule"
    draft.items.all().delete()
    assert verb(draft) == "add_item"
    late = make_meeting(riverside, starts_at=timezone.now() - timedelta(days=1))
    assert verb(late) == "edit"
    assert verb(announced(riverside)) == "open_doors"
    early = announced(riverside, starts_at=timezone.now() + timedelta(hours=2, minutes=1), title="Later")
    assert verb(early) == "edit"
    assert "two hours before the meeting begins" in step(early).why
    assert verb(announced(riverside, starts_at=timezone.now() + timedelta(minutes=119), title="Soon")) == "open_doors"
    doors = with_doors_open(riverside, amina)
    assert (verb(doors), step(doors).why) == ("call_to_order", "1 person is checked in.")
    services.edit_meeting(meeting=doors, actor=None, chair=make_member(riverside, "Chair"))
    assert verb(doors) == "desk"


def test_from_the_first_item_to_the_minutes(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina, taken_up=0)
    assert (verb(meeting), step(meeting).label) == ("advance", "Take up the first item")
    for number in (1, 2, 3):
        services.advance(meeting=meeting, to=item(meeting, number), actor=None)
    assert verb(meeting) == "adjourn"
    assert step(meeting).asks_first
    services.recess(meeting=meeting, actor=None)
    assert verb(meeting) == "resume"
    services.adjourn(meeting=meeting, actor=None)
    assert verb(meeting) == "minutes"


def test_through_a_vote(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    meeting = in_session(riverside, amina, bao)
    held = put_up(meeting)
    assert verb(meeting) == "open_poll"
    services.open_item_poll(item_poll=held, actor=None)
    held = fresh_poll(held)
    vote(held.poll, amina, "yes")
    assert verb(meeting) == "start_closing"
    assert "of" in step(meeting).why
    vote(held.poll, bao, "yes")
    assert step(meeting).why == "Everybody who may vote has voted."
    services.start_closing(item_poll=held, actor=None)
    assert verb(meeting) == "keep_open"
    services.close_item_poll(item_poll=held, actor=None)
    assert verb(meeting) == "reveal_poll"
    services.reveal_item_poll(item_poll=held, actor=None)
    assert verb(meeting) == "advance"


def test_without_a_quorum_or_without_voters_a_break_is_proposed(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina, quorum_needed=4)
    put_up(meeting)
    assert verb(meeting) == "recess"
    assert "3 more voters are needed" in step(meeting).why
    empty = in_session(riverside)
    put_up(empty)
    assert verb(empty) == "recess"


def test_speakers_and_motions_come_before_the_next_item(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    entry = services.raise_hand(attendee=seat(meeting, amina))
    assert verb(meeting) == "call_speaker"
    services.call_speaker(entry=entry, actor=None)
    assert verb(meeting) == "finish_speaker"
    services.finish_speaker(entry=entry, actor=None)
    motion = services.put_motion(item=current(meeting), title="Bench", text="A bench.", actor=None)
    assert verb(meeting) == "quick_poll"
    services.end_motion(motion=motion, state=MotionState.WITHDRAWN, actor=None)
    assert verb(meeting) == "advance"


def test_whoever_was_interrupted_goes_on_before_the_next_speech_and_before_the_next_item(
    riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    meeting = in_session(riverside, amina, bao)
    speech = services.call_speaker(entry=services.raise_hand(attendee=seat(meeting, amina)), actor=None)
    services.pause_speaker(entry=speech, actor=None)
    assert verb(meeting) == "resume_speaker"
    services.raise_hand(attendee=seat(meeting, bao))
    assert verb(meeting) == "resume_speaker"
    services.raise_hand(attendee=seat(meeting, bao), kind=SpeakerKind.POINT_OF_ORDER)
    assert verb(meeting) == "call_speaker"


def test_a_counted_vote_that_was_forgotten_is_shown_before_the_end(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    services.close_item_poll(item_poll=put_to_the_vote(meeting), actor=None)
    for number in (2, 3):
        services.advance(meeting=meeting, to=item(meeting, number), actor=None)
    assert verb(meeting) == "reveal_poll"


Deed = Callable[[Meeting, list[Membership], random.Random], object]


DEEDS: list[Deed] = [
    lambda m, who, luck: services.check_in(meeting=m, membership=luck.choice(who)),
    lambda m, who, luck: services.check_out(attendee=seat(m, luck.choice(who))),
    lambda m, who, luck: services.raise_hand(attendee=seat(m, luck.choice(who))),
    lambda m, who, luck: services.withdraw_hand(attendee=seat(m, luck.choice(who))),
    lambda m, who, luck: put_up(m, luck.choice(("yes_no", "consensus")), f"Question {luck.random()}?"),
    lambda m, who, luck: put_up(m, "ranked", f"Question {luck.random()}?"),
    lambda m, who, luck: services.put_motion(item=current(m), title="Motion", text=f"{luck.random()}", actor=None),
    lambda m, who, luck: services.amend(
        motion=current(m).motions.order_by("?")[0], text=f"Rather {luck.random()}", actor=None
    ),
    lambda m, who, luck: services.open_hand_count(item=current(m), question="Hands?", actor=None),
    lambda m, who, luck: services.stop_hand_count(
        hand_count=look(m.pk).running_count,  # type: ignore[arg-type]
        reason="Enough",
        actor=None,
    ),
    lambda m, who, luck: services.mark_for_consent(item=luck.choice(list(m.items.all())), on=True, actor=None),
    lambda m, who, luck: services.lay_aside(item=current(m), actor=None),
    lambda m, who, luck: services.add_item(meeting=m, title="One more", actor=None),
    lambda m, who, luck: services.go_back(meeting=m, actor=None),
    lambda m, who, luck: services.recess(meeting=m, actor=None),
    lambda m, who, luck: vote(look(m.pk).open_poll.poll, luck.choice(who), luck.choice(("yes", "no"))),  # type: ignore[union-attr]
    lambda m, who, luck: services.close_item_poll(item_poll=look(m.pk).open_poll.held, actor=None),  # type: ignore[union-attr]
    lambda m, who, luck: services.edit_meeting(meeting=m, actor=None, quorum_base="fixed", quorum_needed=2),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [0, 2])
def test_whatever_happens_there_is_one_thing_to_do_and_it_is_never_refused(
    seed: int, client: Client, riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    luck = random.Random(seed)
    people = [amina, bao, make_member(riverside, "Kofi")]
    client.force_login(bao.user)
    meeting = make_meeting(riverside)
    seen = set()
    for turn in range(60):
        for _deed in range(luck.randrange(3)):
            with suppress(Exception):  # most deeds are refused most of the time
                luck.choice(DEEDS)(fresh(meeting), people, luck)
        chosen = step(meeting)
        assert chosen.why
        assert chosen.label
        seen.add(chosen.verb)
        if chosen.verb == "adjourn" and turn < 50:  # the evening is long
            services.add_item(meeting=fresh(meeting), title="One more", actor=None)
        elif chosen.is_link:
            assert client.get(chosen.url).status_code == 200, chosen
        else:
            answer = client.post(chosen.url, {"version": fresh(meeting).version, **chosen.data})
            assert answer.status_code == 302, (chosen, answer.content.decode()[:3000])
        if chosen.verb == "hands":
            count = look(meeting.pk).running_count
            assert count
            services.stop_hand_count(hand_count=count, reason="Enough", actor=None)
        if chosen.verb == "keep_open":
            held = look(meeting.pk).open_poll
            assert held
            services.close_item_poll(item_poll=held.held, actor=None)
        if fresh(meeting).state == MeetingState.ADJOURNED:
            break
    assert len(seen) > 5, seen
