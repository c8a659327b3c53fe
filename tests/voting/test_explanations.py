"""Why it came out like this, in sentences with the numbers of the count."""

from typing import Any

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from tests.make import line_of, make_member, make_open_poll
from voting import results, services
from voting.choices import Choice
from voting.explanations import SENTENCES, ShownOutcome, explain
from voting.models import BallotType, Poll
from voting.rules_in_words import RULE_NAMES
from voting.tally import RULES

pytestmark = pytest.mark.django_db


@pytest.fixture
def crowd(riverside: Assembly) -> list[Membership]:
    return [make_member(riverside, f"Resident {n}") for n in range(10)]


def decide(poll: Poll, people: list[Membership], choices: list[Choice]) -> ShownOutcome:
    for person, choice in zip(people, choices, strict=False):
        services.cast_ballot(poll=poll, line=line_of(poll, person), choice=choice, key=f"key of {person.pk}")
    shown = explain(services.close_poll(poll=poll, actor=None))
    assert shown
    return shown


def motion(riverside: Assembly, crowd: list[Membership], answers: str) -> str:
    words = {"y": "yes", "n": "no", "a": "abstain"}
    poll = make_open_poll(
        riverside, *crowd, titles=["Yes", "No", "Abstain"], ballot_type=BallotType.YES_NO, published_at_close=True
    )
    return decide(poll, crowd, [{"options": [words[letter]]} for letter in answers]).sentence


def test_a_motion_says_how_many_were_needed(riverside: Assembly, crowd: list[Membership]) -> None:
    assert motion(riverside, crowd, "yyyyynnaaa") == "Carried: 5 yes of 7 counted, needed 4."
    assert motion(riverside, crowd, "yynnnn") == "Lost: 2 yes of 6 counted, needed 4."
    assert motion(riverside, crowd, "yynn") == "A tie: 2 yes and 2 no. The motion is not carried."
    assert motion(riverside, crowd, "aaa") == "No decision: nobody voted yes or no."


def test_a_runoff_tells_its_rounds(riverside: Assembly, crowd: list[Membership]) -> None:
    poll = make_open_poll(riverside, *crowd, ballot_type=BallotType.RANKED, published_at_close=True)
    ballots: list[Choice] = [{"ranking": ["a"]}] * 4 + [{"ranking": ["b"]}] * 3 + [{"ranking": ["c", "b"]}] * 2
    shown = decide(poll, crowd, ballots)
    assert shown.sentence == "Chosen: Safe crossing."
    assert shown.rounds == [
        "Round 1, 5 needed: Shade trees 4, Safe crossing 3, Repair café 2. Repair café drops out.",
        "Round 2, 5 needed: Safe crossing 5, Shade trees 4.",
    ]
    assert [one.sentence for one in shown.options] == [
        "It has 5 of the 9 votes that still count in round 2.",
        "It stayed to the end with 4 votes, 1 behind.",
        "Dropped out in round 1 with 2 votes.",
    ]


def test_a_budget_tells_why_and_by_how_much(riverside: Assembly, crowd: list[Membership]) -> None:
    poll = make_open_poll(
        riverside, *crowd, costs=[700_00, 600_00, 300_00], rule="greedy", compared_rules=["equal-shares"],
        budget=1000_00, currency="EUR", published_at_close=True,
    )  # fmt: skip
    ballots: list[Choice] = [{"options": ["a"]}] * 5 + [{"options": ["b"]}] * 3 + [{"options": ["c"]}] * 2
    shown = decide(poll, crowd, ballots)
    plain = [one.sentence.replace("\u00a0", " ") for one in shown.options]
    assert plain == [
        "Number 1 by votes. 1 000 € was left in its turn, and it costs 700 €.",
        "Number 3 by votes. 300 € was left in its turn, and it costs 300 €.",
        "Number 2 by votes. 300 € was left in its turn: 300 € short.",
    ]
    assert shown.options[2].margin == "2 more votes would have won."  # level with the first, and cheaper
    assert shown.sentence == "2 of 3 projects are funded."
    assert (shown.total_cost, shown.unspent) == (1000_00, 0)


