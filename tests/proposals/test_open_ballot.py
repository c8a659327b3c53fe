"""The vote on a budget is opened only by somebody who has just shown that it is still them."""

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership, Role
from proposals.models import Cycle
from tests.make import make_member
from tests.proposals.making import make_ballot, pot_of
from tests.proving import prove
from voting.models import PollState, Secrecy

pytestmark = pytest.mark.django_db


@pytest.fixture
def evaluator(riverside: Assembly) -> Membership:
    return make_member(riverside, "Eva", Role.EVALUATOR)


def browser_of(person: Membership) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def test_bao_is_asked_first_and_comes_back_to_a_page_that_says_what_follows(
    voting_now: Cycle, amina: Membership, bao: Membership, evaluator: Membership
) -> None:
    poll = make_ballot(voting_now, amina, evaluator)
    client, address = browser_of(bao), f"/headings/{pot_of(voting_now).pk}/open-ballot/"
    asked = client.post(address)
    assert asked["Location"] == f"/me/prove/?next=%2Fpolls%2F{poll.pk}%2Fopen%2F"
    poll.refresh_from_db()
    assert poll.state == PollState.DRAFT
    prove(client, bao.user)
    assert (
        "The question, the answers, the rule and the register" in client.get(f"/polls/{poll.pk}/open/").content.decode()
    )
    assert client.post(f"/polls/{poll.pk}/open/")["Location"] == f"/cycles/{voting_now.pk}/manage/"
    poll.refresh_from_db()
    assert poll.state == PollState.OPEN


def test_a_proof_of_half_an_hour_ago_is_too_old(
    voting_now: Cycle, amina: Membership, bao: Membership, evaluator: Membership
) -> None:
    poll = make_ballot(voting_now, amina, evaluator)
    client, address = browser_of(bao), f"/headings/{pot_of(voting_now).pk}/open-ballot/"
    prove(client, bao.user, seconds_ago=31 * 60)
    assert client.post(address)["Location"].startswith("/me/prove/")
    prove(client, bao.user)
    client.post(address)
    poll.refresh_from_db()
    assert poll.state == PollState.OPEN


def test_a_secret_budget_is_opened_on_its_own_page_by_two(
    voting_now: Cycle, amina: Membership, bao: Membership, evaluator: Membership
) -> None:
    voting_now.secrecy = Secrecy.SECRET
    voting_now.save(update_fields=["secrecy"])
    poll = make_ballot(voting_now, amina, evaluator)
    client = browser_of(bao)
    prove(client, bao.user)
    answer = client.post(f"/headings/{pot_of(voting_now).pk}/open-ballot/")
    assert answer["Location"] == f"/polls/{poll.pk}/open/"
    assert not poll.approvals.exists()


def test_amina_may_not_chidi_finds_nothing_and_a_link_does_nothing(
    voting_now: Cycle, amina: Membership, bao: Membership, chidi: Membership, evaluator: Membership
) -> None:
    make_ballot(voting_now, amina, evaluator)
    address = f"/headings/{pot_of(voting_now).pk}/open-ballot/"
    assert browser_of(amina).post(address).status_code == 403
    assert browser_of(bao).get(address).status_code == 405
    voting_now.assembly.is_public = False
    voting_now.assembly.save()
    assert browser_of(chidi).post(address).status_code == 404
