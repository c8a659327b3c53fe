"""The matrix of pairs, by hand, for each way of treating equal ranks."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from voting.tally import Ballot, Option, TallyError, build_election, pairwise
from voting.tally.pairwise import compare, levels


def ward(ballots, letters="ABC", gone=""):
    return build_election(
        kind="ordinal", options=[Option(x, withdrawn=x in gone) for x in letters],
        ballots=[Ballot(ranking, weight=weight) for ranking, weight in ballots],
    )  # fmt: skip


MIXED = [("AB", 3), (["C", ("A", "B")], 5), ([("A", "C"), "B"], 2), ("B", 1)]


def matrix(election, overvote):
    pairs = compare(election, overvote=overvote)
    return pairs.above.tolist(), pairs.valid, pairs.empty, pairs.overvoted


def test_level_options_are_above_neither():
    above = [[0, 5, 3], [1, 0, 4], [5, 7, 0]]
    assert matrix(ward(MIXED), "tie") == (above, 11, 0, 7)


def test_an_equal_rank_ends_a_ballot():
    """C=5 stops before A=B; the ballot that begins with A=C has no preference."""
    assert matrix(ward(MIXED), "exhaust") == ([[0, 3, 3], [1, 0, 4], [5, 5, 0]], 9, 2, 7)


def test_an_equal_rank_is_passed_over():
    assert matrix(ward(MIXED), "skip") == ([[0, 3, 3], [3, 0, 6], [5, 5, 0]], 11, 0, 7)


def test_who_withdrew_is_nowhere():
    """Without C two ballots have A and B level from the start, one has A alone."""
    election = ward(MIXED, gone="C")
    assert matrix(election, "tie") == ([[0, 5, 10], [1, 0, 11], [0, 0, 0]], 11, 0, 7)
    only = ward([("C", 4), ("CA", 1)], gone="C")
    assert matrix(only, "tie") == ([[0, 1, 1], [0, 0, 0], [0, 0, 0]], 1, 4, 0)
    assert matrix(only, "exhaust") == ([[0, 1, 1], [0, 0, 0], [0, 0, 0]], 1, 4, 0)


def test_levels_count_from_nought_and_the_unnamed_stand_below_all():
    table, weights, empty, overvoted = levels(ward([(["C", ("A", "B")], 5), ("B", 1)]), "tie")
    assert (table.tolist(), weights.tolist(), empty, overvoted) == ([[3, 0, 3], [1, 1, 0]], [1, 5], 0, 5)
    table, weights, empty, overvoted = levels(ward([("CA", 5), ("B", 1)]), "exhaust")
    assert (table.tolist(), weights.tolist(), empty, overvoted) == ([[3, 0, 3], [1, 3, 0]], [1, 5], 0, 0)


@pytest.mark.parametrize("overvote", ["tie", "exhaust", "skip"])
def test_no_ballots_give_no_preferences(overvote):
    assert matrix(ward([]), overvote) == ([[0] * 3] * 3, 0, 0, 0)


@pytest.mark.parametrize("chunk", [1, 3, 5, 6, 7, 9])
def test_many_groups_are_added_piece_by_piece(monkeypatch, chunk):
    whole = matrix(ward(MIXED), "tie")
    monkeypatch.setattr(pairwise, "CHUNK", chunk)
    assert matrix(ward(MIXED), "tie") == whole


@pytest.mark.parametrize(("chunk", "pieces"), [(2, [1, 1, 1, 1]), (6, [2, 2]), (11, [3, 1]), (12, [4])])
def test_a_piece_holds_no_more_than_it_may(monkeypatch, chunk, pieces):
    seen = []

    class Watched(np.ndarray):
        def __getitem__(self, key):
            found = super().__getitem__(key)
            if isinstance(key, slice):
                seen.append(len(found))
            return found

    table, *rest = levels(ward(MIXED), "tie")
    monkeypatch.setattr(pairwise, "levels", lambda election, overvote: (table.view(Watched), *rest))
    monkeypatch.setattr(pairwise, "CHUNK", chunk)
    compare(ward(MIXED), overvote="tie")
    assert seen == pieces


def test_ballots_without_an_order_are_refused():
    for kind, given in (("approval", ["A"]), ("cumulative", {"A": 1}), ("scoring", {"A": 1})):
        election = build_election(kind=kind, options=[Option("A")], ballots=[given])
        for overvote in ("tie", "skip"):
            with pytest.raises(TallyError, match=r"^this rule needs rankings$"):
                compare(election, overvote=overvote)
    chosen = build_election(kind="choose-1", options=[Option("A"), Option("B")], ballots=["A"])
    assert compare(chosen, overvote="tie").above.tolist() == [[0, 1], [0, 0]]
    with pytest.raises(TallyError, match=r"^overvote is one of exhaust, skip, tie$"):
        compare(ward(MIXED), overvote="half")


def test_pairs_cannot_be_changed_and_are_compared_by_identity():
    one, same = (compare(ward(MIXED), overvote="tie") for _ in range(2))
    assert one != same
    with pytest.raises(FrozenInstanceError):
        one.valid = 3
    with pytest.raises(TypeError):
        compare(ward(MIXED), "tie")
    assert pairwise.CHUNK == 4_000_000
