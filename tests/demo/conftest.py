"""One seeded town for all tests of a file; what a test changes in it is undone."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from demo.seeding import seed


@pytest.fixture(scope="module")
def seeded_at(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[datetime]:
    """The moment at which the demo town of this file was seeded."""
    now = timezone.now()
    with django_db_blocker.unblock(), override_settings(DEMO=True), transaction.atomic():
        seed(now=now)
        connection.check_constraints()  # here, or at the end of each test again
        yield now
        transaction.set_rollback(True)


@pytest.fixture
def town(seeded_at: datetime, db: None, settings: object) -> datetime:
    """The seeded town, open to a test."""
    return seeded_at
