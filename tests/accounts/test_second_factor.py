from http.cookies import SimpleCookie

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import LazySettings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from accounts.second_factor import SecondFactorMissing
from assemblies import rights
from assemblies.models import Assembly, Membership, Role
from tests.make import make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def adela(riverside: Assembly) -> Membership:
    """Riverside's administrator, who has no second factor yet."""
    membership = make_member(riverside, "Adéla")
    membership.roles = [Role.ADMINISTRATOR]
    membership.save()
    return membership


def fresh(membership: Membership) -> Membership:
    return Membership.objects.select_related("user", "assembly").get(pk=membership.pk)


@pytest.mark.parametrize("right", sorted(rights.STAFF_RIGHTS))
def test_staff_without_a_second_factor_may_not_act_in_their_role(
    right: str, riverside: Assembly, settings: LazySettings
) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    membership = make_member(riverside, "Somebody")
    membership.roles = list(Role.values)
    membership.save()
    assert not rights.may(fresh(membership).user, right, riverside)
    with pytest.raises(SecondFactorMissing):
        rights.require(fresh(membership).user, right, riverside)
    Authenticator.objects.create(user=membership.user, type=Authenticator.Type.TOTP, data={"secret": "A"})
    assert rights.may(fresh(membership).user, right, riverside)
    assert fresh(membership).user.has_perm(right, riverside)


def test_recovery_codes_alone_are_no_second_factor(adela: Membership, riverside: Assembly) -> None:
    Authenticator.objects.create(user=adela.user, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert not rights.may(adela.user, rights.MANAGE_ASSEMBLY, riverside)


def test_residents_need_none_to_propose_and_vote(amina: Membership, riverside: Assembly) -> None:
    assert rights.may(amina.user, rights.PROPOSE, riverside)
    assert rights.may(amina.user, rights.VOTE, riverside)


def test_who_holds_no_role_is_refused_and_not_asked_for_a_second_factor(
    amina: Membership, chidi: Membership, riverside: Assembly
) -> None:
    for user in (amina.user, chidi.user, AnonymousUser()):
        with pytest.raises(PermissionDenied) as refusal:
            rights.require(user, rights.MANAGE_ASSEMBLY, riverside)
        assert not isinstance(refusal.value, SecondFactorMissing)


def test_it_costs_one_query_however_often_it_is_asked(
    bao: Membership, riverside: Assembly, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    user = fresh(bao).user
    with django_assert_num_queries(2):  # type: ignore[operator]  # the membership and the second factor
        assert rights.may(user, rights.RUN_MEETINGS, riverside)
        assert not rights.may(user, rights.AUDIT, riverside)
        assert rights.may(user, rights.RUN_CYCLES, riverside)


def test_the_installation_may_do_without(adela: Membership, riverside: Assembly, settings: LazySettings) -> None:
    settings.REQUIRE_SECOND_FACTOR = False
    assert rights.may(adela.user, rights.MANAGE_ASSEMBLY, riverside)


def test_it_is_required_unless_this_is_a_demo(settings: LazySettings) -> None:
    assert settings.REQUIRE_SECOND_FACTOR is not settings.DEMO


def add_app(client: Client) -> None:
    """Add an authenticator app by the page, as a person does, and mind the codes."""
    page = client.get("/me/second-factor/app/")
    secret = page.context["form"].secret
    with time_machine.travel(timezone.now(), tick=False):
        response = client.post("/me/second-factor/app/", {"code": code_of(secret)})
    assert response["Location"] == "/me/second-factor/recovery/"


def code_of(secret: str) -> str:
    counters = list(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(secret, counters[len(counters) // 2])))


@pytest.mark.django_db(transaction=True)
def test_an_administrator_is_led_to_add_one_and_back(client: Client, adela: Membership) -> None:
    client.force_login(adela.user)
    response = client.get("/a/riverside/members/?search=b")
    assert response["Location"] == "/me/second-factor/"
    assert "You have a role in an assembly" in client.get("/me/second-factor/").content.decode()
    assert "add a second factor" in client.get("/a/riverside/").content.decode()
    add_app(client)
    codes = client.get("/me/second-factor/recovery/")
    assert len(codes.context["unused_codes"]) == 10
    assert 'href="/a/riverside/members/?search=b"' in codes.content.decode()
    assert client.get("/a/riverside/members/").status_code == 200
    assert "Go back to where you were" in client.get("/me/second-factor/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_adding_one_signs_out_every_other_device(client: Client, adela: Membership) -> None:
    client.force_login(adela.user)
    elsewhere = Client()
    elsewhere.force_login(adela.user)
    add_app(client)
    assert client.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_removing_it_asks_to_prove_it_first(client: Client, adela: Membership) -> None:
    client.force_login(adela.user)
    add_app(client)
    session = client.session
    session["account_authentication_methods"] = []  # as if signed in long ago
    session.save()
    assert client.get("/me/second-factor/app/remove/")["Location"].startswith("/me/prove/")
    assert client.post("/me/second-factor/app/remove/")["Location"].startswith("/me/prove/")
    assert Authenticator.objects.filter(user=adela.user, type="totp").exists()


@pytest.mark.django_db(transaction=True)
def test_without_it_the_role_rests_again(client: Client, adela: Membership) -> None:
    client.force_login(adela.user)
    add_app(client)
    client.post("/me/second-factor/app/remove/")
    assert not Authenticator.objects.exists()
    assert client.get("/a/riverside/members/").status_code == 302


def test_nobody_removes_the_passkey_of_somebody_else(client: Client, amina: Membership) -> None:
    passkey = Authenticator.objects.create(
        user=make_user("Other"), type=Authenticator.Type.WEBAUTHN, data={"name": "X"}
    )
    client.force_login(amina.user)
    assert client.post("/me/second-factor/passkey/remove/", {"passkey": passkey.pk}).status_code == 404
    assert client.post("/me/second-factor/passkey/remove/", {"passkey": "x"}).status_code == 404
    assert Authenticator.objects.filter(pk=passkey.pk).exists()


def test_amina_removes_her_passkey_after_proving_herself(client: Client, amina: Membership) -> None:
    passkey = Authenticator.objects.create(user=amina.user, type=Authenticator.Type.WEBAUTHN, data={"name": "My phone"})
    client.force_login(amina.user)
    response = client.post("/me/second-factor/passkey/remove/", {"passkey": passkey.pk})
    assert response["Location"].startswith("/me/prove/")
    assert Authenticator.objects.filter(pk=passkey.pk).exists()


def test_a_session_cookie_of_another_kind_is_nobody(client: Client) -> None:
    client.cookies = SimpleCookie({"sessionid": "made-up"})
    assert client.get("/me/").status_code == 302
