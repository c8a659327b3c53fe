"""Steps of add1 that are passed over, and runs made side by side, against every single run."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

from tests.voting.tally.test_market import UTILITIES, random_town
from voting.tally import Ballot, Option, build_election, count
from voting.tally.buyer import run
from voting.tally.equal_shares import Climb
from voting.tally.lockstep import Lockstep
from voting.tally.market import Market
from voting.tally.stretch import Layout, Stretch
from voting.tally.ties import TieBreak

RIVALS = {0: frozenset({1}), 1: frozenset({0})}


def trace(made):
    """What a run is: what was bought in which order, and who had nothing left each time."""
    return [(p.option, p.rich_pull, sorted(p.emptied.tolist())) for p in made.purchases]


def towns(name, how_many, kinds=("approval", "cumulative")):
    chance = random.Random(name)
    for number in range(how_many):
        kind = kinds[number % len(kinds)]
        election = random_town(chance, kind)
        utility = UTILITIES[number % 3]
        rivals = RIVALS if number % 4 == 3 else None
        yield (
            chance,
            election,
            Market(election, utility=utility, rivals=rivals),
            TieBreak(election, ["min_cost", "lot"]),
        )


def test_whatever_is_proved_is_so():
    proved = 0
    for chance, _, market, tie_break in towns("stretch", 60):
        start, step = Fraction(chance.randint(1, 40), 3), Fraction(1, 60)
        stretch = Stretch(Layout(market, tie_break.rank))
        first = run(market, start, tie_break, tracer=stretch)
        ahead = min(stretch.guess(step), 400)
        if ahead < 1 or not stretch.holds_at(start + ahead * step):
            continue
        proved += 1
        for k in {1, ahead // 2, ahead}:
            assert trace(run(market, start + k * step, tie_break)) == trace(first)
    assert proved >= 20


def test_a_guess_reaches_to_the_last_step_that_changes_nothing():
    """a costs 9 and three share it, b costs 8 and one of them wants it: from 3 + 8 = 11 on she has the money."""
    options = [Option("a", 9), Option("b", 8)]
    ballots = [Ballot(["a"], weight=2), Ballot(["a", "b"])]
    election = build_election(kind="approval", options=options, ballots=ballots, budget=99)
    market, tie_break = Market(election, utility="cost"), TieBreak(election, ["file_order"])
    for step, reached in ((Fraction(1), 6), (Fraction(1, 2), 13), (Fraction(1, 100), 699), (Fraction(8), 0)):
        stretch = Stretch(Layout(market, tie_break.rank))
        made = run(market, Fraction(4), tie_break, tracer=stretch)
        assert made.options == [0]
        guess = stretch.guess(step)
        assert reached <= guess <= reached + 1
        assert not guess or stretch.holds_at(4 + reached * step)
        assert not stretch.holds_at(4 + (reached + 1) * step)
    climb = Climb(market, Fraction(4), Fraction(1), Fraction(16), tie_break, exhaustive=False)
    stretch = Stretch(climb.layout)
    climb.probe(0, witness=stretch)
    assert climb.reach(0, stretch) == 6
    assert climb.skipped == [(0, 6)]


def test_nothing_left_to_buy_reaches_as_far_as_one_likes():
    election = build_election(kind="approval", options=[Option("a", 9)], ballots=["a", "a"], budget=99)
    market, tie_break = Market(election, utility="cost"), TieBreak(election, ["file_order"])
    stretch = Stretch(Layout(market, tie_break.rank))
    run(market, Fraction(5), tie_break, tracer=stretch)
    assert stretch.guess(Fraction(1)) == 2**40
    assert stretch.holds_at(Fraction(10**9))
    stopped = Stretch(Layout(market, tie_break.rank))
    run(market, Fraction(5), tie_break, tracer=stopped, abort_above=8)
    assert stopped.guess(Fraction(1)) == 0
    nothing = build_election(kind="approval", options=[Option("a", 0)], ballots=["a"], budget=9)
    market, tie_break = Market(nothing, utility="cost"), TieBreak(nothing, ["file_order"])
    empty = Stretch(Layout(market, tie_break.rank))
    run(market, Fraction(5), tie_break, tracer=empty)
    assert empty.guess(Fraction(1)) == 0


def test_money_that_is_just_enough_is_another_run():
    """With 3 each b is bought for 1 and a, at 6, is 1 too dear; with 3.5 it costs all that both have."""
    options = [Option("a", 6), Option("b", 1)]
    election = build_election(kind="approval", options=options, ballots=["a", ["a", "b"]], budget=99)
    market, tie_break = Market(election, utility="uniform"), TieBreak(election, ["file_order"])
    for start, bought, holds in ((3, [1], (3, Fraction(34, 10))), (5, [1, 0], (5, 6, 99))):
        stretch = Stretch(Layout(market, tie_break.rank))
        assert run(market, Fraction(start), tie_break, tracer=stretch).options == bought
        assert all(stretch.holds_at(Fraction(endowment)) for endowment in holds)
        assert not stretch.holds_at(Fraction(7, 2))


def test_lanes_are_the_runs_one_by_one():
    alone = together = 0
    for chance, election, market, tie_break in towns("lanes", 48):
        budget = Fraction(election.budget)
        plan = Lockstep(market, tie_break.rank, budget)
        if not plan.usable:
            assert not any(market.whole_costs[i] for i in market.supported)
            continue
        endowments = sorted(Fraction(chance.randint(0, 60), 7) + k * Fraction(1, 13) for k in range(7))
        for endowment, made in zip(endowments, plan.run(endowments), strict=True):
            exact = run(market, endowment, tie_break, abort_above=budget)
            if made is None:
                alone += 1
                continue
            together += 1
            assert made.endowment == endowment
            assert (made.aborted, made.spent) == (exact.aborted, exact.spent)
            # Options that share no supporter may be told in another order.
            assert sorted(made.options) == sorted(exact.options)
    assert together > 20 * alone


def test_lanes_settle_ties_by_the_list_and_keep_rivals_out():
    options = [Option("a", 6), Option("b", 6), Option("c", 3), Option("free", 0), Option("f2", 0)]
    ballots = [Ballot(["a", "b", "free", "f2"], weight=3), Ballot(["b", "c"]), Ballot(["a", "c"])]
    election = build_election(kind="approval", options=options, ballots=ballots, budget=99)
    for rivals in (
        None,
        {0: frozenset({1}), 1: frozenset({0})},
        {3: frozenset({0, 4}), 0: frozenset({3}), 4: frozenset({3})},
    ):
        for lot in (["b", "a", "c", "free", "f2"], ["a", "b", "c", "f2", "free"]):
            market = Market(election, utility="cost", rivals=rivals)
            tie_break = TieBreak(election, ["lot"], lot_order=lot)
            plan = Lockstep(market, tie_break.rank, Fraction(99))
            endowments = [Fraction(k, 3) for k in range(1, 19)]
            for endowment, made in zip(endowments, plan.run(endowments), strict=True):
                exact = run(market, endowment, tie_break, abort_above=99)
                if made is not None:
                    assert made.options == exact.options
                    assert made.spent == exact.spent


def test_a_plan_without_prices_or_with_too_much_money_is_not_used():
    def plan(*costs):
        options = [Option(f"p{i}", cost) for i, cost in enumerate(costs)]
        names = [option.id for option in options]
        election = build_election(kind="approval", options=options, ballots=[names], budget=9)
        return Lockstep(Market(election, utility="cost"), TieBreak(election, ["lot"]).rank, Fraction(9))

    assert not plan(0).usable
    assert plan(2**60, 2**60 - 1).usable
    assert not plan(2**60, 2**60).usable


@pytest.mark.parametrize("completion", ["add1", "add1e"])
def test_a_climb_ends_where_walking_every_step_ends(completion):
    chance = random.Random(completion)
    for number in range(24):
        election = random_town(chance, "approval" if number % 2 else "cumulative")
        increment = Fraction(1, chance.choice([1, 2, 5]))
        utility = UTILITIES[number % 3]
        outcome = count("equal-shares", election, completion=completion, increment=increment, utility=utility)
        market, tie_break = Market(election, utility=utility), TieBreak(election, ["min_cost", "max_votes", "lot"])
        if outcome.facts["stop"] == "all affordable" or not election.ballots.total:
            assert sum(market.costs[i] for i in market.supported) <= election.budget
            continue
        start, k = Fraction(election.budget, election.ballots.total), 0
        while True:
            this = run(market, start + k * increment, tie_break)
            if this.spent > election.budget:
                expected, stop = max(k - 1, 0), "overshoot"
                break
            rest = [market.costs[i] for i in market.supported if i not in this.options]
            if completion == "add1e" and all(cost > election.budget - this.spent for cost in rest):
                expected, stop = k, "exhaustive"
                break
            k += 1
        assert (outcome.facts["increments"], outcome.facts["stop"]) == (expected, stop)
        stands = run(market, start + expected * increment, tie_break)
        assert outcome.winners == tuple(election.ids[i] for i in stands.options)
        assert outcome.facts["endowment"] == start + expected * increment
        for low, high in outcome.facts["skipped"]:
            assert 0 <= low < high
        tried = [entry["k"] for entry in outcome.facts["tried"]]
        passed = {k for low, high in outcome.facts["skipped"] for k in range(low, high + 1)}
        assert set(range(expected + 1)) <= set(tried) | passed
        assert tried == sorted(set(tried))


def test_the_layout_stands_option_by_option():
    options = [Option("a", Fraction(5, 2)), Option("free", 0), Option("c", 4)]
    ballots = [Ballot(["a", "c"], weight=2), Ballot(["c", "free"])]
    election = build_election(kind="approval", options=options, ballots=ballots, budget=9)
    layout = Layout(Market(election, utility="cost", rivals={1: frozenset({2}), 2: frozenset({1})}), [0, 1, 2])
    assert (layout.options, layout.at, layout.begins.tolist()) == ([0, 2], {0: 0, 2: 1}, [0, 1])
    assert (layout.segment.tolist(), layout.groups.tolist()) == ([0, 1, 1], [0, 0, 1])
    assert layout.sums(np.array([1.0, 2.0, 3.0])).tolist() == [1.0, 5.0]
    assert layout.needs(Fraction(4)).tolist() == [10.0, 16.0]
    assert layout.closed.tolist() == [1]
    assert layout.uses is None
