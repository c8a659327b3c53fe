"""What a ballot may say, and the sentence that says what to change."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assemblies.models import Assembly
from tests.make import make_poll
from voting import choices, counting
from voting.choices import Choice, ChoiceRefused
from voting.models import BallotType, Option, Poll

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
    poll = make_poll(riverside, ballot_type=BallotType.YES_NO)
    assert choices.options_choice(poll, ["yes"]) == {"options": ["yes"]}
    with pytest.raises(ChoiceRefused, match="You chose 2, and only 1"):
        choices.options_choice(poll, ["yes", "no"])


def test_a_knapsack_stays_within_the_budget(riverside: Assembly) -> None:
    poll = make_poll(
        riverside,
        costs=[60_00, 50_00, 40_00],
        budget=100_00,
        currency="EUR",
        rule="greedy",
        ballot_parameters={"within_budget": True},
    )
    assert choices.options_choice(poll, ["a", "c"]) == {"options": ["a", "c"]}
    with pytest.raises(ChoiceRefused, match="cost 110\N{NO-BREAK SPACE}€, which is 10\N{NO-BREAK SPACE}€ more"):
        choices.options_choice(poll, ["a", "b"])


def test_rankings_close_gaps_and_refuse_shared_places(riverside: Assembly) -> None:
    poll = make_poll(riverside, ballot_type=BallotType.RANKED)
    assert choices.ranked_choice(poll, {"a": 7, "c": 2}) == {"ranking": ["c", "a"]}
    with pytest.raises(ChoiceRefused, match="same place"):
        choices.ranked_choice(poll, {"a": 1, "b": 1})


def test_places_are_shared_where_the_poll_allows_it(riverside: Assembly) -> None:
    poll = make_poll(riverside, ballot_type=BallotType.RANKED, rule="schulze", ballot_parameters={"ties_allowed": True})
    assert choices.ranked_choice(poll, {"c": 2, "b": 1, "a": 2}) == {"ranking": [["b"], ["a", "c"]]}
    assert choices.ranked_choice(poll, {"c": 2, "b": 1}) == {"ranking": ["b", "c"]}


def test_points_stay_within_what_is_given_out(riverside: Assembly) -> None:
    poll = make_poll(
        riverside, ballot_type=BallotType.POINTS, ballot_parameters={"max_points": 10, "max_per_option": 7}
    )
    assert choices.points_choice(poll, {"a": 7, "b": 0, "c": 3}) == {"points": {"a": 7, "c": 3}}
    with pytest.raises(ChoiceRefused, match=r"You gave 12 points, and you have 10\. Take 2 away"):
        choices.points_choice(poll, {"a": 6, "b": 6})
    with pytest.raises(ChoiceRefused, match=r"one option 8 points\. Give each option 7 at most"):
        choices.points_choice(poll, {"a": 8})
    with pytest.raises(ChoiceRefused, match="below zero"):
        choices.points_choice(poll, {"a": -1})


def test_marks_stay_within_their_range_and_zero_is_a_mark(riverside: Assembly) -> None:
    poll = make_poll(riverside, ballot_type=BallotType.SCORE, ballot_parameters={"min_score": -2, "max_score": 2})
    assert choices.score_choice(poll, {"b": 0, "a": -2}) == {"points": {"a": -2, "b": 0}}
    with pytest.raises(ChoiceRefused, match="from -2 to 2, or no mark"):
        choices.score_choice(poll, {"a": 3})


def test_who_blocks_says_why(riverside: Assembly) -> None:
    poll = make_poll(riverside, ballot_type=BallotType.CONSENSUS)
    assert choices.consensus_choice(poll, ["agree"]) == {"options": ["agree"]}
    said = choices.consensus_choice(poll, ["block"], "  The bridge\r\n floods.\x00 ")
    assert said == {"options": ["block"], "reason": "The bridge floods."}
    with pytest.raises(ChoiceRefused, match="Write why you block"):
        choices.consensus_choice(poll, ["block"], " \n ")
    with pytest.raises(ChoiceRefused, match=r"301 characters\. Shorten it to 300"):
        choices.consensus_choice(poll, ["block"], "x" * 301)
    with pytest.raises(ChoiceRefused, match="agree without reservations"):
        choices.consensus_choice(poll, ["agree"], "But the bridge floods.")
    with pytest.raises(ChoiceRefused, match="chose no answer"):
        choices.consensus_choice(poll, [], "The bridge floods.")


def test_a_ballot_that_nobody_could_fill_in_does_not_open(riverside: Assembly) -> None:
    def says(**fields: Any) -> str:
        return " ".join(counting.problems(make_poll(riverside, **fields)))

    assert says() == ""
    assert says(ballot_type=BallotType.CONSENSUS) == ""
    assert "more options than there are" in says(min_choices=4)
    assert "above the lowest" in says(ballot_type=BallotType.SCORE, ballot_parameters={"min_score": 5})
    assert "at least one point" in says(ballot_type=BallotType.POINTS, ballot_parameters={"max_points": 0})
    assert "how much money" in says(ballot_parameters={"within_budget": True})
    assert "share a place" in says(ballot_type=BallotType.RANKED, ballot_parameters={"ties_allowed": True})
    consensus = make_poll(riverside, ballot_type=BallotType.CONSENSUS, rule="majority")
    assert "cannot count this kind of ballot" in " ".join(counting.problems(consensus))
    consensus.options.filter(key="block").delete()
    assert "four answers" in " ".join(counting.problems(consensus))


# Properties: exactly what fits the poll is taken, its canonical shape fits again, and none is longer than was foretold.

KEYS = ["a", "b", "p12", 'k"y', "ключ", "a\\b"]
PLACES = {key: place for place, key in enumerate(KEYS)}
BUDGET = 60


def poll_of(kind: BallotType, **fields: Any) -> Poll:
    """A poll in memory whose options have keys as awkward as keys may be; each costs ten times its place."""
    fixed = {BallotType.YES_NO: ("yes", "no", "abstain"), BallotType.CONSENSUS: choices.CONSENSUS_ANSWERS}
    poll = Poll(ballot_type=kind, **fields)
    poll._prefetched_objects_cache = {  # type: ignore[attr-defined]
        "options": [Option(poll=poll, key=key, cost=10 * PLACES.get(key, 0)) for key in fixed.get(kind, KEYS)]
    }
    return poll


def taken(read: Callable[[], Choice]) -> Choice | None:
    """What the paper makes of it, or None where it is refused."""
    try:
        return read()
    except ChoiceRefused:
        return None


def assert_fits(poll: Poll, choice: Choice | None, *, is_right: bool) -> None:
    assert (choice is not None) == is_right
    if choice is not None:
        assert choices.is_valid(poll, choice)
        assert choices.is_valid(poll, json.loads(choices.canonical(choice)))
        assert len(choices.canonical(choice)) <= choices.longest(poll)


some_keys = st.lists(st.sampled_from([*KEYS, "unknown"]), unique=True)
limits = st.tuples(st.integers(0, 3), st.none() | st.integers(3, 7))


@given(some_keys, limits, st.booleans())
def test_exactly_the_right_approvals_are_taken(keys: list[str], limits: tuple[int, int | None], within: bool) -> None:
    least, most = limits
    poll = poll_of(
        BallotType.APPROVAL,
        min_choices=least,
        max_choices=most,
        budget=BUDGET,
        ballot_parameters={"within_budget": within},
    )
    is_right = "unknown" not in keys and (
        not keys
        or (
            least <= len(keys) <= (most or len(KEYS))
            and (not within or sum(10 * PLACES[key] for key in keys) <= BUDGET)
        )
    )
    assert_fits(poll, taken(lambda: choices.options_choice(poll, keys)), is_right=is_right)


@given(st.lists(st.sampled_from(["yes", "no", "abstain", "maybe"]), unique=True))
def test_exactly_one_known_answer_is_taken(keys: list[str]) -> None:
    poll = poll_of(BallotType.YES_NO)
    is_right = "maybe" not in keys and len(keys) < 2
    assert_fits(poll, taken(lambda: choices.options_choice(poll, keys)), is_right=is_right)


@given(st.dictionaries(st.sampled_from([*KEYS, "unknown"]), st.integers(1, 9)), limits, st.booleans())
def test_exactly_the_right_rankings_are_taken(
    ranks: dict[str, int], limits: tuple[int, int | None], ties: bool
) -> None:
    least, most = limits
    poll = poll_of(BallotType.RANKED, min_choices=least, max_choices=most, ballot_parameters={"ties_allowed": ties})
    is_right = (
        "unknown" not in ranks
        and (not ranks or least <= len(ranks) <= (most or len(KEYS)))
        and (ties or len(set(ranks.values())) == len(ranks))
    )
    assert_fits(poll, taken(lambda: choices.ranked_choice(poll, ranks)), is_right=is_right)


numbers = st.integers(-2, 12) | st.just(choices.MOST_POINTS) | st.just(choices.MOST_POINTS + 1)


@given(
    st.dictionaries(st.sampled_from([*KEYS, "unknown"]), numbers),
    limits,
    st.none() | st.integers(3, 30),
    st.none() | st.integers(1, 12),
)
def test_exactly_the_right_points_are_taken(
    points: dict[str, int], limits: tuple[int, int | None], total: int | None, cap: int | None
) -> None:
    least, most = limits
    asked = {"max_points": total, "max_per_option": cap}
    poll = poll_of(
        BallotType.POINTS,
        min_choices=least,
        max_choices=most,
        ballot_parameters={name: limit for name, limit in asked.items() if limit is not None},
    )
    given_to = [key for key in points if points[key]]
    is_right = (
        "unknown" not in points
        and all(0 <= number <= (cap or choices.MOST_POINTS) for number in points.values())
        and (total is None or sum(points.values()) <= total)
        and (not given_to or least <= len(given_to) <= (most or len(KEYS)))
    )
    assert_fits(poll, taken(lambda: choices.points_choice(poll, points)), is_right=is_right)


@given(st.dictionaries(st.sampled_from([*KEYS, "unknown"]), st.integers(-12, 12)), limits, st.integers(-10, 9))
def test_exactly_the_right_marks_are_taken(marks: dict[str, int], limits: tuple[int, int | None], lowest: int) -> None:
    least, most = limits
    poll = poll_of(
        BallotType.SCORE,
        min_choices=least,
        max_choices=most,
        ballot_parameters={"min_score": lowest, "max_score": 10},
    )
    is_right = (
        "unknown" not in marks
        and all(lowest <= mark <= 10 for mark in marks.values())
        and (not marks or least <= len(marks) <= (most or len(KEYS)))
    )
    assert_fits(poll, taken(lambda: choices.score_choice(poll, marks)), is_right=is_right)


@given(
    st.lists(st.sampled_from([*choices.CONSENSUS_ANSWERS, "maybe"]), unique=True),
    st.text(max_size=20)
    | st.sampled_from(["\N{GRINNING FACE}", '"', "\\", "x"]).map(lambda letter: letter * 300)
    | st.just("x" * 301),
)
def test_exactly_the_right_consensus_answers_are_taken(keys: list[str], reason: str) -> None:
    poll = poll_of(BallotType.CONSENSUS)
    said = choices.plain_text(reason)
    is_right = (not keys and not said) or (
        len(keys) == 1
        and "maybe" not in keys
        and len(said) <= 300
        and not (keys == ["block"] and not said)
        and not (keys == ["agree"] and said)
    )
    assert_fits(poll, taken(lambda: choices.consensus_choice(poll, keys, reason)), is_right=is_right)


@given(
    st.sampled_from(BallotType.values),
    st.recursive(
        st.none() | st.booleans() | st.integers(-3, 9) | st.text(max_size=3) | st.sampled_from([*KEYS, "yes", "block"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["options", "ranking", "points", "reason", *KEYS]), inner, max_size=3)
        ),
        max_leaves=8,
    ),
)
def test_whatever_is_in_an_envelope_is_a_canonical_choice_or_is_not_valid(kind: str, found: Any) -> None:
    poll = poll_of(BallotType(kind), ballot_parameters={"ties_allowed": True})
    if choices.is_valid(poll, found):
        assert len(choices.canonical(found)) <= choices.longest(poll)


def test_the_foretold_length_is_reached(riverside: Assembly) -> None:
    """The fixed length of envelopes is not wasteful: some valid choice is as long as that."""
    ranked = poll_of(BallotType.RANKED, ballot_parameters={"ties_allowed": True})
    ties = choices.ranked_choice(ranked, {key: max(place, 1) for key, place in PLACES.items()})
    assert len(choices.canonical(ties)) == choices.longest(ranked)
    blocked = poll_of(BallotType.CONSENSUS)
    doubts = choices.consensus_choice(blocked, ["stand_aside"], "\N{GRINNING FACE}" * 300)
    assert choices.longest(blocked) - len(choices.canonical(doubts)) == len("reservations") - len("stand_aside")
    all_of_them = poll_of(BallotType.APPROVAL)
    assert len(choices.canonical(choices.options_choice(all_of_them, KEYS))) == choices.longest(all_of_them)
