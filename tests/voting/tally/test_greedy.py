"""The five greedy rules, each step and each reason by hand, and margins that are the least that change a fate."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from voting.tally import Ballot, Margin, Option, TallyError, build_election, count

RULES = ("greedy", "greedy-no-skip", "greedy-per-cost", "poznan-80", "greedy-threshold")


def town(projects, budget, gone=(), blanks=0, **more):
    """An approval election; each project has its cost and its votes."""
    return build_election(
        kind="approval", options=[Option(name, cost, withdrawn=name in gone) for name, (cost, _) in projects.items()],
        ballots=[Ballot([name], weight=votes) for name, (_, votes) in projects.items()], budget=budget, blanks=blanks, **more,
    )  # fmt: skip


FIVE = {"well": (60, 5), "park": (70, 7), "bench": (20, 3), "tree": (10, 0), "bus": (30, 2)}


def told(outcome):
    return {name: (reason.code, dict(reason.numbers)) for name, reason in outcome.options.items()}


def test_every_step_is_told_with_its_numbers():
    outcome = count("greedy", town(FIVE, 100, blanks=2))
    assert (outcome.rule, outcome.winners, outcome.total_cost, outcome.unspent) == ("greedy", ("park", "bench"), 90, 10)
    assert (outcome.n, outcome.blanks, outcome.facts) == (17, 2, {"budget": 100})
    expected = {
        "fund_zero_votes": False, "blank_in_n": False, "minimum_votes": None,
        "ties": ["min_cost", "max_votes", "lot"], "lot_order": ["well", "park", "bench", "tree", "bus"],
    }  # fmt: skip
    assert outcome.parameters.items() >= expected.items()
    assert told(outcome) == {
        "park": ("selected", {"votes": 7, "cost": 70, "place": 1, "left_before": 100, "left_after": 30}),
        "well": ("too_dear", {"votes": 5, "cost": 60, "place": 2, "left": 30, "short_by": 30, "votes_more_needed": 2}),
        "bench": ("selected", {"votes": 3, "cost": 20, "place": 3, "left_before": 30, "left_after": 10}),
        "bus": ("too_dear", {"votes": 2, "cost": 30, "place": 4, "left": 10, "short_by": 20, "votes_more_needed": 2}),
        "tree": ("no_votes", {"votes": 0, "cost": 10, "place": 5}),
    }
    assert [(r["option"], r["decision"]) for r in outcome.rounds] == [
        ("park", "selected"), ("well", "too_dear"), ("bench", "selected"), ("bus", "too_dear"), ("tree", "no_votes"),
    ]  # fmt: skip
    assert outcome.rounds[0] == {"option": "park", "decision": "selected", **outcome.options["park"].numbers}
    assert {name: reason.margin for name, reason in outcome.options.items()} == {
        "park": Margin(votes=2, votes_exact=True, cost=30, cost_exact=True),
        "well": Margin(votes=2, votes_exact=True, cost=30, cost_exact=True),
        "bench": Margin(votes=2, votes_exact=True, cost=10, cost_exact=True),
        "bus": Margin(votes=2, votes_exact=True, cost=20, cost_exact=True),
        "tree": Margin(votes=1, votes_exact=True),
    }
    assert count("greedy", town(FIVE, 100, blanks=2), blank_in_n=True, seed="s").n == 19
    assert outcome.ties == ()


def test_without_skipping_the_first_misfit_ends_it():
    outcome = count("greedy-no-skip", town(FIVE, 100))
    assert (outcome.rule, outcome.winners, outcome.unspent) == ("greedy-no-skip", ("park",), 30)
    assert told(outcome)["well"][0] == "too_dear"
    assert told(outcome)["bench"] == (
        "after_stop", {"votes": 3, "cost": 20, "place": 3, "left": 30, "stopped_at": "well"},
    )  # fmt: skip
    assert told(outcome)["bus"][1]["stopped_at"] == "well"
    assert outcome.options["bench"].margin == Margin(votes=2, votes_exact=True)


def test_a_threshold_of_votes():
    outcome = count("greedy-threshold", town(FIVE, 200), threshold=3)
    assert (outcome.rule, outcome.winners) == ("greedy-threshold", ("park", "well", "bench"))
    assert told(outcome)["bus"] == (
        "below_threshold", {"votes": 2, "cost": 30, "place": 4, "threshold": 3, "votes_short": 1},
    )  # fmt: skip
    assert outcome.options["bus"].margin.votes == 1
    assert outcome.parameters["threshold"] == 3
    assert count("greedy-threshold", town(FIVE, 200, threshold=5)).winners == ("park", "well")
    assert count("greedy-threshold", town(FIVE, 200, threshold=5), threshold=7).winners == ("park",)
    assert count("greedy-threshold", town(FIVE, 200)).parameters["threshold"] == 0
    assert count("greedy", town(FIVE, 200), minimum_votes=5).winners == ("park", "well")


def test_votes_for_each_unit_of_money():
    """park 0.1, well 0.083, bench 0.15, bus 0.067."""
    outcome = count("greedy-per-cost", town(FIVE, 100))
    assert (outcome.rule, outcome.winners) == ("greedy-per-cost", ("bench", "park"))
    assert [r["option"] for r in outcome.rounds] == ["bench", "park", "well", "bus", "tree"]
    assert not outcome.options["well"].margin.cost_exact
    free = {**FIVE, "talk": (0, 1), "song": (0, 0)}
    assert count("greedy-per-cost", town(free, 100)).winners == ("talk", "bench", "park")
    assert count("greedy-per-cost", town(free, 100), fund_zero_votes=True).winners[-2:] == ("song", "tree")


def test_poznan_pays_four_fifths_and_stops():
    outcome = count("poznan-80", town(FIVE, 118))
    assert (outcome.rule, outcome.winners, outcome.unspent) == ("poznan-80", ("park", "well"), -12)
    assert outcome.parameters["share"] == Fraction(4, 5)
    assert told(outcome)["well"] == (
        "selected_from_reserve",
        {"votes": 5, "cost": 60, "place": 2, "left_before": 48, "left_after": 0, "reserve": 12},
    )
    assert told(outcome)["bench"][1] == {"votes": 3, "cost": 20, "place": 3, "left": 0, "stopped_at": "well"}
    assert count("poznan-80", town(FIVE, 117)).winners == ("park",)
    assert count("poznan-80", town(FIVE, 117)).unspent == 47
    assert count("poznan-80", town(FIVE, 100), share=Fraction(1, 2)).winners == ("park", "well")
    assert count("poznan-80", town(FIVE, 129), share=1).winners == ("park",)
    for share in (0, Fraction(-1, 2), Fraction(3, 2)):
        with pytest.raises(TallyError, match=r"^the share that must be there lies between 0 and 1$"):
            count("poznan-80", town(FIVE, 100), share=share)
    # A dearer well still wins while four fifths of it are there: 48 is four fifths of 60.
    assert outcome.options["park"].margin.cost == 118 / Fraction(4, 5) - 70
    assert count("poznan-80", town(FIVE, 117)).options["well"].margin == Margin(
        votes=2, votes_exact=True, cost=60 - 47 / Fraction(4, 5), cost_exact=True
    )


@pytest.mark.parametrize("rule", RULES)
def test_what_is_free_comes_first_and_what_nobody_wants_only_when_asked(rule):
    projects = {"a": (5, 3), "gift": (0, 1), "nobody": (1, 0), "gone": (1, 9)}
    outcome = count(rule, town(projects, 9, gone=["gone"]))
    assert outcome.winners == ("gift", "a")
    assert told(outcome)["gone"] == ("withdrawn", {"votes": 9, "cost": 1})
    assert outcome.options["gone"].margin is None
    asked = count(rule, town(projects, 9, gone=["gone"]), fund_zero_votes=True, blank_in_n=True)
    assert asked.winners == ("gift", "a", "nobody")
    assert asked.parameters["fund_zero_votes"] is True
    assert asked.parameters["blank_in_n"] is True
    for more in ({"seed": "s"}, {"lot_order": ["gone", "a", "gift", "nobody"]}, {"ties": ["id_lex"]}):
        told_so = count(rule, town(projects, 9), **more).parameters
        name, value = next(iter(more.items()))
        assert told_so[name] == value


def test_ties_among_the_voted_are_recorded():
    projects = {"a": (5, 3), "b": (4, 3), "c": (1, 0), "d": (1, 0), "e": (2, 1)}
    outcome = count("greedy", town(projects, 4))
    assert outcome.ties == ({"over": "order", "votes": 3, "tied": ["b", "a"], "criterion": "min_cost", "chosen": "b"},)
    assert outcome.options["a"].margin.cost_exact is False
    assert outcome.options["b"].margin.cost_exact is False
    assert count("greedy", town(projects, 5), ties=["max_cost"]).options["a"].margin.cost is None
    assert count("greedy", town(projects, 6), ties=["max_cost"]).options["e"].margin.cost == 1


def test_level_votes_for_each_unit_of_money_are_told_apart_by_votes_where_the_list_says_so():
    """One vote for 2 is level with two for 4, and then the two come first: a needs a second vote, and with two can spare one."""
    projects = {"a": (2, 1), "b": (4, 2)}
    outcome = count("greedy-per-cost", town(projects, 4), ties=["max_votes", "id_lex"])
    assert (outcome.winners, outcome.options["a"].margin.votes) == (("b",), 1)
    outcome = count("greedy-per-cost", town({**projects, "a": (2, 0)}, 4), ties=["max_votes", "id_lex"])
    assert (outcome.winners, outcome.options["a"].margin.votes) == (("b",), 2)
    outcome = count("greedy-per-cost", town({**projects, "a": (2, 2)}, 4), ties=["max_votes", "id_lex"])
    assert (outcome.winners, outcome.options["a"].margin.votes) == (("a",), 1)
    outcome = count("greedy-per-cost", town({**projects, "a": (2, 2)}, 4), ties=["id_lex"])
    assert (outcome.winners, outcome.options["a"].margin.votes) == (("a",), 2)


def test_amounts_stay_exact():
    projects = {"a": (Fraction(1, 3), 3), "b": (Fraction(2, 3), 2), "c": (Fraction(1, 10**20), 1)}
    outcome = count("greedy", town(projects, 1))
    assert (outcome.winners, outcome.total_cost, outcome.unspent) == (("a", "b"), 1, 0)
    assert isinstance(outcome.total_cost, int)
    assert told(outcome)["c"][1]["short_by"] == Fraction(1, 10**20)
    points = build_election(
        kind="cumulative", options=[Option("a", 5), Option("b", 5)], ballots=[{"a": Fraction(1, 2), "b": 1}], budget=5
    )
    assert count("greedy", points).winners == ("b",)
    assert not count("greedy", points).options["a"].margin.votes_exact
    assert count("greedy", points).options["a"].margin.votes == 1


def test_margins_beside_floors_by_hand():
    """The floor of n pays a 40 out of its 50, and 60 are left for all: b takes 45, so 15 are left for c and d."""
    options = [
        Option("a", 40, district="n"), Option("b", 45, district="s"), Option("c", 20, district="s"), Option("d", 30, district="n"),
    ]  # fmt: skip
    ballots = [Ballot([name], weight=votes) for name, votes in (("a", 3), ("b", 5), ("c", 4), ("d", 2))]
    election = build_election(kind="approval", options=options, ballots=ballots, budget=100)
    outcome = count("greedy", election, district_floors={"n": {"money": 50}})
    assert outcome.winners == ("a", "b")
    assert {name: (r.code, r.margin) for name, r in outcome.options.items()} == {
        # With two votes a is level with d, which is cheaper and takes 30 of the 50; then b takes 45 and 25 are left.
        "a": ("selected_by_floor", Margin(votes=1, votes_exact=True)),
        # With four votes b is level with c, which is cheaper: 60 less 20 are not 45.
        "b": ("selected", Margin(votes=1, votes_exact=True, cost=15, cost_exact=True)),
        # With five c is level with b and cheaper.
        "c": ("too_dear", Margin(votes=1, votes_exact=True, cost=5)),
        # With three d is level with a and cheaper, and the floor takes it first.
        "d": ("too_dear", Margin(votes=1, votes_exact=True, cost=15)),
    }
    assert outcome.facts["budget"] == 100
    free = {"a": (0, 2), "b": (0, 3), "c": (5, 9)}
    for rule in RULES:
        both = count(rule, town(free, 5))
        assert (both.winners, both.options["a"].margin.votes) == (("b", "a", "c"), 2)
        assert count(rule, town({**free, "a": (0, 0)}, 5)).options["a"].margin.votes == 1


def test_a_reserve_is_looked_for_at_each_place():
    """With 100: a takes 60, and b's 45 are covered to four fifths by 40; level with a cheaper one, b finds nothing."""
    outcome = count("poznan-80", town({"a": (60, 9), "b": (45, 5), "c": (44, 3), "d": (1, 1)}, 100))
    assert (outcome.winners, outcome.options["b"].code) == (("a", "b"), "selected_from_reserve")
    assert [outcome.options[name].margin.votes for name in "abcd"] == [6, 2, 2, 4]


