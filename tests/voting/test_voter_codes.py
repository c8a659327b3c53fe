"""Voter codes: made once, kept as a keyed hash, entered on one device, limited by code and by device, never by network."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

import ledger
from assemblies.models import Assembly, Membership, Role
from tests.make import line_of, make_member, make_open_poll, make_poll
from tests.proving import prove
from tests.threads import in_threads
from voting import code_limits, services, voters
from voting.jobs import mail_about_guessing, warn_of_guessing
from voting.models import CodeBatch, Credential, OpenBallot, Poll, RegisterLine
from voting.services import credentials
from voting.services.credentials import CodeRefused, PrintedCode, enter, make_codes, read_code, revoke_codes

pytestmark = pytest.mark.django_db
PARK = {"options": ["a"]}
CARD = re.compile(r"\b([0-9A-HJKMNP-TV-Z]{5})-([0-9A-HJKMNP-TV-Z]{5})\b")


def codes_for(poll: Poll, size: int = 1, *, once_entered: bool = False) -> list[PrintedCode]:
    _batch, printed = make_codes(
        poll=poll, batch_id=uuid.uuid4(), label="Guests", size=size, counts_once_entered=once_entered, actor=None
    )
    return printed


def open_with_codes(assembly: Assembly, size: int = 1, **fields: Any) -> tuple[Poll, list[PrintedCode]]:
    """An open poll in which nobody but holders of codes can vote."""
    poll = make_poll(assembly, **fields)
    printed = codes_for(poll, size)
    return services.open_poll(poll=poll, lines=[], actor=None), printed


def enter_on(client: Client, code: str, **headers: str) -> Any:
    """Somebody opens the page and types the code."""
    client.get(reverse("voting:enter_code"), headers=headers)
    return client.post(reverse("voting:enter_code"), {"code": code}, headers=headers)


def cast_on(client: Client, poll: Poll, key: str = "the key of this guest") -> Any:
    return client.post(reverse("voting:cast", args=[poll.pk]), {"options": "a", "key": key})


# What is made and what is kept


def test_a_code_is_ten_letters_of_which_none_looks_like_another(riverside: Assembly) -> None:
    for card in codes_for(make_poll(riverside), 40):
        assert CARD.fullmatch(card.shown)
        assert read_code(card.shown) == card.code


@pytest.mark.parametrize(
    "typed", ["k7qf2-9mxt0", "K7QF2 9MXTO", " k7qf29mxto ", "K7QF2\u20139MXT0", "k7 qf 2-9m-xt o", "K7QF29MXT0\n"]
)
def test_a_code_may_be_typed_as_people_type(typed: str) -> None:
    assert read_code(typed) == "K7QF29MXT0"


@pytest.mark.parametrize("typed", ["", "K7QF2", "K7QF29MXT01", "K7QF2-9MXTU", "K7QF2-9MXTé"])
def test_what_is_no_code_is_told_apart(typed: str) -> None:
    assert read_code(typed) == ""


def test_letters_that_look_alike_mean_the_same() -> None:
    assert read_code("oOiIlL-0011") == "0011110011"


def test_no_code_is_in_the_database_or_in_the_log(
    riverside: Assembly, capfd: pytest.CaptureFixture[str], client: Client, amina: Membership
) -> None:
    """Every text of every table is searched for each code, as it is printed and as it is typed."""
    administrator = make_member(riverside, "Ada", Role.ADMINISTRATOR)
    client.force_login(administrator.user)
    prove(client, administrator.user)
    poll = make_poll(riverside)
    sheet = client.post(
        reverse("voting:make_codes", args=[poll.pk]), {"batch": uuid.uuid4(), "label": "Guests", "size": "3"}
    ).content.decode()
    printed = ["".join(found) for found in CARD.findall(sheet)]
    assert len(printed) == 3
    services.open_poll(poll=poll, lines=[], actor=None)
    guest = Client()
    assert enter_on(guest, printed[0]).status_code == 302
    assert cast_on(guest, poll).status_code == 302
    everything = _everything_stored() + "".join(capfd.readouterr())
    assert str(poll.pk) in everything  # the search does find what is there
    for code in printed:
        for form in (code, code.lower(), f"{code[:5]}-{code[5:]}"):
            assert form not in everything


def _everything_stored() -> str:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        texts = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608 - names from the catalogue
            texts += [row[0] for row in cursor.fetchall()]
    return "\n".join(texts)


def test_the_hash_needs_a_key_that_is_outside_the_database(riverside: Assembly, settings: Any, tmp_path: Any) -> None:
    code = codes_for(make_poll(riverside))[0].code
    assert enter(typed=code, device="phone").code_hash
    settings.KEYS_DIR = tmp_path / "other keys"
    with pytest.raises(CodeRefused, match="not known"):
        enter(typed=code, device="phone")


def test_the_same_page_sent_twice_makes_one_batch(riverside: Assembly) -> None:
    poll, batch_id = make_poll(riverside), uuid.uuid4()
    again: Callable[[], object] = lambda: make_codes(  # noqa: E731
        poll=poll, batch_id=batch_id, label="Guests", size=5, counts_once_entered=False, actor=None
    )
    again()
    with pytest.raises(CodeRefused, match="already"):
        again()
    assert (CodeBatch.objects.count(), Credential.objects.count()) == (1, 5)


@pytest.mark.parametrize("size", [0, credentials.MOST_IN_A_BATCH + 1])
def test_a_batch_has_a_size_that_somebody_can_cut(riverside: Assembly, size: int) -> None:
    with pytest.raises(CodeRefused, match="between 1"):
        codes_for(make_poll(riverside), size)


# Voting with a code


def test_a_guest_votes_with_a_code_and_without_an_account(riverside: Assembly) -> None:
    poll, (card,) = open_with_codes(riverside)
    guest = Client()
    assert enter_on(guest, card.shown.lower()).headers["Location"] == reverse("voting:with_code")
    assert poll.question in guest.get(reverse("voting:with_code")).content.decode()
    assert 'name="key"' in guest.get(poll.get_absolute_url()).content.decode()
    assert cast_on(guest, poll).headers["Location"] == reverse("voting:receipt", args=[poll.pk])
    ballot = OpenBallot.objects.get(poll=poll)
    assert (ballot.choice, ballot.line.membership) == (PARK, None)
    assert ballot.line.credential == Credential.objects.get(number=card.number)
    assert "Your ballot is counted" in guest.get(reverse("voting:receipt", args=[poll.pk])).content.decode()
    assert "Your ballot is in" in guest.get(reverse("voting:with_code")).content.decode()


def test_a_guest_of_a_private_assembly_sees_that_poll_and_nothing_else(harbour: Assembly) -> None:
    poll, (card,) = open_with_codes(harbour)
    other, _cards = open_with_codes(harbour)
    guest = Client()
    assert guest.get(poll.get_absolute_url()).status_code == 404
    enter_on(guest, card.code)
    assert guest.get(poll.get_absolute_url()).status_code == 200
    assert cast_on(guest, poll).status_code == 302
    assert guest.get(poll.get_absolute_url()).status_code == 200  # with the state as it is, without a live topic
    assert guest.get(reverse("voting:result", args=[poll.pk])).status_code == 200
    assert guest.get(other.get_absolute_url()).status_code == 404
    assert guest.get(harbour.get_absolute_url()).status_code == 404


def test_a_code_for_one_poll_votes_in_no_other(riverside: Assembly, amina: Membership) -> None:
    _poll, (card,) = open_with_codes(riverside)
    other = make_open_poll(riverside, amina)
    guest = Client()
    enter_on(guest, card.code)
    assert cast_on(guest, other).status_code == 403
    assert other.turnout == 0


def test_who_has_neither_account_nor_code_signs_in_first(client: Client, riverside: Assembly) -> None:
    poll, _cards = open_with_codes(riverside)
    assert cast_on(client, poll).headers["Location"].startswith(reverse("account_login"))


def test_a_code_is_good_for_the_vote_that_follows(riverside: Assembly) -> None:
    first, (card,) = open_with_codes(riverside)
    services.void_poll(poll=first, actor=None, reason="The question was wrong.")
    second = services.open_poll(poll=make_poll(riverside, follows=first), lines=[], actor=None)
    guest = Client()
    enter_on(guest, card.code)
    assert cast_on(guest, second).status_code == 302


def test_a_code_and_an_account_never_meet_in_one_session(
    client: Client, riverside: Assembly, amina: Membership
) -> None:
    poll = make_poll(riverside)
    (card,) = codes_for(poll)
    poll = services.open_poll(poll=poll, lines=[services.NewLine(amina)], actor=None)
    client.force_login(amina.user)
    before = client.session.session_key
    enter_on(client, card.code)
    assert client.session.session_key != before
    assert "_auth_user_id" not in client.session
    client.force_login(amina.user)
    assert voters.IN_SESSION not in client.session
    cast_on(client, poll)
    assert OpenBallot.objects.get().line == line_of(poll, amina)


def test_the_session_changes_its_key_when_a_code_is_entered(client: Client, riverside: Assembly) -> None:
    _poll, (card,) = open_with_codes(riverside)
    client.get(reverse("voting:enter_code"))
    before = client.session.session_key
    client.post(reverse("voting:enter_code"), {"code": card.code})
    assert client.session.session_key != before


def test_a_code_is_entered_on_one_device_at_a_time(riverside: Assembly) -> None:
    poll, (card,) = open_with_codes(riverside, change_allowed=True)
    old, new = Client(), Client()
    enter_on(old, card.code)
    assert cast_on(old, poll, "the key of the old phone").status_code == 302
    enter_on(new, card.code)
    assert cast_on(new, poll, "the key of the new phone").status_code == 302
    assert cast_on(old, poll, "one more from the old one").headers["Location"].startswith(reverse("account_login"))
    assert OpenBallot.objects.get().revision == 2


def test_the_next_person_finds_nothing_of_the_one_before(client: Client, riverside: Assembly) -> None:
    poll, (first, second) = open_with_codes(riverside, 2)
    enter_on(client, first.code)
    cast_on(client, poll)
    left = client.post(reverse("voting:leave_code"))
    assert left.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get(reverse("voting:with_code")).status_code == 302
    assert (
        client.get(reverse("voting:receipt", args=[poll.pk])).headers["Location"].startswith(reverse("account_login"))
    )
    enter_on(client, second.code)
    assert cast_on(client, poll, "the key of the second").status_code == 302
    assert poll.turnout == 2


def test_a_revoked_batch_opens_nothing_and_its_ballots_stay(riverside: Assembly) -> None:
    poll, (voted, waiting) = open_with_codes(riverside, 2)
    guest = Client()
    enter_on(guest, voted.code)
    cast_on(guest, poll)
    revoke_codes(batch=CodeBatch.objects.get(), actor=None)
    assert guest.get(reverse("voting:with_code")).headers["Location"] == reverse("voting:enter_code")
    assert enter_on(Client(), waiting.code).status_code == 422
    assert poll.turnout == 1
    assert [event.body for event in ledger.events(riverside.pk) if "codes_revoked" in event.body]


def test_a_batch_revoked_before_the_poll_opens_is_in_no_register(riverside: Assembly, amina: Membership) -> None:
    poll = make_poll(riverside)
    codes_for(poll, 4)
    revoke_codes(batch=CodeBatch.objects.get(), actor=None)
    assert services.open_poll(poll=poll, lines=[services.NewLine(amina)], actor=None).entitled == 1


def test_cards_at_a_door_count_from_the_moment_they_are_entered(riverside: Assembly, amina: Membership) -> None:
    poll = make_poll(riverside)
    cards = codes_for(poll, 4, once_entered=True)
    enter(typed=cards[0].code, device="a phone")
    gone = enter(typed=cards[1].code, device="another phone")
    credentials.leave(gone)
    opened = services.open_poll(poll=poll, lines=[services.NewLine(amina)], actor=None)
    assert opened.entitled == 2
    assert RegisterLine.objects.exclude(credential=None).get().credential == Credential.objects.get(number=1)


@pytest.mark.django_db(transaction=True)
def test_of_five_phones_at_once_one_has_the_code(riverside: Assembly) -> None:
    """One lock for each use: whoever was last has it, and every earlier entry is void."""
    (card,) = codes_for(make_poll(riverside))
    cache.clear()
    answers = in_threads(*[lambda n=n: enter(typed=card.code, device=f"phone {n}") for n in range(5)])
    entries = [answer.entry for answer in answers if isinstance(answer, Credential)]
    assert len(entries) == len(set(entries)) == 5
    assert Credential.objects.get().entry in entries


# Limits


def test_a_code_is_tried_five_times_in_five_minutes(riverside: Assembly) -> None:
    (card,) = codes_for(make_poll(riverside))
    for number in range(code_limits.TRIES_PER_CODE):
        enter(typed=card.code, device=f"phone {number}")
    with pytest.raises(CodeRefused, match="too often"):
        enter(typed=card.code, device="one more phone")


def test_a_device_tries_twenty_wrong_codes_in_an_hour(riverside: Assembly) -> None:
    (card,) = codes_for(make_poll(riverside))
    for number in range(code_limits.TRIES_PER_DEVICE):
        with pytest.raises(CodeRefused, match="not known"):
            enter(typed=f"000000{number:04d}", device="phone")
    with pytest.raises(CodeRefused, match="too many"):
        enter(typed=card.code, device="phone")
    enter(typed=card.code, device="the phone of somebody else")


def test_a_desk_enters_codes_for_a_hundred_people(riverside: Assembly) -> None:
    """Right codes never use up the tries of a device."""
    for card in codes_for(make_poll(riverside), 100):
        enter(typed=card.code, device="the tablet at the desk")


def test_a_hall_on_one_address_is_never_shut_out(riverside: Assembly) -> None:
    """Sixty phones behind one network address enter their codes and vote, while somebody there tries wrong ones."""
    poll, cards = open_with_codes(riverside, 60)
    flooder = Client(REMOTE_ADDR="203.0.113.7")
    flooder.get(reverse("voting:enter_code"))
    for number, card in enumerate(cards):
        flooder.post(reverse("voting:enter_code"), {"code": f"00000{number:05d}"})
        guest = Client(REMOTE_ADDR="203.0.113.7")
        assert enter_on(guest, card.code).status_code == 302
        assert cast_on(guest, poll).status_code == 302
    assert "too many wrong codes" in flooder.post(reverse("voting:enter_code"), {"code": "0000000000"}).content.decode()
    assert poll.turnout == 60


def test_another_address_in_the_headers_gives_no_more_tries(riverside: Assembly) -> None:
    client = Client()
    for number in range(code_limits.TRIES_PER_DEVICE):
        enter_on(client, f"00000{number:05d}", x_forwarded_for=f"198.51.100.{number}")
    answer = enter_on(client, "0000099999", x_forwarded_for="198.51.100.99")
    assert "too many wrong codes" in answer.content.decode()


def test_a_try_without_the_page_is_no_try(riverside: Assembly) -> None:
    """Who did not ask for the page has no device to count by; the page comes, and the code stays in it."""
    (card,) = codes_for(make_poll(riverside))
    client = Client()
    answer = client.post(reverse("voting:enter_code"), {"code": card.code})
    assert answer.status_code == 422
    assert "too old" in answer.content.decode()
    assert card.code in answer.content.decode()
    assert client.post(reverse("voting:enter_code"), {"code": card.code}).status_code == 302


def test_many_wrong_codes_together_are_an_alarm(
    riverside: Assembly, harbour: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_member(riverside, "Ada", Role.ADMINISTRATOR)
    codes_for(make_poll(riverside))
    told: list[str] = []
    monkeypatch.setattr("voting.code_limits.jobs.defer_once", lambda key, job: told.append(key))
    for number in range(code_limits.ALARM_TRIES + 20):
        with pytest.raises(CodeRefused):
            enter(typed=f"00000{number:05d}", device=f"a new device each time: {number}")
    assert told == ["voter-code-alarm"]  # once, not once for each further try


def test_the_alarm_is_in_the_log_and_in_the_mail_of_administrators(
    riverside: Assembly, harbour: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = make_member(riverside, "Ada", Role.ADMINISTRATOR)
    make_member(harbour, "Hal", Role.ADMINISTRATOR)
    codes_for(make_poll(riverside))
    mails: list[str] = []
    monkeypatch.setattr("voting.jobs.jobs.defer", lambda job, membership: mails.append(membership))
    warn_of_guessing()
    assert mails == [str(ada.pk)]
    assert [event.body for event in ledger.events(riverside.pk) if "codes_guessed" in event.body]
    assert not ledger.events(harbour.pk).exists()  # Harbour has no codes that somebody could guess
    mail_about_guessing(mails[0])
    assert mail.outbox[0].to == [ada.user.email]
    assert "Riverside" in mail.outbox[0].subject


def test_without_the_count_a_device_could_try_for_ever(riverside: Assembly, monkeypatch: pytest.MonkeyPatch) -> None:
    """The protection switched off, to see that the limit above is what stops the twenty-first try."""
    monkeypatch.setattr(code_limits, "_count", lambda name, seconds: 1)
    for number in range(code_limits.TRIES_PER_DEVICE * 2):
        with pytest.raises(CodeRefused, match="not known"):
            enter(typed=f"000000{number:04d}", device="phone")
