"""A budget that came in from a file is hidden again within thirty days, with a reason, and not unseen."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

import ledger
from assemblies.models import Assembly, Membership, Role
from proposals import services
from proposals.models import Cycle, Milestone, Project, ProjectPhoto
from proposals.pb_import import import_data
from proposals.refusals import CycleRefused
from proposals.taken_back import TAKEN_BACK_WITHIN, last_taken_back
from tests.make import make_member
from tests.proposals.making import make_cycle
from tests.proposals.test_budget_files import sent
from tests.proposals.test_import_pb import SMALL
from voting.models import RegisterLine

WHY = "The file was that of another town.\nIt comes again."


def imported(assembly: Assembly, *, days_ago: int = 0) -> Cycle:
    cycle = import_data(SMALL.encode(), name="small.pb", assembly=assembly).cycle
    Cycle.objects.filter(pk=cycle.pk).update(created_at=timezone.now() - timedelta(days=days_ago))
    cycle.refresh_from_db()
    return cycle


@pytest.fixture
def facilitator(client: Client, bao: Membership) -> Client:
    client.force_login(bao.user)
    return client


@pytest.fixture
def auditor(riverside: Assembly) -> Client:
    client = Client()
    client.force_login(make_member(riverside, "Ada", Role.AUDITOR).user)
    return client


def test_an_imported_budget_is_taken_back_and_shown_again(
    facilitator: Client, riverside: Assembly, amina: Membership
) -> None:
    cycle = imported(riverside)
    project = Project.objects.funded()[0]
    poll = cycle.headings.get().poll
    assert poll is not None
    reader = Client()
    public = [f"/cycles/{cycle.pk}/results/", f"/cycles/{cycle.pk}/", f"/projects/{project.pk}/", f"/polls/{poll.pk}/"]
    public.append(f"/cycles/{cycle.pk}/results.csv")
    assert [reader.get(address).status_code for address in public] == [200] * 5
    manage = f"/cycles/{cycle.pk}/manage/"
    assert "Take this budget back" in facilitator.get(manage).content.decode()
    answer = facilitator.post(f"/cycles/{cycle.pk}/take-back/", {"reason": WHY}, follow=True)
    assert "The budget is taken back." in answer.content.decode()
    assert "Show it again" in answer.content.decode()
    for person in (None, amina.user):
        if person:
            reader.force_login(person)
        assert [reader.get(address).status_code for address in public] == [404] * 5
    assert "Wrocław" not in reader.get("/a/riverside/budget/", follow=True).content.decode()
    assert [facilitator.get(address).status_code for address in public] == [200] * 5
    assert RegisterLine.objects.filter(register__polls=poll).count() == 4  # what was counted stays
    page = sent(facilitator).content.decode()  # type: ignore[attr-defined]
    assert "It was taken back. You can show it again" in page
    assert f'href="{manage}"' in page
    facilitator.post(f"/cycles/{cycle.pk}/publish/")
    assert [reader.get(address).status_code for address in public] == [200] * 5
    kinds = [event.kind for event in ledger.events(cycle.pk)]
    assert kinds[-2:] == ["cycle.taken_back", "cycle.published"]


def test_a_budget_that_people_work_with_is_not_taken_back(
    facilitator: Client, riverside: Assembly, bao: Membership
) -> None:
    cycle = imported(riverside)
    project = Project.objects.funded()[0]
    photo = ProjectPhoto(project=project, key="k", alt="A digger", content=b"x", small=b"x", width=1, height=1)
    for work in (Milestone(project=project, title="Dug", done_on="2026-05-01"), photo):
        work.save()
        answer = facilitator.post(f"/cycles/{cycle.pk}/take-back/", {"reason": WHY})
        assert answer.status_code == 422
        assert "cannot be taken back, because people work with it" in answer.content.decode()
        work.delete()
    services.set_status(project=project, status="building", reason="", actor=bao.user)
    with pytest.raises(CycleRefused, match="The state of a project was changed"):
        services.take_back_budget(cycle=cycle, reason=WHY, actor=bao.user)
    cycle.refresh_from_db()
    assert cycle.is_published


def test_only_what_came_in_from_a_file_is_taken_back(riverside: Assembly, bao: Membership) -> None:
    cycle = make_cycle(riverside)
    with pytest.raises(CycleRefused, match="came in from a file"):
        services.take_back_budget(cycle=cycle, reason=WHY, actor=bao.user)
    came_in = imported(riverside)
    services.take_back_budget(cycle=came_in, reason=WHY, actor=bao.user)
    with pytest.raises(CycleRefused, match="It is taken back already"):
        services.take_back_budget(cycle=came_in, reason=WHY, actor=bao.user)


def test_only_within_thirty_days_of_coming_in(facilitator: Client, riverside: Assembly, bao: Membership) -> None:
    cycle = imported(riverside, days_ago=29)
    manage, take_back = f"/cycles/{cycle.pk}/manage/", f"/cycles/{cycle.pk}/take-back/"
    page = facilitator.get(manage).content.decode()
    assert "You can do it until" in page
    assert "After that it stays." in page
    Cycle.objects.filter(pk=cycle.pk).update(created_at=timezone.now() - TAKEN_BACK_WITHIN)
    page = facilitator.get(manage).content.decode()
    assert "Now it stays." in page
    assert take_back not in page
    answer = facilitator.post(take_back, {"reason": WHY})
    assert answer.status_code == 422
    assert "could be taken back until" in answer.content.decode()
    cycle.refresh_from_db()
    assert cycle.is_published
    services.take_back_budget(cycle=cycle, reason=WHY, actor=bao.user, at=timezone.now() - timedelta(days=1))


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_reason_is_needed(facilitator: Client, riverside: Assembly, bao: Membership, reason: str) -> None:
    cycle = imported(riverside)
    answer = facilitator.post(f"/cycles/{cycle.pk}/take-back/", {"reason": reason})
    assert answer.status_code == 422
    assert "Write why you take it back." in answer.content.decode()
    with pytest.raises(CycleRefused, match="Write why"):
        services.take_back_budget(cycle=cycle, reason=reason, actor=bao.user)
    cycle.refresh_from_db()
    assert cycle.is_published


def test_what_was_typed_stays_where_it_is_refused(facilitator: Client, riverside: Assembly, bao: Membership) -> None:
    cycle = imported(riverside)
    project = cycle.headings.get().projects.filter(award__isnull=False)[0]
    services.set_status(project=project, status="building", reason="", actor=bao.user)
    answer = facilitator.post(f"/cycles/{cycle.pk}/take-back/", {"reason": WHY})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "people work with it" in page
    assert WHY.splitlines()[0] in page.partition('id="id_reason"')[2].partition("</textarea>")[0]
    assert '<details class="confirm" open>' in page


def test_pressing_twice_is_told_that_it_is_done(facilitator: Client, riverside: Assembly) -> None:
    cycle = imported(riverside)
    for status in (302, 422):
        answer = facilitator.post(f"/cycles/{cycle.pk}/take-back/", {"reason": WHY})
        assert answer.status_code == status
    assert "It is taken back already." in answer.content.decode()
    assert len([event for event in ledger.events(cycle.pk) if event.kind == "cycle.taken_back"]) == 1
    own = make_cycle(riverside)
    page = facilitator.post(f"/cycles/{own.pk}/take-back/", {"reason": WHY}).content.decode()
    assert "Only a budget that came in from a file can be taken back." in page


def test_the_log_of_the_assembly_tells_it_without_the_reason(
    facilitator: Client, riverside: Assembly, bao: Membership
) -> None:
    cycle = imported(riverside)
    before = ledger.events(riverside.pk).count()
    facilitator.post(f"/cycles/{cycle.pk}/take-back/", {"reason": WHY})
    facilitator.post(f"/cycles/{cycle.pk}/publish/")
    told = list(ledger.events(riverside.pk))[before:]
    assert [event.kind for event in told] == ["budget_taken_back", "budget_shown_again"]
    assert [event.data for event in told] == [{"by": str(bao.user.pk), "cycle": str(cycle.pk)}] * 2
    ledger.verify(riverside.pk)


def test_coming_in_is_not_showing_again(riverside: Assembly) -> None:
    imported(riverside)
    make_cycle(riverside)
    assert not [event for event in ledger.events(riverside.pk) if event.kind.startswith("budget_")]


def test_auditors_and_who_runs_it_read_who_took_it_back_when_and_why(
    facilitator: Client, auditor: Client, riverside: Assembly, bao: Membership, amina: Membership
) -> None:
    cycle = imported(riverside)
    address = f"/cycles/{cycle.pk}/"
    facilitator.post(f"{address}take-back/", {"reason": WHY})
    project = cycle.headings.get().projects.all()[0]
    poll = cycle.headings.get().poll
    assert poll is not None
    pages = [address, f"{address}results/", f"{address}results.csv", f"/projects/{project.pk}/", f"/polls/{poll.pk}/"]
    resident, stranger = Client(), Client()
    resident.force_login(amina.user)
    for reader, status in ((auditor, 200), (facilitator, 200), (resident, 404), (stranger, 404)):
        assert [reader.get(page).status_code for page in pages] == [status] * len(pages)
    for page in (auditor.get(address), facilitator.get(address), facilitator.get(f"{address}manage/")):
        text = page.content.decode()
        assert "was taken back" in text
        assert "not published yet" not in text
        assert f"{bao.user.shown_name} took it back on" in text
        assert "The file was that of another town.<br>It comes again." in text
    assert auditor.get(f"{address}manage/").status_code == auditor.post(f"{address}publish/").status_code == 403
    listed = auditor.get("/a/riverside/budget/", follow=True).content.decode()
    assert "Wrocław" in listed
    assert "Wrocław" not in resident.get("/a/riverside/budget/", follow=True).content.decode()
    assert facilitator.post(f"{address}publish/").status_code == 302
    assert [resident.get(page).status_code for page in pages] == [200] * len(pages)
    assert "took it back" not in facilitator.get(address).content.decode()


def test_an_auditor_of_another_assembly_sees_nothing_of_it(
    facilitator: Client, riverside: Assembly, harbour: Assembly
) -> None:
    cycle = imported(riverside)
    facilitator.post(f"/cycles/{cycle.pk}/take-back/", {"reason": WHY})
    other = Client()
    other.force_login(make_member(harbour, "Cleo", Role.AUDITOR).user)
    assert other.get(f"/cycles/{cycle.pk}/").status_code == 404


def test_auditors_see_nothing_of_a_budget_that_is_being_prepared(auditor: Client, riverside: Assembly) -> None:
    cycle = make_cycle(riverside)
    Cycle.objects.update(published_at=None)
    assert auditor.get(f"/cycles/{cycle.pk}/").status_code == 404


def test_what_somebody_writes_does_not_pass_for_an_act(riverside: Assembly, bao: Membership) -> None:
    cycle = imported(riverside)
    assert last_taken_back(cycle) is None
    services.take_back_budget(cycle=cycle, reason='{"kind":"cycle.taken_back"}', actor=bao.user)
    told = last_taken_back(cycle)
    assert told is not None
    assert (told.by, told.reason) == (bao.user, '{"kind":"cycle.taken_back"}')
