"""Nobody alone decides who is in a secret poll: not by codes, not by late comers, not with a browser left open."""

import threading
import time
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import fresh_proof
from assemblies.models import Assembly, Membership
from tests.make import make_member, make_poll
from tests.proving import prove
from tests.threads import in_threads
from tests.voting.test_desk import browser_of, said
from voting import electorate, services
from voting.models import CodeBatch, LateAdmission, Poll, PollState, Secrecy
from voting.services import PollRefused, approvals, credentials, opening
from voting.services.credentials import CodeRefused, make_codes, revoke_codes

pytestmark = pytest.mark.django_db
NOBODY_LATE = "In a secret vote nobody can be added after voting opened. Change this in its register."


@pytest.fixture
def poll(riverside: Assembly, dana: Membership, emil: Membership) -> Poll:
    """A secret poll of eight residents, in draft."""
    for number in range(6):
        make_member(riverside, f"Resident {number}")
    return make_poll(riverside, secrecy=Secrecy.SECRET)


def codes_for(poll: Poll, size: int = 3) -> CodeBatch:
    batch, _printed = make_codes(
        poll=poll, batch_id=uuid.uuid4(), label="Guests", size=size, counts_once_entered=False, actor=None
    )
    return batch


def agree(poll: Poll, person: Membership) -> Poll:
    lines = electorate.residents(poll.assembly)
    return services.open_poll(poll=Poll.objects.get(pk=poll.pk), lines=lines, actor=person.user)


def url_of(verb: str, poll: Poll, *more: Any) -> str:
    return reverse(f"voting:{verb}", args=[poll.pk, *more])


def cards(**changes: str) -> dict[str, Any]:
    return {"batch": uuid.uuid4(), "label": "Guests", "size": "2", **changes}


