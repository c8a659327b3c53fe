"""What a crowd does may reach the screens of a full hall later; what the meeting turns on reaches them at once."""

from collections.abc import Callable
from typing import Any

import pytest

from assemblies.models import Assembly, Membership, Role
from live import announcing
from meetings import services
from meetings.models import Attendee, Meeting, QuorumBase, SpeakerKind
from meetings.services.driving import answer_driver, ask_to_drive, stop_driving
from tests.make import make_member
from tests.meetings.evening import current, fresh, in_session, item, seat

Told = Callable[[Callable[[], object]], list[bool]]


@pytest.fixture
def meeting(riverside: Assembly, amina: Membership) -> Meeting:
    """Amina is there, and one item is to be adopted with others."""
    meeting = in_session(riverside, amina)
    services.mark_for_consent(item=item(meeting, 2), on=True, actor=None)
    return fresh(meeting)


@pytest.fixture
def told(meeting: Meeting, django_capture_on_commit_callbacks: Any) -> Told:
    """Of each announcement of the meeting that an act makes, whether it is in passing."""

    def listen(act: Callable[[], object]) -> list[bool]:
        heard: list[bool] = []

        def hear(topic: str, in_passing: bool) -> None:
            if topic == meeting.topic:
                heard.append(in_passing)

        announcing.listen(hear)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                act()
        finally:
            announcing.unlisten(hear)
        return heard

    return listen


def test_who_comes_and_goes_is_told_in_passing(meeting: Meeting, riverside: Assembly, told: Told) -> None:
    bela = make_member(riverside, "Bela")
    assert told(lambda: services.check_in(meeting=meeting, membership=bela)) == [True]
    there = seat(meeting, bela)
    for act in (services.step_out, services.come_back, services.check_out):
        assert told(lambda act=act: act(attendee=there)) == [True]  # type: ignore[misc]
    services.come_back(attendee=there)
    assert told(lambda: services.revoke(attendee=there, reason="Not a member", actor=None)) == [False]


@pytest.mark.parametrize("kind", SpeakerKind)
def test_a_hand_that_interrupts_is_seen_at_once(
    meeting: Meeting, riverside: Assembly, amina: Membership, kind: SpeakerKind, told: Told
) -> None:
    _someone_speaks(meeting, riverside)
    attendee = seat(meeting, amina)
    is_one_of_many = kind == SpeakerKind.NORMAL
    assert told(lambda: services.raise_hand(attendee=attendee, kind=kind)) == [is_one_of_many]
    assert told(lambda: services.withdraw_hand(attendee=attendee)) == [is_one_of_many]


@pytest.mark.parametrize("leave", [services.step_out, services.check_out])
def test_who_speaks_or_was_called_does_not_leave_in_passing(
    meeting: Meeting, riverside: Assembly, amina: Membership, leave: Callable[..., object], told: Told
) -> None:
    speaker = _someone_speaks(meeting, riverside)
    services.raise_hand(attendee=seat(meeting, amina))
    assert told(lambda: leave(attendee=seat(meeting, amina))) == [True]  # one of those who wait
    assert told(lambda: leave(attendee=speaker)) == [False]


def test_who_was_called_and_takes_the_hand_down_is_seen_at_once(
    meeting: Meeting, amina: Membership, told: Told
) -> None:
    entry = services.raise_hand(attendee=seat(meeting, amina))
    services.call_speaker(entry=entry, actor=None, starts=False)
    assert told(lambda: services.withdraw_hand(attendee=seat(meeting, amina))) == [False]


def _someone_speaks(meeting: Meeting, riverside: Assembly) -> Attendee:
    speaker = make_member(riverside, "Speaker")
    services.check_in(meeting=meeting, membership=speaker)
    services.raise_hand(attendee=seat(meeting, speaker))
    services.call_next(meeting=meeting, actor=None)
    return seat(meeting, speaker)


def test_the_quorum_is_told_at_once(meeting: Meeting, riverside: Assembly, told: Told) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(quorum_base=QuorumBase.FIXED, quorum_needed=2)
    bela = make_member(riverside, "Bela")
    assert told(lambda: services.check_in(meeting=meeting, membership=bela)) == [True, False]  # one more, and it is met
    there: Attendee = seat(meeting, bela)
    assert told(lambda: services.check_out(attendee=there)) == [True, False]


def test_who_asks_to_drive_is_heard_at_once(meeting: Meeting, riverside: Assembly, bao: Membership, told: Told) -> None:
    esi = make_member(riverside, "Esi", Role.FACILITATOR).user
    acts: list[Callable[[], object]] = [
        lambda: ask_to_drive(meeting=meeting, actor=bao.user),
        lambda: ask_to_drive(meeting=meeting, actor=esi),
        lambda: answer_driver(meeting=meeting, agrees=False, actor=bao.user),
        lambda: ask_to_drive(meeting=meeting, actor=esi),
        lambda: answer_driver(meeting=meeting, agrees=True, actor=bao.user),
        lambda: stop_driving(meeting=meeting, actor=esi),
    ]
    assert [told(act) for act in acts] == [[False]] * 6


def test_an_objection_and_two_counts_that_differ_are_told_at_once(
    meeting: Meeting, amina: Membership, bao: Membership, told: Told
) -> None:
    attendee = seat(meeting, amina)
    assert told(lambda: services.object_to_consent(attendee=attendee, item=item(meeting, 2))) == [False]
    count = services.open_hand_count(item=current(meeting), question="Open late?", actor=None)
    first, second = {"yes": 1, "no": 0, "abstain": 0}, {"yes": 0, "no": 1, "abstain": 0}
    assert told(lambda: services.enter_hands(hand_count=count, counted=first, teller=amina.user)) == [False]
    assert told(lambda: services.enter_hands(hand_count=count, counted=second, teller=bao.user)) == [False]
