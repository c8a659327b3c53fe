"""A `.pb` file by hand: every section, limit, repair and complaint, read at once (bytes) and one by one (text)."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from voting.tally import Ballot, Election, InputError, Option, build_election, pb
from voting.tally.pb_grouping import Grouping
from voting.tally.pb_sections import number, sections, sections_line, split
from voting.tally.tokens import PlainTable

PROJECTS = "project_id;cost\na;10\nb;2.5\nc;7\n"


def text(votes: str, *, kind: str = "approval", meta: str = "", projects: str = PROJECTS) -> str:
    return f"META\nkey;value\nbudget;100\nvote_type;{kind}\n{meta}PROJECTS\n{projects}VOTES\n{votes}"


def both(content: str, *, lenient: bool = False) -> list[Election]:
    files = [pb.parse(content.encode()), pb.parse(content)]
    assert [isinstance(file.vote_rows, PlainTable) for file in files] == [True, False]
    return [file.election(lenient=lenient) for file in files]


def complaint(content: str | bytes, *, lenient: bool = False) -> str:
    with pytest.raises(InputError) as refusal:
        pb.parse(content).election(lenient=lenient)
    return str(refusal.value)


def repairs(election: Election) -> list[tuple[str, int, str]]:
    return [(repair.code, repair.times, repair.where) for repair in election.repairs]


def rows(election: Election) -> list[Any]:
    return list(election.ballots.rows())


# -- numbers and lists ----------------------------------------------------------------------------------------------


def test_a_number_is_exact_and_whole_where_it_is_whole() -> None:
    told = [number(cell, what="it") for cell in (" 12 ", "-3", "+4", "2,50", "0.000000001", "9" * 18, "1.0")]
    assert told == [12, -3, 4, Fraction(5, 2), Fraction(1, 10**9), 10**18 - 1, 1]
    assert isinstance(told[-1], int)
    assert isinstance(told[0], int)


@pytest.mark.parametrize("cell", ["", "1e5", "1/2", ".5", "5.", "1.2345678901", "9" * 19, "1,2,3", "--1", "x" * 40])
def test_what_is_no_number_is_shown(cell: str) -> None:
    with pytest.raises(InputError) as refusal:
        number(cell, what="the cost", line=3, column=2, field="cost")
    assert str(refusal.value) == f"line 3, column 2 (cost): the cost is not a number: {cell!r}"


def test_a_long_text_is_cut() -> None:
    with pytest.raises(InputError) as refusal:
        number("y" * 41, what="it")
    assert str(refusal.value) == f"it is not a number: {'y' * 40 + '...'!r}"


def test_a_list_has_no_empty_members() -> None:
    assert split(" a , ,b,") == ["a", "b"]
    assert split("  ") == []


# -- sections -------------------------------------------------------------------------------------------------------


def test_sections_have_a_header_and_rows_with_their_lines() -> None:
    found = sections("meta;;\r\n\r\nKey ; Value;;\r\nbudget;5\nPROJECTS\nid;cost\n x ;2\n\n;\ny;3;\nVOTES\nvote\n")
    assert found == {
        "META": (("key", "value"), [(["budget", "5"], 4)]),
        "PROJECTS": (("id", "cost"), [([" x ", "2"], 7), (["", ""], 9), (["y", "3", ""], 10)]),
        "VOTES": (("vote",), []),
    }


def test_a_name_of_a_section_again_is_a_row() -> None:
    found = sections("META\nkey;value\nPROJECTS\nid\nMETA\nVOTES\nvote\nVOTES\nprojects;1\n")
    assert found["PROJECTS"][1] == [(["META"], 5)]
    assert found["VOTES"][1] == [(["VOTES"], 8), (["projects", "1"], 9)]


def test_quotes_are_undone_and_lines_counted_through_them() -> None:
    found = sections('META\nkey;value\nd;"one\ntwo; ""x"""\n\n ; \ne;5\nPROJECTS\nid\nVOTES\nvote\n"a"\n')
    assert found["META"][1] == [(["d", 'one\ntwo; "x"'], 3), (["e", "5"], 7)]
    assert found["VOTES"][1] == [(["a"], 12)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("PROJECTS\n", "line 1: section PROJECTS is out of order"),
        ("META\nkey\nVOTES\n", "line 3: section VOTES is out of order"),
        ("hello\n", "line 1: the file does not begin with META"),
        ("\n\nhello;1\n", "line 3: the file does not begin with META"),
        ("META\na;b;A\n", "line 2, column 3: two columns are called 'a'"),
        ("META\nkey\n", "section PROJECTS is missing"),
        ("", "section META is missing"),
        ("META\nkey\nPROJECTS\nid\nVOTES\n", "section VOTES has no header line"),
        ('META\nkey\nd;"' + "x" * 200_000 + '"\n', "line 3: the file cannot be split into cells; a closing quote may be missing"),
    ],
)  # fmt: skip
def test_what_is_no_file_is_refused(content: str, said: str) -> None:
    with pytest.raises(InputError) as refusal:
        sections(content)
    assert str(refusal.value) == said


