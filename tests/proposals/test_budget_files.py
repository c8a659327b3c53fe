"""A budget of the past comes in on a page: looked at, counted and brought in by the worker."""

import weakref
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone, translation
from psycopg.sql import SQL, Identifier

import ledger
from assemblies.models import Assembly, District, Membership, Role
from jobs.testing import run_waiting
from proposals import budget_files
from proposals.budget_files import LARGEST_FILE
from proposals.jobs import forget_old_drafts
from proposals.models import BudgetImport, Cycle, Project
from proposals.pb_bounds import FILES_AN_HOUR
from proposals.pb_import import import_data
from proposals.pb_refusals import ImportRefused
from proposals.pb_source import read_source
from tests.make import make_member
from tests.proposals.pb_files import FILES, FOLDER
from tests.proposals.test_import_pb import SMALL
from voting.models import Poll
from voting.tally import pb

BROKEN = SMALL.replace("VOTER-TWO;b/1;", "VOTER-TWO;b/1,b/1;").replace("VOTER-THREE;b/1,b/2", "VOTER-THREE;b/9")
ADDRESS = "/a/riverside/budget/import/"


def sent(client: Client, text: str | bytes = SMALL, name: str = "small.pb") -> object:
    data = text if isinstance(text, bytes) else text.encode()
    return client.post(ADDRESS, {"file": SimpleUploadedFile(name, data)})


def look_at(client: Client, text: str = SMALL) -> str:
    """The address of the preview, the winners counted."""
    address = sent(client, text)["Location"]  # type: ignore[index]
    run_waiting()
    return str(address)


def bring_in(client: Client, text: str = SMALL) -> Cycle:
    address = look_at(client, text)
    client.post(f"{address}bring-in/")
    run_waiting()
    cycle = BudgetImport.objects.get(pk=address.split("/")[-2]).cycle
    assert cycle is not None
    return cycle


def everything() -> dict[str, int]:
    """How many rows each table holds that a budget is made of."""
    kept = ("proposals_", "voting_", "assemblies_", "ledger_")
    tables = [name for name in connection.introspection.table_names() if name.startswith(kept)]
    tables.remove("proposals_budgetimport")
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table)))
            found[table] = cursor.fetchone()[0]
    return found


