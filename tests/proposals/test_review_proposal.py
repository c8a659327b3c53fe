"""The officials' signed answer: with a cost, or with a reason that everybody can read."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from assemblies.models import Assembly, Membership
from proposals.models import Cycle, Proposal, Review
from proposals.services import CycleRefused, review_proposal, start_phase
from tests.proposals.making import Kind, make_ballot, make_cycle, make_draft, make_evaluator, make_proposal, moment_in


def test_eva_finds_a_proposal_feasible_and_its_cost_is_public(
    client: Client, amina: Membership, eva: Membership, ideas: Cycle
) -> None:
    proposal = make_proposal(ideas, amina)
    client.force_login(eva.user)
    assert "Shade trees" in client.get(f"/cycles/{ideas.pk}/desk/").content.decode()
    answer = client.post(
        f"/proposals/{proposal.pk}/review/",
        {"feasibility": "feasible", "cost": "38 000", "note_internal": "NOT FOR RESIDENTS"},
    )
    assert answer["Location"] == f"/cycles/{ideas.pk}/desk/"
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.FEASIBLE
    client.logout()
    page = client.get(f"/proposals/{proposal.pk}/").content.decode()
    assert "38\u00a0000\u00a0€" in page
    assert "Can be built" in page
    assert "NOT FOR RESIDENTS" not in page


def test_a_no_without_a_reason_is_refused(client: Client, amina: Membership, eva: Membership, ideas: Cycle) -> None:
    proposal = make_proposal(ideas, amina)
    client.force_login(eva.user)
    answer = client.post(
        f"/proposals/{proposal.pk}/review/", {"feasibility": "unfeasible", "note_internal": "kept words"}
    )
    assert answer.status_code == 422
    assert "Write the reason." in answer.content.decode()
    assert "kept words" in answer.content.decode()
    client.post(
        f"/proposals/{proposal.pk}/review/", {"feasibility": "unfeasible", "public_reason": "The ground is not ours."}
    )
    client.logout()
    assert "The ground is not ours." in client.get(f"/proposals/{proposal.pk}/").content.decode()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"feasibility": "feasible"}, "needs a cost"),
        ({"feasibility": "feasible", "cost": 0}, "needs a cost"),
        ({"feasibility": "feasible", "cost": 100_000_01}, "more than all the money"),
        ({"feasibility": "perhaps", "cost": 5}, "whether it can be built"),
        ({"feasibility": "unfeasible", "public_reason": "  "}, "Write the reason"),
    ],
)
def test_half_an_answer_is_refused(
    amina: Membership, eva: Membership, ideas: Cycle, answer: dict[str, object], words: str
) -> None:
    proposal = make_proposal(ideas, amina)
    with pytest.raises(CycleRefused, match=words):
        review_proposal(proposal=proposal, evaluator=eva, **answer)  # type: ignore[arg-type]
    assert not Review.objects.exists()


def test_the_database_keeps_half_an_answer_out(amina: Membership, eva: Membership, ideas: Cycle) -> None:
    proposal = make_proposal(ideas, amina)
    with pytest.raises(IntegrityError, match="feasible_has_cost"), transaction.atomic():
        Review.objects.create(proposal=proposal, evaluator=eva, feasibility="feasible")
    with pytest.raises(IntegrityError, match="unfeasible_has_reason"), transaction.atomic():
        Review.objects.create(proposal=proposal, evaluator=eva, feasibility="unfeasible")


def test_nobody_checks_their_own_proposal(ideas: Cycle, eva: Membership) -> None:
    proposal = make_proposal(ideas, eva)
    with pytest.raises(CycleRefused, match="Somebody else"):
        review_proposal(proposal=proposal, evaluator=eva, feasibility="feasible", cost=100)


def test_a_second_look_stands_beside_the_first(amina: Membership, eva: Membership, ideas: Cycle) -> None:
    proposal = make_proposal(ideas, amina)
    review_proposal(proposal=proposal, evaluator=eva, feasibility="unfeasible", public_reason="Too steep.")
    review_proposal(proposal=proposal, evaluator=eva, feasibility="feasible", cost=100)
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.FEASIBLE
    assert proposal.reviews.count() == 2


def test_a_draft_is_not_checked_and_neither_is_what_is_on_the_ballot(
    riverside: Assembly, amina: Membership, eva: Membership
) -> None:
    cycle = make_cycle(riverside, Kind.REVIEWING)
    draft = make_draft(cycle, amina, "A draft", at=moment_in(cycle, Kind.ACCEPTING))
    with pytest.raises(CycleRefused, match="not waiting"):
        review_proposal(proposal=draft, evaluator=eva, feasibility="feasible", cost=1)
    make_ballot(cycle, amina, eva)
    with pytest.raises(CycleRefused, match="no longer changes"):
        review_proposal(
            proposal=Proposal.objects.get(title="Shade trees"), evaluator=eva, feasibility="feasible", cost=1
        )


def test_checking_ends_when_the_vote_begins(amina: Membership, bao: Membership, eva: Membership, ideas: Cycle) -> None:
    proposal = make_proposal(ideas, amina)
    start_phase(cycle=ideas, kind=Kind.BALLOTING, actor=bao.user)
    with pytest.raises(CycleRefused, match="not checked at the moment"):
        review_proposal(proposal=proposal, evaluator=eva, feasibility="feasible", cost=1)


def test_only_evaluators_check(
    client: Client, amina: Membership, bao: Membership, chidi: Membership, ideas: Cycle
) -> None:
    proposal = make_proposal(ideas, amina)
    for person in (amina, bao, chidi):
        client.force_login(person.user)
        assert client.get(f"/cycles/{ideas.pk}/desk/").status_code == 403
        assert (
            client.post(f"/proposals/{proposal.pk}/review/", {"feasibility": "feasible", "cost": "5"}).status_code
            == 403
        )
    with pytest.raises(CycleRefused, match="Only members"):
        review_proposal(proposal=proposal, evaluator=chidi, feasibility="feasible", cost=1)


def test_strangers_do_not_find_a_private_desk(
    client: Client, harbour: Assembly, chidi: Membership, eva: Membership
) -> None:
    cycle = make_cycle(harbour)
    proposal = make_proposal(cycle, chidi)
    client.force_login(eva.user)
    assert client.get(f"/cycles/{cycle.pk}/desk/").status_code == 404
    assert client.get(f"/proposals/{proposal.pk}/review/").status_code == 404
    client.force_login(make_evaluator(harbour).user)
    assert client.get(f"/cycles/{cycle.pk}/desk/").status_code == 200
