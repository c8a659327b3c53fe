"""Who has to show who they are finds afterwards what they typed before, sees it, and sends it themselves; nobody else does."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts import fresh_proof
from assemblies.models import Assembly, Membership, Role
from meetings import services
from meetings.models import Decision, Meeting, Motion
from tests.make import make_member
from tests.meetings.evening import announced, current, in_session, put_up
from tests.proving import prove
from voting.models import PollState

pytestmark = [pytest.mark.django_db, pytest.mark.asks_for_proof]

WHY = 'The map was "wrong" <b>'
NOTHING_YET = "Nothing has happened yet. Press the button once more."


@pytest.fixture
def meeting(riverside: Assembly, amina: Membership) -> Meeting:
    return in_session(riverside, amina)


@pytest.fixture
def browser(bao: Membership) -> Client:
    client = Client()
    client.force_login(bao.user)
    return client


def back_from(answer: Any) -> str:
    """The page to which the proof leads back."""
    assert answer["Location"].startswith("/me/prove/?next=")
    return next_of(answer["Location"])


def next_of(location: str) -> str:
    return parse_qs(urlsplit(location).query)["next"][0]


def read(client: Client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return str(answer.content.decode())


def stop_a_count(meeting: Meeting) -> tuple[str, Any]:
    count = services.open_hand_count(item=current(meeting), question="Trees?", actor=None)

    def is_done() -> bool:
        count.refresh_from_db()
        return bool(count.void_reason == WHY)

    return reverse("meetings:stop_hands", args=[meeting.pk, count.pk]), is_done


def void_a_poll(meeting: Meeting) -> tuple[str, Any]:
    held_poll = put_up(meeting)
    services.open_item_poll(item_poll=held_poll, actor=None)

    def is_done() -> bool:
        held_poll.poll.refresh_from_db()
        return bool(held_poll.poll.state == PollState.VOIDED and held_poll.poll.void_reason == WHY)

    return reverse("meetings:void_poll", args=[meeting.pk, held_poll.poll_id]), is_done


@pytest.mark.parametrize("make", [stop_a_count, void_a_poll])
def test_a_reason_typed_in_the_cockpit_is_there_after_the_proof_and_is_sent(
    meeting: Meeting, browser: Client, bao: Membership, make: Any
) -> None:
    url, is_done = make(meeting)
    page = back_from(browser.post(url, {"reason": WHY, "version": "1"}))
    assert page == url
    prove(browser, bao.user)
    for _ in range(2):  # also when the page is loaded once more
        found = read(browser, page)
        assert f'value="{escape(WHY)}"' in found
        assert NOTHING_YET in found
        assert not is_done()
    meeting.refresh_from_db()
    answer = browser.post(url, {"reason": WHY, "version": str(meeting.version)})
    assert answer["Location"] == f"/meetings/{meeting.pk}/cockpit/"
    assert is_done()
    assert fresh_proof.TYPED not in browser.session


def test_the_cockpit_sends_it_with_scripts_to_the_same_page(meeting: Meeting, browser: Client, bao: Membership) -> None:
    url, _is_done = void_a_poll(meeting)
    answer = browser.post(url, {"reason": WHY}, headers={"HX-Request": "true"})
    assert next_of(answer["HX-Redirect"]) == url
    prove(browser, bao.user)
    assert escape(WHY) in read(browser, url)


def test_a_meeting_that_is_called_off(riverside: Assembly, browser: Client, bao: Membership) -> None:
    found = announced(riverside)
    url = f"/meetings/{found.pk}/cancel/"
    page = back_from(browser.post(url, {"reason": WHY, "on_agenda": "1"}))
    prove(browser, bao.user)
    assert escape(WHY) in read(browser, page)
    browser.post(url, {"reason": WHY, "on_agenda": "1"})
    found.refresh_from_db()
    assert found.state == "cancelled"


def test_a_decision_that_is_declared_void(meeting: Meeting, browser: Client, bao: Membership) -> None:
    motion = services.put_motion(item=current(meeting), title="Trees", text="Ten trees.", actor=None)
    decision = services.decide_by_agreement(motion=motion, carried=True, actor=bao.user)
    assert isinstance(decision, Decision)
    url = reverse("meetings:void_decision", args=[meeting.pk, decision.number])
    page = back_from(browser.post(url, {"reason": WHY}))
    prove(browser, bao.user)
    found = read(browser, page)
    assert escape(WHY) in found
    assert decision.question in found


def test_what_is_refused_on_this_page_stays_on_it(meeting: Meeting, browser: Client, bao: Membership) -> None:
    url, is_done = void_a_poll(meeting)
    prove(browser, bao.user)
    answer = browser.post(url, {"reason": WHY, "version": "1"})
    assert answer.status_code == 409
    assert f'value="{escape(WHY)}"' in answer.content.decode()
    assert not is_done()


def test_what_is_refused_on_the_agenda_is_there_to_be_sent_again(
    riverside: Assembly, browser: Client, bao: Membership
) -> None:
    found = announced(riverside)
    prove(browser, bao.user)
    url = f"/meetings/{found.pk}/cancel/"
    answer = browser.post(url, {"reason": WHY, "on_agenda": "1", "version": str(found.version - 1)})
    assert answer.status_code == 409
    assert f'value="{escape(WHY)}"' in answer.content.decode()
    found.refresh_from_db()
    again = {"reason": WHY, "on_agenda": "1", "version": str(found.version)}
    assert browser.post(url, again)["Location"] == f"/meetings/{found.pk}/agenda/"


def test_what_is_refused_in_the_cockpit_waits_on_its_page(meeting: Meeting, browser: Client, bao: Membership) -> None:
    url, is_done = void_a_poll(meeting)
    prove(browser, bao.user)
    answer = browser.post(url, {"reason": WHY, "version": "1"}, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert f'<a href="{url}">Your reason is kept' in answer.content.decode()
    assert f'value="{escape(WHY)}"' in read(browser, url)
    meeting.refresh_from_db()
    browser.post(url, {"reason": WHY, "version": str(meeting.version)})
    assert is_done()
    assert fresh_proof.TYPED not in browser.session


def test_to_look_at_the_page_does_nothing(meeting: Meeting, browser: Client, bao: Membership) -> None:
    url, decision = by_agreement(meeting, bao)
    vera = make_member(meeting.assembly, "Vera", Role.FACILITATOR)
    services.void_without_poll(decision=decision, reason=WHY, actor=vera.user)
    prove(browser, bao.user)
    for headers in ({}, {"HX-Request": "true"}):
        assert browser.get(url, {"reason": WHY}, headers=headers).status_code == 200
    decision.refresh_from_db()
    assert decision.voided_at is None


def by_agreement(meeting: Meeting, actor: Membership) -> tuple[str, Decision]:
    motion = services.put_motion(item=current(meeting), title="Trees", text="Ten trees.", actor=None)
    decision = services.decide_by_agreement(motion=motion, carried=True, actor=actor.user)
    return reverse("meetings:void_decision", args=[meeting.pk, decision.number]), decision


def shown_vote(meeting: Meeting, actor: Membership) -> tuple[str, Decision]:
    held_poll = put_up(meeting)
    services.open_item_poll(item_poll=held_poll, actor=None)
    services.close_item_poll(item_poll=held_poll, actor=None)
    services.reveal_item_poll(item_poll=held_poll, actor=None)
    return reverse("meetings:void_poll", args=[meeting.pk, held_poll.poll_id]), Decision.objects.get()


@pytest.mark.parametrize("make", [by_agreement, shown_vote])
def test_the_second_person_reads_what_they_confirm(
    meeting: Meeting, browser: Client, bao: Membership, make: Any
) -> None:
    url, decision = make(meeting, bao)
    vera = make_member(meeting.assembly, "Vera", Role.FACILITATOR)
    browser.post(url, {"reason": "My own words."})  # to the proof; meanwhile Vera asks for the same
    colleague = Client()
    colleague.force_login(vera.user)
    prove(colleague, vera.user)
    assert "a second person must confirm it" in read(colleague, url).lower()
    colleague.post(url, {"reason": WHY})
    assert "Confirm that it is void" not in read(colleague, url)  # not by who asked
    prove(browser, bao.user)
    found = read(browser, url)
    assert escape(WHY) in found
    assert "Waiting for a second person." in found
    assert 'name="reason"' not in found
    answer = browser.post(url, {"reason": "My own words."})  # from a page that is still open elsewhere
    assert answer.status_code == 409
    decision.refresh_from_db()
    assert decision.voided_at is None
    browser.post(url)
    decision.refresh_from_db()
    assert decision.void_reason == WHY


def test_a_confirmation_waits_for_the_proof_too(meeting: Meeting, browser: Client, bao: Membership) -> None:
    url, decision = by_agreement(meeting, bao)
    vera = make_member(meeting.assembly, "Vera", Role.FACILITATOR)
    services.void_without_poll(decision=decision, reason=WHY, actor=vera.user)
    page = back_from(browser.post(url))
    prove(browser, bao.user)
    found = read(browser, page)
    assert NOTHING_YET in found
    assert "Confirm that it is void" in found


def test_nobody_is_told_to_press_a_button_that_is_gone(meeting: Meeting, browser: Client, bao: Membership) -> None:
    motion = services.put_motion(item=current(meeting), title="Trees", text="Ten trees.", actor=None)
    url = f"/meetings/{meeting.pk}/motions/{motion.pk}/"
    browser.post(f"{url}end/", {"state": "withdrawn"})
    services.decide_by_agreement(motion=motion, carried=True, actor=None)
    prove(browser, bao.user)
    assert NOTHING_YET not in read(browser, url)
    teller = Client()
    teller.force_login(bao.user)
    count = services.open_hand_count(item=current(meeting), question="Trees?", actor=None)
    enter = reverse("meetings:hands", args=[meeting.pk, count.pk])
    teller.post(enter, {"yes": "31", "no": "7", "abstain": "2"})
    services.stop_hand_count(hand_count=count, reason="Too late.", actor=None)
    prove(teller, bao.user)
    assert NOTHING_YET not in read(teller, enter)


def test_to_whom_a_motion_is_handed_on(meeting: Meeting, browser: Client, bao: Membership) -> None:
    motion = services.put_motion(item=current(meeting), title="Trees", text="Ten trees.", actor=None)
    url = f"/meetings/{meeting.pk}/motions/{motion.pk}/"
    typed = {"state": "referred", "referred_to": "The parks board"}
    page = back_from(browser.post(f"{url}end/", typed))
    assert page == url
    prove(browser, bao.user)
    found = read(browser, page)
    assert 'value="The parks board"' in found
    assert '<details class="more" open>' in found
    assert Motion.objects.get().state == "proposed"
    browser.post(f"{url}end/", typed)
    assert Motion.objects.get().referred_to == "The parks board"
    assert fresh_proof.TYPED not in browser.session


def test_the_question_and_the_numbers_of_counted_hands(meeting: Meeting, browser: Client, bao: Membership) -> None:
    call = reverse("meetings:count_hands", args=[meeting.pk, current(meeting).pk])
    page = back_from(browser.post(call, {"question": "Ten lime trees?", "one_teller": "on"}))
    prove(browser, bao.user)
    found = read(browser, page)
    assert 'value="Ten lime trees?"' in found
    assert "checked" in found[found.index('name="one_teller"') :].split(">")[0]
    count = services.open_hand_count(item=current(meeting), question="Trees?", actor=None, one_teller=True)
    enter = reverse("meetings:hands", args=[meeting.pk, count.pk])
    other = Client()
    other.force_login(bao.user)
    numbers = {"yes": "31", "no": "7", "abstain": "2"}
    page = back_from(other.post(enter, numbers))
    prove(other, bao.user)
    found = read(other, page)
    assert all(f'value="{number}"' in found for number in numbers.values())
    other.post(enter, numbers)
    assert 'value="31"' not in read(other, page)  # the second count begins without the first


def test_nobody_else_finds_it(meeting: Meeting, browser: Client, bao: Membership, amina: Membership) -> None:
    motion = services.put_motion(item=current(meeting), title="Trees", text="Ten trees.", actor=None)
    url = f"/meetings/{meeting.pk}/motions/{motion.pk}/"
    typed = {"state": "referred", "referred_to": "The parks board"}
    browser.post(f"{url}end/", typed)
    browser.force_login(amina.user)  # on the same browser
    assert "The parks board" not in read(browser, url)
    browser.logout()
    assert "The parks board" not in read(browser, url)
    browser.force_login(bao.user)
    assert "The parks board" not in read(browser, url)
    browser.post(f"{url}end/", typed)
    session = browser.session
    session[fresh_proof.TYPED] = session[fresh_proof.TYPED] | {"by": str(amina.user.pk)}
    session.save()
    assert "The parks board" not in read(browser, url)  # even if a session went on


def test_after_half_an_hour_it_is_gone_and_another_page_never_has_it(
    meeting: Meeting, browser: Client, bao: Membership
) -> None:
    motion = services.put_motion(item=current(meeting), title="Trees", text="Ten trees.", actor=None)
    other = services.put_motion(item=current(meeting), title="Benches", text="Five benches.", actor=None)
    url = f"/meetings/{meeting.pk}/motions/"
    browser.post(f"{url}{motion.pk}/end/", {"state": "referred", "referred_to": "The parks board"})
    assert "The parks board" not in read(browser, f"{url}{other.pk}/")
    assert "The parks board" in read(browser, f"{url}{motion.pk}/")
    session = browser.session
    session[fresh_proof.TYPED] = session[fresh_proof.TYPED] | {"at": time.time() - fresh_proof.LASTS - 1}
    session.save()
    assert "The parks board" not in read(browser, f"{url}{motion.pk}/")


def test_nothing_is_kept_that_another_site_sent(meeting: Meeting, bao: Membership) -> None:
    url, _is_done = void_a_poll(meeting)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(bao.user)
    assert browser.post(url, {"reason": WHY}).status_code == 403
    assert fresh_proof.TYPED not in browser.session
