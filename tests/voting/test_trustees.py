"""Three people keep a key of the box on paper: any two open it, nobody alone, and no key is ever stored."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from django.utils import timezone
from nacl.public import PublicKey, SealedBox

from assemblies.models import Assembly, Membership
from tests.make import make_member, make_poll
from voting import keys, services, trustees
from voting.models import BallotType, Poll, PollState, SealedKey, Secrecy, Trustee
from voting.services import NewLine, PollRefused, closing

pytestmark = pytest.mark.django_db

Papers = dict[str, str]  # what each trustee wrote down, by name


@pytest.fixture
def people(riverside: Assembly) -> list[Membership]:
    return [make_member(riverside, name) for name in ("Ana", "Ben", "Cleo", "Dev", "Eve", "Finn")]


@pytest.fixture
def draft(riverside: Assembly) -> Poll:
    return make_poll(riverside, ballot_type=BallotType.YES_NO, secrecy=Secrecy.SECRET)


def with_keys(poll: Poll, *people: Membership) -> Papers:
    """These people are trustees, have made their keys and typed them back."""
    papers = {}
    for person in people:
        trustee = services.name_trustee(poll=poll, membership=person)
        papers[person.user.name] = services.make_key(trustee=trustee)
        services.prove_key(trustee=trustee, typed=papers[person.user.name])
    return papers


def opened(poll: Poll, people: list[Membership], *agreeing: Membership) -> Poll:
    for person in agreeing:
        poll = services.open_poll(poll=poll, lines=[NewLine(voter) for voter in people], actor=person.user)
    assert poll.state == PollState.OPEN
    return poll


def closed(poll: Poll, *agreeing: Membership) -> Poll:
    for person in agreeing:
        poll = services.close_poll(poll=poll, actor=person.user)
    return poll


def voted(poll: Poll, people: list[Membership], answer: str = "yes") -> None:
    for number, person in enumerate(people):
        line = poll.register.lines.get(membership=person)  # type: ignore[union-attr]
        services.cast_ballot(poll=poll, line=line, choice={"options": [answer]}, key=f"key of voter number {number}")


def enter(poll: Poll, papers: Papers, name: str) -> Poll:
    trustee = poll.trustees.get(user__name=name)
    return services.enter_key(poll=poll, trustee=trustee, typed=papers[name])


@pytest.fixture
def guarded(draft: Poll, people: list[Membership], dana: Membership, emil: Membership) -> tuple[Poll, Papers]:
    """A closed secret poll with four ballots whose box waits for two of Ana, Ben and Cleo."""
    papers = with_keys(draft, *people[:3])
    poll = opened(draft, people, dana, emil)
    voted(poll, people[:4])
    return closed(poll, dana, emil), papers


def test_a_key_reads_back_as_it_was_written_however_it_is_typed() -> None:
    key = trustees.new_key()
    written = trustees.written(key)
    assert [len(group) for group in written.split("-")] == [4] * 13
    assert trustees.read(written) == key
    assert trustees.read(f" {written.lower().replace('-', ' ').replace('0', 'o')} ") == key


def test_a_slip_of_the_pen_is_nearly_always_noticed_before_the_key_is_tried() -> None:
    noticed = 0
    for _round in range(64):
        letters = trustees.written(trustees.new_key()).replace("-", "")
        wrong = letters[:20] + ("A" if letters[20] != "A" else "B") + letters[21:]
        try:
            trustees.read(wrong)
        except trustees.NotAKey:
            noticed += 1
    assert noticed > 48  # 15 of 16 on average


def test_wiping_leaves_nothing_of_a_secret_in_its_memory() -> None:
    secret = trustees.new_key()
    with trustees.wiped(secret) as key:
        assert any(key)
    assert secret == bytes(32)


def test_a_canary_opens_with_its_own_key_only() -> None:
    key, other = trustees.new_key(), trustees.new_key()
    envelope, inside = trustees.canary_for(trustees.public_key_of(key))
    assert trustees.opens_canary(key, envelope, inside)
    assert not trustees.opens_canary(other, envelope, inside)
    assert not trustees.opens_canary(key, envelope, b"\0" * 32)


def test_the_poll_opens_only_when_three_trustees_have_typed_their_keys_back(
    draft: Poll, people: list[Membership], dana: Membership
) -> None:
    ana, ben, cleo = people[:3]
    with_keys(draft, ana, ben)
    assert services.blockers(draft) == ["2 trustees are named. Name three, or none."]
    third = services.name_trustee(poll=draft, membership=cleo)
    assert services.blockers(draft) == ["Cleo has to make a key, write it down and type it back."]
    written = services.make_key(trustee=third)
    assert services.blockers(draft) == ["Cleo has to make a key, write it down and type it back."]
    with pytest.raises(PollRefused, match="Cleo has to"):
        services.open_poll(poll=draft, lines=[NewLine(person) for person in people], actor=dana.user)
    services.prove_key(trustee=third, typed=written)
    assert services.blockers(draft) == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("K7QF-2", "52 letters and figures, and you typed 5"),
        (trustees.written(b"\1" * 32), "not the one that you made"),
        (trustees.written(b"\1" * 32)[:-1] + "Z", "One of the letters is wrong"),
        ("", "you typed 0"),
    ],
)
def test_a_wrong_key_is_told_in_a_clear_sentence(
    draft: Poll, people: list[Membership], typed: str, sentence: str
) -> None:
    trustee = services.name_trustee(poll=draft, membership=people[0])
    services.make_key(trustee=trustee)
    with pytest.raises(PollRefused, match=sentence):
        services.prove_key(trustee=trustee, typed=typed)
    trustee.refresh_from_db()
    assert trustee.proved_at is None


def test_a_new_key_has_to_be_typed_back_again(draft: Poll, people: list[Membership]) -> None:
    papers = with_keys(draft, people[0])
    trustee = draft.trustees.get()
    services.make_key(trustee=trustee)
    with pytest.raises(PollRefused, match="not the one that you made"):
        services.prove_key(trustee=trustee, typed=papers["Ana"])
    assert draft.trustees.get().proved_at is None


def test_who_agrees_to_open_agrees_to_these_trustees(
    draft: Poll, people: list[Membership], dana: Membership, emil: Membership
) -> None:
    with_keys(draft, *people[:3])
    lines = [NewLine(person) for person in people]
    services.open_poll(poll=draft, lines=lines, actor=dana.user)
    trustee = draft.trustees.get(user__name="Ana")
    services.prove_key(trustee=trustee, typed=services.make_key(trustee=trustee))
    assert services.open_poll(poll=draft, lines=lines, actor=emil.user).state != PollState.OPEN
    assert services.open_poll(poll=draft, lines=lines, actor=dana.user).state == PollState.OPEN


@pytest.mark.parametrize(("first", "second"), list(permutations(["Ana", "Ben", "Cleo"], 2)))
def test_any_two_open_the_box_in_either_order(guarded: tuple[Poll, Papers], first: str, second: str) -> None:
    poll, papers = guarded
    assert poll.state == PollState.CLOSING
    assert enter(poll, papers, first).state == PollState.CLOSING
    assert [str(trustee) for trustee in services.who_came(poll)] == [first]
    counted = enter(poll, papers, second)
    assert counted.state == PollState.WITHHELD
    assert counted.boxed_ballots.count() == 4
    assert counted.keys_destroyed_at is not None
    assert not SealedKey.objects.filter(poll=poll).exists()
    verdict = counted.results.get().outcome
    assert verdict["winners"] == ["yes"]


@pytest.mark.parametrize("name", ["Ana", "Ben", "Cleo"])
def test_one_trustee_alone_never_opens_it(guarded: tuple[Poll, Papers], name: str) -> None:
    poll, papers = guarded
    enter(poll, papers, name)
    for _again in range(2):
        with pytest.raises(PollRefused, match="One of the other two"):
            enter(poll, papers, name)
    services.close_due_polls()
    services.close_poll(poll=poll, actor=None)
    poll.refresh_from_db()
    assert poll.state == PollState.CLOSING
    # Not even with everything that the database and the disk hold.
    alone, reachable = trustees.read(papers[name]), []
    for row in SealedKey.objects.filter(poll=poll):
        for body in (row.body, row.peeled or b""):
            try:
                reachable.append(trustees.peel(alone, bytes(body)))
            except trustees.DoesNotOpen:
                continue
    assert reachable, "their own layer opens"
    assert all(len(found) > 32 for found in reachable), "what is inside is sealed for somebody else"


def test_the_switch_off_one_key_would_do_if_the_second_layer_were_missing(
    guarded: tuple[Poll, Papers], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above looks for the right thing: without the inner layer it finds the key of the box."""
    _poll, papers = guarded
    secret, alone = trustees.new_key(), trustees.read(papers["Ana"])
    monkeypatch.setattr(
        trustees,
        "seal_for_pair",
        lambda secret, outer, inner: SealedBox(PublicKey(outer)).encrypt(secret),
    )
    once = trustees.seal_for_pair(secret, outer=trustees.public_key_of(alone), inner=b"")
    assert trustees.peel(alone, bytes(once)) == secret