def test_where_a_section_begins() -> None:
    assert sections_line("META\n votes \nx\n", "VOTES") == 3
    assert sections_line("META\nx\nVOTES\n", "VOTES") == 4
    assert sections_line("META\n", "VOTES") is None
    assert sections("META\nkey;value;\nPROJECTS\nid; ;;\nVOTES\nvote\n")["META"][0] == ("key", "value")


# -- ballots --------------------------------------------------------------------------------------------------------


def test_marks_in_any_order_are_one_group_and_blank_ones_are_counted_apart() -> None:
    for election in both(text("vote\na,b\nb, a\nc\na,b,c\n;\n".replace(";\n", ""))):
        assert rows(election) == [((0, 1), (0, 0), 2), ((0, 1, 2), (0, 0, 0), 1), ((2,), (0,), 1)]
        assert (election.blanks, repairs(election), dict(election.invalid)) == (0, [], {})
    for election in both(text("voter_id;vote\n1;a,b\n2;\n3;\n4;b,a\n")):
        assert (rows(election), election.blanks, election.voters()) == ([((0, 1), (0, 0), 2)], 2, 2)


def test_rankings_keep_their_order() -> None:
    for election in both(text("vote\na,b\nb,a\na,b\nc\n", kind="ordinal")):
        assert rows(election) == [((0, 1), (0, 0), 2), ((1, 0), (0, 0), 1), ((2,), (0,), 1)]
    # One row is not plain, and is put together with the plain ones.
    (quick, slow) = both(text("vote\nc,b\nb,a,\na,b\nc,b\n,b,a\n", kind="ordinal"))
    assert rows(quick) == rows(slow) == [((0, 1), (0, 0), 1), ((1, 0), (0, 0), 2), ((2, 1), (0, 0), 2)]
    (quick, slow) = both(text("vote\nc,b\nb,a,\na,b\nc,b\n,c,b\n"))
    assert rows(quick) == rows(slow) == [((0, 1), (0, 0), 2), ((1, 2), (0, 0), 3)]


def test_a_wider_row_that_is_not_plain_fits() -> None:
    for kind in ("ordinal", "approval"):
        (quick, slow) = both(text("vote\nc\na,b,c,\nc\n", kind=kind))
        assert rows(quick) == rows(slow) == [((0, 1, 2), (0, 0, 0), 1), ((2,), (0,), 2)]


def test_whoever_is_named_twice_counts_once_and_that_is_listed() -> None:
    content = text("vote\na\nb,b,a\nb,a\na\nc,c\nb,b,a\n")
    assert (
        complaint(content)
        == complaint(content.encode())
        == "line 13, column 1 (vote): the ballot names a project twice"
    )
    for election in both(content, lenient=True):
        assert rows(election) == [((0,), (0,), 2), ((0, 1), (0, 0), 3), ((2,), (0,), 1)]
        assert repairs(election) == [("repeated_option", 3, "line 13")]
    for election in both(content.replace("approval", "ordinal"), lenient=True):
        assert rows(election) == [((0,), (0,), 2), ((1, 0), (0, 0), 3), ((2,), (0,), 1)]


def test_a_ballot_for_somebody_unknown_is_refused_or_invalid() -> None:
    content = text("voter_id;vote\n1;a\n2;z,a\n3;b\n4;z,a\n")
    assert complaint(content) == "line 13, column 2 (vote): the ballot names an unknown project: 'z'"
    for election in both(content, lenient=True):
        assert rows(election) == [((0,), (0,), 1), ((1,), (0,), 1)]
        assert (repairs(election), dict(election.invalid)) == (
            [("unknown_option", 2, "line 13")],
            {"unknown_option": 2},
        )


