"""Meek's STV to nine decimals: keep factors, quotas that fall, defeats, and everything that is said about them."""

from __future__ import annotations

import json
import random

import pytest

from voting.tally import Ballot, Margin, Option, TallyError, build_election, count, stv_meek, verify
from voting.tally.stv_meek import nine


def ward(ballots, letters="ABC", seats=2, gone="", **more):
    return build_election(
        kind="ordinal", options=[Option(x, withdrawn=x in gone) for x in letters], seats=seats,
        ballots=[Ballot(ranking, weight=weight) for ranking, weight in ballots.items()], **more,
    )  # fmt: skip


def test_a_surplus_is_passed_on_by_a_keep_factor():
    """Seven votes, two seats: quota 2.333333334. A keeps 0.466666667 of five; B gets 0.533333333 of each."""
    outcome = count("stv-meek", ward({"AB": 5, "B": 1, "C": 1}, blanks=2))
    assert outcome.rounds == (
        {
            "action": "elect", "option": "A", "iteration": 1, "quota": "2.333333334", "surplus": "2.666666666",
            "votes": {"A": "5.000000000", "B": "1.000000000", "C": "1.000000000"},
            "keep": {"A": "1.000000000", "B": "1.000000000", "C": "1.000000000"},
        },
        {
            "action": "elect", "option": "B", "iteration": 3, "quota": "2.333333334", "surplus": "1.333333332",
            "votes": {"A": "2.333333335", "B": "3.666666665", "C": "1.000000000"},
            "keep": {"A": "0.466666667", "B": "1.000000000", "C": "1.000000000"},
        },
    )  # fmt: skip
    assert (outcome.rule, outcome.winners, outcome.n, outcome.blanks) == ("stv-meek", ("A", "B"), 7, 2)
    assert outcome.facts == {"iterations": 3, "vacant": 0, "overvoted": 0, "without_preference": 0}
    assert outcome.parameters.items() >= {
        "overvote": "exhaust", "seats": 2, "blank_in_n": False,
        "ties": ["lot"], "lot_source": "file order", "lot_order": ["A", "B", "C"],
    }.items()  # fmt: skip
    assert {name: (r.code, dict(r.numbers), r.margin) for name, r in outcome.options.items()} == {
        "A": ("elected", {"round": 1, "votes": "5.000000000", "quota": "2.333333334", "place": 1}, Margin()),
        "B": ("elected", {"round": 2, "votes": "3.666666665", "quota": "2.333333334", "place": 2}, Margin()),
        "C": (
            "not_elected",
            {"votes": "1.000000000", "quota": "2.333333334", "short_of_quota": "1.333333334"},
            Margin(votes=3),
        ),
    }
    assert count("stv-meek", ward({"AB": 5, "B": 1, "C": 1}, blanks=2), blank_in_n=True).n == 9


def test_the_lowest_is_defeated_and_the_last_is_elected_without_a_quota():
    """Nine votes, one seat: quota 4.500000001. C goes, its two say nothing more: the quota falls to 3.5 and a bit."""
    outcome = count("stv-meek", ward({"A": 4, "B": 3, "C": 2}, seats=1))
    assert [(r["action"], r["option"], r["iteration"], r["quota"]) for r in outcome.rounds] == [
        ("defeat", "C", 1, "4.500000001"), ("elect", "A", 2, "3.500000001"),
    ]  # fmt: skip
    assert outcome.options["C"].code == "excluded"
    assert outcome.options["C"].numbers == {
        "round": 1, "votes": "2.000000000", "quota": "4.500000001", "short_of_quota": "2.500000001",
    }  # fmt: skip
    assert outcome.options["C"].margin == Margin(votes=6)
    assert outcome.rounds[1]["keep"]["C"] == "0.000000000"
    assert outcome.rounds[1]["votes"] == {"A": "4.000000000", "B": "3.000000000", "C": "0.000000000"}
    last = count("stv-meek", ward({"A": 2, "B": 2, "C": 1}, seats=1), lot_order="BAC")
    assert [(r["action"], r["option"]) for r in last.rounds] == [("defeat", "C"), ("defeat", "B"), ("elect", "A")]
    assert last.options["A"].code == "elected_without_quota"
    assert last.rounds[2]["quota"] == "2.000000001"
    assert last.ties == ({"over": "defeat", "iteration": 2, "tied": ["B", "A"], "criterion": "lot", "chosen": "B"},)