@pytest.mark.parametrize("rule", ["greedy", "greedy-no-skip", "greedy-per-cost", "poznan-80"])
def test_a_margin_is_the_least_that_changes_a_fate(rule):
    chance = random.Random(rule)
    for number in range(12):
        names = "abcdef"[: chance.randint(1, 6)]
        projects = {name: (chance.randint(0, 12), chance.randint(0, 5)) for name in names}
        budget = chance.randint(1, 25)
        more = {"ties": chance.choice([["min_cost", "lot"], ["max_cost", "lot"], ["max_votes", "id_lex"]])}
        more["lot_order"] = chance.sample(names, len(names))
        more["fund_zero_votes"] = number % 5 == 0
        more["minimum_votes"] = 2 if number % 4 == 0 else None
        if number % 3 == 0 and len(names) > 2:
            more["exclusive"] = [list(names[:2])]
        outcome = count(rule, town(projects, budget), **more)
        for name, reason in outcome.options.items():
            cost, votes = projects[name]
            margin, won = reason.margin, name in outcome.winners

            def wins(cost, votes, name=name, projects=projects, budget=budget, more=more):
                return name in count(rule, town({**projects, name: (cost, votes)}, budget), **more).winners

            if margin.votes is None:
                assert all(wins(cost, other) is won for other in (range(votes + 1) if won else range(votes, 40)))
            else:
                assert margin.votes_exact
                sign = -1 if won else 1
                assert wins(cost, votes + sign * margin.votes) is not won
                assert all(wins(cost, votes + sign * fewer) is won for fewer in range(margin.votes))
            if margin.cost is not None and margin.cost_exact:
                tiny = Fraction(1, 10**9)
                if won:
                    assert wins(cost + margin.cost, votes)
                    assert not wins(cost + margin.cost + tiny, votes)
                else:
                    assert wins(cost - margin.cost, votes)
                    assert not wins(cost - margin.cost + tiny, votes)
