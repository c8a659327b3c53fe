"""How many of a district voted is told only where nobody is told apart, and nothing hidden follows from the rest."""

from uuid import UUID

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assemblies.models import Assembly, District
from proposals.models import AreaTurnout
from tests.make import make_member
from tests.proposals.making import Kind, make_cycle, make_evaluator, make_open_ballot, pot_of, vote
from voting import results
from voting import services as voting
from voting.models import Poll, Secrecy
from voting.results import AreaCount, hide_small_areas

PEOPLE = st.tuples(st.integers(0, 30), st.integers(0, 30))
AREAS = st.lists(PEOPLE, max_size=9).map(
    lambda areas: {UUID(int=n): AreaCount(sum(area), area[0]) for n, area in enumerate(areas)}
)
calm = settings(suppress_health_check=[HealthCheck.too_slow])  # the first draw waits for a busy machine


@calm
@given(AREAS)
def test_what_is_hidden_is_never_one_area_and_never_few_people(areas: dict[UUID | None, AreaCount]) -> None:
    shown = hide_small_areas(areas, smallest=5)
    assert all(count.voted >= 5 and count.entitled - count.voted >= 5 for count in shown.values())
    hidden = [count for area, count in areas.items() if area not in shown]
    if hidden and shown:
        assert len(hidden) >= 2
        assert sum(count.voted for count in hidden) >= 5
        assert sum(count.entitled - count.voted for count in hidden) >= 5


@calm
@given(AREAS)
def test_without_small_areas_nothing_is_hidden(areas: dict[UUID | None, AreaCount]) -> None:
    large = {area: count for area, count in areas.items() if count.least >= 5}
    assert hide_small_areas(large, smallest=5) == large


def town(riverside: Assembly, secrecy: int = Secrecy.NAMED) -> Poll:
    """Of 12 in the Hill and 14 in the Port six voted each, of 3 in the Isle one, and of 9 elsewhere one did not."""
    eva = make_evaluator(riverside)
    cycle = make_cycle(riverside, Kind.BALLOTING, secrecy=secrecy)
    voters = []
    for name, people, voting_people in (("Hill", 12, 6), ("Port", 14, 6), ("Isle", 3, 1), ("Mill", 9, 8)):
        district = District.objects.create(assembly=riverside, name=name)
        members = [make_member(riverside, f"{name} {number}", district=district) for number in range(people)]
        voters += members[:voting_people]
    author = make_member(riverside, "The author")
    poll = make_open_ballot(cycle, author, eva)
    for member in voters:
        vote(poll, member, "Shade trees")
    return poll


@pytest.mark.django_db
def test_districts_with_few_voters_or_few_others_stay_hidden_and_are_frozen(
    client: Client, riverside: Assembly
) -> None:
    poll = voting.close_poll(poll=town(riverside), actor=None)
    assert results.turnout_by_district(poll) == {}
    assert not AreaTurnout.objects.exists()
    poll = voting.publish_poll(poll=poll, actor=None)
    told = {str(area.district): (area.voted, area.entitled) for area in AreaTurnout.objects.all()}
    assert told["Hill"] == (6, 12)
    assert told["Port"] == (6, 14)
    assert told["Isle"] == told["Mill"] == (None, None)
    page = client.get(f"/cycles/{poll.heading.cycle_id}/results/").content.decode()
    assert page.count("Not shown") == sum(voted is None for voted, _entitled in told.values())
    District.objects.get(name="Hill").memberships.update(district=None)
    assert AreaTurnout.objects.get(district__name="Hill").voted == 6


@pytest.mark.django_db
def test_nobody_knows_it_of_a_sealed_ballot(riverside: Assembly) -> None:
    poll = town(riverside, Secrecy.CONFIDENTIAL)
    poll = voting.publish_poll(poll=voting.close_poll(poll=poll, actor=None), actor=None)
    assert results.turnout_by_district(poll) == {}
    assert pot_of(poll.heading.cycle).poll == poll
    assert not AreaTurnout.objects.exists()
