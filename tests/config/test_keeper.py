"""Who keeps the embedded PostgreSQL alive goes on trying while the disk is full, and gives up on everything else."""

from pathlib import Path

import pytest

from config import keeper
from config.keeper import Keeper
from config.postgres import DiskFull, Postgres, PostgresFailed
from tests.config.conftest import wait_until


class Ended(Postgres):
    """A server that has ended and starts again after these failures."""

    def __init__(self, *failures: PostgresFailed) -> None:
        self.failures = list(failures)
        self.runs = False

    @property
    def is_running(self) -> bool:
        return self.runs

    def answers(self, database: str = "postgres") -> bool:
        return self.runs

    def ensure(self) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.runs = True
        return ""


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "LOOK_EVERY", 0.01)


def test_a_full_disk_is_waited_for() -> None:
    said: list[str] = []
    postgres = Ended(DiskFull("The disk is full."), DiskFull("The disk is full."))
    watch = Keeper(postgres, give_up=said.append)
    watch.start()
    wait_until(lambda: postgres.runs, what="the server to run once there is room")
    watch.stop()
    assert said == []


def test_what_does_not_pass_by_itself_is_said_and_ends_folkmoot() -> None:
    said: list[str] = []
    postgres = Ended(PostgresFailed("Its data is damaged."))
    watch = Keeper(postgres, give_up=said.append)
    watch.start()
    wait_until(lambda: bool(said), what="the keeper to give up")
    watch.stop()
    assert said == ["Its data is damaged."]
    assert not postgres.runs


def test_no_room_in_the_log_of_a_server_that_did_not_start_is_a_full_disk(tmp_path: Path) -> None:
    told = 'FATAL:  could not write to file "pg_wal/xlogtemp.7": No space left on device'
    assert isinstance(Postgres(tmp_path)._failure(told), DiskFull)
    assert not isinstance(Postgres(tmp_path)._failure("FATAL:  could not load pg_hba.conf"), DiskFull)
