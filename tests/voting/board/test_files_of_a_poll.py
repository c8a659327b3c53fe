"""From a poll in the database to its published files: every kind, by real casts, and nothing before its time."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

import ledger
from accounts.models import User
from assemblies.models import Assembly, Membership, Role
from tests.make import line_of, make_member, make_open_poll
from voting import results, services
from voting.board import verify
from voting.models import Poll, Publication, receipt_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def members(riverside: Assembly) -> list[Membership]:
    return [make_member(riverside, f"Voter {number}") for number in range(12)]


def cast_all(poll: Poll, members: list[Membership], choices: list[dict[str, Any]]) -> list[services.Receipt]:
    return [
        services.cast_ballot(
            poll=poll, line=line_of(poll, member), choice=choice, key=f"key of {number}", tracking=bytes([number] * 10)
        )
        for number, (member, choice) in enumerate(zip(members, choices, strict=False))
    ]


Choice = dict[str, Any]
A: Choice = {"options": ["a"]}
B: Choice = {"options": ["b"]}
BOTH: Choice = {"options": ["a", "b"]}
BLANK: Choice = {}


def published(poll: Poll) -> Publication:
    services.close_poll(poll=poll, actor=None)
    services.publish_poll(poll=poll, actor=None)
    return Publication.objects.get(poll=poll)


def check(publication: Publication, **given: str) -> list[str]:
    holds, said = verify.findings(lambda: verify.unpack(bytes(publication.archive)), root=publication.root_hex, **given)
    assert holds, said
    return said


@pytest.mark.parametrize(
    ("fields", "choices", "kind"),
    [
        ({"secrecy": 1, "names_shown": True}, [A, A, B, BOTH, BLANK], "named"),
        ({"secrecy": 1}, [A] * 5 + [B] * 6, "full"),
        ({"secrecy": 1}, [A, A, B, BOTH, BLANK], "columns"),
        ({"secrecy": 2}, [A] * 5 + [B] * 6, "full"),
        ({"secrecy": 2}, [A, A, B, BOTH, BLANK], "columns"),
        ({"secrecy": 2}, [A] * 8 + [BLANK], "totals"),
        ({"secrecy": 2, "ballot_type": "ranked"}, [{"ranking": ["a", "b"]}] * 4 + [{"ranking": ["b"]}], "scrutineers"),
        ({"secrecy": 1, "ballot_type": "ranked"}, [{"ranking": ["a", "b"]}] * 4 + [{"ranking": ["b"]}], "scrutineers"),
        ({"secrecy": 2, "ballot_type": "points"}, [{"points": {"a": 2, "b": 1}}] * 4 + [{"points": {"c": 3}}], "columns"),
        ({"secrecy": 2, "ballot_type": "score", "rule": "score"}, [{"points": {"a": 0, "b": 5}}] * 5 + [{"points": {"c": 3}}] * 6, "full"),
        ({"secrecy": 2, "rule": "greedy", "budget": 900, "currency": "EUR", "costs": [500, 400, 300], "compared_rules": ["equal-shares"]}, [A, A, B, BOTH, BLANK], "columns"),
    ],
)  # fmt: skip
def test_each_kind_of_poll_is_published_and_holds(riverside, members, fields, choices, kind):
    poll = make_open_poll(riverside, *members, **fields)
    receipts = cast_all(poll, members, choices)
    services.take_checkpoints()
    publication = published(poll)
    assert publication.kind == kind
    said = check(publication, receipt=receipts[0].code, signature=receipts[0].signature.hex())
    assert f"{len(choices)} receipts, as many and the same as at the close." in said
    assert "The server signed this receipt." in said
    if publication.full_archive:
        full = verify.findings(
            lambda: verify.unpack(bytes(publication.full_archive or b"")),
            root=bytes(publication.full_root or b"").hex(),
        )
        assert full[0], full[1]
    if fields["secrecy"] > 1 and kind in ("full", "columns"):
        assert any("Counted under your code" in line for line in check(publication, code=receipt_code(bytes(10))))
    assert ledger.events(poll.pk).last().data["bundle_root"] == publication.root_hex


def test_a_secret_motion_with_two_people_at_each_step(riverside, members):
    poll = make_secret_motion(riverside, members)
    cast_all(poll, members, [{"options": ["yes"]}] * 6 + [{"options": ["no"]}] * 5)
    one, two = members[0].user, members[1].user
    for actor in (one, two):
        poll = services.close_poll(poll=poll, actor=actor)
    for actor in (one, two):
        assert not Publication.objects.exists()
        poll = services.publish_poll(poll=poll, actor=actor)
    said = check(Publication.objects.get())
    assert "Two people agreed to open and close and publish." in said
    assert "Recounted: majority, 6 yes, 5 no, 0 abstain, 0 blank." in said


def make_secret_motion(riverside: Assembly, members: list[Membership]) -> Poll:
    from tests.make import make_poll

    poll = make_poll(riverside, "Yes", "No", "Abstain", ballot_type="yes_no", secrecy=3)
    lines = [services.NewLine(member) for member in members]
    for member in members[:2]:
        poll = services.open_poll(poll=poll, lines=lines, actor=member.user)
    return poll


def test_a_sealed_ballot_that_two_people_took_out_while_it_could_be_challenged_is_told(riverside, members):
    poll = make_open_poll(riverside, *members, secrecy=2, challenge_hours=1)
    receipts = cast_all(poll, members, [A] * 6 + [B] * 6)
    poll = services.close_poll(poll=poll, actor=None)
    for person in members[:2]:
        line = line_of(poll, members[11])
        services.remove_ballot(poll=poll, line=line, reason="Moved away.", actor=person.user)
    poll = services.close_poll(poll=poll, actor=None, at=timezone.now() + timedelta(hours=2))
    services.publish_poll(poll=poll, actor=None)
    said = check(Publication.objects.get(poll=poll))
    receipt = receipts[11].digest.hex()
    assert f'NOTE: taken out after the close, and not counted: {receipt}, because "Moved away."' in said
    assert "11 ballots, each valid, sorted by their codes." in said


def test_nothing_can_be_published_before_the_result_not_even_by_sql(riverside, members):
    poll = make_open_poll(riverside, *members)
    cast_all(poll, members, [A, A, B, BOTH, BLANK])
    services.close_poll(poll=poll, actor=None)
    with pytest.raises(DatabaseError, match="whose result is not"), transaction.atomic():
        Publication.objects.create(poll=poll, kind="full", root=b"r" * 32, archive=b"zip")


def test_a_publication_never_changes(riverside, members):
    poll = make_open_poll(riverside, *members)
    cast_all(poll, members, [A, A, B, BOTH, BLANK])
    publication = published(poll)
    for act in (publication.delete, publication.save):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_a_void_poll_publishes_no_ballots(riverside, members):
    poll = make_open_poll(riverside, *members, secrecy=2)
    cast_all(poll, members, [A, A, B, BOTH, BLANK])
    services.close_poll(poll=poll, actor=None)
    services.void_poll(poll=poll, actor=None, reason="The question was wrong.")
    assert not Publication.objects.exists()


def test_the_names_in_a_named_poll_are_not_in_its_files(riverside, members):
    """Names are shown on the board from the register, so that a person can be erased and the files still hold."""
    poll = make_open_poll(riverside, *members, names_shown=True)
    cast_all(poll, members, [A, A, B, BOTH, BLANK])
    archive = bytes(published(poll).archive)
    assert not any(member.user.name.encode() in archive for member in members)
    assert not any(
        member.user.email.encode() in archive or str(member.user.pk).encode() in archive for member in members
    )
    assert str(line_of(poll, members[0]).pk).encode() in archive


def test_sealed_polls_never_show_names(riverside, members):
    from django.db import IntegrityError

    with pytest.raises(IntegrityError, match="voting_poll_sealed_shows_no_names"), transaction.atomic():
        make_open_poll(riverside, *members, secrecy=2, names_shown=True)


def test_a_channel_that_few_used_does_not_follow_from_the_turnout(riverside, members):
    poll = make_open_poll(riverside, *members, secrecy=2)
    channels = ["paper"] + ["kiosk"] * 5 + ["web"] * 6
    for number, (member, channel) in enumerate(zip(members, channels, strict=True)):
        services.cast_ballot(poll=poll, line=line_of(poll, member), choice=A, key=f"key {number}", channel=channel)
    assert results.turnout_by_channel(poll) == {}
    poll = services.close_poll(poll=poll, actor=None)
    assert results.turnout_by_channel(poll) == {"web": 6}


# Checkpoints


def checkpoints(poll: Poll) -> list[dict[str, Any]]:
    return [event.data for event in ledger.events(poll.pk) if event.kind == "poll.checkpoint"]


def test_a_checkpoint_waits_for_ten_new_ballots(riverside, members):
    poll = make_open_poll(riverside, *members, secrecy=2)
    receipts = cast_all(poll, members[:9], [A] * 9)
    assert services.take_checkpoints() == 0
    receipts += cast_all(poll, members[9:10], [B])
    assert services.take_checkpoints() == 1
    root = verify.merkle_root(sorted(receipt.digest for receipt in receipts)).hex()
    assert checkpoints(poll) == [{"ballots": 10, "root": root}]
    cast_all(poll, members[10:], [B] * 2)
    assert services.take_checkpoints() == 0


def test_a_closed_poll_has_no_more_checkpoints(riverside, members):
    poll = make_open_poll(riverside, *members)
    cast_all(poll, members, [A] * 12)
    services.close_poll(poll=poll, actor=None)
    assert services.take_checkpoints() == 0
    assert checkpoints(poll) == []


# Scrutineers


@pytest.fixture
def ranked(riverside, members) -> Poll:
    poll = make_open_poll(riverside, *members, secrecy=2, ballot_type="ranked")
    cast_all(poll, members, [{"ranking": ["a", "b"]}] * 4 + [{"ranking": ["b"]}])
    return poll


def test_two_scrutineers_count_again_and_sign(riverside, members, ranked):
    runs = make_member(riverside, "Adela", Role.ADMINISTRATOR).user
    seats = [services.name_scrutineer(poll=ranked, membership=member, actor=runs) for member in members[:2]]
    assert not services.may_open_ballots(ranked)
    publication = published(ranked)
    ranked.refresh_from_db()
    assert services.may_open_ballots(ranked)
    full_root = bytes(publication.full_root or b"").hex()
    with pytest.raises(services.PollRefused, match="not the root"):
        services.sign_count(seat=seats[0], root=publication.root_hex, agrees=True, remark="")
    with pytest.raises(services.PollRefused, match="Say what does not agree"):
        services.sign_count(seat=seats[0], root=full_root, agrees=False, remark=" ")
    services.sign_count(seat=seats[0], root=full_root.upper(), agrees=True, remark="")
    services.sign_count(seat=seats[1], root=full_root, agrees=False, remark="One ballot more than people.")
    with pytest.raises(services.PollRefused, match="signed already"):
        services.sign_count(seat=seats[0], root=full_root, agrees=False, remark="No.")
    assert [event.data["agrees"] for event in ledger.events(ranked.pk) if event.kind == "poll.scrutineer_signed"] == [
        True,
        False,
    ]
    with pytest.raises(DatabaseError), transaction.atomic():
        type(seats[0]).objects.filter(pk=seats[0].pk).update(agrees=False)


def test_one_scrutineer_alone_never_gets_the_ballots(riverside, members, ranked):
    services.name_scrutineer(poll=ranked, membership=members[0], actor=members[1].user)
    published(ranked)
    ranked.refresh_from_db()
    assert not services.may_open_ballots(ranked)


def test_a_stranger_is_no_scrutineer_and_nobody_sits_twice(riverside, members, ranked, chidi):
    runs: User = members[1].user
    with pytest.raises(services.PollRefused, match="from this assembly"):
        services.name_scrutineer(poll=ranked, membership=chidi, actor=runs)
    seat = services.name_scrutineer(poll=ranked, membership=members[0], actor=runs)
    with pytest.raises(services.PollRefused, match="already"):
        services.name_scrutineer(poll=ranked, membership=members[0], actor=runs)
    services.drop_scrutineer(seat=seat, actor=runs)
    seat = services.name_scrutineer(poll=ranked, membership=members[0], actor=runs)
    published(ranked)
    with pytest.raises(services.PollRefused, match="stay as they are"):
        services.drop_scrutineer(seat=seat, actor=runs)


def test_nobody_is_named_as_scrutineer_once_the_result_is_there(riverside, members, ranked):
    published(ranked)
    with pytest.raises(services.PollRefused, match="stay as they are"):
        services.name_scrutineer(poll=ranked, membership=members[0], actor=members[1].user)
    assert not ranked.scrutineers.exists()


@pytest.mark.parametrize(("second", "opens"), [(0, False), (1, True)], ids=["one person", "two people"])
def test_one_person_alone_cannot_choose_who_opens_the_ballots_of_a_secret_poll(riverside, members, second, opens):
    two = [member.user for member in members[:2]]
    poll = make_open_poll(
        riverside, *members, secrecy=3, ballot_type="ranked", published_at_close=True, agreed=members[:2]
    )
    cast_all(poll, members, [{"ranking": ["a", "b"]}] * 4 + [{"ranking": ["b"]}])
    services.name_scrutineer(poll=poll, membership=members[5], actor=two[0])
    services.name_scrutineer(poll=poll, membership=members[6], actor=two[second])
    for person in two:
        poll = services.close_poll(poll=poll, actor=person)
    assert Publication.objects.get(poll=poll).full_archive
    assert services.may_open_ballots(poll) is opens


def test_the_log_names_nobody(riverside, members, ranked):
    services.name_scrutineer(poll=ranked, membership=members[0], actor=members[1].user)
    published(ranked)
    log = "".join(event.body for event in ledger.events(ranked.pk))
    assert not re.search("|".join(str(m.pk) + "|" + str(m.user.pk) for m in members), log)
