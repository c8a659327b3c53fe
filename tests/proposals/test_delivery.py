"""What became of what was decided."""

from datetime import date

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from proposals.models import Cycle, Milestone, Project, Spending
from proposals.money_trail import trail_of
from proposals.services import CycleRefused, record_milestone, record_spending, set_status
from tests.proposals.making import Kind, make_cycle, make_evaluator, make_published, project_of

TODAY = date(2026, 5, 1)


def test_money_goes_from_the_award_to_contract_to_payment(client: Client, funded: Project, bao: Membership) -> None:
    client.force_login(bao.user)
    for kind, amount in (("contracted", "9 500"), ("paid", "4 000"), ("paid", "5 000")):
        answer = client.post(
            f"/projects/{funded.pk}/spending/", {"kind": kind, "amount": amount, "on": "2026-05-01", "note": "Bill 7"}
        )
        assert answer["Location"] == f"/projects/{funded.pk}/"
    trail = trail_of(Project.objects.get(pk=funded.pk))
    assert (trail.awarded, trail.contracted, trail.paid, trail.final) == (10_000_00, 9_500_00, 9_000_00, None)
    assert trail.over == 0
    client.logout()
    page = client.get(f"/projects/{funded.pk}/").content.decode()
    assert "9\u00a0000\u00a0€" in page
    assert "Bill 7" in page
    assert "Record something" not in page


def test_more_than_awarded_is_said(client: Client, funded: Project, bao: Membership) -> None:
    record_spending(project=funded, kind="final", amount=12_000_00, on=TODAY, actor=bao.user)
    assert trail_of(Project.objects.get(pk=funded.pk)).over == 2_000_00
    assert "more than awarded" in client.get(f"/projects/{funded.pk}/").content.decode()
    assert "over" in client.get(f"/cycles/{funded.heading.cycle_id}/delivery/").content.decode()


def test_less_than_awarded_is_said(client: Client, funded: Project, bao: Membership) -> None:
    record_spending(project=funded, kind="final", amount=9_000_00, on=TODAY, actor=bao.user)
    assert "less than awarded" in client.get(f"/projects/{funded.pk}/").content.decode()


def test_steps_of_the_work_have_dates(client: Client, funded: Project, bao: Membership) -> None:
    client.force_login(bao.user)
    address = f"/projects/{funded.pk}/milestone/"
    assert client.post(address, {"title": "Tables set up"}).status_code == 422
    assert client.post(address, {"due_on": "2026-06-01", "text": "kept words"}).status_code == 422
    assert "kept words" in client.post(address, {"text": "kept words"}).content.decode()
    client.post(address, {"title": "Tables set up", "done_on": "2026-06-01"})
    assert Milestone.objects.get().done_on == date(2026, 6, 1)
    assert "Tables set up" in client.get(f"/projects/{funded.pk}/").content.decode()


def test_stopping_needs_a_reason(client: Client, funded: Project, bao: Membership) -> None:
    client.force_login(bao.user)
    answer = client.post(f"/projects/{funded.pk}/status/", {"status": "stopped"})
    assert answer.status_code == 422
    assert "Write why the project is stopped." in answer.content.decode()
    client.post(f"/projects/{funded.pk}/status/", {"status": "stopped", "reason": "The firm went bankrupt."})
    assert "The firm went bankrupt." in client.get(f"/cycles/{funded.heading.cycle_id}/delivery/").content.decode()


def test_what_won_no_money_spends_none(voting_now: Cycle, amina: Membership, bao: Membership, eva: Membership) -> None:
    make_published(voting_now, amina, eva)
    lost = next(project for project in Project.objects.all() if not project.is_funded)
    with pytest.raises(CycleRefused, match="no money"):
        record_spending(project=lost, kind="paid", amount=1, on=TODAY, actor=bao.user)
    with pytest.raises(CycleRefused, match="no money"):
        record_milestone(project=lost, title="-", due_on=TODAY, actor=bao.user)
    with pytest.raises(CycleRefused, match="no money"):
        set_status(project=lost, status="done", actor=bao.user)
    assert not Spending.objects.exists()


@pytest.mark.parametrize("act", ["spending", "milestone", "status"])
def test_only_who_runs_the_budget_records(
    client: Client, funded: Project, amina: Membership, chidi: Membership, act: str
) -> None:
    for person in (amina, chidi):
        client.force_login(person.user)
        assert client.post(f"/projects/{funded.pk}/{act}/").status_code == 403
        assert client.get(f"/projects/{funded.pk}/{act}/").status_code == 405


def test_strangers_do_not_find_private_projects(
    client: Client, harbour: Assembly, amina: Membership, chidi: Membership, eva: Membership
) -> None:
    cycle = make_cycle(harbour, Kind.BALLOTING)
    make_published(cycle, chidi, make_evaluator(harbour))
    project = project_of(cycle, "Chess tables")
    client.force_login(amina.user)
    assert client.get(f"/projects/{project.pk}/").status_code == 404
    assert client.post(f"/projects/{project.pk}/status/", {"status": "done"}).status_code == 404
    client.force_login(chidi.user)
    assert client.get(f"/projects/{project.pk}/").status_code == 200


def test_the_page_asks_as_often_for_two_projects_as_for_twenty(
    client: Client,
    riverside: Assembly,
    amina: Membership,
    bao: Membership,
    eva: Membership,
    django_assert_num_queries: object,
) -> None:
    cycle = make_cycle(riverside, Kind.BALLOTING)
    make_published(cycle, amina, eva, {f"Project {number}": 1_000 for number in range(20)})
    for project in Project.objects.filter(heading__cycle=cycle):
        record_spending(project=project, kind="paid", amount=5, on=TODAY, actor=bao.user)
    with django_assert_num_queries(6):  # type: ignore[operator]
        page = client.get(f"/cycles/{cycle.pk}/delivery/").content.decode()
    assert "Project 19" in page
