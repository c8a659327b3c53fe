"""Nothing that was written is changed, lost or slipped in."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

import ledger
from ledger import chain
from ledger.models import ChainHead, Event

NOON = datetime(2026, 5, 2, 12, tzinfo=UTC)


@pytest.fixture
def stream() -> UUID:
    return uuid4()


def write(stream: UUID, *kinds: str) -> None:
    for kind in kinds:
        with transaction.atomic():
            ledger.append(stream=stream, kind=kind, data={"item": 3, "title": "Café"}, at=NOON)


@contextmanager
def no_triggers() -> Iterator[None]:
    """What only a superuser can do, and what the chain is for: change rows behind the database's back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield


@pytest.mark.django_db
def test_events_are_numbered_and_tied_to_those_before(stream: UUID) -> None:
    write(stream, "opened", "moved", "closed")
    events = list(ledger.events(stream))
    assert [(event.seq, event.kind) for event in events] == [(1, "opened"), (2, "moved"), (3, "closed")]
    assert events[0].data == {"item": 3, "title": "Café"}
    assert events[0].body == '{"at":"2026-05-02T12:00:00+00:00","data":{"item":3,"title":"Café"},"kind":"opened"}'
    before = hashlib.sha256(b"\x00" + stream.bytes).digest()
    for number, event in enumerate(events, start=1):
        expected = hashlib.sha256(b"\x01" + before + number.to_bytes(8, "big") + event.body.encode()).digest()
        assert (bytes(event.prev), bytes(event.hash)) == (before, expected)
        before = expected
    assert ledger.verify(stream) == before


@pytest.mark.django_db
def test_an_empty_stream_is_whole(stream: UUID) -> None:
    assert ledger.verify(stream) == chain.first_link(stream)
    assert list(ledger.events(stream)) == []


@pytest.mark.django_db
def test_streams_do_not_mix(stream: UUID) -> None:
    other = uuid4()
    write(stream, "opened")
    write(other, "opened")
    write(stream, "closed")
    assert [event.seq for event in ledger.events(stream)] == [1, 2]
    assert [event.seq for event in ledger.events(other)] == [1]
    assert ledger.verify(stream) != ledger.verify(other)


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused(stream: UUID) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        ledger.append(stream=stream, kind="opened")


@pytest.mark.django_db
@pytest.mark.parametrize("value", [0.5, b"x", {1: 2}, {"é": 1}, datetime(2026, 1, 1), object(), {"deep": [1.0]}])  # noqa: DTZ001
def test_what_has_no_one_spelling_is_refused(stream: UUID, value: Any) -> None:
    with pytest.raises(TypeError):
        ledger.append(stream=stream, kind="opened", data={"value": value})
    assert not Event.objects.exists()


def test_one_value_has_one_spelling() -> None:
    id = uuid4()
    spelt = chain.canonical({"b": [id, NOON, NOON.date(), None, True], "a": {"y": 1, "x": "¿qué?"}})
    assert spelt == f'{{"a":{{"x":"¿qué?","y":1}},"b":["{id}","2026-05-02T12:00:00+00:00","2026-05-02",null,true]}}'


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
)


@given(JSON)
def test_what_is_written_can_be_read_and_spelt_the_same(value: Any) -> None:
    import json

    assert json.loads(chain.canonical(value)) == value
    assert chain.canonical(json.loads(chain.canonical(value))) == chain.canonical(value)


