# SPDX-License-Identifier: AGPL-3.0-or-later
"""The two stores of ballots: named rows, and sealed envelopes in slots. A primary key is the promise in both."""

import hashlib
import secrets
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from voting import keys, sealing
from voting.choices import Choice
from voting.models import Envelope, OpenBallot, OpenBallotHistory, Poll, RegisterLine

from .locks import HOLD, IS_OPEN, IS_READ_COMMITTED, IS_REMOVED, advisory_key, refuse_unless_open
from .refusals import AlreadyVoted, BallotRefused

MOST_REVISIONS = 100  # so that nobody fills the disk by voting again and again
Stored = OpenBallot | Envelope


def named(poll: Poll, line: RegisterLine, choice: Choice, key: str, channel: str) -> OpenBallot:
    """The ballot for this choice, ready to be stored under its primary key."""
    key_hash = hashlib.sha256(key.encode()).digest()
    return OpenBallot(poll=poll, line=line, choice=choice, key_hash=key_hash, channel=channel, cast_at=timezone.now())


def put_at_once(poll: Poll, line: RegisterLine, ballot: Stored) -> bool:
    """Store a first ballot for good; False and nothing changed where it is not the first, or the poll takes none.

    Lock and ballot go to the database as one message, which is one transaction: PostgreSQL opens it, takes a new
    snapshot for the second statement, and has committed when it answers. Three trips less for nearly every ballot.
    """
    if not connection.get_autocommit():
        return False  # it would be for good only with the transaction around it
    return _insert(poll, line, ballot, first=f"{HOLD};")


def put(poll: Poll, line: RegisterLine, ballot: Stored) -> tuple[Stored, bool]:
    """Store the ballot in the transaction that holds the poll; answers the stored row and whether it was in already."""
    if isinstance(ballot, OpenBallot):
        return _put_named(poll, line, ballot)
    return _put_sealed(poll, line, ballot)


def _put_named(poll: Poll, line: RegisterLine, ballot: OpenBallot) -> tuple[OpenBallot, bool]:
    if _insert(poll, line, ballot):
        return ballot, False
    stored = OpenBallot.objects.select_for_update().filter(poll=poll, line=line).first()
    # The same paper with another choice is no repetition: its receipt would be one for a choice that was given up.
    is_same = stored is not None and bytes(stored.key_hash) == ballot.key_hash and stored.choice == ballot.choice
    refuse_unless_open(poll, line, is_in=is_same)
    if stored is None:
        raise AssertionError("unreachable: what keeps a first ballot out is said above")
    if is_same:
        return stored, True
    _refuse_where_first_counts(poll, stored.revision)
    if OpenBallotHistory.objects.filter(poll=poll, line=line, key_hash=ballot.key_hash, choice=ballot.choice).exists():
        raise _too_old()
    ballot.revision = stored.revision + 1
    OpenBallot.objects.filter(poll=poll, line=line).update(
        choice=ballot.choice,
        key_hash=ballot.key_hash,
        channel=ballot.channel,
        revision=ballot.revision,
        cast_at=ballot.cast_at,
    )
    return ballot, False


def seal(poll: Poll, line: RegisterLine, choice: Choice, key: str, channel: str, tracking: bytes | None) -> Envelope:
    """The envelope for this choice, ready to be stored; nothing of the choice can be read from it."""
    if poll.box_public_key is None or poll.body_length is None or poll.definition_hash is None:
        raise ValueError("only a sealed poll that is open has a box")
    ballot = sealing.Ballot(
        choice=choice,
        tracking=tracking or secrets.token_bytes(10),
        weight=line.weight,
        channel=channel,
        definition_hash=bytes(poll.definition_hash),
        poll=poll.pk,
    )
    return Envelope(
        poll=poll,
        slot=sealing.slot_of(keys.read(poll.pk, keys.LINK), line.pk),
        body=sealing.seal(bytes(poll.box_public_key), ballot, poll.body_length),
        key_hash=hashlib.sha256(key.encode() + b"|" + sealing.canonical(choice)).digest(),
        revision=1,
    )


