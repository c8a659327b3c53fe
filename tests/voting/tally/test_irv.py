"""Instant runoff, round by round, with its histories, its lots, and margins that are the least that elect."""

from __future__ import annotations

import json
import random

import pytest

from voting.tally import Ballot, Margin, Option, TallyError, build_election, count, irv, verify


def ward(ballots, letters="ABCD", gone="", **more):
    return build_election(
        kind="ordinal", options=[Option(x, withdrawn=x in gone) for x in letters],
        ballots=[Ballot(ranking, weight=weight) for ranking, weight in ballots.items()], **more,
    )  # fmt: skip


FOUR = {"ABC": 8, "BCA": 5, "CB": 6, "DB": 3, "D": 1}


def test_a_count_of_three_rounds():
    """D goes: three to B, one to nobody. Then C, the lowest, goes to B, who has fourteen of twenty-two."""
    outcome = count("irv", ward(FOUR, blanks=2))
    assert outcome.rounds == (
        {"round": 1, "votes": {"A": 8, "B": 5, "C": 6, "D": 4}, "exhausted": 0, "continuing": 23, "needed": 12,
         "eliminated": "D", "moved": {"B": 3, "": 1}},
        {"round": 2, "votes": {"A": 8, "B": 8, "C": 6, "D": 0}, "exhausted": 1, "continuing": 22, "needed": 12,
         "eliminated": "C", "moved": {"B": 6}},
        {"round": 3, "votes": {"A": 8, "B": 14, "C": 0, "D": 0}, "exhausted": 1, "continuing": 22, "needed": 12,
         "eliminated": None, "moved": {}},
    )  # fmt: skip
    assert (outcome.rule, outcome.winners, outcome.n, outcome.blanks, outcome.ties) == ("irv", ("B",), 23, 2, ())
    assert outcome.facts == {"overvoted": 0, "without_preference": 0}
    assert outcome.parameters.items() >= {
        "overvote": "exhaust", "run_to_two": False, "blank_in_n": False,
        "ties": ["lot"], "lot_source": "file order", "lot_order": ["A", "B", "C", "D"],
    }.items()  # fmt: skip
    reasons = {name: (r.code, dict(r.numbers), r.margin) for name, r in outcome.options.items()}
    assert reasons == {
        "A": ("beaten", {"first_votes": 8, "round": 3, "votes": 8, "behind_by": 6}, Margin(votes=6, votes_exact=True)),
        "B": ("elected", {"first_votes": 5, "round": 3, "votes": 14, "continuing": 22, "majority": True, "rival": "A",
                          "rival_votes": 8, "nearest": "C", "nearest_more": 2}, Margin()),
        "C": ("eliminated", {"first_votes": 6, "round": 2, "votes": 6, "behind_next": 2},
              Margin(votes=2, votes_exact=True)),
        "D": ("eliminated", {"first_votes": 4, "round": 1, "votes": 4, "behind_next": 1},
              Margin(votes=reasons["D"][2].votes, votes_exact=True)),
    }  # fmt: skip
    assert count("irv", ward(FOUR, blanks=2), blank_in_n=True).n == 25


def test_more_than_half_is_enough_and_half_is_not():
    at_once = count("irv", ward({"A": 5, "B": 3, "C": 1}, "ABC"))
    assert (len(at_once.rounds), at_once.winners) == (1, ("A",))
    assert at_once.options["B"].code == "beaten"
    assert at_once.options["A"].numbers["rival"] == "B"
    half = count("irv", ward({"A": 4, "B": 3, "C": 1}, "ABC"))
    assert [r["eliminated"] for r in half.rounds] == ["C", None]
    to_two = count("irv", ward({"A": 5, "B": 3, "C": 1}, "ABC"), run_to_two=True)
    assert [r["eliminated"] for r in to_two.rounds] == ["C", None]
    assert to_two.parameters["run_to_two"] is True


