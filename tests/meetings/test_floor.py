"""Who is there, and who speaks."""

import pytest
from django.db import IntegrityError, transaction

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.models import Attendance, SpeakerEntry, SpeakerState
from meetings.services import MeetingRefused
from meetings.templatetags.floor import stopwatch
from tests.make import make_member
from tests.meetings.evening import announced, fresh, in_session, item, kinds, seat, with_doors_open


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (3, "0:03"), (57, "0:57"), (65, "1:05"), (600, "10:00")])
def test_a_stopwatch_shows_both_digits_of_the_seconds(seconds: int, shown: str) -> None:
    assert stopwatch(seconds) == f"<bdi>{shown}</bdi>"


def test_checking_in_twice_is_one_stay(riverside: Assembly, amina: Membership) -> None:
    meeting = with_doors_open(riverside)
    first = services.check_in(meeting=meeting, membership=amina)
    assert services.check_in(meeting=meeting, membership=amina) == first
    assert kinds(meeting).count("checked_in") == 1


def test_the_door_is_closed_before_and_after(riverside: Assembly, amina: Membership) -> None:
    with pytest.raises(MeetingRefused, match="not open yet"):
        services.check_in(meeting=announced(riverside), membership=amina)
    meeting = services.adjourn(meeting=in_session(riverside), actor=None)
    with pytest.raises(MeetingRefused, match="over"):
        services.check_in(meeting=meeting, membership=amina)


def test_a_stranger_does_not_check_in(riverside: Assembly, chidi: Membership) -> None:
    with pytest.raises(MeetingRefused, match="members of this assembly"):
        services.check_in(meeting=with_doors_open(riverside), membership=chidi)


def test_leaving_takes_the_hand_down_and_coming_back_is_a_new_stay(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    entry = services.raise_hand(attendee=seat(meeting, amina))
    services.check_out(attendee=seat(meeting, amina))
    entry.refresh_from_db()
    assert entry.state == SpeakerState.WITHDRAWN
    services.check_in(meeting=meeting, membership=amina)
    assert Attendance.objects.filter(meeting=meeting, attendee__membership=amina).count() == 2
    assert Attendance.objects.present().filter(meeting=meeting, attendee__membership=amina).count() == 1


def test_the_database_allows_one_stay_at_a_time(riverside: Assembly, amina: Membership) -> None:
    meeting = with_doors_open(riverside, amina)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attendance.objects.create(meeting=meeting, attendee=seat(meeting, amina), began_at=meeting.starts_at)


def test_hands_are_called_in_the_order_in_which_they_went_up(
    riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    third = make_member(riverside, "Dagny")
    meeting = in_session(riverside, amina, bao, third)
    for person in (bao, third, amina):
        services.raise_hand(attendee=seat(meeting, person))
    waiting = SpeakerEntry.objects.waiting().filter(meeting=meeting)
    assert [entry.attendee.membership for entry in waiting] == [bao, third, amina]


def test_a_hand_that_is_up_keeps_its_place(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    meeting = in_session(riverside, amina, bao)
    first = services.raise_hand(attendee=seat(meeting, amina))
    services.raise_hand(attendee=seat(meeting, bao))
    assert services.raise_hand(attendee=seat(meeting, amina)) == first


def test_one_person_speaks_at_a_time(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    meeting = in_session(riverside, amina, bao)
    first = services.raise_hand(attendee=seat(meeting, amina))
    second = services.raise_hand(attendee=seat(meeting, bao))
    services.call_speaker(entry=first, actor=None)
    services.call_speaker(entry=second, actor=None)
    first.refresh_from_db()
    assert first.state == SpeakerState.FINISHED
    assert list(SpeakerEntry.objects.speaking()) == [second]
    with pytest.raises(MeetingRefused):
        services.call_speaker(entry=first, actor=None)
    services.finish_speaker(entry=second, actor=None)
    assert not SpeakerEntry.objects.speaking().exists()
    with pytest.raises(MeetingRefused):
        services.finish_speaker(entry=second, actor=None)


def test_who_is_not_there_raises_no_hand(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside)
    with pytest.raises(MeetingRefused, match="Check in first"):
        services.raise_hand(attendee=seat(meeting, amina))


def test_no_hand_goes_up_before_an_item_is_taken_up(riverside: Assembly, amina: Membership) -> None:
    with pytest.raises(MeetingRefused, match="No item"):
        services.raise_hand(attendee=seat(in_session(riverside, amina, taken_up=0), amina))
    with pytest.raises(MeetingRefused, match="in session"):
        services.raise_hand(attendee=seat(with_doors_open(riverside, amina), amina))


def test_a_hand_taken_down_is_gone(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    services.raise_hand(attendee=seat(meeting, amina))
    services.withdraw_hand(attendee=seat(meeting, amina))
    with pytest.raises(MeetingRefused, match="not up"):
        services.withdraw_hand(attendee=seat(meeting, amina))


def test_the_queue_belongs_to_the_item(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    services.raise_hand(attendee=seat(meeting, amina))
    services.advance(meeting=meeting, to=item(meeting, 2), actor=None)
    assert not SpeakerEntry.objects.waiting().filter(meeting=meeting).exists()
    assert fresh(meeting).speakers.get().state == SpeakerState.WITHDRAWN
