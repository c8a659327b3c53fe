"""Several proposals of one: by the author, or with the author's Yes; supports go along to each."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client

from assemblies.models import Membership
from jobs.testing import run_waiting
from proposals.models import Cycle, Proposal, Split
from proposals.services import (
    CycleRefused,
    agree_to_split,
    ask_question,
    change_proposal,
    invite_co_sponsor,
    refuse_split,
    review_proposal,
    split_proposal,
    start_phase,
    suggest_merge,
    support_proposal,
    take_split_back,
    undo_split,
    withdraw_proposal,
    withdraw_support,
    write_comment,
)
from tests.proposals.making import TWO_PIECES, Kind, make_proposal
from tests.proposals.racing import PATIENCE, told_when_read
from tests.proposals.test_races import LONG_ENOUGH, Elsewhere

FORM = {
    "reason": "Two things.",
    "title1": "Trees", "summary1": "Twelve.", "text1": "On the sunny side.",
    "title2": "Benches", "summary2": "Five.", "text2": "Below them.",
}  # fmt: skip
State = Proposal.State


@pytest.fixture
def both(ideas: Cycle, amina: Membership) -> Proposal:
    return make_proposal(ideas, amina, "Trees and benches", place="Mill Street")


def split(proposal: Proposal, by: Membership) -> Split:
    return split_proposal(proposal=proposal, actor=by, pieces=TWO_PIECES, reason="Two things.")


def test_a_piece_is_not_split_by_its_author_again_and_again(both: Proposal, amina: Membership, eva: Membership) -> None:
    """Else one idea would become as many as somebody likes, each with all the supports."""
    split(both, amina)
    piece = both.split_into.all()[0]
    with pytest.raises(CycleRefused, match="came from a split itself"):
        split(piece, amina)
    assert agree_to_split(split=split(piece, eva), author=amina.user).state == Split.State.DONE


def test_amina_splits_her_own_and_each_support_counts_for_each(
    client: Client, both: Proposal, amina: Membership, bao: Membership
) -> None:
    support_proposal(proposal=both, person=bao)
    client.force_login(amina.user)
    assert f"/proposals/{both.pk}/split/" in client.get(both.get_absolute_url()).content.decode()
    page = client.post(f"/proposals/{both.pk}/split/", FORM, follow=True).content.decode()
    assert "Split. It goes on as:" in page
    both.refresh_from_db()
    trees, benches = both.split_into.order_by("title").reverse()
    assert both.state == State.SPLIT
    for piece in (trees, benches):
        assert (piece.state, piece.support_count, piece.place) == (State.SUBMITTED, 1, "Mill Street")
        assert piece.submitted_at == both.submitted_at
        assert piece.get_absolute_url() in page
        assert both.get_absolute_url() in client.get(piece.get_absolute_url()).content.decode()
    assert both.title not in client.get(f"/cycles/{both.cycle.pk}/proposals/").content.decode()
    run_waiting()
    (letter,) = [letter for letter in mail.outbox if letter.to == [bao.user.email]]
    assert "counts for each of the new proposals" in str(letter.body)
    withdraw_support(proposal=trees, person=bao)
    for piece in (trees, benches):
        piece.refresh_from_db()
    assert (trees.support_count, benches.support_count) == (0, 1)
    with pytest.raises(CycleRefused, match="goes on as another one"):
        support_proposal(proposal=both, person=amina)


def test_what_was_split_is_supported_until_the_last_of_its_pieces_is_not(
    both: Proposal, amina: Membership, bao: Membership
) -> None:
    """Else a support that was taken back everywhere would still stand at the page of the first one."""
    support_proposal(proposal=both, person=bao)
    split(both, amina)
    for piece, left in zip(both.split_into.all(), (1, 0), strict=True):
        withdraw_support(proposal=piece, person=bao)
        both.refresh_from_db()
        assert both.support_count == both.supports.count() == left


def test_undone_it_is_what_it_was_with_the_supports_that_are_still_given(
    client: Client, both: Proposal, amina: Membership, bao: Membership, dora: Membership, eva: Membership
) -> None:
    for person in (bao, dora):
        support_proposal(proposal=both, person=person)
    review_proposal(proposal=both, evaluator=eva, feasibility="feasible", cost=700)
    done = split(both, amina)
    pieces = list(both.split_into.order_by("pk"))
    for piece in pieces:
        withdraw_support(proposal=piece, person=bao)
    run_waiting()
    mail.outbox.clear()
    client.force_login(amina.user)
    address = done.get_absolute_url()
    assert address in client.get(both.get_absolute_url()).content.decode()
    assert "You can undo it until" in client.get(address).content.decode()
    bad = client.post(f"{address}undo/", {"reason": ""})
    assert (bad.status_code, both.split_into.filter(state=State.WITHDRAWN).count()) == (422, 0)
    page = client.post(f"{address}undo/", {"reason": "It is one thing."}, follow=True).content.decode()
    assert "The split was undone" in page
    both.refresh_from_db()
    assert (both.state, both.support_count) == (State.FEASIBLE, 1)
    assert both.decided_at is not None
    for piece in pieces:
        piece.refresh_from_db()
        assert (piece.state, piece.support_count, piece.supports.count()) == (State.WITHDRAWN, 0, 0)
    run_waiting()
    (letter,) = [letter for letter in mail.outbox if letter.to == [dora.user.email]]
    assert "is one proposal again" in str(letter.body)
    assert not [letter for letter in mail.outbox if letter.to == [bao.user.email]]
    public = Client().get(both.get_absolute_url()).content.decode()
    assert "It is one thing." in public
    assert "It goes on as" not in public
    with pytest.raises(CycleRefused, match="put together before"):
        split(both, amina)
    again = f"/proposals/{both.pk}/split/"
    assert again not in client.get(both.get_absolute_url()).content.decode()
    client.force_login(eva.user)
    assert again in client.get(both.get_absolute_url()).content.decode()
    again_done = agree_to_split(split=split(both, eva), author=amina.user)
    assert again_done.state == Split.State.DONE
    mail.outbox.clear()
    run_waiting()
    (letter,) = [letter for letter in mail.outbox if letter.to == [dora.user.email]]
    for piece in both.split_into.all():
        is_alive = piece.state == State.SUBMITTED
        assert (str(piece.get_absolute_url()) in str(letter.body)) is is_alive, "links to what was taken back"


STANDS: dict[str, Callable[[Proposal, Membership, Membership], object]] = {
    "a support": lambda piece, bao, eva: support_proposal(proposal=piece, person=bao),
    "a comment": lambda piece, bao, eva: write_comment(proposal=piece, author=bao, text="Good."),
    "a question": lambda piece, bao, eva: ask_question(proposal=piece, asker=eva, text="How many?"),
    "other words": lambda piece, bao, eva: change_proposal(
        proposal=piece, editor=piece.author, reason="Shorter.", title="A bench"
    ),
    "a co-sponsor": lambda piece, bao, eva: invite_co_sponsor(
        proposal=piece, author=piece.author, email=bao.user.email
    ),
    "an answer": lambda piece, bao, eva: review_proposal(
        proposal=piece, evaluator=eva, feasibility="feasible", cost=5
    ),
    "a question to its author": lambda piece, bao, eva: suggest_merge(
        target=piece, others=[make_proposal(piece.cycle, bao, "A well")], suggester=eva, title="One", summary="One.",
        text="One.",
    ),
    "a second split": lambda piece, bao, eva: split(piece, eva),
    "the end of the piece": lambda piece, bao, eva: withdraw_proposal(proposal=piece, actor=piece.author.user),
}  # fmt: skip


@pytest.mark.parametrize("what", STANDS)
def test_it_is_not_undone_when_something_of_others_stands_on_a_piece(
    client: Client, both: Proposal, amina: Membership, bao: Membership, eva: Membership, what: str
) -> None:
    """Else what people gave to one of the new ones would be lost with it."""
    done = split(both, amina)
    STANDS[what](both.split_into.order_by("pk")[1], bao, eva)
    with pytest.raises(CycleRefused, match="can no longer be undone"):
        undo_split(split=done, author=amina.user, reason="One thing.")
    client.force_login(amina.user)
    assert "Undo the split" not in client.get(done.get_absolute_url()).content.decode()
    both.refresh_from_db()
    assert both.state == State.SPLIT


def test_a_split_is_undone_by_its_author_within_seven_days_and_once(
    client: Client, both: Proposal, amina: Membership, bao: Membership, eva: Membership
) -> None:
    client.force_login(amina.user)
    assert "undo it for 7 days" in client.get(f"/proposals/{both.pk}/split/").content.decode()
    asked = split(both, eva)
    with pytest.raises(CycleRefused, match="nothing to undo"):
        undo_split(split=asked, author=amina.user, reason="One thing.")
    done = agree_to_split(split=asked, author=amina.user)
    with pytest.raises(CycleRefused, match="Only the author"):
        undo_split(split=done, author=eva.user, reason="One thing.")
    with pytest.raises(CycleRefused, match="Write the reason"):
        undo_split(split=done, author=amina.user, reason=" ")
    assert done.ended_at is not None
    with pytest.raises(CycleRefused, match="seven days have gone"):
        undo_split(split=done, author=amina.user, reason="One thing.", at=done.ended_at + timedelta(days=7))
    undo_split(split=done, author=amina.user, reason="One thing.", at=done.ended_at + timedelta(days=6))
    with pytest.raises(CycleRefused, match="nothing to undo"):
        undo_split(split=done, author=amina.user, reason="One thing.")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_protected", [True, False])
def test_a_support_given_while_the_split_is_undone_is_not_lost_in_a_piece(
    both: Proposal, amina: Membership, bao: Membership, is_protected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits and is refused; with the locks taken away it would stand at what was taken back."""
    done = split(both, amina)
    piece = both.split_into.order_by("pk")[0]
    if not is_protected:
        plain = Proposal.objects.select_related("author__user", "heading")
        monkeypatch.setattr("proposals.services.supports.share", lambda cycle: Cycle.objects.get(pk=cycle.pk))
        monkeypatch.setattr("proposals.services.supports.held_proposal", lambda found: plain.get(pk=found.pk))
        monkeypatch.setattr("proposals.services.supports.count_supports", lambda found: None)
    with transaction.atomic():
        undo_split(split=done, author=amina.user, reason="One thing.")
        given = Elsewhere(support_proposal, proposal=piece, person=bao)
        given.join(LONG_ENOUGH if is_protected else PATIENCE)
    given.join()
    assert piece.supports.filter(person=bao).exists() == (not is_protected)
    assert (given.error is None) == (not is_protected)


