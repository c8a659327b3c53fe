# SPDX-License-Identifier: AGPL-3.0-or-later
"""The end of a sealed poll: every envelope is opened, and the ballots are stored shuffled, without their slots."""

from collections import Counter
from typing import Any

from voting import choices, keys, sealing
from voting.board.merkle import merkle_root
from voting.models import BoxedBallot, Envelope, OpenBallot, Poll, Removal

CHUNK = 2000


def receipts_in(poll: Poll) -> list[bytes]:
    """The receipt of each ballot that is in, 32 bytes each, in no order."""
    if not poll.is_sealed:
        removed = Removal.objects.filter(poll=poll).values("line")
        return [ballot.receipt for ballot in OpenBallot.objects.filter(poll=poll).exclude(line__in=removed).iterator()]
    bodies = Envelope.objects.filter(poll=poll).values_list("body", flat=True)
    return [sealing.receipt_of(bytes(body)) for body in bodies.iterator(chunk_size=CHUNK)]


def open_envelopes(poll: Poll, private_key: bytes | None = None) -> dict[str, Any]:
    """Fill the ballot box, and answer what the log tells of it: the number of ballots, of invalid ones, repeated codes.

    All rows come in one transaction, in the order of their random codes: neither the order nor the transaction
    tells which row came from which slot. Envelopes that hold no valid ballot of a line of the register are counted
    as invalid and are not repaired. Where trustees guard the box its private key comes from them.
    """
    private_key = private_key or keys.read(poll.pk, keys.BOX)
    weights = _weights_by_slot(poll)
    ballots, invalid = [], 0
    stored = Envelope.objects.filter(poll=poll).values_list("slot", "body")
    for slot, body in stored.iterator(chunk_size=CHUNK):
        ballot = _valid_ballot(poll, private_key, bytes(body), weights.get(bytes(slot)))
        if ballot is None:
            invalid += 1
        else:
            ballots.append(ballot)
    ballots.sort(key=lambda ballot: (ballot.tracking, sealing.canonical(ballot.choice)))
    seen: Counter[bytes] = Counter()
    rows = []
    for ballot in ballots:
        rows.append(
            BoxedBallot(
                poll=poll,
                tracking=ballot.tracking,
                copy=seen[ballot.tracking],
                weight=ballot.weight,
                channel=ballot.channel,
                choice=ballot.choice,
            )
        )
        seen[ballot.tracking] += 1
    BoxedBallot.objects.bulk_create(rows, batch_size=CHUNK)
    return {
        "ballots": len(rows),
        "invalid": invalid,
        "repeated_codes": sorted(code.hex() for code, times in seen.items() if times > 1),
        "box_root": merkle_root([leaf_of(row) for row in rows]).hex(),
    }


def leaf_of(ballot: BoxedBallot) -> bytes:
    """An opened ballot as a leaf of the tree whose root is in the log."""
    return sealing.canonical(
        {
            "channel": ballot.channel,
            "choice": ballot.choice,
            "code": bytes(ballot.tracking).hex(),
            "weight": ballot.weight,
        }
    )


def _weights_by_slot(poll: Poll) -> dict[bytes, int]:
    """The weight of each slot that belongs to a line of the register; an envelope anywhere else was stuffed in."""
    if poll.register is None:
        raise ValueError("a poll that has opened has a register")
    link_key = keys.read(poll.pk, keys.LINK)
    lines = poll.register.lines.values_list("pk", "weight").iterator(chunk_size=CHUNK)
    return {sealing.slot_of(link_key, line): weight for line, weight in lines}


def _valid_ballot(poll: Poll, private_key: bytes, body: bytes, weight: int | None) -> sealing.Ballot | None:
    """The ballot in this envelope if it is a valid ballot of this poll with the weight of its voter; else None."""
    try:
        ballot = sealing.unseal(private_key, body)
    except sealing.NotReadable:
        return None
    belongs_here = ballot.poll == poll.pk and ballot.definition_hash == bytes(poll.definition_hash or b"")
    is_channel = isinstance(ballot.channel, str) and 1 <= len(ballot.channel) <= 20 and ballot.channel.isprintable()
    is_weight = type(ballot.weight) is int and ballot.weight == weight
    if not (belongs_here and is_channel and is_weight and choices.is_valid(poll, ballot.choice)):
        return None
    return ballot
