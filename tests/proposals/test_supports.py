"""Supports: one for each person and idea, while their time is on; too few, and the idea has ended."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

import ledger
from assemblies.models import Assembly, Membership
from proposals.jobs import end_unsupported_proposals
from proposals.models import Cycle, Proposal, Support
from proposals.services import (
    CycleRefused,
    end_unsupported,
    put_on_ballot,
    review_proposal,
    set_support_rule,
    start_phase,
    support_proposal,
    withdraw_proposal,
    withdraw_support,
)
from tests.make import make_member
from tests.proposals.making import Kind, calendar, make_cycle, make_proposal, moment_in, pot_of

WITH_SELECTING = [Kind.ACCEPTING, Kind.REVIEWING, Kind.SELECTING, Kind.BALLOTING, Kind.FINISHED]


def make_selecting(
    assembly: Assembly, now_in: str = Kind.SELECTING, threshold: int | None = 2, days: int | None = None
) -> Cycle:
    """A budget with a step for supports, and its rule."""
    cycle = make_cycle(assembly, phases=calendar(now_in, WITH_SELECTING))
    if threshold:
        set_support_rule(cycle=cycle, threshold=threshold, days=days, actor=None, at=moment_in(cycle, Kind.ACCEPTING))
    return cycle


def test_amina_supports_baos_idea_and_takes_it_back(client: Client, amina: Membership, bao: Membership) -> None:
    proposal = make_proposal(make_selecting(amina.assembly), bao)
    client.force_login(amina.user)
    assert "Support this idea" in client.get(proposal.get_absolute_url()).content.decode()
    answer = client.post(f"/proposals/{proposal.pk}/support/", follow=True).content.decode()
    assert "1 person supports this idea" in answer
    assert "It needs 2 to go on." in answer
    assert "You support this idea." in answer
    answer = client.post(f"/proposals/{proposal.pk}/support/take-back/", follow=True).content.decode()
    assert "0 people support this idea" in answer
    assert not Support.objects.exists()


def test_the_button_alone_comes_back_where_scripts_run(client: Client, amina: Membership, bao: Membership) -> None:
    proposal = make_proposal(make_selecting(amina.assembly), bao)
    client.force_login(amina.user)
    answer = client.post(f"/proposals/{proposal.pk}/support/", headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert answer.content.decode().strip().startswith('<div class="stack" id="supports">')


def test_a_support_is_never_called_a_vote(client: Client, amina: Membership, bao: Membership) -> None:
    proposal = make_proposal(make_selecting(amina.assembly), bao)
    client.force_login(amina.user)
    answer = client.post(f"/proposals/{proposal.pk}/support/", headers={"hx-request": "true"}).content.decode()
    assert "vote" not in answer.lower()


def test_twice_is_once(amina: Membership, bao: Membership) -> None:
    proposal = make_proposal(make_selecting(amina.assembly), bao)
    first = support_proposal(proposal=proposal, person=amina)
    assert support_proposal(proposal=proposal, person=amina) == first
    proposal.refresh_from_db()
    assert proposal.support_count == 1
    for _time in range(2):
        withdraw_support(proposal=proposal, person=amina)
    proposal.refresh_from_db()
    assert proposal.support_count == 0


def test_the_database_itself_takes_one_for_each_person(amina: Membership, bao: Membership) -> None:
    proposal = make_proposal(make_selecting(amina.assembly), bao)
    support_proposal(proposal=proposal, person=amina)
    with pytest.raises(IntegrityError, match="proposals_support_one_per_person"), transaction.atomic():
        Support.objects.create(proposal=proposal, person=amina)


def test_chidi_finds_nothing_and_others_are_refused(
    client: Client, riverside: Assembly, amina: Membership, chidi: Membership
) -> None:
    proposal = make_proposal(make_selecting(riverside), amina)
    elsewhere = make_proposal(make_selecting(chidi.assembly), chidi)
    client.force_login(amina.user)
    assert client.post(f"/proposals/{elsewhere.pk}/support/").status_code == 404
    assert client.get(f"/proposals/{proposal.pk}/support/").status_code == 405
    unchecked = make_member(riverside, "New", verified=False)
    client.force_login(unchecked.user)
    assert client.post(f"/proposals/{proposal.pk}/support/").status_code == 403
    assert "Support this idea" not in client.get(proposal.get_absolute_url()).content.decode()
    for person in (unchecked, chidi):
        with pytest.raises(CycleRefused, match="whose address was checked"):
            support_proposal(proposal=proposal, person=person)


@pytest.mark.parametrize("kind", WITH_SELECTING)
def test_only_the_step_for_supports_takes_them(riverside: Assembly, amina: Membership, kind: str) -> None:
    cycle = make_selecting(riverside)
    proposal = make_proposal(cycle, amina)
    at = moment_in(cycle, kind)
    if kind == Kind.SELECTING:
        support_proposal(proposal=proposal, person=amina, at=at)
        return
    for act in (support_proposal, withdraw_support):
        with pytest.raises(CycleRefused, match="cannot be supported at the moment"):
            act(proposal=proposal, person=amina, at=at)


def test_a_calendar_without_that_step_takes_them_with_the_ideas_and_the_check(amina: Membership, ideas: Cycle) -> None:
    proposal = make_proposal(ideas, amina)
    for kind in (Kind.ACCEPTING, Kind.REVIEWING):
        support_proposal(proposal=proposal, person=amina, at=moment_in(ideas, kind))
    with pytest.raises(CycleRefused, match="at the moment"):
        support_proposal(proposal=proposal, person=amina, at=moment_in(ideas, Kind.BALLOTING))


def test_what_was_taken_back_cannot_be_supported(amina: Membership, ideas: Cycle) -> None:
    proposal = make_proposal(ideas, amina)
    withdraw_proposal(proposal=proposal, actor=amina.user)
    with pytest.raises(CycleRefused, match="can no longer be supported"):
        support_proposal(proposal=proposal, person=amina)


def test_after_the_days_of_the_rule_the_time_is_over(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    cycle = make_selecting(riverside, days=3)
    proposal = make_proposal(cycle, amina)
    begins = cycle.phases.get(kind=Kind.SELECTING).starts_at
    support_proposal(proposal=proposal, person=amina, at=begins + timedelta(days=3, seconds=-1))
    with pytest.raises(CycleRefused, match="The time for supporting this idea is over"):
        support_proposal(proposal=proposal, person=bao, at=begins + timedelta(days=3))


def test_an_idea_with_too_few_has_ended_and_one_with_enough_goes_on(
    client: Client, riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    cycle = make_selecting(riverside, days=3)
    lone, liked = make_proposal(cycle, amina, "Lone"), make_proposal(cycle, amina, "Liked")
    begins = cycle.phases.get(kind=Kind.SELECTING).starts_at
    for proposal, person in ((lone, amina), (liked, amina), (liked, bao)):
        support_proposal(proposal=proposal, person=person, at=begins)
    assert end_unsupported(cycle=cycle, at=begins + timedelta(days=3, seconds=-1)) == []
    assert end_unsupported(cycle=cycle, at=begins + timedelta(days=3)) == [lone]
    for proposal in (lone, liked):
        proposal.refresh_from_db()
    assert (lone.state, liked.state) == (Proposal.State.LAPSED, Proposal.State.SUBMITTED)
    assert "too few supported it in time" in client.get(lone.get_absolute_url()).content.decode()
    (event,) = [event for event in ledger.events(cycle.pk) if event.kind == "proposal.lapsed"]
    assert (event.data["supports"], event.data["needed"]) == (1, 2)
    with pytest.raises(IntegrityError, match="lapsed_has_time"), transaction.atomic():
        Proposal.objects.filter(pk=lone.pk).update(ended_at=None)


def test_the_hourly_job_ends_them_and_leaves_budgets_without_a_rule(riverside: Assembly, amina: Membership) -> None:
    ruled, free = make_selecting(riverside, days=1), make_selecting(riverside, threshold=None)
    ended, goes_on = make_proposal(ruled, amina), make_proposal(free, amina)
    end_unsupported_proposals()
    for proposal in (ended, goes_on):
        proposal.refresh_from_db()
    assert (ended.state, goes_on.state) == (Proposal.State.LAPSED, Proposal.State.SUBMITTED)


def test_nothing_unsupported_comes_on_the_ballot(
    riverside: Assembly, amina: Membership, bao: Membership, eva: Membership
) -> None:
    cycle = make_selecting(riverside, now_in=Kind.BALLOTING, threshold=1)
    titles = ["A", "B", "C"]
    checked = [make_proposal(cycle, amina, title) for title in titles]
    for proposal in checked:
        review_proposal(
            proposal=proposal, evaluator=eva, feasibility="feasible", cost=5, at=moment_in(cycle, Kind.REVIEWING)
        )
    for proposal in checked[:2]:
        support_proposal(proposal=proposal, person=bao, at=moment_in(cycle, Kind.SELECTING))
    ends_at = cycle.phases.get(kind=Kind.SELECTING).ends_at
    assert ends_at
    last_second = ends_at - timedelta(seconds=1)
    assert end_unsupported(cycle=cycle, at=last_second) == []
    put_on_ballot(heading=pot_of(cycle), actor=None)
    assert sorted(pot_of(cycle).projects.values_list("title", flat=True)) == ["A", "B"]


def test_bao_sets_the_rule_before_supporting_begins_and_not_after(
    client: Client, riverside: Assembly, bao: Membership, amina: Membership
) -> None:
    cycle = make_selecting(riverside, now_in=Kind.ACCEPTING, threshold=None)
    address = f"/cycles/{cycle.pk}/supports/"
    client.force_login(bao.user)
    assert client.post(address, {"threshold": "0"}).status_code == 422
    assert client.post(address, {"threshold": "30", "days": "14"}).status_code == 302
    cycle = Cycle.objects.get(pk=cycle.pk)
    assert (cycle.support_rule.threshold, cycle.support_rule.days) == (30, 14)
    client.post(address, {"threshold": "", "days": ""})
    assert not Cycle.objects.filter(pk=cycle.pk, support_rule__isnull=False).exists()
    start_phase(cycle=cycle, kind=Kind.SELECTING, actor=None)
    answer = client.post(address, {"threshold": "17", "days": "9"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "can no longer change" in page
    assert 'value="17"' in page  # what was typed stays
    assert 'value="9"' in page
    client.force_login(amina.user)
    assert client.get(address).status_code == 403


def test_many_supports_take_as_many_queries_as_none(
    client: Client, riverside: Assembly, amina: Membership, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    proposal = make_proposal(make_selecting(riverside), amina)
    client.force_login(amina.user)
    client.get(proposal.get_absolute_url())
    with CaptureQueriesContext(connection) as none:
        client.get(proposal.get_absolute_url())
    for number in range(5):
        support_proposal(proposal=proposal, person=make_member(riverside, f"Person {number}"), at=timezone.now())
    with django_assert_num_queries(len(none)):
        client.get(proposal.get_absolute_url())
