# SPDX-License-Identifier: AGPL-3.0-or-later
"""One hash for a whole list, as in RFC 6962: leaves and nodes begin with different bytes, so neither passes for the other."""

import hashlib
from collections.abc import Iterable

EMPTY = hashlib.sha256(b"").digest()


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """The Merkle tree hash of these leaves in this order; receipts and ballots are sorted before.

    >>> merkle_root([]).hex()[:16], merkle_root([b""]).hex()[:16]
    ('e3b0c44298fc1c14', '6e340b9cffb37a98')
    """
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    if not level:
        return EMPTY
    while len(level) > 1:
        pairs = [
            hashlib.sha256(b"\x01" + level[place] + level[place + 1]).digest() for place in range(0, len(level) - 1, 2)
        ]
        level = pairs + level[len(pairs) * 2 :]  # the odd one out rises as it is
    return level[0]
