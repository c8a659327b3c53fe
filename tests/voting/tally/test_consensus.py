"""Consensus in four answers: agree, agree with reservations, stand aside, block."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voting.tally import Election, Option, Outcome, TallyError, build_election, count
from voting.tally.verify import check

ANSWERS = ("agree", "reservations", "stand_aside", "block")
NAMES: dict[str, Any] = {"yes": "agree", "reservations": "reservations", "abstain": "stand_aside", "no": "block"}


def circle(agree: int = 0, reservations: int = 0, stand_aside: int = 0, block: int = 0, blanks: int = 0) -> Election:
    votes = dict(zip(ANSWERS, (agree, reservations, stand_aside, block), strict=True))
    ballots = [[answer] for answer, times in votes.items() for _ in range(times)]
    return build_election(kind="choose-1", options=[Option(key) for key in ANSWERS], ballots=ballots, blanks=blanks)


def decide(election: Election, **rule: Any) -> Outcome:
    return count("consensus", election, **NAMES, **rule)


def test_a_yes_with_reservations_is_a_yes_and_is_told_apart() -> None:
    outcome = decide(circle(agree=5, reservations=2, stand_aside=1))
    assert (outcome.verdict, outcome.winners) == ("carried", ("agree",))
    assert (outcome.facts["yes"], outcome.facts["reservations"], outcome.facts["abstain"]) == (7, 2, 1)
    assert outcome.options["reservations"].numbers["votes"] == 2
    assert decide(circle(reservations=1)).verdict == "carried"


def test_one_block_too_many_stops_it() -> None:
    election = circle(agree=9, block=2)
    assert decide(election).verdict == "lost"
    assert decide(election, objections=1).verdict == "lost"
    assert decide(election, objections=2).verdict == "carried"


def test_nobody_agreeing_and_nobody_blocking_decides_nothing() -> None:
    assert decide(circle(stand_aside=3, blanks=2)).verdict == "no_valid_ballots"


def test_many_standing_aside_is_advice_to_go_on_talking() -> None:
    quarter = Fraction(1, 4)
    assert decide(circle(agree=3, stand_aside=1), talk_above=quarter).facts["talk_more"] is False
    outcome = decide(circle(agree=2, stand_aside=1, blanks=7), talk_above="1/4")
    assert outcome.facts["talk_more"] is True
    assert outcome.as_dict()["parameters"]["talk_above"] == "1/4"
    assert "talk_more" not in decide(circle(agree=1)).facts


def test_a_rule_without_reservations_knows_no_such_answer() -> None:
    with pytest.raises(TallyError, match="no option 'reservations'"):
        count("consensus", circle(agree=1), yes="agree", abstain="stand_aside", no="block")
    without = replace(circle(agree=1), options=tuple(Option(key) for key in ("agree", "block")))
    assert "reservations" not in count("consensus", without, yes="agree", no="block").facts


@given(*[st.integers(0, 6)] * 5, st.integers(0, 2), st.none() | st.sampled_from(["0", "1/4", "1"]))
def test_the_slow_check_agrees(
    agree: int, reservations: int, aside: int, block: int, blanks: int, allowed: int, share: str | None
) -> None:
    election = circle(agree, reservations, aside, block, blanks)
    trail = decide(election, objections=allowed, talk_above=share).as_dict()
    check(election, trail)
    carried = agree + reservations > 0 and block <= allowed
    assert (trail["verdict"] == "carried") == carried
