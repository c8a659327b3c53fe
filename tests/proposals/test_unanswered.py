"""A merge or a split that nobody answers ends on its day, by the clock; who is asked sees it and is reminded once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import ledger
from assemblies.models import Assembly, Membership, Role
from jobs.testing import run_waiting
from proposals.dates import day_in_words, last_day
from proposals.models import Cycle, Merge, Proposal, Split
from proposals.services import (
    CycleRefused,
    accept_co_sponsorship,
    agree_to_merge,
    agree_to_split,
    end_unanswered,
    invite_co_sponsor,
    refuse_merge,
    refuse_split,
    remind_of_unanswered,
    reword_merge,
    split_proposal,
    start_phase,
    suggest_merge,
    take_merge_back,
    withdraw_proposal,
)
from tests.make import make_member
from tests.proposals.making import TOGETHER, TWO_PIECES, Kind, make_cycle, make_proposal
from tests.proposals.racing import PATIENCE, told_when_read
from tests.proposals.test_races import LONG_ENOUGH, Elsewhere

IN_TIME = "was not answered in time"


@pytest.fixture
def merge(trees: Proposal, benches: Proposal, eva: Membership) -> Merge:
    """An official asks Amina and Dora."""
    return suggest_merge(target=trees, others=[benches], suggester=eva, **TOGETHER)


@pytest.fixture
def split(trees: Proposal, eva: Membership) -> Split:
    """An official asks Amina."""
    return split_proposal(proposal=trees, actor=eva, pieces=TWO_PIECES, reason="Two things.")


@pytest.fixture
def split_of_well(ideas: Cycle, amina: Membership, eva: Membership) -> Split:
    """An official asks Amina about another of her ideas."""
    return split_proposal(
        proposal=make_proposal(ideas, amina, "A well"), actor=eva, pieces=TWO_PIECES, reason="Two things."
    )


def let_time_pass(asked: Merge | Split, days: int = 20) -> None:
    """So many days have gone since it was suggested."""
    gone = timedelta(days=days)
    type(asked).objects.filter(pk=asked.pk).update(
        suggested_at=F("suggested_at") - gone, answer_until=F("answer_until") - gone
    )
    asked.refresh_from_db()


def told() -> list[str]:
    """Whoever has a mail since this was asked last."""
    run_waiting()
    found = sorted(letter.to[0] for letter in mail.outbox)
    mail.outbox.clear()
    return found


def test_the_day_is_said_to_all_who_are_concerned(
    client: Client, merge: Merge, amina: Membership, dora: Membership, eva: Membership
) -> None:
    assert last_day(merge.answer_until) == timezone.localdate() + timedelta(days=14)
    day = day_in_words(last_day(merge.answer_until))
    run_waiting()
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted([amina.user.email, dora.user.email])
    assert all(f"until {day}, that day included" in str(letter.body) for letter in mail.outbox)
    client.force_login(eva.user)
    for address in (merge.get_absolute_url(), f"/cycles/{merge.target.cycle.pk}/desk/"):
        page = client.get(address).content.decode()
        assert merge.title in page
        assert f"{day}, <bdi>23:59</bdi>" in page
    for form in ("merge", "split"):
        assert "14 days to answer" in client.get(f"/proposals/{merge.target_id}/{form}/").content.decode()


def test_after_its_day_no_answer_counts_also_before_the_job_ran(
    client: Client, merge: Merge, amina: Membership, dora: Membership, eva: Membership, trees: Proposal
) -> None:
    agree_to_merge(merge=merge, author=amina.user, wording=1)
    let_time_pass(merge)
    for act in (
        lambda: agree_to_merge(merge=merge, author=dora.user, wording=1),
        lambda: refuse_merge(merge=merge, author=dora.user),
        lambda: reword_merge(merge=merge, author=dora.user, **TOGETHER | {"title": "Late words"}),
        lambda: take_merge_back(merge=merge, actor=eva.user),
    ):
        with pytest.raises(CycleRefused, match=IN_TIME):
            act()
    client.force_login(dora.user)
    address = merge.get_absolute_url()
    page = client.get(address).content.decode()
    assert "Not answered in time" in page
    assert "Yes, in these words" not in page
    assert IN_TIME in client.post(f"{address}agree/", {"wording": "1"}, follow=True).content.decode()
    assert "Asked to make one of several" not in client.get(trees.get_absolute_url()).content.decode()
    client.force_login(eva.user)
    assert address not in client.get(f"/cycles/{trees.cycle.pk}/desk/").content.decode()
    trees.refresh_from_db()
    assert (trees.state, trees.title) == (Proposal.State.SUBMITTED, "Shade trees")


def test_it_is_suggested_anew_before_the_job_ran_and_a_late_job_changes_nothing(
    merge: Merge, trees: Proposal, benches: Proposal, amina: Membership, dora: Membership, eva: Membership
) -> None:
    let_time_pass(merge)
    anew = suggest_merge(target=benches, others=[trees], suggester=dora, **TOGETHER)
    merge.refresh_from_db()
    ended_at = merge.ended_at
    assert merge.state == Merge.State.LAPSED
    agree_to_merge(merge=anew, author=amina.user, wording=1)
    end_unanswered(at=timezone.now() + timedelta(days=1))
    for found, state in ((merge, Merge.State.LAPSED), (anew, Merge.State.DONE)):
        found.refresh_from_db()
        assert found.state == state
    assert merge.ended_at == ended_at


def test_the_job_ends_it_once_and_tells_also_who_suggested_it(
    merge: Merge, amina: Membership, dora: Membership, eva: Membership
) -> None:
    end_unanswered()
    merge.refresh_from_db()
    assert merge.state == Merge.State.OPEN
    told()
    let_time_pass(merge)
    for _ in range(2):
        end_unanswered()
    merge.refresh_from_db()
    assert merge.state == Merge.State.LAPSED
    run_waiting()
    assert all("Not every author answered in time" in str(letter.body) for letter in mail.outbox)
    (evas,) = [str(letter.body) for letter in mail.outbox if letter.to == [eva.user.email]]
    assert "because you suggested this" in evas
    assert told() == sorted([amina.user.email, dora.user.email, eva.user.email])
    kinds = [event.kind for event in ledger.events(merge.target.cycle.pk)]
    assert kinds.count("merge.lapsed") == 1


def test_a_split_ends_in_the_same_way(
    client: Client, split: Split, trees: Proposal, amina: Membership, eva: Membership
) -> None:
    client.force_login(amina.user)
    assert "It can be answered until" in client.get(split.get_absolute_url()).content.decode()
    told()
    let_time_pass(split)
    for act in (agree_to_split, refuse_split):
        with pytest.raises(CycleRefused, match=IN_TIME):
            act(split=split, author=amina.user)
    assert "Not answered in time" in client.get(split.get_absolute_url()).content.decode()
    assert "Asked to split it" not in client.get(trees.get_absolute_url()).content.decode()
    end_unanswered()
    assert told() == sorted([amina.user.email, eva.user.email])
    again = split_proposal(proposal=trees, actor=eva, pieces=TWO_PIECES, reason="Two things.")
    assert agree_to_split(split=again, author=amina.user).state == Split.State.DONE
    end_unanswered(at=timezone.now() + timedelta(days=30))
    again.refresh_from_db()
    assert again.state == Split.State.DONE


def test_who_has_not_answered_is_reminded_once_some_days_before(
    merge: Merge, amina: Membership, dora: Membership
) -> None:
    agree_to_merge(merge=merge, author=amina.user, wording=1)
    told()
    remind_of_unanswered(at=merge.answer_until - timedelta(days=5))
    assert told() == []
    let_time_pass(merge, days=12)
    remind_of_unanswered()
    run_waiting()
    assert "you have not answered yet" in str(mail.outbox[0].body)
    assert told() == [dora.user.email]
    remind_of_unanswered()
    assert told() == []


def test_nobody_is_reminded_of_what_has_ended_or_was_asked_yesterday(
    merge: Merge, amina: Membership, dora: Membership, bao: Membership, eva: Membership, ideas: Cycle
) -> None:
    told()
    let_time_pass(merge, days=12)
    remind_of_unanswered()
    refuse_merge(merge=merge, author=dora.user)
    answered = told()  # the mail that somebody said No, and not the reminder that waited
    assert sorted(answered) == sorted([amina.user.email, dora.user.email])
    well = make_proposal(ideas, bao, "A well")
    soon = split_proposal(proposal=well, actor=eva, pieces=TWO_PIECES, reason="Two things.")
    told()
    Split.objects.filter(pk=soon.pk).update(answer_until=timezone.now() + timedelta(days=1))
    remind_of_unanswered()
    assert told() == []
    let_time_pass(soon, days=0)
    Split.objects.filter(pk=soon.pk).update(suggested_at=timezone.now() - timedelta(days=3))
    remind_of_unanswered()
    assert told() == [bao.user.email]


def test_it_ends_with_the_steps_in_which_proposals_become_one(
    riverside: Assembly, amina: Membership, dora: Membership, eva: Membership
) -> None:
    cycle = make_cycle(riverside, Kind.REVIEWING)
    asked = make_proposal(cycle, amina)
    merge = suggest_merge(target=asked, others=[make_proposal(cycle, dora, "Benches")], suggester=eva, **TOGETHER)
    assert merge.answer_until == cycle.phases.get(kind=Kind.REVIEWING).ends_at  # in five days
    start_phase(cycle=cycle, kind=Kind.BALLOTING, actor=None)
    with pytest.raises(CycleRefused, match="can no longer be merged"):
        agree_to_merge(merge=merge, author=dora.user, wording=1)
    told()
    end_unanswered()
    merge.refresh_from_db()
    assert merge.state == Merge.State.LAPSED
    assert eva.user.email in told()


def test_new_words_give_everybody_the_whole_time_anew(merge: Merge, amina: Membership, dora: Membership) -> None:
    let_time_pass(merge, days=12)
    remind_of_unanswered()
    reworded = reword_merge(merge=merge, author=dora.user, **TOGETHER | {"title": "Benches and trees"})
    assert last_day(reworded.answer_until) == timezone.localdate() + timedelta(days=14)
    assert reworded.reminded_at is None


def test_my_page_shows_what_waits_for_my_answer_and_until_when(
    client: Client,
    merge: Merge,
    split_of_well: Split,
    amina: Membership,
    dora: Membership,
    bao: Membership,
    ideas: Cycle,
) -> None:
    addresses = (merge.get_absolute_url(), split_of_well.get_absolute_url())

    def shown_to(person: Membership) -> list[str]:
        client.force_login(person.user)
        page = client.get("/me/").content.decode()
        assert ("Waits for your answer" in page) == any(address in page for address in addresses)
        assert page.count(f"Until {timezone.localtime(merge.answer_until - timedelta(minutes=1)):%A}") == sum(
            address in page for address in addresses
        )
        return [address for address in addresses if address in page]

    assert shown_to(amina) == list(addresses)
    assert shown_to(dora) == [addresses[0]]
    assert shown_to(bao) == []
    agree_to_merge(merge=merge, author=amina.user, wording=1)
    assert shown_to(amina) == [addresses[1]]
    let_time_pass(split_of_well)
    assert shown_to(amina) == []
    start_phase(cycle=ideas, kind=Kind.BALLOTING, actor=None)
    assert shown_to(dora) == []


def test_nobody_is_asked_or_reminded_while_one_of_them_is_not_in_the_list(
    client: Client, merge: Merge, benches: Proposal, amina: Membership, dora: Membership, eva: Membership
) -> None:
    withdraw_proposal(proposal=benches, actor=dora.user)
    told()
    client.force_login(amina.user)
    assert merge.get_absolute_url() not in client.get("/me/").content.decode()
    page = client.get(merge.get_absolute_url()).content.decode()
    assert "no longer in the list of open ideas" in page
    assert ("Yes, in these words" in page, "refuse/" in page) == (False, True)
    remind_of_unanswered(at=merge.answer_until - timedelta(days=1))
    assert told() == []


def test_a_colleague_takes_back_what_an_official_suggested(
    client: Client, riverside: Assembly, merge: Merge, split_of_well: Split, amina: Membership, bao: Membership
) -> None:
    """Whoever suggested it may be ill."""
    colleague = make_member(riverside, "Ewa", Role.EVALUATOR)
    day = day_in_words(last_day(merge.answer_until))
    with pytest.raises(CycleRefused, match=f"waits for an answer about another merge, until {day}"):
        suggest_merge(target=merge.target, others=[split_of_well.proposal], suggester=colleague, **TOGETHER)
    for suggestion in (merge, split_of_well):
        address = suggestion.get_absolute_url()
        client.force_login(amina.user)
        assert "Take the suggestion back" not in client.get(address).content.decode()
        assert client.post(f"{address}take-back/").status_code == 403
        client.force_login(colleague.user)
        assert "Take the suggestion back" in client.get(address).content.decode()
        client.post(f"{address}take-back/")
        suggestion.refresh_from_db()
        assert suggestion.state == "taken_back"
    own = suggest_merge(
        target=merge.target, others=[make_proposal(merge.target.cycle, bao)], suggester=amina, **TOGETHER
    )
    with pytest.raises(CycleRefused, match="Only who suggested it"):
        take_merge_back(merge=own, actor=colleague.user)


def test_who_stands_behind_a_proposal_reads_what_the_mail_leads_to(
    client: Client, merge: Merge, split_of_well: Split, amina: Membership, bao: Membership, chidi: Membership
) -> None:
    run_waiting()
    mail.outbox.clear()
    for proposal in (merge.target, split_of_well.proposal):
        asked = invite_co_sponsor(proposal=proposal, author=amina, email=bao.user.email)
        accept_co_sponsorship(co_sponsor=asked, person=bao)
    run_waiting()
    mail.outbox.clear()
    refuse_merge(merge=merge, author=amina.user)
    refuse_split(split=split_of_well, author=amina.user)
    run_waiting()
    letters = [str(letter.body) for letter in mail.outbox if letter.to == [bao.user.email]]
    for suggestion in (merge, split_of_well):
        address = suggestion.get_absolute_url()
        (letter,) = [letter for letter in letters if address in letter]
        assert "answer if you are an author" not in letter
        client.force_login(bao.user)
        page = client.get(address)
        assert page.status_code == 200
        assert "<form" not in page.content.decode().partition("<main")[2].partition("</main>")[0]
        assert client.post(f"{address}refuse/").status_code == 403
        client.force_login(chidi.user)
        assert client.get(address).status_code == 404


def test_as_many_queries_for_one_question_as_for_many(
    client: Client, merge: Merge, dora: Membership, eva: Membership, ideas: Cycle
) -> None:
    def ask(name: str) -> None:
        more = [make_proposal(ideas, dora, f"{name} {number}") for number in range(3)]
        suggest_merge(target=more[0], others=more[1:2], suggester=eva, **TOGETHER)
        split_proposal(proposal=more[2], actor=eva, pieces=TWO_PIECES, reason="Two things.")

    ask("Well")
    pages = (("/me/", dora), (f"/cycles/{ideas.pk}/desk/", eva))
    queries: list[list[int]] = []
    for name in ("", "Wall"):
        if name:
            ask(name)
        queries.append([])
        for address, person in pages:
            client.force_login(person.user)
            client.get(address)
            with CaptureQueriesContext(connection) as asked:
                page = client.get(address).content.decode()
            assert page.count("/splits/") >= len(queries)
            queries[-1].append(len(asked))
    assert queries[0] == queries[1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_protected", [True, False])
def test_a_yes_in_the_moment_of_the_end_comes_before_it_or_is_refused(
    split: Split, trees: Proposal, amina: Membership, is_protected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the holds taken away Amina would be told that it ended, and her proposal would be split all the same."""
    if not is_protected:
        plain = Proposal.objects.select_related("author__user", "heading__cycle__assembly")
        monkeypatch.setattr("proposals.services.splitting.hold", lambda cycle: Cycle.objects.get(pk=cycle.pk))
        monkeypatch.setattr("proposals.services.splitting.held_proposal", lambda found: plain.get(pk=found.pk))
    read = told_when_read(monkeypatch, "proposals.services.splitting._held_open")
    with transaction.atomic():
        end_unanswered(at=split.answer_until)
        yes = Elsewhere(agree_to_split, split=split, author=amina.user)
        read.wait(LONG_ENOUGH if is_protected else PATIENCE)
    yes.join()
    if is_protected:
        assert IN_TIME in str(yes.error)
        assert not trees.split_into.exists()
    else:
        assert trees.split_into.count() == 2
