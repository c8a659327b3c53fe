"""One proposal of several: only by each author's own Yes, with every support once, and a way back."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import ledger
from assemblies.models import Membership, Role
from jobs.testing import run_waiting
from proposals.models import Assignment, Cycle, Estimate, Merge, MergePart, Proposal, Support
from proposals.open_data import supports_table
from proposals.services import (
    CycleRefused,
    agree_to_merge,
    appeal_review,
    assign_proposals,
    decide_review_appeal,
    declare_conflict,
    give_estimate,
    put_on_ballot,
    refuse_merge,
    review_proposal,
    reword_merge,
    set_review_rule,
    start_phase,
    suggest_merge,
    support_proposal,
    take_merge_back,
    undo_merge,
    withdraw_proposal,
    withdraw_support,
)
from tests.make import make_member
from tests.proposals.making import TOGETHER, Kind, make_evaluator, make_feasible, make_proposal, pot_of
from tests.proposals.racing import PATIENCE
from tests.proposals.test_races import LONG_ENOUGH, Elsewhere

State = Proposal.State


def suggest(target: Proposal, *others: Proposal, by: Membership) -> Merge:
    return suggest_merge(target=target, others=others, suggester=by, **TOGETHER)


def test_eva_suggests_both_say_yes_and_the_supports_come_along_once(
    client: Client,
    trees: Proposal,
    benches: Proposal,
    amina: Membership,
    dora: Membership,
    bao: Membership,
    eva: Membership,
) -> None:
    for proposal, person in ((trees, bao), (benches, bao), (benches, eva)):
        support_proposal(proposal=proposal, person=person)
    client.force_login(eva.user)
    answer = client.post(
        f"/proposals/{trees.pk}/merge/", TOGETHER | {"references": benches.reference.lower()}, follow=True
    )
    assert "Not answered" in answer.content.decode()
    merge = Merge.objects.get()
    run_waiting()
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted([amina.user.email, dora.user.email])
    mail.outbox.clear()
    for author in (amina, dora):
        client.force_login(author.user)
        assert (
            "Asked to make one of several" in client.get(benches.get_absolute_url()).content.decode() or author == amina
        )
        client.post(f"{merge.get_absolute_url()}agree/", {"wording": "1"})
    for proposal in (trees, benches):
        proposal.refresh_from_db()
    assert (trees.state, trees.title, trees.support_count) == (State.SUBMITTED, TOGETHER["title"], 2)
    assert (benches.state, benches.merged_into) == (State.MERGED, trees)
    assert sorted(trees.versions.values_list("number", flat=True)) == [1, 2]
    run_waiting()
    told = [letter.to[0] for letter in mail.outbox if "Your support" in letter.subject]
    assert sorted(told) == sorted([bao.user.email, eva.user.email])
    everybody = Client()
    source = everybody.get(benches.get_absolute_url()).content.decode()
    assert "Merged into" in source
    assert trees.get_absolute_url() in source
    assert benches.get_absolute_url() in everybody.get(trees.get_absolute_url()).content.decode()
    kinds = [event.kind for event in ledger.events(trees.cycle.pk)]
    assert [kind for kind in kinds if kind.startswith("merge.")] == [
        "merge.suggested", "merge.agreed", "merge.agreed", "merge.done",
    ]  # fmt: skip


def test_a_carried_support_is_taken_back_also_when_none_are_taken_any_more(
    client: Client, trees: Proposal, benches: Proposal, amina: Membership, dora: Membership, bao: Membership
) -> None:
    support_proposal(proposal=benches, person=bao)
    merge = suggest(trees, benches, by=amina)
    agree_to_merge(merge=merge, author=dora.user, wording=1)
    start_phase(cycle=trees.cycle, kind=Kind.REVIEWING, actor=None)
    client.force_login(bao.user)
    page = client.get(trees.get_absolute_url()).content.decode()
    assert "It goes on here, and your support with it" in page
    with pytest.raises(CycleRefused, match="goes on as another one"):
        support_proposal(proposal=benches, person=amina)
    client.post(f"/proposals/{trees.pk}/support/take-back/")
    trees.refresh_from_db()
    assert trees.support_count == 0


def test_it_is_out_of_the_list_the_supports_and_the_ballot(
    client: Client, trees: Proposal, benches: Proposal, amina: Membership, dora: Membership, eva: Membership
) -> None:
    others = make_feasible(trees.cycle, amina, eva, {"Swing": 5, "Slide": 5})
    support_proposal(proposal=benches, person=amina)
    address = f"/cycles/{trees.cycle.pk}/proposals/"
    with CaptureQueriesContext(connection) as before:
        client.get(address)
    agree_to_merge(merge=suggest(trees, benches, by=amina), author=dora.user, wording=1)
    with CaptureQueriesContext(connection) as after:
        listed = client.get(address).content.decode()
    assert len(after) <= len(before)
    assert benches.title not in listed
    assert benches.title in client.get(address + "?status=merged").content.decode()
    assert benches.reference not in [row[0] for row in supports_table(trees.cycle).rows]
    start_phase(cycle=trees.cycle, kind=Kind.REVIEWING, actor=None)
    with pytest.raises(CycleRefused, match="not waiting for a check"):
        review_proposal(proposal=benches, evaluator=eva, feasibility="feasible", cost=5)
    review_proposal(proposal=trees, evaluator=eva, feasibility="feasible", cost=5)
    put_on_ballot(heading=pot_of(trees.cycle), actor=None)
    titles = set(pot_of(trees.cycle).projects.values_list("title", flat=True))
    assert titles == {TOGETHER["title"], *(other.title for other in others)}


def test_one_no_is_enough_and_the_suggestion_can_be_taken_back(
    trees: Proposal, benches: Proposal, amina: Membership, dora: Membership
) -> None:
    merge = suggest(trees, benches, by=amina)
    refuse_merge(merge=merge, author=dora.user, reason="Mine is different.")
    with pytest.raises(CycleRefused, match="has ended already"):
        agree_to_merge(merge=merge, author=dora.user, wording=1)
    again = suggest(trees, benches, by=amina)
    with pytest.raises(CycleRefused, match="Only who suggested"):
        take_merge_back(merge=again, actor=dora.user)
    take_merge_back(merge=again, actor=amina.user)
    trees.refresh_from_db()
    assert (trees.state, trees.title) == (State.SUBMITTED, "Shade trees")


def test_a_yes_is_to_the_words_that_were_read(
    trees: Proposal, benches: Proposal, amina: Membership, dora: Membership
) -> None:
    merge = suggest(trees, benches, by=amina)
    merge = reword_merge(merge=merge, author=dora.user, **(TOGETHER | {"title": "Benches and trees"}))
    with pytest.raises(CycleRefused, match="changed the words meanwhile"):
        agree_to_merge(merge=merge, author=amina.user, wording=1)
    agree_to_merge(merge=merge, author=amina.user, wording=2)
    trees.refresh_from_db()
    assert trees.title == "Benches and trees"


def test_what_is_refused(
    client: Client, trees: Proposal, benches: Proposal, amina: Membership, bao: Membership, dora: Membership,
    eva: Membership, chidi: Membership, ideas: Cycle,
) -> None:  # fmt: skip
    with pytest.raises(CycleRefused, match="author of one of them or an official"):
        suggest(trees, benches, by=bao)
    with pytest.raises(CycleRefused, match="between one and 5"):
        suggest(trees, by=amina)
    merge = suggest(trees, benches, by=eva)
    with pytest.raises(CycleRefused, match="waits for an answer"):
        suggest(benches, make_proposal(ideas, bao, "Well"), by=eva)
    with pytest.raises(CycleRefused, match="Only the authors"):
        agree_to_merge(merge=merge, author=bao.user, wording=1)
    with pytest.raises(CycleRefused, match="Only the authors"):
        refuse_merge(merge=merge, author=bao.user)
    until = timezone.now() + timedelta(days=14)
    second = Merge.objects.create(target=trees, suggested_by=eva, answer_until=until, **TOGETHER)
    with pytest.raises(IntegrityError, match="one_at_a_time"), transaction.atomic():
        MergePart.objects.create(merge=second, proposal=trees)
    with pytest.raises(IntegrityError, match="merged_into_one"), transaction.atomic():
        Proposal.objects.filter(pk=benches.pk).update(state=State.MERGED)
    withdraw_proposal(proposal=benches, actor=dora.user)
    agree_to_merge(merge=merge, author=amina.user, wording=1)
    with pytest.raises(CycleRefused, match="not in the list of open ideas"):
        agree_to_merge(merge=merge, author=dora.user, wording=1)
    client.force_login(chidi.user)
    assert client.get(merge.get_absolute_url()).status_code == 404
    client.force_login(eva.user)
    assert client.get(f"{merge.get_absolute_url()}agree/").status_code == 405
    bad = client.post(f"/proposals/{trees.pk}/merge/", TOGETHER | {"references": "XX-22222", "title": "My long words"})
    assert bad.status_code == 422
    assert "My long words" in bad.content.decode()


def test_undone_each_is_what_it_was_with_its_supports(
    client: Client,
    trees: Proposal,
    benches: Proposal,
    amina: Membership,
    bao: Membership,
    dora: Membership,
    eva: Membership,
) -> None:
    support_proposal(proposal=benches, person=bao)
    review_proposal(proposal=benches, evaluator=eva, feasibility="feasible", cost=700)
    benches.refresh_from_db()
    merge = agree_to_merge(merge=suggest(trees, benches, by=amina), author=dora.user, wording=1)
    client.force_login(dora.user)
    assert client.post(f"{merge.get_absolute_url()}undo/", {"reason": ""}).status_code == 422
    client.post(f"{merge.get_absolute_url()}undo/", {"reason": "They differ."})
    assert "They differ." in client.get(merge.get_absolute_url()).content.decode()
    for proposal in (trees, benches):  # on the page of somebody else it could not be hidden without hiding that, too
        page = Client().get(proposal.get_absolute_url()).content.decode()
        assert ("A merge was undone" in page, "They differ." in page) == (True, False)
    assert "They differ." not in str([event.data for event in ledger.events(trees.cycle.pk)])
    for proposal in (trees, benches):
        proposal.refresh_from_db()
    assert (trees.title, trees.state, trees.support_count) == ("Shade trees", State.SUBMITTED, 0)
    assert (benches.state, benches.merged_into, benches.support_count) == (State.FEASIBLE, None, 1)
    withdraw_support(proposal=benches, person=bao)
    again = agree_to_merge(merge=suggest(trees, benches, by=amina), author=dora.user, wording=1)
    review_proposal(proposal=trees, evaluator=eva, feasibility="feasible", cost=5)
    with pytest.raises(CycleRefused, match="can no longer be undone"):
        undo_merge(merge=again, author=amina.user, reason="Too late.")


def test_a_support_taken_back_after_the_merge_does_not_return_by_the_undo(
    client: Client, trees: Proposal, benches: Proposal, amina: Membership, bao: Membership, dora: Membership,
    eva: Membership,
) -> None:  # fmt: skip
    """Also through two merges, and also who supported both by themselves; the others' supports are there again."""
    well = make_proposal(trees.cycle, eva, "A well")
    for proposal, person in ((benches, bao), (benches, dora), (benches, eva), (trees, eva)):
        support_proposal(proposal=proposal, person=person)
    first = agree_to_merge(merge=suggest(trees, benches, by=amina), author=dora.user, wording=1)
    later = agree_to_merge(merge=suggest(well, trees, by=eva), author=amina.user, wording=1)
    client.force_login(bao.user)
    assert "Take my support back" not in client.get(trees.get_absolute_url()).content.decode()
    with pytest.raises(CycleRefused, match="Take your support back there"):
        withdraw_support(proposal=trees, person=bao)
    for person in (bao, eva):
        withdraw_support(proposal=well, person=person)
    undo_merge(merge=later, author=amina.user, reason="They differ.")
    trees.refresh_from_db()
    assert trees.support_count == 1
    undo_merge(merge=first, author=amina.user, reason="They differ.")
    for proposal, there in ((trees, []), (benches, [dora]), (well, [])):
        proposal.refresh_from_db()
        assert [given.person for given in proposal.supports.all()] == there
        assert proposal.support_count == len(there)


