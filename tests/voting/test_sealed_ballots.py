"""A sealed ballot: nobody reads it before the close, nobody can tell afterwards whose it was."""

import json
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import pgtrigger
import pytest
import time_machine
from django.conf import LazySettings, settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from nacl.public import PrivateKey

import ledger
from assemblies.models import Assembly, Membership
from tests.make import line_of, make_open_poll, make_poll
from voting import counting, keys, results, sealing, services
from voting.choices import Choice
from voting.models import BoxedBallot, Envelope, OpenBallot, Poll, PollState, Removal, Secrecy
from voting.services import box, closing

pytestmark = pytest.mark.django_db

PARK: Choice = {"options": ["a"]}
WELL: Choice = {"options": ["b", "c"]}
BLANK: Choice = {}


@pytest.fixture
def poll(riverside: Assembly, crowd: list[Membership]) -> Poll:
    return make_open_poll(riverside, *crowd, secrecy=Secrecy.CONFIDENTIAL, published_at_close=True)


def cast(poll: Poll, member: Membership, choice: Choice = PARK, key: str = "", **more: object) -> services.Receipt:
    key = key or f"key of {member.pk}"
    return services.cast_ballot(poll=poll, line=line_of(poll, member), choice=choice, key=key, **more)  # type: ignore[arg-type]


