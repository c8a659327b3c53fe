import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from tests.make import line_of, make_open_poll
from voting import services

pytestmark = pytest.mark.django_db


def test_amina_downloads_the_polls_she_may_vote_in_and_her_own_ballots(
    client: Client, riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    poll = make_open_poll(riverside, amina, bao, change_allowed=True)
    options = [option.key for option in poll.options.all()]
    line = line_of(poll, amina)
    for option, key in zip(options, ("the first key of amina", "the second key of amina"), strict=False):
        services.cast_ballot(poll=poll, line=line, choice={"options": [option]}, key=key)
    services.cast_ballot(
        poll=poll, line=line_of(poll, bao), choice={"options": [options[0]]}, key="the key of bao here"
    )
    client.force_login(amina.user)
    (kept,) = client.get("/me/data.json").json()["polls"]
    assert kept["poll"] == poll.question
    assert kept["ballot"]["choice"] == {"options": [options[1]]}
    assert [ballot["choice"] for ballot in kept["earlier_ballots"]] == [{"options": [options[0]]}]


def test_who_has_not_voted_has_no_ballot_there(client: Client, riverside: Assembly, amina: Membership) -> None:
    make_open_poll(riverside, amina)
    client.force_login(amina.user)
    (kept,) = client.get("/me/data.json").json()["polls"]
    assert kept["ballot"] is None


def test_chidi_reads_nothing_of_it(client: Client, riverside: Assembly, amina: Membership, chidi: Membership) -> None:
    make_open_poll(riverside, amina)
    client.force_login(chidi.user)
    assert client.get("/me/data.json").json()["polls"] == []
