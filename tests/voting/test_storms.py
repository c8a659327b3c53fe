"""Many at once: every voter has exactly one ballot, and every ballot with a receipt is counted.

Each storm also runs without what protects it, and must then go wrong: otherwise it would prove nothing.
`make test-faults` runs a thousand storms and five hundred closes.
"""

import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections, transaction

from assemblies.models import Assembly, Membership
from tests.make import make_member, make_open_poll
from voting import services
from voting.models import Envelope, OpenBallot, Poll, RegisterLine, Secrecy
from voting.services import box, closing, locks

pytestmark = pytest.mark.django_db(transaction=True)

PARK = {"options": ["a"]}
AT_ONCE = 16
STORMS, CLOSES, CROWD = 50, 50, 12
secrecies = pytest.mark.parametrize("secrecy", [Secrecy.NAMED, Secrecy.CONFIDENTIAL], ids=["named", "sealed"])


@pytest.fixture
def phones() -> Iterator[ThreadPoolExecutor]:
    """Sixteen phones with a connection each."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield pool
        together = Barrier(AT_ONCE)

        def hang_up() -> None:
            connections.close_all()
            together.wait()

        for done in [pool.submit(hang_up) for _ in range(AT_ONCE)]:
            done.result()


@pytest.fixture
def crowd(riverside: Assembly) -> list[Membership]:
    return [make_member(riverside, f"Resident {n}") for n in range(CROWD)]


def answer_of(future: "Future[services.Receipt]") -> object:
    try:
        return future.result()
    except services.BallotRefused as refusal:
        return refusal


def storm(phones: ThreadPoolExecutor, poll: Poll, line: RegisterLine) -> list[object]:
    """Sixteen devices of one voter send at the same moment."""
    sent = [
        phones.submit(services.cast_ballot, poll=poll, line=line, choice=PARK, key=f"key {n:02d} of {line.pk}")
        for n in range(AT_ONCE)
    ]
    return [answer_of(future) for future in sent]


def stored(poll: Poll) -> int:
    store = Envelope if poll.is_sealed else OpenBallot
    return store.objects.filter(poll=poll).count()


@secrecies
@pytest.mark.parametrize("storms", [STORMS, pytest.param(1000, marks=pytest.mark.faults)])
def test_a_storm_from_each_voter_leaves_one_ballot_each(
    riverside: Assembly, crowd: list[Membership], phones: ThreadPoolExecutor, secrecy: Secrecy, storms: int
) -> None:
    crowd += [make_member(riverside, f"Newcomer {n}") for n in range(STORMS - CROWD)]
    for _poll in range(storms // STORMS):
        poll = make_open_poll(riverside, *crowd, secrecy=secrecy)
        assert poll.register
        for line in poll.register.lines.all():
            answers = storm(phones, poll, line)
            assert sum(isinstance(answer, services.Receipt) for answer in answers) == 1
            assert sum(isinstance(answer, services.AlreadyVoted) for answer in answers) == AT_ONCE - 1
        assert stored(poll) == poll.turnout == STORMS


@secrecies
def test_without_the_primary_key_the_storm_stuffs_the_box(
    riverside: Assembly,
    crowd: list[Membership],
    phones: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
    secrecy: Secrecy,
) -> None:
    """The switch: look first, then insert, into a table that has no key."""
    poll = make_open_poll(riverside, *crowd, secrecy=secrecy)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE naive_box (voter bytea)")

    def look_then_insert(poll: Poll, line: RegisterLine, ballot: Any, **_: str) -> bool:
        voter = bytes(ballot.slot) if poll.is_sealed else ballot.line_id.bytes
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM naive_box WHERE voter = %s", [voter])
            if cursor.fetchone()[0]:
                return False
            cursor.execute("SELECT pg_sleep(0.01)")
            cursor.execute("INSERT INTO naive_box VALUES (%s)", [voter])
        return True

    monkeypatch.setattr(box, "_insert", look_then_insert)
    assert poll.register
    try:
        for line in poll.register.lines.all()[:3]:
            for future in [
                phones.submit(services.cast_ballot, poll=poll, line=line, choice=PARK, key=f"key {n:02d} of {line.pk}")
                for n in range(AT_ONCE)
            ]:
                future.exception()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM naive_box")
            assert cursor.fetchone()[0] > 3
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE naive_box")


def close_in_the_middle(
    riverside: Assembly, voters: list[Membership], phones: ThreadPoolExecutor, secrecy: Secrecy, pause: float
) -> tuple[set[bytes], int, Poll]:
    """Everybody votes while the poll is closed: the receipts given, how many were refused, and the poll."""
    poll = make_open_poll(riverside, *voters, secrecy=secrecy, published_at_close=True)
    assert poll.register
    sent = [
        phones.submit(services.cast_ballot, poll=poll, line=line, choice=PARK, key=f"the key of {line.pk}")
        for line in poll.register.lines.all()
    ]
    time.sleep(pause)
    poll = services.close_poll(poll=poll, actor=None)
    answers = [answer_of(future) for future in sent]
    receipts = {answer.digest for answer in answers if isinstance(answer, services.Receipt)}
    return receipts, sum(isinstance(answer, services.VotingClosed) for answer in answers), poll


@secrecies
@pytest.mark.parametrize("closes", [CLOSES // 2, pytest.param(250, marks=pytest.mark.faults)])
def test_what_was_acknowledged_is_counted_and_what_was_refused_is_not(
    riverside: Assembly, crowd: list[Membership], phones: ThreadPoolExecutor, secrecy: Secrecy, closes: int
) -> None:
    acknowledged = refused = 0
    for number in range(closes):
        receipts, too_late, poll = close_in_the_middle(riverside, crowd, phones, secrecy, number % 10 * 0.003)
        assert receipts == set(poll.closed_box.digests)
        assert poll.results.get().outcome["n"] == len(receipts)
        assert len(receipts) + too_late == CROWD
        acknowledged, refused = acknowledged + len(receipts), refused + too_late
    assert acknowledged
    assert refused, "no cast met a close"


@secrecies
def test_without_the_lock_a_close_forgets_ballots_that_have_a_receipt(
    riverside: Assembly,
    crowd: list[Membership],
    phones: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
    secrecy: Secrecy,
) -> None:
    """The switch: neither side takes the poll's lock, and a commit takes its time as on a slow disk."""
    insert = box._insert

    def insert_slowly(*given: Any, first: str = "") -> bool:
        with transaction.atomic():
            done = insert(*given, first=first)
            time.sleep(0.05)
        return done

    monkeypatch.setattr(box, "_insert", insert_slowly)
    for module in (locks, box):
        monkeypatch.setattr(module, "advisory_key", lambda poll: int.from_bytes(os.urandom(7), "big"))
    monkeypatch.setattr(closing, "lock_exclusively", lambda poll: None)
    monkeypatch.setattr(closing, "_refuse_other_ballots", lambda poll: None)  # the count would notice, too late
    forgotten = 0
    for _ in range(20):
        receipts, _too_late, poll = close_in_the_middle(riverside, crowd, phones, secrecy, 0.03)
        forgotten += len(receipts - set(poll.closed_box.digests))
        if forgotten:
            break
    assert forgotten
