"""Papers of every kind over plain HTTP: nothing is lost on an error, and a blank ballot is asked for."""

from typing import Any

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from tests.make import make_open_poll
from voting.models import OpenBallot, Poll

pytestmark = pytest.mark.django_db
KEY = "a key that amina's page made"
KINDS: dict[str, tuple[dict[str, Any], dict[str, Any], str, list[str]]] = {
    # fields of the poll; what is sent wrongly; what to change; what must still stand on the paper
    "yes_no": ({}, {"options": ["yes", "no"]}, "You chose 2, and only 1", ['value="no" checked']),
    "choose_one": ({}, {"options": ["a", "b"]}, "You chose 2, and only 1", ['value="b" checked']),
    "approval": ({"max_choices": 1}, {"options": ["a", "c"]}, "You chose 2, and only 1", ['value="c" checked']),
    "points": (
        {"ballot_parameters": {"max_points": 10}},
        {"points-a": "9", "points-b": "2"},
        "You gave 11 points, and you have 10. Take 1 away.",
        ['name="points-a" value="9"', 'name="points-b" value="2"'],
    ),
    "score": (
        {"ballot_parameters": {"max_score": 20}},
        {"score-a": "21", "score-b": "7"},
        "from 0 to 20, or no mark",
        ['name="score-a" value="21"', 'name="score-b" value="7"'],
    ),
    "ranked": (
        {},
        {"place-a": "1", "place-b": "1", "place-c": "2"},
        "Give each option a place of its own",
        ['<option value="1" selected>1</option>', '<option value="2" selected>2</option>'],
    ),
    "consensus": (
        {},
        {"options": ["agree"], "reason": "But <who> pays?"},
        "you agree without reservations",
        ['value="agree" checked', "But &lt;who&gt; pays?</textarea>"],
    ),
}


@pytest.fixture
def poll(riverside: Assembly, amina: Membership, request: pytest.FixtureRequest) -> Poll:
    fields = KINDS[request.param][0]
    return make_open_poll(riverside, amina, ballot_type=request.param, **fields)


def stored() -> list[Any]:
    return list(OpenBallot.objects.values_list("choice", flat=True))


@pytest.mark.parametrize("poll", KINDS, indirect=True)
def test_what_was_entered_stays_beside_what_to_change(client: Client, amina: Membership, poll: Poll) -> None:
    client.force_login(amina.user)
    _fields, wrong, change, kept = KINDS[poll.ballot_type]
    for page in ("cast", "review"):
        answer = client.post(f"/polls/{poll.pk}/{page}/", {"key": KEY, **wrong})
        text = answer.content.decode()
        assert answer.status_code == 422
        assert change in text
        assert all(piece in text for piece in kept)
    assert stored() == []


@pytest.mark.parametrize("poll", KINDS, indirect=True)
def test_nothing_chosen_is_not_blank_until_that_is_said(client: Client, amina: Membership, poll: Poll) -> None:
    client.force_login(amina.user)
    answer = client.post(f"/polls/{poll.pk}/cast/", {"key": KEY})
    assert answer.status_code == 422
    assert "You have not chosen anything yet. Choose, or hand in a blank ballot." in answer.content.decode()
    wrong = KINDS[poll.ballot_type][1]
    check = client.post(f"/polls/{poll.pk}/review/", {"key": KEY, "blank": "yes", **wrong})
    assert "Your ballot is blank." in check.content.decode()
    assert '<input type="hidden" name="blank" value="yes">' in check.content.decode()
    assert client.post(f"/polls/{poll.pk}/cast/", {"key": KEY, "blank": "yes", **wrong}).status_code == 302
    assert stored() == [{}]


@pytest.mark.parametrize("poll", KINDS, indirect=True)
def test_papers_are_for_those_who_may_see_the_poll(
    client: Client, amina: Membership, bao: Membership, poll: Poll
) -> None:
    for page in ("cast", "review"):
        assert client.post(f"/polls/{poll.pk}/{page}/", {"key": KEY, "blank": "yes"}).status_code == 302  # to sign in
        client.force_login(amina.user)
        assert client.get(f"/polls/{poll.pk}/{page}/").status_code == 405
        client.force_login(bao.user)
        assert client.post(f"/polls/{poll.pk}/{page}/", {"key": KEY, "blank": "yes"}).status_code == 403
        client.logout()
    assert stored() == []


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"place-a": "one"}, "Use whole numbers for the places"),
        ({"place-a": "0"}, "Use whole numbers for the places"),
        ({"place-a": "\N{SUPERSCRIPT TWO}"}, "Use whole numbers for the places"),
    ],
)
def test_places_are_whole_numbers(
    client: Client, riverside: Assembly, amina: Membership, sent: dict[str, str], wrong: str
) -> None:
    poll = make_open_poll(riverside, amina, ballot_type="ranked")
    client.force_login(amina.user)
    answer = client.post(f"/polls/{poll.pk}/cast/", {"key": KEY, **sent})
    assert answer.status_code == 422
    assert wrong in answer.content.decode()


@pytest.mark.parametrize(
    ("mark", "taken"), [("-2", True), ("\N{MINUS SIGN}2", False), ("1.5", False), ("--1", False), ("5", True)]
)
def test_marks_are_whole_numbers(
    client: Client, riverside: Assembly, amina: Membership, mark: str, taken: bool
) -> None:
    limits = {"min_score": -2, "max_score": 5}
    poll = make_open_poll(riverside, amina, ballot_type="score", ballot_parameters=limits)
    client.force_login(amina.user)
    answer = client.post(f"/polls/{poll.pk}/cast/", {"key": KEY, "score-b": mark})
    assert (answer.status_code == 302) == taken
    assert bool(stored()) == taken


def test_a_changed_ballot_starts_from_the_last_one(client: Client, riverside: Assembly, amina: Membership) -> None:
    limits = {"ties_allowed": True}
    poll = make_open_poll(
        riverside, amina, ballot_type="ranked", rule="schulze", change_allowed=True, ballot_parameters=limits
    )
    client.force_login(amina.user)
    sent = {"key": KEY, "place-a": "3", "place-b": "1", "place-c": "3"}
    check = client.post(f"/polls/{poll.pk}/review/", sent).content.decode()
    assert "<bdi>2.</bdi> Repair café" in check  # places close up: what is shown is what counts
    client.post(f"/polls/{poll.pk}/cast/", sent)
    assert stored() == [{"ranking": [["b"], ["a", "c"]]}]
    paper = client.get(f"/polls/{poll.pk}/").content.decode()
    assert "You are changing it." in paper
    assert paper.count('<option value="2" selected>') == 2