@pytest.mark.parametrize(
    ("meta", "kept", "over", "code", "said"),
    [
        ("max_length;2\n", "a,b", "a,b,c", "too_many_options", "the ballot names too many projects: 3 instead of at most 2"),
        ("max_length;2.5\n", "a,b", "a,b,c", "too_many_options", "the ballot names too many projects: 3 instead of at most 5/2"),
        ("min_length;2\n", "a,b", "a", "too_few_options", "the ballot names too few projects: 1 instead of at least 2"),
        ("min_length;1.5\n", "a,b", "a", "too_few_options", "the ballot names too few projects: 1 instead of at least 3/2"),
        ("max_sum_cost;12.5\n", "a,b", "a,c", "too_dear_ballot", "the ballot's projects cost more than allowed"),
        ("max_sum_cost;9.9\n", "b,c", "a", "too_dear_ballot", "the ballot's projects cost more than allowed"),
        ("max_sum_cost;999999999999999999\nmin_sum_cost;7\n", "c", "b", "too_cheap_ballot", "the ballot's projects cost less than needed"),
        ("min_sum_cost;9.5\n", "b,c", "c", "too_cheap_ballot", "the ballot's projects cost less than needed"),
        ("min_sum_cost;2.6\n", "c", "b", "too_cheap_ballot", "the ballot's projects cost less than needed"),
        ("min_sum_cost;2\nmax_sum_cost;7\n", "c", "a", "too_dear_ballot", "the ballot's projects cost more than allowed"),
    ],
)  # fmt: skip
def test_what_oversteps_a_limit_is_refused_or_kept_and_listed(
    meta: str, kept: str, over: str, code: str, said: str
) -> None:
    at = 12 + meta.count("\n") + 1
    for election in both(text(f"vote\n{kept}\n{kept}\n", meta=meta)):
        assert (election.ballots.total, repairs(election)) == (2, [])
    content = text(f"vote\n{kept}\n{over}\n{kept}\n{over}\n", meta=meta)
    assert complaint(content) == complaint(content.encode()) == f"line {at}, column 1 (vote): {said}"
    quick, slow = both(content, lenient=True)
    assert repairs(quick) == repairs(slow) == [(code, 2, f"line {at}")]
    assert rows(quick) == rows(slow)
    assert quick.ballots.total == 4


def test_only_what_is_not_plain_is_looked_at_one_by_one() -> None:
    def plain(votes: str, *, kind: str = "approval", meta: str = "") -> Any:
        file = pb.parse(text(votes, kind=kind, meta=meta).encode())
        grouping = Grouping(
            file.kind, file.projects, file.vote_columns, file.vote_rows, file.limit, lenient=True
        )  # fmt: skip
        found = grouping._plain()
        assert found is not None
        return found[0].tolist(), found[1], grouping.blanks

    assert plain("vote\nb,a\nc\nb\n") == ([[1, 2], [3, 0], [2, 0]], [], 0)
    assert plain("vote\nb,a\nc\n", kind="ordinal") == ([[2, 1], [3, 0]], [], 0)
    assert plain("voter_id;vote\n1;b,a\n2;\n3;z\n4;c,c\n5;c\n6;\n") == ([[1, 2], [3, 0]], [2, 3], 2)
    assert plain("vote\nb,a\nc\n", meta="max_sum_cost;12.5\nmin_sum_cost;7\n") == ([[1, 2], [3, 0]], [], 0)
    assert plain("vote\nb,a\nc\n", meta="max_sum_cost;12.4\n") == ([[3, 0]], [0], 0)
    assert plain("vote\nb,a\nc\n", meta="min_sum_cost;7.1\n") == ([[1, 2]], [1], 0)
    assert plain("vote\nb,a\nc\n", meta="max_length;1\n") == ([[3, 0]], [0], 0)
    assert plain("vote\nb,a\nc\n", meta="max_length;2\nmin_length;1\n") == ([[1, 2], [3, 0]], [], 0)
    assert plain("vote\nb,a\nc\n", meta="min_length;2\n") == ([[1, 2]], [1], 0)


def test_costs_beyond_what_whole_numbers_hold_are_looked_at_one_by_one() -> None:
    projects = f"project_id;cost\na;{10**18 - 1}\nb;{10**18 - 1}.999999999\nc;7\n"
    for meta, faulty in (("max_sum_cost;8\n", 2), ("min_sum_cost;8\n", 1)):
        for election in both(text("vote\na\nb\nc\n", meta=meta, projects=projects), lenient=True):
            assert [r.times for r in election.repairs] == [faulty]


