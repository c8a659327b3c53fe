"""What became of a question, in a code, a sentence and its numbers: every outcome there is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.decision_words import Decided, NotDecidable, by_casting_vote, by_consent, by_hands, code_of
from voting.tally import Ballot, Option, build_election, count
from voting.tally.majority import THRESHOLDS

TWO_THIRDS: Any = {**THRESHOLDS["two_thirds"], "base": "cast"}


def hands(
    yes: int, no: int, abstain: int = 0, *, present: int = 100, members: int | None = None, **rule: str
) -> Decided:
    return by_hands({"yes": yes, "no": no, "abstain": abstain}, rule, present=present, members=members)


def outcome(rule: str, votes: dict[str, int], **parameters: Any) -> dict[str, Any]:
    ballots = [Ballot([name], weight=weight) for name, weight in votes.items()]
    election = build_election(kind="choose-1", options=[Option(name) for name in votes], ballots=ballots)
    return count(rule, election, **parameters).as_dict()


def test_62_of_90_carry_by_two_thirds() -> None:
    decided = hands(62, 28, 5, **TWO_THIRDS)
    assert (decided.outcome, decided.sentence) == ("carried", "Carried: 62 yes of 90 counted, needed 60.")
    assert decided.numbers["tests"][0]["threshold"] == "2/3"
    assert hands(59, 31, **TWO_THIRDS).sentence == "Lost: 59 yes of 90 counted, needed 60."


def test_a_show_of_hands_goes_by_the_same_bases_as_a_poll() -> None:
    half: Any = THRESHOLDS["majority"]
    found = {
        base: hands(20, 10, 10, members=90, base=base, **half) for base in ("cast", "ballots", "present", "register")
    }
    assert {base: decided.outcome for base, decided in found.items()} == {
        "cast": "carried", "ballots": "lost", "present": "lost", "register": "lost",
    }  # fmt: skip
    assert (
        hands(20, 10, 10, present=40, base="register", **half).sentence == "Lost: 20 yes of 40 who may vote, needed 21."
    )
    assert hands(46, 1, present=50, members=90, base="members", **half).sentence == (
        "Carried: 46 yes of 90 members, needed 46."
    )


def test_nobody_who_says_yes_or_no_decides_nothing() -> None:
    threshold: Any
    for threshold in THRESHOLDS.values():
        decided = hands(0, 0, 7, **threshold)
        assert (decided.outcome, decided.sentence) == ("no_valid_ballots", "No decision: nobody voted yes or no.")


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(NotDecidable, match="more hands than people"):
        hands(60, 41)
    with pytest.raises(NotDecidable, match="below zero"):
        hands(-1, 4)
    with pytest.raises(NotDecidable, match="cannot decide"):
        hands(1, 0, base="members")


def test_the_casting_vote_decides_a_tie_and_nothing_else() -> None:
    tied = outcome("majority", {"yes": 4, "no": 4, "abstain": 1})
    assert by_casting_vote(tied, "yes").outcome == "carried"
    assert by_casting_vote(tied, "yes").sentence == "Carried by the casting vote of the chair: 4 yes and 4 no."
    assert by_casting_vote(tied, "no").outcome == "lost"
    assert by_casting_vote(tied, "no").numbers["casting_vote"] == "no"
    assert tied["verdict"] == "tie"
    assert "casting_vote" not in tied["facts"]
    with pytest.raises(NotDecidable, match="Only a tie"):
        by_casting_vote(outcome("majority", {"yes": 5, "no": 4}), "yes")
    with pytest.raises(NotDecidable, match="yes or no"):
        by_casting_vote(tied, "abstain")


@given(st.integers(1, 50), st.integers(0, 50), st.integers(0, 200), st.sampled_from(["yes", "no"]))
def test_the_casting_vote_afterwards_is_the_one_that_the_count_would_have_taken(
    votes: int, abstain: int, members: int, vote: str
) -> None:
    rule = {"and_threshold": "1/4", "and_base": "members", "members": members}
    sums = {"yes": votes, "no": votes, "abstain": abstain}
    tied = outcome("majority", sums, **rule)
    counted = outcome("majority", sums, casting_vote=vote, **rule)
    decided = by_casting_vote(tied, vote)
    assert (decided.outcome, decided.numbers) == (counted["verdict"], counted["facts"])


def test_every_stored_outcome_has_its_code() -> None:
    yes_no = {"yes": 3, "no": 1, "abstain": 0}
    assert code_of(outcome("majority", yes_no)) == "carried"
    assert code_of(outcome("majority", yes_no, threshold="4/5")) == "lost"
    assert code_of(outcome("majority", {"yes": 1, "no": 1})) == "tie"
    assert code_of(outcome("majority", yes_no, quorum="1/2", members=10)) == "no_quorum"
    assert code_of(outcome("majority", {"yes": 0, "no": 0})) == "no_valid_ballots"
    assert code_of(outcome("consensus", yes_no)) == "blocked"
    assert code_of(outcome("consensus", yes_no, objections=1)) == "carried"
    assert code_of(outcome("consensus", {"yes": 0, "no": 1}, objections=1)) == "lost"
    choice = {"elm": 2, "mill": 2, "hill": 1}
    assert code_of(outcome("plurality", choice)) == "decided"
    assert code_of(outcome("plurality", choice, more_than="1/2")) == "needs_runoff"
    assert code_of(outcome("plurality", {"elm": 0, "mill": 0})) == "no_valid_ballots"


def test_a_consent_group_is_one_decision_that_names_every_item() -> None:
    assert by_consent(["The minutes"]).sentence == "1 item adopted without objection: The minutes."
    both = by_consent(["The minutes", "The new lock"])
    assert (both.outcome, both.sentence) == ("carried", "2 items adopted without objection: The minutes; The new lock.")
    with pytest.raises(NotDecidable, match="nothing left"):
        by_consent([])
