"""A result that everybody has seen is declared void by two people: one asks and says why, another confirms."""

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

import ledger
from assemblies.models import Assembly, Membership
from tests.make import make_member, make_open_poll
from tests.proving import prove
from voting import services
from voting.models import Approval, Poll, PollState, Secrecy
from voting.services import PollRefused

pytestmark = pytest.mark.django_db

WHY = "Two cards were counted twice."


@pytest.fixture
def shown(riverside: Assembly, amina: Membership) -> Poll:
    """A named poll whose result is published."""
    poll = make_open_poll(riverside, amina)
    return services.publish_poll(poll=services.close_poll(poll=poll, actor=None), actor=None)


def browser_of(person: Membership) -> Client:
    client = Client()
    client.force_login(person.user)
    prove(client, person.user)
    return client


def kinds(poll: Poll) -> list[str]:
    return [event.body.partition('"kind":"')[2].partition('"')[0] for event in ledger.events(poll.pk)]


def test_one_asks_and_another_confirms_the_same_words(shown: Poll, dana: Membership, emil: Membership) -> None:
    asked = services.void_poll(poll=shown, actor=dana.user, reason=WHY)
    assert asked.state == PollState.PUBLISHED
    wish = services.asked_to_void(shown)
    assert wish
    assert (wish.actor, wish.reason) == (dana.user, WHY)
    with pytest.raises(PollRefused, match=r"You asked for this yourself\. Another person must confirm"):
        services.void_poll(poll=shown, actor=dana.user, reason=WHY)
    done = services.void_poll(poll=shown, actor=emil.user, reason="Something else.")
    assert (done.state, done.void_reason) == (PollState.VOIDED, WHY)
    assert kinds(shown)[-3:] == ["poll.approved", "poll.approved", "poll.voided"]


@pytest.mark.parametrize("secrecy", [Secrecy.NAMED, Secrecy.CONFIDENTIAL])
def test_before_anybody_saw_the_result_one_is_enough(riverside: Assembly, dana: Membership, secrecy: Secrecy) -> None:
    members = [make_member(riverside, f"Resident {number}") for number in range(6)]
    poll = make_open_poll(riverside, *members, secrecy=secrecy)
    assert services.void_poll(poll=poll, actor=dana.user, reason=WHY).state == PollState.VOIDED
    counted = services.close_poll(poll=make_open_poll(riverside, *members, secrecy=secrecy), actor=None)
    assert services.void_poll(poll=counted, actor=dana.user, reason=WHY).state == PollState.VOIDED


def test_a_sealed_result_takes_two_as_well(riverside: Assembly, dana: Membership, emil: Membership) -> None:
    members = [make_member(riverside, f"Resident {number}") for number in range(6)]
    poll = make_open_poll(riverside, *members, secrecy=Secrecy.CONFIDENTIAL)
    poll = services.publish_poll(poll=services.close_poll(poll=poll, actor=None), actor=None)
    assert services.void_poll(poll=poll, actor=dana.user, reason=WHY).state == PollState.PUBLISHED
    assert services.void_poll(poll=poll, actor=emil.user, reason="").state == PollState.VOIDED


def test_who_is_alone_hears_what_to_do_and_nothing_is_asked(shown: Poll, dana: Membership) -> None:
    with pytest.raises(PollRefused, match=r"you are the only one who may\. Ask an administrator to give somebody else"):
        services.void_poll(poll=shown, actor=dana.user, reason=WHY)
    assert not Approval.objects.exists()


def test_nobody_known_is_nobody(shown: Poll, dana: Membership) -> None:
    with pytest.raises(PollRefused, match="Two people must agree"):
        services.void_poll(poll=shown, actor=None, reason=WHY)


def test_a_reason_is_asked_of_the_first(shown: Poll, dana: Membership, emil: Membership) -> None:
    with pytest.raises(PollRefused, match="Say why"):
        services.void_poll(poll=shown, actor=dana.user, reason=" ")
    assert not Approval.objects.exists()


def test_the_database_counts_the_two(shown: Poll, dana: Membership, emil: Membership) -> None:
    def by_force() -> None:
        with transaction.atomic():
            Poll.objects.filter(pk=shown.pk).update(state=PollState.VOIDED, void_reason=WHY)

    with pytest.raises(DatabaseError, match="a result needs the approval of two people to void"):
        by_force()
    services.void_poll(poll=shown, actor=dana.user, reason=WHY)
    with pytest.raises(DatabaseError, match="a result needs the approval of two people to void"):
        by_force()


def test_the_pages_lead_from_the_first_to_the_second(shown: Poll, dana: Membership, emil: Membership) -> None:
    first, second, url = browser_of(dana), browser_of(emil), f"/polls/{shown.pk}/void/"
    assert "The result was shown, so two people must agree. You are the first." in first.get(url).content.decode()
    page = first.post(url, {"reason": WHY}, follow=True).content.decode()
    assert "You have agreed. One more person must agree." in page
    assert "Waiting for a second person." in page
    assert "Another person must do it now." in first.get(url).content.decode()
    page = second.get(url).content.decode()
    assert "Dana gives this reason" in page
    assert WHY in page
    assert 'name="reason"' not in page
    assert "This vote is void. It decides nothing." in second.post(url, follow=True).content.decode()
    shown.refresh_from_db()
    assert (shown.state, shown.void_reason) == (PollState.VOIDED, WHY)
