"""Two more people of Riverside, who run its votes: what is secret takes both."""

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
