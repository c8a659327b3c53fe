"""Tables out and in: no cell is ever a formula, every row has its answer, and what came in can be taken back."""

import csv
import io
import zipfile
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

import ledger
from assemblies.models import Assembly, District, Membership
from proposals.models import Cycle, Proposal, ProposalImport
from proposals.services import record_spending, review_proposal, start_phase, support_proposal
from proposals.spreadsheets import FileRefused, Row, Table, as_csv, as_xlsx, read
from tests.make import make_member
from tests.proposals.making import (
    Kind,
    calendar,
    make_cycle,
    make_evaluator,
    make_proposal,
    make_published,
    moment_in,
    project_of,
)

HOSTILE = ['=HYPERLINK("http://x")', "+1", "-1+1", "@SUM(A1)", "\t=1 =1", "＝1"]  # noqa: RUF001 - a wide sign


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_looks_like_a_formula_stays_text_and_comes_back_whole(text: str) -> None:
    table = Table("Ideas", ["title"], [[text]])
    assert list(csv.reader(io.StringIO(as_csv(table))))[1] == ["'" + text]
    cell = load_workbook(io.BytesIO(as_xlsx(table))).worksheets[0]["A2"]
    assert (cell.data_type, cell.value) == ("s", text)
    for name, data in (("a.csv", as_csv(table).encode()), ("a.xlsx", as_xlsx(table))):
        assert read(name, data) == [Row(2, {"title": text})]


def test_a_carriage_return_does_not_hide_a_formula() -> None:
    table = Table("Ideas", ["title"], [["\r=1"]])
    assert as_csv(table).endswith('"\'\r=1"\r\n')
    cell = load_workbook(io.BytesIO(as_xlsx(table))).worksheets[0]["A2"]
    assert (cell.data_type, cell.value) == ("s", "\n=1")  # XML knows one line break only


def test_a_formula_in_an_uploaded_workbook_is_never_worked_out() -> None:
    book = Workbook()
    book.worksheets[0].append(["title"])
    book.worksheets[0].append(["=1+1"])
    out = io.BytesIO()
    book.save(out)
    assert read("a.xlsx", out.getvalue()) == []  # no value was ever worked out, so there is none


def packed(size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * size)
    return out.getvalue()


def locked() -> bytes:
    """A workbook whose parts say that a password is needed."""
    whole = bytearray(as_xlsx(Table("A", ["title"], [["a"]])))
    place = whole.find(b"PK\x01\x02")
    while place >= 0:
        whole[place + 8] |= 1
        place = whole.find(b"PK\x01\x02", place + 4)
    return bytes(whole)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"title\n\xff\xfe\n", "UTF-8"),
        ("a.csv", b"title\n\0\n", "not a text file"),
        ("a.csv", b"title,title\na,b\n", "same name"),
        ("a.csv", b"title\n" + b"a\n" * 1001, "1,000 rows"),
        ("a.csv", b"a" * 5_000_001, "5 MB"),
        ("a.csv", b"title\n" + b"a" * 200_000, "Line 2"),
        ("a.xlsx", b"title\na\n", "not an XLSX file"),
        ("a.xlsx", b"PK\x03\x04rubbish", "not an XLSX file"),
        ("a.xlsx", packed(60_000_000), "too large when it is unpacked"),
        ("a.xlsx", packed(10), "not an XLSX file"),
        ("a.xlsx", locked(), "not an XLSX file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(name: str, data: bytes, words: str) -> None:
    with pytest.raises(FileRefused, match=words):
        read(name, data)


def test_semicolons_and_tabs_are_columns_too() -> None:
    assert read("a.csv", b"Title;Text\nA;B\n\nC;D\n") == [
        Row(2, {"title": "A", "text": "B"}),
        Row(4, {"title": "C", "text": "D"}),
    ]
    assert read("a.csv", b"\xef\xbb\xbftitle\ttext\nA\tB\n") == [Row(2, {"title": "A", "text": "B"})]


def rows_of(answer: object) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))  # type: ignore[attr-defined]


