"""The root of a list, against the tree that RFC 6962 describes by recursion and its known answers."""

import hashlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voting.board import verify
from voting.board.merkle import merkle_root


def by_the_book(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + by_the_book(leaves[:split]) + by_the_book(leaves[split:])).digest()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.binary(max_size=40), max_size=40))
def test_the_root_is_that_of_the_rfc_and_the_verifier_finds_the_same(leaves):
    assert merkle_root(leaves) == by_the_book(leaves) == verify.merkle_root(leaves)


def test_the_root_of_the_eight_leaves_of_the_known_answers():
    leaves = [
        bytes.fromhex(leaf)
        for leaf in (
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
        )
    ]  # fmt: skip
    assert merkle_root(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_a_node_never_passes_for_a_leaf():
    one, two = b"a", b"b"
    nodes = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in (one, two)]
    assert merkle_root([b"".join(nodes)]) != merkle_root([one, two])
