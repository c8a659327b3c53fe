"""Connections to the database that are kept between requests."""

from contextlib import ExitStack

import psycopg
import pytest
from django.db import connection

from config.database import check_still_there


def kept() -> "psycopg.Connection[tuple[object, ...]]":
    where = connection.get_connection_params()
    place = {name: where[name] for name in ("dbname", "user", "password", "host", "port") if name in where}
    return psycopg.connect(**place, autocommit=True)


@pytest.mark.django_db
def test_a_connection_that_answers_is_used_again() -> None:
    with kept() as mine:
        mine.execute("SELECT 1")
        check_still_there(mine)
        assert mine.execute("SELECT 2").fetchone() == (2,)


@pytest.mark.django_db
def test_a_connection_that_the_server_ended_is_closed_and_not_handed_out() -> None:
    with kept() as mine, connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [mine.info.backend_pid])
        with pytest.raises(psycopg.OperationalError, match="hung up"):
            check_still_there(mine)
        assert mine.closed


@pytest.mark.django_db
def test_when_the_server_hangs_up_on_all_nobody_waits_once_for_each() -> None:
    pool = connection.pool  # type: ignore[attr-defined]
    with ExitStack() as all_at_once:
        taken = [all_at_once.enter_context(pool.connection()) for _ in range(8)]
        processes = [one.info.backend_pid for one in taken]
    with kept() as other:
        for process in processes:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
    pool.getconn(timeout=2).close()  # one by one it would have been 0 + 1 + 2 + 4 seconds, and more


@pytest.mark.django_db
def test_the_pool_replaces_what_the_server_ended() -> None:
    pool = connection.pool  # type: ignore[attr-defined]
    with pool.connection() as first:
        process = first.info.backend_pid
    with kept() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
    with pool.connection() as second:
        assert second.execute("SELECT 1").fetchone() == (1,)
        assert second.info.backend_pid != process
