"""One ballot for each line of the register, whatever happens on the way."""

import threading
from typing import Any

import pytest
from django.db import connection, connections, transaction
from pytest_django import DjangoAssertNumQueries

from assemblies.models import Assembly, Membership
from tests.make import line_of, make_member, make_open_poll
from tests.threads import in_threads
from voting import services
from voting.models import OpenBallot, OpenBallotHistory, Poll, PollState, Secrecy
from voting.services import box, closing, locks

PARK = {"options": ["a"]}
WELL = {"options": ["b"]}


@pytest.mark.django_db
def test_the_same_key_again_is_the_same_receipt(riverside: Assembly, amina: Membership) -> None:
    poll = make_open_poll(riverside, amina)
    line = line_of(poll, amina)
    first = services.cast_ballot(poll=poll, line=line, choice=PARK, key="k" * 20)
    again = services.cast_ballot(poll=poll, line=line, choice=PARK, key="k" * 20)
    assert again.code == first.code
    assert (first.repeated, again.repeated) == (False, True)
    assert poll.turnout == 1


@pytest.mark.django_db
def test_another_key_is_refused_and_the_first_ballot_stays(riverside: Assembly, amina: Membership) -> None:
    poll = make_open_poll(riverside, amina)
    line = line_of(poll, amina)
    services.cast_ballot(poll=poll, line=line, choice=PARK, key="first key of amina")
    with pytest.raises(services.AlreadyVoted):
        services.cast_ballot(poll=poll, line=line, choice=WELL, key="second key of amina")
    assert OpenBallot.objects.get(poll=poll, line=line).choice == PARK


@pytest.mark.django_db
def test_a_ballot_that_may_change_keeps_every_earlier_version(riverside: Assembly, amina: Membership) -> None:
    poll = make_open_poll(riverside, amina, change_allowed=True)
    line = line_of(poll, amina)
    services.cast_ballot(poll=poll, line=line, choice=PARK, key="first key of amina")
    receipt = services.cast_ballot(poll=poll, line=line, choice=WELL, key="second key of amina")
    assert receipt.revision == 2
    assert OpenBallot.objects.get(poll=poll, line=line).choice == WELL
    assert OpenBallotHistory.objects.get(poll=poll, line=line).choice == PARK


@pytest.mark.django_db
def test_the_same_key_with_another_choice_is_no_repetition(riverside: Assembly, amina: Membership) -> None:
    """The answer was lost, the voter thought again and sent the same paper: a receipt for the old choice would lie."""
    poll = make_open_poll(riverside, amina, change_allowed=True)
    line = line_of(poll, amina)
    services.cast_ballot(poll=poll, line=line, choice=PARK, key="the key of this paper")
    receipt = services.cast_ballot(poll=poll, line=line, choice=WELL, key="the key of this paper")
    assert (receipt.repeated, receipt.revision) == (False, 2)
    assert OpenBallot.objects.get(poll=poll, line=line).choice == WELL


@pytest.mark.django_db
def test_the_same_key_with_another_choice_is_refused_where_nothing_may_change(
    riverside: Assembly, amina: Membership
) -> None:
    poll = make_open_poll(riverside, amina)
    line = line_of(poll, amina)
    services.cast_ballot(poll=poll, line=line, choice=PARK, key="the key of this paper")
    with pytest.raises(services.AlreadyVoted):
        services.cast_ballot(poll=poll, line=line, choice=WELL, key="the key of this paper")
    assert OpenBallot.objects.get(poll=poll, line=line).choice == PARK


@pytest.mark.django_db
def test_an_earlier_ballot_that_arrives_again_does_not_come_back_to_life(
    riverside: Assembly, amina: Membership
) -> None:
    poll = make_open_poll(riverside, amina, change_allowed=True)
    line = line_of(poll, amina)
    services.cast_ballot(poll=poll, line=line, choice=PARK, key="first key of amina")
    services.cast_ballot(poll=poll, line=line, choice=WELL, key="second key of amina")
    with pytest.raises(services.BallotRefused, match="too old"):
        services.cast_ballot(poll=poll, line=line, choice=PARK, key="first key of amina")
    assert OpenBallot.objects.get(poll=poll, line=line).choice == WELL


