"""Scottish STV, stage by stage: quotas, surpluses cut to five decimals, exclusions, and what settles a tie."""

from __future__ import annotations

import pytest

from voting.tally import Ballot, Margin, Option, TallyError, build_election, count
from voting.tally.stv_scottish import enough_for_quota, five


def ward(ballots, letters="ABCD", seats=2, gone="", **more):
    return build_election(
        kind="ordinal", options=[Option(x, withdrawn=x in gone) for x in letters], seats=seats,
        ballots=[Ballot(ranking, weight=weight) for ranking, weight in ballots.items()], **more,
    )  # fmt: skip


def scottish(ballots, *rest, **more):
    rule = {name: more.pop(name) for name in ("overvote", "ties", "lot_order", "seed", "blank_in_n") if name in more}
    return count("stv-scottish", ward(ballots, *rest, **more), **rule)


def stages(outcome):
    return [
        (r["action"], r["option"], tuple(r["votes"].values()), r["moved"], r["non_transferable"], r["surplus"],
         r["elected"])
        for r in outcome.rounds
    ]  # fmt: skip


def test_a_count_of_five_stages_to_the_last_decimal():
    """21 ballots, two seats: quota 8. A has 13, so 5/13 of each: 0.38461. Six go to B, four to C, three to nobody."""
    outcome = scottish({"AB": 6, "AC": 4, "A": 3, "BD": 2, "CB": 3, "D": 1, "DC": 2}, blanks=1)
    assert outcome.facts == {"quota": 8, "vacant": 0, "overvoted": 0, "without_preference": 0}
    assert stages(outcome) == [
        ("first", None, ("13.00000", "2.00000", "3.00000", "3.00000"),
         {"A": "13.00000", "B": "2.00000", "C": "3.00000", "D": "3.00000"}, "0.00000", "0.00000", ["A"]),
        ("surplus", "A", ("8.00000", "4.30766", "4.53844", "3.00000"),
         {"B": "2.30766", "C": "1.53844"}, "1.15383", "5.00000", []),
        ("exclude", "D", ("8.00000", "4.30766", "6.53844", "0.00000"), {"C": "2.00000"}, "1.00000", "0.00000", []),
        ("exclude", "B", ("8.00000", "0.00000", "6.53844", "0.00000"), {}, "4.30766", "0.00000", ["C"]),
    ]  # fmt: skip
    assert outcome.winners == ("A", "C")
    assert [r["stage"] for r in outcome.rounds] == [1, 2, 3, 4]
    assert (outcome.rule, outcome.n, outcome.blanks, outcome.ties) == ("stv-scottish", 21, 1, ())
    assert outcome.parameters.items() >= {
        "overvote": "exhaust", "seats": 2, "blank_in_n": False,
        "ties": ["lot"], "lot_source": "file order", "lot_order": ["A", "B", "C", "D"],
    }.items()  # fmt: skip
    assert {name: (r.code, dict(r.numbers), r.margin) for name, r in outcome.options.items()} == {
        "A": ("elected", {"quota": 8, "first_votes": 13, "stage": 1, "votes": "13.00000", "place": 1}, Margin()),
        "B": ("excluded", {"quota": 8, "first_votes": 2, "stage": 4, "votes": "4.30766",
                           "short_of_quota": "3.69234"}, Margin(votes=8)),
        "C": ("elected_without_quota", {"quota": 8, "first_votes": 3, "stage": 4, "votes": "6.53844", "place": 2},
              Margin()),
        "D": ("excluded", {"quota": 8, "first_votes": 3, "stage": 3, "votes": "3.00000",
                           "short_of_quota": "5.00000"}, Margin(votes=7)),
    }  # fmt: skip


