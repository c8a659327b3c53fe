"""Borda's three variants, counted by hand on ballots that are short, level, blank or name somebody who withdrew."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from voting.tally import Ballot, Option, TallyError, borda, build_election, count


def ward(ballots, letters="ABCD", gone="", **more):
    return build_election(
        kind="ordinal", options=[Option(x, withdrawn=x in gone) for x in letters],
        ballots=[Ballot(ranking, weight=weight) for ranking, weight in ballots], **more,
    )  # fmt: skip


SHORT = [("AB", 2), ("BCAD", 1), ("C", 3), ([("A", "D"), "B"], 1)]


def sums(election, **more):
    return dict(count("borda", election, **more).rounds[0]["votes"])


def test_averaged_shares_what_is_not_named():
    """AB twice: 3, 2, ½, ½. BCAD: 3 2 1 0. C three times: 3 and 1 for each other. The level ballot ends at once."""
    assert sums(ward(SHORT)) == {"A": 2 * 3 + 1 + 3 * 1, "B": 2 * 2 + 3 + 3, "C": 1 + 2 + 9, "D": 1 + 0 + 3}


def test_averaged_gives_half_a_point_for_standing_level():
    """The level ballot: A and D get 1 + 1 + ½ each, B one."""
    half = Fraction(1, 2)
    points = sums(ward([([("A", "D"), "B"], 1)]), overvote="tie")
    assert isinstance(points["B"], int)
    assert points == {"A": 2 + half, "B": 1, "C": 0, "D": 2 + half}
    assert sums(ward(SHORT), overvote="tie") == {"A": 12 + half, "B": 11, "C": 12, "D": 6 + half}
    assert sums(ward(SHORT), overvote="skip") == {"A": 11, "B": 13, "C": 13, "D": 5}


def test_ranked_only_gives_nothing_for_what_is_not_named():
    assert sums(ward(SHORT), variant="ranked-only") == {"A": 6 + 1, "B": 4 + 3, "C": 2 + 9, "D": 0}


def test_pabulib_gives_as_many_points_as_places_are_named():
    assert sums(ward(SHORT), variant="pabulib") == {"A": 4 + 2, "B": 2 + 4, "C": 3 + 3, "D": 1}


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ("averaged", {"A": 5 + Fraction(3, 2), "B": 4 + Fraction(3, 2), "C": 6}),
        ("ranked-only", {"A": 4 + 1, "B": 2 + 2, "C": 6}),
        ("pabulib", {"A": 4 + 1, "B": 2 + 2, "C": 3}),
    ],
)
def test_whoever_withdrew_is_taken_off_every_ballot(variant, expected):
    election = ward([("ADB", 2), ("BA", 1), ("C", 3), ("D", 5)], gone="D")
    outcome = count("borda", election, variant=variant)
    assert dict(outcome.rounds[0]["votes"]) == expected
    assert count("borda", replace(election, blanks=4), variant=variant, blank_in_n=True).n == 15
    assert outcome.options["D"].code == "withdrawn"
    assert outcome.n == 6
    assert outcome.facts == {"vacant": 0, "overvote": "exhaust", "overvoted": 0, "without_preference": 5}


def test_everything_about_the_count_is_said():
    election = ward(SHORT, blanks=4, seats=3)
    outcome = count("borda", election, variant="pabulib", lot_order="CBAD")
    assert outcome.rule == "borda"
    assert outcome.winners == ("C",)
    assert outcome.n == 6
    assert outcome.ties == (
        {"over": "seat", "value": 6, "seats": 1, "tied": ["C", "B", "A"], "criterion": "lot", "chosen": "C"},
    )
    assert outcome.parameters.items() >= {
        "all_winners": False, "blank_in_n": False, "seats": 1, "variant": "pabulib",
        "ties": ["lot"], "lot_source": "given", "lot_order": ["C", "B", "A", "D"],
    }.items()  # fmt: skip
    assert outcome.facts == {"vacant": 0, "overvote": "exhaust", "overvoted": 1, "without_preference": 1}
    assert count("borda", election, blank_in_n=True).n == 11
    assert count("borda", election).parameters["variant"] == "averaged"
    assert count("borda", election, seed="s").parameters["seed"] == "s"
    assert count("borda", election, seats=2).winners == ("C", "A")
    assert count("borda", election, variant="pabulib", all_winners=True).winners == ("A", "B", "C")


def test_an_option_with_no_points_can_fill_a_seat_of_somebody():
    assert count("borda", ward([("A", 1)], letters="AB"), seats=2).winners == ("A", "B")
    assert count("borda", ward([], letters="AB"), seats=2).winners == ()


def test_what_is_asked_for_must_exist():
    election = ward(SHORT)
    with pytest.raises(TallyError, match=r"^the variant is one of averaged, ranked-only, pabulib$"):
        count("borda", election, variant="median")
    with pytest.raises(TallyError, match=r"^there must be at least one seat$"):
        count("borda", election, seats=0)
    with pytest.raises(TallyError, match=r"^overvote is one of exhaust, skip, tie$"):
        count("borda", election, overvote="half")


def test_sums_too_large_for_64_bits_are_added_as_whole_numbers(monkeypatch):
    weights = np.array([2**49, 2**49], dtype=np.int64)
    assert borda._large(np.broadcast_to(np.int64(0), (2, 4096)), weights)
    assert borda._large(np.broadcast_to(np.int64(0), (2, 4097)), weights)
    assert not borda._large(np.broadcast_to(np.int64(0), (2, 4095)), weights)
    assert not borda._large(np.zeros((2, 0), dtype=np.int64), np.array([2**61], dtype=np.int64))
    assert borda._large(np.zeros((2, 0), dtype=np.int64), np.array([2**62], dtype=np.int64))
    expected = sums(ward(SHORT), variant="pabulib")
    monkeypatch.setattr(borda, "_large", lambda points, weights: True)
    assert sums(ward(SHORT), variant="pabulib") == expected
