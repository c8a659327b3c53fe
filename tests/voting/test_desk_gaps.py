"""What a desk must not leave out: late comers in every log, keys that are gone, reasons that are too long, void drafts."""

import pytest
from django.test import Client

import ledger
from assemblies.models import Assembly, Membership, Role
from tests.make import line_of, make_member, make_open_poll, make_poll
from tests.proving import prove
from voting import keys, services
from voting.models import LateAdmission, Poll, PollState, Removal, Secrecy
from voting.services import NewLine

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana(riverside: Assembly) -> Membership:
    return make_member(riverside, "Dana", Role.ADMINISTRATOR)


@pytest.fixture
def browser(dana: Membership) -> Client:
    client = Client()
    client.force_login(dana.user)
    prove(client, dana.user)
    return client


def sharing(riverside: Assembly, amina: Membership) -> list[Poll]:
    """Two open polls with one register, to which late comers are added."""
    polls = [make_poll(riverside, question=name) for name in ("North?", "South?")]
    services.prepare_register(poll=polls[0], late_admission=LateAdmission.ADMIT)
    polls = list(Poll.objects.filter(pk__in=[poll.pk for poll in polls]).order_by("question"))
    services.share_register(polls=polls, max_polls=1)
    for poll in polls:
        services.open_poll(poll=poll, lines=[NewLine(amina)], actor=None)
    return list(Poll.objects.order_by("question"))


def late_in(poll: Poll) -> list[tuple[int, int]]:
    told = [event.data for event in ledger.events(poll.pk) if event.kind == "poll.late"]
    return [(data["lines"], data["entitled"]) for data in told]


def test_late_comers_are_in_the_log_of_every_vote_that_shares_the_register(
    riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    north, south = sharing(riverside, amina)
    services.admit_late(poll=north, lines=[NewLine(bao)], actor=None)
    assert late_in(north) == late_in(south) == [(1, 2)]


def test_nobody_comes_late_once_one_of_them_has_closed(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    north, south = sharing(riverside, amina)
    services.close_poll(poll=south, actor=None)
    assert services.late_comers(north) == []
    with pytest.raises(services.PollRefused, match="has closed already"):
        services.admit_late(poll=north, lines=[NewLine(bao)], actor=None)
    assert late_in(north) == []


def test_a_ballot_cannot_be_taken_out_without_its_key_and_the_page_says_why(
    riverside: Assembly, amina: Membership, browser: Client
) -> None:
    poll = make_open_poll(riverside, amina, secrecy=Secrecy.CONFIDENTIAL)
    keys.destroy(poll.pk, keys.LINK)
    filled_in = {"name": "Amina", "line": line_of(poll, amina).pk, "reason": "Moved away."}
    page = browser.post(f"/polls/{poll.pk}/remove/", filled_in, follow=True)
    assert page.status_code == 200
    assert "The key that finds the envelope of a voter cannot be found" in page.content.decode()
    assert not Removal.objects.exists()


def test_a_reason_is_never_cut(riverside: Assembly, amina: Membership, dana: Membership, browser: Client) -> None:
    poll, long = make_open_poll(riverside, amina), "x" * 501
    with pytest.raises(services.PollRefused, match="has 501 letters, and it may have 500"):
        services.void_poll(poll=poll, actor=dana.user, reason=long)
    with pytest.raises(services.PollRefused, match="has 501 letters"):
        services.remove_ballot(poll=poll, line=line_of(poll, amina), reason=long, actor=dana.user)
    assert browser.post(f"/polls/{poll.pk}/void/", {"reason": long}).status_code == 422
    late = Client()
    late.force_login(dana.user)
    assert late.post(f"/polls/{poll.pk}/void/", {"reason": long})["Location"].startswith("/me/prove/")
    prove(late, dana.user)
    assert long in late.get(f"/polls/{poll.pk}/void/").content.decode()  # all of it came back from the proof
    services.void_poll(poll=poll, actor=dana.user, reason="x" * 500)
    assert Poll.objects.get().state == PollState.VOIDED


def test_a_draft_that_was_declared_void_stays_in_the_list_of_who_runs_votes(
    riverside: Assembly, dana: Membership, amina: Membership, browser: Client
) -> None:
    services.void_poll(poll=make_poll(riverside, question="North?"), actor=dana.user, reason="Asked twice.")
    page = browser.get("/a/riverside/polls/").content.decode()
    assert "Declared void before they opened" in page
    assert "Asked twice." in page
    resident = Client()
    resident.force_login(amina.user)
    assert "North?" not in resident.get("/a/riverside/polls/").content.decode()
