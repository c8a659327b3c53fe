"""Between two approvals nobody may come or go unseen; and a lost card is revoked without its neighbours."""

import uuid
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

import ledger
from assemblies.models import Assembly, Membership
from tests.make import make_member, make_open_poll, make_poll
from tests.proving import prove
from voting import services
from voting.models import CodeBatch, Credential, Poll, PollState, Secrecy
from voting.owners import owner_of
from voting.services import credentials

pytestmark = pytest.mark.django_db


@pytest.fixture
def poll(riverside: Assembly, dana: Membership, emil: Membership, crowd: list[Membership]) -> Poll:
    return make_poll(riverside, secrecy=Secrecy.SECRET)


def browser_of(person: Membership) -> Client:
    client = Client()
    client.force_login(person.user)
    prove(client, person.user)
    return client


def open_by(poll: Poll, person: Membership) -> str:
    return owner_of(poll).open(Poll.objects.get(pk=poll.pk), person.user).state


def codes(poll: Poll, size: int = 3, *, once_entered: bool = False) -> tuple[CodeBatch, list[credentials.PrintedCode]]:
    return credentials.make_codes(
        poll=poll, batch_id=uuid.uuid4(), label="Guests", size=size, counts_once_entered=once_entered, actor=None
    )


class TestAskedAgain:
    def test_same_voters_open_with_two(self, poll: Poll, dana: Membership, emil: Membership) -> None:
        assert open_by(poll, dana) == PollState.DRAFT
        assert open_by(poll, emil) == PollState.OPEN
        told = Poll.objects.get().definition
        assert told
        assert told["voters"]["count"] == 8

    def test_somebody_new_between_two_approvals_asks_both_again(
        self, riverside: Assembly, poll: Poll, dana: Membership, emil: Membership
    ) -> None:
        open_by(poll, dana)
        make_member(riverside, "A friend")
        page = browser_of(emil).get(f"/polls/{poll.pk}/open/").content.decode()
        assert "two people must agree again" in page
        assert "Agreed by Dana" not in page
        assert open_by(poll, emil) == PollState.DRAFT
        assert "two people must agree again" not in browser_of(dana).get(f"/polls/{poll.pk}/desk/").content.decode()
        assert open_by(poll, dana) == PollState.OPEN

    def test_one_for_another_is_noticed_too(
        self, riverside: Assembly, poll: Poll, dana: Membership, emil: Membership, crowd: list[Membership]
    ) -> None:
        open_by(poll, dana)
        crowd[0].verified_at = None
        crowd[0].save()
        make_member(riverside, "A friend")
        assert open_by(poll, emil) == PollState.DRAFT

    def test_a_code_entered_at_the_door_between_two_approvals_is_noticed(
        self, poll: Poll, dana: Membership, emil: Membership
    ) -> None:
        _batch, cards = codes(poll, once_entered=True)
        open_by(poll, dana)
        credentials.enter(typed=cards[0].code, device="a phone")
        assert open_by(poll, emil) == PollState.DRAFT
        assert open_by(poll, dana) == PollState.OPEN
        opened = Poll.objects.select_related("register").get()
        assert opened.register
        assert opened.register.lines.exclude(credential=None).count() == 1

    def test_without_the_voters_in_the_definition_nobody_would_notice(
        self, riverside: Assembly, poll: Poll, dana: Membership, emil: Membership, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("voting.services.opening.see_voters", lambda poll, lines: None)
        open_by(poll, dana)
        make_member(riverside, "A friend")
        assert open_by(poll, emil) == PollState.OPEN


class TestOneCard:
    def test_its_code_opens_nothing_and_its_neighbours_do(self, poll: Poll, dana: Membership) -> None:
        batch, cards = codes(poll)
        credentials.revoke_card(batch=batch, number=2, actor=dana.user)
        with pytest.raises(credentials.CodeRefused, match="not known here"):
            credentials.enter(typed=cards[1].code, device="a phone")
        assert credentials.enter(typed=cards[2].code, device="a phone").number == 3
        told = [event.data for event in ledger.events(batch.assembly_id) if event.kind == "code_revoked"]
        assert [(event["number"], event["batch"]) for event in told] == [(2, str(batch.pk))]
        assert sum(line.credential is not None for line in services.voters_now(poll)) == 2

    def test_who_votes_with_it_is_out_at_once(self, riverside: Assembly, amina: Membership, dana: Membership) -> None:
        poll = make_poll(riverside)
        batch, cards = codes(poll)
        services.open_poll(poll=poll, lines=[], actor=None)
        guest = Client()
        guest.get("/vote/")
        guest.post("/vote/", {"code": cards[0].code})
        assert guest.get("/vote/mine/").status_code == 200
        credentials.revoke_card(batch=batch, number=1, actor=dana.user)
        assert guest.get("/vote/mine/").status_code == 302

    def test_dana_does_it_on_the_page(self, riverside: Assembly, dana: Membership) -> None:
        poll, client = make_poll(riverside), browser_of(dana)
        batch, _cards = codes(poll)
        address = f"/polls/{poll.pk}/register/codes/{batch.pk}/card/"
        assert client.post(address, {"number": "3"})["Location"] == f"/polls/{poll.pk}/register/"
        assert Credential.objects.get(batch=batch, number=3).revoked_at
        page = client.get(f"/polls/{poll.pk}/register/").content.decode()
        assert "card is revoked." in page
        for typed, sentence in (
            ("3", "revoked before"),
            ("4", "from 1 to 3"),
            ("", "Write the number"),
            ("x", "whole number"),
        ):
            answer = client.post(address, {"number": typed})
            assert answer.status_code == 422
            assert sentence in answer.content.decode()

    def test_the_proof_is_asked_first(self, riverside: Assembly, dana: Membership) -> None:
        poll, client = make_poll(riverside), Client()
        client.force_login(dana.user)
        batch, _cards = codes(poll)
        answer = client.post(f"/polls/{poll.pk}/register/codes/{batch.pk}/card/", {"number": "3"})
        assert answer["Location"].startswith("/me/prove/")
        assert not Credential.objects.exclude(revoked_at=None).exists()

    def test_not_behind_a_secret_poll_that_somebody_agreed_to(self, poll: Poll, dana: Membership) -> None:
        batch, _cards = codes(poll)
        open_by(poll, dana)
        with pytest.raises(credentials.CodeRefused, match="somebody has agreed to open it"):
            credentials.revoke_card(batch=batch, number=1, actor=dana.user)

    def test_others_cannot(self, riverside: Assembly, amina: Membership, chidi: Membership, dana: Membership) -> None:
        poll, other = make_open_poll(riverside, amina), make_poll(riverside)
        batch, _cards = codes(other)
        for person, status in ((amina, 404), (chidi, 404)):
            address = f"/polls/{other.pk}/register/codes/{batch.pk}/card/"
            assert browser_of(person).post(address, {"number": "1"}).status_code == status
        assert browser_of(dana).get(address).status_code == 405
        foreign: Any = f"/polls/{poll.pk}/register/codes/{batch.pk}/card/"
        assert browser_of(dana).post(foreign, {"number": "1"}).status_code == 404

    def test_the_database_keeps_it_revoked(self, poll: Poll) -> None:
        batch, _cards = codes(poll)
        credentials.revoke_card(batch=batch, number=1, actor=None)
        with pytest.raises(DatabaseError, match=r"[Cc]annot"), transaction.atomic():
            Credential.objects.filter(batch=batch, number=1).update(revoked_at=None)
