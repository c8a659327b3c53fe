"""The disk of the database is full while people vote: nothing that was acknowledged is lost, and it ends by itself.

The whole of Folkmoot runs as people start it, with `serve` and the embedded PostgreSQL, on a small file system.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from tests.config.conftest import open_folder, wait_until  # noqa: F401 - a fixture
from tests.faults.hall import Hall, Storm, Tally

pytestmark = pytest.mark.faults
ROUNDS = int(os.environ.get("ROUNDS", "5"))
VOTERS = 40  # in each round
SIZE = "700m"


@pytest.fixture
def small_disk(open_folder: Path) -> Iterator[Path]:  # noqa: F811
    """A file system of its own, which only root may make."""
    place = open_folder / "var"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)], capture_output=True, text=True, check=False
    )
    if made.returncode:  # only an administrator may mount; tests/config/test_keeper.py covers a full disk everywhere
        pytest.skip(f"THE FULL DISK IS NOT TESTED HERE: no small file system can be made ({made.stderr.strip()})")
    yield place
    wait_until(lambda: subprocess.run(["umount", str(place)], check=False).returncode == 0, what="the disk to be free")


@pytest.fixture
def hall(small_disk: Path, open_folder: Path) -> Iterator[Hall]:  # noqa: F811
    hall = Hall(open_folder)
    try:
        hall.settle(ROUNDS * VOTERS)
        hall.postgres.stop()
        hall.serve("manage.py", "serve", database=False)
        yield hall
    finally:
        hall.end()


class Ballast:
    """A file that takes all the room there is."""

    def __init__(self, disk: Path) -> None:
        self.file = disk / "ballast"

    def fill(self) -> None:
        with self.file.open("ab", buffering=0) as file, suppress(OSError):
            while file.write(b"\0" * 65_536):
                pass

    def gone(self) -> None:
        self.file.unlink(missing_ok=True)


def use_up_the_log(hall: Hall, ballast: Ballast) -> None:
    """PostgreSQL has no room for what it writes first: it stops in the middle of things."""
    for _ in range(40):
        ballast.fill()
        try:
            hall.ask("SELECT pg_switch_wal() FROM pg_logical_emit_message(true, 'ballast', repeat('x', 100000))")
        except psycopg.Error:
            return
    pytest.fail("the log never filled the disk")


@pytest.mark.parametrize("room", ["tables", "log"])
def test_a_full_disk_loses_nothing_says_so_and_recovers_by_itself(
    hall: Hall, small_disk: Path, capsys: pytest.CaptureFixture[str], room: str
) -> None:
    tally, ballast = Tally(more={"broken answers": 0}), Ballast(small_disk)
    polls = list(hall.town["polls"].values())
    promised: set[str] = set()
    for number in range(ROUNDS):
        ballots = hall.ballots(range(number * VOTERS, (number + 1) * VOTERS))
        storm = Storm(hall, ballots)
        storm.wait_for(10)
        if room == "log":
            use_up_the_log(hall, ballast)
        else:
            ballast.fill()
        time.sleep(5)
        assert hall.server
        assert hall.server.poll() is None, f"Folkmoot gave up: {hall.said}"
        ballast.gone()
        storm.end()
        wait_until(hall.postgres.answers, what="PostgreSQL to run again by itself", seconds=60)
        assert not storm.refusals
        promised |= set(storm.receipts.values())
        tally.acknowledged += len(storm.receipts)
        tally.in_doubt += len(storm.unanswered)
        tally.more["broken answers"] += sum(times for status, times in storm.pages.items() if status >= 500)
        if storm.broken_page:
            assert "Your vote is not counted yet" in storm.broken_page
            assert storm.broken_page.count('name="options"') == 2
            assert 'name="key"' in storm.broken_page
    stored = hall.stored(polls)
    tally.lost, tally.doubled = len(promised - set(stored)), sum(stored.values()) - ROUNDS * VOTERS * 2
    with capsys.disabled():
        print(f"\nDisk full {ROUNDS} times, no room for the {room}: {tally}", flush=True)
    assert (tally.lost, tally.doubled) == (0, 0)
    if room == "log":
        assert tally.more["broken answers"], "nobody noticed that the disk was full"
