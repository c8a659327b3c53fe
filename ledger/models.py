# SPDX-License-Identifier: AGPL-3.0-or-later
"""The two tables of the ledger. Rows are written by ledger.append alone and never change."""

import json
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q


def not_emptied() -> pgtrigger.Trigger:
    """TRUNCATE is refused, which no trigger on rows would notice."""
    return pgtrigger.Trigger(
        name="not_emptied",
        operation=pgtrigger.Truncate,
        when=pgtrigger.Before,
        level=pgtrigger.Statement,
        func="RAISE EXCEPTION 'the ledger is never emptied';",
    )


class ChainHead(models.Model):
    """Where a stream ends; whoever appends holds this row's lock, so that numbers have no gaps."""

    stream = models.UUIDField(primary_key=True, editable=False)
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.BinaryField(max_length=32)

    class Meta:
        triggers = [
            pgtrigger.Trigger(
                name="only_moves_on",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func=pgtrigger.Func(
                    """
                    IF NEW.stream <> OLD.stream OR NEW.seq <> OLD.seq + 1 OR NOT EXISTS (
                        SELECT FROM ledger_event WHERE stream = NEW.stream AND seq = NEW.seq AND hash = NEW.hash
                    ) THEN
                        RAISE EXCEPTION 'the end of a stream only moves to its next event';
                    END IF;
                    RETURN NEW;
                    """
                ),
            ),
            pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
            not_emptied(),
        ]

    def __str__(self) -> str:
        return f"{self.stream} ends at {self.seq}"


class Event(models.Model):
    """Something that happened, as canonical JSON text, tied to everything before it by its hash."""

    pk = models.CompositePrimaryKey("stream", "seq")
    stream = models.UUIDField(editable=False)
    seq = models.PositiveBigIntegerField()
    prev = models.BinaryField(max_length=32)
    body = models.TextField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["stream", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["stream", "prev"], name="ledger_event_one_successor"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="ledger_event_counts_from_one"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            not_emptied(),
            pgtrigger.Trigger(
                name="follows_the_last",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                func=pgtrigger.Func(
                    """
                    IF NEW.hash <> sha256('\\x01' || NEW.prev || int8send(NEW.seq) || convert_to(NEW.body, 'UTF8')) THEN
                        RAISE EXCEPTION 'the hash of this event is not that of its text';
                    END IF;
                    UPDATE ledger_chainhead SET seq = NEW.seq, hash = NEW.hash
                        WHERE stream = NEW.stream AND seq = NEW.seq - 1 AND hash = NEW.prev;
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'this event does not follow the last one of its stream';
                    END IF;
                    RETURN NULL;
                    """
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.seq}: {self.kind}"

    @property
    def kind(self) -> str:
        """What happened, in the words of the app that wrote it."""
        return str(json.loads(self.body)["kind"])

    @property
    def data(self) -> dict[str, Any]:
        """What the event says beside its kind and time; ids and times come back as text."""
        return dict(json.loads(self.body)["data"])
