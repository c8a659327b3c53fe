"""The code on the wall: another one every minute, the last one is taken too, and it is shown to no one at home."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client, override_settings

from assemblies.models import Assembly, Membership
from meetings import room_code, services
from meetings.models import Attendance, AttendanceMode, Meeting
from meetings.services import MeetingRefused
from meetings.services.acts import clock
from tests.meetings.evening import with_doors_open

NOON = datetime(2031, 5, 1, 12, 0, 30, tzinfo=UTC)


@pytest.fixture
def meeting(riverside: Assembly) -> Meeting:
    """A meeting that asks for the code on the wall."""
    return with_doors_open(riverside, asks_room_code=True)


def test_a_code_is_good_for_its_minute_and_the_next(meeting: Meeting) -> None:
    code = room_code.room_code(meeting, NOON)
    assert len(code) == room_code.LENGTH
    assert room_code.is_good(f" {code[:2].lower()}-{code[2:]} ", meeting, NOON)
    assert room_code.is_good(code, meeting, NOON + timedelta(seconds=89))
    assert not room_code.is_good(code, meeting, NOON + timedelta(seconds=90))
    assert not room_code.is_good(code, meeting, NOON - timedelta(seconds=31))
    assert not room_code.is_good("", meeting, NOON)


def test_each_meeting_and_each_minute_and_each_installation_has_its_own(meeting: Meeting, harbour: Assembly) -> None:
    other = with_doors_open(harbour)
    minutes = {room_code.room_code(meeting, NOON + timedelta(minutes=n)) for n in range(60)}
    assert len(minutes) == 60
    assert room_code.room_code(other, NOON) != room_code.room_code(meeting, NOON)
    here = room_code.room_code(meeting, NOON)
    with override_settings(SECRET_KEY="another secret of another installation"):
        assert room_code.room_code(meeting, NOON) != here


def test_who_says_to_be_in_the_room_types_the_code(meeting: Meeting, amina: Membership) -> None:
    with pytest.raises(MeetingRefused, match="Type the code"):
        services.check_in(meeting=meeting, membership=amina)
    old = room_code.room_code(meeting, clock() - timedelta(minutes=3))
    with pytest.raises(MeetingRefused, match="changes every minute"):
        services.check_in(meeting=meeting, membership=amina, typed_code=old)
    stay = services.check_in(meeting=meeting, membership=amina, typed_code=room_code.room_code(meeting, clock()))
    assert stay.source == "code"


def test_from_elsewhere_no_code_is_asked_but_moving_into_the_room_asks(meeting: Meeting, amina: Membership) -> None:
    stay = services.check_in(meeting=meeting, membership=amina, mode=AttendanceMode.REMOTE)
    assert stay.source == "self"
    with pytest.raises(MeetingRefused, match="Type the code"):
        services.move(attendee=stay.attendee, mode=AttendanceMode.IN_ROOM)
    code = room_code.room_code(meeting, clock())
    assert services.move(attendee=stay.attendee, mode=AttendanceMode.IN_ROOM, typed_code=code).source == "code"


def test_the_door_asks_for_the_code_and_keeps_what_was_typed(
    client: Client, meeting: Meeting, amina: Membership
) -> None:
    client.force_login(amina.user)
    door = f"/j/{meeting.join_code}/"
    assert 'name="room_code"' in client.get(door).content.decode()
    wrong = client.post(door, {"mode": "in_room", "room_code": "ZZZZZ"})
    assert wrong.status_code == 422
    assert 'value="ZZZZZ"' in wrong.content.decode()
    right = client.post(door, {"mode": "in_room", "room_code": room_code.room_code(meeting, clock()).lower()})
    assert right.status_code == 302
    assert Attendance.objects.present().get().source == "code"


def test_only_the_wall_of_the_people_at_the_desk_shows_the_code(
    client: Client, meeting: Meeting, amina: Membership, bao: Membership
) -> None:
    wall = f"/meetings/{meeting.pk}/screen/"
    for member in (None, amina):
        if member:
            client.force_login(member.user)
        page = client.get(wall).content.decode()
        assert not any(room_code.room_code(meeting, clock() + timedelta(minutes=n)) in page for n in (-1, 0, 1))
        assert "people who run the meeting" in page
    client.force_login(bao.user)
    page = client.get(wall).content.decode()
    assert any(room_code.room_code(meeting, clock() + timedelta(minutes=n)) in page for n in (-1, 0))


def test_the_wall_is_drawn_anew_each_minute_and_phones_are_not(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    from meetings import screens

    monkeypatch.setattr(screens, "clock", lambda: NOON)
    wall, phone = screens.screen_state(meeting.pk), screens.state(meeting.pk)
    monkeypatch.setattr(screens, "clock", lambda: NOON + timedelta(minutes=1))
    assert screens.screen_state(meeting.pk) != wall
    assert screens.state(meeting.pk) == phone
