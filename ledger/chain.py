# SPDX-License-Identifier: AGPL-3.0-or-later
"""Appending to a stream and checking it.

    hash_0 = SHA-256(0x00 || the stream's 16 bytes)
    hash_n = SHA-256(0x01 || hash_(n-1) || n as a signed 64-bit integer, big-endian || body in UTF-8)

Anyone can recompute this from the published bodies. It proves nothing against whoever runs the database
unless a hash is kept outside: printed in the minutes, shown on the wall.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.utils import timezone

from ledger.models import ChainHead, Event


class BrokenChain(Exception):
    """A stream does not add up; the message says at which event."""


def append(*, stream: UUID, kind: str, data: Mapping[str, Any] | None = None, at: datetime | None = None) -> Event:
    """Add what happened to the end of a stream, with the next number and no gap.

    Belongs in the transaction of the act itself, after the act's own locks: the end of the stream stays locked
    until commit, so two acts on one stream wait for each other. `data` holds text, whole numbers, booleans, None,
    ids, dates, aware times, and lists and dictionaries of these; no floats, and nothing personal.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An event belongs in the transaction of the act it tells of.")
    body = canonical({"at": at or timezone.now(), "data": data or {}, "kind": kind})
    head = _locked_head(stream)
    seq, prev = head.seq + 1, bytes(head.hash)
    event = Event(stream=stream, seq=seq, prev=prev, body=body, hash=link(prev, seq, body))
    event.save(force_insert=True)  # a trigger checks the hash and moves the end of the stream on
    return event


def events(stream: UUID) -> models.QuerySet[Event]:
    """Everything that happened in a stream, first to last."""
    return Event.objects.filter(stream=stream).order_by("seq")


def verify(stream: UUID) -> bytes:
    """The hash at the end of a stream in which every event follows from the one before; else raises BrokenChain."""
    head = ChainHead.objects.filter(pk=stream).first()
    last, count = first_link(stream), 0
    for event in events(stream).iterator():
        count += 1
        if event.seq != count:
            raise BrokenChain(f"Event {count} is missing.")
        if bytes(event.prev) != last or bytes(event.hash) != link(last, count, event.body):
            raise BrokenChain(f"Event {count} was changed.")
        last = bytes(event.hash)
    if (head.seq, bytes(head.hash)) != (count, last) if head else count:
        raise BrokenChain(f"The stream ends at event {count}, but not as it was written.")
    return last


def first_link(stream: UUID) -> bytes:
    """What the first event of a stream is tied to, so that no stream passes for another."""
    return hashlib.sha256(b"\x00" + stream.bytes).digest()


def link(prev: bytes, seq: int, body: str) -> bytes:
    """The hash of an event, from the hash before it, its number and its text."""
    return hashlib.sha256(b"\x01" + prev + seq.to_bytes(8, "big", signed=True) + body.encode()).digest()


def canonical(value: Any) -> str:
    """The one way to write this value as JSON: sorted keys, no spaces, no floats."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _locked_head(stream: UUID) -> ChainHead:
    heads = ChainHead.objects.select_for_update()
    head = heads.filter(pk=stream).first()
    if head is None:
        # Two first events at once: the second waits here for the first, then finds its row.
        ChainHead.objects.bulk_create([ChainHead(stream=stream, hash=first_link(stream))], ignore_conflicts=True)
        head = heads.get(pk=stream)
    return head


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case UUID():
            return str(value)
        case datetime():
            if timezone.is_naive(value):
                raise TypeError("A time in the ledger needs its zone.")
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case list() | tuple():
            return [_plain(each) for each in value]
        case Mapping():
            if not all(isinstance(key, str) and key.isascii() for key in value):
                raise TypeError("Names in the ledger are plain ASCII text.")
            return {key: _plain(each) for key, each in value.items()}
    raise TypeError(f"The ledger takes no {type(value).__name__}.")
