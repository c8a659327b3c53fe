"""The people of the tests: Amina lives in Riverside, Bao facilitates it, Chidi belongs elsewhere and sees nothing."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from assemblies.models import Assembly, Membership, Role
from tests.make import make_assembly, make_member


@pytest.fixture(autouse=True)
def fresh_rate_limits() -> Iterator[None]:
    """What one test asked for never counts against the next."""
    yield
    cache.clear()


@pytest.fixture
def riverside(db: None) -> Assembly:
    """A town whose pages everyone may read."""
    return make_assembly("Riverside")


@pytest.fixture
def harbour(db: None) -> Assembly:
    """A co-op whose pages only members may know of."""
    return make_assembly("Harbour Co-op", slug="harbour", is_public=False)


@pytest.fixture
def amina(riverside: Assembly) -> Membership:
    """A verified resident of Riverside."""
    return make_member(riverside, "Amina")


@pytest.fixture
def bao(riverside: Assembly) -> Membership:
    """Riverside's facilitator, a verified resident too."""
    return make_member(riverside, "Bao", Role.FACILITATOR)


@pytest.fixture
def chidi(harbour: Assembly) -> Membership:
    """A member of the Harbour Co-op, a stranger to Riverside."""
    return make_member(harbour, "Chidi")
