"""Runs by doubles alone buy what a count on fractions buys, or say that they cannot tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voting.tally import data
from voting.tally import Ballot, Option, build_election
from voting.tally.buyer import run
from voting.tally.lockstep import Lockstep, Start, _Lanes
from voting.tally.market import Market, Run
from voting.tally.solo import Solo
from voting.tally.ties import TieBreak
from voting.tally.types import Number

COSTS: list[Number] = [1, 2, 3, 6, 7, 30, 30, 31, 99, 100, 10**6, 10**6 + 1, Fraction(1, 2), Fraction(10**6, 7)]
Sets = dict[int, frozenset[int]]


@st.composite
def markets(draw: st.DrawFn) -> tuple[Market, TieBreak]:
    """A few options, many of them as good as others, and groups of any weight."""
    kind = draw(st.sampled_from(["approval", "cumulative", "ordinal"]))
    ids = [f"p{i}" for i in range(draw(st.integers(2, 7)))]
    options = [Option(name, draw(st.sampled_from([Fraction(0), *COSTS]))) for name in ids]
    ballots = []
    for choices in draw(st.lists(st.lists(st.sampled_from(ids), unique=True, min_size=1), min_size=1, max_size=14)):
        points = [draw(st.sampled_from([1, 2, 3, 10])) for _ in choices] if kind == "cumulative" else ()
        ballots.append(Ballot(choices, points, draw(st.sampled_from([1, 1, 1, 2, 3, 1000]))))
    town = build_election(kind=kind, options=options, ballots=ballots, budget=draw(st.sampled_from([50, 10**6, 10**7])))
    rivals: Sets = draw(st.sampled_from([{}, {0: frozenset({1}), 1: frozenset({0})}]))
    utility = draw(st.sampled_from(["cost", "uniform", "points"]))
    tie_break = TieBreak(
        town, draw(st.sampled_from([["min_cost", "max_votes", "lot"], ["id_lex"], ["max_cost", "lot"]]))
    )
    return Market(town, utility=utility, rivals=rivals), tie_break


def by_fractions(market: Market, endowment: Fraction, rank: Sequence[int], limit: Fraction) -> tuple[set[int], bool]:
    """What is bought, and whether it costs more than the limit: every group by itself, with nothing but fractions."""
    groups = range(market.groups)
    balance = dict.fromkeys(groups, endowment)
    weight = [int(w) for w in market.weights]
    use = [{i: Fraction(u) for i, u in market.utility_of(g).items()} for g in groups]
    left, bought, spent = set(market.supported), set[int](), Fraction(0)
    while True:
        offers = []
        for i in left:
            fans = [g for g in groups if i in use[g]]
            price = water_level([(balance[g] / use[g][i], weight[g] * use[g][i]) for g in fans], market.costs[i])
            if price is not None:
                offers.append((price / market.scale[i], rank[i], i, price))
        if not offers:
            return bought, False
        _, _, i, price = min(offers)
        for g in groups:
            if i in use[g]:
                balance[g] -= min(balance[g], price * use[g][i])
        bought.add(i)
        left -= {i, *market.rivals.get(i, ())}
        spent += market.costs[i]
        if spent > limit:
            return bought, True


def water_level(fans: list[tuple[Fraction, Fraction]], cost: Fraction) -> Fraction | None:
    """The least price at which these levels and pulls pay the cost."""
    if cost == 0:
        return Fraction(0)
    paid, pull = Fraction(0), sum((p for _, p in fans), start=Fraction(0))
    for level, own in sorted(fans):
        if (cost - paid) / pull <= level:
            return (cost - paid) / pull
        paid, pull = paid + level * own, pull - own
    return None


def runs(
    market: Market, tie_break: TieBreak, endowments: list[Fraction], limit: Fraction
) -> Iterator[list[Run | None]]:
    """The same endowments side by side and one by one."""
    plan = Lockstep(market, tie_break.rank, limit)
    if plan.usable:
        start = Start(plan, endowments)
        yield _Lanes(plan, start, endowments).run()
        yield [Solo(plan, start, lane).run(endowment) for lane, endowment in enumerate(endowments)]


@given(markets(), st.sampled_from([Fraction(1), Fraction(1, 3), Fraction(100), Fraction(10**5, 7)]), st.integers(1, 9))
def test_what_doubles_decide_is_what_fractions_decide(
    given_market: tuple[Market, TieBreak], step: Fraction, lanes: int
) -> None:
    market, tie_break = given_market
    limit = Fraction(market.election.budget or 0)
    endowments = [limit / market.election.voters() + k * step for k in range(lanes)]
    told = [by_fractions(market, endowment, tie_break.rank, limit) for endowment in endowments]
    for made in runs(market, tie_break, endowments, limit):
        for this, (bought, too_much) in zip(made, told, strict=True):
            if this is not None:
                assert this.aborted is too_much
                assert too_much or set(this.options) == bought
                assert too_much or this.spent == sum(market.costs[i] for i in bought)


@given(markets(), st.integers(0, 5))
def test_the_watched_run_is_what_fractions_decide(given_market: tuple[Market, TieBreak], k: int) -> None:
    market, tie_break = given_market
    limit = Fraction(market.election.budget or 0)
    endowment = limit / market.election.voters() + k
    bought, too_much = by_fractions(market, endowment, tie_break.rank, limit)
    this = run(market, endowment, tie_break, abort_above=limit)
    assert (set(this.options), this.aborted) == (bought, too_much)


def test_most_runs_of_a_real_election_are_settled_by_doubles() -> None:
    town = data.election("pb/Poland_Wieliczka_2023_Green_Budget.pb")
    market, tie_break = Market(town, utility="cost"), TieBreak(town, ["min_cost", "max_votes", "lot"])
    limit = Fraction(town.budget or 0)
    endowments = [limit / town.voters() + k for k in range(60, 76)]
    exact = [run(market, endowment, tie_break, abort_above=limit) for endowment in endowments]
    for made in runs(market, tie_break, endowments, limit):
        assert sum(this is None for this in made) <= 1
        for this, slow in zip(made, exact, strict=True):
            assert this is None or (this.options, this.spent) == (slow.options, slow.spent)


def town_of(costs: list[int], ballots: list[list[str]]) -> tuple[Market, TieBreak]:
    options = [Option(f"p{i}", cost) for i, cost in enumerate(costs)]
    town = build_election(kind="approval", options=options, ballots=ballots, budget=10**6)
    return Market(town, utility="cost"), TieBreak(town, ["lot"])


def test_what_is_bought_alike_by_all_is_bought_once() -> None:
    market, tie_break = town_of([60, 50, 900], [["p0", "p1"], ["p0", "p1"], ["p0", "p2"]])
    start = Start(Lockstep(market, tie_break.rank, Fraction(10**6)), [Fraction(50), Fraction(51)])
    assert (start.together, start.spent) == ([0, 1], 110)
    assert start.paid.tolist() == [(20 + 25) * start.unit, 20 * start.unit]
    assert 2 in start.gone


def test_an_exact_tie_of_those_who_pay_all_is_left_to_fractions() -> None:
    """p0 empties two voters; p1 and p2 then cost one third voter the same, who supports both and pays with the poor."""
    market, tie_break = town_of(
        [150, 110, 110], [["p0", "p1"], ["p0", "p2"], ["p0"], ["p1", "p2"], ["p1", "p2"]]
    )  # fmt: skip
    endowment = Fraction(60)
    exact = run(market, endowment, tie_break)
    assert exact.ties
    for made in runs(market, tie_break, [endowment], Fraction(10**6)):
        assert made == [None]


@pytest.mark.parametrize("more", [0, 1])
def test_money_that_is_just_enough_is_never_decided_by_doubles(more: int) -> None:
    market, tie_break = town_of([10, 20 + more], [["p0", "p1"], ["p0", "p1"]])
    for made in runs(market, tie_break, [Fraction(15)], Fraction(10**6)):
        assert made[0] is None or set(made[0].options) == ({0, 1} if more == 0 else {0})


def test_endowments_out_of_order_are_refused() -> None:
    market, tie_break = town_of([10, 20], [["p0"], ["p1"]])
    with pytest.raises(ValueError, match="from the least to the greatest"):
        Start(Lockstep(market, tie_break.rank, Fraction(99)), [Fraction(9), Fraction(8)])
