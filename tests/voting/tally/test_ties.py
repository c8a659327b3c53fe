"""The published list of tie-breaks: every criterion, the record of each use, and what the trail says of it."""

from __future__ import annotations

import hashlib
from fractions import Fraction

import pytest

from tests.voting.tally.test_rules import town
from voting.tally import Option, TallyError, build_election, ties
from voting.tally.ties import TieBreak


def riverside():
    """Votes: a 1, c10 2, c2 2, d 2. Costs: 5, 3, 3, 9."""
    return town({"a": 5, "c10": 3, "c2": 3, "d": 9}, [["a", "c10", "c2"], ["c10", "c2", "d"], ["d"]], 10)


def test_a_list_is_read_with_spaces_and_ends_in_a_total_order():
    assert ties.parse(" min_cost, max_votes ,,id_lex") == ("min_cost", "max_votes", "id_lex")
    assert ties.parse("max_cost") == ("max_cost", "lot")
    assert ties.parse("") == ("lot",)
    assert ties.parse("file_order,max_votes") == ("file_order", "max_votes")
    with pytest.raises(TallyError) as refusal:
        ties.parse("min_cost,coin")
    known = "min_cost, max_votes, max_cost, lot, file_order, id_lex"
    assert str(refusal.value) == f"unknown tie-break 'coin'; known are {known}"


@pytest.mark.parametrize(
    ("criteria", "order"),
    [
        (["min_cost", "id_lex"], ["c10", "c2", "a", "d"]),
        (["min_cost", "lot"], ["c2", "c10", "a", "d"]),
        (["max_cost", "file_order"], ["d", "a", "c10", "c2"]),
        (["max_votes", "file_order"], ["c10", "c2", "d", "a"]),
        (["max_votes", "max_cost", "lot"], ["d", "c2", "c10", "a"]),
        (["lot"], ["d", "c2", "c10", "a"]),
        (["file_order"], ["a", "c10", "c2", "d"]),
        (["id_lex"], ["a", "c10", "c2", "d"]),
    ],
)
def test_criteria_are_applied_in_turn(criteria, order):
    tie_break = TieBreak(riverside(), criteria, lot_order=["d", "c2", "c10", "a"])
    assert [tie_break.ids[i] for i in tie_break.order(range(4), over="seat")] == order
    assert sorted(range(4), key=tie_break.rank.__getitem__) == [tie_break.ids.index(name) for name in order]


def test_among_equal_votes_the_other_criteria_decide():
    tie_break = TieBreak(riverside(), ["max_votes", "max_cost", "file_order"])
    assert tie_break.rank == [3, 1, 2, 0]
    assert tie_break.level_rank == [1, 2, 3, 0]
    assert TieBreak(riverside(), ["max_votes", "min_cost", "id_lex"]).level_rank == [2, 0, 1, 3]


def test_costs_that_are_no_whole_numbers_are_compared_exactly():
    options = [Option("a", Fraction(10, 3)), Option("b", Fraction(11, 3)), Option("c", 3)]
    election = build_election(kind="approval", options=options, ballots=[])
    assert TieBreak(election, ["max_cost"]).rank == [1, 0, 2]
    assert TieBreak(election, ["min_cost"]).rank == [1, 2, 0]


def test_a_lot_is_only_taken_by_name():
    with pytest.raises(TypeError):
        TieBreak(riverside(), ["lot"], ["a", "c10", "c2", "d"])
    tie_break = TieBreak(riverside(), ["lot"])
    with pytest.raises(TypeError):
        tie_break.choose([0, 1], "seat")
    with pytest.raises(TypeError):
        tie_break.order([0, 1], "seat")


def test_nothing_tied_is_nothing_recorded():
    tie_break = TieBreak(riverside(), ["lot"])
    assert tie_break.order([], over="seat") == []
    assert tie_break.used == []


def test_the_first_of_three_may_be_settled_before_the_others():
    tie_break = TieBreak(riverside(), ["max_cost", "lot"])
    tie_break.choose([1, 2, 3], over="round")
    assert tie_break.used[0]["criterion"] == "max_cost"
    options = [Option("a", Fraction(7, 2)), Option("b", Fraction(7, 2)), Option("c", 4)]
    tie_break = TieBreak(build_election(kind="approval", options=options, ballots=[]), ["min_cost", "id_lex"])
    tie_break.choose([0, 1, 2], over="round")
    assert tie_break.used[0]["criterion"] == "id_lex"


