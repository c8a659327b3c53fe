"""Eva checks proposals in Riverside."""

import pytest

from assemblies.models import Assembly, Membership
from proposals.models import Cycle, Phase, Project, Proposal
from tests.make import make_member
from tests.proposals.making import make_cycle, make_evaluator, make_proposal, make_published, project_of


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


@pytest.fixture
def trees(ideas: Cycle, amina: Membership) -> Proposal:
    """Amina's proposal, sent in."""
    return make_proposal(ideas, amina)


@pytest.fixture
def dora(riverside: Assembly) -> Membership:
    return make_member(riverside, "Dora")


@pytest.fixture
def benches(ideas: Cycle, dora: Membership) -> Proposal:
    """Dora's proposal, sent in."""
    return make_proposal(ideas, dora, "Benches in the shade")


@pytest.fixture
def funded(voting_now: Cycle, amina: Membership, eva: Membership) -> Project:
    """A winner of a published result."""
    make_published(voting_now, amina, eva)
    return project_of(voting_now, "Chess tables")
