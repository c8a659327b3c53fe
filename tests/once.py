"""A world that takes long to make is made once for all tests of a file; what a test changes in it is undone.

    world = made_once(lambda: {"riverside": make_assembly(), ...})
    riverside, amina = parts_of_it("riverside", "amina")

Not for tests with transactions of their own: they would find a transaction open, and empty the tables in it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Model
from django.utils import timezone, translation
from pytest_django import DjangoDbBlocker

BESIDE = {"Membership": ("user", "assembly"), "Meeting": ("assembly",)}  # what services expect to be there already

World = Mapping[str, Model]


def made_once(build: Callable[[], World]) -> Any:
    """The fixture that makes the world before the first test of the file and takes it back after the last."""

    @pytest.fixture(scope="module")
    def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
        translation.deactivate()
        timezone.deactivate()
        block = transaction.atomic()
        block._from_testcase = True  # type: ignore[attr-defined]  # services may ask for a transaction of their own
        with django_db_blocker.unblock(), block:
            yield build()
            transaction.set_rollback(True)

    return world


def parts_of_it(*names: str) -> Iterator[Any]:
    """Fixtures that read these parts of the file's `world` anew for each test."""
    for name in names:
        yield _part(name)


def _part(name: str) -> Any:
    @pytest.fixture
    def part(world: World, db: None) -> Model:
        row = world[name]
        beside = BESIDE.get(type(row).__name__, ())
        return type(row)._base_manager.select_related(*beside).get(pk=row.pk)

    return part
