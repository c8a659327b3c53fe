"""Why a `.pb` file does not come in is said in the language of whoever reads it."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from zlib import crc32

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation
from django.utils.translation import trans_real

from assemblies.models import Assembly, Membership, Role
from jobs.testing import run_waiting
from proposals import budget_files
from proposals.models import BudgetImport
from proposals.pb_import import import_data
from proposals.pb_refusals import ImportRefused, TooLarge, file_refused
from proposals.pb_source import read_source
from tests.make import make_member
from tests.proposals.making import make_cycle
from tests.proposals.test_budget_files import look_at, many, sent
from tests.proposals.test_import_pb import SMALL, write
from voting.tally.errors import InputError, TallyError

ROOT = Path(__file__).resolve().parents[2]
READERS = [
    *sorted((ROOT / "voting/tally").glob("pb*.py")),
    *(ROOT / f"proposals/{name}.py" for name in ("pb_import", "pb_source")),
]
COUNTERS = [ROOT / f"voting/tally/{name}.py" for name in ("ballots", "market", "stv_meek", "stv_scottish")]
PAGES = [ROOT / f"proposals/{name}.py" for name in ("pb_bounds", "pb_refusals", "budget_files")]
REFUSALS = {"InputError", "TallyError", "ImportRefused", "TooLarge"}
GAP = re.compile(r"%\(\w+\)s")


def calls(files: list[Path], names: set[str]) -> Iterator[ast.Call]:
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield node


def marked(files: list[Path]) -> set[str]:
    """The sentences that these modules mark for translation."""
    return {ast.literal_eval(call.args[0]) for call in calls(files, {"gettext_noop"})}


MARKED = marked([*READERS, *COUNTERS, *PAGES])
PLACES = {ast.literal_eval(call.args[0]) for call in calls(PAGES, {"_"})}


def in_another_language(message: str) -> str:
    """Nothing of the English sentence but its gaps, and yet no other sentence."""
    return " ".join([f"¡{crc32(message.encode())}", *GAP.findall(message), "!"])


@pytest.fixture
def spanish(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalog in which every reason has another sentence."""
    catalog = trans_real.translation("es")._catalog._catalogs[0]  # type: ignore[attr-defined]
    for message in MARKED | PLACES:
        monkeypatch.setitem(catalog, message, in_another_language(message))


PROJECTS = "project_id;cost\na;10\nb;2.50\n"
POINTS = {"kind": "cumulative", "votes": "vote;points\na,b;1,2\n"}


def text(
    *,
    votes: str = "vote\na\n",
    kind: str = "approval",
    meta: str = "",
    projects: str = PROJECTS,
    budget: str = "budget;100\ncurrency;EUR\n",
) -> str:
    return f"META\nkey;value\n{budget}vote_type;{kind}\n{meta}PROJECTS\n{projects}VOTES\n{votes}"


