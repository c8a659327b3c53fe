"""Several web processes and a worker share one database and one Redis."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import psycopg
import pytest

from tests.config.conftest import wait_until
from tests.config.serving import Serving, free_port


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis or Valkey of our own: without one skipped aloud, and failed where CI=true promises it."""
    server = shutil.which("valkey-server") or shutil.which("redis-server")
    if server is None:
        reason = "Neither valkey-server nor redis-server is installed, so several processes are not tried here."
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    port = str(free_port())
    process = subprocess.Popen(
        [server, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(20)


@pytest.fixture
def database_url(django_db_modify_db_settings: None) -> Iterator[str]:
    """An empty database on the server of the tests."""
    server, name = os.environ["DATABASE_URL"], f"several_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    path, _, query = server.rpartition("/")[2].partition("?")
    assert path
    yield f"{server.rpartition('/')[0]}/{name}{'?' + query if query else ''}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def start(open_folder: Path, database_url: str, redis_url: str) -> Iterator[object]:
    with ExitStack() as ending:

        def start_one(name: str, *arguments: str) -> Serving:
            home = open_folder / name
            home.mkdir()
            one = Serving(home, *arguments, DATABASE_URL=database_url, REDIS_URL=redis_url, SECRET_KEY="shared" * 10)
            ending.callback(one.process.wait, 30)
            ending.callback(one.process.terminate)
            return one

        yield start_one


def test_two_web_processes_and_a_worker_start_together_and_are_well(start):
    first, second = start("first", "serve", "--no-worker"), start("second", "serve", "--no-worker")
    first.ready()
    second.ready()
    assert "Applying" in first.said + second.said  # one made the tables while the other waited
    assert not ("Applying" in first.said and "Applying" in second.said)

    assert start("nobody", "worker", "--is-alive").ended() == 1
    worker = start("worker", "worker")
    wait_until(lambda: "The worker is ready." in worker.said, what="the worker", seconds=60)
    checks = (start(f"check-{number}", "worker", "--is-alive") for number in count(1))
    wait_until(lambda: next(checks).ended() == 0, what="a sign of life of the worker", seconds=60)

    for process in (first, second, worker):
        process.process.send_signal(signal.SIGTERM)
        assert process.ended() == 0, process.said
        assert "Traceback" not in process.said


def test_a_web_process_that_loses_redis_is_not_well_but_serves_on(start, redis_url):
    folkmoot = start("only", "serve", "--no-worker").ready()
    port = redis_url.rpartition(":")[2].partition("/")[0]
    subprocess.run(
        [shutil.which("valkey-cli") or "redis-cli", "-p", port, "shutdown", "nosave"], check=False, capture_output=True
    )
    wait_until(lambda: folkmoot.health()[0] == 503, what="/healthz to say that Redis is gone")
    assert folkmoot.health() == (503, "no channel layer")
