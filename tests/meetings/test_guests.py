"""Joining without an account: a name, a phone that is known again, a raised hand, and no vote without a code."""

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from meetings import room_code, screens, services
from meetings.models import Attendance, AttendanceSource, Attendee, Meeting, Scene
from meetings.services import MeetingRefused
from meetings.services.acts import clock
from meetings.services.polls import present_now
from tests.meetings.evening import in_session, kinds, seat, with_doors_open

HTMX = {"hx-request": "true"}


def join(phone: Client, meeting: Meeting, handle: str = "Zoe", mode: str = "in_room") -> int:
    return phone.post(f"/j/{meeting.join_code}/", {"handle": handle, "mode": mode}).status_code


def test_zoe_joins_by_code_with_a_name_and_is_known_again(client: Client, riverside: Assembly) -> None:
    meeting = with_doors_open(riverside)
    door = client.get(f"/j/{meeting.join_code}/").content.decode()
    assert "Join without an account" in door
    assert join(client, meeting) == 302
    guest = Attendee.objects.get()
    cookie = client.cookies[f"guest-{meeting.pk.hex}"]
    assert cookie["httponly"]
    assert guest.device_hash
    assert cookie.value.encode() not in bytes(guest.device_hash)  # only its hash is kept
    assert "You are here as Zoe." in client.get(f"/meetings/{meeting.pk}/live/").content.decode()
    assert client.get(f"/j/{meeting.join_code}/").status_code == 302
    assert join(client, meeting, "Somebody else") == 302
    assert Attendee.objects.count() == 1


def test_nothing_of_the_guest_is_in_the_session_where_a_voter_code_would_be(
    client: Client, riverside: Assembly
) -> None:
    meeting = with_doors_open(riverside)
    join(client, meeting)
    assert "Zoe" not in str(dict(client.session))
    assert client.cookies[f"guest-{meeting.pk.hex}"].value not in str(dict(client.session))


def test_a_guest_raises_a_hand_steps_out_and_comes_back(client: Client, riverside: Assembly) -> None:
    meeting = in_session(riverside)
    join(client, meeting)
    up = client.post(f"/meetings/{meeting.pk}/my-hand/raise/", headers=HTMX).content.decode()
    assert "Your hand is up" in up
    for verb in ("step-out", "come-back", "move", "check-out", "check-in"):
        assert client.post(f"/meetings/{meeting.pk}/{verb}/", {"mode": "remote"}).status_code == 302
    told = [kind for kind in kinds(meeting) if kind != "hand_raised"]
    assert told[-5:] == ["stepped_out", "came_back", "moved", "checked_out", "checked_in"]


def test_a_guest_is_in_no_register(client: Client, riverside: Assembly) -> None:
    meeting = in_session(riverside)
    join(client, meeting)
    assert present_now(meeting) == []


def test_where_walk_ins_are_not_allowed_the_door_offers_none(client: Client, riverside: Assembly) -> None:
    meeting = with_doors_open(riverside, walk_ins_allowed=False)
    assert "Join without an account" not in client.get(f"/j/{meeting.join_code}/").content.decode()
    assert join(client, meeting) == 422
    assert not Attendance.objects.exists()


def test_a_nameless_guest_is_asked_for_a_name_and_two_have_not_the_same(client: Client, riverside: Assembly) -> None:
    meeting = with_doors_open(riverside)
    assert join(client, meeting, "  ") == 422
    services.check_in_guest(meeting=meeting, handle="Zoe", source=AttendanceSource.DESK)
    answer = client.post(f"/j/{meeting.join_code}/", {"handle": "zoe", "mode": "in_room"})
    assert answer.status_code == 422
    assert "Somebody has this name already" in answer.content.decode()


def test_a_private_assembly_lets_guests_in_by_the_desk_or_the_code_on_the_wall(harbour: Assembly) -> None:
    meeting = with_doors_open(harbour)
    with pytest.raises(MeetingRefused, match="Ask at the desk"):
        services.check_in_guest(meeting=meeting, handle="Zoe", device="secret")
    code = room_code.room_code(meeting, clock())
    services.check_in_guest(meeting=meeting, handle="Zoe", device="secret", typed_code=code)
    services.check_in_guest(meeting=meeting, handle="Yan", source=AttendanceSource.DESK)
    assert Attendance.objects.count() == 2


def test_the_secret_of_one_meeting_opens_no_other(client: Client, riverside: Assembly) -> None:
    one, other = in_session(riverside), in_session(riverside)
    join(client, one)
    refused = client.post(f"/meetings/{other.pk}/my-hand/raise/")
    assert refused.status_code == 302
    assert "sign-in" in refused.url  # type: ignore[attr-defined]
    client.cookies[f"guest-{other.pk.hex}"] = client.cookies[f"guest-{one.pk.hex}"].value
    assert services.guest_with(other, client.cookies[f"guest-{one.pk.hex}"].value) is None
    assert client.post(f"/meetings/{other.pk}/my-hand/raise/", headers=HTMX).status_code == 409


def test_a_guest_whom_the_desk_took_off_the_list_stays_out(client: Client, riverside: Assembly) -> None:
    meeting = with_doors_open(riverside)
    join(client, meeting)
    services.revoke(attendee=Attendee.objects.get(), reason="Shouted", actor=None)
    assert join(client, meeting) == 422
    assert "Speak to the people at the desk" in client.get(f"/meetings/{meeting.pk}/live/").content.decode()


def test_who_signs_in_is_no_guest_any_more(client: Client, riverside: Assembly, amina: Membership) -> None:
    meeting = with_doors_open(riverside)
    join(client, meeting)
    client.force_login(amina.user)
    assert "Are you at this meeting?" in client.get(f"/meetings/{meeting.pk}/live/").content.decode()


def test_a_guest_is_marked_wherever_the_queue_is_read(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    for name in ("Yan", "Zoe"):
        guest = services.check_in_guest(meeting=meeting, handle=name, source=AttendanceSource.DESK).attendee
        services.raise_hand(attendee=guest)
    services.raise_hand(attendee=seat(meeting, amina))
    for topic, audience in (("meeting", "attendee"), ("cockpit", "facilitator")):
        assert "Yan (guest)" in screens_of(topic, meeting, audience)
    services.call_next(meeting=meeting, actor=None)
    services.set_scene(meeting=meeting, scene=Scene.SPEAKER, actor=None)
    wall = screens_of("screen", meeting, "screen")
    assert "Yan (guest)" in wall
    assert "Next: Zoe (guest)" in wall
    assert "(guest)" not in screens_of("screen", meeting, "public")


def screens_of(topic: str, meeting: Meeting, audience: str) -> str:
    render = next(one.render for one in screens.TOPICS if one.name == topic)
    return "".join(render(meeting.pk, audience, "en").values())
