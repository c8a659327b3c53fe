"""Margins: what is called exact is the least that changes the fate, what is called a bound suffices."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.voting.tally.elections import approvals, points, rankings, with_districts
from voting.tally import Ballot, Election, Margin, Option, build_election, count
from voting.tally.margins import with_cost, with_more

MOST = 60
"""So many more votes are tried one by one; a bound beyond that is tried alone."""
LITTLE = Fraction(1, 1000)


def without(election: Election, name: str, fewer: int) -> Election:
    """The same election where so many of the ballots that mark it leave it out; one that named nothing else is blank."""
    ballots: list[Ballot] = []
    left = fewer
    for choices, _, weight in election.ballots.rows():
        marked = [election.ids[choice] for choice in choices]
        for _ in range(weight):
            if left and name in marked:
                left -= 1
                ballots.append(Ballot([other for other in marked if other != name]))
            else:
                ballots.append(Ballot(marked))
    return build_election(
        kind=election.kind, options=election.options, ballots=ballots, budget=election.budget, seats=election.seats
    )


def prove(rule: str, election: Election, **more: Any) -> None:
    """Every margin of the outcome is tried by counting again."""
    outcome = count(rule, election, **more)
    for i, name in enumerate(election.ids):
        margin = outcome.options[name].margin
        if margin is None:
            continue

        def elects(changed: Election, name: str = name) -> bool:
            return name in count(rule, changed, **more).winners

        won = name in outcome.winners
        if margin.votes is not None and not won:
            assert margin.votes >= 1
            assert elects(with_more(election, i, margin.votes)), (name, margin)
            if margin.votes_exact:
                for fewer in range(1, min(margin.votes, MOST)):
                    assert not elects(with_more(election, i, fewer)), (name, margin, fewer)
        elif margin.votes is not None and election.ballots.points is None:
            assert not elects(without(election, name, margin.votes)), (name, margin)
            if margin.votes_exact:
                assert all(elects(without(election, name, fewer)) for fewer in range(margin.votes)), (name, margin)
        if margin.cost is not None:
            prove_cost(election, i, margin, won, elects)


def prove_cost(election: Election, i: int, margin: Margin, won: bool, elects: Any) -> None:
    cost = Fraction(election.costs[i])
    assert margin.cost is not None
    if won:
        assert margin.cost >= 0
        assert not elects(with_cost(election, i, cost + margin.cost + LITTLE)), (i, margin)
        if margin.cost_exact:
            assert elects(with_cost(election, i, cost + margin.cost)), (i, margin)
    else:
        assert 0 < margin.cost <= cost
        assert elects(with_cost(election, i, cost - margin.cost)), (i, margin)
        if margin.cost_exact and margin.cost > LITTLE:
            assert not elects(with_cost(election, i, cost - margin.cost + LITTLE)), (i, margin)


LISTS = [["min_cost", "max_votes", "lot"], ["max_votes", "id_lex"], ["max_cost", "file_order"], ["lot"]]
GREEDY = ["greedy", "greedy-no-skip", "greedy-per-cost", "poznan-80", "greedy-threshold"]


@given(st.one_of(approvals(least_cost=0), points()), st.sampled_from(GREEDY), st.sampled_from(LISTS), st.integers(0, 3))
def test_margins_of_the_greedy_family(town: Election, rule: str, ties: list[str], bar: int) -> None:
    prove(rule, town, ties=ties, **{"threshold" if rule == "greedy-threshold" else "minimum_votes": bar})


@given(with_districts(), st.sampled_from(GREEDY), st.sampled_from(LISTS))
def test_margins_of_the_greedy_family_with_sets_and_floors(town: Any, rule: str, ties: list[str]) -> None:
    election, modifiers = town
    prove(rule, election, ties=ties, **modifiers)


@given(st.one_of(approvals(), points()), st.sampled_from(["none", "add1", "add1e+u"]), st.sampled_from(LISTS))
def test_bounds_of_equal_shares(town: Election, completion: str, ties: list[str]) -> None:
    for utility in ("cost", "uniform", "points"):
        prove("equal-shares", town, completion=completion, ties=ties, utility=utility)


@settings(max_examples=15)
@given(with_districts(), st.sampled_from(["none", "add1", "add1e", "none+u"]))
def test_bounds_of_equal_shares_with_sets_and_floors(town: Any, completion: str) -> None:
    election, modifiers = town
    prove("equal-shares", election, completion=completion, **modifiers)


@settings(max_examples=12)
@given(approvals(most_ballots=6), st.sampled_from(["none", "add1", "add1+u"]), st.sampled_from([None, "satisfaction"]))
def test_recounted_margins_of_equal_shares(town: Election, completion: str, comparison: str | None) -> None:
    prove("equal-shares", town, completion=completion, comparison=comparison, margins="recount")


def test_a_recount_beyond_32_votes_is_a_bound_and_says_so() -> None:
    ballots = [Ballot(["big"], weight=900), Ballot(["small"], weight=3)]
    town = build_election(
        kind="approval", options=[Option("big", 900), Option("small", 200)], ballots=ballots, budget=1000
    )
    quick, slow = (
        count("equal-shares", town, completion="none", margins=m).options["small"].margin for m in ("bound", "recount")
    )
    assert quick == Margin(votes=226, cost=Fraction(200) - Fraction(3000, 903))
    assert slow is not None
    assert (slow.votes, slow.votes_exact) == (222, False)


@given(st.one_of(approvals(), points()), st.sampled_from(["stop", "skip"]), st.sampled_from(LISTS))
def test_bounds_of_phragmen(town: Election, variant: str, ties: list[str]) -> None:
    prove("phragmen", town, variant=variant, ties=ties)


@given(with_districts(), st.sampled_from(["stop", "skip"]))
def test_bounds_of_phragmen_with_sets_and_floors(town: Any, variant: str) -> None:
    election, modifiers = town
    prove("phragmen", election, variant=variant, **modifiers)


@given(
    approvals(), st.sampled_from(LISTS), st.integers(1, 3), st.booleans(), st.sampled_from([None, "1/2", "1/3", "1"])
)
def test_margins_of_approval(town: Election, ties: list[str], seats: int, all_winners: bool, share: str | None) -> None:
    more = {} if share is None else {"more_than": Fraction(share)}
    election = build_election(
        kind="approval", options=town.options, seats=seats,
        ballots=[Ballot([town.ids[c] for c in choices], weight=w) for choices, _, w in town.ballots.rows()],
    )  # fmt: skip
    prove("approval", election, ties=ties, all_winners=all_winners, **more)


@given(
    st.lists(st.sampled_from("abcd"), max_size=12),
    st.integers(1, 3),
    st.booleans(),
    st.sampled_from([None, "1/2", "1/3"]),
)
def test_margins_of_plurality(ballots: list[str], seats: int, all_winners: bool, share: str | None) -> None:
    more = {} if share is None else {"more_than": Fraction(share)}
    election = build_election(kind="choose-1", options=[Option(x) for x in "abcd"], ballots=ballots, seats=seats)
    prove("plurality", election, all_winners=all_winners, **more)
    for variant in ("averaged", "ranked-only", "pabulib"):
        prove("borda", election, variant=variant)


@given(points(), st.sampled_from(["points", "score"]), st.sampled_from(LISTS))
def test_bounds_of_points(town: Election, rule: str, ties: list[str]) -> None:
    prove(rule, town, ties=ties)


@given(rankings(equal=True), st.data())
def test_margins_of_ranked_rules(ward: Election, data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(["stv-scottish", "stv-meek", "schulze", "condorcet", "borda"]))
    more: dict[str, Any] = {}
    if rule == "borda":
        more = {"variant": data.draw(st.sampled_from(["averaged", "ranked-only", "pabulib"]))}
    prove(rule, ward, **more)


@given(rankings(most_options=5, equal=True), st.data())
def test_margins_of_instant_runoff(ward: Election, data: st.DataObject) -> None:
    standing = [option.id for option in ward.options if not option.withdrawn]
    pile = data.draw(st.sampled_from([[], standing[:1], standing[:2]]))
    more = {"write_ins": pile} if len(pile) < len(standing) else {}
    prove("irv", ward, batch=data.draw(st.booleans()), run_to_two=data.draw(st.booleans()), **more)


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 3), st.data())
def test_margins_of_motions(yes: int, no: int, abstain: int, data: st.DataObject) -> None:
    """More votes come from people who did not vote; fewer were not cast."""
    options = [Option("yes"), Option("no"), Option("abstain")]
    share = data.draw(st.sampled_from(["1/2", "2/3", "3/4", "1", "1/10", "0"]))
    rule: dict[str, Any] = {
        "threshold": share,
        "operator": data.draw(st.sampled_from([">", ">="])),
        "base": data.draw(st.sampled_from(["cast", "ballots", "present", "register", "members"])),
        "present": 30,
        "members": 40,
        "register": 35,
    }
    if data.draw(st.booleans()):
        rule |= {"and_threshold": "1/5", "and_base": "members"}
    if data.draw(st.booleans()):
        rule |= {"quorum": "1/10", "present": None, "base": "cast"}

    def verdict(yes: int) -> str:
        ballots = [Ballot(["yes"], weight=yes), Ballot(["no"], weight=no), Ballot(["abstain"], weight=abstain)]
        return count("majority", build_election(kind="choose-1", options=options, ballots=ballots), **rule).verdict

    ballots = [Ballot(["yes"], weight=yes), Ballot(["no"], weight=no), Ballot(["abstain"], weight=abstain)]
    outcome = count("majority", build_election(kind="choose-1", options=options, ballots=ballots), **rule)
    margin = outcome.options["yes"].margin
    if margin is None or margin.votes is None:
        return
    sign = -1 if outcome.verdict == "carried" else 1
    assert (verdict(yes + sign * margin.votes) == "carried") is (sign == 1)
    if margin.votes_exact:
        for nearer in range(margin.votes):
            assert (verdict(yes + sign * nearer) == "carried") is (sign == -1)
