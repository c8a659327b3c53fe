"""Coming to a meeting with a phone: the code, the door, my ballot, my hand."""

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from meetings import joining, services
from meetings.models import Attendance, Meeting, SpeakerEntry
from tests.make import make_member
from tests.meetings.evening import announced, fresh_poll, in_session, item, put_to_the_vote, seat, vote, with_doors_open

HTMX = {"hx-request": "true"}


@pytest.fixture
def phone(client: Client, amina: Membership) -> Client:
    """Amina's phone."""
    client.force_login(amina.user)
    return client


@pytest.mark.parametrize("typed", ["K7QF2M", "k7qf2m", " k7q-f2m ", "K7Q F2M", "k7-qf-2m"])
def test_a_code_is_understood_however_it_is_typed(typed: str) -> None:
    assert joining.read_code(typed) == "K7QF2M"


def test_letters_that_look_like_figures_are_read_as_such() -> None:
    assert joining.read_code("OILoil") == "011011"


@pytest.mark.parametrize("typed", ["", "K7QF2", "K7QF2MM", "K7QF2U", "K7QF2!", "٣٤٥٦٧٨"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert joining.read_code(typed) == ""


def test_amina_joins_with_the_code_on_the_wall(phone: Client, riverside: Assembly, amina: Membership) -> None:
    meeting = with_doors_open(riverside)
    code = meeting.join_code
    typed = phone.post("/j/", {"code": f" {code[:3].lower()}-{code[3:].lower()} "})
    assert typed.url == f"/j/{code}/"  # type: ignore[attr-defined]
    assert "Check in" in phone.get(f"/j/{code}/").content.decode()
    assert not Attendance.objects.exists()  # looking at the door is not going in
    entered = phone.post(f"/j/{code}/", {"mode": "remote"})
    assert entered.url == f"/meetings/{meeting.pk}/live/"  # type: ignore[attr-defined]
    assert Attendance.objects.present().get(meeting=meeting, attendee__membership=amina).mode == "remote"
    assert phone.get(f"/j/{code}/").status_code == 302


def test_a_code_in_small_letters_leads_to_the_same_door(phone: Client, riverside: Assembly) -> None:
    code = with_doors_open(riverside).join_code
    assert phone.get(f"/j/{code.lower()}/").status_code in (200, 302)


def test_an_unknown_code_is_said_to_be_one(phone: Client, riverside: Assembly) -> None:
    answer = phone.post("/j/", {"code": "000000"})
    assert answer.status_code == 422
    assert "No meeting has this code" in answer.content.decode()
    assert 'value="000000"' in answer.content.decode()
    assert phone.get("/j/000000/").status_code == 404


def test_before_the_doors_open_and_after_the_end_the_door_says_so(phone: Client, riverside: Assembly) -> None:
    early = announced(riverside)
    assert "not open yet" in phone.get(f"/j/{early.join_code}/").content.decode()
    over = in_session(riverside)
    services.adjourn(meeting=over, actor=None)
    page = phone.get(f"/j/{over.join_code}/").content.decode()
    assert "This meeting is over" in page
    assert early.get_absolute_url() in page  # the next one


def test_who_is_no_member_may_follow_but_not_check_in(client: Client, riverside: Assembly, chidi: Membership) -> None:
    meeting = with_doors_open(riverside)
    client.force_login(chidi.user)
    assert "not a member" in client.get(f"/j/{meeting.join_code}/").content.decode()
    assert client.post(f"/j/{meeting.join_code}/").status_code == 403
    assert client.get(f"/meetings/{meeting.pk}/live/").status_code == 200
    assert not Attendance.objects.exists()


def test_a_visitor_may_sign_in_at_the_door_and_comes_back_to_it(client: Client, riverside: Assembly) -> None:
    meeting = with_doors_open(riverside)
    answer = client.post("/j/", {"code": meeting.join_code}, follow=True)
    assert answer.redirect_chain[-1][0] == f"/j/{meeting.join_code}/"
    assert f"?next=/j/{meeting.join_code}/" in answer.content.decode()


def test_a_visitor_does_not_learn_that_a_private_meeting_exists(client: Client, harbour: Assembly) -> None:
    meeting = with_doors_open(harbour)
    for code in (meeting.join_code, "000000"):
        answer = client.post("/j/", {"code": code}, follow=True)
        assert answer.redirect_chain[-1][0].endswith(f"?next=/j/{code}/")


def test_who_becomes_a_member_at_the_door_is_still_at_the_door(
    client: Client, chidi: Membership, riverside: Assembly
) -> None:
    door = f"/j/{with_doors_open(riverside).join_code}/"
    client.force_login(chidi.user)
    assert f'name="next" value="{door}"' in client.get(door).content.decode()
    answer = client.post(f"/a/{riverside.slug}/join/", {"next": door}, follow=True)
    assert answer.redirect_chain == [(door, 302)]
    assert "Check in" in answer.content.decode()


def test_amina_votes_on_her_phone_and_sees_her_receipt(phone: Client, riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    item_poll = put_to_the_vote(meeting)
    paper = phone.get(f"/meetings/{meeting.pk}/my-vote/").content.decode()
    assert "Open until 23:00?" in paper
    assert "<html" not in paper
    key = paper.split('name="key" value="')[1].split('"')[0]
    answer = phone.post(f"/polls/{item_poll.poll_id}/cast/", {"options": "yes", "key": key}, headers=HTMX)
    assert "Your ballot is counted" in answer.content.decode()
    again = phone.get(f"/meetings/{meeting.pk}/my-vote/").content.decode()
    assert "Your ballot is counted" in again
    assert 'type="radio"' not in again


def test_my_paper_is_on_the_page_itself_when_scripts_are_off(
    phone: Client, riverside: Assembly, amina: Membership
) -> None:
    meeting = in_session(riverside, amina)
    put_to_the_vote(meeting)
    page = phone.get(f"/meetings/{meeting.pk}/live/").content.decode()
    assert page.count('id="ballot"') == 1
    assert page.count("<h1") == 1
    assert 'data-paper="poll"' in page


def test_who_came_after_the_vote_opened_is_told(phone: Client, riverside: Assembly, amina: Membership) -> None:
    early = make_member(riverside, "Early")
    meeting = in_session(riverside, early)
    put_to_the_vote(meeting)
    services.check_in(meeting=meeting, membership=amina)
    assert "you checked in later" in phone.get(f"/meetings/{meeting.pk}/my-vote/").content.decode()


def test_who_is_not_verified_is_sent_to_the_desk(client: Client, riverside: Assembly, amina: Membership) -> None:
    guest = make_member(riverside, "Guest", verified=False)
    meeting = in_session(riverside, amina, guest)
    client.force_login(guest.user)
    assert "Check in at the desk to vote" in client.get(f"/meetings/{meeting.pk}/my-vote/").content.decode()
    put_to_the_vote(meeting)
    assert "Check in at the desk to vote" in client.get(f"/meetings/{meeting.pk}/my-vote/").content.decode()


def test_my_vote_is_never_kept_by_a_cache(phone: Client, riverside: Assembly) -> None:
    meeting = in_session(riverside)
    for path in ("my-vote", "my-hand", "live"):
        assert "no-store" in phone.get(f"/meetings/{meeting.pk}/{path}/")["Cache-Control"]


def test_a_hand_goes_up_and_down(phone: Client, riverside: Assembly, amina: Membership, bao: Membership) -> None:
    meeting = in_session(riverside, amina, bao)
    services.raise_hand(attendee=seat(meeting, bao))
    up = phone.post(f"/meetings/{meeting.pk}/my-hand/raise/", headers=HTMX).content.decode()
    assert "Your hand is up" in up
    assert "<b data-my-place><bdi>2</bdi></b>" in up
    down = phone.post(f"/meetings/{meeting.pk}/my-hand/withdraw/", headers=HTMX).content.decode()
    assert "Raise my hand" in down
    refused = phone.post(f"/meetings/{meeting.pk}/my-hand/withdraw/", headers=HTMX)
    assert refused.status_code == 409
    assert "Your hand is not up" in refused.content.decode()


def test_a_hand_goes_up_with_scripts_off(phone: Client, riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    answer = phone.post(f"/meetings/{meeting.pk}/my-hand/raise/")
    assert answer.url == f"/meetings/{meeting.pk}/live/"  # type: ignore[attr-defined]
    entry = SpeakerEntry.objects.get()
    services.call_speaker(entry=entry, actor=None)
    assert "You have the floor" in phone.get(f"/meetings/{meeting.pk}/my-hand/").content.decode()


def test_leaving_is_a_button_too(phone: Client, riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    assert phone.post(f"/meetings/{meeting.pk}/check-out/").status_code == 302
    assert not Attendance.objects.present().exists()


def test_after_the_vote_my_page_is_calm_again(phone: Client, riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    item_poll = put_to_the_vote(meeting)
    vote(item_poll.poll, amina, "yes")
    services.close_item_poll(item_poll=fresh_poll(item_poll), actor=None)
    assert phone.get(f"/meetings/{meeting.pk}/my-vote/").content.decode().strip() == ""


@pytest.mark.parametrize("state", ["announced", "doors", "session", "recess", "over"])
def test_the_phone_says_what_happens_in_every_state(phone: Client, riverside: Assembly, state: str) -> None:
    meeting: Meeting = announced(riverside)
    steps = [services.open_doors, services.call_to_order, services.recess]
    for act in steps[: {"doors": 1, "session": 2, "recess": 3, "over": 2}.get(state, 0)]:
        act(meeting=meeting, actor=None)
    if state == "over":
        services.adjourn(meeting=meeting, actor=None)
    page = phone.get(f"/meetings/{meeting.pk}/live/").content.decode()
    words = {
        "announced": "The meeting begins on",
        "doors": "The meeting begins soon",
        "session": "Nothing to do now",
        "recess": "There is a break",
        "over": "Thank you for coming",
    }
    assert words[state] in page
    assert page.count("<h1") == 1
    assert item(meeting, 2).title in page
