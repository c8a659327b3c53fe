"""From proposals that can be built to a ballot with frozen costs."""

import pytest
from django.test import Client

import ledger
from assemblies.models import Assembly, District, Membership
from proposals.models import Cycle, Project
from proposals.owner import CycleOwner
from proposals.services import (
    CycleRefused,
    NewHeading,
    open_ballot,
    put_on_ballot,
    review_proposal,
    take_off_list,
)
from tests.make import make_member
from tests.proposals.making import (
    COSTS,
    Kind,
    make_ballot,
    make_cycle,
    make_feasible,
    make_open_ballot,
    make_proposal,
    moment_in,
    pot_of,
    project_of,
)
from tests.proving import prove
from voting import services as voting
from voting.models import PollState


@pytest.fixture
def checked(riverside: Assembly, amina: Membership, eva: Membership) -> Cycle:
    """A budget at the check, with four proposals that can be built."""
    cycle = make_cycle(riverside, Kind.REVIEWING)
    make_feasible(cycle, amina, eva, COSTS)
    return cycle


def test_every_feasible_proposal_becomes_a_project_with_its_checked_cost(
    checked: Cycle, amina: Membership, eva: Membership
) -> None:
    refused = make_proposal(checked, amina, "A cable car")
    review_proposal(proposal=refused, evaluator=eva, feasibility="unfeasible", public_reason="Too dear.")
    make_proposal(checked, amina, "Not checked yet")
    poll = put_on_ballot(heading=pot_of(checked), actor=None)
    assert {project.title: project.cost for project in Project.objects.all()} == {t: c * 100 for t, c in COSTS.items()}
    assert [option.key for option in poll.options.all()] == ["p1", "p2", "p3", "p4"]
    assert {option.title: option.cost for option in poll.options.all()} == {t: c * 100 for t, c in COSTS.items()}
    assert poll.state == PollState.DRAFT
    assert poll.budget == 100_000_00
    assert (poll.rule, poll.compared_rules) == ("equal-shares", ["greedy"])
    assert project_of(checked, "Shade trees").option == poll.options.get(title="Shade trees")


def test_late_proposals_join_until_the_vote_opens_and_numbers_stay(
    checked: Cycle, amina: Membership, eva: Membership
) -> None:
    put_on_ballot(heading=pot_of(checked), actor=None)
    before = {project.pk: project.number for project in Project.objects.all()}
    make_feasible(checked, amina, eva, {"A late idea": 5_000})
    poll = put_on_ballot(heading=pot_of(checked), actor=None)
    assert poll.options.count() == 5
    assert {pk: Project.objects.get(pk=pk).number for pk in before} == before
    assert project_of(checked, "A late idea").number == 5
    open_ballot(heading=pot_of(checked), actor=None, at=moment_in(checked, Kind.BALLOTING))
    with pytest.raises(CycleRefused, match="opened already"):
        put_on_ballot(heading=pot_of(checked), actor=None)


def test_one_proposal_is_not_a_choice(riverside: Assembly, amina: Membership, eva: Membership) -> None:
    cycle = make_cycle(riverside, Kind.REVIEWING)
    make_feasible(cycle, amina, eva, {"Shade trees": 10})
    with pytest.raises(CycleRefused, match="at least two"):
        put_on_ballot(heading=pot_of(cycle), actor=None)
    assert not Project.objects.exists()


def test_while_ideas_are_taken_there_is_no_ballot(ideas: Cycle) -> None:
    with pytest.raises(CycleRefused, match="cannot be drawn up"):
        put_on_ballot(heading=pot_of(ideas), actor=None)


def test_a_void_ballot_is_followed_by_a_new_one(voting_now: Cycle, amina: Membership, eva: Membership) -> None:
    wrong = make_open_ballot(voting_now, amina, eva)
    voting.void_poll(poll=wrong, actor=None, reason="A cost was wrong.")
    right = put_on_ballot(heading=pot_of(voting_now), actor=None)
    assert right.follows == wrong
    assert project_of(voting_now, "Shade trees").option == right.options.get(title="Shade trees")
    open_ballot(heading=pot_of(voting_now), actor=None)


def test_a_wrong_price_leaves_the_list_and_comes_back_right(
    client: Client, riverside: Assembly, amina: Membership, bao: Membership, eva: Membership
) -> None:
    cycle = make_cycle(riverside, Kind.REVIEWING)
    make_ballot(cycle, amina, eva)
    trees, pot = project_of(cycle, "Shade trees"), pot_of(cycle)
    pot.rival_sets = [[trees.number, project_of(cycle, "Safe crossing").number]]
    pot.save()
    proposal, url = trees.proposal, f"/projects/{trees.pk}/off-the-list/"
    client.force_login(amina.user)
    assert client.post(url).status_code == 403
    client.force_login(bao.user)
    assert url in client.get(f"/cycles/{cycle.pk}/manage/").content.decode()
    assert client.post(url).status_code == 302
    assert not Project.objects.filter(proposal=proposal).exists()
    assert (pot_of(cycle).poll, pot_of(cycle).rival_sets) == (None, [])
    assert proposal is not None
    review_proposal(proposal=proposal, evaluator=eva, feasibility="feasible", cost=7_000_00)
    poll = put_on_ballot(heading=pot, actor=bao.user)
    assert poll.options.get(title="Shade trees").cost == 7_000_00
    assert ledger.verify(cycle.pk)