def _put_sealed(poll: Poll, line: RegisterLine, envelope: Envelope) -> tuple[Envelope, bool]:
    if _insert(poll, line, envelope):
        return envelope, False
    stored = Envelope.objects.select_for_update().filter(poll=poll, slot=envelope.slot).first()
    is_same = stored is not None and bytes(stored.key_hash) == envelope.key_hash
    refuse_unless_open(poll, line, is_in=is_same)
    if stored is None:
        raise AssertionError("unreachable: what keeps a first ballot out is said above")
    if is_same:
        return stored, True
    _refuse_where_first_counts(poll, stored.revision)
    if envelope.key_hash in _hashes(bytes(stored.earlier_keys)):
        raise _too_old()
    envelope.revision = stored.revision + 1
    envelope.earlier_keys = bytes(stored.earlier_keys) + bytes(stored.key_hash)
    Envelope.objects.filter(poll=poll, slot=envelope.slot).update(
        body=envelope.body,
        key_hash=envelope.key_hash,
        earlier_keys=envelope.earlier_keys,
        revision=envelope.revision,
    )
    return envelope, False


def make_partition(poll: Poll) -> None:
    """The poll has a place for its envelopes. Attached rather than created in place, so that casts elsewhere go on."""
    name = connection.ops.quote_name(partition_of(poll))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} (LIKE voting_envelope INCLUDING ALL)")
        cursor.execute(f"CREATE TRIGGER stays BEFORE TRUNCATE ON {name} EXECUTE FUNCTION voting_envelopes_stay()")
        cursor.execute(f"ALTER TABLE voting_envelope ATTACH PARTITION {name} FOR VALUES IN ('{poll.pk}')")


def drop_partition(poll: Poll) -> None:
    """The poll's envelopes are gone from the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '3s'")  # casts in other polls never wait longer for this
        cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(partition_of(poll))}")


def partition_of(poll: Poll) -> str:
    return f"voting_envelope_{poll.pk.hex}"


def _refuse_where_first_counts(poll: Poll, revision: int) -> None:
    if poll.change_allowed and revision >= MOST_REVISIONS:
        raise BallotRefused(
            _("You have changed your ballot %(most)d times. The last one counts, and it cannot be changed any more.")
            % {"most": MOST_REVISIONS}
        )
    if not poll.change_allowed:
        raise AlreadyVoted(
            _("You have voted already. Your first ballot counts, and it cannot be changed in this vote.")
        )


def _too_old() -> BallotRefused:
    """It was replaced, and arrives again from a slow network or an old page."""
    return BallotRefused(_("This page is too old. Load it again and choose once more."))


def _hashes(together: bytes) -> set[bytes]:
    return {together[start : start + 32] for start in range(0, len(together), 32)}


def _insert(poll: Poll, line: RegisterLine, ballot: Stored, *, first: str = "") -> bool:
    """The primary key decides who is first; whoever comes second changes nothing and gets False, as when it is closed.

    The line of a sealed ballot is asked about, never stored.
    """
    if isinstance(ballot, OpenBallot):
        store, key, columns = "voting_openballot", "line_id", _named_columns(ballot)
    else:
        store, key, columns = "voting_envelope", "slot", _sealed_columns(ballot)
    names, values = ", ".join(columns), ", ".join(f"%({column})s" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{first} INSERT INTO {store} (poll_id, {names}) SELECT %(poll)s, {values}"
            f" WHERE {IS_READ_COMMITTED} AND {IS_OPEN} AND NOT {IS_REMOVED} ON CONFLICT (poll_id, {key}) DO NOTHING",
            {"poll": poll.pk, "line": line.pk, "lock": advisory_key(poll), **columns},
        )
        while cursor.nextset():
            pass  # the last statement stores the ballot
        return bool(cursor.rowcount)


def _named_columns(ballot: OpenBallot) -> dict[str, Any]:
    return {
        "line_id": ballot.line_id,
        "choice": Jsonb(ballot.choice),
        "key_hash": ballot.key_hash,
        "channel": ballot.channel,
        "revision": 1,
        "cast_at": ballot.cast_at,
    }


def _sealed_columns(envelope: Envelope) -> dict[str, Any]:
    return {
        "slot": envelope.slot,
        "body": envelope.body,
        "key_hash": envelope.key_hash,
        "earlier_keys": b"",
        "revision": 1,
    }