FAULTY: dict[str, str | bytes] = {
    # what the reading finds
    "unknown vote_type %(kind)s": text(kind="dance"),
    "META does not say the budget": text(budget=""),
    "the budget is not a number: %(text)s": text(budget="budget;much\n"),
    "the budget cannot be negative": text(budget="budget;-5\n"),
    "in META, %(what)s is not a number: %(text)s": text(meta="min_length;x\n"),
    "the file is not UTF-8 text": b"META\n\xff\xfe",
    "the file holds a zero byte": text(meta="country;\0\n"),
    "%(section)s has no column %(name)s": text(projects="project_id;price\na;10\n"),
    "the number of cells is %(found)s instead of %(expected)s": text(votes="vote\na;b\n"),
    "META needs a key and a value": text(meta="country\n"),
    "META has a key and a value, nothing more (quote a value with ';')": text(meta="a;b;c\n"),
    "a project has no id": text(projects="project_id;cost\n;10\n"),
    "two projects have the id %(id)s": text(projects=PROJECTS + "a;7\n"),
    "the cost is not a number: %(text)s": text(projects=PROJECTS + "c;much\n"),
    "a cost cannot be negative": text(projects=PROJECTS + "c;-5\n"),
    "section %(title)s is out of order": "META\nkey;value\nVOTES\nvote\n",
    "section %(title)s is missing": "META\nkey;value\n",
    "section %(title)s has no header line": text(votes=""),
    "two columns are called %(name)s": text(votes="vote;vote\n"),
    "the file does not begin with META": "title,summary\n",
    "the file cannot be split into cells; a closing quote may be missing": text(meta='country;"' + "x" * 200_000),
    # what is wrong with a ballot
    "a %(kind)s file needs a column 'points' in VOTES": text(kind="cumulative"),
    "the points are not a number: %(text)s": text(**POINTS | {"votes": "vote;points\na;x\n"}),
    "points cannot be negative": text(**POINTS | {"votes": "vote;points\na;-1\n"}),
    "the numbers of projects and of points differ: %(projects)s and %(points)s": text(
        **POINTS | {"votes": "vote;points\na,b;1\n"}
    ),
    "the ballot names an unknown project: %(name)s": text(votes="vote\nz\n"),
    "the ballot names a project twice": text(votes="vote\na,a\n"),
    "the ballot names too many projects: %(length)s instead of at most %(most)s": text(
        kind="choose-1", votes="vote\na,b\n"
    ),
    "the ballot names too few projects: %(length)s instead of at least %(least)s": text(meta="min_length;2\n"),
    "the ballot's projects cost more than allowed": text(meta="max_sum_cost;1\n"),
    "the ballot's projects cost less than needed": text(meta="min_sum_cost;99\n"),
    "the ballot gives one project more points than allowed": text(**POINTS, meta="max_points;1\n"),
    "the ballot gives more points than allowed": text(**POINTS, meta="max_sum_points;1\n"),
    "the ballot gives fewer points than needed": text(**POINTS, meta="min_sum_points;9\n"),
    # what does not fit a budget of ours
    "the budget must be more than zero": text(budget="budget;0\n"),
    "the budget has more decimals than %(currency)s has": text(budget="budget;1.505\ncurrency;EUR\n"),
    "the budget is too large": text(budget=f"budget;{'9' * 18}\ncurrency;EUR\n"),
    "the cost has more decimals than %(currency)s has": text(projects=PROJECTS + "c;1.505\n"),
    "the cost is too large": text(projects=PROJECTS + f"c;{'9' * 18}\n"),
    "a ballot needs at least two projects": text(projects="project_id;cost\na;10\n"),
    "the id of a project is longer than 80 letters": text(projects=PROJECTS + "c" * 81 + ";7\n"),
    "the currency is not a code of three letters such as EUR": text(budget="budget;1\ncurrency;Euro\n"),
    "there is no rule %(rule)s for ballots of this kind": text(meta="folkmoot_rule;dance\n"),
    "the rule has no such parameters as folkmoot_rule_parameters names": text(
        meta='folkmoot_rule;greedy\nfolkmoot_rule_parameters;"{""colour"": 1}"\n'
    ),
    "the rule does not know the values that folkmoot_rule_parameters holds": text(
        meta='folkmoot_rule;greedy\nfolkmoot_rule_parameters;"{""minimum_votes"": ""many""}"\n'
    ),
    "what %(name)s holds is not JSON": text(meta="folkmoot_rule;greedy\nfolkmoot_rule_parameters;{\n"),
    "there are fewer rules than folkmoot_compared_rules names": text(
        meta=f"folkmoot_compared_rules;[{','.join('0' * 99)}]\n"
    ),
}


def error_of(data: str | bytes) -> InputError:
    data = data if isinstance(data, bytes) else data.encode()
    with pytest.raises(InputError) as refusal:
        assert read_source(data, name="a.pb", digest="0", assembly=None, lenient=False).fields
    return refusal.value


def shown(message: str, values: Mapping[str, object]) -> str:
    """How that language says it, with the gaps filled."""
    return GAP.sub("%s", in_another_language(message)) % tuple(
        values[gap[2:-2]] for gap in GAP.findall(in_another_language(message))
    )


def test_every_reason_in_a_file_has_its_faulty_file_here() -> None:
    sentences = marked(READERS) - {message for message in marked(READERS) if message.endswith(".")}
    assert sentences == set(FAULTY)


def test_no_refusal_is_said_without_being_marked() -> None:
    """A sentence that is written at its place, and not marked, would stay English."""
    files = [*READERS, *PAGES, ROOT / "voting/tally/ballots.py"]
    unmarked = [
        ast.unparse(call)
        for call in calls(files, REFUSALS)
        if call.args and isinstance(call.args[0], ast.Constant | ast.JoinedStr | ast.BinOp)
    ]
    assert all("cannot read" in sentence for sentence in unmarked)  # said by the command alone, which names its file
    assert len(unmarked) == 1


