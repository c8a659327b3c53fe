# SPDX-License-Identifier: AGPL-3.0-or-later
"""Opening, casting, closing, publishing and voiding: every write that carries a promise to voters.

A cast holds the poll's advisory lock shared, closing takes it exclusively: a close waits for the casts
under way, and no ballot slips in after the count.
"""

import hashlib
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import ledger
import live
from accounts.models import User
from assemblies.models import Assembly, Membership

from . import counting
from .choices import Choice
from .models import OpenBallot, OpenBallotHistory, Option, Poll, PollState, Register, RegisterLine, Result
from .owners import owner_of

logger = logging.getLogger(__name__)


class PollRefused(Exception):
    """The poll was not changed; the message is written for the person who tried."""


class BallotRefused(Exception):
    """The ballot was not taken; the message is written for the person who cast it."""


class AlreadyVoted(BallotRefused):
    """A ballot of this person is already in, and this poll does not allow changing it."""


class VotingClosed(BallotRefused):
    """The ballot came when the poll was not open."""


@dataclass(frozen=True)
class NewOption:
    """An answer to put on the ballot. `cost` is in minor units of the poll's currency."""

    key: str
    title: str
    cost: int | None = None


@dataclass(frozen=True)
class NewLine:
    """A voter to enter in the register."""

    membership: Membership | None
    weight: int = 1


@dataclass(frozen=True)
class Receipt:
    """Proof that a ballot is stored. `repeated` when this very ballot was stored before."""

    code: str
    cast_at: datetime
    repeated: bool
    revision: int


@transaction.atomic
def create_poll(*, assembly: Assembly, owner_kind: str, options: Iterable[NewOption], **fields: Any) -> Poll:
    """A poll in draft with its options in this order; other fields are those of the model."""
    poll = Poll.objects.create(assembly=assembly, owner_kind=owner_kind, **fields)
    Option.objects.bulk_create(
        Option(poll=poll, key=option.key, position=place, title=option.title, cost=option.cost)
        for place, option in enumerate(options)
    )
    return poll


def blockers(poll: Poll) -> list[str]:
    """Sentences that stand in the way of opening this poll; empty when it can open now."""
    sentences = []
    if poll.options.count() < 2:
        sentences.append(_("Add at least two options."))
    sentences += counting.problems(poll)
    return sentences + owner_of(poll).blockers(poll)


@transaction.atomic
def open_poll(
    *,
    poll: Poll,
    lines: Iterable[NewLine],
    actor: User | None,
    closes_at: datetime | None = None,
    at: datetime | None = None,
) -> Poll:
    """The register and the definition are frozen and ballots are taken until `closes_at`, or until it is closed."""
    owner_of(poll).lock(poll)
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    if poll.state not in (PollState.DRAFT, PollState.READY):
        raise PollRefused(_("This poll was opened before. A poll opens only once."))
    problems = blockers(poll)
    if problems:
        raise PollRefused(" ".join(problems))
    if poll.lane and Poll.objects.open().filter(lane=poll.lane).exists():
        raise PollRefused(_("Another poll is open here. Close it first."))
    register = Register.objects.create(assembly=poll.assembly)
    RegisterLine.objects.bulk_create(
        (RegisterLine(register=register, membership=line.membership, weight=line.weight) for line in lines),
        batch_size=5000,
    )
    if not register.lines.exists():
        raise PollRefused(_("Nobody could vote: the register of voters is empty."))
    opened_at = at or timezone.now()
    if closes_at is not None and closes_at <= opened_at:
        raise PollRefused(_("The closing time has passed already. Choose a later one."))
    register.frozen_at = opened_at
    register.save(update_fields=["frozen_at"])
    if poll.state == PollState.DRAFT:
        poll.state = PollState.READY
        poll.save(update_fields=["state"])
    poll.state, poll.register, poll.definition = PollState.OPEN, register, poll.define()
    poll.opened_at, poll.closes_at = opened_at, closes_at
    poll.save(update_fields=["state", "register", "definition", "opened_at", "closes_at"])
    _record(poll, "opened", actor, at=at, definition=poll.definition, entitled=register.lines.count())
    return poll