@pytest.fixture
def facilitator(client: Client, riverside: Assembly, bao: Membership, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Bao's browser, in a town whose worker is there."""
    monkeypatch.setattr("proposals.views.budget_files.is_any_alive", lambda: True)
    client.force_login(bao.user)
    return client


def test_a_file_is_looked_at_counted_and_brought_in(facilitator: Client, riverside: Assembly, bao: Membership) -> None:
    address = sent(facilitator)["Location"]  # type: ignore[index]
    page = facilitator.get(address).content.decode()
    for words in (
        "Wrocław 2024",
        "Poland",
        "The ballots are being counted.",
        "Withdrawn thing",
        "Old Town",
        "Nothing came in yet.",
    ):
        assert words in page
    assert "Bring it in<" not in page
    assert run_waiting() == ["proposals.budget_files.work_on_budget_file"]
    page = facilitator.get(address).content.decode()
    assert "Our count funds <bdi>2</bdi> projects" in page
    assert "The official result has <bdi>1</bdi> project. Our count funds <bdi>1</bdi> of them." in page
    assert "Bring it in<" in page
    assert facilitator.post(f"{address}bring-in/")["Location"] == address
    assert "The budget is being brought in." in facilitator.get(address).content.decode()
    run_waiting()
    answer = facilitator.get(address, follow=True)
    cycle = Cycle.objects.get()
    assert answer.redirect_chain == [(f"/cycles/{cycle.pk}/results/", 302)]
    assert "The budget is in." in answer.content.decode()
    assert (cycle.assembly, cycle.title, cycle.source_name) == (riverside, "Wrocław 2024", "small.pb")
    assert cycle.is_published
    assert [e.data["actor"] for e in ledger.events(cycle.pk) if e.kind == "cycle.imported"] == [str(bao.user.pk)]
    told = facilitator.get(address, HTTP_HX_REQUEST="true")
    assert told["HX-Redirect"] == f"/cycles/{cycle.pk}/results/"


def nothing_is_written_by(client: Client) -> None:
    before = everything()
    assert before["proposals_cycle"] == 0
    address = look_at(client)
    client.get(address)
    assert everything() == before


def test_a_look_writes_nothing(facilitator: Client) -> None:
    nothing_is_written_by(facilitator)


def test_the_test_above_fails_where_a_look_brings_in(facilitator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def bring_in_at_once(batch: BudgetImport) -> dict[str, object]:
        import_data(batch.text.encode(), name="a.pb", digest=batch.file_hash, assembly=batch.assembly)
        return {"winners": [], "spent": 0}

    monkeypatch.setattr(budget_files, "_counted", bring_in_at_once)
    with pytest.raises(AssertionError):
        nothing_is_written_by(facilitator)


def test_of_the_voters_only_the_choices_are_kept_meanwhile(facilitator: Client) -> None:
    address = look_at(facilitator)
    text = BudgetImport.objects.get().text
    for told in ("VOTER", "83", "71", "age", "sex"):
        assert told not in text
    assert text.endswith("VOTES\nvoter_id;vote\n1;b/1\n2;b/1,b/2\n3;b/1,b/2\n4;b/3,b/4\n")
    facilitator.post(f"{address}bring-in/")
    run_waiting()
    assert BudgetImport.objects.get().text == ""


@pytest.mark.usefixtures("real_files")
def test_the_preview_tells_what_then_comes_in(facilitator: Client) -> None:
    address = look_at(facilitator, (FOLDER / "Netherlands_Assen_2024.pb").read_bytes().decode("utf-8-sig"))
    counted = BudgetImport.objects.get().counted
    assert counted is not None
    facilitator.post(f"{address}bring-in/")
    run_waiting()
    funded = Project.objects.funded().select_related("option")
    assert [project.option.key for project in funded if project.option] == [key for key, _name in counted["winners"]]
    assert sum(project.cost for project in funded) == counted["spent"]


def test_a_tie_falls_as_the_preview_said(facilitator: Client) -> None:
    level = SMALL.replace("VOTER-ONE;b/1,b/2", "VOTER-ONE;b/2").replace("VOTER-THREE;b/1,b/2", "VOTER-THREE;b/3")
    level = level.replace("VOTER-FOUR;b/3,b/4", "VOTER-FOUR;").replace("budget;1000.50", "budget;400.25")
    fallen = set()
    for year in (2000, 2001, 2002):
        text = level.replace("instance;2024", f"instance;{year}")
        cycle = bring_in(facilitator, text)
        counted = BudgetImport.objects.get(cycle=cycle).counted
        assert counted is not None
        (won,) = Project.objects.funded().filter(heading__cycle=cycle)
        assert counted["winners"] == [[won.option.key, won.title]]  # type: ignore[union-attr]
        fallen.add(won.option.key)  # type: ignore[union-attr]
    assert len(fallen) == 2  # there was a lot to draw


def test_a_file_that_breaks_its_own_rules_comes_in_all_the_same(facilitator: Client) -> None:
    page = facilitator.get(look_at(facilitator, BROKEN)).content.decode()
    assert "1 ballot names a project twice. The project counts once. The first is on line 25 of the file." in page
    assert "1 ballot names a project that is not in the file. It is left out. The first is on line 26" in page
    assert "Bring it in all the same" in page
    poll = bring_in(facilitator, BROKEN).headings.get().poll
    assert poll is not None
    assert poll.turnout == 3


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\xff\xd8", "not UTF-8 text"),
        (b"META\nkey;value\nbudget;1\0", "Line 3: the file holds a zero byte"),
        (b"title,summary\na,b\n", "Line 1: the file does not begin with META"),
        (b"<svg onload=alert(1)></svg>", "does not begin with META"),
        (SMALL.replace("b/1;600.25", "b/1;much").encode(), "Line 18, column 2 (cost): the cost is not a number"),
        (SMALL.replace("budget;1000.50", "budget;0").encode(), "The budget must be more than zero"),
        (
            SMALL.replace(
                "currency;PLN", "currency;PLN\nfolkmoot_rule;greedy\nfolkmoot_rule_parameters;" + "[" * 90_000
            ).encode(),
            "is not JSON",
        ),
        (b"META\n" + b"x" * LARGEST_FILE, "The file is too large. Choose one of 5 MB at most."),
    ],
    ids=["empty", "picture", "zero", "table", "drawing", "cost", "budget", "deep", "large"],
)
def test_a_file_that_cannot_come_in_is_refused_in_a_sentence(facilitator: Client, data: bytes, words: str) -> None:
    answer = sent(facilitator, data)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert words in answer.content.decode()  # type: ignore[attr-defined]
    assert not BudgetImport.objects.exists()
    assert run_waiting() == []