def test_a_ballot_that_moves_twice_is_cut_twice():
    """20 ballots, three seats: quota 6. A passes on 0.4 of each, B then a seventh of what it holds: 0.05714, 0.14285."""
    outcome = scottish({"ABC": 10, "B": 3, "C": 3, "D": 2, "E": 2}, "ABCDE", 3, ties=["file_order"])
    assert outcome.facts["quota"] == 6
    assert stages(outcome)[1:4] == [
        ("surplus", "A", ("6.00000", "7.00000", "3.00000", "2.00000", "2.00000"),
         {"B": "4.00000"}, "0.00000", "4.00000", ["B"]),
        ("surplus", "B", ("6.00000", "6.00000", "3.57140", "2.00000", "2.00000"),
         {"C": "0.57140"}, "0.42855", "1.00000", []),
        ("exclude", "D", ("6.00000", "6.00000", "3.57140", "0.00000", "2.00000"), {}, "2.00000", "0.00000", []),
    ]  # fmt: skip
    assert outcome.winners == ("A", "B", "C")


def test_a_surplus_may_be_larger_than_the_quota():
    """14 ballots, three seats: quota 4. A has 10: 0.6 of each goes on, six to B."""
    outcome = scottish({"AB": 10, "C": 2, "D": 1, "E": 1}, "ABCDE", 3)
    assert stages(outcome)[1][2:6] == (
        ("4.00000", "6.00000", "2.00000", "1.00000", "1.00000"), {"B": "6.00000"}, "0.00000", "6.00000",
    )  # fmt: skip
    assert outcome.winners == ("A", "B", "C")


def test_a_ballot_passes_over_whoever_is_in_or_out():
    """E goes out first, then D's ballot passes over E and A, who has a seat, and comes to C."""
    outcome = scottish({"A": 6, "B": 3, "C": 3, "DEAC": 2, "E": 1}, "ABCDE", 2)
    assert [(s[1], s[3]) for s in stages(outcome)[1:3]] == [("E", {}), ("D", {"C": "2.00000"})]
    assert outcome.winners == ("A", "C")


def test_the_largest_surplus_goes_first_even_when_it_came_later():
    """30 ballots, three seats: quota 8. B waits with 9; C gains A's surplus first."""
    outcome = scottish({"AC": 12, "BD": 9, "CD": 5, "D": 3, "E": 1}, "ABCDE", 3)
    shown = stages(outcome)
    # 4/12 = 0.33333 of each of twelve.
    assert shown[1][2][2] == "8.99996"
    assert shown[1][6] == ["C"]
    assert shown[1][3] == {"C": "3.99996"}
    assert shown[1][4] == "0.00000"
    assert outcome.winners == ("A", "B", "C")


def test_an_exact_quota_is_enough_and_leaves_no_surplus():
    outcome = scottish({"A": 4, "B": 3, "C": 2, "D": 1}, seats=2)
    assert outcome.facts["quota"] == 4
    assert [s[:2] for s in stages(outcome)] == [("first", None), ("exclude", "D"), ("exclude", "C")]
    assert outcome.winners == ("A", "B")
    assert outcome.options["A"].code == "elected"


def test_more_reach_the_quota_at_once_in_the_order_of_their_votes():
    outcome = scottish({"A": 3, "B": 5, "C": 4}, "ABC", 3)
    assert (outcome.facts["quota"], outcome.winners) == (4, ("B", "C", "A"))
    assert outcome.options["A"].code == "elected_without_quota"
    assert [outcome.options[x].numbers["place"] for x in "ABC"] == [3, 1, 2]


def test_equal_surpluses_and_exclusions_are_recorded():
    """A and B have six each of quota five; the lot says B first. Later C and D are level, and C had fewer."""
    outcome = scottish({"AC": 6, "BD": 6, "C": 1, "D": 1, "E": 5}, "ABCDE", 3, lot_order="BADCE")
    assert outcome.facts["quota"] == 5
    assert outcome.winners == ("B", "A", "E")
    assert outcome.ties == (
        {"over": "order of election", "stage": 1, "tied": ["B", "A"], "criterion": "lot", "chosen": "B"},
    )
    more = scottish({"AC": 6, "BD": 6, "C": 1, "D": 1, "E": 3, "F": 2}, "ABCDEF", 3, lot_order="BADCEF")
    assert more.facts["quota"] == 5
    assert [(s[0], s[1]) for s in stages(more)] == [
        ("first", None), ("surplus", "B"), ("surplus", "A"), ("exclude", "C"), ("exclude", "D"), ("exclude", "F"),
    ]  # fmt: skip
    assert [(t["over"], t["stage"], t["criterion"], t["chosen"]) for t in more.ties] == [
        ("order of election", 1, "lot", "B"), ("surplus", 1, "lot", "B"), ("exclusion", 3, "earlier stage", "C"),
    ]  # fmt: skip