def test_the_later_merge_is_undone_first_so_that_nobodys_supports_stay_behind(
    client: Client,
    ideas: Cycle,
    trees: Proposal,
    benches: Proposal,
    amina: Membership,
    dora: Membership,
    bao: Membership,
) -> None:
    """Else Amina could keep the supports of the well with her own old words, and its author had no way back."""
    well = make_proposal(ideas, bao, "A well")
    support_proposal(proposal=well, person=dora)
    first = agree_to_merge(merge=suggest(trees, benches, by=amina), author=dora.user, wording=1)
    later = agree_to_merge(merge=suggest(trees, well, by=amina), author=bao.user, wording=1)
    with pytest.raises(CycleRefused, match="Undo that merge first"):
        undo_merge(merge=first, author=amina.user, reason="Mine alone.")
    client.force_login(amina.user)
    assert "undo/" not in client.get(first.get_absolute_url()).content.decode()
    assert "undo/" in client.get(later.get_absolute_url()).content.decode()
    for merge, author in ((later, bao), (first, dora)):
        undo_merge(merge=merge, author=author.user, reason="They differ.")
    for proposal, supports in ((trees, 0), (benches, 0), (well, 1)):
        proposal.refresh_from_db()
        assert (proposal.state, proposal.support_count) == (State.SUBMITTED, supports)
    assert trees.title == "Shade trees"