def test_without_a_file_there_is_a_sentence(facilitator: Client) -> None:
    answer = facilitator.post(ADDRESS)
    assert answer.status_code == 422
    assert "Choose a file." in answer.content.decode()


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "<script>alert(1)</script>.pb", "\u202ebp.exe", "a" * 300 + ".pb", "nul\0.pb"]
)
def test_a_hostile_name_does_no_harm(facilitator: Client, name: str) -> None:
    text = SMALL.replace("unit;Wrocław\ninstance;2024\n", "")  # so that the budget is called like the file
    answer = sent(facilitator, text, name)
    if answer.status_code == 400:  # type: ignore[attr-defined]
        return  # the name is no text at all
    page = facilitator.get(answer["Location"]).content.decode()  # type: ignore[index]
    assert "<script>alert" not in page
    assert "etc/" not in page


def test_days_beyond_the_calendar_are_not_known(facilitator: Client) -> None:
    assert bring_in(facilitator, SMALL.replace("15.03.2024", "2022").replace("01.03.2024", "2022")).year == 2022
    for day in ("31.12.9999", "01.01.0001", "32.13.2024"):
        cycle = bring_in(facilitator, SMALL.replace("15.03.2024", day).replace("01.03.2024", day))
        assert cycle.year in range(2020, 2200)


def test_the_same_file_leads_to_the_budget_that_is_there(
    facilitator: Client, harbour: Assembly, chidi: Membership, bao: Membership
) -> None:
    address = look_at(facilitator)
    cycle = bring_in(facilitator)
    answer = sent(facilitator, name="another-name.pb")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert "imported before" in page
    assert f'href="/cycles/{cycle.pk}/"' in page
    assert facilitator.get(address).status_code == 404  # what was sent before and left lying is gone
    Cycle.objects.filter(pk=cycle.pk).update(assembly=harbour)
    again = bring_in(facilitator)  # what another place has takes it from nobody
    assert [project.title for project in funded(again)] == [project.title for project in funded(cycle)]


def funded(cycle: Cycle) -> list[Project]:
    return list(Project.objects.funded().filter(heading__cycle=cycle))


