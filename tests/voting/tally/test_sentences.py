"""What the command line says of an option, and its table."""

from __future__ import annotations

from fractions import Fraction

import pytest

from voting.tally import Margin, Option, Outcome, Reason, build_election, count
from voting.tally.sentences import SENTENCES, sentence, table
from voting.tally.types import Repair


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (Reason("no_votes"), "x lost: nobody voted for it."),
        (Reason("elected", {}, Margin()), "x was elected."),
        (Reason("elected", {}, Margin(votes=1, votes_exact=True)),
         "x was elected. With 1 vote fewer it would have lost."),
        (Reason("elected", {}, Margin(votes=2)), "x was elected. With at most 2 votes fewer it would have lost."),
        (Reason("carried", {"yes": 3, "no": 1}, Margin(votes=2, votes_exact=True)),
         "The motion is carried: 3 yes, 1 no. With 2 votes fewer it would have lost."),
        (Reason("not_elected", {}, Margin(votes=1)), "x was not elected. With at most 1 vote more it would have won."),
        (Reason("selected", {"cost": 5}, Margin(cost=Fraction(5, 2), cost_exact=True)),
         "x won: it costs 5 and was bought in turn. It could have cost 2.5 more."),
        (Reason("selected", {"cost": 5}, Margin(cost=3)),
         "x won: it costs 5 and was bought in turn. It could have cost about 3 more."),
        (Reason("too_dear", {"cost": 5, "short_by": Fraction(1, 4)}, Margin(votes=0, votes_exact=True, cost=Fraction(1, 4))),
         "x lost: it costs 5, which was 0.25 more than was left. With 0 votes more it would have won. "
         "It would have won at a cost about 0.25 lower."),
        (Reason("too_dear", {"cost": 5, "short_by": 1}, Margin(cost=0, cost_exact=True)),
         "x lost: it costs 5, which was 1 more than was left. It would have won at a cost 0 lower."),
    ],
)  # fmt: skip
def test_a_sentence_says_why_and_by_how_much(reason, said):
    assert sentence("x", reason) == said


def test_every_sentence_has_a_full_stop():
    assert all(text.endswith(".") for text in SENTENCES.values())


def test_a_table_of_an_outcome():
    options = [Option("park", 70), Option("well", 60), Option("b", 30)]
    election = build_election(
        kind="approval", options=options, ballots=[["park", "well"], ["park"], ["well", "park"], ["b"], []], budget=100
    )
    outcome = count("greedy", election)
    lines = table(outcome, {"park": "The park", "b": "x" * 40}).split("\n")
    assert lines[:3] == [
        "greedy: 4 ballots, 1 blank",
        "cost 100, unspent 0",
        "   option  name                                  decision  numbers",
    ]
    assert lines[3].startswith("1  park    The park                              selected  votes 3, cost 70, place 1, ")
    assert lines[4].startswith("2  b       " + "x" * 36 + "  selected  votes 1, cost 30, place 3, left_before 30, ")
    assert lines[5].startswith("   well                                          too_dear  votes 2, cost 60, ")
    assert lines[6:] == ["ties by min_cost, max_votes, lot", f"input {outcome.input_sha256}", f"trail {outcome.sha256}"]


def test_a_table_names_verdict_ties_and_repairs():
    outcome = Outcome(
        rule="r", parameters={"ties": ["lot"]}, n=1, blanks=0, winners=(), verdict="tie",
        options={"a": Reason("tie", {"none": None, "short": "y" * 24, "long": "z" * 25, "half": Fraction(1, 2)})},
        ties=({"over": "seat", "tied": ["a", "b"], "criterion": "lot", "chosen": "a"},),
        repairs=(Repair("repeated_option", 3, "line 4"),),
    )  # fmt: skip
    lines = table(outcome, {}).split("\n")
    assert lines[:4] == [
        "r: 1 ballots, 0 blank", "verdict: tie",
        "  option  name  decision  numbers", f"  a             tie       short {'y' * 24}, half 1/2",
    ]  # fmt: skip
    assert lines[4:7] == [
        "tie over seat: a, b; lot chose a", "repaired: repeated_option, 3 times, first in line 4", "ties by lot",
    ]  # fmt: skip
