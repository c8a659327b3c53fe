"""Approval, plurality, points and score on elections counted by hand, to the last number of every reason."""

from __future__ import annotations

from fractions import Fraction

import pytest

from voting.tally import Ballot, Margin, Option, build_election, count

HALF = Fraction(1, 2)


def choice(votes, *, seats=1, kind="approval", gone=(), blanks=0):
    """An election in which each option got so many votes."""
    return build_election(
        kind=kind, seats=seats, blanks=blanks, options=[Option(name, withdrawn=name in gone) for name in votes],
        ballots=[Ballot([name], weight=weight) for name, weight in votes.items()],
    )  # fmt: skip


def told(outcome):
    """For each option: code, numbers, votes of the margin."""
    return {
        name: (reason.code, dict(reason.numbers), None if reason.margin is None else reason.margin.votes)
        for name, reason in outcome.options.items()
    }


def test_the_most_votes_fill_the_seats_and_everybody_is_told_by_how_much():
    outcome = count("approval", choice({"a": 3, "b": 7, "c": 5, "d": 0}, seats=2))
    assert outcome.winners == ("b", "c")
    assert told(outcome) == {
        "a": ("not_elected", {"votes": 3, "place": 3, "behind_by": 2}, 2),
        "b": ("elected", {"votes": 7, "place": 1, "ahead_by": 4}, 4),
        "c": ("elected", {"votes": 5, "place": 2, "ahead_by": 2}, 2),
        "d": ("no_votes", {"votes": 0, "place": 4, "behind_by": 5}, 6),
    }
    assert outcome.options["a"].margin == Margin(votes=2, votes_exact=True)
    assert outcome.parameters.items() >= {
        "all_winners": False, "blank_in_n": False, "seats": 2,
        "ties": ["lot"], "lot_source": "file order", "lot_order": ["a", "b", "c", "d"],
    }.items()  # fmt: skip
    assert (outcome.rule, outcome.n, outcome.blanks, outcome.facts) == ("approval", 15, 0, {"vacant": 0})
    assert outcome.rounds == ({"votes": {"b": 7, "c": 5, "a": 3, "d": 0}},)
    assert list(outcome.rounds[0]["votes"]) == ["b", "c", "a", "d"]
    assert outcome.ties == ()


@pytest.mark.parametrize("rule", ["approval", "plurality"])
def test_a_margin_is_the_least_change_that_turns_the_fate(rule):
    votes = {"a": 4, "b": 6, "c": 6, "d": 1, "e": 0}
    for ties in (["file_order"], ["id_lex"], ["lot"]):
        for lot in ("abcde", "edcba"):
            for seats in (1, 2, 3):

                def won(changed, seats=seats, ties=ties, lot=lot):
                    return count(rule, choice(changed, seats=seats, kind="choose-1"), ties=ties, lot_order=lot).winners

                outcome = count(rule, choice(votes, seats=seats, kind="choose-1"), ties=ties, lot_order=lot)
                for name, reason in outcome.options.items():
                    sign = -1 if name in outcome.winners else 1
                    needed = reason.margin.votes
                    assert reason.margin.votes_exact
                    assert needed >= 1
                    turned = won({**votes, name: votes[name] + sign * needed})
                    assert (name in turned) is (sign > 0)
                    if needed > 1:
                        nearly = won({**votes, name: votes[name] + sign * (needed - 1)})
                        assert (name in nearly) is (sign < 0)


def test_a_tie_for_the_last_seat_is_settled_by_the_list_and_recorded():
    election = choice({"a": 2, "b": 5, "c": 2, "d": 2}, seats=2)
    outcome = count("approval", election, lot_order=["d", "c", "b", "a"])
    assert outcome.winners == ("b", "d")
    assert outcome.ties == (
        {"over": "seat", "value": 2, "seats": 1, "tied": ["d", "c", "a"], "criterion": "lot", "chosen": "d"},
    )
    assert told(outcome)["d"] == ("elected", {"votes": 2, "place": 2, "ahead_by": 0}, 1)
    assert told(outcome)["c"] == ("not_elected", {"votes": 2, "place": 3, "behind_by": 0}, 1)
    assert count("approval", election, all_winners=True).winners == ("b", "a", "c", "d")
    everyone = count("approval", election, all_winners=True)
    assert (everyone.ties, everyone.facts["vacant"]) == ((), 0)
    more = count("approval", choice({"a": 2, "b": 5, "c": 2, "d": 2, "e": 1}, seats=2), all_winners=True)
    assert told(more)["e"] == ("not_elected", {"votes": 1, "place": 5, "behind_by": 1}, 1)
    assert count("approval", election, all_winners=True).parameters["all_winners"] is True