def test_exactly_a_quota_of_nine_decimals_elects():
    """Five votes, one seat: 2.500000001; with 2.5 and a bit you are in, with 2.5 you are not."""
    outcome = count("stv-meek", ward({"A": 3, "B": 2}, "AB", 1))
    assert outcome.options["A"].code == "elected"
    level = count("stv-meek", ward({"A": 2, "B": 2}, "AB", 1))
    assert [r["action"] for r in level.rounds] == ["defeat", "elect"]


def test_who_has_more_than_a_quota_at_the_end_is_not_short_of_it():
    """A and B reach the quota together with C; the seats are full with A and B."""
    outcome = count("stv-meek", ward({"A": 3, "B": 3, "C": 1}))
    assert outcome.options["C"].numbers["short_of_quota"] == "1.333333334"
    level = count("stv-meek", ward({"AC": 9, "B": 3, "C": 3, "D": 1}, "ABCD", 2))
    assert level.winners == ("A", "C")
    assert level.options["B"].numbers["short_of_quota"] == "2.333333334"


def test_no_more_seats_than_options_and_no_ballots():
    few = count("stv-meek", ward({"A": 3}, "AB", 4))
    assert (few.winners, few.facts) == (
        ("A", "B"), {"iterations": 0, "vacant": 2, "overvoted": 0, "without_preference": 0},
    )  # fmt: skip
    assert few.options["A"].code == "elected_without_quota"
    assert few.rounds == ()
    none = count("stv-meek", ward({}, "AB", 1, blanks=3), blank_in_n=True, lot_order="BA")
    assert (none.winners, none.n, none.ties[0]["chosen"]) == (("A",), 3, "B")
    assert count("stv-meek", ward({"A": 1}, "A", 1), seed="s").parameters["seed"] == "s"


def test_who_withdrew_passes_every_ballot_on():
    outcome = count("stv-meek", ward({"AB": 3, "C": 2, "A": 1}, gone="A", seats=1, blanks=1), blank_in_n=True)
    assert (outcome.winners, outcome.n, outcome.facts["without_preference"]) == (("B",), 7, 1)
    assert (outcome.options["A"].code, outcome.options["A"].margin) == ("withdrawn", None)
    assert list(outcome.rounds[0]["votes"]) == ["B", "C"]


def test_equal_ranks_end_a_ballot_or_are_passed_over():
    level = build_election(
        kind="ordinal", options=[Option("A"), Option("B")], ballots=[Ballot([("A", "B")], weight=2), Ballot("B")]
    )
    assert count("stv-meek", level).facts["overvoted"] == 2
    assert count("stv-meek", level, overvote="skip").parameters["overvote"] == "skip"


def test_too_many_ballots_are_refused_and_the_most_are_not():
    assert count("stv-meek", ward({"A": 4 * 10**9}, "A", 1)).winners == ("A",)
    assert count("stv-meek", ward({"AB": 4 * 10**9}, "AB", 1)).winners == ("A",)
    with pytest.raises(TallyError, match=r"^there are more ballots than nine decimals can be kept for$"):
        count("stv-meek", ward({"A": 4 * 10**9 + 1}, "A", 1))


def test_units_are_written_with_nine_places():
    assert [nine(0), nine(1), nine(10**9), nine(12_345_678_901)] == [
        "0.000000000", "0.000000001", "1.000000000", "12.345678901",
    ]  # fmt: skip
    assert (stv_meek.ONE, stv_meek.OMEGA) == (10**9, 10**3)


def test_options_within_the_surplus_of_the_lowest_are_level():
    """A surplus that stands still at a few billionths makes C and D, three billionths apart, a tie."""
    outcome = count("stv-meek", ward({"AC": 3, "AD": 3, "B": 3, "C": 1, "D": 1, "E": 3}, "ABCDE", 2), lot_order="DCBAE")
    assert outcome.ties[0]["over"] == "defeat"
    assert outcome.ties[0]["chosen"] == "D"


def test_many_small_wards_stand_up_to_the_slow_count():
    chance = random.Random(9)
    for _ in range(40):
        letters = "ABCDEF"[: chance.randint(1, 6)]
        ballots = {}
        for _ in range(chance.randint(0, 12)):
            ranking = "".join(chance.sample(letters, chance.randint(1, len(letters))))
            ballots[ranking] = chance.randint(1, 9)
        election = ward(ballots, letters, chance.randint(1, 3), gone=chance.choice(["", "", "B"]))
        for rule in ("stv-meek", "stv-scottish"):
            verify.check(election, json.loads(count(rule, election, seed="s").canonical()))
