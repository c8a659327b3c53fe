"""Who won has an award, from the published result and not a moment before."""

import pytest
from django.test import Client

import ledger
from assemblies.models import Assembly, Membership, Role
from proposals.models import Award, Cycle, Project
from proposals.services import CycleRefused, draw_up_awards
from tests.make import make_member
from tests.proposals.making import make_open_ballot, make_published, pot_of, project_of, vote
from voting import services as voting


def test_awards_come_with_the_publication(
    voting_now: Cycle, amina: Membership, bao: Membership, eva: Membership
) -> None:
    poll = make_open_ballot(voting_now, amina, eva)
    vote(poll, amina, "Shade trees", "Repair café")
    vote(poll, bao, "Safe crossing")
    poll = voting.close_poll(poll=poll, actor=None)
    assert not Award.objects.exists()
    with pytest.raises(CycleRefused, match="no published result"):
        draw_up_awards(poll)
    voting.publish_poll(poll=poll, actor=None)
    awarded = [(award.project.title, award.amount) for award in Award.objects.select_related("project")]
    assert sum(amount for _title, amount in awarded) <= 100_000_00
    assert awarded == [(p.title, p.cost) for p in Project.objects.funded()]
    assert [award.rank for award in Award.objects.all()] == list(range(1, len(awarded) + 1))
    assert "Repair café" in dict(awarded)


def test_a_void_result_gives_no_money_and_the_log_remembers(
    voting_now: Cycle, amina: Membership, eva: Membership
) -> None:
    poll = make_published(voting_now, amina, eva)
    assert Award.objects.exists()
    people = [make_member(poll.assembly, name, Role.ADMINISTRATOR).user for name in ("Una", "Vera")]
    voting.void_poll(poll=poll, actor=people[0], reason="The register was wrong.")
    assert Award.objects.exists()  # one person alone takes no money away
    voting.void_poll(poll=poll, actor=people[1], reason="")
    assert not Award.objects.exists()
    bodies = [event.body for event in ledger.events(voting_now.pk)]
    assert any("result.published" in body for body in bodies)
    assert any("ballot.voided" in body for body in bodies)


def test_funded_is_told_on_every_page_of_the_proposal(
    client: Client, riverside: Assembly, voting_now: Cycle, amina: Membership, eva: Membership
) -> None:
    make_published(voting_now, amina, eva)
    won, lost = project_of(voting_now, "Chess tables"), project_of(voting_now, "Shade trees")
    assert won.is_funded
    for project, words in ((won, "Funded"), (lost, "Not funded")):
        assert project.proposal is not None
        if project.is_funded == (words == "Funded"):
            assert words in client.get(f"/proposals/{project.proposal.pk}/").content.decode()
            assert words in client.get(f"/projects/{project.pk}/").content.decode()
    listed = client.get(f"/cycles/{voting_now.pk}/proposals/?status=funded").content.decode()
    assert "Chess tables" in listed


def test_an_award_is_never_more_than_the_pot(voting_now: Cycle, amina: Membership, eva: Membership) -> None:
    make_member(voting_now.assembly, "Third")
    make_published(voting_now, amina, eva)
    assert sum(award.amount for award in Award.objects.all()) <= pot_of(voting_now).amount