def test_a_tie_that_no_seat_hangs_on_is_not_recorded():
    exactly = count("approval", choice({"a": 2, "b": 2, "c": 1}, seats=2), ties=["file_order"])
    assert (exactly.winners, exactly.ties) == (("a", "b"), ())
    below = count("approval", choice({"a": 3, "b": 1, "c": 1}), all_winners=True)
    assert (below.winners, below.ties) == (("a",), ())


def test_seats_that_nobody_takes_are_vacant_and_settle_no_tie():
    outcome = count("approval", choice({"a": 2, "b": 2, "c": 0}, seats=5))
    assert (outcome.winners, outcome.facts["vacant"], outcome.ties) == (("a", "b"), 3, ())


def test_above_the_bar_and_below_the_last_seat():
    outcome = count("approval", choice({"a": 5, "b": 4, "c": 1}), more_than=Fraction(1, 4))
    assert told(outcome)["b"] == ("not_elected", {"votes": 4, "place": 2, "behind_by": 1}, 2)
    assert told(count("approval", choice({"a": 3, "b": 2, "c": 2}), more_than=HALF))["a"] == (
        "below_bar", {"votes": 3, "place": 1, "bar": Fraction(7, 2)}, 2,
    )  # fmt: skip


def test_two_of_three_tied_take_the_two_seats():
    outcome = count("approval", choice({"a": 2, "b": 2, "c": 2}, seats=2), ties=["file_order"])
    assert (outcome.winners, outcome.ties[0]["seats"]) == (("a", "b"), 2)


def test_a_bar_must_be_exceeded_and_says_how_far_off_everyone_is():
    votes = {"a": 5, "b": 4, "c": 1}
    outcome = count("approval", choice(votes), more_than=HALF)
    assert outcome.winners == ()
    assert outcome.facts == {"vacant": 1}
    assert outcome.parameters["more_than"] == Fraction(1, 2)
    assert told(outcome) == {
        "a": ("below_bar", {"votes": 5, "place": 1, "bar": 5}, 1),
        # Every ballot more raises the bar by half a vote.
        "b": ("below_bar", {"votes": 4, "place": 2, "bar": 5}, 3),
        "c": ("below_bar", {"votes": 1, "place": 3, "bar": 5}, 9),
    }
    over = count("approval", choice({"a": 6, "b": 4, "c": 1}), more_than=HALF)
    assert over.winners == ("a",)
    assert told(over)["a"] == ("elected", {"votes": 6, "place": 1, "ahead_by": 2}, 1)
    assert told(over)["b"] == ("below_bar", {"votes": 4, "place": 2, "bar": Fraction(11, 2), "behind_by": 2}, 4)


def test_a_winner_far_above_a_rival_below_the_bar_is_as_safe_as_the_bar_is_far():
    outcome = count("approval", choice({"a": 20, "b": 3, "c": 17}, seats=2), more_than=Fraction(1, 4))
    assert outcome.winners == ("a", "c")
    # The bar is 10, and falls by a quarter where a ballot without its mark is blank: so 14 fewer are sure to be enough.
    assert told(outcome)["a"] == ("elected", {"votes": 20, "place": 1, "ahead_by": 17}, 14)
    assert told(outcome)["c"] == ("elected", {"votes": 17, "place": 2, "ahead_by": 14}, 10)
    assert not outcome.options["a"].margin.votes_exact
    only = count("plurality", choice({"a": 4}, kind="choose-1"))
    assert told(only)["a"] == ("elected", {"votes": 4, "place": 1, "ahead_by": None}, 4)


