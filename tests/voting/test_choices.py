"""What a ballot may say, and the sentence that says what to change."""

import pytest

from assemblies.models import Assembly
from tests.make import make_poll
from voting import choices
from voting.choices import ChoiceRefused
from voting.models import BallotType

pytestmark = pytest.mark.django_db


def test_approvals_are_sorted_and_counted_once(riverside: Assembly) -> None:
    assert choices.options_choice(make_poll(riverside), ["c", "a", "a"]) == {"options": ["a", "c"]}


def test_nothing_chosen_is_a_blank_ballot_whatever_the_least_number(riverside: Assembly) -> None:
    assert choices.options_choice(make_poll(riverside, min_choices=2), []) == {}


def test_unknown_options_are_refused(riverside: Assembly) -> None:
    with pytest.raises(ChoiceRefused, match="not on this ballot"):
        choices.options_choice(make_poll(riverside), ["a", "zebra"])


def test_too_many_and_too_few_say_how_many(riverside: Assembly) -> None:
    poll = make_poll(riverside, min_choices=2, max_choices=2)
    with pytest.raises(ChoiceRefused, match="You chose 3, and only 2"):
        choices.options_choice(poll, ["a", "b", "c"])
    with pytest.raises(ChoiceRefused, match="at least 2"):
        choices.options_choice(poll, ["a"])


def test_yes_no_takes_one_answer_only(riverside: Assembly) -> None:
    poll = make_poll(riverside, "Yes", "No", "Abstain", ballot_type=BallotType.YES_NO)
    assert choices.options_choice(poll, ["yes"]) == {"options": ["yes"]}
    with pytest.raises(ChoiceRefused):
        choices.options_choice(poll, ["yes", "no"])


def test_a_knapsack_stays_within_the_budget(riverside: Assembly) -> None:
    poll = make_poll(
        riverside,
        costs=[60, 50, 40],
        budget=100,
        currency="EUR",
        rule="greedy",
        ballot_parameters={"within_budget": True},
    )
    assert choices.options_choice(poll, ["a", "c"]) == {"options": ["a", "c"]}
    with pytest.raises(ChoiceRefused, match="more than the budget"):
        choices.options_choice(poll, ["a", "b"])


def test_rankings_close_gaps_and_refuse_shared_places(riverside: Assembly) -> None:
    poll = make_poll(riverside, ballot_type=BallotType.RANKED)
    assert choices.ranked_choice(poll, {"a": 7, "c": 2}) == {"ranking": ["c", "a"]}
    with pytest.raises(ChoiceRefused, match="same place"):
        choices.ranked_choice(poll, {"a": 1, "b": 1})


def test_points_stay_within_what_is_given_out(riverside: Assembly) -> None:
    poll = make_poll(riverside, ballot_type=BallotType.POINTS, ballot_parameters={"max_points": 10})
    assert choices.points_choice(poll, {"a": 7, "b": 0, "c": 3}) == {"points": {"a": 7, "c": 3}}
    with pytest.raises(ChoiceRefused, match="11 points"):
        choices.points_choice(poll, {"a": 11})
    with pytest.raises(ChoiceRefused, match="below zero"):
        choices.points_choice(poll, {"a": -1})
