"""Eva checks proposals in Riverside."""

import pytest

from assemblies.models import Assembly, Membership
from proposals.models import Cycle, Phase
from tests.proposals.making import make_cycle, make_evaluator


@pytest.fixture
def eva(riverside: Assembly) -> Membership:
    """Riverside's evaluator."""
    return make_evaluator(riverside)


@pytest.fixture
def ideas(riverside: Assembly) -> Cycle:
    """A budget that takes ideas now."""
    return make_cycle(riverside, Phase.Kind.ACCEPTING)


@pytest.fixture
def voting_now(riverside: Assembly) -> Cycle:
    """A budget at the step of the vote."""
    return make_cycle(riverside, Phase.Kind.BALLOTING)
