"""Given back with a reason and a day: corrected and sent in again, late by the clock alone, and nothing lost."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

import ledger
from assemblies.models import Membership
from jobs.testing import run_waiting
from proposals.models import Correction, Cycle, Proposal
from proposals.services import (
    CycleRefused,
    accept_uncorrected,
    change_proposal,
    extend_correction,
    return_proposal,
    review_proposal,
    send_again,
    start_phase,
    withdraw_proposal,
)
from tests.proposals.making import Kind, make_feasible
from tests.proposals.racing import PATIENCE, told_when_read
from tests.proposals.test_races import LONG_ENOUGH, Elsewhere

DAY = timedelta(days=1)
State, Outcome = Proposal.State, Correction.Outcome


def give_back(proposal: Proposal, official: Membership, days: float = 3) -> Correction:
    return return_proposal(
        proposal=proposal, official=official, reason="Say in which street.", until=timezone.now() + days * DAY
    )


def make_late(correction: Correction) -> None:
    """Its day was over a minute ago."""
    ended = timezone.now() - timedelta(minutes=1)
    Correction.objects.filter(pk=correction.pk).update(returned_at=ended - DAY, until=ended)
    Proposal.objects.filter(pk=correction.proposal_id).update(correct_until=ended)
    correction.refresh_from_db()
    correction.proposal.refresh_from_db()


def words(proposal: Proposal, **changed: str) -> dict[str, str]:
    return {
        "title": proposal.title, "summary": proposal.summary, "text": proposal.text, "category": proposal.category,
        "reason": "I said in which street.",
    } | changed  # fmt: skip


def test_eva_gives_it_back_and_amina_sends_it_in_again_after_the_time_for_ideas(
    client: Client, trees: Proposal, amina: Membership, eva: Membership
) -> None:
    start_phase(cycle=trees.cycle, kind=Kind.REVIEWING, actor=None)
    client.force_login(eva.user)
    address = f"/proposals/{trees.pk}/return/"
    assert address in client.get(f"/proposals/{trees.pk}/review/").content.decode()
    last_day = (timezone.localdate() + 3 * DAY).isoformat()
    answer = client.post(address, {"reason": "Say in which street.", "last_day": last_day}, follow=True)
    assert "The author has a mail" in answer.content.decode()
    run_waiting()
    (letter,) = mail.outbox
    assert letter.to == [amina.user.email]
    assert "Say in which street." in str(letter.body)
    public = Client().get(trees.get_absolute_url()).content.decode()
    assert "Being corrected by its author" in public
    assert "Say in which street." in public
    client.force_login(amina.user)
    own = f"/proposals/{trees.pk}/send-again/"
    assert own in client.get(trees.get_absolute_url()).content.decode()
    kept = client.post(own, words(trees, place="Mill Street", keep="1"), follow=True).content.decode()
    assert "Your words are kept" in kept
    assert 'value="Mill Street"' in kept
    client.post(own, words(trees, place="Mill Street", text="There is no shade."))
    trees.refresh_from_db()
    assert (trees.state, trees.place, trees.versions.count()) == (State.SUBMITTED, "Mill Street", 3)
    assert trees.corrections.get().outcome == Outcome.SENT_AGAIN
    review_proposal(proposal=trees, evaluator=eva, feasibility="feasible", cost=5)
    told = [event.kind for event in ledger.events(trees.cycle.pk)]
    assert {"proposal.returned", "proposal.sent_again"} < set(told)


def test_past_its_day_it_is_late_by_the_clock_and_what_was_typed_is_kept(
    client: Client, trees: Proposal, amina: Membership, eva: Membership
) -> None:
    correction = give_back(trees, eva)
    address = f"/cycles/{trees.cycle.pk}/proposals/?status="
    assert trees.title in client.get(address + "returned").content.decode()
    make_late(correction)
    assert trees.title not in client.get(address + "returned").content.decode()
    late = client.get(address + "late").content.decode()
    assert trees.title in late
    assert "Not corrected in time" in late
    client.force_login(eva.user)
    assert "Not corrected in time" in client.get(f"/cycles/{trees.cycle.pk}/desk/").content.decode()
    client.force_login(amina.user)
    own = f"/proposals/{trees.pk}/send-again/"
    refused = client.post(own, words(trees, text="Words of a whole evening."))
    assert refused.status_code == 422
    assert "Words of a whole evening." in refused.content.decode()
    assert "the officials can give more time" in refused.content.decode()
    client.post(own, words(trees, text="Words of a whole evening.", keep="1"))
    trees.refresh_from_db()
    assert (trees.text, trees.state) == ("Words of a whole evening.", State.RETURNED)


def test_officials_give_more_time_or_take_it_as_it_is(
    client: Client, trees: Proposal, amina: Membership, eva: Membership
) -> None:
    make_late(give_back(trees, eva))
    client.force_login(eva.user)
    address = f"/proposals/{trees.pk}/return/"
    assert "Take it as it is" in client.get(address).content.decode()
    client.post(f"{address}extend/", {"last_day": (timezone.localdate() + 2 * DAY).isoformat()})
    trees.refresh_from_db()
    assert not trees.is_late
    send_again(proposal=trees, author=amina, reason="The street is in the photo.")  # words may stay as they are
    again = give_back(Proposal.objects.get(pk=trees.pk), eva)
    make_late(again)
    client.post(f"{address}take/")
    trees.refresh_from_db()
    assert trees.state == State.SUBMITTED
    assert [found.outcome for found in trees.corrections.all()] == [Outcome.ACCEPTED, Outcome.SENT_AGAIN]
    run_waiting()
    assert [letter.subject.split(" ")[0] for letter in mail.outbox] == ["Please", "More", "Please", "“Shade"]


def test_what_is_refused(
    client: Client, trees: Proposal, amina: Membership, bao: Membership, eva: Membership, chidi: Membership
) -> None:
    with pytest.raises(CycleRefused, match="next 60 days"):
        give_back(trees, eva, days=-1)
    with pytest.raises(CycleRefused, match="by then the list for the vote is closed"):
        give_back(trees, eva, days=40)
    with pytest.raises(CycleRefused, match="Write what must be put right"):
        return_proposal(proposal=trees, official=eva, reason=" ", until=timezone.now() + DAY)
    with pytest.raises(CycleRefused, match="not with its author"):
        accept_uncorrected(proposal=trees, official=eva)
    correction = give_back(trees, eva)
    with pytest.raises(CycleRefused, match="later day"):
        extend_correction(proposal=trees, official=eva, until=timezone.now() + DAY)
    with pytest.raises(CycleRefused, match="Only the author"):
        send_again(proposal=trees, author=bao, reason="Mine.")
    with pytest.raises(CycleRefused, match="not waiting for a check"):
        review_proposal(proposal=trees, evaluator=eva, feasibility="feasible", cost=5)
    with pytest.raises(IntegrityError, match="proposals_correction_one_at_a_time"), transaction.atomic():
        Correction.objects.create(proposal=trees, returned_by=eva, reason="Twice.", until=timezone.now() + DAY)
    client.force_login(chidi.user)
    assert client.get(f"/proposals/{trees.pk}/return/").status_code in (403, 404)
    assert client.get(f"/proposals/{trees.pk}/send-again/").status_code == 404
    client.force_login(bao.user)
    assert client.get(f"/proposals/{trees.pk}/send-again/").status_code == 404
    client.force_login(eva.user)
    empty = client.post(f"/proposals/{trees.pk}/return/", {"reason": "Long words", "last_day": ""})
    assert empty.status_code == 422
    assert "Long words" in empty.content.decode()
    withdraw_proposal(proposal=trees, actor=amina.user)
    correction.refresh_from_db()
    assert correction.outcome == Outcome.DROPPED
    (answered,) = make_feasible(trees.cycle, amina, eva, {"Bench": 5})
    with pytest.raises(CycleRefused, match="has its answer already"):
        give_back(answered, eva)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_protected", [True, False])
def test_sent_in_again_while_officials_take_it_as_it_is(
    trees: Proposal, amina: Membership, eva: Membership, is_protected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of them ends it; with the hold on the cycle and the proposal taken away both would."""
    correction = give_back(trees, eva)
    if not is_protected:
        plain = Proposal.objects.select_related("author__user", "heading__cycle")
        monkeypatch.setattr("proposals.services.corrections.hold", lambda cycle: Cycle.objects.get(pk=cycle.pk))
        monkeypatch.setattr("proposals.services.corrections.held_proposal", lambda found: plain.get(pk=found.pk))
    read = told_when_read(monkeypatch, "proposals.services.corrections._held")
    with transaction.atomic():
        accept_uncorrected(proposal=trees, official=eva)
        other = Elsewhere(send_again, proposal=trees, author=amina, reason="Done.")
        read.wait(LONG_ENOUGH if is_protected else PATIENCE)
    other.join()
    correction.refresh_from_db()
    if is_protected:
        assert "not with its author" in str(other.error)
        assert correction.outcome == Outcome.ACCEPTED
    else:
        assert other.error is None
        assert correction.outcome == Outcome.SENT_AGAIN  # what the officials did is overwritten


def test_a_change_of_words_outside_of_a_correction_still_asks_for_the_time_of_ideas(
    trees: Proposal, amina: Membership
) -> None:
    start_phase(cycle=trees.cycle, kind=Kind.REVIEWING, actor=None)
    with pytest.raises(CycleRefused, match="cannot be changed at the moment"):
        change_proposal(proposal=trees, editor=amina, reason="Shorter.", title="Trees")
