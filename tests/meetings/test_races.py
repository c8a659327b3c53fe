"""Two facilitators, many phones and one meeting: its row is locked, so nothing happens twice or out of turn."""

import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.models import Attendance, AttendanceSource, ItemState, Meeting, SpeakerEntry
from meetings.services import MeetingRefused, StaleClick
from tests.make import make_member
from tests.meetings.evening import current, fresh, fresh_poll, in_session, item, put_up, seat, with_doors_open
from tests.threads import in_threads
from voting.models import PollState

pytestmark = pytest.mark.django_db(transaction=True)

Act = Callable[[], object]


def without_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads and checks as ever, but holds nothing: what a careless edit of the lock would do."""

    def unlocked(meeting: Meeting, *, expected_version: int | None = None) -> Meeting:
        found = Meeting.objects.select_related("assembly").get(pk=meeting.pk)
        if expected_version is not None and found.version != expected_version:
            raise StaleClick
        return found

    for name, module in list(sys.modules.items()):
        if name.startswith("meetings.services.") and hasattr(module, "lock"):
            monkeypatch.setattr(module, "lock", unlocked)


def numbers(meeting: Meeting) -> list[int]:
    return list(meeting.events.order_by("seq").values_list("seq", flat=True))


def two_facilitators(meeting: Meeting) -> list[object]:
    """Both press Next on the same page, for different items."""
    second, third = item(meeting, 2), item(meeting, 3)

    def press(to: Any) -> Act:
        return lambda: services.advance(meeting=meeting, to=to, actor=None, expected_version=meeting.version)

    return in_threads(press(second), press(third), press(second), press(third))


def test_one_of_two_facilitators_wins_and_the_other_is_told(riverside: Assembly) -> None:
    meeting = in_session(riverside)
    answers = two_facilitators(meeting)
    assert sum(isinstance(answer, StaleClick) for answer in answers) == 3
    assert meeting.items.filter(state=ItemState.CURRENT).count() == 1
    assert numbers(meeting) == list(range(1, fresh(meeting).event_seq + 1))


def test_without_the_lock_facilitators_run_into_each_other(
    riverside: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = in_session(riverside)
    without_the_lock(monkeypatch)
    answers = two_facilitators(meeting)
    assert any(isinstance(answer, DatabaseError) for answer in answers)
    assert meeting.items.filter(state=ItemState.CURRENT).count() == 1  # the constraint holds all the same


def two_call_next(meeting: Meeting) -> list[object]:
    """Both press "Call next" on the same page."""

    def press() -> SpeakerEntry:
        return services.call_next(meeting=meeting, actor=None, expected_version=meeting.version)

    return in_threads(press, press, press, press)


def test_when_two_facilitators_call_at_once_one_person_speaks(riverside: Assembly) -> None:
    people = crowd(riverside, 3)
    meeting = in_session(riverside, *people)
    for person in people:
        services.raise_hand(attendee=seat(meeting, person))
    answers = two_call_next(fresh(meeting))
    assert sum(isinstance(answer, StaleClick) for answer in answers) == 3
    states = list(meeting.speakers.order_by("asked_seq").values_list("state", flat=True))
    assert states == ["speaking", "waiting", "waiting"]


def test_without_the_lock_two_calls_run_into_each_other(riverside: Assembly, monkeypatch: pytest.MonkeyPatch) -> None:
    people = crowd(riverside, 3)
    meeting = in_session(riverside, *people)
    for person in people:
        services.raise_hand(attendee=seat(meeting, person))
    without_the_lock(monkeypatch)
    answers = two_call_next(fresh(meeting))
    assert any(isinstance(answer, DatabaseError) for answer in answers)
    assert SpeakerEntry.objects.speaking().filter(meeting=meeting).count() == 1  # the constraint holds all the same


def crowd(assembly: Assembly, size: int) -> list[Membership]:
    return [make_member(assembly, f"Person {number}") for number in range(size)]


def everybody_comes_in(meeting: Meeting, people: list[Membership]) -> list[object]:
    def come(person: Membership) -> Act:
        return lambda: services.check_in(meeting=meeting, membership=person)

    return in_threads(*(come(person) for person in people))


def test_a_crowd_at_the_door_leaves_no_gap_in_the_events(riverside: Assembly) -> None:
    meeting = with_doors_open(riverside)
    answers = everybody_comes_in(meeting, crowd(riverside, 8))
    assert all(isinstance(answer, Attendance) for answer in answers)
    assert numbers(meeting) == list(range(1, fresh(meeting).event_seq + 1))


def test_without_the_lock_the_crowd_fights_for_numbers(riverside: Assembly, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = with_doors_open(riverside)
    without_the_lock(monkeypatch)
    answers = everybody_comes_in(meeting, crowd(riverside, 8))
    assert any(isinstance(answer, DatabaseError) for answer in answers)


def test_eight_taps_of_one_person_are_one_stay_and_one_hand(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside)
    in_threads(*[lambda: services.check_in(meeting=meeting, membership=amina)] * 8)
    assert Attendance.objects.filter(meeting=meeting, attendee__membership=amina).count() == 1
    in_threads(*[lambda: services.raise_hand(attendee=seat(meeting, amina))] * 8)
    assert SpeakerEntry.objects.filter(meeting=meeting).count() == 1


def test_hands_that_go_up_together_stand_in_one_order(riverside: Assembly) -> None:
    people = crowd(riverside, 6)
    meeting = in_session(riverside, *people)

    def raise_hand(person: Membership) -> Act:
        return lambda: services.raise_hand(attendee=seat(meeting, person))

    in_threads(*(raise_hand(person) for person in people))
    asked = list(SpeakerEntry.objects.waiting().filter(meeting=meeting).values_list("asked_seq", flat=True))
    assert len(asked) == 6
    assert asked == sorted(set(asked))


def test_next_and_open_together_never_leave_a_vote_behind(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    item_poll = put_up(meeting)
    second = item(meeting, 2)
    answers = in_threads(
        lambda: services.open_item_poll(item_poll=item_poll, actor=None),
        lambda: services.advance(meeting=meeting, to=second, actor=None),
    )
    assert sum(isinstance(answer, MeetingRefused) for answer in answers) == 1
    is_open = fresh_poll(item_poll).poll.state == PollState.OPEN
    assert current(meeting).position == (1 if is_open else 2)


def test_two_desks_check_the_same_person_in_once(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    meeting = with_doors_open(riverside)
    answers = in_threads(*[at_a_desk(meeting, amina, bao)] * 2)
    assert all(isinstance(answer, Attendance) for answer in answers)
    assert len({answer.pk for answer in answers if isinstance(answer, Attendance)}) == 1
    assert Attendance.objects.filter(meeting=meeting, attendee__membership=amina).count() == 1


def test_without_the_lock_two_desks_run_into_each_other(
    riverside: Assembly, amina: Membership, bao: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = with_doors_open(riverside)
    seat(meeting, amina)  # known already, or the eight would wait for each other at the place where they make her known
    without_the_lock(monkeypatch)
    answers = in_threads(*[at_a_desk(meeting, amina, bao)] * 8)
    assert any(isinstance(answer, DatabaseError) for answer in answers)
    assert Attendance.objects.filter(meeting=meeting, attendee__membership=amina).count() == 1  # by its constraint


def at_a_desk(meeting: Meeting, person: Membership, desk: Membership) -> Act:
    return lambda: services.check_in(meeting=meeting, membership=person, source=AttendanceSource.DESK, actor=desk.user)
