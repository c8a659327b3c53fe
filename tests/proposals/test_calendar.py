"""The calendar of a budget: its order is fixed, it has no gaps, and it only moves forward."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

import ledger
from assemblies.models import Assembly, Membership
from proposals.models import Cycle, Phase
from proposals.services import CycleRefused, NewHeading, NewPhase, create_cycle, move_end, open_ballot, start_phase
from tests.proposals.making import Kind, calendar, make_ballot, make_cycle, make_open_ballot, moment_in, pot_of

NOW = timezone.now()
DAY = timedelta(days=1)


def create(assembly: Assembly, *phases: NewPhase) -> Cycle:
    return create_cycle(
        assembly=assembly, title="Budget", year=2027, headings=[NewHeading("All", 100)], phases=phases, actor=None
    )


def test_a_new_budget_knows_its_money_and_its_step(riverside: Assembly) -> None:
    cycle = make_cycle(riverside, Kind.REVIEWING)
    assert cycle.amount == 100_000_00
    assert cycle.currency == riverside.currency
    phase = cycle.phase()
    assert phase is not None
    assert phase.kind == Kind.REVIEWING
    assert cycle.is_in(Kind.REVIEWING)
    assert not cycle.is_in(Kind.BALLOTING)


def test_before_the_first_and_after_the_last_step_nothing_is_on(riverside: Assembly) -> None:
    cycle = create(
        riverside, NewPhase(Kind.ACCEPTING, NOW, NOW + DAY), NewPhase(Kind.BALLOTING, NOW + DAY, NOW + 2 * DAY)
    )
    assert cycle.phase(NOW - DAY) is None
    assert cycle.phase(NOW + 2 * DAY) is None
    at_the_seam = cycle.phase(NOW + DAY)
    assert at_the_seam is not None
    assert at_the_seam.kind == Kind.BALLOTING  # a step ends as the next begins


@pytest.mark.parametrize(
    ("phases", "words"),
    [
        ([NewPhase(Kind.BALLOTING, NOW, NOW + DAY), NewPhase(Kind.ACCEPTING, NOW + DAY, None)], "cannot come before"),
        ([NewPhase(Kind.ACCEPTING, NOW, NOW + 2 * DAY), NewPhase(Kind.BALLOTING, NOW + DAY)], "begins before"),
        ([NewPhase(Kind.ACCEPTING, NOW, NOW + DAY), NewPhase(Kind.BALLOTING, NOW + 2 * DAY)], "gap"),
        ([NewPhase(Kind.ACCEPTING, NOW), NewPhase(Kind.BALLOTING, NOW + DAY)], "Only the last step may stay open"),
        ([NewPhase(Kind.ACCEPTING, NOW, NOW)], "ends before it begins"),
        ([NewPhase(Kind.ACCEPTING, NOW, NOW + DAY), NewPhase(Kind.ACCEPTING, NOW + DAY)], "only once"),
        ([NewPhase("sleeping", NOW)], "no step"),
        ([], "empty"),
    ],
)
def test_a_calendar_out_of_order_is_refused(riverside: Assembly, phases: list[NewPhase], words: str) -> None:
    with pytest.raises(CycleRefused, match=words):
        create(riverside, *phases)
    assert not Cycle.objects.exists()


def test_a_budget_without_money_is_refused(riverside: Assembly) -> None:
    with pytest.raises(CycleRefused, match="more than zero"):
        create_cycle(
            assembly=riverside,
            title="Budget",
            year=2027,
            headings=[NewHeading("All", 0)],
            phases=calendar(),
            actor=None,
        )
    with pytest.raises(CycleRefused, match="how much money"):
        create_cycle(assembly=riverside, title="Budget", year=2027, headings=[], phases=calendar(), actor=None)


def test_the_database_holds_each_kind_in_its_place(riverside: Assembly) -> None:
    cycle = make_cycle(riverside)
    wrong = Phase(cycle=cycle, kind=Kind.DRAFTING, position=9, starts_at=NOW, ends_at=NOW + DAY)
    with pytest.raises(IntegrityError, match="known_kind_in_its_place"), transaction.atomic():
        wrong.save()
    twice = Phase(cycle=cycle, kind=Kind.ACCEPTING, position=2, starts_at=NOW, ends_at=NOW + DAY)
    with pytest.raises(IntegrityError, match="one_of_each_kind"), transaction.atomic():
        twice.save()
    backwards = Phase(cycle=cycle, kind=Kind.DRAFTING, position=0, starts_at=NOW, ends_at=NOW - DAY)
    with pytest.raises(IntegrityError, match="ends_after_it_starts"), transaction.atomic():
        backwards.save()


def test_going_on_ends_the_step_before_and_leaves_out_what_lies_between(ideas: Cycle, bao: Membership) -> None:
    start_phase(cycle=ideas, kind=Kind.BALLOTING, actor=bao.user)
    ideas = Cycle.objects.get(pk=ideas.pk)
    assert ideas.is_in(Kind.BALLOTING)
    assert ideas.phase_of(Kind.REVIEWING) is None
    assert not ideas.is_in(Kind.ACCEPTING)
    assert "phase.started" in [*ledger.events(ideas.pk)][-1].body


def test_a_budget_never_goes_back(voting_now: Cycle, bao: Membership) -> None:
    with pytest.raises(CycleRefused, match="only moves forward"):
        start_phase(cycle=voting_now, kind=Kind.ACCEPTING, actor=bao.user)
    with pytest.raises(CycleRefused, match="no such step"):
        start_phase(cycle=voting_now, kind=Kind.DRAFTING, actor=bao.user)


def test_an_open_vote_holds_the_budget_at_the_vote(
    voting_now: Cycle, amina: Membership, bao: Membership, eva: Membership
) -> None:
    make_open_ballot(voting_now, amina, eva)
    with pytest.raises(CycleRefused, match="Close the ballot"):
        start_phase(cycle=voting_now, kind=Kind.FINISHED, actor=bao.user)


def test_moving_the_last_day_moves_the_beginning_of_the_next_step(ideas: Cycle, bao: Membership) -> None:
    later = timezone.now() + 9 * DAY
    move_end(cycle=ideas, kind=Kind.ACCEPTING, ends_at=later, actor=bao.user)
    assert ideas.phases.get(kind=Kind.ACCEPTING).ends_at == later
    assert ideas.phases.get(kind=Kind.REVIEWING).starts_at == later


def test_a_last_day_that_eats_the_next_step_or_lies_in_the_past_is_refused(ideas: Cycle, bao: Membership) -> None:
    with pytest.raises(CycleRefused, match="no time left"):
        move_end(cycle=ideas, kind=Kind.ACCEPTING, ends_at=timezone.now() + 30 * DAY, actor=bao.user)
    with pytest.raises(CycleRefused, match="passed already"):
        move_end(cycle=ideas, kind=Kind.ACCEPTING, ends_at=timezone.now() - DAY, actor=bao.user)
    with pytest.raises(CycleRefused, match="before it begins"):
        move_end(cycle=ideas, kind=Kind.BALLOTING, ends_at=timezone.now() + DAY, actor=bao.user)


def test_the_end_of_a_vote_that_was_opened_stays(
    voting_now: Cycle, amina: Membership, bao: Membership, eva: Membership
) -> None:
    make_open_ballot(voting_now, amina, eva)
    with pytest.raises(CycleRefused, match="can no longer move"):
        move_end(cycle=voting_now, kind=Kind.BALLOTING, ends_at=timezone.now() + 7 * DAY, actor=bao.user)


def test_the_vote_cannot_open_at_another_step(riverside: Assembly, amina: Membership, eva: Membership) -> None:
    cycle = make_cycle(riverside, Kind.REVIEWING)
    make_ballot(cycle, amina, eva)
    with pytest.raises(CycleRefused, match="cannot be opened yet"):
        open_ballot(heading=pot_of(cycle), actor=None)
    poll = open_ballot(heading=pot_of(cycle), actor=None, at=moment_in(cycle, Kind.BALLOTING))
    assert poll.closes_at == cycle.phases.get(kind=Kind.BALLOTING).ends_at