def test_equal_shares_tells_what_its_supporters_had(riverside: Assembly, crowd: list[Membership]) -> None:
    poll = make_open_poll(
        riverside, *crowd, costs=[500_00, 500_00, 400_00], rule="equal-shares", budget=1000_00, currency="EUR",
        published_at_close=True, rule_parameters={"completion": "none"},
    )  # fmt: skip
    ballots: list[Choice] = [{"options": ["a", "b"]}] * 6 + [{"options": ["c"]}] * 4
    shown = decide(poll, crowd, ballots)
    sentences = {one.option.key: one.sentence.replace("\u00a0", " ") for one in shown.options}
    assert {sentences["a"], sentences["b"]} == {  # a lot decides between them
        "Funded in round 1: 6 supporters paid for it, at most 83.34 € each.",
        "Its 6 supporters had 100 € left together: 400 € short.",
    }
    assert sentences["c"] == "Funded in round 2: 4 supporters paid for it, at most 100 € each."


def test_of_a_group_of_rivals_the_page_names_the_one_that_was_funded(
    riverside: Assembly, crowd: list[Membership]
) -> None:
    poll = make_open_poll(
        riverside, *crowd, costs=[400_00, 300_00, 200_00], rule="greedy", budget=1000_00, currency="EUR",
        published_at_close=True, rule_parameters={"exclusive": [["a", "b"]]},
    )  # fmt: skip
    ballots: list[Choice] = [{"options": ["a"]}] * 5 + [{"options": ["b"]}] * 3 + [{"options": ["c"]}] * 2
    shown = decide(poll, crowd, ballots)
    titles = {option.key: option.title for option in poll.options.all()}
    sentences = {one.option.key: one.sentence for one in shown.options}
    assert sentences["b"] == f"Not funded: only one of its group can be, and “{titles['a']}” was funded before."


def test_every_reason_of_the_engine_about_money_has_a_sentence() -> None:
    for code in ("selected_by_floor", "rival_funded"):
        assert code in SENTENCES


CIRCLE = {"a": "agree", "r": "reservations", "s": "stand_aside", "b": "block"}


def circle(riverside: Assembly, crowd: list[Membership], answers: str, **rule: Any) -> ShownOutcome:
    """A consensus in which each letter is somebody's answer; whoever blocks or doubts says why."""
    poll = make_open_poll(
        riverside, *crowd, ballot_type=BallotType.CONSENSUS, published_at_close=True, rule_parameters=rule
    )
    return decide(
        poll,
        crowd,
        [
            {"options": [CIRCLE[letter]], **({"reason": f"{letter} {place}"} if letter in "rb" else {})}
            for place, letter in enumerate(answers)
        ],
    )


def test_a_consensus_says_how_many_gave_each_answer(riverside: Assembly, crowd: list[Membership]) -> None:
    shown = circle(riverside, crowd, "aaars")
    assert shown.sentence == "Agreed: agree 3, with reservations 1, stand aside 1, block 0."
    assert shown.is_positive
    assert [(one.option.key, one.votes) for one in shown.options] == [
        ("agree", 3),
        ("reservations", 1),
        ("stand_aside", 1),
        ("block", 0),
    ]
    assert shown.rule_in_words.startswith("Agreed when somebody agrees and no more than 0 people block.")


def test_a_block_stops_it_and_its_reason_is_told_without_a_name(
    riverside: Assembly, crowd: list[Membership], client: Client
) -> None:
    shown = circle(riverside, crowd, "aabrb", objections=1)
    assert shown.sentence == ("Blocked: block 2, and at most 1 may. Agree 2, with reservations 1, stand aside 0.")
    assert not shown.is_positive
    assert [(one.option.key, one.reasons) for one in shown.reasons] == [
        ("reservations", ["r 3"]),
        ("block", ["b 2", "b 4"]),
    ]
    page = client.get(f"/polls/{shown.result.poll_id}/result/").content.decode()
    assert "Reasons: Block" in page
    assert "b 4" in page
    assert "Resident" not in page


def test_other_ends_of_a_consensus(riverside: Assembly, crowd: list[Membership]) -> None:
    assert circle(riverside, crowd, "ss").sentence == "No decision: nobody agrees and nobody blocks."
    assert circle(riverside, crowd, "sb", objections=1).sentence == (
        "Not agreed: nobody agrees. Stand aside 1, block 1."
    )
    assert circle(riverside, crowd, "aass", talk_above="1/4").sentence.endswith("it is better to talk on.")


def test_unanimity_counts_who_says_no(riverside: Assembly, crowd: list[Membership]) -> None:
    poll = make_open_poll(
        riverside, *crowd, ballot_type=BallotType.YES_NO, rule="consensus", published_at_close=True,
        rule_parameters={"objections": 1},
    )  # fmt: skip
    shown = decide(poll, crowd, [{"options": ["yes"]}, {"options": ["no"]}])
    assert shown.sentence == "Carried: 1 yes, 1 no; at most 1 may say no."


