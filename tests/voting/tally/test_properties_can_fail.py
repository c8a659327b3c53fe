"""Each property is tried on a rule that breaks it: a property that no rule can fail would prove nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import Phase, settings

from tests.voting.tally import test_properties as properties
from voting.tally import Election, count

calls = itertools.count()


def forgetful(rule: str, election: Election, **more: Any) -> Any:
    """Writes something else each time."""
    return SimpleNamespace(canonical=lambda: f"{rule} {next(calls)}")


def cheap_in_plain_numbers(rule: str, election: Election, **more: Any) -> Any:
    return SimpleNamespace(winners=tuple(o.id for o in election.options if o.cost < 25))


def first_of_the_alphabet(rule: str, election: Election, **more: Any) -> Any:
    return SimpleNamespace(winners=(min(election.ids),))


def fewest_votes(rule: str, election: Election, **more: Any) -> Any:
    return SimpleNamespace(winners=(min(election.ids, key=lambda i: election.supporters[election.place[i]]),))


def spendthrift(rule: str, election: Election, **more: Any) -> Any:
    total = sum(option.cost for option in election.options)
    return SimpleNamespace(total_cost=total, unspent=election.budget, winners=election.ids, facts={"stop": ""})


def nobody(rule: str, election: Election, **more: Any) -> Any:
    return replace(count(rule, election, **more), winners=(), rounds=())


def last_of_the_file(rule: str, election: Election, **more: Any) -> Any:
    outcome = count(rule, election, **more)
    return outcome if rule == "condorcet" else replace(outcome, winners=election.ids[-1:])


def backwards(rule: str, election: Election, **more: Any) -> Any:
    """Elects from the end of the file."""
    standing = [option.id for option in election.options if not option.withdrawn]
    return replace(count(rule, election, **more), winners=tuple(standing[::-1][: election.seats]))


def stops_early(rule: str, election: Election, **more: Any) -> Any:
    outcome = count(rule, election, **more)
    return outcome if more.get("run_to_two") else replace(outcome, winners=outcome.winners[:0])


def unpaid(rule: str, election: Election, **more: Any) -> Any:
    outcome = count(rule, election, **more)
    return replace(outcome, rounds=tuple({**step, "price": step["price"] / 2} for step in outcome.rounds))


def timid(rule: str, election: Election, **more: Any) -> Any:
    """Names one vote too few or too many wherever it claims to be exact."""
    outcome = count(rule, election, **more)
    options = {
        name: reason
        if reason.margin is None or reason.margin.votes is None
        else replace(reason, margin=replace(reason.margin, votes=reason.margin.votes + 1))
        for name, reason in outcome.options.items()
    }
    return replace(outcome, options=options)


BROKEN: list[tuple[Callable[..., Any], Callable[..., None]]] = [
    (forgetful, properties.test_order_and_grouping_of_ballots_change_no_bit),
    (forgetful, properties.test_order_and_grouping_of_rankings_change_no_bit),
    (cheap_in_plain_numbers, properties.test_counting_in_cents_changes_no_winner),
    (first_of_the_alphabet, properties.test_other_names_give_the_same_winners_renamed),
    (fewest_votes, properties.test_another_supporter_never_harms_in_greedy),
    (spendthrift, properties.test_no_rule_spends_more_than_the_budget),
    (unpaid, properties.test_equal_shares_payments_add_up_to_the_cost),
    (nobody, properties.test_equal_shares_leaves_no_cohesive_group_without_its_project),
    (last_of_the_file, properties.test_schulze_finds_the_condorcet_winner),
    (backwards, properties.test_stv_gives_a_solid_coalition_its_share),
    (nobody, properties.test_stv_fills_all_seats_that_can_be_filled),
    (stops_early, properties.test_running_on_to_two_elects_the_same_in_instant_runoff),
    (nobody, properties.test_every_trail_about_money_verifies),
    (nobody, properties.test_every_trail_of_rankings_verifies),
    (timid, properties.test_exact_margins_of_greedy_are_the_least_that_change_the_fate),
    (timid, properties.test_exact_margins_of_instant_runoff_are_the_least_that_elect),
]


@pytest.mark.parametrize(("broken", "holds"), BROKEN)
def test_a_broken_rule_fails_the_property(
    broken: Callable[..., Any], holds: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(properties, "count", broken)
    # Its own settings come back afterwards; a counterexample need not be small, nor remembered.
    quick = settings(
        max_examples=300, phases=[Phase.generate], database=None, deadline=None, report_multiple_bugs=False
    )
    monkeypatch.setattr(holds, "_hypothesis_internal_use_settings", quick)
    with pytest.raises((AssertionError, ValueError)):
        holds()


def test_every_property_is_tried() -> None:
    named = {holds.__name__ for _, holds in BROKEN} | {"test_an_empty_ballot_box_has_an_outcome"}
    assert {name for name in vars(properties) if name.startswith("test_")} == named
