"""Schulze and Condorcet on the example of Schulze's own paper, and on cycles, draws and gaps."""

from __future__ import annotations

import pytest

from voting.tally import Ballot, Margin, Option, TallyError, build_election, count
from voting.tally.pairwise import compare
from voting.tally.schulze import smith_set


def ward(ballots, letters, gone="", **more):
    return build_election(
        kind="ordinal", options=[Option(x, withdrawn=x in gone) for x in letters],
        ballots=[Ballot(ranking, weight=weight) for ranking, weight in ballots.items()], **more,
    )  # fmt: skip


# Schulze 2011, example 1: 45 voters.
PAPER = {"ACBED": 5, "ADECB": 5, "BEDAC": 8, "CABED": 3, "CAEBD": 7, "CBADE": 2, "DCEBA": 7, "EBADC": 8}
ABOVE = {
    "A": {"B": 20, "C": 26, "D": 30, "E": 22},
    "B": {"A": 25, "C": 16, "D": 33, "E": 18},
    "C": {"A": 19, "B": 29, "D": 17, "E": 24},
    "D": {"A": 15, "B": 12, "C": 28, "E": 14},
    "E": {"A": 23, "B": 27, "C": 21, "D": 31},
}
PATHS = {
    "A": {"B": 28, "C": 28, "D": 30, "E": 24},
    "B": {"A": 25, "C": 28, "D": 33, "E": 24},
    "C": {"A": 25, "B": 29, "D": 29, "E": 24},
    "D": {"A": 25, "B": 28, "C": 28, "E": 24},
    "E": {"A": 25, "B": 28, "C": 28, "D": 31},
}
CYCLE = {"ABC": 8, "BCA": 7, "CAB": 6}


def test_the_paper_s_example_to_the_last_path():
    outcome = count("schulze", ward(PAPER, "ABCDE", blanks=2))
    assert (outcome.rule, outcome.winners, outcome.n, outcome.blanks) == ("schulze", ("E",), 45, 2)
    assert outcome.rounds == ({"above": ABOVE},)
    assert outcome.facts == {
        "condorcet_winner": None, "overvoted": 0, "without_preference": 0, "winning_set": ["E"], "paths": PATHS,
    }  # fmt: skip
    assert outcome.parameters.items() >= {
        "strength": "winning-votes", "overvote": "exhaust", "all_winners": False, "blank_in_n": False,
        "ties": ["lot"], "lot_source": "file order", "lot_order": ["A", "B", "C", "D", "E"],
    }.items()  # fmt: skip
    elected = outcome.options["E"]
    assert (elected.code, elected.margin) == ("elected", Margin())
    assert elected.numbers == {"winners": 1, "duels_won": 3, "duels_lost": 1, "duels": 4}
    assert {name: (r.code, dict(r.numbers), r.margin) for name, r in outcome.options.items() if name != "E"} == {
        "A": ("beaten", {"rival": "E", "path_to_rival": 24, "path_from_rival": 25, "duels_won": 2, "duels_lost": 2,
                         "duels": 4}, Margin(votes=6)),
        "B": ("beaten", {"rival": "E", "path_to_rival": 24, "path_from_rival": 28, "duels_won": 2, "duels_lost": 2,
                         "duels": 4}, Margin(votes=14)),
        "C": ("beaten", {"rival": "E", "path_to_rival": 24, "path_from_rival": 28, "duels_won": 2, "duels_lost": 2,
                         "duels": 4}, Margin(votes=12)),
        "D": ("beaten", {"rival": "E", "path_to_rival": 24, "path_from_rival": 31, "duels_won": 1, "duels_lost": 3,
                         "duels": 4}, Margin(votes=22)),
    }  # fmt: skip
    assert (outcome.verdict, outcome.ties) == ("", ())


def test_margins_measure_by_how_much_more():
    outcome = count("schulze", ward(CYCLE, "ABC"), strength="margins")
    assert outcome.facts["paths"] == {"A": {"B": 7, "C": 7}, "B": {"A": 5, "C": 9}, "C": {"A": 5, "B": 5}}
    assert (outcome.winners, outcome.parameters["strength"]) == (("A",), "margins")
    votes = count("schulze", ward(CYCLE, "ABC"))
    assert votes.facts["paths"] == {"A": {"B": 14, "C": 14}, "B": {"A": 13, "C": 15}, "C": {"A": 13, "B": 13}}


def test_several_winners_are_settled_by_the_list_or_all_elected():
    draw = ward({"AB": 2, "BA": 2, "C": 1}, "ABC", blanks=1)
    outcome = count("schulze", draw, lot_order="CBA")
    assert outcome.winners == ("B",)
    assert outcome.facts["winning_set"] == ["A", "B"]
    assert outcome.ties == ({"over": "winner", "tied": ["B", "A"], "criterion": "lot", "chosen": "B"},)
    assert outcome.options["A"].code == "lost_tie"
    assert outcome.options["A"].margin == Margin()
    assert outcome.options["A"].numbers == {"winners": 2, "duels_won": 1, "duels_lost": 0, "duels": 2}
    assert outcome.options["B"].numbers == {"winners": 2, "duels_won": 1, "duels_lost": 0, "duels": 2}
    both = count("schulze", draw, all_winners=True, blank_in_n=True, seed="s")
    assert (both.winners, both.ties, both.n) == (("A", "B"), (), 6)
    assert both.parameters["all_winners"] is True
    assert both.parameters["seed"] == "s"


