"""Better words while ideas are taken; every wording stays readable, with its changes word by word."""

import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

import ledger
from assemblies.models import Membership
from proposals.models import Cycle, ProposalVersion
from proposals.services import CycleRefused, change_proposal, review_proposal, start_phase, withdraw_proposal
from tests.proposals.making import Kind, make_cycle, make_draft, make_proposal

WORDS = {"title": "Shade trees", "summary": "Twelve lime trees.", "text": "There is no shade on Mill Street.",
         "category": "other", "place": "", "cost_guess": ""}  # fmt: skip


def changed(text: str) -> list[str]:
    """What stands struck through and underlined in the page."""
    return re.findall(r"<(?:del|ins)><span[^>]*>[^<]*</span>([^<]*)</(?:del|ins)>", text)


def test_what_was_sent_in_is_version_one(amina: Membership, ideas: Cycle) -> None:
    draft = make_draft(ideas, amina)
    assert not draft.versions.exists()
    (first,) = make_proposal(ideas, amina).versions.all()
    assert (first.number, first.title, first.text) == (1, "Shade trees", "There is no shade on Mill Street.")
    assert first.editor == amina


def test_amina_changes_her_proposal_and_everybody_sees_what(client: Client, amina: Membership, ideas: Cycle) -> None:
    proposal = make_proposal(ideas, amina)
    client.force_login(amina.user)
    told = WORDS | {"summary": "Ten lime trees.", "place": "Mill Street", "reason": "The bus must turn."}
    answer = client.post(f"/proposals/{proposal.pk}/change/", told)
    assert answer["Location"] == proposal.get_absolute_url()
    proposal.refresh_from_db()
    assert (proposal.summary, proposal.place) == ("Ten lime trees.", "Mill Street")
    assert "See what was changed" in client.get(proposal.get_absolute_url()).content.decode()

    page = Client().get(f"/proposals/{proposal.pk}/versions/").content.decode()
    assert changed(page) == ["Twelve", "Ten", "Mill Street"]
    assert "The bus must turn." in page
    assert "Version 1" in page
    assert "Version 2" in page
    assert [event.kind for event in ledger.events(ideas.pk)][-1] == "proposal.changed"


def test_a_text_of_many_lines_changes_only_where_it_changed(client: Client, amina: Membership, ideas: Cycle) -> None:
    proposal = make_proposal(ideas, amina, text="One.\nTwo.\nThree.")
    client.force_login(amina.user)
    told = WORDS | {"text": "One.\r\nTwo and a half.\r\nThree.", "reason": "More."}
    assert client.post(f"/proposals/{proposal.pk}/change/", told).status_code == 302
    assert changed(client.get(f"/proposals/{proposal.pk}/versions/").content.decode()) == [" and a half"]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"reason": ""}, "Say in a few words what you changed"),
        ({"reason": "None"}, "Nothing is different"),
        ({"title": "", "reason": "x"}, "Give your idea a name."),
        ({"title": "x" * 10_000, "reason": "x"}, "80"),
    ],
)
def test_what_cannot_be_taken_is_said_and_kept(
    client: Client, amina: Membership, ideas: Cycle, told: dict[str, str], said: str
) -> None:
    proposal = make_proposal(ideas, amina)
    client.force_login(amina.user)
    answer = client.post(f"/proposals/{proposal.pk}/change/", WORDS | told)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "There is no shade on Mill Street." in answer.content.decode()
    assert proposal.versions.count() == 1


def test_markup_in_the_words_is_shown_never_run(client: Client, amina: Membership, ideas: Cycle) -> None:
    proposal = make_proposal(ideas, amina)
    change_proposal(proposal=proposal, editor=amina, reason="<b>x</b>", title="<script>alert(1)</script>")
    page = client.get(f"/proposals/{proposal.pk}/versions/").content.decode()
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page


def test_only_the_author_changes_the_words(
    client: Client, amina: Membership, bao: Membership, chidi: Membership, ideas: Cycle
) -> None:
    proposal = make_proposal(ideas, amina)
    with pytest.raises(CycleRefused, match="Only the author"):
        change_proposal(proposal=proposal, editor=bao, reason="Mine", title="Bao's trees")
    for member in (bao, chidi):
        client.force_login(member.user)
        assert client.post(f"/proposals/{proposal.pk}/change/", WORDS).status_code == 404


def test_after_the_step_of_ideas_the_words_stay(amina: Membership, ideas: Cycle) -> None:
    proposal = make_proposal(ideas, amina)
    start_phase(cycle=ideas, kind=Kind.REVIEWING, actor=None)
    with pytest.raises(CycleRefused, match="cannot be changed at the moment"):
        change_proposal(proposal=proposal, editor=amina, reason="Late", title="Late")


def test_what_has_its_answer_or_was_taken_back_keeps_its_words(
    amina: Membership, eva: Membership, ideas: Cycle
) -> None:
    checked, gone = make_proposal(ideas, amina), make_proposal(ideas, amina, "Chess tables")
    review_proposal(proposal=checked, evaluator=eva, feasibility="feasible", cost=100)
    withdraw_proposal(proposal=gone, actor=amina.user)
    for proposal in (checked, gone):
        with pytest.raises(CycleRefused, match="can no longer be changed"):
            change_proposal(proposal=proposal, editor=amina, reason="Late", title="Late")


def test_chidis_town_is_its_own(client: Client, chidi: Membership, amina: Membership) -> None:
    proposal = make_proposal(make_cycle(chidi.assembly), chidi)
    client.force_login(amina.user)
    assert client.get(f"/proposals/{proposal.pk}/versions/").status_code == 404


def test_a_number_is_given_once(amina: Membership, ideas: Cycle) -> None:
    proposal = make_proposal(ideas, amina)
    with pytest.raises(IntegrityError, match="proposals_version_one_per_number"), transaction.atomic():
        ProposalVersion.objects.create(proposal=proposal, number=1, title="x", summary="x", text="x", editor=amina)


def test_many_versions_take_as_many_queries_as_two(
    client: Client, amina: Membership, ideas: Cycle, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    proposal = make_proposal(ideas, amina)
    address = f"/proposals/{proposal.pk}/versions/"

    def change(number: int) -> None:
        change_proposal(proposal=proposal, editor=amina, reason="Again", title=f"Trees {number}")

    change(1)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(2, 9):
        change(number)
    with django_assert_num_queries(len(few)):
        assert client.get(address).content.decode().count("<h2>Version") == 9
