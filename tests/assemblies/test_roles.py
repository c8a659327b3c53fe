import threading
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from django.db import connection
from django.test import Client

import ledger
from assemblies import rights, services
from assemblies.models import Assembly, Membership, Role
from assemblies.refusals import AssemblyRefused
from tests.make import make_assembly, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def adela(riverside: Assembly) -> Membership:
    """Riverside's administrator."""
    return make_member(riverside, "Adéla", Role.ADMINISTRATOR)


def test_an_administrator_gives_and_takes_a_role(client: Client, adela: Membership, amina: Membership) -> None:
    client.force_login(adela.user)
    page = f"/a/riverside/members/{amina.pk}/"
    assert client.post(f"{page}give/", {"role": "clerk"})["Location"] == page
    assert Membership.objects.get(pk=amina.pk).roles == ["clerk"]
    assert "Has this role" in client.get(page).content.decode()
    client.post(f"{page}take/", {"role": "clerk"})
    assert Membership.objects.get(pk=amina.pk).roles == []
    assert [event.kind for event in ledger.events(adela.assembly_id)] == ["role_given", "role_taken"]


def test_a_role_given_is_a_right_held(adela: Membership, amina: Membership, riverside: Assembly) -> None:
    services.give_role(membership=amina, role=Role.FACILITATOR, actor=adela.user)
    user = Membership.objects.select_related("user").get(pk=amina.pk).user
    assert rights.ROLES_WITH[rights.RUN_MEETINGS](user, riverside)


def test_giving_twice_and_taking_what_is_not_held_change_nothing(adela: Membership, amina: Membership) -> None:
    for _ in range(2):
        services.give_role(membership=amina, role=Role.CLERK, actor=adela.user)
        services.take_role(membership=amina, role=Role.AUDITOR, actor=adela.user)
    assert Membership.objects.get(pk=amina.pk).roles == ["clerk"]
    assert len(ledger.events(adela.assembly_id)) == 1


def test_an_administrator_verifies_a_member(client: Client, adela: Membership, riverside: Assembly) -> None:
    kofi = make_member(riverside, "Kofi", verified=False)
    client.force_login(adela.user)
    response = client.post(f"/a/riverside/members/{kofi.pk}/verify/", follow=True)
    assert "Kofi may vote now" in response.content.decode()
    assert rights.may(kofi.user, rights.VOTE, riverside)


def test_neither_bao_nor_amina_give_roles(
    client: Client, adela: Membership, amina: Membership, bao: Membership
) -> None:
    for person in (amina, bao):
        client.force_login(person.user)
        response = client.post(f"/a/riverside/members/{person.pk}/give/", {"role": "administrator"})
        assert response.status_code == 403
    assert Membership.objects.holding(Role.ADMINISTRATOR).get() == adela


def test_an_administrator_of_one_assembly_does_nothing_in_another(
    client: Client, amina: Membership, chidi: Membership, harbour: Assembly
) -> None:
    administrator = make_member(harbour, "Kai", Role.ADMINISTRATOR)
    client.force_login(administrator.user)
    assert client.post(f"/a/riverside/members/{amina.pk}/give/", {"role": "clerk"}).status_code == 403
    # The member belongs to Riverside: under the co-op's address there is no such member.
    assert client.post(f"/a/harbour/members/{amina.pk}/give/", {"role": "clerk"}).status_code == 404
    assert client.post(f"/a/harbour/members/{chidi.pk}/give/", {"role": "clerk"}).status_code == 302


def test_the_last_administrator_stays(client: Client, adela: Membership) -> None:
    client.force_login(adela.user)
    response = client.post(f"/a/riverside/members/{adela.pk}/take/", {"role": "administrator"})
    assert response.status_code == 422
    assert "An assembly needs an administrator" in response.content.decode()
    assert Membership.objects.get(pk=adela.pk).roles == ["administrator"]
    with pytest.raises(AssemblyRefused):
        services.end_membership(membership=adela, actor=adela.user)


def test_an_administrator_who_left_or_serves_elsewhere_does_not_count(
    adela: Membership, riverside: Assembly, harbour: Assembly
) -> None:
    gone = make_member(riverside, "Gone", Role.ADMINISTRATOR)
    make_member(harbour, "Kai", Role.ADMINISTRATOR)
    services.end_membership(membership=gone, actor=adela.user)
    with pytest.raises(AssemblyRefused):
        services.take_role(membership=adela, role=Role.ADMINISTRATOR, actor=adela.user)


def together(acts: Sequence[Callable[[], object]]) -> list[str]:
    """What became of acts that all start at the same moment, each in its own thread: "done" or "refused"."""
    start, outcomes = threading.Barrier(len(acts), timeout=30), []

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
        except AssemblyRefused:
            outcomes.append("refused")
        else:
            outcomes.append("done")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def resign(membership: Membership) -> None:
    services.take_role(membership=membership, role=Role.ADMINISTRATOR, actor=membership.user)


def resign_together(times: int) -> list[list[str]]:
    """Two administrators of an assembly resign at the same moment, this often."""
    answers = []
    for number in range(times):
        assembly = make_assembly(f"Town {number}")
        pair = [make_member(assembly, name, Role.ADMINISTRATOR) for name in ("Adéla", "Ben")]
        acts = [partial(resign, membership) for membership in pair]
        answers.append(together(acts))
    return answers


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_both_resign_at_once() -> None:
    assert resign_together(8) == [["done", "refused"]] * 8


@pytest.mark.django_db(transaction=True)
def test_it_is_the_lock_that_keeps_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The switch: without the lock both look, both see the other one, and both go."""
    both_looked = threading.Barrier(2, timeout=30)
    is_last = services._is_last_administrator

    def look_slowly(membership: Membership) -> bool:
        answer = is_last(membership)
        both_looked.wait(timeout=10)
        return answer

    monkeypatch.setattr(services, "_locked", lambda assembly: assembly)
    monkeypatch.setattr(services, "_is_last_administrator", look_slowly)
    assert resign_together(1) == [["done", "done"]]
