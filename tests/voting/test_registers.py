"""Registers: who is in, frozen when a poll opens, and late comers only where it was said."""

import threading
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import ledger
from assemblies.models import Assembly, District, Membership, Role
from tests.make import line_of, make_member, make_open_poll, make_poll
from tests.proving import prove
from tests.threads import in_threads
from voting import electorate, services
from voting.models import (
    Electorate,
    LateAdmission,
    Poll,
    Presence,
    Register,
    RegisterLine,
)
from voting.services import NewLine, PollRefused, registers
from voting.services.credentials import enter, make_codes

pytestmark = pytest.mark.django_db
PARK = {"options": ["a"]}


def cast(poll: Poll, line: RegisterLine, key: str = "a key for this ballot") -> object:
    return services.cast_ballot(poll=poll, line=RegisterLine.objects.get(pk=line.pk), choice=PARK, key=key)


def names(lines: list[NewLine]) -> set[str]:
    return {line.membership.user.name for line in lines if line.membership}


def refused(text: str, act: Any) -> None:
    with pytest.raises(DatabaseError, match=text), transaction.atomic():
        act()


# Who is in


def test_members_residents_and_residents_of_a_district(riverside: Assembly, chidi: Membership) -> None:
    hill = District.objects.create(assembly=riverside, name="Hill")
    make_member(riverside, "Amina", district=hill)
    make_member(riverside, "Bao")
    make_member(riverside, "Newcomer", verified=False, district=hill)
    make_member(riverside, "Gone", left_at=timezone.now())
    assert names(electorate.members(riverside)) == {"Amina", "Bao", "Newcomer"}
    assert names(electorate.residents(riverside)) == {"Amina", "Bao"}
    assert names(electorate.residents(riverside, hill)) == {"Amina"}


def test_people_present_are_there_with_where_they_are(riverside: Assembly, amina: Membership) -> None:
    newcomer = make_member(riverside, "Newcomer", verified=False)
    (line,) = electorate.present([(amina, "remote"), (newcomer, "in_room")])
    assert (line.membership, line.presence) == (amina, Presence.REMOTE)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Electorate.RESIDENTS, {"Amina"}),
        (Electorate.MEMBERS, {"Amina", "Newcomer"}),
        (Electorate.CODES, set()),
    ],
)
def test_the_assemblys_own_poll_goes_by_what_was_settled(
    riverside: Assembly, amina: Membership, choice: Electorate, expected: set[str]
) -> None:
    make_member(riverside, "Newcomer", verified=False)
    poll = make_poll(riverside)
    services.prepare_register(poll=poll, electorate=choice)
    assert names(services.voters_now(Poll.objects.get(pk=poll.pk))) == expected


def test_the_poll_opens_on_the_register_that_was_prepared(riverside: Assembly, amina: Membership) -> None:
    poll = make_poll(riverside)
    prepared = services.prepare_register(poll=poll, late_admission=LateAdmission.ADMIT)
    opened = services.open_poll(poll=poll, lines=[NewLine(amina, presence=Presence.IN_ROOM)], actor=None)
    assert opened.register == prepared
    assert opened.definition
    assert opened.definition["late_admission"] == "admit"
    assert line_of(opened, amina).presence == Presence.IN_ROOM