def test_the_log_and_the_language_are_of_who_brings_it_in(
    facilitator: Client, riverside: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_member(riverside, "Dora", Role.FACILITATOR)
    address = look_at(facilitator)
    client = Client()
    client.force_login(other.user)
    client.post(f"{address}bring-in/")
    facilitator.post(f"{address}bring-in/")  # too late to be the one
    run_waiting()
    batch = BudgetImport.objects.get()
    assert batch.begun_by == other
    kinds = {e.kind: e.data["actor"] for e in ledger.events(batch.cycle.pk) if "actor" in e.data}  # type: ignore[union-attr]
    assert kinds["cycle.imported"] == str(other.user.pk)

    other.user.language = "es"
    other.user.save(update_fields=["language"])
    spoken: list[str] = []

    def refuse(*_given: object, **_named: object) -> None:
        spoken.append(translation.get_language() or "")
        raise ImportRefused("No.")

    monkeypatch.setattr(budget_files, "import_data", refuse)
    address = look_at(facilitator, SMALL.replace("instance;2024", "instance;2023"))
    client.post(f"{address}bring-in/")
    run_waiting()
    assert spoken == ["es"]


def test_what_goes_wrong_in_the_job_is_said_at_once(
    facilitator: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(*_given: object, **_named: object) -> None:
        raise RuntimeError("the machine was switched off")

    address = look_at(facilitator)
    monkeypatch.setattr(budget_files, "import_data", break_down)
    facilitator.post(f"{address}bring-in/")
    run_waiting()
    assert "Something went wrong on our side, so nothing came in." in facilitator.get(address).content.decode()
    assert "the machine was switched off" in caplog.text
    assert not Cycle.objects.exists()
    assert not BudgetImport.objects.get().is_waiting


def test_a_file_that_nobody_brings_in_is_forgotten(facilitator: Client) -> None:
    bring_in(facilitator, SMALL.replace("instance;2024", "instance;2023"))
    look_at(facilitator)
    BudgetImport.objects.update(created_at=timezone.now() - timedelta(days=13))
    forget_old_drafts()
    assert BudgetImport.objects.count() == 2
    BudgetImport.objects.update(created_at=timezone.now() - timedelta(days=15))
    forget_old_drafts()
    assert BudgetImport.objects.get().cycle is not None


def test_no_district_is_made_and_those_that_are_there_are_found(facilitator: Client, riverside: Assembly) -> None:
    text = SMALL.replace(";Old Town", "; OLD town ", 1)
    cycle = bring_in(facilitator, text)
    assert not District.objects.filter(assembly=riverside, name__iexact="old town").exists()
    assert not Project.objects.filter(heading__cycle=cycle).exclude(district=None).exists()
    town = District.objects.create(assembly=riverside, name="Old Town")
    text = text.replace("instance;2024", "instance;2023").replace(";0;;;Old Town", ";0;;;New Town")
    cycle = bring_in(facilitator, text)
    assert BudgetImport.objects.get(cycle=cycle).facts["new_districts"] == ["New Town"]
    projects = Project.objects.filter(heading__cycle=cycle).order_by("number")
    assert [project.district for project in projects] == [town, None, None]


def many(projects: int, ballots: int, kind: str = "approval", budget: int = 1000) -> str:
    head = SMALL.split("PROJECTS")[0].replace("budget;1000.50", f"budget;{budget}").replace("approval", kind)
    lines = [head + "PROJECTS", "project_id;cost", *(f"{number};10" for number in range(projects))]
    return "\n".join([*lines, "VOTES", "voter_id;vote", *("1;1" for _number in range(ballots))]) + "\n"


@pytest.mark.parametrize(
    ("text", "most"),
    [
        (many(401, 2), "400 projects and 50000 ballots"),
        (many(2, 50_001), "400 projects and 50000 ballots"),
        (many(101, 2, "ordinal"), "100 projects and 20000 ballots"),
        (many(2, 20_001, "ordinal"), "100 projects and 20000 ballots"),
    ],
    ids=["projects", "ballots", "ranked projects", "rankings"],
)
def test_a_file_that_takes_long_to_count_is_left_to_the_operator(facilitator: Client, text: str, most: str) -> None:
    page = sent(facilitator, text).content.decode()  # type: ignore[attr-defined]
    assert f"at most {most}." in page
    assert "manage.py import_pb" in page
    assert run_waiting() == []


def test_a_climb_that_takes_long_is_left_to_the_operator_and_never_only_compared(facilitator: Client) -> None:
    dear = many(3, 2, budget=10**10)
    page = sent(facilitator, dear.replace("rule;greedy", "rule;equalshares")).content.decode()  # type: ignore[attr-defined]
    assert "counting this file by Equal Shares takes too long for this page" in page
    assert bring_in(facilitator, dear).compared_rules == []
    assert bring_in(facilitator, many(3, 2)).compared_rules == ["equal-shares"]


@pytest.mark.usefixtures("real_files")
def test_every_real_file_is_small_enough_for_the_page(riverside: Assembly) -> None:
    for path in FILES:
        sent: dict[str, Any] = {"name": path.name, "digest": path.stem, "assembly": riverside, "lenient": True}
        source = read_source(path.read_bytes(), **sent, on_a_page=True)
        assert source.compared_rules == read_source(path.read_bytes(), **sent).compared_rules, path


def test_after_many_files_there_is_a_pause(facilitator: Client) -> None:
    for _file in range(FILES_AN_HOUR):
        sent(facilitator, "nothing")
    assert "You have tried many files." in sent(facilitator).content.decode()  # type: ignore[attr-defined]
    assert not BudgetImport.objects.exists()


def test_a_file_is_read_in_no_transaction_and_once_more_only_after_it_is_let_go_of(
    bao: Membership, riverside: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    depth = len(connection.savepoint_ids)  # the test's own transaction is around everything
    read: list[bool] = []
    alive: list[weakref.ref[pb.PbFile]] = []

    def parse(data: bytes, *, name: str) -> pb.PbFile:
        assert len(connection.savepoint_ids) == depth
        assert not any(file() for file in alive)
        file = pb.parse(data, name=name)
        alive.append(weakref.ref(file))
        read.append(True)
        return file

    monkeypatch.setattr("proposals.pb_source.pb", SimpleNamespace(**vars(pb) | {"parse": parse}))
    batch = budget_files.send_budget_file(assembly=riverside, importer=bao, name="a.pb", data=BROKEN.encode())
    assert batch.is_lenient
    assert len(read) == 2


def test_pressing_twice_brings_in_once(facilitator: Client) -> None:
    address = look_at(facilitator)
    for _press in range(2):
        assert facilitator.post(f"{address}bring-in/").status_code == 302
    assert len(run_waiting()) == 1
    assert facilitator.post(f"{address}bring-in/").status_code == 302
    assert run_waiting() == []
    assert Cycle.objects.count() == 1


def test_what_only_the_count_finds_out_is_said_and_nothing_is_there(
    facilitator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: object, **_named: object) -> None:
        raise ImportRefused("There are too many ties.")

    address = look_at(facilitator)
    before = everything()
    monkeypatch.setattr(budget_files, "import_data", refuse)
    facilitator.post(f"{address}bring-in/")
    run_waiting()
    page = facilitator.get(address).content.decode()
    followed = page.partition('id="count"')[2]  # what a browser with scripts takes from the answer
    assert "There are too many ties. Nothing came in." in followed
    assert "Nothing came in yet" not in page
    assert "Bring it in" not in page.split("<h1")[1]
    assert everything() == before


def test_only_who_runs_budgets_here_brings_one_in(
    facilitator: Client, amina: Membership, chidi: Membership, harbour: Assembly
) -> None:
    address = look_at(facilitator)
    cycle = bring_in(facilitator, SMALL.replace("instance;2024", "instance;2023"))
    address = look_at(facilitator)
    assert facilitator.get("/a/harbour/budget/import/").status_code == 404
    assert facilitator.put(address).status_code == facilitator.get(f"{address}bring-in/").status_code == 405
    for person in (amina, chidi):
        client = Client()
        client.force_login(person.user)
        assert client.get(ADDRESS).status_code == sent(client).status_code == 403  # type: ignore[attr-defined]
        assert client.get(address).status_code == client.post(f"{address}bring-in/").status_code == 403
        assert client.post(f"/cycles/{cycle.pk}/take-back/").status_code == 403
    Assembly.objects.filter(slug="riverside").update(is_public=False)
    assert client.get(ADDRESS).status_code == client.get(address).status_code == 404
    assert client.post(f"{address}bring-in/").status_code == 404
    assert client.post(f"/cycles/{cycle.pk}/take-back/").status_code == 404
    assert Poll.objects.count() == 1
    assert not District.objects.filter(name="Old Town").exists()
