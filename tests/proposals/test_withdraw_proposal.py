"""Who wrote it may take it back, until it is on the ballot."""

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from proposals.models import Cycle, Proposal
from proposals.services import CycleRefused, withdraw_proposal
from tests.proposals.making import Kind, make_ballot, make_cycle, make_draft, make_proposal


def test_amina_takes_her_proposal_back(client: Client, amina: Membership, ideas: Cycle) -> None:
    proposal = make_proposal(ideas, amina)
    client.force_login(amina.user)
    client.post(f"/proposals/{proposal.pk}/withdraw/")
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.WITHDRAWN
    assert "Taken back by its author" in client.get(f"/proposals/{proposal.pk}/").content.decode()


def test_bao_cannot_take_back_what_amina_wrote(
    client: Client, amina: Membership, bao: Membership, ideas: Cycle
) -> None:
    proposal = make_proposal(ideas, amina)
    client.force_login(bao.user)
    assert client.post(f"/proposals/{proposal.pk}/withdraw/").status_code == 404
    with pytest.raises(CycleRefused, match="Only the author"):
        withdraw_proposal(proposal=proposal, actor=bao.user)


def test_a_draft_or_a_withdrawn_proposal_is_not_taken_back(amina: Membership, ideas: Cycle) -> None:
    draft = make_draft(ideas, amina)
    with pytest.raises(CycleRefused, match="cannot be taken back"):
        withdraw_proposal(proposal=draft, actor=amina.user)
    sent = make_proposal(ideas, amina)
    withdraw_proposal(proposal=sent, actor=amina.user)
    with pytest.raises(CycleRefused, match="cannot be taken back"):
        withdraw_proposal(proposal=sent, actor=amina.user)


def test_what_is_on_the_ballot_stays_there(
    client: Client, riverside: Assembly, amina: Membership, eva: Membership
) -> None:
    cycle = make_cycle(riverside, Kind.REVIEWING)
    make_ballot(cycle, amina, eva)
    proposal = Proposal.objects.get(title="Shade trees")
    client.force_login(amina.user)
    answer = client.post(f"/proposals/{proposal.pk}/withdraw/", follow=True)
    assert "on the ballot, so it can no longer be taken back" in answer.content.decode()
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.FEASIBLE
