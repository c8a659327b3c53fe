"""A PostgreSQL for one run of the tests, where DATABASE_URL names none.

A run that is divided among processes (`pytest -n 3`) has one for all, in which every process copies the same database:
to make its tables takes longer than many tests.
"""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from config import database
from config.postgres import Postgres

TEMPLATE = "template_of_tests"


def pytest_sessionstart(session: pytest.Session) -> None:
    """Who divides the run among processes provides their database; they find it in their environment."""
    if session.config.getoption("numprocesses", None) and not settings.DATABASE_URL:
        everything = ExitStack()
        session.config.add_cleanup(everything.close)
        url = everything.enter_context(own_postgres()).url
        make_template(url)
        os.environ |= {"TEST_DATABASE_TEMPLATE": TEMPLATE, "DATABASE_POOL": "60"}


def make_template(url: str) -> None:
    """A database with all tables and nothing in them, to be copied."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    environment = os.environ | {"DATABASE_URL": urlsplit(url)._replace(path=f"/{TEMPLATE}").geturl()}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], env=environment, check=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """The database of the tests is reachable, and is never the demo's."""
    if settings.DATABASE_URL:
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = os.environ.get("TEST_DATABASE_TEMPLATE")
        yield
        return
    with own_postgres() as embedded:
        settings.DATABASES["default"].update(database.settings_for(embedded.url, pool=60))
        yield
        connections.close_all()


@contextmanager
def own_postgres() -> Iterator[Postgres]:
    """An embedded server in a folder that no other run of the tests uses at this moment."""
    with own_folder() as folder:
        embedded = database.provide(folder, durable=False)
        assert embedded
        try:
            yield embedded
        finally:
            embedded.stop()


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder that no other run of the tests uses at this moment; the next run takes it over."""
    for number in count(1):
        folder = settings.VAR_DIR / f"postgres-of-tests-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "taken.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield folder
            return
