# SPDX-License-Identifier: AGPL-3.0-or-later
"""The two stores of ballots: named rows, and sealed envelopes in slots. A primary key is the promise in both."""

import hashlib
import json
import secrets

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from voting import keys, sealing
from voting.choices import Choice
from voting.models import Envelope, OpenBallot, OpenBallotHistory, Poll, RegisterLine

from .locks import IS_OPEN, IS_REMOVED, refuse_unless_open
from .refusals import AlreadyVoted, BallotRefused

MOST_REVISIONS = 100  # so that nobody fills the disk by voting again and again
Stored = OpenBallot | Envelope


def put_named(poll: Poll, line: RegisterLine, choice: Choice, key: str, channel: str) -> tuple[OpenBallot, bool]:
    """Store the ballot under its primary key; answers the stored row and whether it was this ballot already."""
    key_hash = hashlib.sha256(key.encode()).digest()
    ballot = OpenBallot(poll=poll, line=line, choice=choice, key_hash=key_hash, channel=channel, cast_at=timezone.now())
    if _insert_named(ballot):
        return ballot, False
    stored = OpenBallot.objects.select_for_update().filter(poll=poll, line=line).first()
    # The same paper with another choice is no repetition: its receipt would be one for a choice that was given up.
    is_same = stored is not None and bytes(stored.key_hash) == key_hash and stored.choice == choice
    refuse_unless_open(poll, line, is_in=is_same)
    if stored is None:
        raise AssertionError("unreachable: what keeps a first ballot out is said above")
    if is_same:
        return stored, True
    _refuse_where_first_counts(poll, stored.revision)
    if OpenBallotHistory.objects.filter(poll=poll, line=line, key_hash=key_hash, choice=choice).exists():
        raise _too_old()
    ballot.revision = stored.revision + 1
    OpenBallot.objects.filter(poll=poll, line=line).update(
        choice=choice, key_hash=key_hash, channel=channel, revision=ballot.revision, cast_at=ballot.cast_at
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


def put_sealed(poll: Poll, line: RegisterLine, envelope: Envelope) -> tuple[Envelope, bool]:
    """Store the envelope in its slot; answers the stored row and whether it was this ballot already."""
    if _insert_sealed(envelope, line):
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


def _insert_named(ballot: OpenBallot) -> bool:
    """The primary key decides who is first; whoever comes second changes nothing and gets False, as when it is closed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO voting_openballot (poll_id, line_id, choice, key_hash, channel, revision, cast_at)"
            " SELECT %(poll)s, %(line)s, %(choice)s::jsonb, %(key_hash)s, %(channel)s, 1, %(cast_at)s"
            f" WHERE {IS_OPEN} AND NOT {IS_REMOVED} ON CONFLICT (poll_id, line_id) DO NOTHING",
            {
                "poll": ballot.poll_id,
                "line": ballot.line_id,
                "choice": json.dumps(ballot.choice),
                "key_hash": bytes(ballot.key_hash),
                "channel": ballot.channel,
                "cast_at": ballot.cast_at,
            },
        )
        return bool(cursor.rowcount)


def _insert_sealed(envelope: Envelope, line: RegisterLine) -> bool:
    """As for named ballots. The line is asked about, never stored."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO voting_envelope (poll_id, slot, body, key_hash, earlier_keys, revision)"
            " SELECT %(poll)s, %(slot)s, %(body)s, %(key_hash)s, '', 1"
            f" WHERE {IS_OPEN} AND NOT {IS_REMOVED} ON CONFLICT (poll_id, slot) DO NOTHING",
            {
                "poll": envelope.poll_id,
                "line": line.pk,
                "slot": bytes(envelope.slot),
                "body": bytes(envelope.body),
                "key_hash": bytes(envelope.key_hash),
            },
        )
        return bool(cursor.rowcount)
