"""How many more votes: proved bounds and recounts by hand, where the count itself is a plain question."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from typing import Any

import pytest

from voting.tally import Ballot, Election, Margin, Option, build_election
from voting.tally.margins import EACH, MARGINS, enough_voters, recounted, with_cost, with_more
from voting.tally.modifiers import Grant, Modifiers


def town(**more: Any) -> Election:
    options = [Option("a", 30), Option("b", 99), Option("c", 100), Option("d", 40)]
    return build_election(
        kind="approval",
        options=options,
        ballots=[Ballot(["a"], weight=7), Ballot(["b", "c"], weight=3)],
        budget=100,
        **more,
    )


def enough(i: int, *, n: int = 10, grants: list[Grant] | None = None, **more: Any) -> int | None:
    election = town()
    return enough_voters(election, i, n, Fraction(100), grants or [], Modifiers(election, **more))


def test_so_many_hold_the_cost_of_their_own() -> None:
    """k of them hold 100 k / (10 + k): five hold 33 and four 28 of 30; 990 hold 99, exactly what b costs."""
    assert enough(0) == 5
    assert enough(1) == 990
    assert enough(2) is None
    assert enough(3) == 7  # 7 / 17 of 100 are 41, and 6 / 16 are 37
    assert enough(0, n=0) == 1


def test_floors_rivals_and_least_votes() -> None:
    grant = Grant(3, 1, Fraction(100), Fraction(60))
    assert enough(0, grants=[grant]) == 10  # a half of the 60 that are left
    assert enough(1, grants=[grant]) is None
    assert enough(0, grants=[grant, Grant(0, 1, Fraction(60), Fraction(30))]) is None
    assert enough(0, exclusive=[["a", "b"]]) is None
    assert enough(3, exclusive=[["a", "b"]]) == 7
    assert enough(0, minimum_votes=11) == 5
    assert enough(0, minimum_votes=13) == 6
    assert enough(0, minimum_votes=Fraction(25, 2)) == 6
    assert enough(3, minimum_votes=9) == 9


def told(election: Election) -> list[Any]:
    return list(election.ballots.rows())


def test_more_ballots_that_name_only_one() -> None:
    election = town(blanks=2)
    more = with_more(election, 0, 4)
    assert told(more) == [((0,), (0,), 11), ((1, 2), (0, 0), 3)]
    assert (more.blanks, more.budget, more.ids) == (2, 100, election.ids)
    assert told(with_more(election, 3, 1)) == [((0,), (0,), 7), ((1, 2), (0, 0), 3), ((3,), (0,), 1)]
    assert told(with_more(election, 3, 0)) == told(election)
    ranked = build_election(
        kind="ordinal", options=[Option(x) for x in "abc"],
        ballots=[Ballot([("a", "c"), "b"], weight=2), Ballot(["c"]), Ballot(["b", ("c", "a")])],
    )  # fmt: skip
    again = with_more(ranked, 2, 2)
    assert told(again) == sorted([*(row for row in told(ranked) if row[0] != (2,)), ((2,), (0,), 3)])
    assert told(with_more(ranked, 1, 2)) == sorted([*told(ranked), ((1,), (0,), 2)])
    points = build_election(
        kind="cumulative", options=[Option("a"), Option("b")], ballots=[{"a": Fraction(1, 2), "b": 3}, {"b": 1}]
    )
    assert told(with_more(points, 1, 5)) == [((0, 1), (1, 6), 1), ((1,), (2,), 6)]
    assert with_more(points, 0, 5).scores == (Fraction(11, 2), 4)


def test_another_cost() -> None:
    cheaper = with_cost(town(), 1, Fraction(1, 2))
    assert cheaper.costs == (30, Fraction(1, 2), 100, 40)
    assert (told(cheaper), cheaper.options[1].id) == (told(town()), "b")


class Question:
    """Funds b from so many votes on, from so little cost on, and remembers what was asked."""

    def __init__(self, votes: int, cost: int = -1) -> None:
        self.votes, self.cost, self.asked = votes, cost, list[int]()

    def __call__(self, election: Election) -> Collection[str]:
        if election.costs[1] != 99:
            return ["b"] if election.costs[1] <= self.cost else []
        more = election.supporters[1] - 3
        self.asked.append(more)
        return ["a", "b"] if more >= self.votes else ["a"]


def ask(question: Question, bound: int | None = None, lower: int | None = None) -> Margin:
    return recounted(town(), 1, question, bound, None if lower is None else Fraction(lower))


@pytest.mark.parametrize("votes", [1, 2, 31, 32])
def test_few_votes_are_tried_one_by_one(votes: int) -> None:
    question = Question(votes)
    assert ask(question) == Margin(votes=votes, votes_exact=True)
    assert question.asked == list(range(1, votes + 1))
    assert (EACH, MARGINS) == (32, ("bound", "recount"))


@pytest.mark.parametrize("votes", [33, 34, 50, 63, 64, 65, 100, 128, 129, 166, 167, 168])
def test_many_votes_are_found_by_doubling_and_halving(votes: int) -> None:
    question = Question(votes)
    assert ask(question) == Margin(votes=votes, votes_exact=False)
    assert question.asked[:32] == list(range(1, 33))
    assert len(question.asked) < 32 + 12


def test_what_is_never_funded_has_no_margin() -> None:
    """Up to four times the ballots and 32 more, 168, are tried."""
    question = Question(169)
    assert ask(question) == Margin()
    assert question.asked[32:] == [64, 128, 168]


@pytest.mark.parametrize("bound", [33, 34, 64, 65, 90, 500])
def test_a_proved_bound_is_never_exceeded(bound: int) -> None:
    question = Question(10**6)
    assert ask(question, bound) == Margin(votes=bound, votes_exact=False)
    assert max(question.asked) < bound
    assert ask(Question(33), bound) == Margin(votes=33, votes_exact=False)


def test_a_lower_cost_is_kept_where_a_recount_confirms_it() -> None:
    assert ask(Question(1, cost=60), lower=39) == Margin(votes=1, votes_exact=True, cost=Fraction(39))
    assert ask(Question(1, cost=60), lower=38) == Margin(votes=1, votes_exact=True)
    assert ask(Question(169, cost=60), lower=39) == Margin(cost=Fraction(39))
    assert ask(Question(40, cost=60), lower=39) == Margin(votes=40, votes_exact=False, cost=Fraction(39))
