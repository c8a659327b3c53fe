import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.core.internal.ratelimit import parse_rates
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation

from accounts.adapter import AccountAdapter
from accounts.models import User
from assemblies.models import Membership
from tests.make import make_user

pytestmark = pytest.mark.django_db


def ask_for_code(client: Client, email: str, **extra: Any) -> str:
    """The code in the mail that the sign-in page sent."""
    sent = len(mail.outbox)
    response = client.post("/sign-in/", {"email": email}, **extra)
    assert response.status_code == 302, response.content.decode()
    assert len(mail.outbox) == sent + 1
    return code_in(mail.outbox[-1].body)


def code_in(text: object) -> str:
    found = re.search(r"\b\d{6}\b", str(text))
    assert found
    return found[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def signed_in(client: Client) -> User | None:
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key) if key else None


def test_amina_signs_in_with_the_code_from_her_mail(client: Client, amina: Membership) -> None:
    code = ask_for_code(client, amina.user.email)
    assert mail.outbox[0].to == [amina.user.email]
    assert code in mail.outbox[0].subject
    response = client.post("/sign-in/code/", {"code": code})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert signed_in(client) == amina.user


def test_a_new_person_takes_the_same_steps_and_then_tells_a_name(client: Client) -> None:
    code = ask_for_code(client, "Kofi@Example.org")
    assert not User.objects.exists()
    response = client.post("/sign-in/code/", {"code": code})
    kofi = User.objects.get()
    assert (kofi.email, kofi.language, kofi.has_usable_password()) == ("kofi@example.org", "en", False)
    assert response["Location"] == "/welcome/?next=%2F"
    response = client.post("/welcome/", {"name": "Kofi", "language": "es", "next": "/help/"})
    assert response["Location"] == "/help/"
    kofi.refresh_from_db()
    assert (kofi.name, kofi.language) == ("Kofi", "es")


def test_the_address_is_one_person_however_it_is_written(client: Client, amina: Membership) -> None:
    code = ask_for_code(client, f"  {amina.user.email.upper()} ")
    client.post("/sign-in/code/", {"code": code})
    assert signed_in(client) == amina.user


def test_a_pasted_code_may_have_spaces_and_dashes(client: Client, amina: Membership) -> None:
    code = ask_for_code(client, amina.user.email)
    client.post("/sign-in/code/", {"code": f" {code[:3]}-{code[3:]} "})
    assert signed_in(client) == amina.user


def test_the_person_gets_to_the_page_they_wanted(client: Client, amina: Membership) -> None:
    assert client.get("/me/")["Location"] == "/sign-in/?next=/me/"
    assert 'name="next" value="/me/"' in client.get("/sign-in/?next=/me/").content.decode()
    client.post("/sign-in/", {"email": amina.user.email, "next": "/me/"})
    response = client.post("/sign-in/code/", {"code": code_in(mail.outbox[-1].body)})
    assert response["Location"] == "/me/"


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"])
def test_nobody_is_sent_to_another_site(client: Client, amina: Membership, page: str) -> None:
    client.post("/sign-in/", {"email": amina.user.email, "next": page})
    response = client.post("/sign-in/code/", {"code": code_in(mail.outbox[-1].body)})
    assert response["Location"] == "/"


def test_page_and_mail_do_not_tell_whether_there_is_an_account(amina: Membership) -> None:
    answers = []
    for email in (amina.user.email, "nobody@example.org"):
        client = Client()
        posted = client.post("/sign-in/", {"email": email})
        code = code_in(mail.outbox[-1].body)
        typed = client.get("/sign-in/code/")
        wrongly = client.post("/sign-in/code/", {"code": wrong(code)})
        texts = [
            str(mail.outbox[-1].subject),
            str(mail.outbox[-1].body),
            typed.content.decode(),
            wrongly.content.decode(),
        ]
        plain = [re.sub(r'value="[A-Za-z0-9]{64}"|"x-csrftoken": "\w+"', "", text) for text in texts]
        plain = [text.replace(email, "EMAIL").replace(code, "CODE") for text in plain]
        plain = [text.replace(wrong(code), "WRONG") for text in plain]
        answers.append((posted.status_code, posted["Location"], typed.status_code, wrongly.status_code, plain))
    assert answers[0] == answers[1]


