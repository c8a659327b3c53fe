"""Why it came out like this, in sentences with the numbers of the count."""

import pytest

from assemblies.models import Assembly, Membership
from tests.make import line_of, make_member, make_open_poll
from voting import services
from voting.choices import Choice
from voting.explanations import RULE_NAMES, SENTENCES, ShownOutcome, explain
from voting.models import BallotType, Poll
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


def test_every_rule_has_a_name_for_people() -> None:
    assert set(RULE_NAMES) == set(RULES)