@pytest.mark.parametrize("embargo", [True, False], ids=["under embargo", "without the embargo"])
def test_reasons_stay_under_embargo_with_the_result(
    riverside: Assembly, crowd: list[Membership], client: Client, monkeypatch: pytest.MonkeyPatch, embargo: bool
) -> None:
    """What somebody wrote stands in no page while the result is withheld; without the embargo this test finds it."""
    poll = make_open_poll(riverside, *crowd, ballot_type=BallotType.CONSENSUS)
    choice = {"options": ["block"], "reason": "The sentinel floods."}
    services.cast_ballot(poll=poll, line=line_of(poll, crowd[0]), choice=choice, key="a key of hers")
    services.close_poll(poll=poll, actor=None)
    if not embargo:
        monkeypatch.setattr("voting.results.are_visible", lambda poll: True)
    pages = [client.get(f"/polls/{poll.pk}/{page}").content.decode() for page in ("", "result/")]
    assert any("sentinel" in page for page in pages) != embargo


def test_points_are_told_as_points_and_blank_ballots_apart(
    riverside: Assembly, crowd: list[Membership], client: Client
) -> None:
    poll = make_open_poll(
        riverside, *crowd, ballot_type=BallotType.POINTS, ballot_parameters={"max_points": 10}, published_at_close=True
    )
    shown = decide(poll, crowd, [{"points": {"a": 7, "b": 3}}, {"points": {"b": 6}}, {}])
    assert [(one.option.key, one.sentence) for one in shown.options] == [
        ("b", "It has 9 points."),
        ("a", "It has 7 points, 2 behind the last that won."),
        ("c", "Nobody chose it."),
    ]
    page = client.get(f"/polls/{poll.pk}/result/").content.decode()
    assert "points" in page
    assert "<bdi>1</bdi> of them blank" in page


def test_marks_may_come_to_less_than_nothing(riverside: Assembly, crowd: list[Membership]) -> None:
    poll = make_open_poll(
        riverside, *crowd, ballot_type=BallotType.SCORE, published_at_close=True,
        ballot_parameters={"min_score": -2, "max_score": 2},
    )  # fmt: skip
    shown = decide(poll, crowd, [{"points": {"a": 2, "b": -2}}, {"points": {"a": 1, "b": 0}}])
    assert [(one.option.key, one.votes, one.share) for one in shown.options] == [
        ("a", 3, 1000),
        ("c", 0, 0),
        ("b", -2, 0),
    ]
    assert shown.options[2].sentence == "Its marks come to \N{MINUS SIGN}2 together. It takes more than nothing to win."


def test_equal_places_are_counted_by_duels(riverside: Assembly, crowd: list[Membership]) -> None:
    poll = make_open_poll(
        riverside, *crowd, ballot_type=BallotType.RANKED, rule="schulze", published_at_close=True,
        ballot_parameters={"ties_allowed": True},
    )  # fmt: skip
    ballots: list[Choice] = [{"ranking": [["a", "b"], ["c"]]}] * 2 + [{"ranking": ["b", "a"]}]
    assert decide(poll, crowd, ballots).sentence == "Chosen: Safe crossing."


def test_a_running_tally_sums_points_and_first_places(riverside: Assembly, crowd: list[Membership]) -> None:
    poll = make_open_poll(
        riverside, *crowd, ballot_type=BallotType.POINTS, ballot_parameters={"max_points": 10}, shown_while_open="tally"
    )
    services.cast_ballot(poll=poll, line=line_of(poll, crowd[0]), choice={"points": {"a": 8, "b": 2}}, key="a key")
    tally = results.running_tally(poll)
    assert tally
    assert [(total.votes, total.share) for total in tally.totals] == [(8, 1000), (2, 250), (0, 0)]
    ranked = make_open_poll(riverside, *crowd, ballot_type=BallotType.RANKED, shown_while_open="tally")
    services.cast_ballot(poll=ranked, line=line_of(ranked, crowd[0]), choice={"ranking": ["c", "a"]}, key="a key")
    tally = results.running_tally(ranked)
    assert tally
    assert [total.votes for total in tally.totals] == [0, 0, 1]


def test_every_rule_has_a_name_for_people() -> None:
    assert set(RULE_NAMES) == set(RULES)