def test_eva_suggests_it_and_amina_answers(client: Client, both: Proposal, amina: Membership, eva: Membership) -> None:
    refused = split(both, eva)
    refuse_split(split=refused, author=amina.user)
    again = split(both, eva)
    with pytest.raises(CycleRefused, match="asked already"):
        split(both, eva)
    take_split_back(split=again, actor=eva.user)
    third = split(both, eva)
    with pytest.raises(CycleRefused, match="Only the author"):
        agree_to_split(split=third, author=eva.user)
    client.force_login(amina.user)
    assert "Yes, split it" in client.get(third.get_absolute_url()).content.decode()
    client.post(f"{third.get_absolute_url()}agree/")
    assert both.split_into.count() == 2


def test_what_is_refused(
    client: Client, both: Proposal, amina: Membership, bao: Membership, chidi: Membership, ideas: Cycle
) -> None:
    with pytest.raises(CycleRefused, match="Only the author or an official"):
        split(both, bao)
    with pytest.raises(CycleRefused, match="between two and 4"):
        split_proposal(proposal=both, actor=amina, pieces=TWO_PIECES[:1], reason="One.")
    with pytest.raises(CycleRefused, match="name of its own"):
        split_proposal(proposal=both, actor=amina, pieces=[TWO_PIECES[0], TWO_PIECES[0]], reason="Twice.")
    client.force_login(amina.user)
    bad = client.post(f"/proposals/{both.pk}/split/", FORM | {"title3": "Half a thought"})
    assert bad.status_code == 422
    assert "Half a thought" in bad.content.decode()
    client.force_login(bao.user)
    assert client.get(f"/proposals/{both.pk}/split/").status_code == 403
    client.force_login(chidi.user)
    assert client.post(f"/proposals/{both.pk}/split/", FORM).status_code == 403
    other = make_proposal(ideas, bao, "A well")
    suggest_merge(target=both, others=[other], suggester=amina, title="One", summary="One.", text="One.")
    with pytest.raises(CycleRefused, match="asked about a merge"):
        split(both, amina)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_protected", [True, False])
def test_two_yes_at_once_split_it_once(
    both: Proposal, amina: Membership, eva: Membership, is_protected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the hold on the cycle and the proposal it would be split twice."""
    asked = split(both, eva)
    if not is_protected:
        plain = Proposal.objects.select_related("author__user", "heading__cycle__assembly")
        monkeypatch.setattr("proposals.services.splitting.hold", lambda cycle: Cycle.objects.get(pk=cycle.pk))
        monkeypatch.setattr("proposals.services.splitting.held_proposal", lambda found: plain.get(pk=found.pk))
    read = told_when_read(monkeypatch, "proposals.services.splitting._held_open")
    with transaction.atomic():
        agree_to_split(split=asked, author=amina.user)
        other = Elsewhere(agree_to_split, split=asked, author=amina.user)
        read.wait(LONG_ENOUGH if is_protected else PATIENCE)
    other.join()
    assert both.split_into.count() == (2 if is_protected else 4)


def test_it_is_split_also_when_no_new_ideas_are_taken(both: Proposal, amina: Membership) -> None:
    start_phase(cycle=both.cycle, kind=Kind.REVIEWING, actor=None)
    assert split(both, amina).state == Split.State.DONE