@pytest.mark.django_db
def test_a_line_of_another_register_is_refused(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    poll, other = make_open_poll(riverside, amina), make_open_poll(riverside, bao)
    with pytest.raises(services.BallotRefused):
        services.cast_ballot(poll=poll, line=line_of(other, bao), choice=PARK, key="a key of bao here")


@pytest.mark.django_db
def test_nothing_is_taken_before_opening_or_after_closing(riverside: Assembly, amina: Membership) -> None:
    poll = make_open_poll(riverside, amina)
    line = line_of(poll, amina)
    services.close_poll(poll=poll, actor=None)
    with pytest.raises(services.VotingClosed):
        services.cast_ballot(poll=poll, line=line, choice=PARK, key="too late for this")
    assert poll.turnout == 0


@pytest.mark.django_db(transaction=True)
def test_sixteen_casts_at_once_by_one_person_leave_one_ballot(riverside: Assembly, amina: Membership) -> None:
    poll = make_open_poll(riverside, amina)
    answers = storm(poll, amina)
    assert OpenBallot.objects.filter(poll=poll).count() == 1
    assert sum(isinstance(answer, services.Receipt) for answer in answers) == 1
    assert sum(isinstance(answer, services.AlreadyVoted) for answer in answers) == 15


@pytest.mark.django_db(transaction=True)
def test_the_storm_fails_without_the_primary_key(riverside: Assembly, amina: Membership) -> None:
    """The protection switched off: check first, then insert, on a table without the key."""
    poll = make_open_poll(riverside, amina)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE naive_ballot (poll uuid, line uuid)")
    line = line_of(poll, amina)
    met = threading.Barrier(8, timeout=30)

    def naive() -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1 FROM naive_ballot WHERE poll = %s AND line = %s", [poll.pk, line.pk])
            absent = cursor.fetchone() is None
            met.wait()
            if absent:
                cursor.execute("INSERT INTO naive_ballot VALUES (%s, %s)", [poll.pk, line.pk])

    in_threads(*[naive] * 8)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM naive_ballot")
        (stored,) = cursor.fetchone()
        cursor.execute("DROP TABLE naive_ballot")
    assert stored == 8


def storm(poll: Poll, member: Membership) -> list[object]:
    line = line_of(poll, member)
    return in_threads(
        *[
            lambda n=n: services.cast_ballot(poll=poll, line=line, choice=PARK, key=f"key number {n:04d}")
            for n in range(16)
        ]
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("protected", [True, False], ids=["with the lock", "without the lock"])
def test_a_close_waits_for_the_cast_under_way(
    riverside: Assembly, amina: Membership, bao: Membership, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    """Every ballot that got a receipt is in the count. Without the advisory lock this very test loses one."""
    poll = make_open_poll(riverside, amina, bao, published_at_close=True)
    checked, may_commit = threading.Event(), threading.Event()
    insert, lock = box._insert, locks.lock_exclusively

    def slow_insert(*arguments: Any, first: str = "") -> bool:
        with transaction.atomic():
            stored = insert(*arguments, first=first)
            checked.set()
            may_commit.wait(5)
        return stored

    def late_lock(poll: Poll) -> None:
        checked.wait(5)
        soon = threading.Timer(0.3, may_commit.set)
        soon.start()
        if protected:
            lock(poll)

    monkeypatch.setattr(box, "_insert", slow_insert)
    monkeypatch.setattr(closing, "lock_exclusively", late_lock)
    if not protected:
        with connection.cursor() as cursor:  # the trigger is the second protection; switch it off as well
            cursor.execute("ALTER TABLE voting_openballot DISABLE TRIGGER USER")
    try:
        cast, closed = in_threads(
            lambda: services.cast_ballot(poll=poll, line=line_of(poll, amina), choice=PARK, key="key of amina here"),
            lambda: services.close_poll(poll=poll, actor=None),
        )
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE voting_openballot ENABLE TRIGGER USER")
    assert isinstance(cast, services.Receipt), cast
    assert isinstance(closed, Poll), closed
    counted = closed.results.get(is_binding=True).outcome["n"]
    assert counted == (1 if protected else 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("secrecy", [Secrecy.NAMED, Secrecy.CONFIDENTIAL])
def test_a_first_ballot_is_one_message_to_the_database(
    riverside: Assembly,
    amina: Membership,
    django_assert_num_queries: DjangoAssertNumQueries,
    secrecy: Secrecy,
) -> None:
    poll = Poll.objects.select_related("register", "assembly").get(
        pk=make_open_poll(riverside, amina, secrecy=secrecy).pk
    )
    line = line_of(poll, amina)
    with django_assert_num_queries(1):
        services.cast_ballot(poll=poll, line=line, choice=PARK, key="k" * 20)
    connection.close()  # nothing is left in a transaction that never ends
    assert poll.turnout == 1


@pytest.mark.django_db(transaction=True)
def test_casts_at_an_older_snapshot_are_refused(riverside: Assembly, amina: Membership) -> None:
    poll = make_open_poll(riverside, amina)
    line = line_of(poll, amina)
    isolate = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL"
    with connection.cursor() as cursor:
        cursor.execute(f"{isolate} REPEATABLE READ")
        with pytest.raises(RuntimeError, match="READ COMMITTED"):
            services.cast_ballot(poll=poll, line=line, choice=PARK, key="k" * 20)
        cursor.execute(f"{isolate} READ COMMITTED")  # the connection goes back to the pool
    assert poll.turnout == 0


@pytest.mark.django_db(transaction=True)
def test_casting_refuses_to_run_inside_a_longer_transaction(riverside: Assembly, amina: Membership) -> None:
    """A receipt is given only after the commit, so the cast must own the transaction."""
    poll = make_open_poll(riverside, amina)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        services.cast_ballot(poll=poll, line=line_of(poll, amina), choice=PARK, key="k" * 20)


@pytest.mark.django_db(transaction=True)
def test_sixty_people_at_once_are_sixty_ballots(riverside: Assembly) -> None:
    members = [make_member(riverside, f"Resident {n}") for n in range(60)]
    poll = make_open_poll(riverside, *members)
    lines = [line_of(poll, member) for member in members]
    for start in range(0, 60, 15):
        answers = in_threads(
            *[
                lambda line=line: services.cast_ballot(poll=poll, line=line, choice=PARK, key=f"key {line.pk}")
                for line in lines[start : start + 15]
            ]
        )
        assert all(isinstance(answer, services.Receipt) for answer in answers), answers
    closed = services.close_poll(poll=poll, actor=None)
    assert closed.state == PollState.WITHHELD
    assert closed.results.get(is_binding=True).outcome["n"] == 60


@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_is_told_to_send_the_vote_again(
    riverside: Assembly, amina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was stored, and nothing that waits holds up the others for longer."""
    monkeypatch.setattr(locks, "LONGEST_WAIT", "50ms")
    poll = make_open_poll(riverside, amina)
    line = line_of(poll, amina)
    with transaction.atomic():
        locks.lock_exclusively(poll)
        (told,) = in_threads(lambda: services.cast_ballot(poll=poll, line=line, choice=PARK, key="k" * 20))
    assert isinstance(told, services.VotingBusy)
    assert poll.turnout == 0
    assert services.cast_ballot(poll=poll, line=line, choice=PARK, key="k" * 20).repeated is False