def test_nobody_is_elected_by_no_votes():
    outcome = count("approval", choice({"a": 1, "b": 0, "c": 0}, seats=2))
    assert (outcome.winners, outcome.facts["vacant"], outcome.ties) == (("a",), 1, ())
    assert told(outcome)["b"] == ("no_votes", {"votes": 0, "place": 2}, 1)
    assert told(outcome)["a"] == ("elected", {"votes": 1, "place": 1, "ahead_by": 1}, 1)
    empty = count("approval", choice({"a": 0}, blanks=3), blank_in_n=True, all_winners=True)
    assert (empty.winners, empty.n, empty.blanks) == ((), 3, 3)


def test_whoever_withdrew_has_votes_and_no_place():
    outcome = count("plurality", choice({"a": 9, "b": 2, "c": 1}, gone="a", kind="choose-1", blanks=2))
    assert (outcome.rule, outcome.winners, outcome.n) == ("plurality", ("b",), 12)
    assert told(outcome)["a"] == ("withdrawn", {"votes": 9}, None)
    assert list(outcome.options) == ["a", "b", "c"]
    assert list(outcome.rounds[0]["votes"]) == ["b", "c"]
    assert outcome.parameters["blank_in_n"] is False
    assert count("plurality", choice({"a": 1}, kind="choose-1", blanks=2), blank_in_n=True).n == 3


def test_blank_ballots_raise_the_bar_when_they_count():
    election = choice({"a": 3, "b": 2}, blanks=1)
    assert count("approval", election, more_than=HALF).winners == ("a",)
    assert count("approval", election, more_than=HALF, blank_in_n=True).winners == ()


@pytest.mark.parametrize(("rule", "kind"), [("points", "cumulative"), ("score", "scoring")])
def test_points_add_up_exactly_and_their_margins_are_no_numbers_of_ballots(rule, kind):
    ballots = [{"a": 3, "b": Fraction(5, 2)}, {"b": Fraction(1, 2), "c": 1}, {"a": 0}]
    options = [Option("a"), Option("b"), Option("c")]
    election = build_election(kind=kind, options=options, ballots=ballots, blanks=1)
    outcome = count(rule, election, lot_order=["b", "a", "c"])
    assert (outcome.rule, outcome.winners, outcome.n) == (rule, ("b",), 3)
    assert outcome.ties[0]["tied"] == ["b", "a"]
    assert told(outcome) == {
        "a": ("not_elected", {"votes": 3, "place": 2, "behind_by": 0}, 1),
        "b": ("elected", {"votes": 3, "place": 1, "ahead_by": 0}, 1),
        "c": ("not_elected", {"votes": 1, "place": 3, "behind_by": 2}, 3),
    }
    assert not any(reason.margin.votes_exact for reason in outcome.options.values())
    assert count(rule, election, all_winners=True).winners == ("a", "b")
    assert count(rule, election, blank_in_n=True).n == 4
    assert count(rule, election, seed="x").parameters["seed"] == "x"
    assert count(rule, election, ties=["id_lex"]).winners == ("a",)


def test_half_points_are_rounded_up_to_whole_votes():
    options = [Option("a"), Option("b")]
    ballots = [{"a": Fraction(7, 2), "b": 1}]
    outcome = count("score", build_election(kind="scoring", options=options, ballots=ballots))
    assert told(outcome) == {
        "a": ("elected", {"votes": Fraction(7, 2), "place": 1, "ahead_by": Fraction(5, 2)}, 3),
        "b": ("not_elected", {"votes": 1, "place": 2, "behind_by": Fraction(5, 2)}, 3),
    }


def test_a_share_of_the_ballots_can_be_asked_for_in_plurality_with_a_seed():
    election = choice({"a": 3, "b": 3}, kind="choose-1")
    outcome = count("plurality", election, seed="x", more_than=Fraction(1, 3), blank_in_n=True, all_winners=True)
    assert outcome.parameters["seed"] == "x"
    assert outcome.winners == ("a", "b")
    assert count("approval", election, seed="x", blank_in_n=True).parameters["blank_in_n"] is True
    assert count("approval", election, seed="x").parameters["seed"] == "x"
