"""Sequential Phragmén, with the loads of every supporter worked out by hand."""

from __future__ import annotations

import json
import random
from fractions import Fraction

import numpy as np
import pytest

from voting.tally import Ballot, Margin, Option, TallyError, build_election, count, verify
from voting.tally.phragmen import Loads


def town(costs, ballots, budget, gone="", **more):
    return build_election(
        kind="approval", options=[Option(name, cost, withdrawn=name in gone) for name, cost in costs.items()],
        ballots=[Ballot(names, weight=weight) for names, weight in ballots], budget=budget, **more,
    )  # fmt: skip


# Four people: two for a and b, one for b and c, one for c. In time 3 the two have six together.
COSTS = {"a": 6, "b": 9, "c": 8, "d": 1, "e": 4}
VOTES = [("ab", 2), ("bc", 1), ("c", 1)]


def bought(outcome):
    return [(r["option"], r["time"]) for r in outcome.rounds]


def test_each_purchase_has_its_time():
    """a at 3. Then c: 8 shared by two is 4. Then b: (9 + 3 + 3 + 4) / 3 = 19/3, and nothing else is left to buy."""
    outcome = count("phragmen", town(COSTS, VOTES, 30, blanks=1))
    assert bought(outcome) == [("a", 3), ("c", 4), ("b", Fraction(19, 3))]
    assert (outcome.rule, outcome.n, outcome.blanks, outcome.winners) == ("phragmen", 4, 1, ("a", "c", "b"))
    assert (outcome.total_cost, outcome.unspent) == (23, 7)
    assert outcome.facts == {"budget": 30, "stopped_at": None}
    expected = {
        "variant": "stop", "blank_in_n": False, "ties": ["min_cost", "max_votes", "lot"],
        "lot_source": "file order", "lot_order": ["a", "b", "c", "d", "e"],
    }  # fmt: skip
    assert outcome.parameters == {**outcome.parameters, **expected}
    assert outcome.rounds[1] == {
        "round": 2, "option": "c", "cost": 8, "time": 4, "left_before": 24, "left_after": 16,
    }  # fmt: skip
    b = outcome.options["b"]
    assert (b.code, b.margin) == ("selected", Margin())
    assert b.numbers == {
        "votes": 3, "cost": 9, "round": 3, "time": Fraction(19, 3), "left_before": 16, "left_after": 7,
    }  # fmt: skip
    assert (outcome.options["d"].code, outcome.options["d"].numbers) == ("no_votes", {"votes": 0, "cost": 1})


def test_it_stops_when_the_first_to_be_bought_does_not_fit():
    outcome = count("phragmen", town(COSTS, [*VOTES, ("e", 1)], 13))
    assert bought(outcome) == [("a", 3)]
    assert outcome.facts == {"budget": 13, "stopped_at": 4}
    c, e = outcome.options["c"], outcome.options["e"]
    # c and e could both be bought at 4; c does not fit, so nothing more is bought.
    assert (c.code, c.margin.cost, c.margin.cost_exact) == ("too_dear", 1, False)
    assert c.numbers == {"votes": 2, "cost": 8, "time": 4, "left": 7, "short_by": 1}
    assert (e.code, e.margin.cost) == ("after_stop", None)
    assert e.numbers == {"votes": 1, "cost": 4, "time": 4, "stopped_at": 4, "left": 7}
    assert outcome.options["b"].numbers["time"] == Fraction(15, 3)
    assert (outcome.total_cost, outcome.unspent) == (6, 7)


def test_to_skip_is_to_leave_out_and_go_on():
    outcome = count("phragmen", town(COSTS, [*VOTES, ("e", 1)], 13), variant="skip")
    assert bought(outcome) == [("a", 3), ("e", 4)]
    assert outcome.facts["stopped_at"] is None
    assert outcome.parameters["variant"] == "skip"
    assert outcome.options["c"].numbers == {"votes": 2, "cost": 8, "time": 4, "left": 7, "short_by": 1}
    # b comes at (9 + 3 + 3) / 3 = 5, when 3 are left.
    assert outcome.options["b"].numbers == {"votes": 3, "cost": 9, "time": 5, "left": 3, "short_by": 6}


def test_exactly_enough_is_enough():
    assert count("phragmen", town({"a": 6, "b": 4}, [("a", 2), ("b", 1)], 10)).winners == ("a", "b")
    assert count("phragmen", town({"a": 6, "b": 4}, [("a", 2), ("b", 1)], Fraction(99, 10))).winners == ("a",)


def test_equal_times_are_settled_by_the_list_and_recorded_once():
    """Three unrelated options at time 2: the cheapest first, then the rest without a new tie."""
    outcome = count("phragmen", town({"a": 6, "b": 4, "c": 2}, [("a", 3), ("b", 2), ("c", 1)], 99))
    assert bought(outcome) == [("c", 2), ("b", 2), ("a", 2)]
    assert outcome.ties == (
        {"over": "round", "round": 1, "tied": ["c", "b", "a"], "criterion": "min_cost", "chosen": "c"},
    )