def test_each_use_is_recorded_with_the_criterion_that_settled_it():
    tie_break = TieBreak(riverside(), ["min_cost", "max_votes", "lot"], lot_order=["d", "c2", "c10", "a"])
    assert tie_break.choose([0], over="round", round=1) == 0
    assert tie_break.order([3], over="round") == [3]
    assert tie_break.used == []
    assert tie_break.choose([0, 3], over="round", round=2) == 0
    assert tie_break.choose([3, 1, 2], over="seat") == 2
    assert tie_break.order([0, 1], over="order", votes=7) == [1, 0]
    assert tie_break.used == [
        {"over": "round", "round": 2, "tied": ["a", "d"], "criterion": "min_cost", "chosen": "a"},
        {"over": "seat", "tied": ["c2", "c10", "d"], "criterion": "lot", "chosen": "c2"},
        {"over": "order", "votes": 7, "tied": ["c10", "a"], "criterion": "min_cost", "chosen": "c10"},
    ]


def test_a_criterion_that_leaves_two_hands_on_to_the_next():
    tie_break = TieBreak(riverside(), ["min_cost", "max_votes", "id_lex"])
    tie_break.choose([1, 2, 3], over="round")
    assert tie_break.used[0]["criterion"] == "id_lex"
    tie_break = TieBreak(riverside(), ["max_votes", "min_cost", "file_order"])
    tie_break.choose([0, 3], over="round")
    assert tie_break.used[0]["criterion"] == "max_votes"


def test_a_drawn_lot_is_the_order_of_hashes_that_anyone_can_compute():
    ids = ["park", "well", "bench", "ö"]
    by_hand = sorted(ids, key=lambda name: hashlib.sha256(b"22 November\n" + name.encode()).hexdigest())
    assert ties.lot_from_seed(ids, "22 November") == tuple(by_hand)
    assert ties.lot_from_seed(reversed(ids), "22 November") == tuple(by_hand)
    assert ties.lot_from_seed(ids, "23 November") != tuple(by_hand)


def test_the_trail_says_where_the_lot_came_from():
    town = riverside()
    assert TieBreak(town, ["id_lex"], seed="s").parameters() == {"ties": ["id_lex"]}
    assert TieBreak(town, ["max_votes"]).parameters() == {
        "ties": ["max_votes", "lot"], "lot_source": "file order", "lot_order": ["a", "c10", "c2", "d"],
    }  # fmt: skip
    drawn = TieBreak(town, ["lot"], seed="s")
    assert drawn.parameters() == {
        "ties": ["lot"], "lot_source": "seed", "lot_order": list(ties.lot_from_seed(town.ids, "s")), "seed": "s",
    }  # fmt: skip
    given = TieBreak(town, ["lot"], lot_order=["d", "c2", "c10", "a"], seed="s")
    assert given.parameters() == {"ties": ["lot"], "lot_source": "given", "lot_order": ["d", "c2", "c10", "a"]}


@pytest.mark.parametrize("lot", [[], ["a", "c10", "c2"], ["a", "c10", "c2", "c2"], ["a", "c10", "c2", "d", "d"]])
def test_a_lot_names_every_option_once(lot):
    with pytest.raises(TallyError, match=r"^the lot order must name every option exactly once$"):
        TieBreak(riverside(), ["lot"], lot_order=lot)


def test_money_is_asked_for_in_words():
    assert ties.money(0) == 0
    assert ties.money(7) == 7
    with pytest.raises(TallyError, match=r"^this rule needs a budget$"):
        ties.money(build_election(kind="approval", options=[Option("a")], ballots=[]).budget)


@pytest.mark.parametrize("seed", ["a\0b", "\ud800", "z\udfff"])
def test_a_seed_that_nobody_could_type_again_is_refused(seed):
    with pytest.raises(TallyError):
        ties.lot_from_seed(["a", "b"], seed)
    assert sorted(ties.lot_from_seed(["a", "b"], "ö €")) == ["a", "b"]
