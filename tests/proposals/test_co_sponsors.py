"""Co-sponsors: asked by the author, named after their own Yes, free to go, and never more than there are places."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from accounts.exports import everything_about
from assemblies.models import Membership
from jobs.testing import run_waiting
from proposals.models import CoSponsor, Proposal
from proposals.models.co_sponsors import MOST_CO_SPONSORS
from proposals.services import (
    CycleRefused,
    accept_co_sponsorship,
    appeal_review,
    decide_review_appeal,
    decline_co_sponsorship,
    invite_co_sponsor,
    leave_co_sponsorship,
    review_proposal,
    take_invitation_back,
    withdraw_proposal,
)
from tests.make import make_member
from tests.proposals.making import Kind, make_evaluator, moment_in
from tests.proposals.racing import PATIENCE, told_when_read
from tests.proposals.test_races import LONG_ENOUGH, Elsewhere

State = CoSponsor.State


@pytest.fixture
def asked(trees: Proposal, amina: Membership, bao: Membership) -> CoSponsor:
    return invite_co_sponsor(proposal=trees, author=amina, email=bao.user.email)


def test_bao_is_asked_by_mail_says_yes_is_named_and_leaves(
    client: Client, trees: Proposal, amina: Membership, bao: Membership
) -> None:
    client.force_login(amina.user)
    answer = client.post(
        f"/proposals/{trees.pk}/co-sponsors/", {"email": bao.user.email.upper()}, follow=True
    ).content.decode()
    assert "Asked, has not answered yet" in answer
    run_waiting()
    (letter,) = mail.outbox
    assert letter.to == [bao.user.email]
    (link,) = re.findall(r"https?://[^/]+(/co-sponsors/\S+/)", str(letter.body))
    everybody = Client()
    assert bao.user.shown_name not in everybody.get(trees.get_absolute_url()).content.decode()
    client.force_login(bao.user)
    assert "You are asked to stand behind" in client.get("/me/", follow=True).content.decode()
    assert "Yes, name me" in client.get(link).content.decode()
    page = client.post(f"{link}accept/", follow=True).content.decode()
    assert "You stand behind this idea." in page
    assert bao.user.shown_name in everybody.get(trees.get_absolute_url()).content.decode()
    assert client.get(f"/proposals/{trees.pk}/change/").status_code == 404  # the words stay the author's
    assert everything_about(bao.user)["co_sponsorships"][0]["state"] == "accepted"
    client.post(f"{link}leave/")
    assert bao.user.shown_name not in everybody.get(trees.get_absolute_url()).content.decode()
    assert not trees.follows.exists()


def test_who_stands_behind_it_has_the_authors_mails(
    asked: CoSponsor, trees: Proposal, amina: Membership, bao: Membership, eva: Membership
) -> None:
    accept_co_sponsorship(co_sponsor=asked, person=bao)
    run_waiting()
    mail.outbox.clear()
    no = review_proposal(proposal=trees, evaluator=eva, feasibility="unfeasible", public_reason="A pipe.")
    run_waiting()
    assert [letter.to for letter in mail.outbox] == [[bao.user.email]]  # as somebody who follows it
    mail.outbox.clear()
    other = make_evaluator(amina.assembly)
    appeal = appeal_review(review=no, actor=amina.user, text="The pipe is old.")
    decide_review_appeal(appeal=appeal, evaluator=other, is_granted=True, reason="True.")
    run_waiting()
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted([amina.user.email, bao.user.email])


def test_a_no_stays_a_no_and_what_was_taken_back_may_be_sent_again(
    asked: CoSponsor, trees: Proposal, amina: Membership, bao: Membership
) -> None:
    take_invitation_back(co_sponsor=asked, author=amina.user)
    with pytest.raises(CycleRefused, match="answered or taken back"):
        accept_co_sponsorship(co_sponsor=asked, person=bao)
    again = invite_co_sponsor(proposal=trees, author=amina, email=bao.user.email)
    assert again.pk == asked.pk
    decline_co_sponsorship(co_sponsor=again, user=bao.user)
    with pytest.raises(CycleRefused, match="Nobody is asked twice"):
        invite_co_sponsor(proposal=trees, author=amina, email=bao.user.email)
    with pytest.raises(CycleRefused, match="answered already"):
        take_invitation_back(co_sponsor=again, author=amina.user)
    with pytest.raises(CycleRefused, match="do not stand behind"):
        leave_co_sponsorship(co_sponsor=again, user=bao.user)


def test_who_is_asked_again_and_again_has_one_mail_a_day(
    asked: CoSponsor, trees: Proposal, amina: Membership, bao: Membership
) -> None:
    run_waiting()
    mail.outbox.clear()
    for _time in range(3):
        take_invitation_back(co_sponsor=asked, author=amina.user)
        asked = invite_co_sponsor(proposal=trees, author=amina, email=bao.user.email)
    run_waiting()
    assert mail.outbox == []
    take_invitation_back(co_sponsor=asked, author=amina.user)
    CoSponsor.objects.update(invited_at=asked.invited_at - timedelta(days=1))
    invite_co_sponsor(proposal=trees, author=amina, email=bao.user.email)
    run_waiting()
    assert [letter.to for letter in mail.outbox] == [[bao.user.email]]


def test_what_is_refused(
    client: Client, asked: CoSponsor, trees: Proposal, amina: Membership, bao: Membership, chidi: Membership
) -> None:
    with pytest.raises(CycleRefused, match="your own address"):
        invite_co_sponsor(proposal=trees, author=amina, email=amina.user.email)
    with pytest.raises(CycleRefused, match="Only the author"):
        invite_co_sponsor(proposal=trees, author=bao, email="somebody@example.org")
    with pytest.raises(CycleRefused, match="somebody else"):
        accept_co_sponsorship(co_sponsor=asked, person=amina)
    with pytest.raises(CycleRefused, match="too late"):
        accept_co_sponsorship(co_sponsor=asked, person=bao, at=moment_in(trees.cycle, Kind.BALLOTING))
    client.force_login(chidi.user)
    assert client.get(asked.get_absolute_url()).status_code == 404
    assert client.get(f"/proposals/{trees.pk}/co-sponsors/").status_code == 404
    client.force_login(amina.user)
    assert client.post(f"{asked.get_absolute_url()}accept/").status_code == 404
    assert client.post(f"/proposals/{trees.pk}/co-sponsors/", {"email": "who"}).status_code == 422
    assert client.get(f"{asked.get_absolute_url()}accept/").status_code == 405
    withdraw_proposal(proposal=trees, actor=amina.user)
    with pytest.raises(CycleRefused, match="Nobody new"):
        accept_co_sponsorship(co_sponsor=asked, person=bao)
    leave = decline_co_sponsorship(co_sponsor=asked, user=bao.user)  # a No is taken at any time
    assert leave.state == State.DECLINED


def test_an_official_who_stands_behind_it_does_not_judge_it(
    trees: Proposal, amina: Membership, eva: Membership
) -> None:
    asked = invite_co_sponsor(proposal=trees, author=amina, email=eva.user.email)
    accept_co_sponsorship(co_sponsor=asked, person=eva)
    with pytest.raises(CycleRefused, match="stand behind this proposal yourself"):
        review_proposal(proposal=trees, evaluator=eva, feasibility="feasible", cost=5)


def test_there_are_only_so_many_places(trees: Proposal, amina: Membership) -> None:
    for number in range(MOST_CO_SPONSORS):
        last = invite_co_sponsor(proposal=trees, author=amina, email=f"n{number}@example.org")
    with pytest.raises(CycleRefused, match="at most 10 co-sponsors"):
        invite_co_sponsor(proposal=trees, author=amina, email="more@example.org")
    take_invitation_back(co_sponsor=last, author=amina.user)
    invite_co_sponsor(proposal=trees, author=amina, email="more@example.org")
    for place, error in ((1, "one_per_place"), (11, "few_places")):
        with pytest.raises(IntegrityError, match=error), transaction.atomic():
            CoSponsor.objects.create(proposal=trees, email=f"p{place}@example.org", place=place)


def test_ten_names_take_as_many_queries_as_one(
    client: Client, trees: Proposal, amina: Membership, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def name(number: int) -> None:
        person = make_member(amina.assembly, f"Person {number}")
        asked = invite_co_sponsor(proposal=trees, author=amina, email=person.user.email)
        accept_co_sponsorship(co_sponsor=asked, person=person)

    name(0)
    client.get(trees.get_absolute_url())
    with CaptureQueriesContext(connection) as one:
        client.get(trees.get_absolute_url())
    for number in range(1, 5):
        name(number)
    with django_assert_num_queries(len(one)):
        client.get(trees.get_absolute_url())


@pytest.mark.django_db(transaction=True)
def test_a_yes_and_an_invitation_taken_back_at_once_end_in_one_of_them(
    asked: CoSponsor, amina: Membership, bao: Membership
) -> None:
    with transaction.atomic():
        take_invitation_back(co_sponsor=asked, author=amina.user)
        other = Elsewhere(accept_co_sponsorship, co_sponsor=asked, person=bao)
        other.join(LONG_ENOUGH)
    other.join()
    assert "answered or taken back" in str(other.error)
    asked.refresh_from_db()
    assert asked.state == State.TAKEN_BACK


@pytest.mark.django_db(transaction=True)
def test_without_holding_the_proposal_only_the_database_would_refuse(
    asked: CoSponsor, amina: Membership, bao: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the protection taken away, the test above would fail: the Yes runs into the constraint of the places."""
    plain = Proposal.objects.select_related("author__user", "heading__cycle")
    monkeypatch.setattr("proposals.services.co_sponsors.held_proposal", lambda proposal: plain.get(pk=proposal.pk))
    read = told_when_read(monkeypatch, "proposals.services.co_sponsors._asked")
    refused: list[str] = []

    def accept() -> None:
        try:
            accept_co_sponsorship(co_sponsor=asked, person=bao)
        except IntegrityError as error:
            refused.append(str(error))

    with transaction.atomic():
        take_invitation_back(co_sponsor=asked, author=amina.user)
        other = Elsewhere(accept)
        assert read.wait(PATIENCE)
    other.join()
    assert "proposals_cosponsor_few_places" in refused[0]
