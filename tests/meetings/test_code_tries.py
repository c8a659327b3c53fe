"""Guessing the code on the wall: who types too many wrong ones waits, and nobody else does."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from assemblies.models import Assembly, Membership
from meetings import code_tries, room_code
from meetings.models import Attendance, Meeting
from meetings.services.acts import clock
from tests.make import make_member
from tests.meetings.evening import with_doors_open

pytestmark = pytest.mark.django_db

DESK = "Go to the desk, or wait ten minutes and try again."


@pytest.fixture
def meeting(riverside: Assembly) -> Meeting:
    """A meeting that asks for the code on the wall."""
    return with_doors_open(riverside, asks_room_code=True)


def browser_of(member: Membership | None = None) -> Client:
    client = Client()
    if member is not None:
        client.force_login(member.user)
    return client


def wrong(meeting: Meeting) -> str:
    """What was on the wall ten minutes ago."""
    return room_code.room_code(meeting, clock() - timedelta(minutes=10))


def right(meeting: Meeting) -> str:
    return room_code.room_code(meeting, clock())


def at_the_door(client: Client, meeting: Meeting, code: str, name: str = "Guest") -> str:
    """Somebody types this code at the door; what the page says."""
    typed = {"mode": "in_room", "room_code": code, "handle": name}
    return client.post(f"/j/{meeting.join_code}/", typed, follow=True).content.decode()


def guess(client: Client, meeting: Meeting, times: int) -> list[str]:
    return [at_the_door(client, meeting, wrong(meeting)) for _time in range(times)]


def test_who_guesses_waits_even_with_the_right_code_and_hears_what_to_do(meeting: Meeting, amina: Membership) -> None:
    client = browser_of(amina)
    said = guess(client, meeting, code_tries.TRIES_PER_PERSON)
    assert all("This is not the code on the screen." in page for page in said)
    assert DESK in at_the_door(client, meeting, right(meeting))
    assert DESK in at_the_door(browser_of(amina), meeting, right(meeting))  # another device of the same account
    assert not Attendance.objects.exists()


def test_without_the_limit_anybody_could_guess_on(
    meeting: Meeting, amina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meetings.views.coming.count_try", lambda request, meeting, typed: None)
    client = browser_of(amina)
    guess(client, meeting, code_tries.TRIES_PER_PERSON + 1)
    at_the_door(client, meeting, right(meeting))
    assert Attendance.objects.exists()


def test_one_person_who_guesses_keeps_nobody_else_out(riverside: Assembly, meeting: Meeting, amina: Membership) -> None:
    guess(browser_of(amina), meeting, code_tries.TRIES_PER_PERSON + 1)
    at_the_door(browser_of(make_member(riverside, "Bea")), meeting, right(meeting))
    at_the_door(browser_of(), meeting, right(meeting))  # a guest, behind the same network address
    assert Attendance.objects.count() == 2


def test_a_right_code_costs_nothing_and_each_meeting_counts_alone(
    riverside: Assembly, meeting: Meeting, amina: Membership
) -> None:
    client = browser_of(amina)
    guess(client, meeting, code_tries.TRIES_PER_PERSON)
    other = with_doors_open(riverside, asks_room_code=True, title="Another evening")
    at_the_door(client, other, right(other))
    assert Attendance.objects.get().meeting == other


def test_a_device_without_an_account_is_counted_too(meeting: Meeting) -> None:
    client = browser_of()
    guess(client, meeting, code_tries.TRIES_PER_PERSON)
    assert DESK in at_the_door(client, meeting, right(meeting))


def test_many_guesses_of_guests_send_guests_to_the_desk_and_members_come_in(
    meeting: Meeting, amina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device can pretend to be a new one each time."""
    monkeypatch.setattr(code_tries, "TRIES_OF_GUESTS", 3)
    for _time in range(3):
        guess(browser_of(), meeting, 1)
    assert "Sign in if you have an account, or go to the desk." in at_the_door(browser_of(), meeting, right(meeting))
    assert not Attendance.objects.exists()
    at_the_door(browser_of(amina), meeting, right(meeting))
    assert Attendance.objects.count() == 1
    cache.clear()  # ten minutes later
    at_the_door(browser_of(), meeting, right(meeting))
    assert Attendance.objects.count() == 2


def test_coming_back_and_moving_into_the_room_count_as_well(meeting: Meeting, amina: Membership) -> None:
    client = browser_of(amina)
    client.post(f"/j/{meeting.join_code}/", {"mode": "remote"})
    for _time in range(code_tries.TRIES_PER_PERSON):
        client.post(f"/meetings/{meeting.pk}/move/", {"mode": "in_room", "room_code": wrong(meeting)})
    answer = client.post(
        f"/meetings/{meeting.pk}/move/", {"mode": "in_room", "room_code": right(meeting)}, follow=True
    ).content.decode()
    assert DESK in answer
    assert Attendance.objects.get().mode == "remote"