def test_nobody_else_enters_a_key_in_the_place_of_a_trustee(guarded: tuple[Poll, Papers]) -> None:
    poll, papers = guarded
    with pytest.raises(PollRefused, match="not the one that you made"):
        enter(poll, {"Ana": papers["Ben"]}, "Ana")


def test_keys_are_entered_after_the_close_and_before_the_count_only(
    draft: Poll, people: list[Membership], dana: Membership, emil: Membership
) -> None:
    papers = with_keys(draft, *people[:3])
    poll = opened(draft, people, dana, emil)
    with pytest.raises(PollRefused, match="after voting has closed"):
        enter(poll, papers, "Ana")
    closed(poll, dana, emil)
    enter(poll, papers, "Ana")
    enter(poll, papers, "Ben")
    with pytest.raises(PollRefused, match="after voting has closed"):
        enter(poll, papers, "Cleo")


def test_a_crash_between_the_two_keys_and_in_the_count_loses_nothing(
    guarded: tuple[Poll, Papers], monkeypatch: pytest.MonkeyPatch
) -> None:
    poll, papers = guarded
    enter(poll, papers, "Cleo")

    def crash(*arguments: Any, **options: Any) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr("voting.counting.count", crash)
        with pytest.raises(RuntimeError), transaction.atomic():
            enter(poll, papers, "Ben")
    poll.refresh_from_db()
    assert poll.state == PollState.CLOSING
    assert poll.boxed_ballots.count() == 0
    assert [str(trustee) for trustee in services.who_came(poll)] == ["Cleo"]
    assert enter(poll, papers, "Ana").boxed_ballots.count() == 4


