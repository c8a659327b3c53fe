"""One register for several polls: each voter votes in as many of them as it allows, and no more."""

import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from assemblies.models import Assembly, Membership
from tests.make import line_of, make_member, make_poll
from tests.threads import in_threads
from voting import keys, services
from voting.models import (
    Poll,
    Register,
    RegisterLine,
    RegisterUse,
    Secrecy,
)
from voting.services import NewLine, PollRefused, registers

pytestmark = pytest.mark.django_db
PARK = {"options": ["a"]}


def cast(poll: Poll, line: RegisterLine, key: str = "a key for this ballot") -> object:
    return services.cast_ballot(poll=poll, line=RegisterLine.objects.get(pk=line.pk), choice=PARK, key=key)


def refused(text: str, act: Any) -> None:
    with pytest.raises(DatabaseError, match=text), transaction.atomic():
        act()


def shared(riverside: Assembly, *members: Membership, count: int = 3, most: int = 1, **fields: Any) -> list[Poll]:
    polls = [make_poll(riverside, question=f"District {number}", **fields) for number in range(count)]
    services.share_register(polls=polls, max_polls=most)
    lines = [NewLine(member) for member in members]
    return [services.open_poll(poll=poll, lines=lines, actor=None) for poll in polls]


def test_everybody_votes_in_as_many_polls_as_the_register_allows(
    riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    first, second, third = shared(riverside, amina, bao, most=2)
    assert first.register == second.register == third.register
    cast(first, line_of(first, amina))
    cast(second, line_of(second, amina))
    with pytest.raises(services.BallotRefused, match="only 2 of these votes"):
        cast(third, line_of(third, amina))
    cast(third, line_of(third, bao))
    assert [poll.turnout for poll in (first, second, third)] == [1, 1, 1]


def test_a_ballot_may_change_without_using_up_another_poll(riverside: Assembly, amina: Membership) -> None:
    first, second, _third = shared(riverside, amina, change_allowed=True)
    line = line_of(first, amina)
    for number in range(3):
        cast(first, line, key=f"key number {number} of amina")
    with pytest.raises(services.BallotRefused, match="only 1 of these votes"):
        cast(second, line)
    assert RegisterUse.objects.count() == 1


def test_a_void_poll_gives_the_vote_back(riverside: Assembly, amina: Membership) -> None:
    first, second, _third = shared(riverside, amina)
    cast(first, line_of(first, amina))
    services.void_poll(poll=first, actor=None, reason="The list was wrong.")
    cast(second, line_of(second, amina))
    assert second.turnout == 1


def test_a_refused_ballot_uses_up_nothing(riverside: Assembly, amina: Membership) -> None:
    first, second, _third = shared(riverside, amina)
    services.close_poll(poll=first, actor=None)
    with pytest.raises(services.VotingClosed):
        cast(first, line_of(first, amina))
    cast(second, line_of(second, amina))


def test_who_voted_where_is_hidden_and_then_forgotten(riverside: Assembly, amina: Membership) -> None:
    """The row holds a keyed hash of the line. Once all polls are closed the key is gone, and the hash says nothing."""
    members = [amina, *(make_member(riverside, f"Resident {n}") for n in range(4))]
    polls = shared(riverside, *members, secrecy=Secrecy.CONFIDENTIAL)
    line = line_of(polls[0], amina)
    cast(polls[0], line)
    use = RegisterUse.objects.get()
    assert bytes(use.slot) != line.pk.bytes
    register = polls[0].register
    assert register
    for poll in polls:
        assert keys.read(register.pk, registers.USE)
        services.close_poll(poll=poll, actor=None)
    with pytest.raises(keys.KeyGone):
        keys.read(register.pk, registers.USE)


def test_the_database_refuses_one_poll_too_many_by_itself(riverside: Assembly, amina: Membership) -> None:
    first, second, _third = shared(riverside, amina)
    cast(first, line_of(first, amina))
    use = RegisterUse.objects.get()
    refused(
        "as many polls",
        lambda: RegisterUse.objects.bulk_create(
            [RegisterUse(register=use.register, slot=bytes(use.slot), poll=second)]
        ),
    )
    refused("[Cc]annot", lambda: RegisterUse.objects.all().delete())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("protected", [True, False], ids=["with the lock", "without the lock"])
@pytest.mark.parametrize("act", ["stop", "share"])
def test_nothing_opens_while_its_register_is_taken_apart(
    riverside: Assembly, amina: Membership, monkeypatch: pytest.MonkeyPatch, protected: bool, act: str
) -> None:
    """Another poll that shares the register opens right after this act looked whether the register is fixed."""
    polls = [make_poll(riverside, question=f"District {number}") for number in range(3)]
    services.share_register(polls=polls, max_polls=1)
    looked, opened, opened_meanwhile = threading.Event(), threading.Event(), []
    refuse = registers._refuse_once_fixed

    def slow(*arguments: Any) -> None:
        refuse(*arguments)
        looked.set()
        opened_meanwhile.append(opened.wait(0.7))

    def open_it() -> Poll:
        looked.wait(5)
        done = services.open_poll(poll=polls[1], lines=[NewLine(amina)], actor=None)
        opened.set()
        return done

    monkeypatch.setattr(registers, "_refuse_once_fixed", slow)
    if not protected:
        monkeypatch.setattr(
            registers,
            "_locked_registers",
            lambda found: {one.pk: one for one in Register.objects.filter(polls__in=found)},
        )
        monkeypatch.setattr(registers, "Q", lambda **_which: Q(pk=polls[0].pk))
    acts = {
        "stop": lambda: services.stop_sharing(poll=polls[0]),
        "share": lambda: services.share_register(polls=[polls[0], polls[2]], max_polls=1),
    }
    taken_apart, done = in_threads(acts[act], open_it)
    assert taken_apart is None or isinstance(taken_apart, Register), taken_apart
    assert isinstance(done, Poll), done
    assert any(opened_meanwhile) is not protected


@pytest.mark.parametrize("act", ["stop", "share", "prepare"])
def test_a_register_that_another_poll_has_fixed_stays(riverside: Assembly, amina: Membership, act: str) -> None:
    polls = [make_poll(riverside, question=f"District {number}") for number in range(3)]
    services.share_register(polls=polls, max_polls=1)
    services.open_poll(poll=polls[1], lines=[NewLine(amina)], actor=None)
    acts: dict[str, Any] = {
        "stop": lambda: services.stop_sharing(poll=polls[0]),
        "share": lambda: services.share_register(polls=[polls[0], polls[2]], max_polls=1),
        "prepare": lambda: services.prepare_register(poll=polls[0]),
    }
    with pytest.raises(PollRefused, match="fixed when voting opened"):
        acts[act]()


def storm_over_polls(polls: list[Poll], member: Membership) -> list[object]:
    line = line_of(polls[0], member)
    return in_threads(*[lambda poll=poll: cast(poll, line, key=f"key for {poll.pk}") for poll in polls])


@pytest.mark.django_db(transaction=True)
def test_eight_polls_at_once_take_one_ballot_of_each_voter(riverside: Assembly, amina: Membership) -> None:
    polls = shared(riverside, amina, count=8)
    answers = storm_over_polls(polls, amina)
    assert sum(isinstance(answer, services.Receipt) for answer in answers) == 1, answers
    assert sum(poll.turnout for poll in polls) == RegisterUse.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_storm_over_polls_is_lost_without_the_voters_lock(
    riverside: Assembly, amina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The protection switched off, in the service and in the table: now more than one ballot comes through."""
    polls = shared(riverside, amina, count=8)
    met = threading.Barrier(8, timeout=30)
    create = RegisterUse.objects.bulk_create

    def create_together(rows: list[RegisterUse]) -> object:
        met.wait(5)
        return create(rows)

    monkeypatch.setattr(registers, "_lock_slot", lambda slot: None)
    monkeypatch.setattr(RegisterUse.objects, "bulk_create", create_together)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE voting_registeruse DISABLE TRIGGER USER")
    try:
        storm_over_polls(polls, amina)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE voting_registeruse ENABLE TRIGGER USER")
    assert sum(poll.turnout for poll in polls) == 8


@pytest.mark.django_db(transaction=True)
def test_the_table_alone_withstands_the_storm(
    riverside: Assembly, amina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registers, "_lock_slot", lambda slot: None)
    polls = shared(riverside, amina, count=8)
    storm_over_polls(polls, amina)
    assert sum(poll.turnout for poll in polls) == 1


@pytest.mark.parametrize(("count", "most"), [(1, 1), (2, 0), (2, 3)])
def test_a_register_is_shared_in_a_way_that_makes_sense(riverside: Assembly, count: int, most: int) -> None:
    with pytest.raises(PollRefused):
        services.share_register(polls=[make_poll(riverside) for _ in range(count)], max_polls=most)
