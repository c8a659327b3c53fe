import pytest
from django.test import Client

from assemblies.models import Assembly, Membership, Role
from tests.make import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def adela(riverside: Assembly) -> Membership:
    """Riverside's administrator."""
    return make_member(riverside, "Adéla", Role.ADMINISTRATOR)


def names(client: Client, query: str = "") -> list[str]:
    response = client.get(f"/a/riverside/members/?{query}")
    assert response.status_code == 200
    return [membership.user.name for membership in response.context["page"]]


def test_members_are_listed_by_name_and_found_by_words_and_role(
    client: Client, adela: Membership, amina: Membership, bao: Membership, riverside: Assembly
) -> None:
    make_member(riverside, "Zoe", verified=False)
    client.force_login(adela.user)
    assert names(client) == ["Adéla", "Amina", "Bao", "Zoe"]
    assert names(client, "search=amin") == ["Amina"]
    assert names(client, f"search={bao.user.email}") == ["Bao"]
    assert names(client, "role=facilitator") == ["Bao"]
    assert names(client, "role=unverified") == ["Zoe"]
    assert names(client, "role=mayor&page=99") == ["Adéla", "Amina", "Bao", "Zoe"]
    assert names(client, "search=nobody") == []


def test_only_this_assemblys_members_are_listed(client: Client, adela: Membership, chidi: Membership) -> None:
    client.force_login(adela.user)
    assert "Chidi" not in names(client)


def test_who_left_is_not_listed(client: Client, adela: Membership, amina: Membership) -> None:
    Membership.objects.filter(pk=amina.pk).update(left_at=amina.joined_at)
    client.force_login(adela.user)
    assert names(client) == ["Adéla"]


def test_the_list_is_paged_and_costs_the_same_queries_with_many_members(
    client: Client, adela: Membership, riverside: Assembly, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    client.force_login(adela.user)
    with django_assert_num_queries(QUERIES):  # type: ignore[operator]
        names(client)
    for number in range(60):
        make_member(riverside, f"Person {number:02}", Role.CLERK)
    with django_assert_num_queries(QUERIES):  # type: ignore[operator]
        assert len(names(client)) == 50
    assert len(names(client, "page=2")) == 11


QUERIES = 8  # session, user, assembly, membership, second factor, count, members, invitations


def test_only_administrators_read_the_list(
    client: Client, amina: Membership, bao: Membership, adela: Membership
) -> None:
    for person in (amina, bao):
        client.force_login(person.user)
        assert client.get("/a/riverside/members/").status_code == 403
        assert client.get(f"/a/riverside/members/{amina.pk}/").status_code == 403
