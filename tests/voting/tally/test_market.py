"""One run of Equal Shares against a count on fractions that takes TALLY 3.2 at its word, voter by voter."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

from voting.tally import Ballot, Election, Option, TallyError, build_election
from voting.tally.buyer import run
from voting.tally.ledger import Ledger
from voting.tally.market import Market
from voting.tally.ties import TieBreak

UTILITIES = ("cost", "uniform", "points")


def random_town(chance: random.Random, kind: str = "approval") -> Election:
    names = "abcdefgh"[: chance.randint(2, 8)]
    costs = [Fraction(chance.choice([0, 1, 2, 3, 4, 6, 6, 9, 12, 20]), chance.choice([1, 1, 1, 2, 3])) for _ in names]
    options = [Option(name, cost, withdrawn=chance.random() < 0.05) for name, cost in zip(names, costs, strict=True)]
    ballots = []
    for _ in range(chance.randint(1, 9)):
        chosen = chance.sample(names, chance.randint(1, len(names)))
        points = (
            [Fraction(chance.randint(0, 4), chance.choice([1, 1, 2])) for _ in chosen] if kind == "cumulative" else []
        )
        ballots.append(Ballot(chosen, points, weight=chance.choice([1, 1, 2, 3, 7])))
    return build_election(kind=kind, options=options, ballots=ballots, budget=chance.randint(5, 60))


def utilities(election: Election, utility: str) -> list[tuple[dict[int, Fraction], int]]:
    """For each group of ballots what it supports with how much utility, and its weight."""
    groups = []
    for choices, beside, weight in election.ballots.rows():
        if election.ballots.points is not None:
            given = {c: Fraction(p) for c, p in zip(choices, beside, strict=True) if p > 0}
        else:
            given = {c: Fraction(1) for c in choices}
        if utility == "points" and election.kind == "ordinal":
            given = {c: Fraction(len(choices) - place) for place, c in enumerate(choices)}
        if utility != "points":
            given = dict.fromkeys(given, Fraction(1))
        groups.append((given, weight))
    return groups


class Slow:
    """A run by the definition."""

    def __init__(self, election: Election, utility: str, endowment: Fraction, rank: list[int]) -> None:
        groups = utilities(election, utility)
        balance = [endowment] * len(groups)
        self.bought: list[tuple[int, Fraction, int, int]] = []
        self.tied: dict[int, tuple[list[int], int]] = {}
        self.shortages: dict[int, tuple[int, Fraction]] = {}
        left = [i for i in election.standing if any(i in given for given, _ in groups)]

        def reach(i: int) -> int:
            return sum(weight for given, weight in groups if i in given)

        for i in sorted((i for i in left if election.costs[i] == 0), key=rank.__getitem__):
            self.bought.append((i, Fraction(0), reach(i), 0))
            left.remove(i)
        while True:
            prices = {}
            for i in list(left):
                cost = Fraction(election.costs[i])
                supporters = [g for g, (given, _) in enumerate(groups) if i in given]
                money = sum((groups[g][1] * balance[g] for g in supporters), start=Fraction(0))
                if money < cost:
                    before = len(self.bought) if any(election.costs[j] for j, *_ in self.bought) else 0
                    self.shortages.setdefault(i, (before, money))
                    continue
                poor: set[int] = set()
                while True:
                    rest = cost - sum((groups[g][1] * balance[g] for g in poor), start=Fraction(0))
                    pull = sum(groups[g][1] * groups[g][0][i] for g in supporters if g not in poor)
                    if pull == 0:
                        price = max(balance[g] / groups[g][0][i] for g in supporters)
                        break
                    price = rest / pull
                    more = {g for g in supporters if g not in poor and balance[g] < price * groups[g][0][i]}
                    if not more:
                        break
                    poor |= more
                prices[i] = price
            if not prices:
                break
            scale = {i: Fraction(election.costs[i]) if utility == "cost" else Fraction(1) for i in prices}
            best = min(prices[i] / scale[i] for i in prices)
            tied = [i for i in prices if prices[i] / scale[i] == best]
            chosen = min(tied, key=rank.__getitem__)
            if len(tied) > 1:
                self.tied[len(self.bought) + 1] = (sorted(tied), chosen)
            full = 0
            for g, (given, weight) in enumerate(groups):
                if chosen in given:
                    due = prices[chosen] * given[chosen]
                    full += weight if balance[g] >= due else 0
                    balance[g] -= min(balance[g], due)
            self.bought.append((chosen, prices[chosen], full, reach(chosen) - full))
            left.remove(chosen)
        self.behind = {
            i: sum((weight * balance[g] for g, (given, weight) in enumerate(groups) if i in given), start=Fraction(0))
            for i in left
        }


@pytest.mark.parametrize("utility", UTILITIES)
@pytest.mark.parametrize("kind", ["approval", "cumulative", "ordinal"])
def test_every_run_is_the_slow_run(kind, utility):
    chance = random.Random(f"{kind} {utility}")
    for _ in range(24):
        election = random_town(chance, kind)
        tie_break = TieBreak(election, ["min_cost", "id_lex"])
        endowment = Fraction(chance.randint(0, 40), chance.choice([1, 2, 3, 7]))
        made = run(Market(election, utility=utility), endowment, tie_break, watch=True)
        slow = Slow(election, utility, endowment, tie_break.rank)
        told = [(p.option, p.exact, p.full_payers, p.part_payers) for p in made.purchases]
        assert told == slow.bought
        assert made.spent == sum(Fraction(election.costs[i]) for i in made.options)
        assert made.behind == slow.behind
        assert {i: (s.round, s.money) for i, s in made.shortages.items()} == slow.shortages
        seen: set[int] = set()
        for number, tied, chosen in made.ties:
            assert slow.tied[number] == (tied, chosen)
            seen |= set(tied)
        assert all(set(tied) <= seen for tied, _ in slow.tied.values())
        plain = run(Market(election, utility=utility), endowment, tie_break)
        assert plain.options == made.options


def test_huge_and_tiny_amounts_are_exact():
    """Prices that differ by a part in 10**30, and voters who have a hair less than the price."""
    hair = Fraction(1, 10**30)
    options = [Option("a", 3 + hair), Option("b", 3), Option("c", 6 + 2 * hair)]
    ballots = [Ballot(["a", "c"]), Ballot(["b", "c"]), Ballot(["c"], weight=10**9)]
    election = build_election(kind="approval", options=options, ballots=ballots, budget=9)
    tie_break = TieBreak(election, ["file_order"])
    made = run(Market(election, utility="uniform"), Fraction(3), tie_break, watch=True)
    slow = Slow(election, "uniform", Fraction(3), tie_break.rank)
    assert [(p.option, p.exact, p.full_payers) for p in made.purchases] == [b[:3] for b in slow.bought]
    assert made.behind == slow.behind


def test_steep_points_do_not_pile_up_errors():
    """One voter gives a hundred thousand times the points of another, so what doubles lose must be looked up again."""
    chance = random.Random(8)
    for _ in range(10):
        names = "abcdefghijkl"
        options = [Option(name, Fraction(chance.randint(1, 30), chance.choice([1, 3]))) for name in names]
        ballots = [
            Ballot(names, [chance.choice([1, 7, 10**5, 10**6]) for _ in names], weight=chance.randint(1, 3))
            for _ in range(4)
        ]
        election = build_election(kind="cumulative", options=options, ballots=ballots, budget=99)
        tie_break = TieBreak(election, ["file_order"])
        made = run(Market(election, utility="points"), Fraction(40), tie_break, watch=True)
        slow = Slow(election, "points", Fraction(40), tie_break.rank)
        assert [(p.option, p.exact, p.full_payers, p.part_payers) for p in made.purchases] == slow.bought
        assert made.behind == slow.behind


def test_a_run_is_given_up_when_it_has_overspent():
    election = build_election(
        kind="approval", options=[Option("a", 4), Option("b", 5), Option("c", 6)], ballots=["a", "b", "c"], budget=9
    )
    tie_break = TieBreak(election, ["file_order"])
    market = Market(election, utility="cost")
    for limit, aborted, options in ((9, True, [0, 1, 2]), (8, True, [0, 1]), (15, False, [0, 1, 2])):
        made = run(market, Fraction(6), tie_break, abort_above=limit)
        assert (made.aborted, made.options) == (aborted, options)
        assert made.spent == sum(market.costs[i] for i in options)


def test_rivals_close_each_other_and_the_closed_are_not_for_sale():
    election = build_election(
        kind="approval",
        options=[Option("a", 4), Option("b", 5), Option("c", 0), Option("d", 0)],
        ballots=[list("abcd")],
        budget=9,
    )
    tie_break = TieBreak(election, ["file_order"])
    rivals = {0: frozenset({1}), 1: frozenset({0}), 2: frozenset({3}), 3: frozenset({2})}
    market = Market(election, utility="cost", rivals=rivals)
    assert run(market, Fraction(20), tie_break, watch=True).options == [2, 0]
    assert market.compatible([1, 0, 3, 2]) == [1, 3]
    assert Market(election, utility="cost", closed=[0, 2]).supported == [1, 3]
    assert run(Market(election, utility="cost", closed=[0, 2]), Fraction(20), tie_break).options == [3, 1]


def test_who_has_too_few_votes_is_not_for_sale():
    election = build_election(
        kind="approval", options=[Option("a", 4), Option("b", 5)], ballots=["a", "a", "b"], budget=9
    )
    assert Market(election, utility="cost", minimum_votes=2).supported == [0]
    assert Market(election, utility="cost", minimum_votes=1).supported == [0, 1]
    assert Market(election, utility="cost").reach == [2, 1]


def test_the_layout_says_who_supports_what():
    options = [Option("a", Fraction(5, 2)), Option("b", 0), Option("c", 4)]
    ballots = [Ballot(["a", "c"], [1, 3], weight=2), Ballot(["b", "c"], [2, 0])]
    election = build_election(kind="cumulative", options=options, ballots=ballots, budget=9)
    market = Market(election, utility="points")
    assert (market.unit, market.whole_costs, market.groups) == (2, [5, 0, 8], 2)
    assert (market.reach, market.force, market.steepest) == ([2, 1, 2], [2, 2, 6], [1.0, 2.0, 3.0])
    assert market.scale == [1, 1, 1]
    assert Market(election, utility="cost").scale == [Fraction(5, 2), 1, 4]
    assert market.utility_of(0) == {0: 1, 2: 3}
    assert market.utility_of(1) == {1: 2}
    assert market.weight_by_option(np.array([0, 1]), np.array([2.0, 1.0])).tolist() == [2.0, 2.0, 6.0]
    empty = build_election(kind="approval", options=[Option("a", 0)], ballots=["a"], budget=1)
    with pytest.raises(TallyError, match=r"^the utility is one of cost, uniform, points$"):
        Market(empty, utility="joy")


def test_points_beyond_what_doubles_hold_are_refused():
    def market(points, weight):
        election = build_election(
            kind="scoring", options=[Option("a", 1)], ballots=[Ballot(["a"], [points], weight=weight)], budget=1
        )
        return Market(election, utility="points")

    assert market(2**40, 2**12).force == [2**52]
    with pytest.raises(TallyError, match=r"^the ballots give more points than Equal Shares can count$"):
        market(2**40, 2**12 + 1)


def test_the_ledger_keeps_one_denominator():
    election = build_election(
        kind="approval", options=[Option("a", 4), Option("b", 6)], ballots=["a", ["a", "b"], "b"], budget=9
    )
    market = Market(election, utility="cost")
    ledger = Ledger(market, Fraction(7, 2))
    assert (ledger.denominator, ledger.endowment) == (2, 7)
    ledger.add(0, 0, 2)
    assert ledger.fraction(ledger.prices[0]) == 2
    ledger.add(1, 0, 4)
    assert [ledger.fraction(ledger.prices[i]) for i in (0, 1)] == [2, Fraction(3, 2)]
    assert ledger.fraction(ledger.balance(1)) == 0
    assert [ledger.fraction(ledger.balance(g)) for g in (0, 2)] == [Fraction(3, 2), 2]
    money, weight = ledger.held(np.array([0, 1, 2]))
    assert (ledger.fraction(money), weight) == (Fraction(7, 2), 3)
