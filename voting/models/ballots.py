# SPDX-License-Identifier: AGPL-3.0-or-later
"""What voters handed in."""

import hashlib
import json
import uuid
from typing import Any

import pgtrigger
from django.db import models

from assemblies import codes

from .polls import Poll
from .registers import RegisterLine
from .triggers import UPDATE_OR_DELETE, not_emptied


class OpenBallot(models.Model):
    """A named ballot. Its primary key is the promise: one for each line of the register."""

    pk = models.CompositePrimaryKey("poll", "line")
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="ballots")
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
                declare=[("poll_state", "text")],
                func=pgtrigger.Func(
                    """
                    SELECT state INTO poll_state FROM voting_poll WHERE id = NEW.poll_id;
                    IF poll_state <> 'open' THEN
                        RAISE EXCEPTION 'the poll is not open';
                    END IF;
                    IF NOT EXISTS (
                        SELECT FROM voting_poll p JOIN voting_registerline l ON l.register_id = p.register_id
                        WHERE p.id = NEW.poll_id AND l.id = NEW.line_id
                    ) THEN
                        RAISE EXCEPTION 'the line is not in the register of the poll';
                    END IF;
                    IF TG_OP = 'UPDATE' THEN
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
    def receipt(self) -> str:
        return receipt_code(self.poll_id, self.choice, bytes(self.key_hash))


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


def receipt_code(poll_id: uuid.UUID, choice: dict[str, Any], key_hash: bytes) -> str:
    """A code for the stored ballot, 16 letters in groups of four; it says nothing about the choice by itself."""
    body = json.dumps(choice, sort_keys=True, separators=(",", ":")).encode()
    digest = hashlib.sha256(b"receipt-v1|" + poll_id.bytes + b"|" + key_hash + b"|" + body).digest()
    number = int.from_bytes(digest[:10], "big")
    letters = "".join(codes.ALPHABET[(number >> (5 * place)) & 31] for place in range(15, -1, -1))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))
