import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from tests.make import make_member


@pytest.fixture
def desk(client: Client, bao: Membership) -> Client:
    """Bao's browser."""
    client.force_login(bao.user)
    return client


@pytest.fixture
def dagny(riverside: Assembly) -> Membership:
    return make_member(riverside, "Dagny")
