"""A PostgreSQL for one run of the tests, where DATABASE_URL names none."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from config import database


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """The database of the tests is reachable, and is never the demo's."""
    if settings.DATABASE_URL:
        yield
        return
    with own_folder() as folder:
        embedded = database.provide(folder, durable=False)
        assert embedded
        settings.DATABASES["default"].update(database.settings_for(embedded.url, pool=60))
        yield
        connections.close_all()
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