def test_asking_for_a_code_costs_the_same_queries_with_and_without_an_account(
    amina: Membership, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    for email in (amina.user.email, "nobody@example.org"):
        with django_assert_num_queries(QUERIES_TO_ASK):  # type: ignore[operator]
            Client().post("/sign-in/", {"email": email})


QUERIES_TO_ASK = 4  # a new session: two savepoints, the look for its key and the row


def test_a_wrong_code_says_how_many_tries_are_left(client: Client, amina: Membership) -> None:
    code = ask_for_code(client, amina.user.email)
    for left in (4, 3, 2):
        response = client.post("/sign-in/code/", {"code": wrong(code)})
        assert response.status_code == 422
        assert f"You have {left} tries left" in response.content.decode()
    assert "You have 1 try left" in client.post("/sign-in/code/", {"code": wrong(code)}).content.decode()
    response = client.post("/sign-in/code/", {"code": wrong(code)}, follow=True)
    assert response.redirect_chain == [("/sign-in/", 302)]
    assert "no tries left" in response.content.decode()
    client.post("/sign-in/code/", {"code": code})
    assert signed_in(client) is None


def test_an_empty_code_costs_no_try(client: Client, amina: Membership) -> None:
    code = ask_for_code(client, amina.user.email)
    assert "Type the code from the mail" in client.post("/sign-in/code/", {"code": ""}).content.decode()
    assert "You have 4 tries left" in client.post("/sign-in/code/", {"code": wrong(code)}).content.decode()


def test_a_repeated_session_gives_no_further_tries(client: Client, amina: Membership) -> None:
    """Tries that arrive at the same moment all read the same session; the count outside it holds."""
    code = ask_for_code(client, amina.user.email)
    before = dict(client.session)

    def try_with_the_first_session(typed: str) -> None:
        session = client.session
        session.clear()
        session.update(before)
        session.save()
        client.post("/sign-in/code/", {"code": typed})

    for _ in range(5):
        try_with_the_first_session(wrong(code))
    try_with_the_first_session(code)
    assert signed_in(client) is None


def test_the_count_of_tries_is_what_stops_them(
    client: Client, amina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The switch: without the count outside the session, the test above would find the sixth try let in."""
    monkeypatch.setattr("accounts.sign_in.SignIn.use_up_a_try", lambda self: None)
    with pytest.raises(AssertionError):
        test_a_repeated_session_gives_no_further_tries(client, amina)


def test_a_new_code_makes_the_old_one_void(client: Client, amina: Membership) -> None:
    old = ask_for_code(client, amina.user.email)
    response = client.post("/sign-in/code/again/", follow=True)
    assert "A new code is on its way" in response.content.decode()
    new = code_in(mail.outbox[-1].body)
    if old != new:
        client.post("/sign-in/code/", {"code": old})
        assert signed_in(client) is None
    client.post("/sign-in/code/", {"code": new})
    assert signed_in(client) == amina.user


def test_a_code_works_for_fifteen_minutes(client: Client, amina: Membership) -> None:
    code = ask_for_code(client, amina.user.email)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        response = client.post("/sign-in/code/", {"code": code}, follow=True)
        assert "Your code is too old" in response.content.decode()
        assert signed_in(client) is None


def test_a_slip_in_the_address_is_mended(client: Client, amina: Membership) -> None:
    ask_for_code(client, "wrong@example.org")
    assert client.post("/sign-in/other-address/")["Location"] == "/sign-in/"
    assert client.get("/sign-in/code/")["Location"] == "/sign-in/"
    client.post("/sign-in/code/", {"code": ask_for_code(client, amina.user.email)})
    assert signed_in(client) == amina.user


def test_too_many_codes_for_one_address_means_waiting_and_says_how_long(client: Client, amina: Membership) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        for _ in range(3):
            ask_for_code(Client(), amina.user.email)
        response = client.post("/sign-in/", {"email": amina.user.email})
        assert response.status_code == 422
        assert "Wait 1 minute, then try again" in response.content.decode()
        ask_for_code(client, "somebody.else@example.org")
    for minute in range(2, 9):
        with time_machine.travel(now + timedelta(minutes=minute), tick=False):
            ask_for_code(Client(), amina.user.email)
    with time_machine.travel(now + timedelta(minutes=10), tick=False):
        response = Client().post("/sign-in/", {"email": amina.user.email})
        assert "Wait 50 minutes, then try again" in response.content.decode()


def test_a_hall_of_five_hundred_behind_one_address_gets_in(settings: pytest.FixtureRequest) -> None:
    """A tenth of them do with a tenth of what one address is allowed."""
    a_tenth = {act: re.sub(r"(\d+)0(/\w+/ip)", r"\1\2", rates) for act, rates in RATES.items()}
    assert [act for act in RATES if a_tenth[act] != RATES[act]] == [act for act in RATES if "ip" in RATES[act]]
    settings.ACCOUNT_RATE_LIMITS = a_tenth  # type: ignore[attr-defined]
    client = Client(REMOTE_ADDR="203.0.113.7")
    for number in range(50):
        client.cookies.clear()
        code = ask_for_code(client, f"person{number}@example.org")
        client.post("/sign-in/code/", {"code": code})
        assert signed_in(client)
        mail.outbox.clear()


def test_a_flood_from_one_network_is_stopped_and_a_forged_forwarded_address_does_not_help(
    settings: pytest.FixtureRequest,
) -> None:
    ceiling = next(rate for rate in parse_rates(RATES["request_login_code"]) if rate.per == "ip")
    assert ceiling.amount >= 1000, "Halls are bigger than this."
    settings.ACCOUNT_RATE_LIMITS = {**RATES, "request_login_code": "3/h/ip"}  # type: ignore[attr-defined]
    client = Client(REMOTE_ADDR="203.0.113.7")
    for number in range(3):
        ask_for_code(client, f"person{number}@example.org", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    flood = {"email": "person4@example.org"}
    assert client.post("/sign-in/", flood, HTTP_X_FORWARDED_FOR="198.51.100.99").status_code == 422
    assert Client(REMOTE_ADDR="203.0.113.8").post("/sign-in/", flood).status_code == 302


RATES = settings.ACCOUNT_RATE_LIMITS


def test_one_mailbox_is_not_flooded_under_many_names(amina: Membership) -> None:
    """What stands after a plus leads to the same mailbox, so it does not count as another address."""
    for number in range(3):
        ask_for_code(Client(), f"amina+{number}@example.org")
    response = Client().post("/sign-in/", {"email": "amina+4@example.org"})
    assert response.status_code == 422
    assert "too often" in response.content.decode()
    ask_for_code(Client(), "somebody.else+4@example.org")


def test_behind_a_proxy_each_visitor_counts_by_the_address_that_the_proxy_saw(settings: pytest.FixtureRequest) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**RATES, "request_login_code": "1/h/ip"}  # type: ignore[attr-defined]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1  # type: ignore[attr-defined]
    client = Client(REMOTE_ADDR="127.0.0.1")
    ask_for_code(client, "one@example.org", HTTP_X_FORWARDED_FOR="10.9.9.9, 198.51.100.1")
    again = {"email": "two@example.org"}
    # What stands before the proxy's own entry was sent by the visitor, who may write anything there.
    assert client.post("/sign-in/", again, HTTP_X_FORWARDED_FOR="10.8.8.8, 198.51.100.1").status_code == 422
    ask_for_code(client, "three@example.org", HTTP_X_FORWARDED_FOR="198.51.100.2")


def test_a_closed_account_stays_out_and_is_not_made_anew(client: Client) -> None:
    user = make_user("Gone", is_active=False)
    response = client.post("/sign-in/code/", {"code": ask_for_code(client, user.email)})
    assert response["Location"] == "/sign-in/closed/"
    assert signed_in(client) is None
    assert User.objects.count() == 1


def test_who_has_a_second_factor_is_asked_for_it(client: Client, bao: Membership) -> None:
    response = client.post("/sign-in/code/", {"code": ask_for_code(client, bao.user.email)})
    assert response["Location"] == "/sign-in/second-factor/"
    assert signed_in(client) is None
    assert client.get("/me/").status_code == 302
    response = client.post("/sign-in/second-factor/", {"code": "000000"})
    assert response.status_code == 422
    assert "This code is not right" in response.content.decode()
    with time_machine.travel(timezone.now(), tick=False):
        client.post("/sign-in/second-factor/", {"code": code_of_the_app()})
    assert signed_in(client) == bao.user


def code_of_the_app() -> str:
    counters = list(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value("JBSWY3DPEHPK3PXP", counters[len(counters) // 2])))


def test_nobody_tries_second_factors_without_end(client: Client, bao: Membership) -> None:
    client.post("/sign-in/code/", {"code": ask_for_code(client, bao.user.email)})
    for _ in range(5):
        client.post("/sign-in/second-factor/", {"code": "000000"})
    response = client.post("/sign-in/second-factor/", {"code": code_of_the_app()})
    assert "Too many wrong codes" in response.content.decode()
    assert signed_in(client) is None


PASSWORD_NAMES = [
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_reauthenticate",
    "account_signup",
    "account_email",
]


@pytest.mark.parametrize("name", PASSWORD_NAMES)
def test_there_is_no_page_about_passwords(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize(
    "path",
    ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/password/change/", "/admin/"],
)
def test_nor_at_the_addresses_where_allauth_and_django_put_them(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_password_that_somebody_set_by_hand_opens_nothing(client: Client, amina: Membership) -> None:
    amina.user.set_password("correct horse battery staple")
    amina.user.save()
    client.post("/sign-in/", {"email": amina.user.email, "password": "correct horse battery staple"})
    assert signed_in(client) is None


def test_signing_out_ends_the_session(client: Client, amina: Membership) -> None:
    client.force_login(amina.user)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/"
    assert signed_in(client) is None


def test_the_session_gets_a_new_key_at_sign_in(client: Client, amina: Membership) -> None:
    code = ask_for_code(client, amina.user.email)
    before = client.session.session_key
    client.post("/sign-in/code/", {"code": code})
    assert client.session.session_key not in (None, before)


def test_page_and_mail_speak_the_chosen_language(
    client: Client, amina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken = []
    monkeypatch.setattr(AccountAdapter, "send_mail", lambda *_: spoken.append(translation.get_language()))
    client.post("/language/", {"language": "es"})
    assert client.get("/sign-in/").headers["Content-Language"] == "es"
    client.post("/sign-in/", {"email": amina.user.email})
    assert spoken == ["es"]


def test_passkeys_are_offered_only_where_browsers_allow_them(client: Client) -> None:
    assert "passkey_login" in client.get("/sign-in/", headers={"host": "localhost:8000"}).content.decode()
    assert "passkey_login" in client.get("/sign-in/", secure=True).content.decode()
    assert "passkey_login" not in client.get("/sign-in/").content.decode()


def test_the_passkey_page_gives_a_challenge(client: Client) -> None:
    response = client.get("/sign-in/passkey/", headers={"accept": "application/json"})
    assert "challenge" in response.json()["request_options"]["publicKey"]
