"""Officials ask in public, and authors answer in public."""

import re

import pytest
from django.test import Client

import ledger
from assemblies.models import Membership
from proposals.models import Cycle, Question
from proposals.services import CycleRefused, answer_question, ask_question, start_phase, withdraw_proposal
from tests.proposals.making import Kind, make_proposal


def test_eva_asks_and_amina_answers_for_everybody_to_read(
    client: Client, amina: Membership, eva: Membership, ideas: Cycle
) -> None:
    proposal = make_proposal(ideas, amina)
    client.force_login(eva.user)
    assert client.post(f"/proposals/{proposal.pk}/ask/", {"text": " "}).status_code == 422
    client.post(f"/proposals/{proposal.pk}/ask/", {"text": "Which side of the street?"})
    question = Question.objects.get()
    page = Client().get(proposal.get_absolute_url()).content.decode()
    assert "Which side of the street?" in page
    assert "has not answered yet" in page
    assert not re.search(r"\bEva\b", page)

    client.force_login(amina.user)
    assert "Answer this question" in client.get(proposal.get_absolute_url()).content.decode()
    assert client.post(f"/questions/{question.pk}/answer/", {"text": ""}).status_code == 422
    client.post(f"/questions/{question.pk}/answer/", {"text": "The sunny side."})
    assert "The sunny side." in Client().get(proposal.get_absolute_url()).content.decode()
    assert [event.kind for event in ledger.events(ideas.pk)][-2:] == ["proposal.asked", "proposal.answered"]
    with pytest.raises(CycleRefused, match="has its answer already"):
        answer_question(question=question, author=amina, text="The other side.")


def test_who_may_not_ask_or_answer(
    client: Client, amina: Membership, bao: Membership, eva: Membership, chidi: Membership, ideas: Cycle
) -> None:
    proposal = make_proposal(ideas, amina)
    question = ask_question(proposal=proposal, asker=eva, text="Why?")
    client.force_login(bao.user)
    assert client.post(f"/proposals/{proposal.pk}/ask/", {"text": "?"}).status_code == 403
    for person in (bao, chidi):
        client.force_login(person.user)
        assert client.post(f"/questions/{question.pk}/answer/", {"text": "x"}).status_code == 404
        with pytest.raises(CycleRefused, match="Only the author"):
            answer_question(question=question, author=person, text="x")
    with pytest.raises(CycleRefused, match="You wrote this proposal yourself"):
        ask_question(proposal=make_proposal(ideas, eva), asker=eva, text="Why?")
    with pytest.raises(CycleRefused, match="Only members"):
        ask_question(proposal=proposal, asker=chidi, text="Why?")


def test_when_nothing_is_checked_nothing_is_asked_but_answers_may_still_come(
    amina: Membership, eva: Membership, ideas: Cycle
) -> None:
    proposal = make_proposal(ideas, amina)
    question = ask_question(proposal=proposal, asker=eva, text="Why?")
    start_phase(cycle=ideas, kind=Kind.BALLOTING, actor=None)
    with pytest.raises(CycleRefused, match="not checked at the moment"):
        ask_question(proposal=proposal, asker=eva, text="And how?")
    assert answer_question(question=question, author=amina, text="Because.").answer == "Because."


def test_what_was_taken_back_is_not_asked_about(amina: Membership, eva: Membership, ideas: Cycle) -> None:
    proposal = make_proposal(ideas, amina)
    withdraw_proposal(proposal=proposal, actor=amina.user)
    with pytest.raises(CycleRefused, match="nothing more to ask"):
        ask_question(proposal=proposal, asker=eva, text="Why?")