def test_everybody_takes_the_proposals_along(client: Client, ideas: Cycle, amina: Membership) -> None:
    make_proposal(ideas, amina, "=Shade trees", cost_guess=12_500_50)
    answer = client.get(f"/cycles/{ideas.pk}/proposals.csv")
    header, row = rows_of(answer)
    assert dict(zip(header, row, strict=True))["Title"] == "'=Shade trees"
    assert dict(zip(header, row, strict=True))["Cost, as guessed"] == "12500.50"
    assert "Amina" not in answer.content.decode()
    sheet = load_workbook(io.BytesIO(client.get(f"/cycles/{ideas.pk}/proposals.xlsx").content)).worksheets[0]
    assert sheet["C2"].value == "=Shade trees"
    assert sheet["J2"].value == 12500.5
    assert client.get(f"/cycles/{ideas.pk}/secrets.csv").status_code == 404
    assert client.get(f"/cycles/{ideas.pk}/proposals.pdf").status_code == 404
    assert client.post(f"/cycles/{ideas.pk}/proposals.csv").status_code == 405


def test_spending_stands_row_by_row(
    client: Client, voting_now: Cycle, amina: Membership, bao: Membership, eva: Membership
) -> None:
    make_published(voting_now, amina, eva)
    project = project_of(voting_now, "Chess tables")
    record_spending(project=project, kind="paid", amount=100_00, on=date(2026, 5, 1), note="=Bill", actor=bao.user)
    record_spending(project=project, kind="paid", amount=-5_25, on=date(2026, 5, 2), actor=bao.user)
    rows = [row[4:] for row in rows_of(client.get(f"/cycles/{voting_now.pk}/spending.csv")) if row[2] == "Chess tables"]
    assert rows[0][:2] == ["Awarded", "10000.00"]
    assert rows[1:] == [["Paid", "100.00", "2026-05-01", "'=Bill"], ["Paid", "-5.25", "2026-05-02", ""]]


def upload(client: Client, cycle: Cycle, text: str, name: str = "ideas.csv") -> object:
    return client.post(f"/cycles/{cycle.pk}/import/", {"file": SimpleUploadedFile(name, text.encode())})


GOOD = 'title,summary,text,cost,category,district\nA bench,To sit.,There is none.,1 200,streets,\nA well,Water.,"It is\nhot.",,,\n'


def test_a_file_is_looked_at_taken_in_and_taken_back(client: Client, ideas: Cycle, bao: Membership) -> None:
    client.force_login(bao.user)
    address = upload(client, ideas, GOOD)["Location"]  # type: ignore[index]
    page = client.get(address).content.decode()
    assert "2 rows, and nothing is wrong in them." in page
    assert "A bench" in page
    assert not Proposal.objects.exists()  # a dry run
    assert client.post(f"{address}take-in/").status_code == 302
    bench, well = Proposal.objects.order_by("title")
    assert (bench.cost_guess, bench.category, bench.state, bench.author) == (1_200_00, "streets", "submitted", bao)
    assert (well.text, well.category) == ("It is\nhot.", "other")
    assert "Somebody" not in client.post(f"{address}take-in/", follow=True).content.decode()
    assert Proposal.objects.count() == 2  # again is refused
    again = upload(client, ideas, GOOD)["Location"]  # type: ignore[index]
    assert "very same file" in client.post(f"{again}take-in/", follow=True).content.decode()
    client.post(f"{address}undo/")
    assert set(Proposal.objects.values_list("state", flat=True)) == {"withdrawn"}
    kinds = [event.kind for event in ledger.events(ideas.pk)]
    assert kinds.count("proposals.imported") == kinds.count("proposals.import_undone") == 1
    client.post(f"{again}take-in/")
    assert Proposal.objects.filter(state="submitted").count() == 2  # after the undo it may come in again


def test_a_long_file_comes_in_whole_and_its_officer_may_still_propose(
    client: Client, ideas: Cycle, bao: Membership
) -> None:
    client.force_login(bao.user)
    text = "title,summary,text\n" + "".join(f"Idea {n},One.,Words.\n" for n in range(40))
    address = upload(client, ideas, text)["Location"]  # type: ignore[index]
    client.post(f"{address}take-in/")
    assert Proposal.objects.filter(state="submitted").count() == 40
    assert make_proposal(ideas, bao).state == "submitted"


