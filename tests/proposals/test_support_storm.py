"""Many people support one idea in the same moment, and some press twice: the number is exact."""

import threading
import time
from collections import Counter

import pytest
from django.db import connections, transaction

from assemblies.models import Assembly, Membership
from proposals.models import Cycle, Proposal, Support
from proposals.services import CycleRefused, start_phase, support_proposal
from tests.make import make_member
from tests.proposals.making import Kind, calendar, make_cycle, make_proposal
from tests.proposals.test_races import LONG_ENOUGH, Elsewhere
from tests.proposals.test_supports import WITH_SELECTING

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 4


def storm(proposal: Proposal, people: list[Membership], *, presses: int = 2) -> Counter[str]:
    """Everybody presses at once, and again in the same moment; how it went."""
    together, outcomes = threading.Barrier(presses * len(people)), Counter[str]()

    def press(person: Membership) -> None:
        try:
            together.wait()
            support_proposal(proposal=proposal, person=person)
            outcomes["taken"] += 1
        except Exception as error:
            outcomes[type(error).__name__] += 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=[person]) for person in people for _press in range(presses)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def idea_with_people(riverside: Assembly) -> tuple[Proposal, list[Membership]]:
    author = make_member(riverside, "Amina")
    proposal = make_proposal(make_cycle(riverside, phases=calendar(Kind.SELECTING, WITH_SELECTING)), author)
    return proposal, [make_member(riverside, f"Person {number}") for number in range(PEOPLE)]


def test_everybody_counts_once_and_the_number_is_exact(riverside: Assembly) -> None:
    proposal, people = idea_with_people(riverside)
    assert storm(proposal, people) == {"taken": 2 * PEOPLE}
    proposal.refresh_from_db()
    assert proposal.support_count == Support.objects.filter(proposal=proposal).count() == PEOPLE


def test_without_holding_the_proposal_the_number_would_be_wrong(
    riverside: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the protection taken away, the test above would fail: each counts only what was there before."""

    def not_held(proposal: Proposal) -> Proposal:
        return Proposal.objects.select_related("heading").get(pk=proposal.pk)

    all_have_counted = threading.Barrier(PEOPLE)

    def counted_together(proposal: Proposal) -> None:
        number = proposal.supports.count()
        all_have_counted.wait(timeout=60)
        Proposal.objects.filter(pk=proposal.pk).update(support_count=number)

    monkeypatch.setattr("proposals.services.supports.held_proposal", not_held)
    monkeypatch.setattr("proposals.services.supports.count_supports", counted_together)
    proposal, people = idea_with_people(riverside)
    storm(proposal, people, presses=1)
    proposal.refresh_from_db()
    assert proposal.support_count < Support.objects.filter(proposal=proposal).count() == PEOPLE


def support_while_the_step_ends(proposal: Proposal, person: Membership) -> Elsewhere:
    with transaction.atomic():
        start_phase(cycle=proposal.heading.cycle, kind=Kind.BALLOTING, actor=None)
        other = Elsewhere(support_proposal, proposal=proposal, person=person)
        time.sleep(LONG_ENOUGH)
    other.join()
    return other


def test_a_support_given_as_the_step_ends_waits_and_is_refused(riverside: Assembly) -> None:
    proposal, (person, *_others) = idea_with_people(riverside)
    other = support_while_the_step_ends(proposal, person)
    assert isinstance(other.error, CycleRefused)
    assert not Support.objects.exists()


def test_without_sharing_the_cycle_the_support_would_slip_in(
    riverside: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the protection taken away, the test above would fail: the late support is counted."""
    monkeypatch.setattr("proposals.services.supports.share", lambda cycle: Cycle.objects.get(pk=cycle.pk))
    proposal, (person, *_others) = idea_with_people(riverside)
    assert support_while_the_step_ends(proposal, person).error is None
    assert Support.objects.count() == 1