def test_who_shared_a_supporter_with_the_chosen_one_has_to_wait():
    """a and b are tied at 2 and share a person; c is tied as well and does not."""
    votes = [("ab", 1), ("a", 1), ("b", 1), ("c", 2)]
    outcome = count("phragmen", town({"a": 4, "b": 4, "c": 4}, votes, 99), ties=["file_order"])
    assert bought(outcome) == [("a", 2), ("c", 2), ("b", 3)]
    assert [t["tied"] for t in outcome.ties] == [["a", "b", "c"]]
    free = count("phragmen", town({"a": 0, "b": 0, "c": 4}, votes, 99), ties=["file_order"])
    assert bought(free) == [("a", 0), ("b", 0), ("c", 2)]


def test_points_above_nought_are_approvals():
    options = [Option("a", 6), Option("b", 4)]
    ballots = [{"a": 3, "b": 0}, {"a": 1}, {"b": Fraction(1, 2)}]
    outcome = count("phragmen", build_election(kind="cumulative", options=options, ballots=ballots, budget=99))
    assert bought(outcome) == [("a", 3), ("b", 4)]


def test_amounts_that_are_no_whole_numbers_stay_exact():
    costs = {"a": Fraction(1, 3), "b": Fraction(1, 7)}
    outcome = count("phragmen", town(costs, [("ab", 1), ("b", 1)], 1))
    assert bought(outcome) == [("b", Fraction(1, 14)), ("a", Fraction(1, 3) + Fraction(1, 14))]
    assert (outcome.total_cost, outcome.unspent) == (Fraction(10, 21), Fraction(11, 21))


def test_times_a_hair_apart_are_told_apart():
    tiny = Fraction(1, 10**20)
    outcome = count("phragmen", town({"a": 1 + tiny, "b": 1}, [("a", 1), ("b", 1)], 9), ties=["file_order"])
    assert bought(outcome) == [("b", 1), ("a", 1 + tiny)]
    assert outcome.ties == ()
    third = town({"a": 1 + tiny, "b": 1, "c": Fraction(3, 2)}, [("a", 1), ("b", 1), ("c", 1)], 9)
    assert bought(count("phragmen", third)) == [("b", 1), ("a", 1 + tiny), ("c", Fraction(3, 2))]


def test_a_later_tie_names_its_round():
    costs = {"x": 1, "a": 6, "b": 4, "c": 9}
    outcome = count("phragmen", town(costs, [("x", 1), ("a", 3), ("b", 2), ("c", 1)], 99))
    assert outcome.ties == ({"over": "round", "round": 2, "tied": ["b", "a"], "criterion": "min_cost", "chosen": "b"},)


def test_who_withdrew_is_not_bought():
    outcome = count("phragmen", town({"a": 6, "b": 9}, [("ab", 1)], 99, gone="a", blanks=2), blank_in_n=True, seed="s")
    assert (outcome.winners, outcome.n) == (("b",), 3)
    assert (outcome.options["a"].code, outcome.options["a"].numbers) == ("withdrawn", {"votes": 1, "cost": 6})
    assert outcome.parameters["seed"] == "s"
    assert count("phragmen", town({"a": 1}, [], 5)).winners == ()
    twin = town({"a": 6, "b": 6}, [("a", 1), ("b", 1)], 6)
    assert count("phragmen", twin, lot_order="ba").winners == ("b",)


def test_what_is_asked_for_must_exist():
    with pytest.raises(TallyError, match=r"^the variant is one of stop, skip$"):
        count("phragmen", town(COSTS, VOTES, 9), variant="go")


def test_a_rough_time_is_close_to_the_exact_one():
    loads = Loads(town(COSTS, VOTES, 30))
    times = [0.0]
    for option in (0, 2):
        times.append(float(loads.time(option)))
        loads.buy(option)
    for option in (0, 1, 2):
        assert loads.rough(option, np.array(times)) == pytest.approx(float(loads.time(option)), rel=1e-12)
    assert loads.sharing(0) == {0, 1}
    assert loads.sharing(2) == {1, 2}


def test_many_small_towns_stand_up_to_the_slow_count():
    chance = random.Random(4)
    for _ in range(40):
        names = "abcdefg"[: chance.randint(1, 7)]
        costs = {name: Fraction(chance.randint(0, 12), chance.choice([1, 1, 2, 3])) for name in names}
        ballots = [(chance.sample(names, chance.randint(1, len(names))), chance.randint(1, 3)) for _ in range(6)]
        election = town(costs, ballots, chance.randint(0, 30))
        for variant in ("stop", "skip"):
            verify.check(election, json.loads(count("phragmen", election, variant=variant).canonical()))
