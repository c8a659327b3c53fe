"""A project is taken back, cannot be built or costs something else while people vote on it."""

from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client

import ledger
from accounts import fresh_proof
from assemblies.models import Assembly, Membership
from jobs.testing import run_waiting
from proposals.models import Cycle, Incident
from proposals.services import CycleRefused, report_incident
from tests.make import line_of, make_member
from tests.proposals.making import Kind, make_cycle, make_open_ballot, project_of, vote
from tests.proving import prove
from voting import counting
from voting import services as voting
from voting.board import verify
from voting.models import Option, OptionWithdrawal, Poll, PollState, Publication, Result, Secrecy

WHY = "A water pipe runs under the square."


@pytest.fixture
def poll(voting_now: Cycle, amina: Membership, bao: Membership, eva: Membership) -> Poll:
    return make_open_ballot(voting_now, amina, eva)


def off(cycle: Cycle, title: str = "Shade trees", **fields: Any) -> Incident:
    return report_incident(
        project=project_of(cycle, title), actor=None, **{"kind": "unfeasible", "reason": WHY, **fields}
    )


def page(client: Client, url: str) -> str:
    return client.get(url, follow=True).content.decode()


def test_bao_takes_a_project_off_the_ballot_and_everybody_reads_why(
    client: Client, voting_now: Cycle, poll: Poll, amina: Membership, bao: Membership
) -> None:
    project = project_of(voting_now, "Shade trees")
    client.force_login(bao.user)
    prove(client, bao.user)
    url = f"/projects/{project.pk}/incident/"
    assert url in page(client, f"/projects/{project.pk}/")
    assert client.get(url).status_code == 200
    assert client.post(url, {"kind": "unfeasible", "reason": WHY}).status_code == 302
    client.force_login(amina.user)
    assert WHY in page(client, f"/projects/{project.pk}/")
    assert WHY in page(client, f"/polls/{poll.pk}/")
    assert WHY in page(client, f"/cycles/{voting_now.pk}/")
    assert [event.kind for event in ledger.events(voting_now.pk)][-1] == "ballot.incident"
    assert [event.kind for event in ledger.events(poll.pk)][-1] == "poll.option_withdrawn"


def test_bao_shows_the_second_factor_first(client: Client, voting_now: Cycle, poll: Poll, bao: Membership) -> None:
    client.force_login(bao.user)
    url = f"/projects/{project_of(voting_now, 'Shade trees').pk}/incident/"
    assert client.get(url)["Location"].startswith("/me/prove/")  # before anything is typed
    assert client.post(url, {"kind": "unfeasible", "reason": WHY})["Location"].startswith("/me/prove/")
    assert not Incident.objects.exists()


def test_what_was_typed_before_the_proof_is_there_afterwards(
    client: Client, voting_now: Cycle, poll: Poll, bao: Membership
) -> None:
    client.force_login(bao.user)
    url = f"/projects/{project_of(voting_now, 'Shade trees').pk}/incident/"
    typed = {"kind": "price", "new_cost": "65 000", "reason": WHY}
    client.post(url, typed)
    prove(client, bao.user)
    found = page(client, url)
    assert WHY in found
    assert 'value="65 000"' in found
    assert "Nothing has happened yet" in found
    assert not Incident.objects.exists()
    client.post(url, typed)
    assert Incident.objects.get().new_cost == 65_000_00
    assert fresh_proof.TYPED not in client.session  # it has happened now


def test_amina_may_not_and_chidi_finds_nothing(
    client: Client, voting_now: Cycle, poll: Poll, amina: Membership, chidi: Membership
) -> None:
    url = f"/projects/{project_of(voting_now, 'Shade trees').pk}/incident/"
    client.force_login(amina.user)
    assert client.post(url, {"kind": "unfeasible", "reason": WHY}).status_code == 403
    assert client.put(url).status_code == 405
    Assembly.objects.filter(pk=voting_now.assembly_id).update(is_public=False)
    client.force_login(chidi.user)
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"reason": " "}, "Say why"),
        ({"kind": "boring"}, "Say what happened"),
        ({"kind": "price"}, "Write the new price"),
        ({"kind": "price", "new_cost": 60_000_00}, "another one than the price"),
    ],
)
def test_what_is_not_said_well_changes_nothing(
    voting_now: Cycle, poll: Poll, given: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CycleRefused, match=sentence):
        off(voting_now, **given)
    assert not Incident.objects.exists()
    assert not OptionWithdrawal.objects.exists()


def test_the_form_comes_back_with_what_was_typed(
    client: Client, voting_now: Cycle, poll: Poll, bao: Membership
) -> None:
    client.force_login(bao.user)
    prove(client, bao.user)
    url = f"/projects/{project_of(voting_now, 'Shade trees').pk}/incident/"
    answer = client.post(url, {"kind": "price", "reason": WHY})
    assert answer.status_code == 422
    assert WHY in answer.content.decode()


