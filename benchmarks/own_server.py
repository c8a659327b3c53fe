# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the benchmarks of cast and live stand on: a database and a server process of their own, on a named machine."""

import contextlib
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from config import database

ROOT = Path(__file__).resolve().parent.parent


@contextlib.contextmanager
def own_database(name: str, *apps: str, durable: bool) -> Iterator[str]:
    """An empty database with the tables of these apps, or of all where none is named; gone afterwards."""
    folder = "postgres-of-cast" if durable else "postgres-of-benchmarks"
    embedded = database.provide(Path(os.environ.get("VAR_DIR") or ROOT / "var") / folder, durable=durable)
    url, name = os.environ["DATABASE_URL"], f"bench_{name}_{os.getpid()}"
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        try:
            own = urlsplit(url)._replace(path=f"/{name}").geturl()
            environment = os.environ | {"DATABASE_URL": own}
            migrate = [sys.executable, "manage.py", "migrate", *apps, "-v", "0"]
            subprocess.run(migrate, cwd=ROOT, env=environment, check=True)  # noqa: S603 -- our own words
            yield own
        finally:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        if embedded:
            embedded.stop()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A Redis of our own; gives its address."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        sys.exit("redis-server is not installed: leave out the part that needs it, as in PARTS=rush,close,restart.")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen([program, *options], cwd="/tmp", stdout=subprocess.DEVNULL) as process:  # noqa: S603, S108 -- our own words
        try:
            for _ in range(100):
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                time.sleep(0.1)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()


@contextlib.contextmanager
def server(module: str, database_url: str, *, port: int = 0, redis_url: str = "") -> Iterator[str]:
    """One server process that runs this module, on a free port unless one is named; gives its host and port."""
    port = port or free_port()
    environment = os.environ | {
        "DATABASE_URL": database_url, "HOST": "127.0.0.1", "PORT": str(port), "REDIS_URL": redis_url
    }  # fmt: skip
    command = [sys.executable, "-m", module]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:  # noqa: S603 -- our own words
        try:
            for _ in range(300):
                if process.poll() is not None:
                    sys.exit("The server of the benchmark did not start.")
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                time.sleep(0.1)
            yield f"127.0.0.1:{port}"
        finally:
            process.kill()


def kilobytes() -> int:
    """The memory that this process has."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def machine() -> dict[str, Any]:
    """On what the figures were taken."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
        return {"cpu": model, "cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    return {"cpu": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
