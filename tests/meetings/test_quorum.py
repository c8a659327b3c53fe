"""How many must be there, in whole numbers and in sentences."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.quorum import (
    AT_LEAST,
    FIXED,
    MEMBERS,
    MET,
    MORE_THAN,
    NOT_MET,
    NOT_SET,
    RESIDENTS,
    Quorum,
    counted,
    required,
    rule_in_words,
    sentence,
    share_in_words,
    state,
)

HALF = Quorum(MEMBERS, 1, 2, comparison=MORE_THAN)


def test_42_members_at_more_than_half_need_22() -> None:
    assert required(HALF, 42) == 22
    assert state(HALF, 42, 21) == NOT_MET
    assert state(HALF, 42, 22) == MET


@pytest.mark.parametrize(
    ("comparison", "numerator", "denominator", "members", "needed"),
    [
        (AT_LEAST, 1, 2, 42, 21),
        (AT_LEAST, 1, 2, 43, 22),
        (MORE_THAN, 1, 2, 43, 22),
        (AT_LEAST, 2, 3, 99, 66),
        (MORE_THAN, 2, 3, 99, 67),
        (AT_LEAST, 1, 3, 100, 34),
        (MORE_THAN, 1, 3, 100, 34),
        (AT_LEAST, 1, 1, 7, 7),
        (AT_LEAST, 1, 4, 1, 1),
    ],
)
def test_shares_are_whole_numbers_of_people(
    comparison: str, numerator: int, denominator: int, members: int, needed: int
) -> None:
    assert required(Quorum(RESIDENTS, numerator, denominator, comparison=comparison), members) == needed


def test_a_fixed_number_does_not_ask_how_many_members_there_are() -> None:
    fixed = Quorum(FIXED, number=12)
    assert [required(fixed, size) for size in (0, 5, 5000)] == [12, 12, 12]
    assert state(fixed, 5, 12) == MET


def test_without_a_quorum_nothing_is_needed_and_nothing_is_met() -> None:
    assert required(Quorum(), 42) == 0
    assert state(Quorum(), 42, 0) == NOT_SET


def test_an_empty_room_never_has_a_quorum() -> None:
    assert state(Quorum(MEMBERS, 1, 2, comparison=AT_LEAST), 0, 0) == NOT_MET
    assert state(HALF, 0, 0) == NOT_MET


def test_more_than_all_is_known_to_be_out_of_reach() -> None:
    all_of_them = Quorum(MEMBERS, 1, 1, comparison=MORE_THAN)
    assert all_of_them.can_never_be_met
    assert required(all_of_them, 10) == 11
    assert not HALF.can_never_be_met
    assert not Quorum(MEMBERS, 1, 1, comparison=AT_LEAST).can_never_be_met
    assert not Quorum(FIXED, 1, 1, number=3).can_never_be_met


@pytest.mark.parametrize(
    "fields",
    [
        {"base": "everybody"},
        {"base": FIXED},
        {"base": FIXED, "number": 0},
        {"comparison": "less_than"},
        {"counts": "dogs"},
        {"numerator": 3, "denominator": 2},
        {"numerator": 0},
        {"numerator": 0, "denominator": 0},
    ],
)
def test_a_quorum_that_makes_no_sense_cannot_be_made(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"quorum|share|comparison|count"):
        Quorum(**fields)  # type: ignore[arg-type]


def test_who_counts() -> None:
    assert [counted(counts, 10, 5, 2) for counts in ("in_room", "all_present", "with_proxies")] == [10, 15, 17]
    with pytest.raises(ValueError, match="count"):
        counted("in_spirit", 1, 1, 1)


def test_the_sentence_says_what_is_missing() -> None:
    assert sentence(HALF, 42, 25) == "Quorum met: 25 members here, needed 22."
    assert (
        sentence(HALF, 42, 21) == "No quorum: 21 members here, needed 22. 1 more must come before anything is decided."
    )
    assert sentence(Quorum(), 42, 1) == "1 is here. No quorum is set."
    assert sentence(Quorum(), 42, 9) == "9 are here. No quorum is set."


def test_the_rule_is_said_with_its_share_in_words() -> None:
    assert rule_in_words(HALF, 42) == "More than half of all 42 members must be here: 22."
    assert (
        rule_in_words(Quorum(RESIDENTS, 2, 3, comparison=AT_LEAST), 99)
        == "At least two thirds of all 99 who may vote must be here: 66."
    )
    assert (
        rule_in_words(Quorum(RESIDENTS, 2, 5, comparison=MORE_THAN), 10)
        == "More than 2/5 of all 10 who may vote must be here: 5."
    )
    assert (
        rule_in_words(Quorum(MEMBERS, 3, 5, comparison=AT_LEAST), 10)
        == "At least 3/5 of all 10 members must be here: 6."
    )
    assert rule_in_words(Quorum(FIXED, number=1), 42) == "1 person must be here."
    assert rule_in_words(Quorum(FIXED, number=12), 42) == "12 people must be here."
    assert rule_in_words(Quorum(), 42) == "Any number of people may decide."
    assert rule_in_words(Quorum(MEMBERS, 1, 1, comparison=AT_LEAST), 7) == "All 7 members must be here."
    assert rule_in_words(Quorum(RESIDENTS, 2, 2, comparison=AT_LEAST), 7) == "All 7 who may vote must be here."
    assert share_in_words(1, 1) == "the whole"


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 5000), st.integers(0, 5000))
def test_what_is_required_is_the_least_number_that_passes(a: int, b: int, size: int, present: int) -> None:
    share = Fraction(min(a, b), max(a, b))
    at_least = Quorum(MEMBERS, min(a, b), max(a, b), comparison=AT_LEAST)
    more_than = Quorum(MEMBERS, min(a, b), max(a, b), comparison=MORE_THAN)
    assert (state(at_least, size, present) == MET) == (present >= share * size and present > 0)
    assert (state(more_than, size, present) == MET) == (present > share * size)
    assert required(at_least, size) <= required(more_than, size) <= required(at_least, size) + 1


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_counting_more_kinds_of_people_never_counts_fewer(in_room: int, remote: int, proxies: int) -> None:
    numbers = [counted(counts, in_room, remote, proxies) for counts in ("in_room", "all_present", "with_proxies")]
    assert numbers == sorted(numbers)
