import pytest
from django.test import Client

import ledger
from assemblies.models import Assembly, Membership, Role
from tests.make import make_member

pytestmark = pytest.mark.django_db
TYPED = {"name": "Riverside Town", "about": "By the river.", "language": "es", "is_public": "on"}


@pytest.fixture
def adela(riverside: Assembly) -> Membership:
    """Riverside's administrator."""
    return make_member(riverside, "Adéla", Role.ADMINISTRATOR)


def test_an_administrator_changes_what_the_assembly_says_of_itself(client: Client, adela: Membership) -> None:
    client.force_login(adela.user)
    assert client.post("/a/riverside/settings/", TYPED)["Location"] == "/a/riverside/settings/"
    assembly = Assembly.objects.get()
    assert (assembly.name, assembly.about, assembly.language, assembly.is_public) == (
        "Riverside Town",
        "By the river.",
        "es",
        True,
    )
    event = ledger.events(assembly.pk).get()
    assert event.data == {"by": str(adela.user.pk), "fields": ["about", "language", "name"]}


def test_saving_without_a_change_records_nothing(client: Client, adela: Membership) -> None:
    client.force_login(adela.user)
    client.post("/a/riverside/settings/", {"name": "Riverside", "about": "", "language": "en", "is_public": "on"})
    assert not ledger.events(adela.assembly_id).exists()


def test_a_town_that_becomes_private_disappears_for_strangers(client: Client, adela: Membership) -> None:
    client.force_login(adela.user)
    client.post("/a/riverside/settings/", {key: value for key, value in TYPED.items() if key != "is_public"})
    assert Client().get("/a/riverside/").status_code == 404
    assert client.get("/a/riverside/").status_code == 200


def test_a_town_without_a_name_is_refused_and_the_page_keeps_the_old_one(client: Client, adela: Membership) -> None:
    client.force_login(adela.user)
    response = client.post("/a/riverside/settings/", TYPED | {"name": ""})
    assert response.status_code == 422
    assert "By the river." in response.content.decode()
    assert response.context["assembly"].name == "Riverside"


def test_bao_and_amina_change_nothing(client: Client, amina: Membership, bao: Membership) -> None:
    for person in (amina, bao):
        client.force_login(person.user)
        assert client.post("/a/riverside/settings/", TYPED).status_code == 403
    assert Assembly.objects.get().name == "Riverside"
