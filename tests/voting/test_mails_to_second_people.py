"""Whoever may be the second of two people hears by mail that the first has agreed; trustees hear when they are needed."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from assemblies.models import Assembly, Membership
from jobs.testing import run_waiting, waiting_jobs
from proposals.models import Cycle
from tests.make import line_of, make_open_poll, make_poll
from tests.proving import prove
from voting import services
from voting.models import Poll, Secrecy
from voting.owners import owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def poll(riverside: Assembly, dana: Membership, emil: Membership, crowd: list[Membership]) -> Poll:
    return make_poll(riverside, question="Who chairs the board?", secrecy=Secrecy.SECRET)


def mails() -> dict[str, str]:
    """Each new mail by its only receiver, after everything that waits is done."""
    run_waiting()
    found = {sent.to[0]: f"{sent.subject}\n{sent.body}" for sent in mail.outbox}
    assert len(found) == len(mail.outbox)
    mail.outbox.clear()
    return found


def open_by(poll: Poll, person: Membership) -> Poll:
    return owner_of(poll).open(Poll.objects.get(pk=poll.pk), person.user)


def test_emil_is_asked_when_dana_has_agreed_and_nobody_else_is(
    poll: Poll, dana: Membership, emil: Membership, bao: Membership
) -> None:
    open_by(poll, dana)
    told = mails()
    assert list(told) == [emil.user.email]
    assert "Dana has agreed to open the vote “Who chairs the board?”." in told[emil.user.email]
    assert f"/polls/{poll.pk}/open/" in told[emil.user.email]
    assert "Shade trees" not in told[emil.user.email]  # no answer, and nothing of any ballot
    open_by(poll, dana)  # once more says nothing new
    assert mails() == {}
    open_by(poll, emil)
    assert mails() == {}


def test_who_comes_too_late_gets_no_mail(poll: Poll, dana: Membership, emil: Membership) -> None:
    open_by(poll, dana)
    open_by(poll, emil)
    assert mails() == {}


@pytest.mark.parametrize("verb", ["close", "publish", "void"])
def test_every_act_of_two_asks_the_second(
    poll: Poll, dana: Membership, emil: Membership, crowd: list[Membership], verb: str
) -> None:
    open_by(poll, dana)
    opened = open_by(poll, emil)
    for voter in crowd:
        services.cast_ballot(poll=opened, line=line_of(opened, voter), choice={"options": ["b"]}, key=str(voter.pk))
    if verb == "publish":
        for person in (dana, emil):
            opened = services.close_poll(poll=opened, actor=person.user)
    mails()
    acts: dict[str, Any] = {
        "close": lambda: services.close_poll(poll=opened, actor=dana.user),
        "publish": lambda: services.publish_poll(poll=opened, actor=dana.user),
        "void": lambda: services.void_poll(poll=opened, actor=dana.user, reason="A name was missing."),
    }
    acts[verb]()
    told = mails()
    assert list(told) == [emil.user.email]
    assert f"/polls/{poll.pk}/{verb}/" in told[emil.user.email]
    assert "A name was missing" not in told[emil.user.email]


def test_who_may_agree_to_a_removal_hears_of_it_without_the_name_of_the_voter(
    poll: Poll, dana: Membership, emil: Membership, crowd: list[Membership]
) -> None:
    open_by(poll, dana)
    opened = open_by(poll, emil)
    mails()
    line = line_of(opened, crowd[0])
    services.remove_ballot(poll=opened, line=line, reason="Moved away.", actor=dana.user)
    told = mails()
    assert list(told) == [emil.user.email]
    assert "Resident 0" not in told[emil.user.email]
    assert f"/polls/{poll.pk}/remove/" in told[emil.user.email]


def test_a_poll_that_one_person_runs_asks_nobody(riverside: Assembly, dana: Membership, emil: Membership) -> None:
    services.close_poll(poll=make_open_poll(riverside, dana), actor=dana.user)
    assert mails() == {}


def test_the_page_names_who_may_agree(client: Any, poll: Poll, dana: Membership, emil: Membership) -> None:
    client.force_login(dana.user)
    prove(client, dana.user)
    page = client.get(f"/polls/{poll.pk}/open/").content.decode()
    assert "These people may agree: Dana (Administrator), Emil (Administrator)." in page
    open_by(poll, dana)
    for place in ("desk", "open"):
        page = client.get(f"/polls/{poll.pk}/{place}/").content.decode()
        assert "These people may agree: Emil (Administrator)." in page
    assert client.get(f"/polls/{make_poll(poll.assembly).pk}/open/").content.decode().count("may agree") == 0


def test_every_owner_knows_its_people(
    riverside: Assembly, bao: Membership, dana: Membership, amina: Membership
) -> None:
    names = {}
    for kind in ("assembly", "meeting", "cycle"):
        names[kind] = [member.user.name for member in owner_of(Poll(owner_kind=kind)).people(
            Poll(assembly=riverside, owner_kind=kind), "open"
        )]  # fmt: skip
    assert names == {"assembly": ["Dana"], "meeting": ["Bao"], "cycle": ["Bao", "Dana"]}
    assert Cycle.objects.count() == 0


def test_trustees_hear_when_they_are_named_and_when_the_box_waits(
    poll: Poll, dana: Membership, emil: Membership, crowd: list[Membership]
) -> None:
    keys = {}
    for member in crowd[:3]:
        trustee = services.name_trustee(poll=poll, membership=member)
        told = mails()
        assert list(told) == [member.user.email]
        assert "Each of you keeps a key on paper." in told[member.user.email]
        keys[trustee] = services.make_key(trustee=trustee)
        services.prove_key(trustee=trustee, typed=keys[trustee])
    open_by(poll, dana)
    opened = open_by(poll, emil)
    mails()
    services.close_poll(poll=opened, actor=dana.user)
    mails()
    services.close_poll(poll=opened, actor=emil.user)
    told = mails()
    assert set(told) == {member.user.email for member in crowd[:3]}
    first = told[crowd[0].user.email]
    assert "Two of the three trustees must enter their keys" in first
    assert f"/polls/{poll.pk}/trustees/" in first
    assert not any(key in first for key in keys.values())
    services.close_due_polls()  # comes by every minute, and asks nobody twice
    assert mails() == {}


def leave(*people: Membership) -> None:
    Membership.objects.filter(pk__in=[person.pk for person in people]).update(left_at=timezone.now())


def guarded(poll: Poll, *people: Membership) -> None:
    for member in people:
        trustee = services.name_trustee(poll=poll, membership=member)
        services.prove_key(trustee=trustee, typed=services.make_key(trustee=trustee))


def test_a_trustee_who_left_before_voting_has_no_mail_and_stands_in_the_way(
    poll: Poll, crowd: list[Membership]
) -> None:
    services.name_trustee(poll=poll, membership=crowd[0])
    leave(crowd[0])
    assert mails() == {}
    (_too_few, sentence) = services.blockers(poll)
    assert sentence == "Resident 0 has left the assembly. Take this trustee off the list and name another member."


@pytest.mark.parametrize(("left", "asked"), [(1, {1, 2}), (2, {0, 1, 2})])
def test_who_left_is_asked_for_their_key_only_when_the_box_stays_shut_without_them(
    poll: Poll, dana: Membership, emil: Membership, crowd: list[Membership], left: int, asked: set[int]
) -> None:
    guarded(poll, *crowd[:3])
    open_by(poll, dana)
    opened = open_by(poll, emil)
    leave(*crowd[:left])
    mails()
    for person in (dana, emil):
        services.close_poll(poll=opened, actor=person.user)
    told = mails()
    told.pop(emil.user.email, None)
    assert set(told) == {crowd[number].user.email for number in asked}


def test_trustees_are_asked_when_the_time_to_challenge_is_over(
    riverside: Assembly, dana: Membership, emil: Membership, crowd: list[Membership]
) -> None:
    poll = make_poll(riverside, secrecy=Secrecy.SECRET, challenge_hours=2)
    for member in crowd[:3]:
        trustee = services.name_trustee(poll=poll, membership=member)
        services.prove_key(trustee=trustee, typed=services.make_key(trustee=trustee))
    open_by(poll, dana)
    opened = open_by(poll, emil)
    mails()
    for person in (dana, emil):
        services.close_poll(poll=opened, actor=person.user)
    assert mails() == {}
    due = [moment for name, _arguments, moment in waiting_jobs() if name.endswith("ask_trustee")]
    assert len(due) == 3
    assert all(moment and moment > timezone.now() + timedelta(hours=1) for moment in due)
    run_waiting(at=timezone.now() + timedelta(hours=3))
    assert len(mail.outbox) == 3