def test_a_proxy_votes_in_the_place_of_a_member(
    client: Client, riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    poll = make_poll(riverside)
    poll = services.open_poll(poll=poll, lines=[NewLine(amina, proxy=bao), NewLine(bao)], actor=None)
    assert not RegisterLine.objects.held_by(amina.user).exists()
    assert list(RegisterLine.objects.held_by(bao.user)) == [line_of(poll, bao), line_of(poll, amina)]
    client.force_login(bao.user)
    url = reverse("voting:cast", args=[poll.pk])
    client.post(url, {"options": "a", "key": "bao votes for himself"})
    page = client.get(poll.get_absolute_url()).content.decode()
    for_amina = f"?line={line_of(poll, amina).pk}"
    assert for_amina in page
    paper = client.get(poll.get_absolute_url() + for_amina).content.decode()
    assert "You vote in the place of Amina." in paper
    assert f'name="line" value="{line_of(poll, amina).pk}"' in paper
    sent = client.post(url, {"options": "b", "key": "bao votes for amina", "line": line_of(poll, amina).pk})
    assert sent.headers["Location"].endswith(for_amina)
    assert poll.ballots.get(line=line_of(poll, bao)).choice == PARK
    assert poll.ballots.get(line=line_of(poll, amina)).choice == {"options": ["b"]}


def test_nobody_votes_for_a_line_that_is_not_theirs(
    client: Client, riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    poll = make_open_poll(riverside, amina, bao)
    client.force_login(bao.user)
    sent = {"options": "a", "key": "bao votes for amina", "line": line_of(poll, amina).pk}
    assert client.post(reverse("voting:cast", args=[poll.pk]), sent).status_code == 403
    assert poll.turnout == 0


def test_who_was_given_a_paper_ballot_votes_on_paper(riverside: Assembly, amina: Membership) -> None:
    poll = make_poll(riverside)
    poll = services.open_poll(poll=poll, lines=[NewLine(amina, paper_issued=True)], actor=None)
    line = line_of(poll, amina)
    with pytest.raises(services.BallotRefused, match="paper"):
        cast(poll, line)
    services.cast_ballot(poll=poll, line=line, choice=PARK, key="typed in at the desk", channel="paper")
    assert poll.turnout == 1


# Frozen


def test_the_database_keeps_the_register_as_it_was(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    poll = make_open_poll(riverside, amina)
    line, register = line_of(poll, amina), line_of(poll, amina).register
    for late in (False, True):
        refused("frozen", lambda late=late: RegisterLine.objects.create(register=register, membership=bao, late=late))
    refused("frozen", lambda: RegisterLine.objects.filter(pk=line.pk).update(weight=5))
    refused("frozen", lambda: RegisterLine.objects.filter(pk=line.pk).update(paper_issued=True))
    refused("frozen", lambda: line.delete())
    refused("[Cc]annot", lambda: Register.objects.filter(pk=register.pk).update(late_admission="admit"))
    refused("[Cc]annot", lambda: Register.objects.filter(pk=register.pk).update(max_polls=3))


def test_nobody_is_late_before_the_register_is_frozen(riverside: Assembly, amina: Membership) -> None:
    register = Register.objects.create(assembly=riverside)
    refused("late", lambda: RegisterLine.objects.create(register=register, membership=amina, late=True))


def test_what_was_settled_cannot_be_changed_once_the_poll_is_open(riverside: Assembly, amina: Membership) -> None:
    poll = make_open_poll(riverside, amina)
    with pytest.raises(PollRefused, match="no longer"):
        services.prepare_register(poll=poll, late_admission=LateAdmission.ADMIT)


# Late comers


def late_poll(riverside: Assembly, *members: Membership, **fields: Any) -> Poll:
    poll = make_poll(riverside, **fields)
    services.prepare_register(poll=poll, late_admission=LateAdmission.ADMIT)
    return services.open_poll(poll=poll, lines=[NewLine(member) for member in members], actor=None)


def test_who_comes_late_votes_where_it_was_said_before(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    poll = late_poll(riverside, amina)
    assert [line.membership for line in services.late_comers(poll)] == [bao]
    assert services.admit_late(poll=poll, lines=services.late_comers(poll), actor=None) == 1
    line = line_of(poll, bao)
    assert line.late
    cast(poll, line)
    assert (poll.turnout, poll.entitled) == (1, 2)
    (event,) = [event.body for event in ledger.events(poll.pk) if "poll.late" in event.body]
    assert '"lines":1' in event


def test_nobody_comes_late_where_the_register_is_locked(
    riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    poll = make_open_poll(riverside, amina)
    assert services.late_comers(poll) == []
    with pytest.raises(PollRefused, match="nobody is added"):
        services.admit_late(poll=poll, lines=[NewLine(bao)], actor=None)


def test_nobody_is_added_twice_or_after_the_close(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    poll = late_poll(riverside, amina)
    services.admit_late(poll=poll, lines=[NewLine(bao)], actor=None)
    with pytest.raises(PollRefused, match="already"):
        services.admit_late(poll=poll, lines=[NewLine(bao), NewLine(amina)], actor=None)
    services.close_poll(poll=poll, actor=None)
    late, register = make_member(riverside, "Late"), line_of(poll, amina).register
    with pytest.raises(PollRefused, match="not open"):
        services.admit_late(poll=poll, lines=[NewLine(late)], actor=None)
    refused("not open", lambda: RegisterLine.objects.create(register=register, membership=late, late=True))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("protected", [True, False], ids=["with the lock", "without the lock"])
def test_nobody_slips_into_a_register_that_is_being_counted(
    riverside: Assembly, amina: Membership, bao: Membership, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    """Somebody is added in the very moment of the close: either before it, or not at all. Without the locks, after."""
    poll = late_poll(riverside, amina, published_at_close=True)
    checked, closed = threading.Event(), threading.Event()
    missing = registers._missing

    def slow_missing(*arguments: Any) -> Any:
        checked.set()
        closed.wait(0.7)
        return missing(*arguments)

    def close() -> Poll:
        checked.wait(5)
        done = services.close_poll(poll=poll, actor=None)
        closed.set()
        return done

    monkeypatch.setattr(registers, "_missing", slow_missing)
    if not protected:
        monkeypatch.setattr(registers, "hold_open", lambda poll: None)
        monkeypatch.setattr("voting.assembly_polls.AssemblyPolls.lock", lambda self, poll: None)
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE voting_registerline DISABLE TRIGGER USER")
    try:
        added, _counted = in_threads(lambda: services.admit_late(poll=poll, lines=[NewLine(bao)], actor=None), close)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE voting_registerline ENABLE TRIGGER USER")
    assert added == 1
    kinds = [event.body.partition('"kind":"')[2].partition('"')[0] for event in ledger.events(poll.pk)]
    came_before_the_close = kinds.index("poll.late") < kinds.index("poll.closed")
    assert came_before_the_close is protected


# The page


def as_administrator(client: Client, assembly: Assembly) -> Membership:
    administrator = make_member(assembly, "Ada", Role.ADMINISTRATOR)
    client.force_login(administrator.user)
    prove(client, administrator.user)
    return administrator


def test_the_page_says_who_would_be_in(client: Client, riverside: Assembly, amina: Membership) -> None:
    as_administrator(client, riverside)
    page = client.get(reverse("voting:register", args=[make_poll(riverside).pk])).content.decode()
    assert "<bdi>2</bdi> voters would be in the register" in page
    assert "Amina" in page


def test_the_administrator_settles_who_may_vote(client: Client, riverside: Assembly, amina: Membership) -> None:
    as_administrator(client, riverside)
    poll = make_poll(riverside)
    chosen = {"electorate": "codes", "late_admission": "admit"}
    client.post(reverse("voting:change_register", args=[poll.pk]), chosen)
    register = Register.objects.get()
    assert (register.electorate, register.late_admission, register.district) == ("codes", "admit", None)
    wrong = client.post(reverse("voting:change_register", args=[poll.pk]), {"electorate": "everybody"})
    assert wrong.status_code == 422


def test_the_administrator_prints_codes_and_revokes_them(client: Client, riverside: Assembly) -> None:
    as_administrator(client, riverside)
    poll = make_poll(riverside)
    make = reverse("voting:make_codes", args=[poll.pk])
    sent = {"batch": uuid.uuid4(), "label": "Guests", "size": "12"}
    sheet = client.post(make, sent)
    assert sheet.content.decode().count("<svg ") >= 12
    assert "no-store" in sheet.headers["Cache-Control"]
    assert client.post(make, sent).status_code == 302  # loaded again: nothing can be read a second time
    assert client.post(make, {**sent, "batch": uuid.uuid4(), "size": "9999"}).status_code == 422
    (batch,) = client.get(reverse("voting:register", args=[poll.pk])).context["batches"]
    client.post(reverse("voting:revoke_codes", args=[poll.pk, batch.pk]))
    batch.refresh_from_db()
    assert not batch.is_valid


def test_codes_of_another_poll_cannot_be_revoked_from_here(client: Client, riverside: Assembly) -> None:
    as_administrator(client, riverside)
    mine, other = make_poll(riverside), make_poll(riverside)
    batch, _codes = make_codes(
        poll=other, batch_id=uuid.uuid4(), label="Guests", size=1, counts_once_entered=False, actor=None
    )
    assert client.post(reverse("voting:revoke_codes", args=[mine.pk, batch.pk])).status_code == 404


def test_late_comers_are_added_from_the_page(client: Client, riverside: Assembly, amina: Membership) -> None:
    as_administrator(client, riverside)
    poll = late_poll(riverside, amina)
    _batch, (card, _unused) = make_codes(
        poll=poll, batch_id=uuid.uuid4(), label="Guests", size=2, counts_once_entered=True, actor=None
    )
    enter(typed=card.code, device="a phone")
    page = client.get(reverse("voting:register", args=[poll.pk])).content.decode()
    assert "2 people came later" in page  # Ada herself, and the guest
    client.post(reverse("voting:admit_late", args=[poll.pk]))
    assert Poll.objects.get(pk=poll.pk).entitled == 3


def test_the_page_asks_the_database_the_same_number_of_times_for_many(
    client: Client, riverside: Assembly, django_assert_max_num_queries: Any
) -> None:
    as_administrator(client, riverside)
    poll = make_poll(riverside)
    for number in range(30):
        make_member(riverside, f"Resident {number}")
    for _batch in range(6):
        make_codes(poll=poll, batch_id=uuid.uuid4(), label="Guests", size=3, counts_once_entered=False, actor=None)
    url = reverse("voting:register", args=[poll.pk])
    client.get(url)
    with django_assert_max_num_queries(16):
        client.get(url)
    opened = services.open_poll(poll=poll, lines=electorate.residents(riverside), actor=None)
    with django_assert_max_num_queries(16):
        assert (
            "<bdi>49</bdi> voters are in the register"
            in client.get(reverse("voting:register", args=[opened.pk])).content.decode()
        )