def test_one_choice_is_one_unless_the_file_says_otherwise() -> None:
    content = text("vote\na\nb,c\n", kind="choose-1")
    assert (
        complaint(content.encode())
        == "line 13, column 1 (vote): the ballot names too many projects: 2 instead of at most 1"
    )
    for election in both(text("vote\na\nb,c\n", kind="choose-1", meta="max_length;2\n")):
        assert repairs(election) == []


# -- points ---------------------------------------------------------------------------------------------------------


def given_points(votes: str, *, kind: str = "cumulative", meta: str = "") -> Election:
    (quick, slow) = both(text("vote;points\n" + votes, kind=kind, meta=meta), lenient=True)
    assert (rows(quick), repairs(quick), quick.blanks) == (rows(slow), repairs(slow), slow.blanks)
    return quick


def test_points_are_whole_numbers_of_a_unit() -> None:
    election = given_points("a,b;1,2\nb,a;2,1\nc;3\n;\na;\n")
    assert (rows(election), election.ballots.unit, election.blanks) == ([((0, 1), (1, 2), 2), ((2,), (3,), 1)], 1, 2)
    for part, unit in (("0.5", 2), ("0.2", 5), ("0.1", 10), ("0.25", 4), ("0.125", 8), ("0.04", 25), ("0.05", 20)):
        election = given_points(f"a,b;{part},1\n")
        assert election.ballots.unit == unit
        assert election.scores == (Fraction(part), 1, 0)
    election = given_points("a,b;0.5,0.2\nc;0.25\nb;0.05\n")
    assert (election.ballots.unit, election.scores) == (20, (Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)))
    assert rows(election) == [((0, 1), (10, 4), 1), ((1,), (1,), 1), ((2,), (5,), 1)]


def test_points_are_needed_and_as_many_as_projects() -> None:
    assert complaint(text("vote\na\n", kind="cumulative")) == "a cumulative file needs a column 'points' in VOTES"
    for votes in ("points;vote\n1;a\n1,2,3;a,b\n", "points;vote\n1;a,b\n"):
        at, count = (13, 3) if "1,2,3" in votes else (12, 1)
        content = text(votes, kind="scoring")
        assert (
            complaint(content)
            == f"line {at}, column 1 (points): the numbers of projects and of points differ: 2 and {count}"
        )
    assert complaint(text("voter_id;vote;points\n1;a;x\n", kind="scoring")) == (
        "line 12, column 3 (points): the points are not a number: 'x'"
    )
    assert complaint(text("voter_id;vote;points\n1;a;1,2\n", kind="scoring")) == (
        "line 12, column 3 (points): the numbers of projects and of points differ: 1 and 2"
    )


def test_negative_points_only_where_scores_may_be_negative() -> None:
    said = "line 13, column 2 (points): points cannot be negative"
    assert complaint(text("vote;points\na;-1\n", kind="cumulative", meta="min_points;-2\n")) == said
    assert complaint(text("vote;points\na;-3\n", kind="scoring", meta="min_points;-2\n")) == said
    assert complaint(text("vote;points\na;-1\n", kind="scoring", meta="max_points;9\n")) == said
    for points in (-1, -2):
        election = given_points(f"a,b;{points},0\n", kind="scoring", meta="min_points;-2\n")
        assert election.scores == (points, 0, 0)


def test_points_given_twice_add_up_to_the_most_allowed() -> None:
    content = text("vote;points\na,b,a;3,1,4\na;2\n", kind="cumulative")
    assert complaint(content) == "line 12, column 2 (points): the ballot names a project twice"
    assert given_points("a,b,a;3,1,4\na;2\n").scores == (9, 1, 0)
    election = given_points("a,b,a;3,1,2\na,a;1,1\n", meta="max_points;4\n")
    assert (election.scores, repairs(election)) == ((6, 1, 0), [("repeated_option", 2, "line 13")])


