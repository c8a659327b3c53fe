"""Rules by their names: which ballots they take, which parameters they know, and what they say of themselves."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from voting.tally import RULES, Kind, Option, TallyError, build_election, count

ANY = {"approval", "choose-1", "ordinal", "cumulative", "scoring"}
KINDS = {
    "approval": {"approval", "choose-1"}, "plurality": {"choose-1"}, "score": {"cumulative", "scoring"},
    "points": {"cumulative", "scoring"}, "majority": {"choose-1"}, "consensus": {"choose-1"}, "greedy": ANY,
    "greedy-no-skip": ANY, "greedy-threshold": ANY, "greedy-per-cost": ANY, "poznan-80": ANY, "equal-shares": ANY,
    "phragmen": ANY, "irv": {"ordinal", "choose-1"}, "stv-scottish": {"ordinal", "choose-1"},
    "stv-meek": {"ordinal", "choose-1"}, "borda": {"ordinal", "choose-1"}, "schulze": {"ordinal", "choose-1"},
    "condorcet": {"ordinal", "choose-1"},
}  # fmt: skip
MONEY = {"greedy", "greedy-no-skip", "greedy-threshold", "greedy-per-cost", "poznan-80", "equal-shares", "phragmen"}


def box(kind):
    return build_election(kind=kind, options=[Option("yes", 1), Option("no", 1)], ballots=[], budget=1)


@pytest.mark.parametrize("rule", sorted(KINDS))
def test_a_rule_counts_its_kinds_of_ballots_and_no_other(rule):
    assert RULES[rule].name == rule
    assert RULES[rule].needs_budget is (rule in MONEY)
    for kind in Kind:
        if kind in KINDS[rule]:
            assert count(rule, box(kind)).n == 0
        else:
            with pytest.raises(TallyError) as refusal:
                count(rule, box(kind))
            assert str(refusal.value) == f"rule {rule} cannot count {kind} ballots"


def test_every_rule_is_known_by_one_name():
    assert set(KINDS) <= set(RULES)
    assert all(name == rule.name for name, rule in RULES.items())
    with pytest.raises(TypeError):
        RULES["mine"] = RULES["irv"]
    with pytest.raises(TallyError) as refusal:
        count("gredy", box("approval"))
    assert str(refusal.value) == f"unknown rule 'gredy'; known are {', '.join(RULES)}"


def test_a_rule_lists_its_parameters_with_their_defaults():
    assert RULES["irv"].parameters.items() >= {
        "overvote": "exhaust", "run_to_two": False, "ties": ("lot",), "lot_order": None, "seed": None,
        "blank_in_n": False,
    }.items()  # fmt: skip
    assert RULES["greedy"].parameters["ties"] == ("min_cost", "max_votes", "lot")
    for rule in RULES.values():
        assert "election" not in rule.parameters
    with pytest.raises(TypeError):
        RULES["irv"].parameters["ties"] = ()
    with pytest.raises(TallyError) as refusal:
        count("irv", box("ordinal"), colour=1)
    assert str(refusal.value) == "rule irv has no parameter 'colour'"


def test_a_rule_sums_itself_up_in_one_line():
    assert RULES["borda"].summary == "Points by place; most points win."
    with pytest.raises(FrozenInstanceError):
        RULES["borda"].name = "mine"
    assert RULES["plurality"].summary == "Each ballot names one option; most votes win."
    for rule in RULES.values():
        assert rule.summary
        assert "\n" not in rule.summary
