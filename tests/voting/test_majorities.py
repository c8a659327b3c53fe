"""Of whom a majority is: each base counted from a real poll, published, checked, and said in words."""

import json
from typing import Any

import pytest

from assemblies.models import Assembly, Membership
from tests.make import line_of, make_member, make_poll
from voting import counting, explanations, services
from voting.board import verify
from voting.headlines import motion
from voting.models import Poll, Publication
from voting.services import NewLine
from voting.tally import Ballot, Option, build_election, count
from voting.tally.majority import THRESHOLDS

pytestmark = pytest.mark.django_db

WEIGHTS = (5, 1, 1, 1, 2)  # ten votes


@pytest.fixture
def crowd(riverside: Assembly) -> list[Membership]:
    return [make_member(riverside, f"Resident {number}") for number in range(5)]


def opened(riverside: Assembly, crowd: list[Membership], **fixed: Any) -> Poll:
    poll = make_poll(riverside, ballot_type="yes_no", rule_parameters=fixed)
    lines = [NewLine(member, weight=weight) for member, weight in zip(crowd, WEIGHTS, strict=True)]
    return services.open_poll(poll=poll, lines=lines, actor=None)


def counted(poll: Poll, crowd: list[Membership], answers: str) -> explanations.ShownOutcome:
    """The outcome in words; the published files hold."""
    words: dict[str, dict[str, Any]] = {
        "y": {"options": ["yes"]},
        "n": {"options": ["no"]},
        "a": {"options": ["abstain"]},
        "-": {},
    }
    for member, letter in zip(crowd, answers, strict=False):
        services.cast_ballot(poll=poll, line=line_of(poll, member), choice=words[letter], key=str(member.pk))
    poll = services.publish_poll(poll=services.close_poll(poll=poll, actor=None), actor=None)
    files = verify.unpack(bytes(Publication.objects.get(poll=poll).archive))
    said = verify.check(files, root=poll.published_root)
    assert any("majority, " in sentence for sentence in said)
    shown = explanations.explain(poll)
    assert shown
    return shown


# Five votes yes, one no, one abstains, one is blank, and two are not cast.
@pytest.mark.parametrize(
    ("base", "numbers", "size", "sentence", "words"),
    [
        ("cast", {}, 6, "Carried: 5 yes of 6 counted, needed 4.", "more than half of the yes and no votes"),
        ("ballots", {}, 8, "Carried: 5 yes of 8 ballots, needed 5.", "of all ballots. To abstain counts like a no."),
        ("present", {}, 8, "Carried: 5 yes of 8 counted, needed 5.", "of all ballots. To abstain counts like a no."),
        ("present", {"present": 9}, 9, "Carried: 5 yes of 9 counted, needed 5.", "those present at the opening"),
        ("register", {}, 10, "Lost: 5 yes of 10 who may vote, needed 6.", "everybody who may vote"),
        ("members", {}, 10, "Lost: 5 yes of 10 who may vote, needed 6.", "everybody who may vote"),
        ("members", {"members": 30}, 30, "Lost: 5 yes of 30 members, needed 16.", "of all members"),
    ],
)
def test_each_base_is_counted_in_votes_and_said(
    riverside: Assembly,
    crowd: list[Membership],
    base: str,
    numbers: dict[str, int],
    size: int,
    sentence: str,
    words: str,
) -> None:
    poll = opened(riverside, crowd, base=base, **numbers, **(THRESHOLDS["majority"]))
    shown = counted(poll, crowd, "yna-")
    assert shown.result.outcome["facts"]["tests"][0]["base_size"] == size
    assert shown.sentence == sentence
    assert words in shown.rule_in_words


def test_a_number_that_is_too_small_does_not_make_more_than_all_of_a_base(
    riverside: Assembly, crowd: list[Membership]
) -> None:
    for base in ("present", "members"):
        poll = opened(riverside, crowd, base=base, **{base: 3}, **THRESHOLDS["unanimous"])
        shown = counted(poll, crowd, "yyyya")
        assert shown.verdict == "lost"
        assert shown.result.outcome["facts"]["tests"][0]["base_size"] == 10


