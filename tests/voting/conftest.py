"""More people of Riverside: two who run its votes, as what is secret takes both, and six who vote."""

import pytest

from assemblies.models import Assembly, Membership, Role
from tests.make import make_member


@pytest.fixture
def dana(riverside: Assembly) -> Membership:
    """An administrator of Riverside."""
    return make_member(riverside, "Dana", Role.ADMINISTRATOR)


@pytest.fixture
def emil(riverside: Assembly) -> Membership:
    """Another one."""
    return make_member(riverside, "Emil", Role.ADMINISTRATOR)


@pytest.fixture
def crowd(riverside: Assembly) -> list[Membership]:
    """Six residents, enough for a ballot of one to be among others."""
    return [make_member(riverside, f"Resident {number}") for number in range(6)]
