"""What a project did not need goes where the budget said; late projects say why; who stands behind one hears of it."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from assemblies.models import Assembly, Membership
from proposals import delivery_mails
from proposals.history import history_of
from proposals.models import Award, Cycle, SavingsUse, Spending, Support
from proposals.pb_import import import_data
from proposals.savings import savings_of
from proposals.services import CycleRefused, carry_over, fund_next_project, record_spending, set_status
from tests.proposals.making import Kind, make_cycle, make_published, pot_of, project_of
from tests.proposals.test_import_pb import SMALL

DAY = date(2026, 5, 1)


@pytest.fixture
def decided(riverside: Assembly, amina: Membership, eva: Membership) -> Cycle:
    """With the same votes for all, cheap ones first: 10 000, 30 000 and 50 000 of 100 000; the trees for 60 000 lose."""
    cycle = make_cycle(riverside, Kind.BALLOTING, rule="greedy", rule_parameters={}, savings_rule="next_project")
    make_published(cycle, amina, eva)
    return cycle


def test_savings_pay_for_the_next_project_once_they_are_enough(client: Client, decided: Cycle, bao: Membership) -> None:
    pot, lost = pot_of(decided), project_of(decided, "Shade trees")
    with pytest.raises(CycleRefused, match="do not pay for any project"):
        fund_next_project(heading=pot, actor=bao.user)
    crossing, cafe = project_of(decided, "Safe crossing"), project_of(decided, "Repair café")
    record_spending(project=crossing, kind="final", amount=1, on=DAY, actor=bao.user)
    savings = savings_of(pot)
    assert savings is not None
    assert savings.left == lost.cost - 1
    assert savings.next_project is None
    record_spending(project=cafe, kind="final", amount=cafe.cost - 1, on=DAY, actor=bao.user)
    client.force_login(bao.user)
    assert client.post(f"/headings/{pot.pk}/fund-next/").status_code == 302
    award = Award.objects.get(project=lost)
    assert (award.source, award.amount) == ("savings", lost.cost)
    after = savings_of(pot)
    assert after is not None
    assert after.left == 0
    with pytest.raises(CycleRefused):
        fund_next_project(heading=pot, actor=bao.user)
    assert SavingsUse.objects.get().amount == lost.cost
    assert lost.title in client.get(f"/headings/{pot.pk}/savings/").content.decode()


def test_savings_go_into_a_later_budget_where_the_rule_says_so(
    client: Client, riverside: Assembly, amina: Membership, bao: Membership, eva: Membership
) -> None:
    old = make_cycle(riverside, Kind.BALLOTING, rule="greedy", rule_parameters={})
    make_published(old, amina, eva)
    new = make_cycle(riverside)
    record_spending(project=project_of(old, "Chess tables"), kind="final", amount=4_000_00, on=DAY, actor=bao.user)
    savings = savings_of(pot_of(old))
    assert savings is not None
    assert savings.saved == 6_000_00
    with pytest.raises(CycleRefused, match="later budget"):
        fund_next_project(heading=pot_of(old), actor=bao.user)
    client.force_login(bao.user)
    address = f"/headings/{pot_of(old).pk}/carry-over/"
    assert client.post(address).status_code == 422
    assert client.post(address, {"into": pot_of(new).pk}).status_code == 302
    assert pot_of(new).amount == 100_000_00 + savings.left
    with pytest.raises(CycleRefused, match="Nothing is left"):
        carry_over(heading=pot_of(old), into=pot_of(new), actor=bao.user)
    assert new.title in client.get(f"/headings/{pot_of(old).pk}/savings/").content.decode()


def imported_with_more_than_it_spent(assembly: Assembly) -> Cycle:
    """A file that somebody wrote: ten million are left of its pot."""
    text = SMALL.replace("budget;1000.50", "budget;10000000").replace("currency;PLN", "currency;EUR")
    cycle = import_data(text.encode(), name="invented.pb", assembly=assembly).cycle
    Cycle.objects.filter(pk=cycle.pk).update(savings_rule="next_cycle")
    return cycle


def test_money_of_a_file_never_flows_into_a_vote(client: Client, riverside: Assembly, bao: Membership) -> None:
    running = make_cycle(riverside)
    cycle = imported_with_more_than_it_spent(riverside)
    pot, into = pot_of(cycle), pot_of(running)
    client.force_login(bao.user)
    savings = savings_of(pot)
    assert savings is not None
    assert savings.left > 9_000_000_00  # there would be something to take
    page = client.get(f"/headings/{pot.pk}/savings/").content.decode()
    assert "Its money is only a number here" in page
    assert "carry-over" not in page
    answer = client.post(f"/headings/{pot.pk}/carry-over/", {"into": into.pk})
    assert answer.status_code == 422
    assert "Its money is only a number here" in answer.content.decode()
    with pytest.raises(CycleRefused, match="came in from a file"):
        carry_over(heading=pot, into=into, actor=bao.user)
    assert pot_of(running).amount == into.amount
    assert not SavingsUse.objects.exists()


def test_money_of_a_file_pays_for_no_other_project(client: Client, riverside: Assembly, bao: Membership) -> None:
    cycle = imported_with_more_than_it_spent(riverside)
    Cycle.objects.filter(pk=cycle.pk).update(savings_rule="next_project")
    pot = pot_of(cycle)
    awards = Award.objects.count()
    client.force_login(bao.user)
    assert "fund-next" not in client.get(f"/headings/{pot.pk}/savings/").content.decode()
    answer = client.post(f"/headings/{pot.pk}/fund-next/", follow=True)
    assert "came in from a file" in answer.content.decode()
    with pytest.raises(CycleRefused, match="came in from a file"):
        fund_next_project(heading=pot, actor=bao.user)
    assert Award.objects.count() == awards


def test_nothing_flows_out_of_a_budget_that_is_not_published(
    client: Client, riverside: Assembly, amina: Membership, bao: Membership, eva: Membership
) -> None:
    old = make_cycle(riverside, Kind.BALLOTING, rule="greedy", rule_parameters={})
    make_published(old, amina, eva)
    Cycle.objects.filter(pk=old.pk).update(published_at=None)
    into = pot_of(make_cycle(riverside))
    with pytest.raises(CycleRefused, match="not published"):
        carry_over(heading=pot_of(old), into=into, actor=bao.user)
    Cycle.objects.filter(pk=old.pk).update(savings_rule="next_project")
    with pytest.raises(CycleRefused, match="not published"):
        fund_next_project(heading=pot_of(old), actor=bao.user)
    client.force_login(bao.user)
    assert "not published, so none" in client.get(f"/headings/{pot_of(old).pk}/savings/").content.decode()


def test_entries_of_money_are_never_changed(decided: Cycle, bao: Membership) -> None:
    project = project_of(decided, "Chess tables")
    entry = record_spending(project=project, kind="paid", amount=100, on=DAY, actor=bao.user)
    for act in (lambda: Spending.objects.update(amount=1), lambda: entry.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    with pytest.raises(CycleRefused, match="takes back more"):
        record_spending(project=project, kind="paid", amount=-101, on=DAY, actor=bao.user)
    with pytest.raises(CycleRefused, match="still to come"):
        record_spending(project=project, kind="paid", amount=1, on=timezone.localdate() + timedelta(1), actor=bao.user)
    assert Spending.objects.get().amount == 100


def test_a_later_day_needs_a_reason_and_late_is_said(client: Client, decided: Cycle, bao: Membership) -> None:
    project = project_of(decided, "Chess tables")
    set_status(project=project, status="building", ready_on=date(2026, 6, 1), actor=bao.user)
    assert "Late" in client.get(f"/projects/{project.pk}/").content.decode()
    client.force_login(bao.user)
    address, later = f"/projects/{project.pk}/status/", {"status": "building", "ready_on": "2027-06-01"}
    answer = client.post(address, later)
    assert answer.status_code == 422
    assert "ready later than planned" in answer.content.decode()
    assert client.post(address, {"status": "building"}).status_code == 422
    assert client.post(address, later | {"reason": "The ground was wet."}).status_code == 302
    assert "The ground was wet." in client.get(f"/projects/{project.pk}/").content.decode()


def test_the_author_hears_when_the_project_is_ready_and_nobody_else(
    decided: Cycle, amina: Membership, bao: Membership
) -> None:
    project = project_of(decided, "Chess tables")
    set_status(project=project, status="done", actor=bao.user)
    delivery_mails.tell_supporter(str(project.pk), str(amina.pk))
    assert mail.outbox[0].to == [amina.user.email]
    assert mail.outbox[0].subject == "It is ready: Chess tables"
    assert f"/projects/{project.pk}/" in mail.outbox[0].body
    delivery_mails.tell_supporter(str(project.pk), str(bao.pk))
    assert len(mail.outbox) == 1
    amina.left_at = timezone.now()
    amina.save()
    delivery_mails.tell_supporter(str(project.pk), str(amina.pk))
    assert len(mail.outbox) == 1


def test_the_page_across_budgets_celebrates_what_is_ready(
    client: Client, decided: Cycle, bao: Membership, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(5):  # type: ignore[operator]
        text = client.get("/a/riverside/decided/").content.decode()
    assert "have their money" in text
    assert "It is open!" not in text
    set_status(project=project_of(decided, "Chess tables"), status="done", actor=bao.user)
    text = client.get("/a/riverside/decided/").content.decode()
    assert "It is open!" in text
    assert "Ready to use" in text
    assert text.index("Ready to use") < text.index("Planned")


def test_strangers_do_not_find_a_private_assembly_s_page(client: Client, harbour: Assembly, amina: Membership) -> None:
    client.force_login(amina.user)
    assert client.get("/a/harbour/decided/").status_code == 404
    assert client.post("/a/harbour/decided/").status_code == 405


def test_who_supported_the_idea_hears_of_it_too(decided: Cycle, bao: Membership) -> None:
    project = project_of(decided, "Chess tables")
    assert project.proposal is not None
    assert bao not in delivery_mails.people_behind(project)
    Support.objects.create(proposal=project.proposal, person=bao)
    assert [*delivery_mails.people_behind(project)].count(bao) == 1
    delivery_mails.tell_supporter(str(project.pk), str(bao.pk))
    assert mail.outbox[-1].to == [bao.user.email]


def test_everything_that_was_said_about_a_project_stays_readable(
    client: Client, decided: Cycle, bao: Membership
) -> None:
    project = project_of(decided, "Chess tables")
    for status, day, reason in (
        ("planned", date(2027, 3, 1), "The tables are ordered."),
        ("building", date(2027, 6, 1), "The ground was wet."),
        ("done", None, "Four tables stand under the trees."),
    ):
        set_status(project=project, status=status, ready_on=day, reason=reason, actor=bao.user)
    history = history_of(project)
    assert [change.reason for change in history] == [
        "The tables are ordered.", "The ground was wet.", "Four tables stand under the trees.",
    ]  # fmt: skip
    assert [change.is_later for change in history] == [False, True, False]
    page = client.get(f"/projects/{project.pk}/").content.decode()
    assert page.count("Later than planned") == 1
    assert page.index("The tables are ordered.") < page.index("The ground was wet.")
    assert "It is open!" in page
