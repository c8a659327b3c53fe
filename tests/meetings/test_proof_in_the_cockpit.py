"""Whoever enters the cockpit shows once that it is still them; what cannot be undone wants that, and nothing else does."""

import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import fresh_proof
from assemblies.models import Assembly, Membership
from meetings import services
from meetings.models import HandCount, ItemPoll, Meeting
from tests.meetings.evening import announced, current, in_session, kinds, put_up
from tests.proving import prove
from voting.models import PollState

pytestmark = [pytest.mark.django_db, pytest.mark.asks_for_proof]


@pytest.fixture
def meeting(riverside: Assembly, amina: Membership) -> Meeting:
    return in_session(riverside, amina)


@pytest.fixture
def held(meeting: Meeting) -> ItemPoll:
    return put_up(meeting)


@pytest.fixture
def browser(bao: Membership) -> Client:
    client = Client()
    client.force_login(bao.user)
    return client


def cockpit(meeting: Meeting) -> str:
    return f"/meetings/{meeting.pk}/cockpit/"


def act(meeting: Meeting, held: ItemPoll, verb: str) -> str:
    return reverse(f"meetings:{verb}_poll", args=[meeting.pk, held.poll_id])


def state(held: ItemPoll) -> str:
    held.poll.refresh_from_db()
    return str(held.poll.state)


def test_it_is_asked_once_on_entering(meeting: Meeting, held: ItemPoll, bao: Membership, browser: Client) -> None:
    asked = browser.get(cockpit(meeting))
    assert asked["Location"].startswith("/me/prove/?next=%2Fmeetings%2F")
    prove(browser, bao.user)
    assert browser.get(cockpit(meeting)).status_code == 200
    prove(browser, bao.user, seconds_ago=100 * 60)  # the proof itself is long gone
    assert browser.get(cockpit(meeting)).status_code == 200
    browser.post(act(meeting, held, "open"))
    assert state(held) == PollState.OPEN
    browser.post(act(meeting, held, "close"))
    assert state(held) == PollState.WITHHELD


@pytest.mark.parametrize("verb", ["open", "close", "reveal", "void"])
def test_without_it_nothing_is_decided(meeting: Meeting, held: ItemPoll, browser: Client, verb: str) -> None:
    answer = browser.post(act(meeting, held, verb), {"reason": "Wrong names."})
    assert answer["Location"].startswith("/me/prove/")
    assert state(held) == PollState.DRAFT


ENDS = {"adjourn": {}, "cancel": {"reason": "No heating."}, "stop_hands": {"reason": "Too loud."}}


@pytest.mark.parametrize("verb", ENDS)
def test_nothing_is_ended_for_good_without_it(
    riverside: Assembly, meeting: Meeting, browser: Client, bao: Membership, verb: str
) -> None:
    found = announced(riverside, title="Spring assembly") if verb == "cancel" else meeting
    ids = [found.pk]
    if verb == "stop_hands":
        count = services.open_hand_count(item=current(meeting), question="Trees?", actor=None)
        ids.append(count.pk)
    before = kinds(found)
    url = reverse(f"meetings:{verb}", args=ids)
    assert browser.post(url, ENDS[verb])["Location"].startswith("/me/prove/")
    assert kinds(found) == before
    prove(browser, bao.user)
    assert browser.post(url, ENDS[verb]).status_code == 302
    assert len(kinds(found)) > len(before)


def test_who_calls_a_meeting_off_from_the_agenda_comes_back_to_it(
    riverside: Assembly, browser: Client, bao: Membership
) -> None:
    found = announced(riverside)
    url = f"/meetings/{found.pk}/cancel/"
    asked = browser.post(url, {"reason": "No heating.", "on_agenda": "1"})
    assert asked["Location"] == f"/me/prove/?next=%2Fmeetings%2F{found.pk}%2Fcancel%2F"
    prove(browser, bao.user)
    assert 'name="on_agenda"' in browser.get(url).content.decode()
    answer = browser.post(url, {"reason": "No heating.", "on_agenda": "1"})
    assert answer["Location"] == f"/meetings/{found.pk}/agenda/"


