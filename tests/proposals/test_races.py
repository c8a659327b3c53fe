"""The step may end in the very moment in which somebody sends: the cycle's row decides who was first."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connections, transaction

from assemblies.models import Assembly, Membership
from proposals.models import Cycle, Proposal
from proposals.services import CycleRefused, put_on_ballot, start_phase, submit_proposal, withdraw_proposal
from tests.proposals.making import Kind, make_cycle, make_draft, make_evaluator, make_feasible, pot_of

LONG_ENOUGH = 0.7  # seconds in which the other connection reaches the lock

pytestmark = pytest.mark.django_db(transaction=True)


class Elsewhere(threading.Thread):
    """An act on a connection of its own; what it raised is kept."""

    def __init__(self, act: Callable[..., object], **given: object) -> None:
        super().__init__()
        self.act, self.given = act, given
        self.error: CycleRefused | None = None
        self.start()

    def run(self) -> None:
        try:
            self.act(**self.given)
        except CycleRefused as refusal:
            self.error = refusal
        finally:
            connections.close_all()


def send_while_the_step_ends(cycle: Cycle, proposal: Proposal) -> Elsewhere:
    """The next step begins, and before that is committed somebody else sends the proposal."""
    with transaction.atomic():
        start_phase(cycle=cycle, kind=Kind.REVIEWING, actor=None)
        other = Elsewhere(submit_proposal, proposal=proposal)
        time.sleep(LONG_ENOUGH)
    other.join()
    return other


def test_an_idea_sent_as_the_step_ends_waits_and_is_refused(riverside: Assembly, amina: Membership) -> None:
    cycle = make_cycle(riverside)
    proposal = make_draft(cycle, amina)
    other = send_while_the_step_ends(cycle, proposal)
    assert other.error is not None
    assert "not taken at the moment" in str(other.error)
    proposal.refresh_from_db()
    assert proposal.is_draft


def test_without_holding_the_cycle_the_idea_would_slip_in(
    riverside: Assembly, amina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the protection taken away, the test above would fail: the late idea is accepted."""
    monkeypatch.setattr("proposals.services.proposing.hold", lambda cycle: Cycle.objects.get(pk=cycle.pk))
    cycle = make_cycle(riverside)
    proposal = make_draft(cycle, amina)
    other = send_while_the_step_ends(cycle, proposal)
    assert other.error is None
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.SUBMITTED


def test_what_is_taken_back_as_the_ballot_is_drawn_up_is_on_it(riverside: Assembly, amina: Membership) -> None:
    cycle = make_cycle(riverside, Kind.REVIEWING)
    trees, *_others = make_feasible(cycle, amina, make_evaluator(riverside), {"Trees": 5, "Bench": 5, "Swing": 5})
    with transaction.atomic():
        put_on_ballot(heading=pot_of(cycle), actor=None)
        other = Elsewhere(withdraw_proposal, proposal=trees, actor=amina.user)
        time.sleep(LONG_ENOUGH)
    other.join()
    assert "on the ballot" in str(other.error)
    trees.refresh_from_db()
    assert trees.state == Proposal.State.FEASIBLE


def test_two_people_draw_up_one_ballot(riverside: Assembly, amina: Membership) -> None:
    cycle = make_cycle(riverside, Kind.REVIEWING)
    make_feasible(cycle, amina, make_evaluator(riverside), {"Trees": 5, "Bench": 5})
    both = [Elsewhere(put_on_ballot, heading=pot_of(cycle), actor=None) for _person in range(2)]
    for one in both:
        one.join()
    assert [one.error for one in both] == [None, None]  # the second draws it up again, the same
    heading = pot_of(cycle)
    assert heading.projects.count() == 2
    assert heading.poll is not None
    assert heading.poll.options.count() == 2
    assert riverside.polls.count() == 1