def test_the_desk_goes_on_with_what_it_had_before_the_merge(
    ideas: Cycle, trees: Proposal, benches: Proposal, amina: Membership, dora: Membership, eva: Membership
) -> None:
    """What was found about the words of the merge is not said about the old ones; who is not free stays so for each."""
    ewa, official = (
        make_member(ideas.assembly, "Ewa", Role.EVALUATOR),
        make_member(ideas.assembly, "Olu", Role.EVALUATOR),
    )
    set_review_rule(cycle=ideas, actor=official.user, estimates=2, needs_signature=True)
    for evaluator in (eva, ewa):
        assign_proposals(cycle=ideas, proposals=[trees.pk, benches.pk], actor=official, evaluator=evaluator)
    before = [
        give_estimate(proposal=proposal, evaluator=evaluator, feasibility="feasible", cost=500)
        for proposal in (trees, benches)
        for evaluator in (eva, ewa)
    ]
    merge = agree_to_merge(merge=suggest(trees, benches, by=amina), author=dora.user, wording=1)
    assert not Estimate.objects.filter(closed_at=None).exists()
    give_estimate(proposal=trees, evaluator=eva, feasibility="feasible", cost=900)
    declare_conflict(proposal=trees, evaluator=ewa, reason="My cousin.")
    undo_merge(merge=merge, author=amina.user, reason="They differ.")
    open_ones = Estimate.objects.filter(closed_at=None)
    assert set(open_ones) == {before[0], before[2]}
    assigned = Assignment.objects.filter(ended_at=None).values_list("proposal", "evaluator")
    assert set(assigned) == {(trees.pk, eva.pk), (benches.pk, eva.pk)}