def test_a_crash_after_the_count_leaves_the_keys_to_the_next_run(
    guarded: tuple[Poll, Papers], monkeypatch: pytest.MonkeyPatch
) -> None:
    poll, papers = guarded
    enter(poll, papers, "Ana")
    with monkeypatch.context() as patch:
        patch.setattr(closing, "_forget", lambda poll: poll)
        enter(poll, papers, "Ben")
    assert SealedKey.objects.filter(poll=poll).exists()
    services.close_due_polls()
    assert not SealedKey.objects.filter(poll=poll).exists()


def test_when_two_keys_are_lost_two_people_can_declare_the_poll_void(
    guarded: tuple[Poll, Papers], dana: Membership, emil: Membership
) -> None:
    poll, _papers = guarded
    reason = "Two of the three keys are lost."
    assert services.void_poll(poll=poll, actor=dana.user, reason=reason).state == PollState.CLOSING
    assert services.void_poll(poll=poll, actor=emil.user, reason=reason).state == PollState.VOIDED
    assert poll.boxed_ballots.count() == 0
    with pytest.raises(keys.KeyGone):
        keys.read(poll.pk, keys.LINK)


def everything_stored() -> bytes:
    """Every row of every table as text, and every file of the folder of keys."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT t::text FROM {connection.ops.quote_name(table)} t")  # noqa: S608
            found += [row.encode() for (row,) in cursor.fetchall()]
    found += [path.read_bytes() for path in Path(settings.KEYS_DIR).rglob("*") if path.is_file()]
    return b"\n".join(found)


def clear_forms(key: bytes) -> list[bytes]:
    written = trustees.written(key)
    return [key, key.hex().encode(), written.encode(), written.replace("-", "").encode()]


def test_no_key_is_in_the_database_or_in_a_file_at_any_moment(
    draft: Poll, people: list[Membership], dana: Membership, emil: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bytes] = []
    fresh: Callable[[], bytes] = trustees.new_key

    def remembered() -> bytes:
        key = fresh()
        made.append(bytes(bytearray(key)))  # a copy: the other one is wiped
        return key

    monkeypatch.setattr(trustees, "new_key", remembered)
    papers = with_keys(draft, *people[:3])
    poll = opened(draft, people, dana, emil)
    assert len(made) == 4, "three of trustees and the one of the box"
    assert not (Path(settings.KEYS_DIR) / f"{poll.pk}.box").exists()
    moments = [everything_stored()]
    voted(poll, people[:4])
    closed(poll, dana, emil)
    enter(poll, papers, "Ben")
    moments.append(everything_stored())
    enter(poll, papers, "Ana")
    moments.append(everything_stored())
    leaks = [form for stored in moments for key in made for form in clear_forms(key) if form in stored]
    assert leaks == []


def test_the_search_for_keys_would_find_one(draft: Poll) -> None:
    key = trustees.new_key()
    draft.text = trustees.written(key)
    draft.save(update_fields=["text"])
    keys.keyed_hash_key("another")
    stored = everything_stored()
    assert any(form in stored for form in clear_forms(key))
    assert keys.keyed_hash_key("another") in stored


def test_the_database_keeps_trustees_and_layers_as_they_are(guarded: tuple[Poll, Papers]) -> None:
    poll, _papers = guarded
    layer = SealedKey.objects.filter(poll=poll).first()
    assert layer
    acts: list[Callable[[], object]] = [
        lambda: Trustee.objects.filter(poll=poll).update(public_key=b"\2" * 32),
        lambda: SealedKey.objects.filter(pk=layer.pk).update(body=b"x"),
        lambda: SealedKey.objects.filter(pk=layer.pk).delete(),
        lambda: SealedKey.objects.filter(pk=layer.pk).update(inner=layer.outer),
    ]
    for act in acts:
        with pytest.raises(ProgrammingError), transaction.atomic():
            act()


def test_only_a_secret_poll_has_trustees_and_only_before_it_opens(
    riverside: Assembly, guarded: tuple[Poll, Papers], people: list[Membership], chidi: Membership, draft: Poll
) -> None:
    poll, _papers = guarded
    with pytest.raises(PollRefused, match="fixed when voting opens"):
        services.name_trustee(poll=poll, membership=people[4])
    with pytest.raises(PollRefused, match="fixed when voting opens"):
        services.make_key(trustee=poll.trustees.all()[0])
    named = make_poll(riverside)
    with pytest.raises(PollRefused, match="Only a secret vote"):
        services.name_trustee(poll=named, membership=people[4])
    secret = make_poll(riverside, secrecy=Secrecy.SECRET)
    with pytest.raises(PollRefused, match="member of this assembly"):
        services.name_trustee(poll=secret, membership=chidi)
    for person in people[:3]:
        services.name_trustee(poll=secret, membership=person)
    with pytest.raises(PollRefused, match="three trustees already"):
        services.name_trustee(poll=secret, membership=people[3])
    Poll.objects.filter(pk=secret.pk).update(secrecy=Secrecy.CONFIDENTIAL)
    secret.refresh_from_db()
    assert services.blockers(secret)[0].startswith("Only a secret vote has trustees.")


def test_a_trustee_who_left_a_private_assembly_reaches_the_page_of_their_key_and_no_other(
    riverside: Assembly, guarded: tuple[Poll, Papers], people: list[Membership], draft: Poll
) -> None:
    poll, papers = guarded
    preparing = make_poll(riverside, ballot_type=BallotType.YES_NO, secrecy=Secrecy.SECRET)
    services.name_trustee(poll=preparing, membership=people[0])
    type(riverside).objects.update(is_public=False)
    Membership.objects.filter(pk__in=[people[0].pk, people[4].pk]).update(left_at=timezone.now())
    url = f"/polls/{poll.pk}/trustees/"
    ana, eve = Client(), Client()
    ana.force_login(people[0].user)
    eve.force_login(people[4].user)

    shown = ana.get(url)
    assert "Enter my key" in shown.content.decode()
    assert riverside.get_absolute_url() not in shown.content.decode()
    assert ana.post(f"{url}enter/", {"key": papers["Ana"]}, follow=True).status_code == 200
    assert [str(trustee) for trustee in services.who_came(poll)] == ["Ana"]

    closed_to_ana = [
        f"/polls/{preparing.pk}/trustees/", f"/polls/{poll.pk}/", f"/polls/{poll.pk}/desk/", riverside.get_absolute_url()
    ]  # fmt: skip
    assert [ana.get(address).status_code for address in closed_to_ana] == [404] * 4
    assert eve.get(url).status_code == 404
