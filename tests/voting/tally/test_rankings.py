"""Rankings made ready: who withdrew is passed over, equal ranks end a ballot or are passed over, histories settle ties."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from voting.tally import Ballot, Option, TallyError, build_election
from voting.tally.rankings import by_name, lowest_by_history, strict

LEVEL = [("AB", 3), (["C", ("A", "B"), "D"], 5), ([("A", "C"), "B"], 2), ("BD", 1), ([("A", "B", "C"), "D"], 4)]


def ward(ballots, letters="ABCD", gone=""):
    return build_election(
        kind="ordinal", options=[Option(x, withdrawn=x in gone) for x in letters],
        ballots=[Ballot(ranking, weight=weight) for ranking, weight in ballots],
    )  # fmt: skip


def shown(election, **more):
    """The rankings as text with their weights, then ballots that count, that say nothing, that hold an equal rank."""
    ready = strict(election, **more)
    letters = [option.id for option in election.options]
    assert ready.options == len(letters)
    assert (ready.rows[:, -1] == ready.options).all()
    rows = {}
    for row, weight in zip(ready.rows.tolist(), ready.weights.tolist(), strict=True):
        named = [letters[i] for i in row if i < len(letters)]
        assert row[: len(named)] == [letters.index(x) for x in named]
        text = "".join(named)
        rows[text] = rows.get(text, 0) + weight
    return rows, ready.valid, ready.empty, ready.overvoted


def test_an_equal_rank_ends_the_ballot():
    assert shown(ward(LEVEL)) == ({"AB": 3, "C": 5, "BD": 1}, 9, 6, 11)


def test_an_equal_rank_is_passed_over():
    assert shown(ward(LEVEL), overvote="skip") == ({"AB": 3, "CD": 5, "B": 2, "BD": 1, "D": 4}, 15, 0, 11)


def test_only_options_that_still_stand_make_a_rank_equal():
    """Without A only the last kind of ballot still has two at one rank."""
    assert shown(ward(LEVEL, gone="A")) == ({"B": 3, "CBD": 5, "CB": 2, "BD": 1}, 11, 4, 4)
    assert shown(ward(LEVEL, gone="AC")) == ({"B": 5, "BD": 10}, 15, 0, 0)
    skipped = shown(ward(LEVEL, gone="A"), overvote="skip")
    assert skipped == ({"B": 3, "CBD": 5, "CB": 2, "BD": 1, "D": 4}, 15, 0, 4)


def test_who_withdrew_is_nowhere_and_a_ballot_for_nobody_else_says_nothing():
    ready = strict(ward([("AB", 3), ("B", 2), ("BCA", 1)], letters="ABC", gone="B"))
    assert ready.standing == (0, 2)
    assert shown(ward([("AB", 3), ("B", 2), ("BCA", 1)], letters="ABC", gone="B")) == ({"A": 3, "CA": 1}, 4, 2, 0)


def test_no_ballots_are_no_rows():
    ready = strict(ward([]))
    assert ready.rows.shape == (0, 2)
    assert (ready.valid, ready.empty, ready.overvoted, ready.weights.tolist()) == (0, 0, 0, [])
    assert strict(ward([("A", 1)])).rows.tolist() == [[0, 4]]
    assert strict(ward([("A", 1)], gone="A")).rows.shape == (0, 2)


def test_more_ballots_name_one_option_only():
    ready = strict(ward([("AB", 3), ("CAB", 1)]))
    more = ready.with_more(1, 6)
    assert more.rows.tolist() == [*ready.rows.tolist(), [1, 4, 4, 4]]
    assert more.weights.tolist() == [*ready.weights.tolist(), 6]
    assert (more.valid, ready.valid, more.standing) == (10, 4, ready.standing)


def test_a_single_choice_is_a_short_ranking_and_marks_or_points_are_none():
    options = [Option("A"), Option("B")]
    assert strict(build_election(kind="choose-1", options=options, ballots=["B"])).rows.tolist() == [[1, 2]]
    for kind, given in (("approval", ["A"]), ("cumulative", {"A": 1}), ("scoring", {"A": 1})):
        with pytest.raises(TallyError, match=r"^this rule needs rankings$"):
            strict(build_election(kind=kind, options=options, ballots=[given]))
    with pytest.raises(
        TallyError, match=r"^this rule cannot share a ballot between equal ranks; choose exhaust or skip$"
    ):
        strict(ward([]), overvote="tie")
    with pytest.raises(TallyError, match=r"^overvote is one of exhaust, skip, tie$"):
        strict(ward([]), overvote="half")


def test_votes_go_by_the_names_of_who_stands():
    election = ward([], gone="B")
    assert by_name(election, np.array([4, 5, 6, 7])) == {"A": 4, "C": 6, "D": 7}


def test_the_latest_round_at_which_they_differ_narrows_a_tie():
    history = [{0: 1, 1: 2, 2: 3}, {0: 5, 1: 4, 2: 4}, {0: 9, 1: 9, 2: 9}]
    assert lowest_by_history([0, 1, 2], history) == [1]
    assert lowest_by_history([0, 1, 2], history, highest=True) == [0]
    assert lowest_by_history([1, 2], history, highest=True) == [2]
    assert lowest_by_history([0, 1, 2], history[1:]) == [1, 2]
    assert lowest_by_history([2, 1], []) == [2, 1]
    assert lowest_by_history([2], [{}]) == [2]
    assert lowest_by_history([0, 1], [np.array([5000, 5000])]) == [0, 1]


def test_rankings_cannot_be_changed_and_are_compared_by_identity():
    one, same = strict(ward(LEVEL)), strict(ward(LEVEL))
    assert one != same
    with pytest.raises(FrozenInstanceError):
        one.valid = 3
    with pytest.raises(TypeError):
        strict(ward(LEVEL), "skip")
