"""One world for all tests of this folder; what a test changes in it is undone."""

import logging
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.permissions.world import World, build_world, rolled_back


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Two places with people in every role."""
    logging.getLogger("folkmoot.requests").setLevel(logging.WARNING)  # thousands of lines that nobody reads
    with django_db_blocker.unblock(), rolled_back():
        yield build_world()
    logging.getLogger("folkmoot.requests").setLevel(logging.NOTSET)
