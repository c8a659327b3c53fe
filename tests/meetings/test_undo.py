"""Ten seconds to take back what was steered last; votes are never taken back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.forms import model_to_dict
from django.utils import timezone

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.models import AgendaItem, Meeting, Queue, Scene, SpeakerEntry, SpeakerState
from meetings.services.undo import undo, undoable
from tests.make import make_member
from tests.meetings.evening import current, fresh, in_session, item, kinds, put_to_the_vote, seat

Act = Callable[[Meeting, Membership], Any]


def rows(meeting: Meeting) -> dict[str, Any]:
    """Everything that steering changes, without what only counts up."""
    meeting = fresh(meeting)
    return {
        "meeting": (meeting.state, meeting.scene, meeting.scene_poll_id, meeting.is_blanked, meeting.scene_text),
        "order": list(meeting.standing_order),
        "items": [model_to_dict(one) for one in meeting.items.order_by("position")],
        "hands": [
            model_to_dict(one) | {"pk": one.pk} for one in SpeakerEntry.objects.filter(meeting=meeting).order_by("pk")
        ],
    }


def take_back(meeting: Meeting, actor: Membership, at: Any = None) -> None:
    event = fresh(meeting).events.order_by("seq").last()
    assert event
    undo(meeting=meeting, actor=actor.user, seq=event.seq, at=at)


ACTS: dict[str, Act] = {
    "the next item": lambda m, who: services.advance(meeting=m, to=item(m, 2), actor=who.user, outcome="Noted"),
    "leaving out": lambda m, who: services.skip_item(item=item(m, 3), actor=who.user),
    "taking back": lambda m, who: services.take_back_item(item=item(m, 4), actor=who.user),
    "moving": lambda m, who: services.move_item(item=item(m, 3), up=True, actor=who.user),
    "calling the next": lambda m, who: services.call_next(meeting=m, actor=who.user),
    "getting ready": lambda m, who: services.call_speaker(entry=last_hand(m), starts=False, actor=who.user),
    "calling somebody else": lambda m, who: services.call_speaker(entry=last_hand(m), actor=who.user),
    "a break": lambda m, who: services.recess(meeting=m, actor=who.user),
    "another scene": lambda m, who: services.set_scene(meeting=m, scene=Scene.AGENDA, actor=who.user),
    "a dark screen": lambda m, who: services.blank(meeting=m, on=True, actor=who.user),
    "closing the list": lambda m, who: services.set_queue(item=current(m), queue=Queue.LIST_CLOSED, actor=who.user),
}


def last_hand(meeting: Meeting) -> SpeakerEntry:
    found = SpeakerEntry.objects.waiting().filter(meeting=meeting).last()
    assert found
    return found


@pytest.fixture
def debate(riverside: Assembly, amina: Membership, bao: Membership) -> Meeting:
    """One speaks, two wait, one item is left out and one postponed."""
    kofi = make_member(riverside, "Kofi")
    meeting = in_session(riverside, amina, bao, kofi)
    for title in ("Bench", "Well"):
        services.add_item(meeting=meeting, title=title, actor=None)
    services.skip_item(item=item(meeting, 4), actor=None)
    first, *_others = [services.raise_hand(attendee=seat(meeting, who)) for who in (amina, bao, kofi)]
    services.call_speaker(entry=first, actor=None)
    return fresh(meeting)


@pytest.mark.parametrize("name", ACTS)
def test_everything_is_as_it_was_before_and_the_log_keeps_both(debate: Meeting, bao: Membership, name: str) -> None:
    was = rows(debate)
    ACTS[name](debate, bao)
    done = fresh(debate).events.order_by("seq").last()
    assert done
    assert rows(debate) != was
    assert undoable(fresh(debate), bao.user) == done
    take_back(debate, bao)
    assert rows(debate) == was
    undone = fresh(debate).events.order_by("seq").last()
    assert undone
    assert (undone.kind, undone.data) == ("undone", {"seq": done.seq, "kind": done.kind})
    assert done.kind in kinds(debate)


def test_the_end_of_a_break_can_be_taken_back(debate: Meeting, bao: Membership) -> None:
    services.recess(meeting=debate, actor=None)
    was = rows(debate)
    services.resume(meeting=debate, actor=bao.user)
    take_back(debate, bao)
    assert rows(debate) == was


def test_a_postponed_item_is_postponed_again(debate: Meeting, bao: Membership) -> None:
    services.postpone(item=item(debate, 3), to="the next meeting", actor=None)
    was = rows(debate)
    services.take_back_item(item=item(debate, 3), actor=bao.user)
    take_back(debate, bao)
    assert rows(debate) == was


def test_nothing_is_taken_back_after_ten_seconds(debate: Meeting, bao: Membership) -> None:
    services.recess(meeting=debate, actor=bao.user)
    late = timezone.now() + timedelta(seconds=13)
    assert undoable(fresh(debate), bao.user, at=late) is None
    with pytest.raises(services.MeetingRefused, match="ten seconds"):
        take_back(debate, bao, at=late)


def test_nobody_takes_back_what_somebody_else_did(debate: Meeting, bao: Membership, amina: Membership) -> None:
    services.recess(meeting=debate, actor=bao.user)
    with pytest.raises(services.MeetingRefused):
        take_back(debate, amina)


def test_only_the_last_thing_is_taken_back_and_only_once(debate: Meeting, bao: Membership) -> None:
    services.blank(meeting=debate, on=True, actor=bao.user)
    first = fresh(debate).events.order_by("seq").last()
    assert first
    services.recess(meeting=debate, actor=bao.user)
    with pytest.raises(services.MeetingRefused):
        undo(meeting=debate, actor=bao.user, seq=first.seq)
    take_back(debate, bao)
    with pytest.raises(services.MeetingRefused):
        take_back(debate, bao)


def test_a_hand_raised_in_between_does_not_stand_in_the_way(
    debate: Meeting, riverside: Assembly, bao: Membership
) -> None:
    late = make_member(riverside, "Late")
    services.check_in(meeting=debate, membership=late)
    services.advance(meeting=debate, to=item(debate, 2), actor=bao.user)
    event = fresh(debate).events.order_by("seq").last()
    assert event
    new = services.raise_hand(attendee=seat(debate, late))
    again = services.raise_hand(attendee=seat(debate, bao))
    undo(meeting=debate, actor=bao.user, seq=event.seq)
    for entry in (new, again):
        entry.refresh_from_db()
        assert entry.state == SpeakerState.WITHDRAWN
    assert SpeakerEntry.objects.waiting().filter(meeting=debate).count() == 2
    assert AgendaItem.objects.get(meeting=debate, state="current").position == 1


def test_who_left_in_between_is_not_called_back(debate: Meeting, amina: Membership, bao: Membership) -> None:
    services.recess(meeting=debate, actor=bao.user)
    event = fresh(debate).events.order_by("seq").last()
    assert event
    services.check_out(attendee=seat(debate, amina))
    undo(meeting=debate, actor=bao.user, seq=event.seq)
    assert not SpeakerEntry.objects.speaking().filter(meeting=debate).exists()


def test_votes_are_never_taken_back(debate: Meeting, bao: Membership) -> None:
    held = put_to_the_vote(debate)
    assert undoable(fresh(debate), bao.user) is None
    services.close_item_poll(item_poll=held, actor=bao.user)
    assert undoable(fresh(debate), bao.user) is None
    services.reveal_item_poll(item_poll=held, actor=bao.user)
    assert undoable(fresh(debate), bao.user) is None