def test_a_rival_is_the_strongest_and_the_first_of_equals():
    outcome = count("schulze", ward({"ABCD": 3}, "ABCD"))
    assert [outcome.options[x].numbers["rival"] for x in "BCD"] == ["A", "A", "A"]
    weighed = count("schulze", ward({"BA": 5, "CA": 2, "C": 2, "A": 1}, "ABC"))
    assert weighed.options["A"].numbers["rival"] == "B"


def test_who_withdrew_and_nobody_s_ballots():
    outcome = count("schulze", ward({"DAB": 2, "D": 3}, "ABD", gone="D", blanks=1), blank_in_n=True)
    assert outcome.winners == ("A",)
    assert outcome.options["D"].code == "withdrawn"
    assert outcome.options["D"].margin is None
    assert (outcome.n, outcome.facts["without_preference"]) == (6, 3)
    assert outcome.facts["condorcet_winner"] == "A"
    assert outcome.facts["paths"] == {"A": {"B": 2}, "B": {"A": 0}}
    assert outcome.options["B"].margin == Margin(votes=3)
    assert outcome.options["A"].numbers["duels"] == 1
    for rule in ("schulze", "condorcet"):
        empty = count(rule, ward({}, "AB", gone="B"))
        assert (empty.winners, empty.n) == ((), 0)
        assert [empty.options[x].code for x in "AB"] == ["no_votes", "withdrawn"]
        assert empty.facts["condorcet_winner"] is None


def test_a_single_option_wins_alone():
    for rule in ("schulze", "condorcet"):
        outcome = count(rule, ward({"A": 2}, "A"))
        assert outcome.winners == ("A",)
        assert outcome.options["A"].numbers["duels"] == 0


def test_condorcet_elects_who_beats_everybody():
    outcome = count("condorcet", ward({"ABC": 3, "BAC": 2, "C": 4}, "ABC", blanks=1))
    assert (outcome.rule, outcome.winners, outcome.verdict, outcome.n) == ("condorcet", ("A",), "", 9)
    assert outcome.facts == {"condorcet_winner": "A", "overvoted": 0, "without_preference": 0, "smith_set": ["A"]}
    assert outcome.parameters.items() >= {
        "overvote": "exhaust", "all_winners": False, "blank_in_n": False,
        "ties": ["lot"], "lot_source": "file order", "lot_order": ["A", "B", "C"],
    }.items()  # fmt: skip
    assert {name: (r.code, dict(r.numbers), r.margin) for name, r in outcome.options.items()} == {
        "A": ("elected", {"duels_won": 2, "duels_lost": 0, "duels": 2}, Margin()),
        "B": ("beaten", {"duels_won": 1, "duels_lost": 1, "duels": 2}, Margin(votes=2, votes_exact=True)),
        "C": ("beaten", {"duels_won": 0, "duels_lost": 2, "duels": 2}, Margin(votes=2, votes_exact=True)),
    }


def test_condorcet_elects_nobody_in_a_cycle_or_a_draw():
    cycle = count("condorcet", ward(CYCLE, "ABC", blanks=1), blank_in_n=True, seed="s", all_winners=True)
    assert (cycle.winners, cycle.verdict, cycle.n) == ((), "no_condorcet_winner", 22)
    assert cycle.facts["smith_set"] == ["A", "B", "C"]
    assert {r.code for r in cycle.options.values()} == {"no_condorcet_winner"}
    assert [cycle.options[x].margin.votes for x in "ABC"] == [6, 8, 10]
    assert cycle.parameters["seed"] == "s"
    draw = count("condorcet", ward({"AB": 2, "BA": 2}, "ABC"))
    assert (draw.winners, draw.verdict) == ((), "no_condorcet_winner")
    assert draw.facts["smith_set"] == ["A", "B"]
    assert draw.options["A"].margin.votes == 1


def test_the_smith_set_is_the_smallest_that_beats_the_rest():
    election = ward({"ABCD": 8, "BCAD": 7, "CABD": 6, "D": 1}, "ABCDE")
    assert smith_set(compare(election, overvote="tie"), election.standing) == [0, 1, 2]
    pairs = compare(ward({"EABCD": 2}, "ABCDE"), overvote="tie")
    assert smith_set(pairs, range(5)) == [4]
    assert smith_set(pairs, ()) == []


def test_one_margin_fewer_does_not_elect():
    election = {"ABC": 3, "BAC": 2, "C": 4}
    for name, votes in (("B", 2), ("C", 2)):
        more = {**election, name: election.get(name, 0) + votes}
        assert count("condorcet", ward(more, "ABC")).winners == (name,)
        assert count("condorcet", ward({**more, name: more[name] - 1}, "ABC")).winners != (name,)


def test_what_is_asked_for_must_exist():
    with pytest.raises(TallyError, match=r"^the strength is one of winning-votes, margins$"):
        count("schulze", ward(CYCLE, "ABC"), strength="votes")
