import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from config.postgres import Postgres

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A new folder that every account may enter: pytest's own are closed, and root runs PostgreSQL as nobody."""
    folder = Path(tempfile.mkdtemp(prefix="folkmoot-test-"))
    folder.chmod(0o755)
    yield folder
    for lock in folder.rglob("alive.lock"):
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # a server whose parent was killed is still tidying up
    shutil.rmtree(folder)


@pytest.fixture
def make_postgres(open_folder: Path) -> Iterator[Callable[..., Postgres]]:
    """Makes servers over one folder; they are stopped at the end."""
    made = []

    def make(folder: Path = open_folder / "postgres", *, durable: bool = False) -> Postgres:
        made.append(Postgres(folder, durable=durable))
        return made[-1]

    yield make
    for postgres in made:
        postgres.stop()


@pytest.fixture
def in_another_process() -> Iterator[Callable[[str], "subprocess.Popen[str]"]]:
    """Runs Python code beside the test and gives its process; whatever still runs at the end is killed."""
    started = []

    def run(code: str, **environment: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, text=True, stdout=subprocess.PIPE, env=os.environ | environment
        )
        started.append(process)
        return process

    yield run
    for process in started:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        process.communicate()


def wait_until(holds: Callable[[], bool], *, what: str, seconds: float = 20) -> None:
    """What was expected has come true, or the test fails saying what has not."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds} s in vain for: {what}")
        time.sleep(0.02)


def is_running(process: int) -> bool:
    """Whether this process exists and is no mere entry of a dead one."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