def test_an_answer_since_the_merge_stays_the_newest_also_after_an_appeal(
    trees: Proposal, benches: Proposal, amina: Membership, dora: Membership, eva: Membership
) -> None:
    """Else an old Yes came back over a newer No, and no ballot could be drawn up of a project without a cost."""
    review_proposal(proposal=trees, evaluator=eva, feasibility="feasible", cost=700)
    merge = agree_to_merge(merge=suggest(trees, benches, by=amina), author=dora.user, wording=1)
    no = review_proposal(proposal=trees, evaluator=eva, feasibility="unfeasible", public_reason="A pipe.")
    appeal = appeal_review(review=no, actor=amina.user, text="The pipe is old.")
    decide_review_appeal(
        appeal=appeal, evaluator=make_evaluator(trees.author.assembly), is_granted=True, reason="True."
    )
    with pytest.raises(CycleRefused, match="can no longer be undone"):
        undo_merge(merge=merge, author=amina.user, reason="My old Yes.")
    trees.refresh_from_db()
    assert trees.state == State.SUBMITTED


def test_what_went_into_it_counts_when_it_is_checked_and_when_it_is_taken_back(
    ideas: Cycle, trees: Proposal, amina: Membership, eva: Membership
) -> None:
    well = make_proposal(ideas, eva, "A well")
    merge = agree_to_merge(merge=suggest(trees, well, by=amina), author=eva.user, wording=1)
    with pytest.raises(CycleRefused, match="You wrote this proposal yourself"):
        review_proposal(proposal=trees, evaluator=eva, feasibility="feasible", cost=5)
    with pytest.raises(CycleRefused, match="Ideas of others went into this"):
        withdraw_proposal(proposal=trees, actor=amina.user)
    undo_merge(merge=merge, author=amina.user, reason="They differ.")
    review_proposal(proposal=trees, evaluator=eva, feasibility="feasible", cost=5)
    assert withdraw_proposal(proposal=trees, actor=amina.user).state == State.WITHDRAWN


