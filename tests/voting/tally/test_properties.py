"""What must hold in every election: axioms, and that order, grouping, scale and names change nothing."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.voting.tally.elections import approvals, points, rankings
from voting.tally import RULES, Ballot, Election, Option, build_election, count, verify

MONEY = ["greedy", "greedy-no-skip", "greedy-per-cost", "poznan-80", "equal-shares", "phragmen"]
RANKED = ["irv", "stv-scottish", "stv-meek", "borda", "schulze", "condorcet"]
COMPLETIONS = ["none", "add1", "add1e", "none+u", "add1+u", "add1e+u"]


def as_ballots(election: Election, *, ids: dict[str, str] | None = None, split: bool = False) -> list[Ballot]:
    """The ballots of an election again, one by one or grouped."""
    names = [ids[i] if ids else i for i in election.ids]
    listed = []
    for choices, beside, weight in election.ballots.rows():
        ranking: list[Any] = []
        given_points: list[Fraction] = []
        for choice, side in zip(choices, beside, strict=True):
            if election.ballots.points is not None:
                ranking.append(names[choice])
                given_points.append(Fraction(side, election.ballots.unit))
            elif side:
                last = ranking.pop()
                ranking.append((*(last if isinstance(last, tuple) else (last,)), names[choice]))
            else:
                ranking.append(names[choice])
        listed += (
            [Ballot(ranking, given_points, 1) for _ in range(weight)]
            if split
            else [Ballot(ranking, given_points, weight)]
        )
    return listed


def rebuilt(election: Election, ballots: list[Ballot], options: tuple[Option, ...] | None = None) -> Election:
    return build_election(
        kind=election.kind, options=options or election.options, ballots=ballots, budget=election.budget,
        seats=election.seats, blanks=election.blanks,
    )  # fmt: skip


@given(approvals(), st.sampled_from(MONEY), st.randoms(use_true_random=False))
def test_order_and_grouping_of_ballots_change_no_bit(town: Election, rule: str, chance: random.Random) -> None:
    ballots = as_ballots(town, split=True)
    chance.shuffle(ballots)
    assert count(rule, rebuilt(town, ballots)).canonical() == count(rule, town).canonical()


@given(rankings(equal=True), st.sampled_from(RANKED), st.randoms(use_true_random=False))
def test_order_and_grouping_of_rankings_change_no_bit(ward: Election, rule: str, chance: random.Random) -> None:
    ballots = as_ballots(ward, split=True)
    chance.shuffle(ballots)
    assert count(rule, rebuilt(ward, ballots)).canonical() == count(rule, ward).canonical()


@given(approvals(), st.sampled_from(MONEY), st.integers(2, 1000))
def test_counting_in_cents_changes_no_winner(town: Election, rule: str, scale: int) -> None:
    finer = replace(
        town,
        options=tuple(replace(option, cost=option.cost * scale) for option in town.options),
        budget=Fraction(town.budget or 0) * scale,
    )
    more = {"increment": scale} if rule == "equal-shares" else {}
    assert count(rule, finer, **more).winners == count(rule, town).winners


@given(st.one_of(approvals(), rankings()), st.data())
def test_other_names_give_the_same_winners_renamed(election: Election, data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(MONEY if election.kind == "approval" else RANKED))
    new = {name: f"n{position}" for position, name in enumerate(election.ids)}
    options = tuple(replace(option, id=new[option.id]) for option in election.options)
    renamed = rebuilt(election, as_ballots(election, ids=new), options)
    ties = ["file_order"]
    assert count(rule, renamed, ties=ties).winners == tuple(new[w] for w in count(rule, election, ties=ties).winners)


@given(approvals(), st.data())
def test_another_supporter_never_harms_in_greedy(town: Election, data: st.DataObject) -> None:
    winners = count("greedy", town).winners
    if not winners:
        return
    favourite = data.draw(st.sampled_from(winners))
    more = rebuilt(town, [*as_ballots(town), Ballot([favourite])])
    assert favourite in count("greedy", more).winners


@given(approvals(), st.sampled_from(MONEY))
def test_no_rule_spends_more_than_the_budget(town: Election, rule: str) -> None:
    outcome = count(rule, town)
    if rule == "equal-shares" and outcome.facts["stop"] == "overshoot" and not outcome.facts["increments"]:
        return
    if rule != "poznan-80":
        assert 0 <= outcome.total_cost <= (town.budget or 0)
        assert outcome.total_cost + (outcome.unspent or 0) == town.budget


@given(approvals(), st.sampled_from(COMPLETIONS))
def test_equal_shares_payments_add_up_to_the_cost(town: Election, completion: str) -> None:
    outcome = count("equal-shares", town, completion=completion)
    balance = [Fraction(outcome.facts["endowment"])] * town.ballots.total
    people = [set(ballot.choices) for ballot in as_ballots(town, split=True)]
    for step in outcome.rounds:
        paid = Fraction(0)
        for i, liked in enumerate(people):
            if step["option"] in liked:
                payment = min(balance[i], step["price"])
                balance[i] -= payment
                paid += payment
        assert paid == step["cost"]
    assert all(rest >= 0 for rest in balance)
    if completion.endswith("+u"):
        rest = [o for o in town.options if o.id not in outcome.winners and town.supporters[town.place[o.id]]]
        assert all(option.cost > (outcome.unspent or 0) for option in rest)


@given(approvals(most_ballots=7))
def test_equal_shares_leaves_no_cohesive_group_without_its_project(town: Election) -> None:
    """EJR up to one project: who together could pay for T has a member with as much of it, but for one project."""
    outcome = count("equal-shares", town, completion="none", utility="uniform")
    people = [set(ballot.choices) for ballot in as_ballots(town, split=True)]
    n = len(people)
    for size in range(1, len(town.options) + 1):
        for together in combinations(town.ids, size):
            cost = sum(town.options[town.place[name]].cost for name in together)
            group = [liked for liked in people if set(together) <= liked]
            if group and cost * n <= len(group) * Fraction(town.budget or 0):
                assert any(len(liked & set(outcome.winners)) >= size - 1 for liked in group)


@given(rankings())
def test_schulze_finds_the_condorcet_winner(ward: Election) -> None:
    winner = count("condorcet", ward).winners
    for strength in ("winning-votes", "margins"):
        if winner:
            assert count("schulze", ward, strength=strength).winners == winner


@given(rankings(), st.sampled_from(["stv-scottish", "stv-meek"]))
def test_stv_gives_a_solid_coalition_its_share(ward: Election, rule: str) -> None:
    outcome = count(rule, ward)
    ballots = as_ballots(ward, split=True)
    standing = [option.id for option in ward.options if not option.withdrawn]
    for size in range(1, len(standing) + 1):
        for members in combinations(standing, size):
            solid = [
                b
                for b in ballots
                if {c for c in b.choices if c in standing}
                and set([c for c in b.choices if c in standing][:size]) == set(members)
            ]
            # A whole quota and a little, because truncation and rounding may lose some thousandths of a vote.
            seats = int(len(solid) * (ward.seats + 1) / (outcome.n + ward.seats + 1)) if outcome.n else 0
            assert len(set(outcome.winners) & set(members)) >= min(seats, size, ward.seats)


@given(rankings(), st.sampled_from(["stv-scottish", "stv-meek"]))
def test_stv_fills_all_seats_that_can_be_filled(ward: Election, rule: str) -> None:
    outcome = count(rule, ward)
    standing = sum(1 for option in ward.options if not option.withdrawn)
    assert len(outcome.winners) == min(ward.seats, standing)
    assert outcome.facts["vacant"] == ward.seats - len(outcome.winners)


@given(rankings())
def test_running_on_to_two_elects_the_same_in_instant_runoff(ward: Election) -> None:
    assert count("irv", ward).winners == count("irv", ward, run_to_two=True).winners


@given(st.one_of(approvals(least_cost=0), points()), st.data())
def test_every_trail_about_money_verifies(town: Election, data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from([*MONEY, "greedy-threshold"]))
    more: dict[str, Any] = {"blank_in_n": data.draw(st.booleans()), "seed": "a seed"}
    if rule == "equal-shares":
        more["utility"] = data.draw(st.sampled_from(["cost", "uniform", "points"]))
        more["completion"] = data.draw(st.sampled_from(COMPLETIONS))
        more["comparison"] = data.draw(st.sampled_from([None, "satisfaction", "exclusion"]))
    if rule == "greedy-threshold":
        more["threshold"] = data.draw(st.integers(0, 4))
    outcome = count(rule, town, **more)
    verify.check(town, json.loads(outcome.canonical()))


@given(rankings(equal=True), st.data())
def test_every_trail_of_rankings_verifies(ward: Election, data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(RANKED))
    pairwise = rule in ("borda", "schulze", "condorcet")
    more: dict[str, Any] = {
        "overvote": data.draw(st.sampled_from(["exhaust", "skip", "tie"] if pairwise else ["exhaust", "skip"]))
    }
    if rule == "borda":
        more["variant"] = data.draw(st.sampled_from(["averaged", "ranked-only", "pabulib"]))
    if "all_winners" in RULES[rule].parameters:
        more["all_winners"] = data.draw(st.booleans())
    verify.check(ward, json.loads(count(rule, ward, **more).canonical()))


@settings(max_examples=25)
@given(approvals(), st.sampled_from(["greedy", "greedy-no-skip", "greedy-per-cost"]))
def test_exact_margins_of_greedy_are_the_least_that_change_the_fate(town: Election, rule: str) -> None:
    outcome = count(rule, town)
    ballots = as_ballots(town, split=True)
    for name, reason in outcome.options.items():
        margin = reason.margin
        if margin is None or not margin.votes_exact or margin.votes is None:
            continue
        won = name in outcome.winners

        def with_change(change: int, name: str = name, won: bool = won) -> bool:
            if not won:
                return name in count(rule, rebuilt(town, [*ballots, *[Ballot([name])] * change])).winners
            left, fewer = change, []
            for ballot in ballots:
                if left and name in ballot.choices:
                    left -= 1
                    fewer.append(Ballot([c for c in ballot.choices if c != name]))
                else:
                    fewer.append(ballot)
            return name in count(rule, rebuilt(town, fewer)).winners

        assert with_change(margin.votes) is not won
        assert with_change(margin.votes - 1) is won


@given(rankings(most_options=4))
def test_exact_margins_of_instant_runoff_are_the_least_that_elect(ward: Election) -> None:
    outcome = count("irv", ward)
    ballots = as_ballots(ward)
    for name, reason in outcome.options.items():
        margin = reason.margin
        if margin is not None and margin.votes_exact and margin.votes is not None:
            for change in {margin.votes, max(margin.votes - 1, 0)}:
                more = rebuilt(ward, [*ballots, Ballot([name], weight=change)])
                assert (count("irv", more).winners == (name,)) is (change == margin.votes)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_an_empty_ballot_box_has_an_outcome(rule: str) -> None:
    kind = sorted(RULES[rule].kinds)[-1]
    options = [Option("yes", 5), Option("no", 5)]
    election = build_election(kind=kind, options=options, ballots=[], budget=7)
    outcome = count(rule, election)
    verify.check(election, json.loads(outcome.canonical()))
    if RULES[rule].needs_budget or rule not in ("stv-scottish", "stv-meek", "borda"):
        assert outcome.winners == ()
