"""A counted result is withheld: no page knows it, not even whose job it is to publish it."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assemblies.models import Membership
from proposals import outcomes
from proposals.models import Cycle, Project
from tests.proposals.making import make_open_ballot, pot_of, vote
from voting import results
from voting import services as voting
from voting.models import Poll


@pytest.fixture
def withheld(voting_now: Cycle, amina: Membership, bao: Membership, eva: Membership) -> Poll:
    """Two of three voted for the crossing; the ballots are counted."""
    poll = make_open_ballot(voting_now, amina, eva)
    vote(poll, amina, "Safe crossing", "Chess tables")
    vote(poll, bao, "Safe crossing")
    return voting.close_poll(poll=poll, actor=None)


def pages_of(cycle: Cycle) -> Iterator[str]:
    yield from (
        f"/a/{cycle.assembly.slug}/",
        f"/a/{cycle.assembly.slug}/budget/",
        f"/cycles/{cycle.pk}/",
        f"/cycles/{cycle.pk}/ballot/",
        f"/cycles/{cycle.pk}/proposals/",
        f"/cycles/{cycle.pk}/proposals/?status=funded",
        f"/cycles/{cycle.pk}/proposals/?status=not_funded",
        f"/cycles/{cycle.pk}/results/",
        f"/cycles/{cycle.pk}/results.csv",
        f"/cycles/{cycle.pk}/delivery/",
        f"/cycles/{cycle.pk}/manage/",
        f"/polls/{pot_of(cycle).poll_id}/",
        f"/polls/{pot_of(cycle).poll_id}/result/",
    )
    for project in Project.objects.filter(heading__cycle=cycle).select_related("proposal"):
        yield f"/projects/{project.pk}/"
        if project.proposal is not None:
            yield f"/proposals/{project.proposal.pk}/"


def test_no_page_reads_a_result_or_a_choice_before_it_is_published(
    client: Client, withheld: Poll, voting_now: Cycle, amina: Membership, bao: Membership
) -> None:
    for person in (None, amina, bao):
        if person:
            client.force_login(person.user)
        for page in pages_of(voting_now):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                answer = client.get(page)
            text = answer.content.decode()
            assert "Not funded</span>" not in text, page
            assert "are funded" not in text, page
            for sql in (query["sql"] for query in asked.captured_queries):
                assert "voting_result" not in sql, page
                if '"voting_openballot"."choice"' in sql:  # one's own ballot may be read, by its line
                    assert '"voting_openballot"."line_id" = ' in sql.partition(" WHERE ")[2], page


def test_the_list_of_funded_is_empty_and_the_file_does_not_exist(
    client: Client, withheld: Poll, voting_now: Cycle, bao: Membership
) -> None:
    client.force_login(bao.user)
    assert "No proposals match" in client.get(f"/cycles/{voting_now.pk}/proposals/?status=funded").content.decode()
    assert client.get(f"/cycles/{voting_now.pk}/results.csv").status_code == 404
    page = client.get(f"/cycles/{voting_now.pk}/results/").content.decode()
    assert "Until then nobody can see them." in page
    assert "Safe crossing" not in page


def test_the_same_pages_tell_it_once_it_is_published(client: Client, withheld: Poll, voting_now: Cycle) -> None:
    voting.publish_poll(poll=withheld, actor=None)
    assert "projects are funded" in client.get(f"/cycles/{voting_now.pk}/results/").content.decode()
    assert "Safe crossing" in client.get(f"/cycles/{voting_now.pk}/results.csv").content.decode()


def test_without_the_embargo_the_page_would_leak(
    client: Client, withheld: Poll, voting_now: Cycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the protection taken away, the result is on the page: the tests above would notice."""
    monkeypatch.setattr(results, "are_visible", lambda poll: True)
    assert outcomes.results_of(Cycle.objects.whole().get(pk=voting_now.pk))
    assert "projects are funded" in client.get(f"/cycles/{voting_now.pk}/results/").content.decode()