def test_once_people_may_vote_nothing_leaves_the_list_silently(
    voting_now: Cycle, amina: Membership, eva: Membership
) -> None:
    make_ballot(voting_now, amina, eva)
    with pytest.raises(CycleRefused, match="check is over"):
        take_off_list(project=project_of(voting_now, "Shade trees"), actor=None)


def test_verified_residents_vote_and_in_a_district_only_its_own(
    riverside: Assembly, amina: Membership, bao: Membership, eva: Membership
) -> None:
    mill = District.objects.create(assembly=riverside, name="Mill Quarter")
    other = District.objects.create(assembly=riverside, name="Station")
    miller = make_member(riverside, "Miller", district=mill)
    make_member(riverside, "Station master", district=other)
    make_member(riverside, "Newcomer", district=mill, verified=False)
    pots = [NewHeading(district.name, 100_000_00, district=district) for district in (mill, other)]
    cycle = make_cycle(riverside, Kind.BALLOTING, headings=pots)
    pot = cycle.headings.get(district=mill)
    for title in ("Shade trees", "Safe crossing"):
        proposal = make_proposal(cycle, amina, title, heading=pot)
        at = moment_in(cycle, Kind.REVIEWING)
        review_proposal(proposal=proposal, evaluator=eva, feasibility="feasible", cost=5_000_00, at=at)
    put_on_ballot(heading=pot, actor=None)
    poll = open_ballot(heading=pot, actor=None)
    assert poll.register is not None
    assert [line.membership for line in poll.register.lines.all()] == [miller]


def test_the_cycles_log_tells_the_story(voting_now: Cycle, amina: Membership, eva: Membership) -> None:
    make_open_ballot(voting_now, amina, eva)
    kinds = [event.body.rpartition('"kind":"')[2].partition('"')[0] for event in ledger.events(voting_now.pk)]
    assert kinds[-2:] == ["ballot.drawn_up", "ballot.opened"]
    assert ledger.verify(voting_now.pk)


def test_who_runs_the_cycle_runs_its_polls(
    voting_now: Cycle, amina: Membership, bao: Membership, chidi: Membership, eva: Membership
) -> None:
    poll = make_ballot(voting_now, amina, eva)
    owner = CycleOwner()
    assert owner.may(bao.user, "close", poll)
    assert not owner.may(amina.user, "close", poll)
    assert not owner.may(chidi.user, "publish", poll)
    assert owner.url(poll) == f"/cycles/{voting_now.pk}/manage/"
    assert owner.voters_url(poll) == f"/cycles/{voting_now.pk}/"


def test_bao_runs_the_ballot_from_one_page(
    client: Client, voting_now: Cycle, amina: Membership, bao: Membership, eva: Membership
) -> None:
    make_feasible(voting_now, amina, eva, COSTS)
    heading = pot_of(voting_now)
    client.force_login(bao.user)
    manage = f"/cycles/{voting_now.pk}/manage/"
    assert "4 proposals that can be built are not on it yet" in client.get(manage).content.decode()
    page = client.post(f"/headings/{heading.pk}/put-on-ballot/", follow=True).content.decode()
    assert "4 projects are on the list" in page
    prove(client, bao.user)
    page = client.post(f"/headings/{heading.pk}/open-ballot/", follow=True).content.decode()
    assert "0 of 3 voters" in page.replace("<bdi>", "").replace("</bdi>", "")
    poll = pot_of(voting_now).poll
    assert poll is not None
    prove(client, bao.user)
    page = client.post(f"/polls/{poll.pk}/close/", follow=True).content.decode()
    assert "Nobody has seen the result yet, and neither can you." in page
    page = client.post(f"/polls/{poll.pk}/publish/", follow=True).content.decode()
    assert "See the results" in page
    page = client.post(f"/headings/{heading.pk}/open-ballot/", follow=True).content.decode()
    assert "opens only once" in page


def test_residents_and_strangers_run_nothing(
    client: Client, voting_now: Cycle, amina: Membership, chidi: Membership, eva: Membership
) -> None:
    heading = pot_of(voting_now)
    for person in (amina, chidi, eva):
        client.force_login(person.user)
        assert client.get(f"/cycles/{voting_now.pk}/manage/").status_code == 403
        for act in (f"/headings/{heading.pk}/put-on-ballot/", f"/headings/{heading.pk}/open-ballot/"):
            assert client.post(act).status_code == 403
            assert client.get(act).status_code == 405
        for act in ("publish", "start-phase", "move-end"):
            assert client.post(f"/cycles/{voting_now.pk}/{act}/").status_code == 403


def test_strangers_do_not_find_a_private_desk(client: Client, harbour: Assembly, bao: Membership) -> None:
    cycle = make_cycle(harbour)
    client.force_login(bao.user)
    assert client.get(f"/cycles/{cycle.pk}/manage/").status_code == 404
    assert client.post(f"/headings/{pot_of(cycle).pk}/open-ballot/").status_code == 404
    assert client.post(f"/cycles/{cycle.pk}/publish/").status_code == 404