def test_a_motion_is_not_ended_without_it(meeting: Meeting, browser: Client, bao: Membership) -> None:
    motion = services.put_motion(item=current(meeting), title="Trees", text="Ten trees.", actor=None)
    url = f"/meetings/{meeting.pk}/motions/{motion.pk}/"
    answer = browser.post(f"{url}end/", {"state": "withdrawn"})
    assert answer["Location"].startswith("/me/prove/?next=%2Fmeetings%2F")
    motion.refresh_from_db()
    assert motion.state == "proposed"
    prove(browser, bao.user)
    assert browser.post(f"{url}end/", {"state": "withdrawn"})["Location"] == url
    motion.refresh_from_db()
    assert motion.state == "withdrawn"


def test_hands_are_neither_called_for_nor_counted_without_it(
    meeting: Meeting, browser: Client, bao: Membership
) -> None:
    call = reverse("meetings:count_hands", args=[meeting.pk, current(meeting).pk])
    assert browser.get(call)["Location"].startswith("/me/prove/")
    assert browser.post(call, {"question": "Trees?"})["Location"].startswith("/me/prove/")
    assert not HandCount.objects.exists()
    count = services.open_hand_count(item=current(meeting), question="Trees?", actor=None, one_teller=True)
    enter = reverse("meetings:hands", args=[meeting.pk, count.pk])
    assert browser.get(enter)["Location"].startswith("/me/prove/")  # before the teller has typed anything
    assert browser.post(enter, {"yes": "1", "no": "0", "abstain": "0"})["Location"].startswith("/me/prove/")
    count.refresh_from_db()
    assert count.first is None
    prove(browser, bao.user)
    assert browser.get(enter).status_code == 200
    assert browser.post(enter, {"yes": "1", "no": "0", "abstain": "0"})["Location"] == enter
    count.refresh_from_db()
    assert count.first


def test_a_button_that_htmx_sends_leads_to_a_whole_page(meeting: Meeting, held: ItemPoll, browser: Client) -> None:
    answer = browser.post(act(meeting, held, "open"), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith("/me/prove/")
    assert state(held) == PollState.DRAFT


def test_the_agenda_goes_on_without(meeting: Meeting, browser: Client) -> None:
    answer = browser.post(f"/meetings/{meeting.pk}/recess/")
    assert answer["Location"] == cockpit(meeting)


def test_after_two_hours_without_a_decision_it_is_asked_again(
    meeting: Meeting, held: ItemPoll, browser: Client, bao: Membership
) -> None:
    prove(browser, bao.user)
    browser.get(cockpit(meeting))
    prove(browser, bao.user, seconds_ago=3 * 60 * 60)
    entered: Any = {str(meeting.pk): time.time() - fresh_proof.LASTS_IN_A_ROOM - 1}
    session = browser.session
    session[fresh_proof.ENTERED] = entered
    session.save()
    assert browser.post(act(meeting, held, "open"))["Location"].startswith("/me/prove/")
    assert state(held) == PollState.DRAFT


def test_the_proof_for_one_meeting_is_none_for_another(
    riverside: Assembly, meeting: Meeting, browser: Client, bao: Membership, amina: Membership
) -> None:
    prove(browser, bao.user)
    browser.get(cockpit(meeting))
    prove(browser, bao.user, seconds_ago=3 * 60 * 60)
    other = in_session(riverside, title="Spring assembly")
    assert browser.get(cockpit(other))["Location"].startswith("/me/prove/")


def test_where_nobody_has_a_second_factor_nobody_is_asked(
    meeting: Meeting, held: ItemPoll, browser: Client, bao: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.fresh_proof.get_reauthentication_flows", lambda user: [])
    assert browser.get(cockpit(meeting)).status_code == 200


def test_others_find_what_they_found_before(
    meeting: Meeting, held: ItemPoll, amina: Membership, browser: Client
) -> None:
    resident = Client()
    resident.force_login(amina.user)
    assert resident.get(cockpit(meeting)).status_code == 403
    assert resident.post(act(meeting, held, "open")).status_code == 403
    assert browser.get(act(meeting, held, "open")).status_code == 405
