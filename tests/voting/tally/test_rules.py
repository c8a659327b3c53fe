"""Each rule on an example worked by hand, with its ties and its edges."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from typing import Any

import pytest

from voting.tally import Ballot, Election, Option, Outcome, TallyError, build_election, count, pb
from voting.tally.ties import lot_from_seed


def town(costs: dict[str, int], ballots: list[Any], budget: int, **more: Any) -> Election:
    options = [Option(name, cost) for name, cost in costs.items()]
    return build_election(kind="approval", options=options, ballots=ballots, budget=budget, **more)


def motion(yes: int, no: int, abstain: int = 0, **rule: Any) -> Outcome:
    ballots = [Ballot(["yes"], weight=yes), Ballot(["no"], weight=no), Ballot(["abstain"], weight=abstain)]
    options = [Option("yes"), Option("no"), Option("abstain")]
    return count("majority", build_election(kind="choose-1", options=options, ballots=ballots), **rule)


def ward(ballots: dict[str, int], seats: int = 1, letters: str = "ABCDE") -> Election:
    return build_election(
        kind="ordinal", options=[Option(x) for x in letters], seats=seats,
        ballots=[Ballot(list(ranking), weight=weight) for ranking, weight in ballots.items()],
    )  # fmt: skip


def test_the_engine_is_imported_without_django() -> None:
    code = "import sys, voting.tally; sys.exit(any(m.split('.')[0] == 'django' for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_greedy_skips_what_no_longer_fits_and_says_by_how_much() -> None:
    outcome = count(
        "greedy",
        town({"park": 70, "well": 60, "bench": 30}, [["park", "well"], ["park"], ["well", "park"], ["bench"]], 100),
    )
    assert outcome.winners == ("park", "bench")
    well = outcome.options["well"]
    assert (well.code, well.numbers["left"], well.numbers["short_by"]) == ("too_dear", 30, 30)
    assert well.margin is not None
    # Level with the park the cheaper well comes first.
    assert (well.margin.votes, well.margin.votes_exact, well.margin.cost) == (1, True, 30)


def test_greedy_without_skipping_stops_there() -> None:
    election = town(
        {"park": 70, "well": 60, "bench": 30}, [["park", "well"], ["park"], ["well", "park"], ["bench"]], 100
    )
    outcome = count("greedy-no-skip", election)
    assert outcome.winners == ("park",)
    assert outcome.options["bench"].code == "after_stop"
    assert outcome.options["bench"].numbers["stopped_at"] == "well"


def test_poznan_pays_the_first_that_does_not_fit_when_four_fifths_are_there() -> None:
    votes = [["park", "well"], ["park"], ["park", "well"]]
    assert count("poznan-80", town({"park": 70, "well": 60}, votes, 118)).winners == ("park", "well")
    assert count("poznan-80", town({"park": 70, "well": 60}, votes, 117)).winners == ("park",)


def test_trap_8_equal_votes_go_to_the_cheaper_then_by_lot() -> None:
    election = town({"a": 50, "b": 40, "c": 40}, [["a", "b", "c"]], 50)
    outcome = count("greedy", election, lot_order=["c", "b", "a"])
    assert outcome.winners == ("c",)
    assert outcome.ties == ({"over": "order", "votes": 1, "tied": ["c", "b", "a"], "criterion": "lot", "chosen": "c"},)
    assert count("greedy", election, ties=["max_cost"]).winners == ("a",)


def test_a_lot_drawn_from_a_seed_can_be_drawn_again() -> None:
    election = town({"a": 5, "b": 5, "c": 5}, [["a", "b", "c"]], 5)
    outcome = count("greedy", election, seed="22 November")
    assert outcome.parameters["lot_order"] == list(lot_from_seed("abc", "22 November"))
    assert outcome.winners == (outcome.parameters["lot_order"][0],)


def test_free_options_come_first_and_options_without_votes_only_when_asked() -> None:
    election = town({"a": 5, "free": 0, "nobody": 1}, [["a"], ["a", "free"]], 9)
    assert count("greedy", election).winners == ("free", "a")
    assert count("greedy", election, fund_zero_votes=True).winners == ("free", "a", "nobody")


def test_equal_shares_by_hand() -> None:
    """Four voters hold 25 each. The well costs 20 each of two; then the bench 20 of one; the park cannot be paid."""
    election = town(
        {"park": 90, "well": 40, "bench": 20}, [["park", "well"], ["park", "well"], ["park"], ["bench"]], 100
    )
    outcome = count("equal-shares", election, completion="none")
    assert [(r["option"], r["price"], r["effective_votes"]) for r in outcome.rounds] == [
        ("well", 20, 2),
        ("bench", 20, 1),
    ]
    park = outcome.options["park"]
    assert (park.code, park.numbers["money_behind"], park.numbers["short_by"]) == ("unaffordable", 35, 55)
    assert outcome.as_dict()["options"]["park"]["numbers"]["short_by"] == "55"


def test_the_poor_pay_all_they_have_and_the_rich_the_rest() -> None:
    election = town({"a": 2, "b": 6}, [["a", "b"], ["a", "b"], ["b"]], 9)
    outcome = count("equal-shares", election, completion="none", utility="uniform")
    assert [(r["option"], r["price"], r["paid_in_full"]) for r in outcome.rounds] == [("a", 1, 2), ("b", 2, 3)]
    tight = count(
        "equal-shares", town({"a": 4, "b": 5}, [["a", "b"], ["a", "b"], ["b"]], 9), completion="none", utility="uniform"
    )
    assert [(r["option"], r["price"], r["paid_in_full"], r["paid_all_they_had"]) for r in tight.rounds] == [
        ("b", Fraction(5, 3), 3, 0)
    ]


def test_trap_4_everything_affordable_is_funded_without_a_climb() -> None:
    outcome = count("equal-shares", town({"a": 50, "b": 40}, [["a"], ["b"], ["a"]], 90))
    assert (outcome.winners, outcome.facts["stop"]) == (("a", "b"), "all affordable")
    assert outcome.options["b"].code == "selected_all_affordable"


def test_trap_5_money_that_is_just_enough_is_enough() -> None:
    outcome = count("equal-shares", town({"a": 100, "b": 1}, [["a"], ["a"], ["a"]], 100), completion="none")
    assert outcome.winners == ("a",)
    assert outcome.rounds[0]["price"] == Fraction(100, 3)


def test_trap_3_one_voter_and_a_dear_project_need_no_million_runs() -> None:
    outcome = count(
        "equal-shares", town({"a": 10**9, "b": 10**9 + 1, "c": 3}, [["a"], ["b"], ["c"], ["c"]], 10**9 + 10)
    )
    assert outcome.facts["increments"] > 10**8
    assert len(outcome.facts["tried"]) < 20
    assert outcome.winners == ("c", "a")


def test_phragmen_buys_when_supporters_have_saved_enough() -> None:
    election = town(
        {"park": 90, "well": 40, "bench": 20}, [["park", "well"], ["park", "well"], ["park"], ["bench"]], 100
    )
    outcome = count("phragmen", election)
    # Both could be bought at time 20; the cheaper comes first.
    assert [(r["option"], r["time"]) for r in outcome.rounds] == [("bench", 20), ("well", 20)]
    assert outcome.options["park"].code == "too_dear"


def test_trap_16_more_winners_than_a_recursion_could_hold() -> None:
    costs = {f"p{i}": 1 for i in range(1300)}
    election = town(costs, [[name] for name in costs], 1300)
    for rule in ("equal-shares", "phragmen", "greedy"):
        more = {"completion": "none"} if rule == "equal-shares" else {}
        assert len(count(rule, election, **more).winners) == 1300


@pytest.mark.parametrize(
    ("votes", "rule", "verdict"),
    [
        ((5, 5), {}, "tie"),
        ((5, 5), {"casting_vote": "yes"}, "carried"),
        ((6, 5), {}, "carried"),
        ((66, 33), {"threshold": "2/3"}, "lost"),
        ((66, 33), {"threshold": "2/3", "operator": ">="}, "carried"),
        ((665, 333), {"threshold": "2/3", "operator": ">="}, "lost"),
        ((5, 3, 3), {"base": "present", "present": 11}, "lost"),
        ((6, 3, 2), {"base": "present", "present": 11}, "carried"),
        ((50, 3), {"base": "members", "members": 100}, "lost"),
        ((51, 3), {"base": "members", "members": 100}, "carried"),
        ((24, 3), {"and_threshold": "1/4", "members": 100}, "lost"),
        ((25, 3), {"and_threshold": "1/4", "members": 100}, "carried"),
        ((4, 0), {"quorum": "1/20", "members": 100}, "no_quorum"),
        ((5, 0), {"quorum": "1/20", "members": 100}, "carried"),
        ((0, 0, 9), {}, "no_valid_ballots"),
    ],
)
def test_a_motion_is_decided_by_the_inequality(votes: tuple[int, ...], rule: dict[str, Any], verdict: str) -> None:
    outcome = motion(*votes, **rule)
    assert outcome.verdict == verdict
    assert outcome.options["yes"].code == verdict
    margin = outcome.options["yes"].margin
    if (
        verdict in ("carried", "lost")
        and margin is not None
        and margin.votes is not None
        and not rule.get("casting_vote")
    ):
        change = -margin.votes if verdict == "carried" else margin.votes
        assert motion(votes[0] + change, *votes[1:], **rule).verdict != verdict
        nearly = change + (1 if change < 0 else -1)
        assert motion(votes[0] + nearly, *votes[1:], **rule).verdict in (verdict, "tie")


def test_consensus_allows_so_many_objections() -> None:
    options = [Option("yes"), Option("no"), Option("abstain")]
    election = build_election(kind="choose-1", options=options, ballots=["yes", "yes", "no"])
    assert count("consensus", election).verdict == "lost"
    assert count("consensus", election, objections=1).verdict == "carried"


def test_plurality_ties_are_settled_by_the_list_or_all_win() -> None:
    election = build_election(
        kind="choose-1", options=[Option("a"), Option("b"), Option("c")], ballots=["a", "b", "a", "b"]
    )
    assert count("plurality", election, ties=["id_lex"]).winners == ("a",)
    assert count("plurality", election, all_winners=True).winners == ("a", "b")
    assert count("plurality", election, more_than=Fraction(1, 2)).winners == ()


def test_trap_18_an_overvote_ends_the_ballot_or_is_passed_over() -> None:
    options = [Option(x) for x in "ABC"]
    ballots = [Ballot([("A", "B"), "C"], weight=3), Ballot(["A"], weight=2), Ballot(["C"], weight=1)]
    election = build_election(kind="ordinal", options=options, ballots=ballots)
    assert count("irv", election).winners == ("A",)
    assert count("irv", election, overvote="skip").winners == ("C",)
    with pytest.raises(TallyError, match="cannot share a ballot"):
        count("irv", election, overvote="tie")


def test_trap_19_a_surplus_of_nought_is_no_stage_and_vacant_seats_are_said() -> None:
    outcome = count("stv-scottish", ward({"AB": 34, "B": 20, "CD": 26, "DC": 20}, seats=2, letters="ABCD"))
    assert outcome.facts["quota"] == 34
    assert "surplus" not in [r["action"] for r in outcome.rounds]
    few = count("stv-scottish", ward({"A": 3, "B": 1}, seats=3, letters="AB"))
    assert (few.winners, few.facts["vacant"]) == (("A", "B"), 1)


def test_trap_20_the_last_vacancies_are_filled_without_another_transfer() -> None:
    outcome = count("stv-scottish", ward({"A": 9, "B": 5, "C": 4, "D": 3, "E": 3}, seats=2), ties=["file_order"])
    assert outcome.winners == ("A", "B")
    assert outcome.options["B"].code == "elected_without_quota"


def test_trap_21_each_ballot_is_cut_down_by_itself() -> None:
    """Seven ballots, quota five: value 2/7 cut to 0.28571 each, three go to C with 0.85713 and not 0.85714."""
    outcome = count("stv-scottish", ward({"AC": 3, "AD": 4, "C": 4, "D": 1}, seats=2, letters="ABCD"))
    assert outcome.rounds[1]["votes"]["C"] == "4.85713"


def test_trap_22_winning_votes_and_margins_can_differ() -> None:
    """A classic cycle: by winning votes A, by margins C."""
    cycle = ward({"ABC": 8, "BCA": 7, "CAB": 6, "B": 3, "C": 3}, letters="ABC")
    by_votes, by_margins = (count("schulze", cycle, strength=s, all_winners=True) for s in ("winning-votes", "margins"))
    assert by_votes.facts["condorcet_winner"] is None
    assert by_votes.facts["paths"] != by_margins.facts["paths"]


def test_trap_23_borda_variants_differ_on_short_ballots() -> None:
    short = ward({"A": 4, "BCA": 3, "CBA": 2}, letters="ABC")
    sums = {v: count("borda", short, variant=v).rounds[0]["votes"] for v in ("averaged", "ranked-only", "pabulib")}
    assert sums["averaged"] == {"A": 8, "B": 10, "C": 9}
    assert sums["ranked-only"] == {"A": 8, "B": 8, "C": 7}
    assert sums["pabulib"] == {"A": 9, "B": 13, "C": 12}


def test_trap_26_huge_weights_are_exact() -> None:
    big = ward({"AB": 10**8 + 1, "BA": 10**8, "C": 3}, seats=2, letters="ABC")
    assert count("stv-scottish", big).winners == ("A", "B")
    assert count("stv-meek", big).winners == ("A", "B")
    assert count("irv", big).rounds[0]["votes"]["A"] == 10**8 + 1
    with pytest.raises(TallyError, match="more ballots"):
        count("stv-scottish", ward({"A": 10**9}))


def test_unknown_rules_parameters_and_ballots_are_refused_in_plain_words() -> None:
    election = town({"a": 1}, [["a"]], 1)
    for rule, more, said in (
        ("gredy", {}, "unknown rule 'gredy'"),
        ("greedy", {"colour": 1}, "has no parameter 'colour'"),
        ("irv", {}, "cannot count approval ballots"),
        ("greedy", {"ties": ["coin"]}, "unknown tie-break 'coin'"),
        ("greedy", {"lot_order": ["b"]}, "the lot order must name every option exactly once"),
        ("equal-shares", {"completion": "add2"}, "the completion is one of"),
        ("equal-shares", {"increment": 0}, "the increment must be more than nothing"),
    ):
        with pytest.raises(TallyError, match=said):
            count(rule, election, **more)
    with pytest.raises(TallyError, match="unknown option: 'x'"):
        town({"a": 1}, [["x"]], 1)
    with pytest.raises(TallyError, match="needs a budget"):
        count("greedy", build_election(kind="approval", options=[Option("a")], ballots=[["a"]]))


def test_amounts_in_trails_are_written_as_decimals_and_other_fractions_as_quotients() -> None:
    file = pb.parse(
        "META\nkey;value\nbudget;10.50\nvote_type;approval\nPROJECTS\nproject_id;cost\na;3.25\nVOTES\nvoter_id;vote\n1;a\n2;a\n3;a\n"
    )
    trail = count("equal-shares", file.election(), completion="none").as_dict()
    assert (trail["total_cost"], trail["unspent"]) == ("3.25", "7.25")
    assert (trail["rounds"][0]["price"], trail["facts"]["endowment"]) == ("13/12", "7/2")
