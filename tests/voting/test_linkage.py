"""Whoever reads the whole database after a sealed poll cannot tell who voted how, no better than by guessing.

The attacker has every row of every table with its hidden columns (transaction, place on the disk), knows the order
in which people voted, and before the close has the files of the database too. The same attack on the usual design,
a list of who has voted beside a table of anonymous ballots, links everybody.
"""

import random
import secrets
from collections import defaultdict
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client

from assemblies.models import Assembly, Membership, Role
from tests.make import line_of, make_member, make_open_poll
from voting import services
from voting.models import Poll, Secrecy

pytestmark = pytest.mark.django_db(transaction=True)

VOTERS = 60
BAND = 10  # in a random order one person is found on average; ten or more in one of ten million orders


@pytest.fixture
def crowd(riverside: Assembly) -> list[Membership]:
    return [make_member(riverside, f"Resident {n}") for n in range(VOTERS)]


def hidden_columns(table: str, row: str) -> list[tuple[str, str]]:
    """(transaction, what identifies the row) of each row, in the order of its place on the disk."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT xmin::text, {row}::text FROM {table} ORDER BY ctid")  # noqa: S608
        return [(str(transaction), str(found)) for transaction, found in cursor.fetchall()]


def linked_by_transaction(voters: list[tuple[str, str]], ballots: list[tuple[str, str]]) -> dict[str, str]:
    """Ballot of each voter whose row was written by a transaction that wrote one ballot."""
    by_transaction = defaultdict(list)
    for transaction, ballot in ballots:
        by_transaction[transaction].append(ballot)
    return {voter: by_transaction[xmin][0] for xmin, voter in voters if len(by_transaction[xmin]) == 1}


def linked_by_order(cast_order: list[str], ballots: list[tuple[str, str]]) -> dict[str, str]:
    return dict(zip(cast_order, (ballot for _xmin, ballot in ballots), strict=True))


def every_table() -> list[str]:
    with connection.cursor() as cursor:
        return [name for name in connection.introspection.table_names(cursor) if "naive" not in name]


def vote(poll: Poll, crowd: list[Membership]) -> dict[str, str]:
    """Everybody votes, in an order that the attacker watches; answers the code of each person's ballot."""
    truth = {}
    for member in random.Random(7).sample(crowd, len(crowd)):
        code = secrets.token_bytes(10)
        line = line_of(poll, member)
        services.cast_ballot(
            poll=poll, line=line, choice={"options": ["a"]}, key=f"the key of {line.pk}", tracking=code
        )
        truth[str(line.pk)] = "\\x" + code.hex()
    return truth


@pytest.mark.parametrize("secrecy", [Secrecy.CONFIDENTIAL, Secrecy.SECRET], ids=["confidential", "secret"])
def test_rows_transactions_and_places_link_nobody(
    riverside: Assembly,
    crowd: list[Membership],
    capsys: pytest.CaptureFixture[str],
    secrecy: Secrecy,
) -> None:
    two = [make_member(riverside, name, Role.ADMINISTRATOR) for name in ("Ada", "Bo")]
    poll = make_open_poll(riverside, *crowd, secrecy=secrecy, agreed=two if secrecy == Secrecy.SECRET else [])
    truth = vote(poll, crowd)
    for actor in two:
        poll = services.close_poll(poll=poll, actor=actor.user)
        if not poll.is_open:
            break
    ballots = hidden_columns("voting_boxedballot", "tracking")
    assert sorted(ballot for _xmin, ballot in ballots) == sorted(truth.values())
    written_by = {xmin for xmin, _ballot in ballots}
    assert len(written_by) == 1
    by_transaction = linked_by_transaction(hidden_columns("voting_registerline", "id"), ballots)
    by_order = linked_by_order(list(truth), ballots)
    found = sum(by_order[line] == truth[line] for line in truth)
    with capsys.disabled():
        print(f"\nlinked by transaction 0 of {VOTERS}, by order {found}; by chance fewer than {BAND}")
    assert by_transaction == {}
    assert found < BAND


def test_nothing_in_the_database_holds_a_voter_and_a_ballot(riverside: Assembly, crowd: list[Membership]) -> None:
    """No table that has a ballot's code has a voter, and no slot is left from which one could be found."""
    poll = make_open_poll(riverside, *crowd, secrecy=Secrecy.CONFIDENTIAL)
    truth = vote(poll, crowd)
    services.close_poll(poll=poll, actor=None)
    with connection.cursor() as cursor:
        for table in every_table():
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608
            rows = "\n".join(row for (row,) in cursor.fetchall())
            if any(code[2:] in rows for code in truth.values()):
                assert table == "voting_boxedballot"
                assert not any(line in rows for line in truth)


def test_the_usual_design_links_everybody(riverside: Assembly, crowd: list[Membership]) -> None:
    """The switch: the voter's row and an anonymous ballot in one transaction, no time, no foreign key, random ids."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE naive_voted (line uuid PRIMARY KEY); CREATE TABLE naive_ballot (code bytea)")
    try:
        truth = {}
        for member in crowd:
            code = secrets.token_bytes(10)
            with connections["default"].cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute("INSERT INTO naive_voted VALUES (%s)", [member.pk])
                cursor.execute("INSERT INTO naive_ballot VALUES (%s)", [code])
                cursor.execute("COMMIT")
            truth[str(member.pk)] = "\\x" + code.hex()
        voters, ballots = hidden_columns("naive_voted", "line"), hidden_columns("naive_ballot", "code")
        assert linked_by_transaction(voters, ballots) == truth
        assert linked_by_order([voter for _xmin, voter in voters], ballots) == truth
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE naive_voted, naive_ballot")


def database_files() -> list[Path]:
    """Every file of the database server, the write-ahead log included, or nothing where it is not ours to read."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SHOW data_directory")
        (folder,) = cursor.fetchone()
    return [path for path in Path(folder).rglob("*") if path.is_file()]


@pytest.mark.parametrize("secrecy", [Secrecy.CONFIDENTIAL, Secrecy.NAMED], ids=["sealed", "named: the switch"])
def test_a_choice_is_nowhere_before_the_close(
    riverside: Assembly, crowd: list[Membership], caplog: pytest.LogCaptureFixture, secrecy: Secrecy
) -> None:
    """A voter's own words cannot be found in any table, file of the database, log or session; in a named poll they can."""
    words = f"because of the canary {secrets.token_hex(8)}"
    titles = ("Agree", "Agree with reservations", "Stand aside", "Block")
    poll = make_open_poll(
        riverside, *crowd[:6], ballot_type="consensus", rule="consensus", titles=titles, secrecy=secrecy
    )
    client = Client()
    client.force_login(crowd[0].user)
    answer = client.post(
        f"/polls/{poll.pk}/cast/", {"key": secrets.token_urlsafe(18), "options": "block", "reason": words}
    )
    assert answer.status_code == 302
    assert poll.turnout == 1
    found = [path.name for path in database_files() if words.encode() in path.read_bytes()]
    found += [path.name for path in Path(settings.KEYS_DIR).iterdir() if words.encode() in path.read_bytes()]
    if words in caplog.text:
        found.append("the log")
    assert bool(found) == (secrecy == Secrecy.NAMED)