def test_every_wrong_row_says_what_is_wrong_and_nothing_comes_in(
    client: Client, ideas: Cycle, bao: Membership, riverside: Assembly
) -> None:
    District.objects.create(assembly=riverside, name="Old Town")
    client.force_login(bao.user)
    long = "x" * 81
    text = (
        "title,summary,text,cost,category,district,pot\nA bench,To sit.,There is none.,,,old town,the whole town\n"
        f"{long},,There is none.,much,dance,Atlantis,No pot\n"
    )
    address = upload(client, ideas, text)["Location"]  # type: ignore[index]
    page = client.get(address).content.decode()
    assert "1 of 2 rows has something wrong in it." in page
    for words in (
        "Row 3", "no pot of this name", "no district of this name", "no such topic", "Say in one sentence what you want.",
        "at most 80 characters",
    ):  # fmt: skip
        assert words in page
    assert "Row 2" not in page
    assert client.post(f"{address}take-in/").status_code == 422
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "The file is empty."), ("title,summary\na,b\n", "must name these columns too: text"), ("title,summary,text\n", "no row")],
)  # fmt: skip
def test_a_file_without_what_it_needs_is_refused(
    client: Client, ideas: Cycle, bao: Membership, text: str, words: str
) -> None:
    client.force_login(bao.user)
    answer = upload(client, ideas, text)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert words in answer.content.decode()  # type: ignore[attr-defined]
    assert not ProposalImport.objects.exists()


def test_undo_is_refused_once_an_official_has_answered(
    client: Client, ideas: Cycle, bao: Membership, eva: Membership
) -> None:
    client.force_login(bao.user)
    address = upload(client, ideas, GOOD)["Location"]  # type: ignore[index]
    client.post(f"{address}take-in/")
    bench = Proposal.objects.get(title="A bench")
    review_proposal(
        proposal=bench, evaluator=eva, feasibility="feasible", cost=5_00, at=moment_in(ideas, Kind.REVIEWING)
    )
    assert bench.reference in client.post(f"{address}undo/", follow=True).content.decode()
    assert Proposal.objects.get(title="A well").state == "submitted"


def test_files_come_in_only_while_ideas_are_taken(client: Client, ideas: Cycle, bao: Membership) -> None:
    client.force_login(bao.user)
    address = upload(client, ideas, GOOD)["Location"]  # type: ignore[index]
    start_phase(cycle=ideas, kind=Kind.REVIEWING, actor=bao.user)
    assert "Ideas are not taken" in client.post(f"{address}take-in/", follow=True).content.decode()
    assert not Proposal.objects.exists()
    assert upload(client, ideas, GOOD).status_code == 422  # type: ignore[attr-defined]


def test_only_who_runs_the_budget_brings_in_files(
    client: Client, ideas: Cycle, harbour: Assembly, amina: Membership, bao: Membership, chidi: Membership
) -> None:
    client.force_login(bao.user)
    address = upload(client, ideas, GOOD)["Location"]  # type: ignore[index]
    client.force_login(amina.user)
    for path in (f"/cycles/{ideas.pk}/import/", address):
        assert client.get(path).status_code == 403
    assert client.post(f"{address}take-in/").status_code == 403
    private = make_cycle(harbour)
    client.force_login(bao.user)
    assert client.get(f"/cycles/{private.pk}/import/").status_code == 404
    assert client.put(address).status_code == 405
    assert make_evaluator(harbour)
    client.force_login(chidi.user)
    assert client.post(f"{address}undo/").status_code == 403


def test_supports_go_out_as_numbers_without_names(client: Client, riverside: Assembly, amina: Membership) -> None:
    cycle = make_cycle(riverside, phases=calendar(Kind.SELECTING, [Kind.ACCEPTING, Kind.SELECTING, Kind.FINISHED]))
    proposal = make_proposal(cycle, amina, "=Trees")
    for name in ("Rosalind Hale", "Tobias Fenwick"):
        support_proposal(proposal=proposal, person=make_member(riverside, name))
    answer = client.get(f"/cycles/{cycle.pk}/supports.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode().removeprefix("\ufeff"))))
    assert rows[1][2:5] == ["'=Trees", "2", ""]
    assert "Hale" not in answer.content.decode()
    assert client.get(f"/cycles/{cycle.pk}/supports.xlsx").status_code == 200