@pytest.mark.parametrize(
    ("base", "answers", "verdict", "words"),
    [
        ("cast", "yyya", "carried", "somebody says yes and nobody says no"),
        ("ballots", "yyya", "lost", "everybody who votes says yes"),
        ("ballots", "yyyy", "carried", "everybody who votes says yes"),
        ("register", "yyyy", "lost", "everybody who may vote says yes"),
        ("register", "yyyyy", "carried", "everybody who may vote says yes"),
    ],
)
def test_unanimous_is_said_without_figures(
    riverside: Assembly, crowd: list[Membership], base: str, answers: str, verdict: str, words: str
) -> None:
    shown = counted(opened(riverside, crowd, base=base, **THRESHOLDS["unanimous"]), crowd, answers)
    assert (shown.verdict, words in shown.rule_in_words) == (verdict, True)


@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("base", ["cast", "ballots", "present", "register", "members"])
def test_nobody_who_says_yes_or_no_carries_nothing(
    riverside: Assembly, crowd: list[Membership], threshold: str, base: str
) -> None:
    poll = opened(riverside, crowd, base=base, **THRESHOLDS[threshold])
    assert counting.problems(poll) == []
    shown = counted(poll, crowd, "a-")
    assert (shown.verdict, shown.is_positive) == ("no_valid_ballots", False)
    assert shown.sentence == "No decision: nobody voted yes or no."


def test_of_two_majorities_the_one_that_was_missed_is_said(riverside: Assembly, crowd: list[Membership]) -> None:
    poll = opened(riverside, crowd, and_threshold="3/5", and_base="register")
    assert counted(poll, crowd, "yn").sentence == "Lost: 5 yes of 10 who may vote, needed 6."
    poll = opened(riverside, crowd, and_threshold="1/4")
    assert counted(poll, crowd, "yn").sentence == "Carried: 5 yes of 6 counted, needed 4."


def test_a_result_by_another_majority_than_the_poll_fixed_is_found(
    riverside: Assembly, crowd: list[Membership]
) -> None:
    poll = opened(riverside, crowd, base="register", **THRESHOLDS["two_thirds"])
    result = json.loads(json.dumps(counted(poll, crowd, "yna-").result.outcome))
    sums = {"totals": {"yes": 5, "no": 1, "abstain": 1}, "ballots": 8, "blank": 1, "how": "", "each": None}
    definition = poll.define()
    verify.recount(definition, [result], sums, 10, [])
    test = result["facts"]["tests"][0]
    for changes in ({"base": "cast"}, {"threshold": "1/2"}, {"operator": ">"}):
        other = {**result, "facts": {**result["facts"], "tests": [{**test, **changes}]}}
        with pytest.raises(verify.Refused, match="Another"):
            verify.recount(definition, [other], sums, 10, [])
    none = {**result, "facts": {**result["facts"], "tests": []}}
    with pytest.raises(verify.Refused, match="Another majority"):
        verify.recount(definition, [none], sums, 10, [])
    with pytest.raises(verify.Refused, match="another number of votes"):
        verify.recount(definition, [result], sums, 11, [])
    chair = {**result, "parameters": {**result["parameters"], "casting_vote": "yes"}}
    with pytest.raises(verify.Refused, match="casting vote"):
        verify.recount(definition, [chair], sums, 10, [])


def test_the_casting_vote_is_said() -> None:
    options = [Option("yes"), Option("no"), Option("abstain")]
    tied = build_election(
        kind="choose-1", options=options, ballots=[Ballot(["yes"], weight=4), Ballot(["no"], weight=4)]
    )

    def said(**rule: Any) -> str:
        return motion(count("majority", tied, **rule).as_dict())

    assert said() == "A tie: 4 yes and 4 no. The motion is not carried."
    assert said(casting_vote="yes") == "Carried by the casting vote of the chair: 4 yes and 4 no."
    assert said(casting_vote="no") == "Lost by the casting vote of the chair: 4 yes and 4 no."
    missed = said(casting_vote="yes", and_threshold="1/2", and_base="register", register=12)
    assert missed == "Lost: 4 yes of 12 who may vote, needed 6."


def test_where_nobody_has_enough_a_runoff_is_named(riverside: Assembly, crowd: list[Membership]) -> None:
    poll = make_poll(riverside, ballot_type="choose_one", rule="plurality", rule_parameters={"more_than": "1/2"})
    poll = services.open_poll(poll=poll, lines=[NewLine(member) for member in crowd], actor=None)
    for member, key in zip(crowd, "aabbc", strict=True):
        services.cast_ballot(poll=poll, line=line_of(poll, member), choice={"options": [key]}, key=str(member.pk))
    poll = services.publish_poll(poll=services.close_poll(poll=poll, actor=None), actor=None)
    shown = explanations.explain(poll)
    assert shown
    assert shown.sentence == "Nothing was chosen: no option has more than 2 votes. A runoff can decide."
