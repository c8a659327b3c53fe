"""Motions, with every inequality written out: bases, thresholds, operators, quorums, casting votes and margins."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voting.tally import Ballot, Margin, Option, TallyError, build_election, count
from voting.tally.majority import THRESHOLDS

HALF = Fraction(1, 2)


def box(yes, no, abstain=0, blanks=0, names=("yes", "no", "abstain")):
    ballots = [Ballot([name], weight=weight) for name, weight in zip(names, (yes, no, abstain), strict=False)]
    return build_election(kind="choose-1", options=[Option(name) for name in names], ballots=ballots, blanks=blanks)


def motion(yes, no, abstain=0, blanks=0, **rule):
    return count("majority", box(yes, no, abstain, blanks), **rule)


def votes_of(outcome):
    return outcome.options["yes"].margin.votes


def test_everything_about_a_motion_is_said():
    outcome = motion(6, 5, 2, 1)
    test = {
        "threshold": HALF, "operator": ">", "base": "cast", "base_size": 11, "left": 12, "right": 11, "holds": True,
        "needed": 6,
    }  # fmt: skip
    facts = {"yes": 6, "no": 5, "abstain": 2, "blank": 1, "tests": [test]}
    assert outcome.facts == facts
    assert (outcome.rule, outcome.verdict, outcome.winners) == ("majority", "carried", ("yes",))
    assert (outcome.n, outcome.blanks) == (13, 1)
    assert outcome.parameters.items() >= {
        "threshold": HALF, "operator": ">", "base": "cast", "and_threshold": None, "and_operator": ">=",
        "and_base": "members", "quorum": None, "present": None, "members": None, "casting_vote": None,
        "yes": "yes", "no": "no", "abstain": "abstain",
    }.items()  # fmt: skip
    assert outcome.options["yes"].numbers == {**facts, "votes": 6}
    assert outcome.options["no"].numbers == {**facts, "votes": 5}
    assert outcome.options["yes"].margin == Margin(votes=1, votes_exact=True)
    assert outcome.options["no"].margin is None
    assert outcome.options["abstain"].margin is None


def test_a_second_majority_is_a_second_inequality():
    outcome = motion(30, 20, and_threshold="1/4", members=100)
    assert outcome.facts["tests"][1] == {
        "threshold": Fraction(1, 4), "operator": ">=", "base": "members", "base_size": 100, "left": 120, "right": 100,
        "holds": True, "needed": 25,
    }  # fmt: skip
    assert outcome.verdict == "carried"
    assert votes_of(outcome) == 6
    assert outcome.parameters["and_threshold"] == Fraction(1, 4)
    exact = motion(25, 20, and_threshold="1/4", and_operator=">", members=100)
    assert (exact.verdict, exact.winners, votes_of(exact)) == ("lost", ("no",), 1)
    assert exact.facts["tests"][1]["needed"] == 26
    # The first majority is the nearer one here: 30 against 29.
    assert votes_of(motion(30, 29, and_threshold="1/4", members=100)) == 1
    # Both fail: 5 more reach ten of forty, 6 more pass ten no.
    both = motion(5, 10, and_threshold="1/4", members=40)
    assert (both.verdict, votes_of(both)) == ("lost", 6)
    assert votes_of(motion(5, 10, and_threshold="1/2", members=40)) == 15
    third = motion(5, 4, and_threshold="2/3", and_base="present", present=9)
    assert (third.verdict, votes_of(third)) == ("lost", 1)


@pytest.mark.parametrize("operator", [">", ">="])
@pytest.mark.parametrize("threshold", ["0", "1/2", "3/5", "1"])
@pytest.mark.parametrize("base", ["cast", "ballots", "present", "register", "members"])
def test_a_margin_is_the_least_number_that_turns_the_motion(operator, threshold, base):
    """Votes are added from people who have not voted; present, register and members are 12."""
    rule = {"operator": operator, "threshold": threshold, "base": base, "present": 12, "members": 12, "register": 12}
    share = Fraction(threshold)
    for yes in range(5):
        for no in range(4):
            if yes + no == 0:
                continue
            outcome = motion(yes, no, **rule)
            size = yes + no if base in ("cast", "ballots") else 12
            holds = yes > 0 and (yes > share * size if operator == ">" else yes >= share * size)
            tie = yes == no and base == "cast" and share == HALF and operator == ">"
            assert outcome.verdict == ("carried" if holds else "tie" if tie else "lost")
            assert outcome.winners == (() if tie and not holds else ("yes",) if holds else ("no",))
            test = outcome.facts["tests"][0]
            assert test["needed"] == min(
                k for k in range(1, 99) if (k > share * size if operator == ">" else k >= share * size)
            )
            assert (test["left"], test["right"]) == (yes * share.denominator, share.numerator * size)
            margin = outcome.options["yes"].margin

            def carried(change, yes=yes, no=no):
                return motion(yes + change, no, **rule).verdict == "carried"

            if holds:
                assert not carried(-margin.votes)
                assert margin.votes == 1 or carried(1 - margin.votes)
            elif margin.votes is None:
                assert not margin.votes_exact
                assert not any(carried(change) for change in range(13 - yes))
            else:
                assert margin.votes_exact
                assert carried(margin.votes)
                assert not carried(margin.votes - 1)


BASES = {
    "cast": {},
    "ballots": {},
    "present": {"present": 12},
    "register": {"register": 14},
    "members": {"members": 16},
}


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("threshold", [*THRESHOLDS, "none"])
def test_without_a_yes_or_a_no_nothing_is_carried_under_any_threshold(threshold, base):
    rule = {**THRESHOLDS.get(threshold, {"threshold": 0, "operator": ">="}), "base": base, **BASES[base]}
    assert motion(0, 0, **rule).verdict == "no_valid_ballots"
    assert motion(0, 0, 3, 2, **rule).verdict == "no_valid_ballots"
    assert motion(0, 1, 3, 2, **rule).verdict == "lost"
    assert motion(12, 0, **rule).verdict == (
        "lost" if threshold == "unanimous" and base in ("register", "members") else "carried"
    )


def test_each_base_asks_for_its_own_number():
    needed = {
        base: motion(6, 3, 2, 1, base=base, **size).facts["tests"][0] for base, size in BASES.items()
    }  # fmt: skip
    assert {base: (test["base_size"], test["needed"], test["holds"]) for base, test in needed.items()} == {
        "cast": (9, 5, True), "ballots": (12, 7, False), "present": (12, 7, False), "register": (14, 8, False),
        "members": (16, 9, False),
    }  # fmt: skip


def test_unanimous_is_every_yes_and_no_or_every_ballot():
    unanimous = THRESHOLDS["unanimous"]
    assert motion(5, 0, 4, **unanimous).verdict == "carried"
    assert motion(5, 1, 4, **unanimous).verdict == "lost"
    assert motion(5, 0, 4, base="ballots", **unanimous).verdict == "lost"
    assert motion(9, 0, 0, 1, base="ballots", **unanimous).verdict == "lost"
    assert motion(9, 0, base="ballots", **unanimous).verdict == "carried"
    assert motion(9, 0, base="register", register=10, **unanimous).verdict == "lost"


def test_two_thirds_and_more_than_two_thirds_differ():
    assert motion(66, 33, **THRESHOLDS["two_thirds"]).verdict == "carried"
    assert motion(66, 33, threshold="2/3", operator=">").verdict == "lost"
    outcome = motion(62, 28, **THRESHOLDS["two_thirds"])
    assert (outcome.verdict, outcome.facts["tests"][0]["needed"], outcome.facts["tests"][0]["base_size"]) == (
        "carried",
        60,
        90,
    )


@given(
    st.lists(st.tuples(st.sampled_from(["yes", "no", "abstain"]), st.integers(1, 1000)), max_size=12),
    st.integers(0, 5000), st.sampled_from(list(BASES)), st.sampled_from(list(THRESHOLDS)),
)  # fmt: skip
def test_a_weighted_base_is_in_weights_so_yes_is_never_more_than_all_of_it(lines, absent, base, threshold):
    together = sum(weight for _, weight in lines) + absent
    ballots = [Ballot([answer], weight=weight) for answer, weight in lines]
    election = build_election(kind="choose-1", options=[Option(n) for n in ("yes", "no", "abstain")], ballots=ballots)
    sizes = {"present": together, "register": together, "members": together}
    outcome = count("majority", election, base=base, **THRESHOLDS[threshold], **sizes)
    test = outcome.facts["tests"][0]
    assert outcome.facts["yes"] == sum(weight for answer, weight in lines if answer == "yes") <= test["base_size"]
    share, all_of_it = Fraction(THRESHOLDS[threshold]["threshold"]), test["base_size"]
    yes = outcome.facts["yes"]
    passes = yes > share * all_of_it if THRESHOLDS[threshold]["operator"] == ">" else yes >= share * all_of_it
    assert (outcome.verdict == "carried") == (passes and yes > 0)


def test_the_register_is_in_the_trail_only_where_it_counts():
    assert "register" not in motion(1, 0).parameters
    assert motion(1, 0, base="register", register=3).parameters["register"] == 3


def test_what_nobody_could_reach_has_no_margin():
    for present in (5, 12):
        outcome = motion(4, 1, threshold=1, base="present", present=present)
        assert (outcome.verdict, outcome.options["yes"].margin) == ("lost", Margin())
    assert votes_of(motion(4, 1, threshold=1, operator=">=", base="present", present=12)) == 8


def test_reservations_are_yes_votes_and_many_abstentions_ask_for_more_talk():
    def agreed(yes, doubting, no, abstain, **rule):
        names = ("yes", "reservations", "no", "abstain")
        ballots = [Ballot([name], weight=w) for name, w in zip(names, (yes, doubting, no, abstain), strict=True)]
        box = build_election(kind="choose-1", options=[Option(name) for name in names], ballots=ballots)
        return count("consensus", box, reservations="reservations", **rule)

    outcome = agreed(3, 2, 0, 5, talk_above="1/2")
    assert (outcome.facts["yes"], outcome.facts["reservations"], outcome.facts["talk_more"]) == (5, 2, False)
    assert outcome.winners == ("yes",)
    assert agreed(3, 1, 0, 5, talk_above="1/2").facts["talk_more"] is True
    assert agreed(9, 0, 0, 1, talk_above="1/2").facts["talk_more"] is False
    assert agreed(0, 1, 0, 0).verdict == "carried"
    assert agreed(4, 0, 0, 3, talk_above="1/3").facts["talk_more"] is True


def test_equal_votes_are_a_tie_only_where_half_of_the_votes_cast_must_be_exceeded():
    tie = motion(4, 4)
    assert (tie.verdict, tie.winners, votes_of(tie)) == ("tie", (), 1)
    assert motion(4, 4, operator=">=").verdict == "carried"
    assert motion(4, 4, threshold="51/100").verdict == "lost"
    assert motion(4, 4, base="present", present=8).verdict == "lost"
    assert motion(4, 3, base="members", members=8).verdict == "lost"


def test_the_chair_decides_a_tie_where_the_statutes_say_so():
    carried = motion(4, 4, casting_vote="yes")
    assert (carried.verdict, carried.winners) == ("carried", ("yes",))
    assert carried.facts["casting_vote"] == "yes"
    assert carried.parameters["casting_vote"] == "yes"
    lost = motion(4, 4, casting_vote="no")
    assert (lost.verdict, lost.winners) == ("lost", ("no",))
    assert "casting_vote" not in motion(4, 5, casting_vote="no").facts
    # The casting vote breaks the tie, and makes no second majority.
    assert motion(4, 4, casting_vote="yes", and_threshold="1/2", members=9).verdict == "lost"
    assert motion(4, 4, casting_vote="yes", and_threshold="1/2", members=8).verdict == "carried"
    with pytest.raises(TallyError, match=r"^the casting vote must be yes or no$"):
        motion(4, 4, casting_vote="abstain")


def test_a_quorum_that_is_missed_is_no_decision():
    outcome = motion(3, 1, 1, 1, quorum="1/3", members=20)
    assert (outcome.verdict, outcome.winners) == ("no_quorum", ())
    assert outcome.facts["quorum"] == {"share": Fraction(1, 3), "members": 20, "needed": 7, "turned_out": 6}
    assert outcome.facts["short_of_quorum"] == 1
    assert outcome.options["yes"].margin == Margin()
    assert outcome.parameters["quorum"] == Fraction(1, 3)
    assert outcome.parameters["members"] == 20
    met = motion(3, 1, 1, 2, quorum="1/3", members=20)
    assert met.verdict == "carried"
    assert "short_of_quorum" not in met.facts
    # Without the last one who came there is no quorum any more.
    assert met.options["yes"].margin == Margin(votes=1, votes_exact=True)
    roomy = motion(9, 1, 0, 0, quorum="1/3", members=20)
    assert votes_of(roomy) == 4
    assert motion(3, 1, 1, 1, quorum="1/3", members=20, present=7).verdict == "carried"
    assert votes_of(motion(9, 1, quorum="1/3", members=20, present=10)) == 8
    assert motion(9, 1, quorum="1/3", members=20, present=6).facts["short_of_quorum"] == 1
    assert motion(0, 3, quorum="1/10", members=20).verdict == "lost"
    assert motion(1, 0, quorum=0, members=0).verdict == "carried"


def test_nobody_who_says_yes_or_no_decides_nothing():
    outcome = motion(0, 0, 5, 2)
    assert (outcome.verdict, outcome.winners, outcome.options["yes"].margin) == ("no_valid_ballots", (), Margin())
    assert motion(1, 0).verdict == "carried"
    assert votes_of(motion(1, 0)) == 1
    assert motion(0, 1).verdict == "lost"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"quorum": "1/2"}, "a quorum needs the number of members"),
        ({"base": "members"}, "this majority needs the number of members"),
        ({"base": "present"}, "this majority needs the number of present"),
        ({"base": "register"}, "this majority needs the number of register"),
        ({"base": "town"}, "the base is one of cast, ballots, present, register, members"),
        ({"operator": "<"}, "the operator is > or >="),
        ({"threshold": "most"}, "not a share: 'most'"),
        ({"threshold": "1/0"}, "not a share: '1/0'"),
        ({"threshold": "1e-999999999"}, "not a share: '1e-999999999'"),
        ({"quorum": "1e999999999", "members": 3}, "not a share: '1e999999999'"),
        ({"threshold": "11/10"}, "a share lies between 0 and 1"),
        ({"threshold": "-1/10"}, "a share lies between 0 and 1"),
    ],
)
def test_what_cannot_be_tested_is_refused(rule, said):
    with pytest.raises(TallyError) as refusal:
        motion(1, 1, **rule)
    assert str(refusal.value) == said


def test_a_motion_has_its_own_words():
    words = ("dafür", "dagegen", "enthalten")
    rule = dict(zip(("yes", "no", "abstain"), words, strict=True))
    outcome = count("majority", box(3, 2, 4, names=words), **rule)
    assert (outcome.winners, outcome.facts["abstain"], outcome.parameters["no"]) == (("dafür",), 4, "dagegen")
    assert outcome.options["dafür"].margin.votes == 1
    assert count("majority", box(3, 2, names=("yes", "no"))).facts["abstain"] == 0
    assert count("consensus", box(3, 0, 4, names=words), **rule).winners == ("dafür",)
    for rule in ("majority", "consensus"):
        with pytest.raises(TallyError, match=r"^a motion needs the options 'yes' and 'no'$"):
            count(rule, box(3, 2, names=("yes", "nay")))
        with pytest.raises(TallyError, match=r"^a motion needs the options 'yes' and 'no'$"):
            count(rule, box(3, 2, names=("yea", "no")))
        with pytest.raises(TallyError, match=r"^a motion has no option 'maybe'$"):
            count(rule, box(3, 2, 1, names=("yes", "no", "maybe")))


def agreed(yes, no, abstain=0, blanks=0, **rule):
    return count("consensus", box(yes, no, abstain, blanks), **rule)


def test_consensus_counts_objections():
    outcome = agreed(5, 1, 2, 1, objections=2)
    facts = {"yes": 5, "no": 1, "abstain": 2, "blank": 1, "objections_allowed": 2}
    assert (outcome.rule, outcome.verdict, outcome.winners) == ("consensus", "carried", ("yes",))
    assert (outcome.n, outcome.blanks, outcome.facts) == (8, 1, facts)
    assert outcome.options["no"].margin == Margin(votes=2, votes_exact=True)
    assert outcome.options["no"].numbers == {**facts, "votes": 1}
    assert outcome.options["yes"].margin is None
    assert outcome.parameters.items() >= {
        "objections": 2, "quorum": None, "present": None, "members": None, "yes": "yes", "no": "no",
        "abstain": "abstain",
    }.items()  # fmt: skip
    lost = agreed(5, 3, objections=1)
    assert (lost.verdict, lost.winners, lost.options["no"].margin.votes) == ("lost", ("no",), 2)
    assert agreed(1, 0).verdict == "carried"
    assert agreed(1, 1).verdict == "lost"
    assert agreed(1, 1).options["no"].margin == Margin(votes=1, votes_exact=True)
    unwanted = agreed(0, 1, objections=1)
    assert (unwanted.verdict, unwanted.options["no"].margin) == ("lost", Margin())
    nobody = agreed(0, 0, 3)
    assert (nobody.verdict, nobody.winners, nobody.options["no"].margin) == ("no_valid_ballots", (), Margin())
    with pytest.raises(TallyError, match=r"^the number of objections allowed cannot be negative$"):
        agreed(1, 0, objections=-1)


def test_consensus_needs_its_quorum():
    missed = agreed(3, 0, 1, 1, quorum="1/3", members=17)
    assert (missed.verdict, missed.winners) == ("no_quorum", ())
    assert missed.facts["quorum"] == {"share": Fraction(1, 3), "members": 17, "needed": 6, "turned_out": 5}
    assert missed.facts["short_of_quorum"] == 1
    assert missed.parameters["quorum"] == Fraction(1, 3)
    assert agreed(3, 0, 1, 2, quorum="1/3", members=17).verdict == "carried"
    assert agreed(3, 0, 1, 1, quorum="1/3", members=17, present=6).verdict == "carried"
    assert agreed(9, 0, quorum="1/3", members=17, present=5).facts["quorum"]["turned_out"] == 5
    with pytest.raises(TallyError, match=r"^a quorum needs the number of members$"):
        agreed(1, 0, quorum="1/3")
