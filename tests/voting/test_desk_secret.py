"""Administrators act on secret polls in pairs, and trustees keep the key of the box."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from assemblies.models import Assembly, Membership
from tests.make import line_of, make_poll
from tests.proving import prove
from tests.voting.test_desk import browser_of, said
from voting import services
from voting.models import Poll, PollState, Secrecy

pytestmark = pytest.mark.django_db


@pytest.fixture
def poll(riverside: Assembly, dana: Membership, emil: Membership, crowd: list[Membership]) -> Poll:
    return make_poll(riverside, secrecy=Secrecy.SECRET)


def test_two_people_open_it_and_the_second_sees_that_the_first_agreed(
    poll: Poll, dana: Membership, emil: Membership
) -> None:
    first, second = browser_of(dana), browser_of(emil)
    assert "You are the first." in said(first.get(f"/polls/{poll.pk}/open/"))
    answer = first.post(f"/polls/{poll.pk}/open/", follow=True)
    assert "One more person must agree." in said(answer)
    poll.refresh_from_db()
    assert poll.state == PollState.DRAFT
    assert "Agreed by Dana; 1 more person must agree." in said(second.get(f"/polls/{poll.pk}/desk/"))
    assert "Agreed by Dana; 1 more person must agree." in said(second.get(f"/polls/{poll.pk}/open/"))
    second.post(f"/polls/{poll.pk}/open/")
    poll.refresh_from_db()
    assert poll.state == PollState.OPEN


def test_every_act_wants_a_proof_of_its_own(poll: Poll, dana: Membership, emil: Membership) -> None:
    client = browser_of(dana)
    client.post(f"/polls/{poll.pk}/open/")
    assert client.get(f"/polls/{poll.pk}/open/")["Location"].startswith("/me/prove/")
    prove(client, dana.user, seconds_ago=6 * 60)
    assert client.get(f"/polls/{poll.pk}/open/")["Location"].startswith("/me/prove/")


def test_signing_in_is_no_proof_for_a_secret_poll(poll: Poll, dana: Membership) -> None:
    client = browser_of(dana)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": time.time()}]
    session.save()
    assert client.get(f"/polls/{poll.pk}/open/")["Location"].startswith("/me/prove/")


def test_closing_publishing_and_voiding_take_two_and_nobody_sees_counts_before(
    poll: Poll, dana: Membership, emil: Membership, crowd: list[Membership]
) -> None:
    for person in (dana, emil):
        browser_of(person).post(f"/polls/{poll.pk}/open/")
    poll.refresh_from_db()
    for number, voter in enumerate(crowd):
        services.cast_ballot(
            poll=poll, line=line_of(poll, voter), choice={"options": ["b"]}, key=f"a key of voter {number}"
        )
    for verb, done in (("close", "withheld"), ("publish", "published"), ("void", "voided")):
        before = Poll.objects.get().state
        browser_of(dana).post(f"/polls/{poll.pk}/{verb}/", {"reason": "A map was wrong."})
        assert Poll.objects.get().state == before
        page = said(browser_of(emil).get(f"/polls/{poll.pk}/desk/"))
        assert "Agreed by Dana; 1 more person must agree." in page
        if verb != "void":
            assert "Safe crossing won" not in page
            assert 'class="outcome' not in page
        browser_of(emil).post(f"/polls/{poll.pk}/{verb}/", {"reason": "A map was wrong."})
        assert Poll.objects.get().state == done


def test_what_would_refuse_the_second_person_is_said_to_the_first(
    poll: Poll, dana: Membership, emil: Membership, crowd: list[Membership]
) -> None:
    client = browser_of(dana)
    assert ">I agree<" in said(client.get(f"/polls/{poll.pk}/open/"))
    for person in crowd[:4]:
        person.delete()
    Poll.objects.update(closes_at=timezone.now() - timedelta(hours=1))
    for page in (said(client.get(f"/polls/{poll.pk}/desk/")), said(client.get(f"/polls/{poll.pk}/open/"))):
        assert "A secret vote needs at least 5 voters." in page
        assert "The closing time has passed already." in page
        assert ">I agree<" not in page
    client.post(f"/polls/{poll.pk}/open/")
    client.post(f"/polls/{poll.pk}/desk/ready/")
    assert not poll.approvals.exists()
    assert Poll.objects.get().state == PollState.DRAFT


def test_what_one_person_agreed_to_is_not_thrown_away_but_declared_void(
    poll: Poll, dana: Membership, emil: Membership, amina: Membership
) -> None:
    client, void = browser_of(dana), f"/polls/{poll.pk}/void/"
    assert "Throw it away" in said(client.get(f"/polls/{poll.pk}/desk/"))
    assert void not in said(client.get(f"/polls/{poll.pk}/desk/"))
    assert client.get(void)["Location"] == f"/polls/{poll.pk}/desk/"
    client.post(f"/polls/{poll.pk}/open/")
    page = said(client.get(f"/polls/{poll.pk}/desk/"))
    assert "Throw it away" not in page
    assert void in page
    prove(client, dana.user)
    assert "two people must agree" not in said(client.get(void))
    answer = client.post(void, {"reason": "The wrong question."}, follow=True)
    assert "This vote is void. It decides nothing." in said(answer)
    assert "The wrong question." in said(answer)
    assert Poll.objects.get().state == PollState.VOIDED
    for page in ("", "result/", "board/"):
        assert browser_of(amina).get(f"/polls/{poll.pk}/{page}", follow=True).status_code == 200


def test_a_changed_closing_time_asks_both_again(poll: Poll, dana: Membership, emil: Membership) -> None:
    browser_of(dana).post(f"/polls/{poll.pk}/open/")
    Poll.objects.update(closes_at=timezone.now() + timedelta(days=1))
    browser_of(emil).post(f"/polls/{poll.pk}/open/")
    assert Poll.objects.get().state == PollState.DRAFT


def test_a_ballot_is_taken_out_when_two_people_name_the_same_voter(
    poll: Poll, dana: Membership, emil: Membership, crowd: list[Membership]
) -> None:
    for person in (dana, emil):
        browser_of(person).post(f"/polls/{poll.pk}/open/")
    poll.refresh_from_db()
    line = line_of(poll, crowd[0])
    services.cast_ballot(poll=poll, line=line, choice={"options": ["b"]}, key="a key of a voter")
    url, what = f"/polls/{poll.pk}/remove/", {"name": "Resident 0", "line": str(line.pk), "reason": "Moved away."}
    assert "Resident 0" in said(browser_of(dana).get(f"{url}?name=resident"))
    browser_of(dana).post(url, what)
    assert poll.envelopes.count() == 1
    page = said(browser_of(emil).get(url))
    assert "Asked for by Dana" in page
    assert "Resident 0" not in page
    assert browser_of(emil).post(url, {**what, "reason": ""}).status_code == 422
    browser_of(emil).post(url, what)
    assert poll.envelopes.count() == 0
    assert "1 ballot was taken out" in said(browser_of(dana).get(f"/polls/{poll.pk}/desk/"))


def test_trustees_make_try_and_enter_their_keys_on_pages(
    poll: Poll, dana: Membership, emil: Membership, crowd: list[Membership], amina: Membership
) -> None:
    url = f"/polls/{poll.pk}/trustees/"
    desk = browser_of(dana)
    assert browser_of(crowd[0]).get(url).status_code == 404
    for person in crowd[:3]:
        assert desk.post(f"{url}name/", {"email": person.user.email}).status_code == 302
    assert desk.post(f"{url}name/", {"email": "nobody@example.org"}).status_code == 422
    papers = []
    for person in crowd[:3]:
        own = browser_of(person)
        assert "You keep a key of the vote" in said(own.get(f"/a/{poll.assembly.slug}/"))
        shown = own.post(f"{url}key/")
        assert "no-store" in shown["Cache-Control"]
        paper = said(shown).split('<p class="groups">')[1].split("</p>")[0].strip()
        wrong = own.post(f"{url}try/", {"key": "K7QF"})
        assert wrong.status_code == 422
        assert "A key has 52 letters and figures, and you typed 4." in said(wrong)
        assert '<details class="confirm"><summary class="btn plain small">I lost it' in said(own.get(url))
        assert own.post(f"{url}try/", {"key": paper.lower()}).status_code == 302
        papers.append(paper)
    assert said(desk.get(url)).count('<details class="confirm"><summary class="btn plain small">Take off') == 3
    for person in (dana, emil):
        browser_of(person).post(f"/polls/{poll.pk}/open/")
    for person in (dana, emil):
        browser_of(person).post(f"/polls/{poll.pk}/close/")
    assert Poll.objects.get().state == PollState.CLOSING
    assert "Waits for trustees" in said(browser_of(amina).get(f"/a/{poll.assembly.slug}/polls/"))
    assert "The box opens when two of its three trustees come" in said(browser_of(dana).get(f"/polls/{poll.pk}/desk/"))
    assert browser_of(crowd[0]).post(f"{url}enter/", {"key": papers[1]}).status_code == 422
    browser_of(crowd[0]).post(f"{url}enter/", {"key": papers[0]})
    assert "Resident 0 was here." in said(browser_of(crowd[2]).get(url))
    browser_of(crowd[2]).post(f"{url}enter/", {"key": papers[2]})
    assert Poll.objects.get().state == PollState.WITHHELD
    assert browser_of(amina).get(url).status_code == 403
    assert browser_of(dana).post(f"{url}enter/", {"key": papers[1]}).status_code == 403
