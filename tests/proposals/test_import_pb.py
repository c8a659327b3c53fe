"""Real elections from Pabulib files: projects, ballots, count and result page, or one plain sentence and nothing."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

import ledger
from assemblies.models import Assembly, Membership
from proposals.models import Cycle, Project
from proposals.outcomes import results_of
from proposals.pb_import import Imported, import_file
from proposals.pb_refusals import ImportRefused
from tests.proposals.pb_files import FILES
from voting.models import OpenBallot, Poll, PollState, RegisterLine
from voting.tally import pb

EQUAL_SHARES = {  # official winners of real elections by this rule, and what they cost in cents
    "Poland_Wieliczka_2023_Green_Budget": (30, 995_079_00),
    "Poland_Swiecie_2023": (17, None),
    "Netherlands_Assen_2024": (9, None),
}

SMALL = """META
key;value
description;A small budget
country;Poland
unit;Wrocław
instance;2024
num_projects;4
num_votes;4
budget;1000.50
vote_type;approval
rule;greedy
date_begin;01.03.2024
date_end;15.03.2024
max_length;2
currency;PLN
PROJECTS
project_id;cost;votes;name;category;selected;latitude;longitude;district
b/1;600.25;3;Trees, many;culture,sport;1;51.1;17.03;Old Town
b/2;400.25;2;"A ""quoted""; name";;0;;;Old Town
b/3;400.25;1;Bench;;2;;;
b/4;999999999;1;Withdrawn thing;;0;;;
VOTES
voter_id;vote;age;sex
VOTER-ONE;b/1,b/2;83;F
VOTER-TWO;b/1;44;M
VOTER-THREE;b/1,b/2;29;F
VOTER-FOUR;b/3,b/4;71;M
"""


def write(folder: Path, text: str, name: str = "small.pb") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def import_anyhow(path: Path) -> Imported:
    """Strictly, or leniently where the file breaks its own rules."""
    try:
        return import_file(path)
    except ImportRefused:
        return import_file(path, lenient=True)


def test_a_small_file_becomes_a_finished_budget(db: None, tmp_path: Path, client: Client) -> None:
    imported = import_file(write(tmp_path, SMALL))
    cycle = imported.cycle
    assert cycle.assembly.name == "Wrocław, Poland"
    assert cycle.assembly.slug == "wroclaw-poland"
    assert cycle.assembly.is_public
    assert (cycle.title, cycle.year, cycle.currency) == ("Wrocław 2024", 2024, "PLN")
    assert cycle.headings.get().amount == 1000_50
    poll = cycle.headings.get().poll
    assert poll is not None
    assert poll.state == PollState.PUBLISHED
    assert (poll.rule, poll.compared_rules) == ("greedy", ["equal-shares"])
    assert imported.ballots == poll.turnout == 4
    assert imported.withdrawn == ["Withdrawn thing"]
    trees = Project.objects.get(title="Trees, many")
    assert (trees.cost, trees.category, str(trees.latitude)) == (600_25, "culture, sport", "51.100000")
    assert trees.district is not None
    assert trees.district.name == "Old Town"
    assert Project.objects.get(number=2).title == 'A "quoted"; name'
    page = client.get(f"/cycles/{cycle.pk}/results/").content.decode()
    assert "Trees, many" in page
    assert "Withdrawn thing" not in page


def test_of_the_voters_only_the_choices_are_kept(db: None, tmp_path: Path) -> None:
    cycle = import_file(write(tmp_path, SMALL)).cycle
    stored = [str(ballot.choice) for ballot in OpenBallot.objects.all()]
    assert sorted(stored) == sorted(
        ["{'options': ['b/1', 'b/2']}"] * 2 + ["{'options': ['b/1']}", "{'options': ['b/3']}"]
    )
    assert not RegisterLine.objects.exclude(membership=None).exists()
    assert not Membership.objects.exists()
    poll = cycle.headings.get().poll
    assert poll is not None
    told = "".join(event.body for stream in (cycle.pk, poll.pk) for event in ledger.events(stream))
    assert "VOTER" not in told + "".join(stored)
    assert len({ballot.cast_at for ballot in OpenBallot.objects.all()}) == 1  # nor when each of them voted


def test_the_page_compares_with_the_official_result(db: None, tmp_path: Path, client: Client) -> None:
    cycle = import_file(write(tmp_path, SMALL)).cycle
    official = results_of(Cycle.objects.whole().get(pk=cycle.pk))[0].official
    assert official is not None
    assert (official.same, official.official, official.special) == (1, 1, 1)
    page = client.get(f"/cycles/{cycle.pk}/results/").content.decode()
    assert "Official result:" in page
    assert "The town decided by its own rule" in page  # 2 here, since b/2 fits too
    assert "special decision" in page


def test_the_same_file_comes_in_once(db: None, tmp_path: Path) -> None:
    import_file(write(tmp_path, SMALL))
    with pytest.raises(ImportRefused, match=r"imported before, as “Wrocław 2024”"):
        import_file(write(tmp_path, SMALL, "another-name.pb"))
    assert Cycle.objects.count() == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("VOTER-TWO;b/1;", "VOTER-TWO;b/9;", r"Line 25, column 2 \(vote\): the ballot names an unknown project: 'b/9'"),
        ("VOTER-TWO;b/1;", "VOTER-TWO;b/1,b/1;", r"Line 25, column 2 \(vote\): the ballot names a project twice"),
        ("VOTER-TWO;b/1;", "VOTER-TWO;b/1,b/2,b/3;", r"Line 25, .*too many projects: 3 instead of at most 2"),
        ("b/1;600.25", "b/1;much", r"Line 18, column 2 \(cost\): the cost is not a number: 'much'"),
        ("b/1;600.25", "b/1;600.255", r"Line 18: the cost has more decimals than PLN has"),
        ("b/1;600.25", "b/1;-5", r"Line 18, column 2 \(cost\): a cost cannot be negative"),
        ("b/2;400.25", "b/1;400.25", r"Line 19, column 1 \(project_id\): two projects have the id 'b/1'"),
        ("budget;1000.50", "budget;", "The budget is not a number"),
        ("budget;1000.50", "budget;0", "The budget must be more than zero"),
        ("currency;PLN", "currency;Zloty", "three letters"),
        ("vote_type;approval", "vote_type;dance", "Unknown vote_type"),
        ("PROJECTS\n", "", "section"),
        ("VOTES\n", "", "Section VOTES is missing"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_nothing_comes_in(
    db: None, tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert old in SMALL
    with pytest.raises(ImportRefused, match=words):
        import_file(write(tmp_path, SMALL.replace(old, new)))
    assert not Assembly.objects.exists()
    assert not Cycle.objects.exists()


def test_a_failure_in_the_count_leaves_nothing_behind(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_given: object) -> None:
        raise RuntimeError("the machine was switched off")

    monkeypatch.setattr("voting.services.close_poll", fail)
    with pytest.raises(RuntimeError):
        import_file(write(tmp_path, SMALL))
    assert not Assembly.objects.exists()
    assert not Cycle.objects.exists()
    assert not Poll.objects.exists()
    assert not OpenBallot.objects.exists()


def test_lenient_reading_repairs_and_says_what(db: None, tmp_path: Path) -> None:
    text = SMALL.replace("VOTER-TWO;b/1;", "VOTER-TWO;b/1,b/1;").replace("VOTER-THREE;b/1,b/2", "VOTER-THREE;b/9")
    imported = import_file(write(tmp_path, text), lenient=True)
    assert imported.repairs == ["repeated_option: 1 (line 25)", "unknown_option: 1 (line 26)"]
    assert imported.ballots == 3


def test_a_file_that_is_not_there_or_is_no_text(db: None, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"nowhere\.pb cannot be read: No such file"):
        import_file(tmp_path / "nowhere.pb")
    (tmp_path / "picture.pb").write_bytes(b"META\n\xff\xfe")
    with pytest.raises(ImportRefused, match="Line 2: the file is not UTF-8 text"):
        import_file(tmp_path / "picture.pb")


def test_points_and_rankings_keep_their_shape(db: None, tmp_path: Path) -> None:
    ranked = SMALL.replace("vote_type;approval", "vote_type;ordinal").replace(
        "VOTER-THREE;b/1,b/2", "VOTER-THREE;b/2,b/1"
    )
    import_file(write(tmp_path, ranked, "ranked.pb"))
    assert {str(ballot.choice) for ballot in OpenBallot.objects.all()} == {
        "{'ranking': ['b/1', 'b/2']}", "{'ranking': ['b/2', 'b/1']}", "{'ranking': ['b/1']}", "{'ranking': ['b/3']}",
    }  # fmt: skip
    points = SMALL.replace("vote_type;approval", "vote_type;cumulative").replace("instance;2024", "instance;Points")
    points = points.replace("voter_id;vote;age;sex", "voter_id;vote;points;age")
    for votes, given in (
        ("b/1,b/2;83;F", "b/1,b/2;3,1;83"),
        ("b/1;44;M", "b/1;2;44"),
        ("b/3,b/4;71;M", "b/3,b/4;1,5;71"),
    ):
        points = points.replace(votes, given)
    points = points.replace("b/1,b/2;29;F", "b/1,b/2;3,1;29")
    cycle = import_file(write(tmp_path, points, "points.pb")).cycle
    poll = cycle.headings.get().poll
    assert poll is not None
    assert {str(ballot.choice) for ballot in poll.ballots.all()} == {
        "{'points': {'b/1': 3, 'b/2': 1}}", "{'points': {'b/1': 2}}", "{'points': {'b/3': 1}}",
    }  # fmt: skip


def test_the_given_assembly_is_used_and_a_private_one_is_never_taken_by_name(
    db: None, tmp_path: Path, riverside: Assembly
) -> None:
    cycle = import_file(write(tmp_path, SMALL), assembly=riverside).cycle
    assert cycle.assembly == riverside
    Assembly.objects.create(name="Wrocław, Poland", slug="wroclaw-poland", is_public=False)
    with pytest.raises(ImportRefused, match="another assembly"):
        import_file(write(tmp_path, SMALL.replace("1000.50", "1000.60")))


def test_the_command_prints_where_the_result_is(db: None, tmp_path: Path, riverside: Assembly) -> None:
    out = StringIO()
    call_command("import_pb", str(write(tmp_path, SMALL)), assembly="riverside", stdout=out)
    cycle = Cycle.objects.get()
    assert "Wrocław 2024: 4 ballots counted." in out.getvalue()
    assert "Withdrawn before the vote, so not on the ballot: Withdrawn thing" in out.getvalue()
    assert out.getvalue().strip().endswith(f"/cycles/{cycle.pk}/results/")
    with pytest.raises(CommandError, match="imported before"):
        call_command("import_pb", str(tmp_path / "small.pb"))
    with pytest.raises(CommandError, match="no assembly"):
        call_command("import_pb", str(tmp_path / "small.pb"), assembly="atlantis")


@pytest.mark.usefixtures("real_files")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_real_file_becomes_a_result_page(db: None, client: Client, path: Path) -> None:
    imported = import_anyhow(path)
    file = pb.read(path)
    poll = imported.cycle.headings.get().poll
    assert poll is not None
    assert poll.state == PollState.PUBLISHED
    assert imported.ballots == poll.turnout == len(file)
    assert poll.options.count() == sum(not project.withdrawn for project in file.projects)
    assert len(imported.withdrawn) == sum(project.withdrawn for project in file.projects)
    pot = results_of(Cycle.objects.whole().get(pk=imported.cycle.pk))[0]
    assert pot.binding.total_cost <= pot.heading.amount
    assert pot.binding.blanks <= pot.binding.ballots == imported.ballots
    assert all(line.binding.sentence for line in pot.lines)
    page = client.get(f"/cycles/{imported.cycle.pk}/results/")
    assert page.status_code == 200
    if path.stem in EQUAL_SHARES:
        winners, cost = EQUAL_SHARES[path.stem]
        assert imported.repairs == []
        assert poll.rule == "equal-shares"
        assert pot.official is not None
        assert pot.official.is_the_same
        assert len(pot.binding.winners) == winners
        assert cost is None or pot.binding.total_cost == cost
        the_page_shows_the_official_winners(imported.cycle, file, page.content.decode())


def the_page_shows_the_official_winners(cycle: Cycle, file: pb.PbFile, page: str) -> None:
    won = [project.name for project in file.projects if project.selected == "1"]
    assert f"Official result: the same {len(won)} projects." in page
    funded = set(Project.objects.funded().filter(heading__cycle=cycle).values_list("title", flat=True))
    assert funded == set(won)
    assert page.count("> Funded</span>") + page.count("</svg> Funded</span>") >= len(won)


@pytest.mark.usefixtures("real_files")
def test_real_equal_shares_elections_with_an_official_result_are_among_the_files() -> None:
    assert set(EQUAL_SHARES) <= {path.stem for path in FILES}
