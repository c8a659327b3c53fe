"""Where the demo town must not be."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from assemblies.models import Assembly
from demo.seeding import DemoRefused, seed
from tests.make import make_assembly


def test_nothing_is_seeded_outside_a_demo(db: None, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="set DEMO=1"):
        call_command("seed_demo")
    assert not Assembly.objects.exists()


@pytest.mark.parametrize("slug", ["oakham", "riverside"])
def test_a_database_with_a_real_assembly_stays_as_it_is(db: None, settings, slug: str):
    settings.DEMO = True
    make_assembly("A real town", slug=slug)
    with pytest.raises(DemoRefused, match=r"“A real town”.*use an empty database"):
        seed()
    assert Assembly.objects.count() == 1
    assert not User.objects.exists()