@pytest.mark.parametrize(
    ("meta", "kept", "over", "code", "said"),
    [
        ("max_points;4\n", "4,1", "1,5", "too_many_points_for_one", "the ballot gives one project more points than allowed"),
        ("max_sum_points;5\n", "4,1", "4,2", "too_many_points", "the ballot gives more points than allowed"),
        ("min_sum_points;5\n", "4,1", "4,0", "too_few_points", "the ballot gives fewer points than needed"),
    ],
)  # fmt: skip
def test_points_beyond_a_limit(meta: str, kept: str, over: str, code: str, said: str) -> None:
    assert repairs(given_points(f"a,b;{kept}\n", meta=meta)) == []
    content = text(f"vote;points\na,b;{kept}\na,b;{over}\n", kind="cumulative", meta=meta)
    assert complaint(content) == f"line 14, column 2 (points): {said}"
    assert repairs(given_points(f"a,b;{over}\na,b;{over}\n", meta=meta)) == [(code, 2, "line 13")]
    # Only cumulative points have a sum.
    scored = given_points(f"a,b;{over}\n", kind="scoring", meta=meta)
    assert bool(repairs(scored)) is (code == "too_many_points_for_one")


# -- the file -------------------------------------------------------------------------------------------------------


def test_what_is_in_no_plain_order_is_refused_with_its_line() -> None:
    assert complaint(text("x;vote\n1;a\n1\n")) == "line 13, column 2: the number of cells is 1 instead of 2"
    assert complaint(text("vote\na;b\n")) == "line 12, column 2: the number of cells is 2 instead of 1"
    assert complaint(text("voter_id\n1\n")) == "line 11: VOTES has no column 'vote'"
    assert complaint(text("vote\na\0\n")) == "line 12: the file holds a zero byte"
    assert complaint(text("vote\na\n").encode() + b"\xff\n") == "line 13: the file is not UTF-8 text"
    assert complaint(text("vote\na\n", meta="alone\n")) == "line 5, column 2: META needs a key and a value"
    assert complaint(text("vote\na\n", meta="a;b;c\n")) == (
        "line 5, column 3: META has a key and a value, nothing more (quote a value with ';')"
    )
    assert (
        complaint(text("vote\n", projects="project_id;cost\na;1;2\n"))
        == "line 7, column 3: the number of cells is 3 instead of 2"
    )
    assert (
        complaint(text("vote\n", projects="project_id;cost\na\n"))
        == "line 7, column 2: the number of cells is 1 instead of 2"
    )
    assert (
        complaint(text("vote\n", projects="cost;project_id\n1\n"))
        == "line 7, column 2: the number of cells is 1 instead of 2"
    )
    assert (
        complaint(text("vote\n", projects="cost;project_id\n1; \n"))
        == "line 7, column 2 (project_id): a project has no id"
    )
    assert complaint(text("vote\n", projects="cost;project_id\n1;a\n2;a\n")) == (
        "line 8, column 2 (project_id): two projects have the id 'a'"
    )
    assert complaint(text("vote\n", projects="name;cost;project_id\nx;-1;a\n")) == (
        "line 7, column 2 (cost): a cost cannot be negative"
    )
    assert complaint(text("vote\na\n").replace("budget;100", "budget;-1")) == "the budget cannot be negative"
    assert pb.parse(text("vote\na\n").replace("budget;100", "budget;0")).election().budget == 0


def test_places_are_named_wherever_a_column_stands(tmp_path: Path) -> None:
    wide = "name;x;project_id;cost\n"
    assert complaint(text("vote\n", projects=wide + "n;x;a;y\n")) == (
        "line 7, column 4 (cost): the cost is not a number: 'y'"
    )
    assert complaint(text("vote\n", projects=wide + "n\n")) == "line 7, column 2: the number of cells is 1 instead of 4"
    assert complaint(text("vote\n", projects=wide + "n;x;;5\n")) == "line 7, column 3 (project_id): a project has no id"
    assert [p.cost for p in pb.parse(text("vote\n", projects=wide + "n;x;a;0\n")).projects] == [0]
    content = text("vote\na\n", meta="d;\0\n")
    assert complaint(content) == complaint(content.encode()) == "line 5: the file holds a zero byte"
    with pytest.raises(InputError, match=r"^cannot read .*no\.pb: No such file or directory$"):
        pb.read(tmp_path / "no.pb")
    (tmp_path / "town.pb").write_text(text("vote\na\n"))
    assert (pb.read(tmp_path / "town.pb").name, pb.read(str(tmp_path / "town.pb")).budget) == ("town.pb", 100)


def test_cells_too_few_or_too_many_that_are_empty_do_no_harm() -> None:
    file = pb.parse(text("vote;district\na;;; \nb\n", meta="x;y; ;\n", projects="project_id;cost;name\na;1;A;;\nb;2\n"))
    assert [(vote.choices, vote.district, vote.line) for vote in file.votes()] == [(("a",), "", 12), (("b",), "", 13)]
    assert (file.meta["x"], len(file), file.projects[0].name, file.projects[1].name) == ("y", 2, "A", "")