def cast_ballot(*, poll: Poll, line: RegisterLine, choice: Choice, key: str, channel: str = "web") -> Receipt:
    """Take one ballot for one line of the register, exactly once.

    The same key with the same choice again returns the same receipt; anything else replaces the ballot where
    the poll allows changing, and raises AlreadyVoted where it does not. A ballot that was replaced does not come
    back when it arrives again. Raises VotingClosed outside the opening times. The receipt is given only after
    the ballot is committed.
    """
    key_hash = hashlib.sha256(key.encode()).digest()
    with transaction.atomic(durable=True):
        _hold_open(poll)
        stored, repeated = _put(poll, line, choice, key_hash, channel)
        if not repeated:
            for topic in poll.topics:
                live.announce(topic)
    return Receipt(code=stored.receipt, cast_at=stored.cast_at, repeated=repeated, revision=stored.revision)


def receipt_of(line: RegisterLine | None) -> Receipt | None:
    """The receipt of the ballot that is in from this line of the register, for the voter alone; None before."""
    cast = line.ballots.first() if line else None
    if cast is None:
        return None
    return Receipt(code=cast.receipt, cast_at=cast.cast_at, repeated=True, revision=cast.revision)


def close_poll(*, poll: Poll, actor: User | None, at: datetime | None = None) -> Poll:
    """No ballot can come in any more, and the poll is counted. Runs again safely after a crash between the two."""
    with transaction.atomic():
        owner_of(poll).lock(poll)
        _lock_exclusively(poll)
        poll = Poll.objects.select_for_update().get(pk=poll.pk)
        if poll.state == PollState.OPEN:
            poll.state, poll.closed_at = PollState.CLOSING, at or timezone.now()
            poll.save(update_fields=["state", "closed_at"])
            _record(poll, "closed", actor, at=at, ballots=poll.turnout)
        elif poll.state != PollState.CLOSING:
            raise PollRefused(_("This poll is not open, so it cannot be closed."))
    return _count(poll=poll, at=at)


@transaction.atomic
def _count(*, poll: Poll, at: datetime | None = None) -> Poll:
    """The results are stored, once; then the poll is published or waits until it is revealed, as it said before."""
    owner_of(poll).lock(poll)
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    if poll.state != PollState.CLOSING:
        return poll
    results = [
        Result(poll=poll, is_binding=place == 0, counted_at=at or timezone.now(), **counted)
        for place, counted in enumerate(counting.count(poll))
    ]
    Result.objects.bulk_create(results)
    poll.state = PollState.COUNTED
    poll.save(update_fields=["state"])
    _record(poll, "counted", None, at=at, results={result.rule: result.outcome_hash.hex() for result in results})
    if poll.published_at_close:
        return publish_poll(poll=poll, actor=None, at=at)
    poll.state = PollState.WITHHELD
    poll.save(update_fields=["state"])
    return poll


@transaction.atomic
def publish_poll(*, poll: Poll, actor: User | None, at: datetime | None = None) -> Poll:
    """The result is there for everybody who may see the poll."""
    owner_of(poll).lock(poll)
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    if poll.state not in (PollState.COUNTED, PollState.WITHHELD):
        raise PollRefused(_("There is no counted result to show."))
    poll.state, poll.published_at = PollState.PUBLISHED, at or timezone.now()
    poll.save(update_fields=["state", "published_at"])
    _record(poll, "published", actor, at=at)
    return poll


@transaction.atomic
def void_poll(*, poll: Poll, actor: User | None, reason: str) -> Poll:
    """The poll decides nothing any more. Its ballots and results stay; the reason is public."""
    if not reason.strip():
        raise PollRefused(_("Say why this poll is void. Everybody can read the reason."))
    owner_of(poll).lock(poll)
    _lock_exclusively(poll)
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    if poll.state in (PollState.VOIDED, PollState.CLOSING):
        raise PollRefused(_("This poll is void already, or it is being counted right now."))
    poll.state, poll.void_reason = PollState.VOIDED, reason.strip()
    poll.save(update_fields=["state", "void_reason"])
    _record(poll, "voided", actor, reason=poll.void_reason)
    return poll


