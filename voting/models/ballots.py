# SPDX-License-Identifier: AGPL-3.0-or-later
"""What voters handed in."""

import hashlib
import json
import uuid
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from assemblies import codes

from .polls import Poll
from .registers import RegisterLine
from .triggers import UPDATE_OR_DELETE, not_emptied


class OpenBallot(models.Model):
    """A named ballot. Its primary key is the promise: one for each line of the register."""

    pk = models.CompositePrimaryKey("poll", "line")
    # The database asks the trigger below whether the poll exists: a constraint would lock a row that all voters share.
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="ballots", db_constraint=False)
    line = models.ForeignKey(RegisterLine, on_delete=models.PROTECT, related_name="ballots")
    choice = models.JSONField()  # {} is a blank ballot; see voting.choices
    key_hash = models.BinaryField(max_length=32)  # SHA-256 of the client's key: the same key again is the same ballot
    channel = models.CharField(max_length=20, default="web")
    revision = models.PositiveIntegerField(default=1)
    cast_at = models.DateTimeField()

    class Meta:
        triggers = [
            not_emptied(),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="only_while_open",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                declare=[("poll", "voting_poll")],
                func=pgtrigger.Func(
                    """
                    SELECT * INTO poll FROM voting_poll WHERE id = NEW.poll_id;
                    IF poll.state IS DISTINCT FROM 'open' THEN
                        RAISE EXCEPTION 'the poll is not open';
                    END IF;
                    IF NOT EXISTS (
                        SELECT FROM voting_poll p JOIN voting_registerline l ON l.register_id = p.register_id
                        WHERE p.id = NEW.poll_id AND l.id = NEW.line_id
                    ) THEN
                        RAISE EXCEPTION 'the line is not in the register of the poll';
                    END IF;
                    IF TG_OP = 'UPDATE' THEN
                        IF NOT poll.change_allowed OR coalesce(clock_timestamp() >= poll.closes_at, false) THEN
                            RAISE EXCEPTION 'ballots of this poll cannot be changed';
                        END IF;
                        IF NEW.poll_id <> OLD.poll_id OR NEW.line_id <> OLD.line_id OR NEW.revision <> OLD.revision + 1 THEN
                            RAISE EXCEPTION 'a ballot changes only by its next revision';
                        END IF;
                        INSERT INTO voting_openballothistory (id, poll_id, line_id, choice, key_hash, channel, revision, cast_at)
                        VALUES (gen_random_uuid(), OLD.poll_id, OLD.line_id, OLD.choice, OLD.key_hash, OLD.channel, OLD.revision, OLD.cast_at);
                    END IF;
                    RETURN NEW;
                    """
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.poll_id}/{self.line_id}"

    @property
    def receipt(self) -> bytes:
        return receipt_digest(self.poll_id, self.choice, bytes(self.key_hash))


class OpenBallotHistory(models.Model):
    """An earlier version of a ballot that its voter replaced. Append only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(RegisterLine, on_delete=models.PROTECT, related_name="+")
    choice = models.JSONField()
    key_hash = models.BinaryField(max_length=32)
    channel = models.CharField(max_length=20)
    revision = models.PositiveIntegerField()
    cast_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["poll", "line", "revision"], name="voting_openballothistory_one_per_revision"
            ),
        ]
        triggers = [not_emptied(), pgtrigger.Protect(name="append_only", operation=UPDATE_OR_DELETE)]

    def __str__(self) -> str:
        return f"{self.poll_id}/{self.line_id} {self.revision}"


class Envelope(models.Model):
    """A sealed ballot in its voter's slot. The table has one partition for each poll, which goes after the count.

    Nothing here tells who, what or when: the slot is a keyed hash of the line of the register, the body has the
    same length for every choice, and there is no time, no serial number and no address.
    """

    pk = models.CompositePrimaryKey("poll", "slot")
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="envelopes", db_constraint=False)
    slot = models.BinaryField(max_length=32)
    body = models.BinaryField()
    key_hash = models.BinaryField(
        max_length=32
    )  # of the client's key and the choice: the same again is the same ballot
    earlier_keys = models.BinaryField(default=bytes)  # such hashes of the bodies that were replaced, 32 bytes each
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        triggers = [
            not_emptied(),
            pgtrigger.Trigger(
                name="only_while_open",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                declare=[("poll", "voting_poll")],
                func=pgtrigger.Func(
                    """
                    SELECT * INTO poll FROM voting_poll WHERE id = NEW.poll_id;
                    IF poll.state IS DISTINCT FROM 'open' OR poll.secrecy = 1 THEN
                        RAISE EXCEPTION 'the poll is not open for sealed ballots';
                    END IF;
                    IF octet_length(NEW.slot) <> 32 OR octet_length(NEW.key_hash) <> 32
                        OR octet_length(NEW.body) IS DISTINCT FROM poll.body_length THEN
                        RAISE EXCEPTION 'every envelope of a poll has the same length';
                    END IF;
                    IF TG_OP = 'INSERT' AND NEW.revision <> 1 THEN
                        RAISE EXCEPTION 'the first ballot of a slot is revision 1';
                    END IF;
                    IF TG_OP = 'UPDATE' THEN
                        IF NOT poll.change_allowed OR coalesce(clock_timestamp() >= poll.closes_at, false) THEN
                            RAISE EXCEPTION 'ballots of this poll cannot be changed';
                        END IF;
                        IF NEW.poll_id <> OLD.poll_id OR NEW.slot <> OLD.slot OR NEW.revision <> OLD.revision + 1
                            OR NEW.earlier_keys <> OLD.earlier_keys || OLD.key_hash THEN
                            RAISE EXCEPTION 'an envelope changes only by its next revision';
                        END IF;
                    END IF;
                    RETURN NEW;
                    """
                ),
            ),
            pgtrigger.Trigger(
                name="removed_by_two_people_only",
                operation=pgtrigger.Delete,
                when=pgtrigger.Before,
                func=pgtrigger.Func(
                    """
                    IF NOT EXISTS (
                        SELECT FROM voting_removal r JOIN voting_poll p ON p.id = r.poll_id
                        WHERE r.poll_id = OLD.poll_id AND r.slot = OLD.slot AND r.agreed_by_id <> r.asked_by_id
                            AND (p.state = 'open' OR (p.state = 'closing' AND p.secrecy = 2))
                            AND 2 = (
                                SELECT count(*) FROM voting_approval a
                                WHERE a.poll_id = r.poll_id AND a.action = 'remove:' || encode(r.slot, 'hex')
                                    AND a.actor_id IN (r.asked_by_id, r.agreed_by_id)
                            )
                    ) THEN
                        RAISE EXCEPTION 'envelopes are never deleted';
                    END IF;
                    RETURN OLD;
                    """
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.poll_id}/{bytes(self.slot).hex()}"


class Removal(models.Model):
    """A ballot of somebody who was not entitled, taken out before the count with a public reason. Append only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="removals")
    line = models.ForeignKey(RegisterLine, on_delete=models.PROTECT, related_name="removals")
    slot = models.BinaryField(max_length=32, null=True, blank=True)  # None in a named poll
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="voting_removal_has_reason"),
            models.UniqueConstraint(fields=["poll", "line"], name="voting_removal_one_per_line"),
        ]
        triggers = [not_emptied(), pgtrigger.Protect(name="append_only", operation=UPDATE_OR_DELETE)]

    def __str__(self) -> str:
        return self.reason