def test_what_a_project_says() -> None:
    columns = "project_id;cost;category;latitude;longitude;selected;name;district"
    first, second = pb.parse(
        text("vote\n", projects=f"{columns}\na;5; x , ,y;-52.1;4;1;None;n\nb;999999999;None;1234;4;2;B;\n")
    ).projects
    assert (first.categories, first.coordinates, first.selected, first.name) == (("x", "y"), ("-52.1", "4"), "1", "")
    assert (second.categories, second.coordinates, second.selected, second.line) == ((), None, "2", 8)
    assert (first.withdrawn, second.withdrawn) == (False, True)


def test_what_a_vote_says() -> None:
    file = pb.parse(
        text(
            "voter_id;vote;points;age;sex;neighborhood;voting_method\n 7 ;a, b;1, 2.5;44;F; North ;net\n",
            kind="scoring",
        )
    )
    (vote,) = file.votes()
    assert (vote.voter_id, vote.choices, vote.points, vote.line) == ("7", ("a", "b"), (1, Fraction(5, 2)), 12)
    assert (vote.district, vote.voting_method, dict(vote.columns)) == (
        "North", "net", {"neighborhood": "North", "voting_method": "net"},
    )  # fmt: skip
    assert [v.district for v in pb.parse(text("vote;district;neighborhood\na;X;Y\n")).votes()] == ["X"]
    assert [v.voter_id for v in pb.parse(text("vote\na\n")).votes()] == [""]
    with pytest.raises(InputError, match=r"^line 12, column 2 \(points\): the points are not a number: 'x'$"):
        list(pb.parse(text("vote;points\na;x\n")).votes())


def test_what_a_file_says() -> None:
    file = pb.parse(
        text("vote\na\n", meta="currency;EUR\ndescription;Town\nmin_project_score_threshold;3\nmax_length;None\n")
    )
    assert (file.currency, file.title, file.limit("max_length"), file.limit("x")) == ("EUR", "Town", None, None)
    election = file.election()
    assert (election.threshold, election.title, election.budget, election.ids) == (3, "Town", 100, ("a", "b", "c"))
    assert pb.parse(text("vote\na\n")).currency == pb.parse(text("vote\na\n")).title == ""
    assert str(pb.parse(text("vote\na\n", kind="CHOOSE-1")).kind) == "choose-1"
    with pytest.raises(InputError, match=r"^in META, max_length is not a number: 'x'$"):
        pb.parse(text("vote\na\n", meta="max_length;x\n")).election()


def test_a_file_is_written_from_most_to_least_voted() -> None:
    content = text('voter_id;vote\n1;b\n"2";b,a\n3;\n', meta='description;"a; ""b"""\n')
    assert pb.write(pb.parse(content)) == (
        'META\nkey;value\nbudget;100\nvote_type;approval\ndescription;"a; ""b"""\n'
        "PROJECTS\nproject_id;cost\nb;2.5\na;10\nc;7\nVOTES\nvoter_id;vote\n1;b\n2;b,a\n3;\n"
    )


def test_an_election_is_written_one_row_for_each_ballot() -> None:
    options = [Option("a", Fraction(5, 2), "A"), Option("b", 3, "B;")]
    marks = build_election(
        kind="approval", options=options, ballots=[Ballot(["b"], weight=2), Ballot(["a", "b"])], budget=9, blanks=1,
        threshold=2, title="Town",
    )  # fmt: skip
    assert pb.write_election(marks, meta={"unit": "EUR"}) == (
        "META\nkey;value\ndescription;Town\nnum_projects;2\nnum_votes;4\nbudget;9\nvote_type;approval\n"
        "min_project_score_threshold;2\nunit;EUR\nPROJECTS\nproject_id;cost;votes;name\nb;3;3;\"B;\"\na;2.5;1;A\n"
        "VOTES\nvoter_id;vote\n1;a,b\n2;b\n3;b\n4;\n"
    )  # fmt: skip
    points = build_election(
        kind="cumulative", options=options, ballots=[{"a": Fraction(1, 2), "b": 2}], budget=None, blanks=1
    )
    assert pb.write_election(points).endswith("VOTES\nvoter_id;vote;points\n1;a,b;0.5,2\n2;;\n")
    assert "budget;0\n" in pb.write_election(points)