def execute(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def refuse(sql: str, *values: Any, match: str) -> None:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        execute(sql, *values)


def test_what_is_stored_says_nothing(poll: Poll, crowd: list[Membership]) -> None:
    for member, choice in zip(crowd, (PARK, WELL, BLANK), strict=False):
        cast(poll, member, choice)
    assert not OpenBallot.objects.exists()
    stored = list(Envelope.objects.filter(poll=poll))
    assert {len(envelope.body) for envelope in stored} == {poll.body_length}
    lines = {line_of(poll, member).pk.bytes for member in crowd}
    for envelope in stored:
        assert b"options" not in bytes(envelope.body)
        assert not any(line in bytes(envelope.slot) + bytes(envelope.body) for line in lines)
    assert poll.turnout == 3


def test_the_same_paper_twice_is_one_ballot_with_one_receipt(poll: Poll, crowd: list[Membership]) -> None:
    first, again = cast(poll, crowd[0]), cast(poll, crowd[0])
    assert (again.repeated, again.digest, again.signature) == (True, first.digest, first.signature)
    assert poll.turnout == 1
    keys.receipt_signer().verify_key.verify(sealing.signed_text(poll.pk, first.digest), first.signature)


@pytest.mark.parametrize(("key", "choice"), [("another key of theirs", PARK), ("", WELL)], ids=["key", "choice"])
def test_another_paper_is_refused_where_the_first_counts(
    poll: Poll, crowd: list[Membership], key: str, choice: Choice
) -> None:
    cast(poll, crowd[0])
    with pytest.raises(services.AlreadyVoted):
        cast(poll, crowd[0], choice, key)


def test_a_ballot_can_be_replaced_and_the_old_one_stays_gone(riverside: Assembly, crowd: list[Membership]) -> None:
    poll = make_open_poll(riverside, *crowd, secrecy=Secrecy.CONFIDENTIAL, change_allowed=True, published_at_close=True)
    first = cast(poll, crowd[0], PARK, "the first key of all")
    second = cast(poll, crowd[0], WELL, "the second key of all")
    assert second.revision == 2
    assert second.digest != first.digest
    with pytest.raises(services.BallotRefused, match="too old"):
        cast(poll, crowd[0], PARK, "the first key of all")
    poll = services.close_poll(poll=poll, actor=None)
    assert BoxedBallot.objects.get(poll=poll).choice == WELL


def test_the_receipt_is_there_until_the_keys_are_gone(poll: Poll, crowd: list[Membership]) -> None:
    line = line_of(poll, crowd[0])
    assert services.receipt_of(poll, line) is None
    given = cast(poll, crowd[0])
    found = services.receipt_of(poll, line)
    assert found is not None
    assert found.code == given.code
    assert services.have_voted([(poll, line), (poll, line_of(poll, crowd[1]))]) == {(poll.pk, line.pk)}
    poll = services.close_poll(poll=poll, actor=None)
    assert services.receipt_of(poll, line) is None
    assert given.digest in poll.closed_box.digests


def test_the_close_opens_counts_shuffles_and_forgets(poll: Poll, crowd: list[Membership]) -> None:
    codes = [secrets.token_bytes(10) for _ in crowd]
    for member, code in zip(crowd, codes, strict=True):
        cast(poll, member, WELL if member is crowd[0] else PARK, tracking=code)
    poll = services.close_poll(poll=poll, actor=None)
    assert poll.state == PollState.PUBLISHED
    assert [result.winners for result in results.visible_results(poll)] == [["a"]]
    assert [bytes(ballot.tracking) for ballot in BoxedBallot.objects.filter(poll=poll)] == sorted(codes)
    assert poll.turnout == 6
    assert poll.keys_destroyed_at
    assert not list(Path(settings.KEYS_DIR).glob(f"{poll.pk}*"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [box.partition_of(poll)])
        assert cursor.fetchone() == (None,)
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM voting_boxedballot WHERE poll_id = %s", [poll.pk])
        assert cursor.fetchone() == (1,)
    kinds = [json.loads(event.body)["kind"] for event in ledger.events(poll.pk)]
    assert kinds == ["poll.opened", "poll.closed", "poll.counted", "poll.published", "poll.keys_destroyed"]


def test_a_count_that_breaks_off_runs_again(
    poll: Poll, crowd: list[Membership], monkeypatch: pytest.MonkeyPatch
) -> None:
    cast(poll, crowd[0])
    with monkeypatch.context() as patch:
        patch.setattr(counting, "count", lambda poll: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            services.close_poll(poll=poll, actor=None)
    poll.refresh_from_db()
    assert (poll.state, BoxedBallot.objects.count(), Envelope.objects.count()) == (PollState.CLOSING, 0, 1)
    assert services.close_due_polls() == 1
    poll.refresh_from_db()
    assert (poll.state, BoxedBallot.objects.count()) == (PollState.PUBLISHED, 1)


def test_keys_that_survived_a_crash_go_with_the_next_minute(
    poll: Poll, crowd: list[Membership], monkeypatch: pytest.MonkeyPatch
) -> None:
    cast(poll, crowd[0])
    with monkeypatch.context() as patch:
        patch.setattr(closing, "destroy_keys", lambda poll: poll)
        services.close_poll(poll=poll, actor=None)
    assert list(Path(settings.KEYS_DIR).glob(f"{poll.pk}*"))
    services.close_due_polls()
    poll.refresh_from_db()
    assert poll.keys_destroyed_at
    assert not list(Path(settings.KEYS_DIR).glob(f"{poll.pk}*"))


def counted_event(poll: Poll) -> dict[str, object]:
    bodies = [json.loads(event.body) for event in ledger.events(poll.pk)]
    return next(body["data"] for body in bodies if body["kind"] == "poll.counted")


def test_what_is_no_ballot_of_a_voter_here_is_counted_as_invalid(
    riverside: Assembly, poll: Poll, crowd: list[Membership]
) -> None:
    """A stuffed slot, a garbled envelope, one from another poll, and a choice that is not on the paper."""
    other = make_open_poll(riverside, *crowd, secrecy=Secrecy.CONFIDENTIAL)
    cast(other, crowd[0])
    for member in crowd[:5]:
        cast(poll, member)
    stuffed = Envelope.objects.filter(poll=poll)[0]
    moved = Envelope.objects.get(poll=other)
    unknown = box.seal(poll, line_of(poll, crowd[5]), {"options": ["nowhere"]}, "key", "web", None)
    execute("ALTER TABLE voting_envelope DISABLE TRIGGER USER")
    execute(f"ALTER TABLE {box.partition_of(poll)} DISABLE TRIGGER USER")
    slots = [bytes(envelope.slot) for envelope in Envelope.objects.filter(poll=poll)]
    put = "UPDATE voting_envelope SET body = %s WHERE poll_id = %s AND slot = %s"
    execute(put, bytes(moved.body), poll.pk, slots[1])
    execute(put, secrets.token_bytes(poll.body_length or 0), poll.pk, slots[2])
    execute(put, bytes(unknown.body), poll.pk, slots[3])
    insert = "INSERT INTO voting_envelope VALUES (%s, %s, %s, %s, '', 1)"
    execute(insert, poll.pk, secrets.token_bytes(32), bytes(stuffed.body), secrets.token_bytes(32))
    services.close_poll(poll=poll, actor=None)
    told = counted_event(poll)
    assert (told["ballots"], told["invalid"]) == (2, 4)


def test_nothing_put_in_or_swapped_after_the_close_is_counted(riverside: Assembly, crowd: list[Membership]) -> None:
    """An operator with the public key seals ballots while the box waits to be opened; the count refuses them all."""
    poll = make_open_poll(riverside, *crowd, secrecy=Secrecy.CONFIDENTIAL, challenge_hours=24)
    for member in crowd[:3]:
        cast(poll, member)
    poll = services.close_poll(poll=poll, actor=None)
    later = timezone.now() + timedelta(hours=25)
    forged = box.seal(poll, line_of(poll, crowd[0]), WELL, "key", "web", None)
    execute(f"ALTER TABLE {box.partition_of(poll)} DISABLE TRIGGER USER")
    execute(
        "UPDATE voting_envelope SET body = %s WHERE poll_id = %s AND slot = %s",
        bytes(forged.body), poll.pk, bytes(forged.slot),
    )  # fmt: skip
    with pytest.raises(closing.BoxDiffers):
        services.close_poll(poll=poll, actor=None, at=later)
    poll.refresh_from_db()
    assert poll.state == PollState.CLOSING
    with pytest.raises(services.PollRefused, match="being counted"):
        services.void_poll(poll=poll, actor=None, reason="Somebody swapped ballots.")
    with time_machine.travel(later):
        assert services.void_poll(poll=poll, actor=None, reason="Somebody swapped ballots.").state == PollState.VOIDED


def test_a_ballot_put_straight_into_the_opened_box_stops_the_count(
    riverside: Assembly, crowd: list[Membership]
) -> None:
    poll = make_open_poll(riverside, *crowd, secrecy=Secrecy.CONFIDENTIAL, challenge_hours=24)
    cast(poll, crowd[0])
    poll = services.close_poll(poll=poll, actor=None)
    BoxedBallot.objects.create(poll=poll, tracking=b"t" * 10, weight=1, channel="web", choice=WELL)
    with pytest.raises(closing.BoxDiffers):
        services.close_poll(poll=poll, actor=None, at=timezone.now() + timedelta(hours=25))


def test_a_paper_with_a_strange_channel_is_invalid_and_stops_nothing(poll: Poll, crowd: list[Membership]) -> None:
    for member, channel in zip(crowd, ("web", "", "c" * 21, "null\0"), strict=False):
        services.cast_ballot(
            poll=poll, line=line_of(poll, member), choice=PARK, key=f"key of {member.pk}", channel=channel
        )
    services.close_poll(poll=poll, actor=None)
    told = counted_event(poll)
    assert (told["ballots"], told["invalid"]) == (1, 3)


def test_nobody_fills_the_disk_by_voting_again_and_again(
    riverside: Assembly, crowd: list[Membership], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(box, "MOST_REVISIONS", 3)
    for secrecy in (Secrecy.NAMED, Secrecy.CONFIDENTIAL):
        poll = make_open_poll(riverside, *crowd, secrecy=secrecy, change_allowed=True)
        for number in range(3):
            cast(poll, crowd[0], PARK, f"key number {number} of them")
        with pytest.raises(services.BallotRefused, match="changed your ballot 3 times"):
            cast(poll, crowd[0], WELL, "one key too many of them")


def test_two_voters_with_one_code_are_both_counted_and_listed(poll: Poll, crowd: list[Membership]) -> None:
    code = secrets.token_bytes(10)
    cast(poll, crowd[0], tracking=code)
    cast(poll, crowd[1], WELL, tracking=code)
    services.close_poll(poll=poll, actor=None)
    assert sorted(BoxedBallot.objects.filter(poll=poll).values_list("copy", flat=True)) == [0, 1]
    assert counted_event(poll)["repeated_codes"] == [code.hex()]


def test_sealed_ballots_wait_while_they_may_be_challenged(riverside: Assembly, crowd: list[Membership]) -> None:
    poll = make_open_poll(riverside, *crowd, secrecy=Secrecy.CONFIDENTIAL, challenge_hours=24)
    cast(poll, crowd[0])
    poll = services.close_poll(poll=poll, actor=None)
    assert (poll.state, services.close_due_polls()) == (PollState.CLOSING, 0)
    later = timezone.now() + timedelta(hours=25)
    assert services.close_due_polls(at=later) == 1
    poll.refresh_from_db()
    assert poll.state == PollState.WITHHELD


def test_the_database_refuses_what_would_undo_the_promise(poll: Poll, crowd: list[Membership], bao: Membership) -> None:
    cast(poll, crowd[0])
    stored = Envelope.objects.get(poll=poll)
    refuse("DELETE FROM voting_envelope", match="never deleted")
    refuse("TRUNCATE voting_envelope", match="never emptied")
    refuse(f"TRUNCATE {box.partition_of(poll)}", match="never emptied")
    refuse("UPDATE voting_envelope SET slot = %s", secrets.token_bytes(32), match="cannot be changed")
    refuse("UPDATE voting_envelope SET revision = 2, body = 'short'", match="same length")
    refuse(
        "UPDATE voting_envelope SET revision = 2, key_hash = %s, earlier_keys = key_hash, body = %s",
        secrets.token_bytes(32), secrets.token_bytes(poll.body_length or 0), match="cannot be changed",
    )  # fmt: skip
    refuse("UPDATE voting_poll SET text = 'Yes means no.' WHERE id = %s", poll.pk, match="Cannot update")
    refuse("UPDATE voting_poll SET closes_at = clock_timestamp() WHERE id = %s", poll.pk, match="Cannot update")
    with pytest.raises(DatabaseError, match="begins as a draft"), transaction.atomic():
        Poll.objects.create(assembly=poll.assembly, owner_kind="assembly", question="Open at once?", state="open")
    put = "INSERT INTO voting_envelope VALUES (%s, %s, %s, %s, '', %s)"
    slot, key = secrets.token_bytes(32), secrets.token_bytes(32)
    refuse(put, poll.pk, slot, bytes(stored.body), key, 2, match="revision 1")
    refuse(put, poll.pk, b"slot", bytes(stored.body), key, 1, match="same length")
    with pytest.raises(DatabaseError, match="filled once"), transaction.atomic():
        BoxedBallot.objects.create(poll=poll, tracking=b"t" * 10, weight=1, channel="web", choice={})
    poll = services.close_poll(poll=poll, actor=None)
    refuse("UPDATE voting_boxedballot SET weight = 5", match="Cannot update or delete")
    refuse("DELETE FROM voting_boxedballot", match="Cannot update or delete")
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    refuse("TRUNCATE voting_boxedballot", match="never emptied")
    refuse("UPDATE voting_closedbox SET ballots = 0", match="Cannot update or delete")


def test_only_a_removal_by_two_people_deletes_an_envelope(
    poll: Poll, crowd: list[Membership], amina: Membership, bao: Membership
) -> None:
    cast(poll, crowd[0])
    slot, line = bytes(Envelope.objects.get(poll=poll).slot), line_of(poll, crowd[0])
    removal = Removal.objects.create(poll=poll, line=line, slot=slot, reason="Moved away.", asked_by=bao.user)
    refuse("DELETE FROM voting_envelope", match="never deleted")
    refuse("UPDATE voting_removal SET agreed_by_id = asked_by_id", match="Cannot update or delete")
    assert removal.reason


def test_two_people_take_out_a_sealed_ballot_unopened(
    poll: Poll, crowd: list[Membership], amina: Membership, bao: Membership
) -> None:
    for member in crowd[:2]:
        cast(poll, member)
    line = line_of(poll, crowd[0])
    take_out: dict[str, Any] = {"poll": poll, "line": line, "reason": "Moved away in May."}
    assert services.remove_ballot(**take_out, actor=bao.user) is None
    assert services.remove_ballot(**take_out, actor=bao.user) is None
    assert poll.turnout == 2
    assert services.remove_ballot(**take_out, actor=amina.user)
    assert poll.turnout == 1
    with pytest.raises(services.BallotRefused, match="taken out"):
        cast(poll, crowd[0], key="once more from them")
    poll = services.close_poll(poll=poll, actor=None)
    assert poll.turnout == BoxedBallot.objects.count() == 1
    with pytest.raises(services.PollRefused, match="counted"):
        services.remove_ballot(poll=poll, line=line_of(poll, crowd[1]), reason="Late.", actor=bao.user)


def test_a_named_ballot_that_is_taken_out_is_not_counted(
    riverside: Assembly, crowd: list[Membership], bao: Membership
) -> None:
    poll = make_open_poll(riverside, *crowd, published_at_close=True)
    for member in crowd[:2]:
        cast(poll, member)
    with pytest.raises(services.PollRefused, match="Say why"):
        services.remove_ballot(poll=poll, line=line_of(poll, crowd[0]), reason=" ", actor=bao.user)
    assert services.remove_ballot(poll=poll, line=line_of(poll, crowd[0]), reason="Moved away.", actor=bao.user)
    poll = services.close_poll(poll=poll, actor=None)
    assert poll.turnout == poll.closed_box.ballots == poll.results.get().outcome["n"] == 1


class TestSecretPolls:
    @pytest.fixture
    def ready(self, riverside: Assembly, crowd: list[Membership]) -> Poll:
        return make_poll(riverside, secrecy=Secrecy.SECRET)

    def open(self, poll: Poll, crowd: list[Membership], actor: Membership) -> Poll:
        closes_at = poll.created_at + timedelta(hours=1)  # both agree to the same time
        lines = [services.NewLine(member) for member in crowd]
        return services.open_poll(poll=poll, lines=lines, actor=actor.user, closes_at=closes_at)

    def test_two_people_open_close_and_publish(
        self, ready: Poll, crowd: list[Membership], amina: Membership, bao: Membership
    ) -> None:
        assert self.open(ready, crowd, bao).state == PollState.DRAFT
        assert self.open(ready, crowd, bao).state == PollState.DRAFT  # the same person twice is one person
        poll = self.open(ready, crowd, amina)
        assert poll.state == PollState.OPEN
        cast(poll, crowd[0])
        assert services.close_poll(poll=poll, actor=amina.user).state == PollState.OPEN
        poll = services.close_poll(poll=poll, actor=bao.user)
        assert poll.state == PollState.WITHHELD
        assert services.publish_poll(poll=poll, actor=bao.user).state == PollState.WITHHELD
        assert results.visible_results(poll) == []
        assert services.publish_poll(poll=poll, actor=amina.user).state == PollState.PUBLISHED

    def test_the_announced_time_closes_it_without_anybody(
        self, ready: Poll, crowd: list[Membership], amina: Membership, bao: Membership
    ) -> None:
        self.open(ready, crowd, bao)
        poll = self.open(ready, crowd, amina)
        assert services.close_due_polls() == 0
        with pgtrigger.ignore("voting.Poll:closing_time_fixed"):
            execute("UPDATE voting_poll SET closes_at = clock_timestamp() WHERE id = %s", poll.pk)
        assert services.close_due_polls() == 1
        poll.refresh_from_db()
        assert poll.state == PollState.WITHHELD

    def test_who_agreed_before_a_change_agreed_to_something_else(
        self, ready: Poll, crowd: list[Membership], amina: Membership, bao: Membership
    ) -> None:
        self.open(ready, crowd, bao)
        Poll.objects.filter(pk=ready.pk).update(question="Something else?")
        assert self.open(ready, crowd, amina).state == PollState.DRAFT
        assert self.open(ready, crowd, bao).state == PollState.OPEN

    @pytest.mark.parametrize("protected", [True, False], ids=["with the trigger", "without the trigger"])
    def test_the_database_itself_counts_to_two(
        self, ready: Poll, crowd: list[Membership], bao: Membership, amina: Membership, protected: bool
    ) -> None:
        self.open(ready, crowd, bao)
        poll = self.open(ready, crowd, amina)
        sql = "UPDATE voting_poll SET state = 'closing' WHERE id = %s"
        if protected:
            refuse(sql, poll.pk, match="two people")
        else:
            with pgtrigger.ignore("voting.Poll:four_eyes"):
                execute(sql, poll.pk)

    @pytest.mark.parametrize(("voters", "why"), [(4, "at least 5 voters"), (0, "register of voters is empty")])
    def test_a_handful_of_voters_gets_no_secret_poll_and_nobody_agrees_in_vain(
        self, ready: Poll, crowd: list[Membership], bao: Membership, voters: int, why: str
    ) -> None:
        with pytest.raises(services.PollRefused, match=why):
            self.open(ready, crowd[:voters], bao)
        assert not ready.approvals.exists()


def test_sealed_polls_show_no_running_tally(riverside: Assembly, crowd: list[Membership]) -> None:
    with pytest.raises(DatabaseError, match="voting_poll_sealed_shows_no_tally"), transaction.atomic():
        make_open_poll(riverside, *crowd, secrecy=Secrecy.CONFIDENTIAL, shown_while_open="tally")


def test_small_groups_and_rare_weights_are_warned_about(poll: Poll) -> None:
    assert "fewer than 5 voters" in services.cautions(poll, [1, 1, 1])[0]
    assert "same weight" in services.cautions(poll, [1] * 9 + [7])[0]
    assert len(services.cautions(poll, [1] * 9)) == 1


def test_a_voided_poll_is_never_opened(poll: Poll, crowd: list[Membership], bao: Membership) -> None:
    cast(poll, crowd[0])
    poll = services.void_poll(poll=poll, actor=bao.user, reason="A wrong text.")
    assert (poll.state, BoxedBallot.objects.count()) == (PollState.VOIDED, 0)
    assert poll.keys_destroyed_at


class TestSealing:
    def ballot(self, **fields: object) -> sealing.Ballot:
        given = {
            "choice": PARK,
            "tracking": b"t" * 10,
            "weight": 1,
            "channel": "web",
            "definition_hash": b"d" * 32,
            "poll": Poll().pk,
        }
        return sealing.Ballot(**{**given, **fields})  # type: ignore[arg-type]

    def test_what_is_sealed_comes_out_as_it_went_in(self) -> None:
        private = PrivateKey.generate()
        ballot = self.ballot(choice={"options": ["é", "b"]})
        body = sealing.seal(bytes(private.public_key), ballot, sealing.body_length(100))
        assert len(body) == sealing.body_length(100)
        assert sealing.unseal(bytes(private), body) == ballot

    def test_a_ballot_that_is_too_long_is_never_cut(self) -> None:
        private = PrivateKey.generate()
        with pytest.raises(ValueError, match="longer"):
            sealing.seal(
                bytes(private.public_key), self.ballot(choice={"options": ["x" * 999]}), sealing.body_length(99)
            )

    def test_every_changed_byte_is_noticed(self) -> None:
        private = PrivateKey.generate()
        body = sealing.seal(bytes(private.public_key), self.ballot(), sealing.body_length(50))
        for place in range(len(body)):
            changed = bytearray(body)
            changed[place] ^= 1
            with pytest.raises(sealing.NotReadable):
                sealing.unseal(bytes(private), bytes(changed))

    def test_key_files_are_for_their_owner_only(self, tmp_path: Path, settings: LazySettings) -> None:
        settings.KEYS_DIR = tmp_path / "keys"
        poll = Poll()
        keys.make_for(poll.pk)
        modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()}
        assert modes == {0o600}
        keys.destroy(poll.pk, keys.LINK, keys.BOX)
        keys.destroy(poll.pk, keys.LINK, keys.BOX)
        with pytest.raises(keys.KeyGone):
            keys.read(poll.pk, keys.LINK)
