# SPDX-License-Identifier: AGPL-3.0-or-later
"""One ballot for each line of the register, and a receipt only once it is stored for good."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import live
from voting.choices import Choice
from voting.models import OpenBallot, OpenBallotHistory, Poll, RegisterLine

from .locks import hold_open
from .refusals import AlreadyVoted, BallotRefused


@dataclass(frozen=True)
class Receipt:
    """Proof that a ballot is stored. `repeated` when this very ballot was stored before."""

    code: str
    cast_at: datetime
    repeated: bool
    revision: int


def cast_ballot(*, poll: Poll, line: RegisterLine, choice: Choice, key: str, channel: str = "web") -> Receipt:
    """Take one ballot for one line of the register, exactly once.

    The same key with the same choice again returns the same receipt; anything else replaces the ballot where
    the poll allows changing, and raises AlreadyVoted where it does not. A ballot that was replaced does not come
    back when it arrives again. Raises VotingClosed outside the opening times. The receipt is given only after
    the ballot is committed.
    """
    key_hash = hashlib.sha256(key.encode()).digest()
    with transaction.atomic(durable=True):
        hold_open(poll)
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
