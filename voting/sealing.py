# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sealed ballots: what goes into an envelope, and which slot of the box is whose. Pure functions on bytes.

One well-known primitive, libsodium's sealed box (X25519, XSalsa20-Poly1305), and one keyed hash. Every envelope
of a poll has the same length, so that the length says nothing about the choice.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nacl.bindings import crypto_box_SEALBYTES
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

OVERHEAD = crypto_box_SEALBYTES  # bytes that sealing adds
LENGTH_BYTES = 2
BESIDE_THE_CHOICE = 320  # bytes: names, tracking code, weight, channel, two ids
STEP = 64


class NotReadable(Exception):
    """The envelope does not open, or what is inside is no ballot."""


@dataclass(frozen=True)
class Ballot:
    """What an envelope holds. Poll and definition are inside, so that no envelope can be moved to another poll."""

    choice: dict[str, Any]
    tracking: bytes  # 10 random bytes
    weight: int
    channel: str
    definition_hash: bytes  # 32 bytes
    poll: UUID


def slot_of(link_key: bytes, line: UUID) -> bytes:
    """The slot of this line of the register: 32 bytes that say nothing without the key."""
    return hmac.digest(link_key, b"slot-v1|" + line.bytes, "sha256")


def body_length(longest_choice: int) -> int:
    """The length in bytes of every envelope of a poll whose longest choice has this many bytes."""
    inside = LENGTH_BYTES + BESIDE_THE_CHOICE + longest_choice
    return -(-inside // STEP) * STEP + OVERHEAD


def seal(public_key: bytes, ballot: Ballot, length: int) -> bytes:
    """An envelope of exactly this length. Sealing the same ballot twice gives two different envelopes."""
    text = canonical(
        {
            "c": ballot.choice,
            "ch": ballot.channel,
            "d": ballot.definition_hash.hex(),
            "p": str(ballot.poll),
            "t": ballot.tracking.hex(),
            "w": ballot.weight,
        }
    )
    inside = len(text).to_bytes(LENGTH_BYTES, "big") + text
    if len(inside) > length - OVERHEAD:
        raise ValueError("the ballot is longer than any valid ballot of this poll")
    return bytes(SealedBox(PublicKey(public_key)).encrypt(inside.ljust(length - OVERHEAD, b"\0")))


def unseal(private_key: bytes, body: bytes) -> Ballot:
    """The ballot in an envelope; raises NotReadable."""
    try:
        inside = SealedBox(PrivateKey(private_key)).decrypt(body)
    except (CryptoError, ValueError, TypeError) as closed:
        raise NotReadable("the envelope does not open with the key of this poll") from closed
    length = int.from_bytes(inside[:LENGTH_BYTES], "big")
    try:
        found = json.loads(inside[LENGTH_BYTES : LENGTH_BYTES + length])
        ballot = Ballot(
            choice=found["c"],
            tracking=bytes.fromhex(found["t"]),
            weight=found["w"],
            channel=found["ch"],
            definition_hash=bytes.fromhex(found["d"]),
            poll=UUID(found["p"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as garbled:
        raise NotReadable("the envelope holds no ballot") from garbled
    if not isinstance(ballot.choice, dict) or len(ballot.tracking) != 10:
        raise NotReadable("the envelope holds no ballot")
    return ballot


def receipt_of(body: bytes) -> bytes:
    """The receipt of a sealed ballot: SHA-256 of the stored body, which is random, so it says nothing of the choice."""
    return hashlib.sha256(body).digest()


def signed_text(poll: UUID, receipt: bytes) -> bytes:
    """What the installation signs to vouch for a receipt of this poll."""
    return b"folkmoot-receipt-v1|" + poll.bytes + receipt


def canonical(value: Any) -> bytes:
    """The one way to write this as JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