def test_a_tie_for_elimination_looks_back_round_by_round_then_to_the_lot():
    """After D and E are out, B and C have five each; C had fewer in round one."""
    ballots = {"A": 9, "B": 4, "C": 3, "DC": 2, "EB": 1}
    outcome = count("irv", ward(ballots, "ABCDE"))
    assert [r["eliminated"] for r in outcome.rounds[:3]] == ["E", "D", "C"]
    assert outcome.ties[0] == {
        "over": "elimination", "round": 3, "tied": ["B", "C"], "criterion": "earlier round", "chosen": "C",
    }  # fmt: skip
    level = count("irv", ward({"A": 3, "B": 2, "C": 2}, "ABC"), lot_order="CBA")
    assert level.ties == ({"over": "elimination", "round": 1, "tied": ["C", "B"], "criterion": "lot", "chosen": "C"},)
    three = count("irv", ward({"A": 4, "B": 2, "C": 2, "D": 1, "E": 1}, "ABCDE"), ties=["file_order"])
    assert [t["tied"] for t in three.ties] == [["D", "E"], ["B", "C"]]
    assert [r["eliminated"] for r in three.rounds] == ["D", "E", "B", None]


def test_the_last_two_level_are_told_apart_as_well():
    outcome = count("irv", ward({"A": 2, "B": 2}, "AB"), lot_order="AB")
    assert [r["eliminated"] for r in outcome.rounds] == ["A", None]
    assert (outcome.winners, outcome.rounds[1]["exhausted"]) == (("B",), 2)
    assert outcome.options["B"].numbers["majority"] is True
    assert "rival" not in outcome.options["B"].numbers
    assert outcome.options["A"].margin == Margin(votes=1, votes_exact=True)
    assert outcome.options["A"].numbers["behind_next"] == 0


def test_who_withdrew_and_nobody_s_ballots():
    outcome = count("irv", ward({"AB": 3, "C": 2, "A": 1}, "ABC", gone="A", blanks=1), blank_in_n=True, seed="s")
    assert (outcome.winners, outcome.n, outcome.facts["without_preference"]) == (("B",), 7, 1)
    assert (outcome.options["A"].code, outcome.options["A"].margin) == ("withdrawn", None)
    assert list(outcome.rounds[0]["votes"]) == ["B", "C"]
    assert outcome.parameters["seed"] == "s"
    empty = count("irv", ward({}, "AB"))
    assert (empty.winners, empty.n, len(empty.rounds)) == ((), 0, 1)
    assert empty.options["A"].code == "no_votes"
    assert empty.options["A"].numbers == {"first_votes": 0}
    assert empty.rounds[0]["needed"] == 1
    everyone = count("irv", ward({"A": 2}, "A", gone="A"))
    assert (everyone.winners, everyone.options["A"].code) == ((), "withdrawn")
    only = count("irv", ward({"A": 2}, "A"))
    assert (only.winners, only.options["A"].numbers["majority"]) == (("A",), True)
    assert "nearest" not in only.options["A"].numbers


def test_equal_ranks_end_a_ballot_or_are_passed_over():
    level = build_election(
        kind="ordinal", options=[Option("A"), Option("B")], ballots=[Ballot([("A", "B")], weight=2), Ballot("B")]
    )
    assert count("irv", level).facts["overvoted"] == 2
    assert count("irv", level, overvote="skip").parameters["overvote"] == "skip"
    with pytest.raises(TallyError, match="cannot share a ballot"):
        count("irv", level, overvote="tie")


def test_in_very_large_elections_the_margins_are_left_out(monkeypatch):
    election = ward(FOUR)
    monkeypatch.setattr(irv, "MANY_GROUPS", 5)
    assert count("irv", election).options["A"].margin.votes_exact
    monkeypatch.setattr(irv, "MANY_GROUPS", 4)
    without = count("irv", election)
    assert without.options["A"].margin == Margin()
    assert without.options["C"].margin == Margin()
    assert "nearest" not in without.options["B"].numbers


def test_a_margin_is_the_least_number_of_single_votes_that_elects():
    chance = random.Random(5)
    for _ in range(60):
        letters = "ABCDE"[: chance.randint(2, 5)]
        ballots = {}
        for _ in range(chance.randint(1, 8)):
            ranking = "".join(chance.sample(letters, chance.randint(1, len(letters))))
            ballots[ranking] = chance.randint(1, 4)
        lot = "".join(chance.sample(letters, len(letters)))
        outcome = count("irv", ward(ballots, letters), lot_order=lot)
        verify.check(ward(ballots, letters), json.loads(outcome.canonical()))
        for name, reason in outcome.options.items():
            if name in outcome.winners:
                continue

            def elects(more, name=name, ballots=ballots, letters=letters, lot=lot):
                added = {**ballots, name: ballots.get(name, 0) + more}
                return count("irv", ward(added, letters), lot_order=lot).winners == (name,)

            assert reason.margin.votes_exact
            assert elects(reason.margin.votes)
            assert not elects(reason.margin.votes - 1)