class ClosedBox(models.Model):
    """Which ballots were in when the poll was closed: their receipts, sorted. Written once."""

    poll = models.OneToOneField(Poll, on_delete=models.PROTECT, primary_key=True, related_name="closed_box")
    receipts = models.BinaryField()  # 32 bytes each
    ballots = models.PositiveIntegerField()
    root = models.BinaryField(max_length=32)  # Merkle root of the receipts

    class Meta:
        triggers = [not_emptied(), pgtrigger.Protect(name="append_only", operation=UPDATE_OR_DELETE)]

    def __str__(self) -> str:
        return f"{self.ballots} ballots"

    @property
    def root_hex(self) -> str:
        return bytes(self.root).hex()

    @property
    def digests(self) -> list[bytes]:
        together = bytes(self.receipts)
        return [together[start : start + 32] for start in range(0, len(together), 32)]


class BoxedBallot(models.Model):
    """An opened ballot without its voter. All of a poll come at once, shuffled, when it is counted; append only."""

    pk = models.CompositePrimaryKey("poll", "tracking", "copy")
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="boxed_ballots")
    tracking = models.BinaryField(max_length=10)  # random, made on the voter's phone
    copy = models.PositiveSmallIntegerField(
        default=0
    )  # above 0 where the same code came more than once; never repaired
    weight = models.PositiveIntegerField()
    channel = models.CharField(max_length=20)
    choice = models.JSONField()

    class Meta:
        triggers = [
            not_emptied(),
            pgtrigger.Protect(name="append_only", operation=UPDATE_OR_DELETE),
            pgtrigger.Trigger(
                name="only_at_the_count",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=pgtrigger.Func(
                    """
                    IF NOT EXISTS (
                        SELECT FROM voting_poll WHERE id = NEW.poll_id AND state = 'closing' AND secrecy <> 1
                    ) THEN
                        RAISE EXCEPTION 'the ballot box is filled once, when the poll is counted';
                    END IF;
                    RETURN NEW;
                    """
                ),
            ),
        ]

    def __str__(self) -> str:
        return bytes(self.tracking).hex()


def receipt_digest(poll_id: uuid.UUID, choice: dict[str, Any], key_hash: bytes) -> bytes:
    """The receipt of a named ballot: 32 bytes that say nothing about the choice to who does not know the client's key."""
    body = json.dumps(choice, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(b"receipt-v1|" + poll_id.bytes + b"|" + key_hash + b"|" + body).digest()


def receipt_code(digest: bytes) -> str:
    """A receipt for people to read: 16 letters in groups of four, from its first ten bytes."""
    number = int.from_bytes(digest[:10], "big")
    letters = "".join(codes.ALPHABET[(number >> (5 * place)) & 31] for place in range(15, -1, -1))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))