FORBIDDEN = [
    "UPDATE ledger_event SET body = '{}'",
    "UPDATE ledger_event SET seq = seq + 10",
    "UPDATE ledger_event SET hash = prev",
    "DELETE FROM ledger_event",
    "DELETE FROM ledger_event WHERE seq = 3",
    "TRUNCATE ledger_event",
    "TRUNCATE ledger_chainhead",
    "DELETE FROM ledger_chainhead",
    "UPDATE ledger_chainhead SET seq = seq + 1",
    "UPDATE ledger_chainhead SET seq = seq - 1",
    "UPDATE ledger_chainhead SET hash = sha256('x')",
    "UPDATE ledger_chainhead SET stream = gen_random_uuid()",
    "INSERT INTO ledger_event (stream, seq, prev, body, hash) SELECT stream, 4, hash, '{}', sha256('x') FROM ledger_chainhead",
    "INSERT INTO ledger_event SELECT stream, 7, hash, '{}', "
    "sha256('\\x01' || hash || int8send(7) || convert_to('{}', 'UTF8')) FROM ledger_chainhead",
    "INSERT INTO ledger_event SELECT stream, 3, prev, '{}', "
    "sha256('\\x01' || prev || int8send(3) || convert_to('{}', 'UTF8')) FROM ledger_event WHERE seq = 3",
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("sql", FORBIDDEN)
def test_the_database_refuses_to_change_what_was_written(stream: UUID, sql: str) -> None:
    write(stream, "opened", "moved", "closed")
    before = list(Event.objects.values_list()), list(ChainHead.objects.values_list())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert (list(Event.objects.values_list()), list(ChainHead.objects.values_list())) == before
    ledger.verify(stream)


@pytest.mark.django_db
@pytest.mark.parametrize("sql", [sql for sql in FORBIDDEN if not sql.startswith("INSERT")])
def test_the_same_acts_succeed_without_the_triggers(stream: UUID, sql: str) -> None:
    """So it is the triggers that refuse them, and the chain shows what they would have hidden."""
    write(stream, "opened", "moved", "closed")
    with no_triggers(), connection.cursor() as cursor:
        cursor.execute(sql)
    if "SET stream" not in sql:
        with pytest.raises(ledger.BrokenChain):
            ledger.verify(stream)


@pytest.mark.django_db
def test_a_well_made_row_is_taken(stream: UUID) -> None:
    """The refused inserts above fail for what they say, not for how they are written."""
    write(stream, "opened", "moved", "closed")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_event (stream, seq, prev, body, hash) SELECT stream, 4, hash, '{}', "
            "sha256('\\x01' || hash || int8send(4) || convert_to('{}', 'UTF8')) FROM ledger_chainhead"
        )
    ledger.verify(stream)
    assert ChainHead.objects.get(pk=stream).seq == 4


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE ledger_event SET body = replace(body, '3', '4') WHERE seq = 2", "Event 2 was changed"),
        ("UPDATE ledger_event SET prev = sha256('x') WHERE seq = 2", "Event 2 was changed"),
        ("DELETE FROM ledger_event WHERE seq = 1", "Event 1 is missing"),
        ("DELETE FROM ledger_event WHERE seq = 2", "Event 2 is missing"),
        ("DELETE FROM ledger_event WHERE seq = 3", "ends at event 2"),
        ("DELETE FROM ledger_chainhead", "ends at event 3"),
    ],
)
def test_a_change_behind_the_database_s_back_is_found(stream: UUID, sql: str, says: str) -> None:
    write(stream, "opened", "moved", "closed")
    with no_triggers(), connection.cursor() as cursor:
        cursor.execute(sql)
    with pytest.raises(ledger.BrokenChain, match=says):
        ledger.verify(stream)


def append_in_parallel(stream: UUID, *, writers: int, each: int) -> int:
    """Each writer appends so often, every fifth time rolling back; returns how many were to stay."""

    def one_writer(number: int) -> int:
        kept = 0
        try:
            for count in range(each):
                try:
                    with transaction.atomic():
                        ledger.append(stream=stream, kind="counted", data={"writer": number, "count": count})
                        if count % 5 == 4:
                            raise RuntimeError
                        kept += 1
                except RuntimeError:
                    pass
        finally:
            connection.close()
        return kept

    with ThreadPoolExecutor(writers) as pool:
        return sum(pool.map(one_writer, range(writers)))


@pytest.mark.django_db(transaction=True)
def test_parallel_writers_leave_no_gap_even_when_some_roll_back(stream: UUID) -> None:
    kept = append_in_parallel(stream, writers=8, each=20)
    assert kept == 8 * 16
    assert [event.seq for event in ledger.events(stream)] == list(range(1, kept + 1))
    ledger.verify(stream)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_same_writers_fail(stream: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: two writers that read the same end cannot both follow it."""

    def unlocked(stream: UUID) -> ChainHead:
        ChainHead.objects.bulk_create([ChainHead(stream=stream, hash=chain.first_link(stream))], ignore_conflicts=True)
        return ChainHead.objects.get(pk=stream)

    monkeypatch.setattr(chain, "_locked_head", unlocked)
    with pytest.raises(DatabaseError):
        append_in_parallel(stream, writers=8, each=20)
    ledger.verify(stream)  # and the database still lets no fork in
