# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keys of trustees: of three people any two open the box of a secret poll together, and nobody alone.

Pure functions on bytes. The key of the box is sealed for one trustee, and that again for another: libsodium's sealed
box twice, for each ordered pair. So whoever comes first peels a layer, and whoever comes second opens what is inside.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from nacl._sodium import ffi, lib  # type: ignore[import-not-found]
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from assemblies import codes

LETTERS = 52  # 256 bits and 4 more, which notice most slips of the pen
GROUP = 4
CANARY = b"folkmoot-canary-v1|"


class NotAKey(ValueError):
    """What was typed is not a key at all; the message says how it was read."""


class DoesNotOpen(ValueError):
    """The envelope was not sealed for this key."""


def new_key() -> bytes:
    """A private key of 32 bytes that nobody can guess."""
    return secrets.token_bytes(32)


def public_key_of(key: bytes) -> bytes:
    return bytes(PrivateKey(key).public_key)


def written(key: bytes) -> str:
    """The key for people to write down: letters and figures in groups of four."""
    number = int.from_bytes(key, "big") << 4 | _check(key)
    letters = "".join(codes.ALPHABET[(number >> (5 * place)) & 31] for place in range(LETTERS - 1, -1, -1))
    return "-".join(letters[start : start + GROUP] for start in range(0, LETTERS, GROUP))


def read(typed: str) -> bytes:
    """The key that somebody typed or scanned; small letters, spaces, dashes and look-alikes are forgiven."""
    letters = codes.meant_by(typed)
    if len(letters) != LETTERS or not set(letters) <= set(codes.ALPHABET):
        raise NotAKey(str(len(letters)))
    number = 0
    for letter in letters:
        number = number << 5 | codes.ALPHABET.index(letter)
    key = (number >> 4).to_bytes(32, "big")
    if number & 15 != _check(key):
        raise NotAKey(str(LETTERS))
    return key


def canary_for(public_key: bytes) -> tuple[bytes, bytes]:
    """An envelope that only the owner of this key opens, and the hash of what is inside."""
    inside = CANARY + secrets.token_bytes(32)
    return bytes(SealedBox(PublicKey(public_key)).encrypt(inside)), hashlib.sha256(inside).digest()


def opens_canary(key: bytes, envelope: bytes, inside_hash: bytes) -> bool:
    """Whether this key really opens what was sealed for it."""
    try:
        inside = peel(key, envelope)
    except DoesNotOpen:
        return False
    return hashlib.sha256(inside).digest() == inside_hash


def seal_for_pair(secret: bytes, *, outer: bytes, inner: bytes) -> bytes:
    """The secret, sealed for the trustee with the inner public key, and that again for the one with the outer."""
    within = SealedBox(PublicKey(inner)).encrypt(secret)
    return bytes(SealedBox(PublicKey(outer)).encrypt(bytes(within)))


def peel(key: bytes, envelope: bytes) -> bytes:
    """What is under the layer that was sealed for this key; raises DoesNotOpen."""
    try:
        return bytes(SealedBox(PrivateKey(key)).decrypt(envelope))
    except (CryptoError, ValueError, TypeError) as closed:
        raise DoesNotOpen("the envelope was not sealed for this key") from closed


@contextmanager
def wiped(secret: bytes) -> Iterator[bytes]:
    """The secret, until the end of the block; then the memory that held it is overwritten.

    What was typed into a page passes through text that Python frees in its own time: only a running server ever has it.
    """
    try:
        yield secret
    finally:
        lib.sodium_memzero(ffi.from_buffer(secret), len(secret))


def _check(key: bytes) -> int:
    return hashlib.sha256(b"trustee-key-v1|" + key).digest()[0] >> 4