class TestLateComers:
    def test_a_secret_poll_that_admits_late_comers_cannot_open(self, poll: Poll, dana: Membership) -> None:
        services.prepare_register(poll=poll, late_admission=LateAdmission.ADMIT)
        assert services.blockers(Poll.objects.get()) == [NOBODY_LATE]
        assert NOBODY_LATE in said(browser_of(dana).get(url_of("desk", poll)))
        with pytest.raises(PollRefused, match="nobody can be added"):
            agree(poll, dana)
        services.prepare_register(poll=poll, late_admission=LateAdmission.LOCK)
        assert services.blockers(Poll.objects.get()) == []

    def test_an_open_poll_that_is_not_secret_may_admit_them(self, riverside: Assembly) -> None:
        poll = make_poll(riverside, secrecy=Secrecy.CONFIDENTIAL)
        services.prepare_register(poll=poll, late_admission=LateAdmission.ADMIT)
        assert services.blockers(Poll.objects.get()) == []

    def test_the_form_of_a_secret_poll_does_not_offer_it(self, poll: Poll, dana: Membership) -> None:
        client = browser_of(dana)
        assert 'value="admit"' not in said(client.get(url_of("register", poll)))
        chosen = {"electorate": "members", "late_admission": "admit"}
        assert client.post(url_of("change_register", poll), chosen).status_code == 422

    def test_nobody_is_added_to_a_secret_poll_that_was_opened_before_this_rule(
        self, poll: Poll, dana: Membership, emil: Membership, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        services.prepare_register(poll=poll, late_admission=LateAdmission.ADMIT)
        monkeypatch.setattr(opening, "blockers", lambda poll: [])
        agree(poll, dana)
        opened = agree(poll, emil)
        late = make_member(poll.assembly, "Late")
        assert services.late_comers(opened) == []
        with pytest.raises(PollRefused, match="nobody is added"):
            services.admit_late(poll=opened, lines=[services.NewLine(late)], actor=dana.user)
        assert opened.entitled == 8


class TestCodes:
    def test_codes_are_made_and_revoked_until_the_first_of_two_agrees(self, poll: Poll, dana: Membership) -> None:
        revoke_codes(batch=codes_for(poll), actor=dana.user)
        kept = codes_for(poll)
        agree(poll, dana)
        with pytest.raises(CodeRefused, match="somebody has agreed to open it"):
            codes_for(poll)
        with pytest.raises(CodeRefused, match="somebody has agreed to open it"):
            revoke_codes(batch=kept, actor=dana.user)
        kept.refresh_from_db()
        assert kept.is_valid
        assert CodeBatch.objects.count() == 2

    def test_no_codes_while_the_secret_poll_is_open_and_again_when_it_is_closed(
        self, poll: Poll, dana: Membership, emil: Membership
    ) -> None:
        kept = codes_for(poll)
        agree(poll, dana)
        assert agree(poll, emil).state == PollState.OPEN
        with pytest.raises(CodeRefused, match="is open"):
            codes_for(poll)
        with pytest.raises(CodeRefused, match="is open"):
            revoke_codes(batch=kept, actor=dana.user)
        for person in (dana, emil):
            services.close_poll(poll=poll, actor=person.user)
        revoke_codes(batch=kept, actor=dana.user)
        codes_for(poll)

    def test_what_was_agreed_to_is_not_stuffed_by_changing_it_and_changing_it_back(
        self, poll: Poll, dana: Membership
    ) -> None:
        """The first approval would count again as soon as the poll is what it was."""
        agree(poll, dana)
        Poll.objects.filter(pk=poll.pk).update(secrecy=Secrecy.NAMED, question="Another question?")
        with pytest.raises(CodeRefused, match="somebody has agreed"):
            codes_for(Poll.objects.get())

    def test_codes_of_another_poll_with_the_same_scope_are_refused_and_of_others_not(
        self, poll: Poll, riverside: Assembly, harbour: Assembly, dana: Membership
    ) -> None:
        agree(poll, dana)
        follower = make_poll(riverside, follows=poll)  # not secret, and its codes are good for the one that is
        with pytest.raises(CodeRefused, match="What shall we do first"):
            codes_for(follower)
        codes_for(make_poll(riverside))
        codes_for(make_poll(harbour))

    def test_the_page_says_so_and_shows_no_buttons(self, poll: Poll, dana: Membership) -> None:
        batch, client = codes_for(poll), browser_of(dana)
        page = said(client.get(url_of("register", poll)))
        assert url_of("make_codes", poll) in page
        assert url_of("revoke_codes", poll, batch.pk) in page
        agree(poll, dana)
        page = said(client.get(url_of("register", poll)))
        assert "No codes are made or revoked now" in page
        assert url_of("make_codes", poll) not in page
        assert url_of("revoke_codes", poll, batch.pk) not in page
        assert "No codes are made or revoked now" in said(
            browser_of(dana).post(url_of("make_codes", poll), cards(), follow=True)
        )
        answer = browser_of(dana).post(url_of("revoke_codes", poll, batch.pk), follow=True)
        assert "No codes are made or revoked now" in said(answer)
        assert "open nothing any more" not in said(answer)
        assert CodeBatch.objects.valid().count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("protected", [True, False], ids=["with the lock", "without the lock"])
def test_codes_do_not_slip_in_while_somebody_agrees(
    poll: Poll, dana: Membership, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    """Codes asked for in the very moment of the first approval are refused. Without the lock they are made."""
    agreed, made = threading.Event(), threading.Event()
    right_away = approvals.agree

    def slow_agree(*arguments: Any) -> bool:
        enough = right_away(*arguments)
        agreed.set()
        made.wait(0.7)
        return enough

    def make() -> CodeBatch:
        agreed.wait(5)
        batch = codes_for(poll)
        made.set()
        return batch

    monkeypatch.setattr(opening, "agree", slow_agree)
    if not protected:
        monkeypatch.setattr(credentials, "_hold_secret_polls", lambda assembly_id: None)
    _opened, answer = in_threads(lambda: agree(poll, dana), make)
    assert isinstance(answer, CodeRefused if protected else CodeBatch)


class TestProof:
    @pytest.fixture
    def named(self, riverside: Assembly) -> Poll:
        return make_poll(riverside)

    def test_codes_are_made_by_who_has_just_proved_who_they_are_and_what_was_typed_is_kept(
        self, named: Poll, dana: Membership
    ) -> None:
        client = browser_of(dana, proved=False)
        answer = client.post(url_of("make_codes", named), cards(label="Neighbours", size="17"))
        assert answer["Location"].startswith("/me/prove/")
        assert not CodeBatch.objects.exists()
        prove(client, dana.user)
        page = said(client.get(url_of("register", named)))
        assert "Nothing has happened yet" in page
        assert 'value="Neighbours"' in page
        assert 'value="17"' in page
        assert "Nothing has happened yet" not in said(client.get(url_of("register", named)))
        assert client.post(url_of("make_codes", named), cards()).status_code == 200

    def test_the_number_of_a_lost_card_is_there_after_the_proof(self, named: Poll, dana: Membership) -> None:
        batch, client = codes_for(named), browser_of(dana, proved=False)
        url = url_of("revoke_card", named, batch.pk)
        assert client.post(url, {"number": "3"})["Location"].startswith("/me/prove/")
        prove(client, dana.user)
        page = said(client.get(url_of("register", named)))
        assert f'id="card-{batch.pk}" name="number" inputmode="numeric" value="3"' in page
        assert "Nothing has happened yet" in page
        assert client.post(url, {"number": "3"}).status_code == 302
        assert batch.credentials.filter(revoked_at__isnull=False).count() == 1

    @pytest.mark.parametrize("changed", [{"by": "somebody else"}, {"at": time.time() - fresh_proof.LASTS - 1}])
    def test_it_is_there_for_who_typed_it_and_for_as_long_as_a_proof_is_good(
        self, named: Poll, dana: Membership, changed: dict[str, Any]
    ) -> None:
        client = browser_of(dana, proved=False)
        client.post(url_of("make_codes", named), cards(label="Neighbours", size="17"))
        session = client.session
        session[fresh_proof.TYPED] = session[fresh_proof.TYPED] | changed
        session.save()
        prove(client, dana.user)
        page = said(client.get(url_of("register", named)))
        assert "Nothing has happened yet" not in page
        assert "Neighbours" not in page

    def test_what_was_done_after_all_is_forgotten(self, named: Poll, dana: Membership) -> None:
        client = browser_of(dana, proved=False)
        client.post(url_of("make_codes", named), cards())
        prove(client, dana.user)  # in another tab; the first one sends it again
        assert client.post(url_of("make_codes", named), cards()).status_code == 200
        assert fresh_proof.TYPED not in client.session
        assert "Nothing has happened yet" not in said(client.get(url_of("register", named)))

    def test_what_is_wrong_is_said_before_anybody_is_asked(self, named: Poll, dana: Membership) -> None:
        answer = browser_of(dana, proved=False).post(url_of("make_codes", named), cards(size="9999"))
        assert answer.status_code == 422

    def test_codes_are_revoked_by_who_has_just_proved_who_they_are(self, named: Poll, dana: Membership) -> None:
        batch, client = codes_for(named), browser_of(dana, proved=False)
        asked = client.post(url_of("revoke_codes", named, batch.pk))
        assert asked["Location"].startswith("/me/prove/")
        assert CodeBatch.objects.valid().exists()
        prove(client, dana.user)
        assert "Nothing has happened yet" in said(client.get(url_of("register", named)))
        client.post(url_of("revoke_codes", named, batch.pk))
        assert not CodeBatch.objects.valid().exists()

    def test_late_comers_are_added_by_who_has_just_proved_who_they_are(
        self, named: Poll, dana: Membership, amina: Membership
    ) -> None:
        services.prepare_register(poll=named, late_admission=LateAdmission.ADMIT)
        opened = services.open_poll(poll=named, lines=[services.NewLine(amina)], actor=None)
        client = browser_of(dana, proved=False)
        assert client.post(url_of("admit_late", named))["Location"].startswith("/me/prove/")
        assert opened.entitled == 1
        prove(client, dana.user, seconds_ago=29 * 60)  # one proof is good for half an hour
        client.post(url_of("admit_late", named))
        assert opened.entitled == 2

    def test_in_a_secret_poll_every_act_wants_a_proof_of_its_own(self, poll: Poll, dana: Membership) -> None:
        client = browser_of(dana)
        assert client.post(url_of("make_codes", poll), cards()).status_code == 200
        assert client.post(url_of("make_codes", poll), cards())["Location"].startswith("/me/prove/")
        batch = CodeBatch.objects.get()
        assert client.post(url_of("revoke_codes", poll, batch.pk))["Location"].startswith("/me/prove/")
        prove(client, dana.user)
        client.post(url_of("revoke_codes", poll, batch.pk))
        assert not CodeBatch.objects.valid().exists()

    def test_nobody_else_is_asked_for_anything(
        self, named: Poll, amina: Membership, chidi: Membership, dana: Membership
    ) -> None:
        batch = codes_for(named)
        for verb, more in (("make_codes", ()), ("admit_late", ()), ("revoke_codes", (batch.pk,))):
            url = url_of(verb, named, *more)
            assert browser_of(amina, proved=False).post(url, cards()).status_code == 404
            assert browser_of(chidi, proved=False).post(url, cards()).status_code == 404
            assert browser_of(dana, proved=False).get(url).status_code == 405
            assert "/sign-in/" in Client().post(url, cards())["Location"]