@pytest.mark.usefixtures("spanish")
@pytest.mark.parametrize("message", FAULTY)
def test_every_reason_is_said_in_the_language_of_who_reads_it(db: None, message: str) -> None:
    error = error_of(FAULTY[message])
    assert error.message == message
    refusal = file_refused(error)
    kept = ImportRefused.of(refusal.parts)
    with translation.override("es"):
        said = str(refusal)
        assert shown(message, error.values) in said
        assert str(kept) == said
    with translation.override("en"):
        assert str(kept) == str(refusal) != said
        assert (message % error.values)[1:] in str(refusal)
        assert str(refusal).startswith("This file cannot be brought in. ")


@pytest.mark.usefixtures("spanish")
@pytest.mark.parametrize("message", sorted(MARKED - set(FAULTY)))
def test_so_is_what_only_a_count_or_a_page_finds(message: str) -> None:
    values = {gap[2:-2]: "…" for gap in GAP.findall(message)}
    refusals = [TooLarge(message, **values), file_refused(TallyError(message, **values))]
    for refusal in refusals:
        with translation.override("es"):
            assert shown(message, values) in str(refusal)
            assert str(ImportRefused.of(refusal.parts)) == str(refusal)


def test_a_long_name_in_the_file_is_cut_short() -> None:
    error = error_of(text(votes=f"vote\n{'z' * 9000}\n"))
    assert len(str(file_refused(error))) < 350
    assert str(file_refused(error)).startswith("This file cannot be brought in. Line 12, column 1 (vote): the ballot")


@pytest.fixture
def dora(riverside: Assembly, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The browser of a facilitator who reads Spanish."""
    monkeypatch.setattr("proposals.views.budget_files.is_any_alive", lambda: True)
    member = make_member(riverside, "Dora", Role.FACILITATOR)
    member.user.language = "es"
    member.user.save(update_fields=["language"])
    client = Client(headers={"Accept-Language": "es"})
    client.force_login(member.user)
    return client


@pytest.mark.usefixtures("spanish")
def test_a_wrong_file_is_refused_in_spanish_with_its_line(dora: Client, riverside: Assembly) -> None:
    wrong = SMALL.replace("b/1;600.25", "b/1;much")
    why = shown("the cost is not a number: %(text)s", {"text": "&#x27;much&#x27;"})
    place = {"line": 18, "column": 2, "field": "cost", "why": why}
    said = shown("Line %(line)s, column %(column)s (%(field)s): %(why)s", place)
    page = sent(dora, wrong).content.decode()  # type: ignore[attr-defined]
    assert said in page
    assert "the cost is not a number" not in page
    there = f"/cycles/{make_cycle(riverside).pk}/rules/file/"
    page = dora.post(there, {"file": SimpleUploadedFile("small.pb", wrong.encode())}).content.decode()
    assert said in page
    assert "the cost is not a number" not in page


@pytest.mark.usefixtures("spanish")
def test_what_the_job_refuses_is_read_by_everybody_in_their_language(
    dora: Client, bao: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = "the ballots give more points than Equal Shares can count"

    def refuse(*_given: object, **_named: object) -> None:
        raise TallyError(message)

    monkeypatch.setattr(budget_files, "import_data", refuse)
    address = look_at(dora)
    dora.post(f"{address}bring-in/")
    run_waiting()
    page = dora.get(address).content.decode()
    assert in_another_language(message) in page
    assert message[1:] not in page
    other = Client()
    other.force_login(bao.user)
    assert f"This file cannot be brought in. T{message[1:]}. Nothing came in." in other.get(address).content.decode()
    BudgetImport.objects.update(refusal_parts=None)  # as it was stored before
    assert in_another_language(message) in other.get(address).content.decode()


@pytest.mark.usefixtures("spanish")
def test_a_file_that_is_too_large_and_one_that_is_there_are_refused_in_spanish(dora: Client) -> None:
    page = sent(dora, many(401, 2)).content.decode()  # type: ignore[attr-defined]
    assert re.search(r"¡\d+ 400 50000 !", page)
    import_data(SMALL.encode(), name="a.pb", assembly=Assembly.objects.get())
    assert re.search(r"¡\d+ Wrocław 2024 !", sent(dora).content.decode())  # type: ignore[attr-defined]


def test_the_command_says_it_in_a_clear_sentence(db: None, tmp_path: Path) -> None:
    said = r"^small\.pb cannot be imported\. Line 18, column 2 \(cost\): the cost is not a number: 'much'\.$"
    with pytest.raises(CommandError, match=said):
        call_command("import_pb", str(write(tmp_path, SMALL.replace("b/1;600.25", "b/1;much"))))
    with pytest.raises(CommandError, match=r"^small\.pb cannot be imported\. PROJECTS has no column 'cost'\.$"):
        call_command("import_pb", str(write(tmp_path, SMALL.replace("project_id;cost", "project_id;price"))))