def close_due_polls(*, at: datetime | None = None) -> int:
    """Close every poll whose time has come; answers how many. Two workers at once do no harm."""
    closed = 0
    for poll in Poll.objects.due(at or timezone.now()):
        try:
            close_poll(poll=poll, actor=None)
        except PollRefused:
            continue  # somebody else closed it in this very moment
        except Exception:  # one assembly's trouble must not keep the polls of all others from closing
            logger.exception("Poll %s could not be closed and is tried again.", poll.pk)
            continue
        closed += 1
    return closed


def _record(poll: Poll, event: str, actor: User | None, *, at: datetime | None = None, **data: Any) -> None:
    """The poll's public log, its owner and its screens hear of the event."""
    ledger.append(stream=poll.pk, kind=f"poll.{event}", data={**data, "actor": str(actor.pk) if actor else None}, at=at)
    owner_of(poll).happened(poll, event)
    for topic in poll.topics:
        live.announce(topic)


# --- the two promises: one ballot for each line, and none after the close


def _advisory_key(poll: Poll) -> int:
    """A lock number of 64 bits from the poll's random id."""
    return int.from_bytes(poll.pk.bytes[:8], "big", signed=True)


def _hold_open(poll: Poll) -> None:
    """Hold the poll open until this transaction ends; refuse when it is not open by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        (isolation,) = cursor.fetchone()
        if isolation != "read committed":  # an older snapshot would still see a closed poll as open
            raise RuntimeError("ballots are cast at READ COMMITTED only")
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_advisory_key(poll)])
        # A statement of its own, so that it sees what the closer committed while we waited.
        cursor.execute(
            "SELECT state = 'open' AND (closes_at IS NULL OR clock_timestamp() < closes_at) FROM voting_poll WHERE id = %s",
            [poll.pk],
        )
        row = cursor.fetchone()
    if row is None or not row[0]:
        raise VotingClosed(_("Not counted: voting on this is not open."))


def _lock_exclusively(poll: Poll) -> None:
    """Wait for the casts under way, and let no new one begin until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_advisory_key(poll)])


def _put(poll: Poll, line: RegisterLine, choice: Choice, key_hash: bytes, channel: str) -> tuple[OpenBallot, bool]:
    """Store the ballot under its primary key; answers the stored row and whether it was this ballot already."""
    if line.register_id != poll.register_id:
        raise BallotRefused(_("You are not in the register of voters of this poll."))
    ballot = OpenBallot(poll=poll, line=line, choice=choice, key_hash=key_hash, channel=channel, cast_at=timezone.now())
    if _insert_if_absent(ballot):
        return ballot, False
    stored = OpenBallot.objects.select_for_update().get(poll=poll, line=line)
    # The same paper with another choice is no repetition: its receipt would be one for a choice that was given up.
    if bytes(stored.key_hash) == key_hash and stored.choice == choice:
        return stored, True
    if not poll.change_allowed:
        raise AlreadyVoted(
            _("You have voted already. Your first ballot counts, and it cannot be changed in this poll.")
        )
    if OpenBallotHistory.objects.filter(poll=poll, line=line, key_hash=key_hash, choice=choice).exists():
        # It was replaced, and arrives again from a slow network or an old page.
        raise BallotRefused(_("This page is too old. Load it again and choose once more."))
    ballot.revision = stored.revision + 1
    OpenBallot.objects.filter(poll=poll, line=line).update(
        choice=choice, key_hash=key_hash, channel=channel, revision=ballot.revision, cast_at=ballot.cast_at
    )
    return ballot, False


def _insert_if_absent(ballot: OpenBallot) -> bool:
    """The primary key decides who is first; whoever comes second changes nothing and gets False."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO voting_openballot (poll_id, line_id, choice, key_hash, channel, revision, cast_at)"
            " VALUES (%s, %s, %s::jsonb, %s, %s, %s, %s) ON CONFLICT (poll_id, line_id) DO NOTHING",
            [
                ballot.poll_id,
                ballot.line_id,
                json.dumps(ballot.choice),
                bytes(ballot.key_hash),
                ballot.channel,
                ballot.revision,
                ballot.cast_at,
            ],
        )
        return bool(cursor.rowcount)