def test_it_is_for_the_days_of_the_vote_and_happens_once(voting_now: Cycle, poll: Poll) -> None:
    later = voting_now.phases.get(kind=Kind.FINISHED).starts_at
    with pytest.raises(CycleRefused, match="Nobody votes at the moment"):
        off(voting_now, at=later)
    off(voting_now)
    with pytest.raises(CycleRefused, match="before"):
        off(voting_now)
    voting.close_poll(poll=poll, actor=None)
    with pytest.raises(CycleRefused, match="Only while people vote"):
        off(voting_now, "Safe crossing")


def test_the_ballot_shows_it_no_more_and_takes_it_no_more(
    client: Client, voting_now: Cycle, poll: Poll, amina: Membership
) -> None:
    key = Option.objects.get(poll=poll, title="Shade trees").key
    off(voting_now)
    client.force_login(amina.user)
    paper = page(client, f"/polls/{poll.pk}/")
    assert f'value="{key}"' not in paper
    with pytest.raises(voting.BallotRefused, match="was taken off the ballot"):
        vote(poll, amina, "Shade trees", "Chess tables")
    vote(poll, amina, "Chess tables")


def test_a_ballot_that_is_in_and_arrives_again_is_no_new_one(voting_now: Cycle, poll: Poll, amina: Membership) -> None:
    vote(poll, amina, "Shade trees")
    off(voting_now)
    vote(poll, amina, "Shade trees")  # the same key: the network was slow
    assert poll.turnout == 1


@pytest.mark.parametrize("secrecy", [Secrecy.NAMED, Secrecy.CONFIDENTIAL])
def test_lines_that_are_left_are_void_and_their_number_is_said(
    riverside: Assembly, amina: Membership, bao: Membership, eva: Membership, secrecy: Secrecy, client: Client
) -> None:
    """Amina changes her ballot, the others do not; the most voted project is off, and the count is exact."""
    cycle = make_cycle(riverside, Kind.BALLOTING, secrecy=secrecy, rule="greedy", rule_parameters={})
    dora = make_member(riverside, "Dora")
    poll = make_open_ballot(cycle, amina, eva)
    for person in (amina, bao, dora):
        vote(poll, person, "Shade trees", "Chess tables")
    off(cycle)
    choice = {"options": [Option.objects.get(poll=poll, title="Repair café").key]}
    voting.cast_ballot(poll=poll, line=line_of(poll, amina), choice=choice, key="another-key-of-hers")
    poll = voting.publish_poll(poll=voting.close_poll(poll=poll, actor=None), actor=None)
    key = Option.objects.get(poll=poll, title="Shade trees").key
    result = Result.objects.get(poll=poll, is_binding=True)
    assert key not in result.winners
    assert {"votes": result.outcome["options"][key]["numbers"]["votes"]} == {"votes": 2}
    counted = next(event for event in ledger.events(poll.pk) if event.kind == "poll.counted")
    assert counted.data["void_lines"] == {key: 2}
    assert counting.void_lines(poll) == {key: 2}
    assert "votes that it has on ballots are void: 2" in page(client, f"/cycles/{cycle.pk}/results/")
    holds, said = verify.findings(lambda: verify.unpack(bytes(Publication.objects.get(poll=poll).archive)))
    assert holds, said


def test_the_whole_register_has_the_same_mail(
    voting_now: Cycle, poll: Poll, amina: Membership, bao: Membership
) -> None:
    vote(poll, amina, "Shade trees")
    assert poll.change_allowed
    assert poll.closes_at is not None
    off(voting_now, kind="price", new_cost=123_400)
    run_waiting()
    to = sorted(message.to[0] for message in mail.outbox)
    assert {amina.user.email, bao.user.email} <= set(to)
    assert len(to) == poll.entitled
    assert len({message.body for message in mail.outbox}) == 1
    assert WHY in mail.outbox[0].body
    assert "now it would cost" in mail.outbox[0].body
    assert "you can change your ballot until" in mail.outbox[0].body
    assert "<" not in mail.outbox[0].body


def test_the_database_lets_nothing_be_taken_off_a_ballot_that_is_not_open(
    riverside: Assembly, amina: Membership, eva: Membership, voting_now: Cycle, poll: Poll
) -> None:
    closed = voting.close_poll(poll=poll, actor=None)
    assert closed.state == PollState.WITHHELD
    with pytest.raises(DatabaseError, match="only while people vote"), transaction.atomic():
        OptionWithdrawal.objects.create(option=poll.options.all()[0], reason=WHY)


def test_without_the_mark_at_the_count_it_would_win(
    voting_now: Cycle, poll: Poll, amina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The switch: a count that does not look at what was taken off funds it."""
    vote(poll, amina, "Shade trees")
    off(voting_now)
    monkeypatch.setattr(counting, "keys_taken_off", lambda poll: frozenset())
    voting.close_poll(poll=poll, actor=None)
    key = Option.objects.get(poll=poll, title="Shade trees").key
    assert key in Result.objects.get(poll=poll, is_binding=True).winners
