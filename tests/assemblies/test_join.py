from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

import ledger
from assemblies import services
from assemblies.models import Assembly, Invitation, Membership, Role
from assemblies.refusals import AssemblyRefused
from jobs.testing import run_waiting
from tests.make import make_member, make_user

pytestmark = pytest.mark.django_db


def kinds(assembly: Assembly) -> list[str]:
    return [event.kind for event in ledger.events(assembly.pk)]


def test_a_stranger_joins_a_public_assembly_and_is_not_verified(client: Client, riverside: Assembly) -> None:
    user = make_user("Kofi")
    client.force_login(user)
    assert "Join Riverside" in client.get("/a/riverside/").content.decode()
    assert client.post("/a/riverside/join/")["Location"] == "/a/riverside/"
    membership = Membership.objects.get(user=user)
    assert (membership.verified_at, membership.roles) == (None, [])
    assert kinds(riverside) == ["member_joined"]
    assert "Join Riverside" not in client.get("/a/riverside/").content.decode()


def test_joining_twice_is_refused(client: Client, amina: Membership) -> None:
    client.force_login(amina.user)
    response = client.post("/a/riverside/join/", follow=True)
    assert "You are already a member" in response.content.decode()
    assert Membership.objects.count() == 1


def test_who_left_may_join_again(amina: Membership, riverside: Assembly) -> None:
    services.end_membership(membership=amina, actor=amina.user)
    again = services.join_assembly(assembly=riverside, user=amina.user)
    assert again.pk != amina.pk
    assert riverside.memberships.current().get() == again


def test_a_visitor_is_asked_to_sign_in_first(client: Client, riverside: Assembly) -> None:
    assert client.post("/a/riverside/join/")["Location"].startswith("/sign-in/")
    assert client.get("/a/riverside/join/").status_code in (302, 405)


def test_nobody_finds_the_way_into_a_private_assembly(client: Client, amina: Membership, harbour: Assembly) -> None:
    client.force_login(amina.user)
    assert client.post("/a/harbour/join/").status_code == 404
    with pytest.raises(AssemblyRefused, match="by invitation only"):
        services.join_assembly(assembly=harbour, user=amina.user)
    assert kinds(harbour) == []


@pytest.fixture
def adela(riverside: Assembly) -> Membership:
    """Riverside's administrator."""
    return make_member(riverside, "Adéla", Role.ADMINISTRATOR)


def test_an_invited_person_gets_a_mail_and_joins_with_what_waits_for_them(
    client: Client, adela: Membership, riverside: Assembly
) -> None:
    client.force_login(adela.user)
    typed = {"email": "Ewa@Example.org", "roles": ["evaluator"], "is_verified": "on"}
    assert client.post("/a/riverside/members/invite/", typed)["Location"] == "/a/riverside/members/"
    run_waiting()
    invitation = Invitation.objects.get()
    assert mail.outbox[0].to == ["ewa@example.org"]
    assert "invited" in mail.outbox[0].subject
    assert f"/invitations/{invitation.pk}/" in mail.outbox[0].body
    assert "ewa@example.org" in client.get("/a/riverside/members/").content.decode()

    ewa = make_user("Ewa", email="ewa@example.org")
    client.force_login(ewa)
    assert "Evaluator" in client.get(f"/invitations/{invitation.pk}/").content.decode()
    assert client.post(f"/invitations/{invitation.pk}/")["Location"] == "/a/riverside/"
    membership = riverside.memberships.get(user=ewa)
    assert membership.roles == ["evaluator"]
    assert membership.verified_at is not None
    assert not Invitation.objects.exists()
    assert kinds(riverside) == ["member_invited", "member_joined"]


def test_a_name_with_a_line_break_writes_no_header(adela: Membership, riverside: Assembly) -> None:
    Assembly.objects.filter(pk=riverside.pk).update(name="Riverside\r\nBcc: everybody@example.org")
    services.invite(assembly=riverside, email="kofi@example.org", actor=adela.user)
    run_waiting()
    (sent,) = mail.outbox
    assert "Riverside Bcc: everybody@example.org" in sent.subject
    assert sent.recipients() == ["kofi@example.org"]


def test_an_invitation_opens_a_private_assembly(client: Client, chidi: Membership, harbour: Assembly) -> None:
    user = make_user("Mele")
    invitation = services.invite(assembly=harbour, email=user.email, actor=chidi.user)
    client.force_login(user)
    assert client.get("/a/harbour/").status_code == 404
    client.post(f"/invitations/{invitation.pk}/")
    assert client.get("/a/harbour/").status_code == 200


def test_an_invitation_is_for_one_address_only(client: Client, amina: Membership, riverside: Assembly) -> None:
    invitation = services.invite(assembly=riverside, email="ewa@example.org", actor=amina.user)
    client.force_login(make_user("Mallory"))
    assert client.get(f"/invitations/{invitation.pk}/").status_code == 404
    assert client.post(f"/invitations/{invitation.pk}/").status_code == 404
    assert Invitation.objects.exists()


def test_a_withdrawn_invitation_counts_no_more_and_is_not_mailed(
    client: Client, adela: Membership, riverside: Assembly
) -> None:
    invitation = services.invite(assembly=riverside, email="ewa@example.org", actor=adela.user)
    client.force_login(adela.user)
    client.post(f"/a/riverside/members/invitations/{invitation.pk}/withdraw/")
    run_waiting()
    assert mail.outbox == []
    client.force_login(make_user("Ewa", email="ewa@example.org"))
    assert client.get(f"/invitations/{invitation.pk}/").status_code == 404


def test_inviting_again_replaces_the_invitation(adela: Membership, riverside: Assembly) -> None:
    first = services.invite(assembly=riverside, email="ewa@example.org", actor=adela.user)
    Invitation.objects.update(invited_at=timezone.now() - timedelta(days=3))
    second = services.invite(assembly=riverside, email="EWA@example.org", actor=adela.user, roles=[Role.CLERK])
    assert first.pk == second.pk
    assert Invitation.objects.get().roles == ["clerk"]


def test_a_member_is_not_invited_again(client: Client, adela: Membership, amina: Membership) -> None:
    client.force_login(adela.user)
    response = client.post("/a/riverside/members/invite/", {"email": amina.user.email})
    assert response.status_code == 422
    assert "is already a member" in response.content.decode()
    assert f'value="{amina.user.email}"' in response.content.decode()


def test_an_address_with_a_slip_is_refused(client: Client, adela: Membership) -> None:
    client.force_login(adela.user)
    response = client.post("/a/riverside/members/invite/", {"email": "ewa@", "roles": ["mayor"]})
    assert response.status_code == 422
    assert not Invitation.objects.exists()


def test_what_is_recorded_names_nobody(adela: Membership, riverside: Assembly) -> None:
    services.invite(assembly=riverside, email="ewa@example.org", actor=adela.user)
    services.join_assembly(assembly=riverside, user=make_user("Ewa", email="ewa@example.org"))
    text = "".join(event.body for event in ledger.events(riverside.pk))
    assert "ewa" not in text.lower()
    ledger.verify(riverside.pk)