def test_an_earlier_stage_settles_who_is_excluded():
    """B and C are level at three after A goes out; B had fewer before, so B goes."""
    outcome = scottish({"AB": 1, "B": 2, "C": 3, "D": 5, "E": 6}, "ABCDE", 1)
    assert outcome.ties == (
        {"over": "exclusion", "stage": 2, "tied": ["B", "C"], "criterion": "earlier stage", "chosen": "B"},
    )
    assert [s[1] for s in stages(outcome)] == [None, "A", "B", "C", "D"]
    twin = scottish({"AC": 1, "C": 2, "B": 3, "D": 5, "E": 6}, "ABCDE", 1)
    assert twin.ties[0]["chosen"] == "C"


def test_an_earlier_stage_settles_who_is_elected_first():
    """A and B reach seven together; B had more at the start."""
    outcome = scottish({"CA": 2, "CB": 1, "A": 5, "B": 6, "D": 4}, "ABCD", 2)
    assert outcome.facts["quota"] == 7
    assert outcome.winners == ("B", "A")
    assert outcome.ties == (
        {"over": "order of election", "stage": 2, "tied": ["A", "B"], "criterion": "earlier stage", "chosen": "B"},
    )


def test_no_more_are_elected_than_there_are_seats_and_vacancies_are_said():
    few = scottish({"A": 1}, "AB", 5)
    assert (few.winners, few.facts["vacant"]) == (("A", "B"), 3)
    none = scottish({}, "AB", 1, blanks=2, lot_order="BA", blank_in_n=True)
    assert (none.winners, none.n, none.facts["quota"]) == (("A",), 2, 1)
    assert none.ties[0]["chosen"] == "B"
    assert {r.code for r in none.options.values()} == {"elected_without_quota", "excluded"}


def test_who_withdrew_passes_every_ballot_on():
    outcome = scottish({"AB": 3, "B": 2, "C": 4, "A": 1}, "ABC", 1, gone="A", blanks=2, blank_in_n=True)
    assert (outcome.n, outcome.facts["without_preference"], outcome.facts["quota"]) == (12, 1, 5)
    assert outcome.winners == ("B",)
    assert outcome.options["A"].code == "withdrawn"
    assert outcome.options["A"].margin is None
    assert list(outcome.rounds[0]["votes"]) == ["B", "C"]
    lost = outcome.options["C"]
    assert (lost.code, lost.numbers["stage"], lost.numbers["short_of_quota"]) == ("not_elected", 1, "1.00000")
    assert scottish({"A": 1}, "A", 1, seed="s").parameters["seed"] == "s"


def test_equal_ranks_end_a_ballot_or_are_passed_over():
    level = build_election(
        kind="ordinal", options=[Option("A"), Option("B")], ballots=[Ballot([("A", "B")], weight=2), Ballot("B")]
    )
    assert count("stv-scottish", level).facts["overvoted"] == 2
    assert count("stv-scottish", level, overvote="skip").parameters["overvote"] == "skip"
    assert count("stv-scottish", level).n == 1


def test_too_many_ballots_are_refused_and_the_most_are_not():
    assert count("stv-scottish", ward({"A": 4 * 10**8}, seats=1)).winners == ("A",)
    with pytest.raises(TallyError, match=r"^there are more ballots than five decimals can be kept for$"):
        count("stv-scottish", ward({"A": 4 * 10**8 + 1}, seats=1))


def test_units_are_written_with_five_places():
    assert [five(0), five(1), five(100_000), five(1_234_567)] == ["0.00000", "0.00001", "1.00000", "12.34567"]


def test_the_bound_is_the_least_number_of_first_votes_that_is_a_quota():
    for first in range(12):
        for valid in range(first, 40):
            for seats in (1, 2, 3, 7):
                least = next(k for k in range(1, 999) if first + k >= (valid + k) // (seats + 1) + 1)
                assert enough_for_quota(first, valid, seats) == least