def both_say_yes(merge: Merge, amina: Membership, dora: Membership, patience: float) -> Elsewhere:
    with transaction.atomic():
        agree_to_merge(merge=merge, author=amina.user, wording=1)
        other = Elsewhere(agree_to_merge, merge=merge, author=dora.user, wording=1)
        other.join(patience)
    other.join()
    merge.refresh_from_db()
    return other


def support_while_they_merge(
    merge: Merge, source: Proposal, dora: Membership, person: Membership, patience: float
) -> Elsewhere:
    with transaction.atomic():
        agree_to_merge(merge=merge, author=dora.user, wording=1)
        other = Elsewhere(support_proposal, proposal=source, person=person)
        other.join(patience)
    other.join()
    return other


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_protected", [True, False])
def test_two_yes_at_once_merge_them_exactly_once(
    trees: Proposal, benches: Proposal, amina: Membership, dora: Membership, bao: Membership, eva: Membership,
    is_protected: bool, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Without the hold on the cycle each would wait for the other's Yes for ever."""
    support_proposal(proposal=benches, person=bao)
    merge = suggest(trees, benches, by=eva)
    if not is_protected:
        monkeypatch.setattr("proposals.services.merging.hold", lambda cycle: Cycle.objects.get(pk=cycle.pk))
        monkeypatch.setattr("proposals.services.merging.record", lambda *_given, **_named: None)  # the log waits too
    other = both_say_yes(merge, amina, dora, LONG_ENOUGH if is_protected else PATIENCE)
    assert other.error is None
    trees.refresh_from_db()
    if is_protected:
        assert (merge.state, trees.support_count) == (Merge.State.DONE, 1)
    else:
        assert merge.state == Merge.State.OPEN  # though both have said Yes
        assert not merge.parts.filter(agreed_at=None).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_protected", [True, False])
def test_a_support_given_while_they_merge_is_not_lost_in_what_is_closed(
    trees: Proposal, benches: Proposal, amina: Membership, dora: Membership, bao: Membership, is_protected: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """It waits, and is told where to support; with the locks taken away it would stand at the closed one alone."""
    merge = suggest(trees, benches, by=amina)
    if not is_protected:
        plain = Proposal.objects.select_related("author__user", "heading")
        monkeypatch.setattr("proposals.services.supports.share", lambda cycle: Cycle.objects.get(pk=cycle.pk))
        monkeypatch.setattr("proposals.services.supports.held_proposal", lambda found: plain.get(pk=found.pk))
        monkeypatch.setattr("proposals.services.supports.count_supports", lambda found: None)
    other = support_while_they_merge(merge, benches, dora, bao, LONG_ENOUGH if is_protected else PATIENCE)
    lost = Support.objects.filter(proposal=benches, person=bao).exists()
    if is_protected:
        assert "goes on as another one" in str(other.error)
        assert not lost
    else:
        assert lost
        assert not Support.objects.filter(proposal=trees, person=bao).exists()
