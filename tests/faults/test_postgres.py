"""The embedded PostgreSQL is killed again and again, and loses nothing that it had acknowledged."""

import os
import random
import signal
import threading
import time
from contextlib import suppress

import psycopg
import pytest

from tests.config.conftest import (  # noqa: F401 - fixtures
    in_another_process,
    is_running,
    make_postgres,
    open_folder,
    wait_until,
)
from tests.config.test_postgres import START_AND_TELL, ask, told

pytestmark = pytest.mark.faults
ROUNDS = int(os.environ.get("ROUNDS", "20"))


class Writer(threading.Thread):
    """Commits one row after the other and remembers which were acknowledged."""

    def __init__(self, url: str, first: int) -> None:
        super().__init__()
        self.url, self.first = url, first
        self.acknowledged: list[int] = []
        self.start()

    def run(self) -> None:
        with suppress(psycopg.OperationalError), psycopg.connect(self.url, autocommit=True) as connection:
            for number in range(self.first, self.first + 1_000_000):
                connection.execute("INSERT INTO kept VALUES (%s)", [number])
                self.acknowledged.append(number)


def acknowledged_until(url: str, first: int, kill) -> list[int]:
    """Four writers at work are interrupted by `kill` at some moment; what they were told is kept."""
    writers = [Writer(url, first + number * 10_000_000) for number in range(4)]
    wait_until(lambda: all(writer.acknowledged for writer in writers), what="every writer to write")
    time.sleep(random.uniform(0, 0.5))
    kill()
    for writer in writers:
        writer.join(30)
        assert not writer.is_alive()
    return [number for writer in writers for number in writer.acknowledged]


def test_killing_the_server_never_loses_an_acknowledged_row(make_postgres):  # noqa: F811
    postgres = make_postgres(durable=True)
    ask(postgres.ensure(), "CREATE TABLE kept (number bigint PRIMARY KEY)")
    promised = set()
    for number in range(ROUNDS):
        promised |= set(acknowledged_until(postgres.url, number * 100_000_000, postgres.process.kill))
        wait_until(lambda: not postgres.answers(), what="the killed server to be gone")
        postgres.ensure()
        kept = {row[0] for row in ask(postgres.url, "SELECT number FROM kept")}
        assert promised - kept == set(), f"round {number}"
    assert len(promised) > ROUNDS


def test_killing_the_parent_never_loses_an_acknowledged_row(make_postgres, in_another_process):  # noqa: F811
    folder = make_postgres().folder
    code = START_AND_TELL.format(folder=str(folder), then="time.sleep(600)").replace(", durable=False", "")
    promised = set()
    for number in range(ROUNDS):
        starter = in_another_process(code)
        started = told(starter)
        assert started["server"], "the server of the killed process still ran"
        ask(started["url"], "CREATE TABLE IF NOT EXISTS kept (number bigint PRIMARY KEY)")
        kept = {row[0] for row in ask(started["url"], "SELECT number FROM kept")}
        assert promised - kept == set(), f"round {number}"
        promised |= set(acknowledged_until(started["url"], number * 100_000_000, starter.kill))
        wait_until(lambda: not is_running(started["server"]), what="PostgreSQL to end")  # noqa: B023


def test_a_cold_start_killed_at_any_moment_is_begun_afresh(open_folder, in_another_process):  # noqa: F811
    for number in range(ROUNDS):
        folder = open_folder / f"start-{number}"
        code = START_AND_TELL.format(folder=str(folder), then="time.sleep(600)")
        first = in_another_process(code)
        time.sleep(random.uniform(0.1, 2))
        first.send_signal(signal.SIGKILL)
        second = in_another_process(code)
        assert ask(told(second)["url"], "SELECT 1") == [(1,)], f"round {number}"
        second.kill()


def test_six_processes_that_start_together_share_one_server_every_time(open_folder, in_another_process):  # noqa: F811
    for number in range(max(ROUNDS // 4, 1)):
        folder = open_folder / f"race-{number}"
        code = START_AND_TELL.format(folder=str(folder), then="time.sleep(600)")
        together = [in_another_process(code) for _ in range(6)]
        answers = [told(process) for process in together]
        assert len({answer["url"] for answer in answers}) == 1
        assert len([answer for answer in answers if answer["server"]]) == 1
        for process in together:
            process.kill()
