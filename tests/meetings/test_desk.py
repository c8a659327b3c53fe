"""The desk at the door: finding people, checking them in and out, guests, passes, voting rights and the whole list."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assemblies.models import Assembly, Membership, Role
from meetings import passes, services
from meetings.models import Attendance, Attendee, Meeting, Proxy
from tests.make import make_member
from tests.meetings.evening import announced, kinds, seat, with_doors_open

HTMX = {"hx-request": "true"}


@pytest.fixture
def meeting(riverside: Assembly) -> Meeting:
    return with_doors_open(riverside, proxies_per_holder=1)


@pytest.fixture
def desk(client: Client, riverside: Assembly) -> Client:
    """The browser of a clerk, who runs no meeting but sits at the desk."""
    client.force_login(make_member(riverside, "Clerk", Role.CLERK).user)
    return client


def act(desk: Client, meeting: Meeting, person: object, verb: str, **data: str) -> Any:
    return desk.post(f"/meetings/{meeting.pk}/desk/people/{person}/{verb}/", data)


def page_of(desk: Client, meeting: Meeting, **asked: str) -> str:
    return desk.get(f"/meetings/{meeting.pk}/desk/", asked).content.decode()


def test_the_clerk_finds_amina_and_checks_her_in_and_out(desk: Client, meeting: Meeting, amina: Membership) -> None:
    assert "Amina" in page_of(desk, meeting, q="ami")
    assert "Amina" not in page_of(desk, meeting, q="bob")
    answer = act(desk, meeting, amina.pk, "check-in", mode="in_room", q="ami", show="here")
    assert answer.url == f"/meetings/{meeting.pk}/desk/?q=ami&show=here"
    stay = Attendance.objects.get()
    assert (stay.source, stay.mode, str(stay.actor)) == ("desk", "in_room", "Clerk")
    for verb in ("step-out", "come-back", "move", "check-out"):
        act(desk, meeting, amina.pk, verb, mode="remote")
    assert kinds(meeting)[-5:] == ["checked_in", "stepped_out", "came_back", "moved", "checked_out"]
    act(desk, meeting, amina.pk, "excuse")
    assert seat(meeting, amina).is_excused
    assert "Excused" in page_of(desk, meeting, q="Amina")


def test_with_htmx_the_list_alone_comes_back_and_a_refusal_stands_above_it(
    desk: Client, meeting: Meeting, amina: Membership
) -> None:
    path = f"/meetings/{meeting.pk}/desk/people/{amina.pk}"
    answer = desk.post(f"{path}/check-in/", {"q": "Amina"}, headers=HTMX)
    assert "<html" not in answer.content.decode()
    assert "In the room" in answer.content.decode()
    refused = desk.post(f"{path}/take-off-the-list/", {"q": "Amina"}, headers=HTMX)
    assert refused.status_code == 409
    assert "Say why" in refused.content.decode()
    found = desk.get(f"/meetings/{meeting.pk}/desk/", {"q": "ami", "show": "here"}, headers=HTMX).content.decode()
    assert "Amina" in found
    assert "<html" not in found


def test_without_htmx_a_refusal_is_told_on_the_page(desk: Client, meeting: Meeting, amina: Membership) -> None:
    answer = desk.post(f"/meetings/{meeting.pk}/desk/people/{amina.pk}/step-out/", follow=True)
    assert "not checked in" in answer.content.decode()


def test_the_clerk_gives_the_right_to_vote(desk: Client, meeting: Meeting, riverside: Assembly) -> None:
    newcomer = make_member(riverside, "Newcomer", verified=False)
    assert "Give the right to vote" in page_of(desk, meeting, q="Newcomer")
    act(desk, meeting, newcomer.pk, "voting-right")
    newcomer.refresh_from_db()
    assert newcomer.verified_at


def test_a_guest_is_checked_in_by_name_and_votes_by_card_alone(desk: Client, meeting: Meeting) -> None:
    add = f"/meetings/{meeting.pk}/desk/guest/"
    assert desk.post(add, {"handle": " Zoe  from number 7 "}).status_code == 302
    guest = Attendee.objects.get(membership=None)
    assert (guest.handle, guest.device_hash) == ("Zoe from number 7", None)
    again = desk.post(add, {"handle": "zoe from number 7"})
    assert again.status_code == 422
    assert "Somebody has this name already" in again.content.decode()
    assert "zoe from number 7" in again.content.decode()
    refused = desk.post(f"/meetings/{meeting.pk}/desk/people/{guest.public_id}/voting-right/", headers=HTMX)
    assert "votes with a voter code" in refused.content.decode()
    act(desk, meeting, guest.public_id, "check-out")
    act(desk, meeting, guest.public_id, "check-in")
    assert Attendance.objects.filter(attendee=guest).count() == 2


def test_a_proxy_is_noted_and_taken_back(desk: Client, meeting: Meeting, amina: Membership, bao: Membership) -> None:
    services.check_in(meeting=meeting, membership=bao)
    form = f"/meetings/{meeting.pk}/desk/people/{amina.pk}/proxy/"
    assert "Bao" in desk.get(form).content.decode()
    wrong = desk.post(form, {"holder": str(bao.pk), "document": ""})
    assert wrong.status_code == 422
    assert desk.post(form, {"holder": str(bao.pk), "document": "Folder 3"}).status_code == 302
    proxy = Proxy.objects.in_force().get()
    assert "Bao votes in their place (Folder 3)" in page_of(desk, meeting, q="Amina")
    desk.post(f"/meetings/{meeting.pk}/desk/proxies/{proxy.pk}/take-back/")
    assert not Proxy.objects.in_force().exists()


def test_a_pass_checks_in_its_holder_once(
    desk: Client, client: Client, meeting: Meeting, amina: Membership, bao: Membership
) -> None:
    address = f"/meetings/{meeting.pk}/pass/{passes.pass_of(meeting, amina)}/"
    assert passes.pass_link(meeting, amina).endswith(address)
    page = desk.get(address).content.decode()
    assert "Amina" in page
    assert not Attendance.objects.exists()  # looking is not checking in
    assert desk.post(address).status_code == 200
    assert desk.post(address).status_code == 200
    assert Attendance.objects.get().source == "qr"
    assert "Amina" in page_of(desk, meeting, q=passes.pass_link(meeting, amina))  # a reader types the link


def test_a_pass_is_of_one_person_for_one_meeting_and_cannot_be_made_up(
    desk: Client, meeting: Meeting, riverside: Assembly, amina: Membership, chidi: Membership
) -> None:
    other = with_doors_open(riverside)
    good = passes.pass_of(meeting, amina)
    name, _dot, signature = good.partition(".")
    forged = [
        passes.pass_of(other, amina),
        passes.pass_of(meeting, chidi),
        f"{name}.{signature[:-1]}{'A' if signature[-1] != 'A' else 'B'}",
        f"{passes.pass_of(meeting, make_member(riverside, 'Eve')).partition('.')[0]}.{signature}",
        "x",
    ]
    assert passes.holder_of(meeting, good) == amina
    for written in forged:
        assert passes.holder_of(meeting, written) is None
        assert desk.post(f"/meetings/{meeting.pk}/pass/{written}/").status_code == 404
    assert not Attendance.objects.filter(meeting=meeting).exists()


def test_amina_shows_her_pass_and_cannot_use_it_herself(client: Client, meeting: Meeting, amina: Membership) -> None:
    client.force_login(amina.user)
    assert "<svg" in client.get(f"/meetings/{meeting.pk}/my-pass/").content.decode()
    address = f"/meetings/{meeting.pk}/pass/{passes.pass_of(meeting, amina)}/"
    assert client.get(address).url == f"/meetings/{meeting.pk}/my-pass/"  # type: ignore[attr-defined]
    assert client.post(address).status_code == 403
    assert not Attendance.objects.exists()


def test_the_whole_list_is_one_page_without_buttons(desk: Client, meeting: Meeting, amina: Membership) -> None:
    services.check_in(meeting=meeting, membership=amina)
    services.check_in_guest(meeting=meeting, handle="Zoe")
    page = desk.get(f"/meetings/{meeting.pk}/desk/list/").content.decode()
    assert "Amina" in page
    assert "Zoe (guest)" in page
    assert "/desk/people/" not in page


def test_nobody_is_checked_in_before_the_doors_open(desk: Client, riverside: Assembly, amina: Membership) -> None:
    early = announced(riverside)
    answer = desk.post(f"/meetings/{early.pk}/desk/people/{amina.pk}/check-in/", follow=True)
    assert "doors are not open yet" in answer.content.decode()


def test_the_list_costs_the_same_with_5_and_15_attendees(desk: Client, riverside: Assembly) -> None:
    people = [make_member(riverside, f"Person {number}") for number in range(15)]
    few, many = with_doors_open(riverside, *people[:5]), with_doors_open(riverside, *people)
    costs = []
    for meeting in (few, many):
        services.check_in_guest(meeting=meeting, handle="Zoe")
        page_of(desk, meeting, show="here")
        with CaptureQueriesContext(connection) as counted:
            page_of(desk, meeting, show="here")
        costs.append(len(counted))
    assert costs[0] == costs[1]


def test_who_runs_the_meeting_finds_the_way_from_the_desk_to_the_cockpit_and_back(
    desk: Client, meeting: Meeting, bao: Membership
) -> None:
    cockpit = f'href="/meetings/{meeting.pk}/cockpit/"'
    assert cockpit not in page_of(desk, meeting)
    desk.force_login(bao.user)
    assert cockpit in page_of(desk, meeting)
    assert f'href="/meetings/{meeting.pk}/desk/"' in desk.get(f"/meetings/{meeting.pk}/cockpit/").content.decode()
