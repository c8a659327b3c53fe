"""Files are read with all their oddities, refused with line and column, and written without loss."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given

from tests.voting.tally import data
from tests.voting.tally.elections import approvals, points, rankings
from voting.tally import Election, InputError, blt, count, pb, preflib, scot_elex
from voting.tally.files import read_election

TOWN = """META
key;value
description;Riverside
budget;100
vote_type;approval
PROJECTS
project_id;cost;name
10;70;Park
2;60;Well
b;30;Bench
VOTES
voter_id;vote
1;10,2
2;10
3;b
4;2,10
"""
WARD = '3 1\n5 1 2 0\n4 2 3 0\n3 3 2 0\n2 0\n0\n"Ann"\n"Bob ""the builder"""\n"Cem, jr. # no comment"\n"A title"\n'


def test_trap_14_carriage_returns_byte_order_mark_and_quotes_change_nothing() -> None:
    plain = pb.parse(TOWN).election()
    odd = TOWN.replace("Park", '"Park; with ""lake"""').replace("\n", "\r\n")
    read = pb.parse(b"\xef\xbb\xbf" + odd.encode())
    assert read.election().supporters == plain.supporters == (3, 2, 1)
    assert read.projects[0].name == 'Park; with "lake"'
    assert read.election().ids == ("10", "2", "b")


def test_columns_are_found_by_their_names_in_any_order() -> None:
    turned = TOWN.replace(
        "project_id;cost;name\n10;70;Park\n2;60;Well\nb;30;Bench",
        "name;cost;project_id\nPark;70;10\nWell;60;2\nBench;30;b",
    )
    assert pb.parse(turned).election().sha256 == pb.parse(TOWN).election().sha256


def test_trap_7_decimal_amounts_are_exact_with_point_or_comma() -> None:
    file = pb.parse(TOWN.replace("budget;100", "budget;2458488,22").replace("b;30", "b;0.10"))
    assert file.budget == Fraction(245848822, 100)
    assert file.projects[2].cost == Fraction(1, 10)


def test_trap_6_the_sentinel_cost_means_withdrawn_and_does_not_stop_a_count() -> None:
    file = pb.parse(TOWN.replace("10;70", "10;999999999"))
    assert [project.withdrawn for project in file.projects] == [True, False, False]
    outcome = count("greedy-no-skip", file.election())
    assert outcome.winners == ("2", "b")
    assert outcome.options["10"].code == "withdrawn"
    assert count("greedy-no-skip", file.election(withdrawn_by_cost=False)).winners == ()


def test_trap_9_ids_are_text_so_10_comes_before_2() -> None:
    even = TOWN.replace("10;70", "10;60").replace("2;10\n", "2;b\n")
    assert count("greedy", pb.parse(even).election(), ties=["id_lex"]).winners == ("10", "b")


def test_trap_11_a_project_named_twice_is_refused_or_counted_once_and_listed() -> None:
    twice = pb.parse(TOWN.replace("3;b", "3;b,b"))
    with pytest.raises(InputError, match=r"line 15, column 2 \(vote\): the ballot names a project twice"):
        twice.election()
    election = twice.election(lenient=True)
    assert election.supporters == (3, 2, 1)
    assert [(r.code, r.times, r.where) for r in election.repairs] == [("repeated_option", 1, "line 15")]


def test_points_given_twice_add_up_and_are_cut_to_the_most_allowed() -> None:
    text = TOWN.replace("approval", "cumulative\nmax_points;5").replace("voter_id;vote", "voter_id;vote;points")
    text = text.replace("1;10,2\n2;10\n3;b\n4;2,10\n", "1;10,10;3,4\n2;b,b;1,2\n")
    election = pb.parse(text).election(lenient=True)
    assert election.scores == (5, 0, 3)


def test_trap_15_limits_are_per_file_refused_when_strict_and_kept_when_lenient() -> None:
    text = TOWN.replace("vote_type;approval", "vote_type;approval\nmax_length;1\nmax_sum_cost;65")
    with pytest.raises(InputError, match="too many projects: 2 instead of at most 1"):
        pb.parse(text).election()
    election = pb.parse(text).election(lenient=True)
    assert election.supporters == (3, 2, 1)
    assert [(r.code, r.times) for r in election.repairs] == [("too_dear_ballot", 3), ("too_many_options", 2)]


def test_trap_17_blank_ballots_count_in_n_only_when_asked() -> None:
    election = pb.parse(TOWN + "5;\n6;\n").election()
    assert (election.blanks, election.voters(), election.voters(blank_in_n=True)) == (2, 4, 6)
    outcome = count("equal-shares", election, completion="none")
    assert outcome.facts["endowment"] == 25
    assert count("equal-shares", election, completion="none", blank_in_n=True).facts["endowment"] == Fraction(50, 3)


def test_age_and_sex_of_voters_are_never_given_out() -> None:
    text = TOWN.replace("voter_id;vote", "voter_id;vote;age;sex;voting_method;neighborhood")
    text = text.replace("1;10,2\n2;10\n3;b\n4;2,10\n", "v;10;44;F;internet;North\n")
    (vote,) = pb.parse(text).votes()
    assert (vote.voter_id, vote.choices, vote.voting_method, vote.district) == ("v", ("10",), "internet", "North")
    assert set(vote.columns) == {"voting_method", "neighborhood"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("10;70", "10;seventy", "line 8, column 2 (cost): the cost is not a number: 'seventy'"),
        ("2;60", "10;60", "line 9, column 1 (project_id): two projects have the id '10'"),
        ("b;30", "b;-3", "line 10, column 2 (cost): a cost cannot be negative"),
        ("budget;100\n", "", "META does not say the budget"),
        ("VOTES", "VOICES", "section VOTES is missing"),
        ("vote_type;approval", "vote_type;shouting", "unknown vote_type 'shouting'"),
        ("3;b", "3;x", "line 15, column 2 (vote): the ballot names an unknown project: 'x'"),
        ("3;b", "3;b;c;d", "line 15, column 3: the number of cells is 4 instead of 2"),
        ("project_id;cost;name", "project_id;price;name", "PROJECTS has no column 'cost'"),
    ],
)
def test_a_faulty_file_is_refused_with_line_and_column(old: str, new: str, said: str) -> None:
    with pytest.raises(InputError) as refusal:
        pb.parse(TOWN.replace(old, new, 1)).election()
    assert str(refusal.value) == said


def test_blt_with_comments_quotes_blanks_and_withdrawn_candidates() -> None:
    text = "# a comment\n" + WARD.replace("5 1 2 0", "-3\n5 1 2 0 # five").replace("4 2 3 0", "(id 7) 4 2\n3 0")
    ward = blt.parse(text)
    assert [option.name for option in ward.options] == ["Ann", 'Bob "the builder"', "Cem, jr. # no comment"]
    assert [option.withdrawn for option in ward.options] == [False, False, True]
    assert (ward.blanks, ward.title, ward.seats) == (2, "A title", 1)


def test_trap_25_a_colon_in_a_name_is_only_a_colon() -> None:
    assert blt.parse(WARD.replace("Ann", "Ann: first")).options[0].name == "Ann: first"


def test_blt_equal_and_skipped_ranks() -> None:
    ward = blt.parse(WARD.replace("5 1 2 0", "5 1=2 - 3 0"))
    assert ((0, 1, 2), (0, 1, 0), 5) in list(ward.ballots.rows())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("5 1 2 0", "5 1, 2, 0", "line 2, column 3: a candidate is not a whole number: '1,'"),
        ("5 1 2 0", "5 1 9 0", "line 2, column 5: there is no candidate 9"),
        ("5 1 2 0", "5 1 1 0", "line 2, column 5: the ballot names candidate 1 twice"),
        ("3 1\n", "3 0\n", "line 1: there must be at least one seat"),
        ("2 0\n0\n", "2 0\n", "line 6, column 1: a ballot's weight is not a whole number: '\"Ann\"'"),
    ],
)
def test_a_faulty_blt_is_refused_with_line_and_column(old: str, new: str, said: str) -> None:
    for content in (WARD.replace(old, new, 1), WARD.replace(old, new, 1).encode()):
        with pytest.raises(InputError) as refusal:
            blt.parse(content)
        assert str(refusal.value) == said


def test_trap_24_orders_completed_by_machine_are_no_ballots() -> None:
    text = "# MODIFICATION TYPE: imbued\n# NUMBER ALTERNATIVES: 2\n1: 1,2\n"
    with pytest.raises(InputError, match="completed by machine"):
        preflib.parse(text, lenient=True)


def test_preflib_braces_are_equal_ranks_and_an_empty_order_is_blank() -> None:
    ward = preflib.parse("# NUMBER ALTERNATIVES: 3\n# NUMBER VOTERS: 6\n3: 1,{2,3}\n1: {2}\n2: \n")
    assert list(ward.ballots.rows()) == [((0, 1, 2), (0, 0, 1), 3), ((1,), (0,), 1)]
    assert ward.blanks == 2


@given(rankings(equal=True))
def test_rankings_survive_blt_and_preflib(ward: Election) -> None:
    again = blt.parse(blt.write(ward))
    assert again.ballots.total == ward.ballots.total
    assert list(again.ballots.rows()) == list(ward.ballots.rows())
    assert [o.withdrawn for o in again.options] == [o.withdrawn for o in ward.options]
    assert (again.seats, again.blanks) == (ward.seats, ward.blanks)
    assert list(preflib.parse(preflib.write(ward)).ballots.rows()) == list(ward.ballots.rows())
    assert blt.parse(blt.write(ward).encode()).sha256 == again.sha256


@given(rankings())
def test_rankings_survive_the_scottish_csv(ward: Election) -> None:
    if not any(option.withdrawn for option in ward.options):
        again = scot_elex.parse(scot_elex.write(ward))
        assert list(again.ballots.rows()) == list(ward.ballots.rows())
        assert (again.seats, again.blanks) == (ward.seats, ward.blanks)


@given(approvals(least_cost=0))
def test_approvals_survive_a_pb_file(town: Election) -> None:
    again = pb.parse(pb.write_election(town)).election()
    assert dict(zip(again.ids, again.supporters, strict=True)) == dict(zip(town.ids, town.supporters, strict=True))
    assert (again.budget, again.blanks) == (town.budget, town.blanks)
    assert count("equal-shares", again, ties=["id_lex"]).winners == count("equal-shares", town, ties=["id_lex"]).winners


@given(points())
def test_points_survive_a_pb_file(town: Election) -> None:
    again = pb.parse(pb.write_election(town)).election()
    assert dict(zip(again.ids, again.scores, strict=True)) == dict(zip(town.ids, town.scores, strict=True))


@pytest.mark.parametrize("name", data.names("pb"))
def test_every_real_pb_file_is_written_without_loss(name: str) -> None:
    file = pb.read(data.need_data() / "pb" / name)
    again = pb.parse(pb.write(file))
    assert again.meta == file.meta
    assert (again.project_columns, again.vote_columns) == (file.project_columns, file.vote_columns)
    assert sorted((p.id, sorted(p.columns.items())) for p in again.projects) == sorted(
        (p.id, sorted(p.columns.items())) for p in file.projects
    )
    assert [(v.voter_id, v.choices, v.points, v.columns) for v in again.votes()] == [
        (v.voter_id, v.choices, v.points, v.columns) for v in file.votes()
    ]


@pytest.mark.parametrize("name", [name for name in data.names("ranked") if name.endswith(".blt")] or ["absent"])
def test_the_quick_and_the_careful_reader_agree_on_every_real_ward(name: str) -> None:
    content = (data.need_data() / "ranked" / name).read_bytes()
    quick, careful = blt.parse(content, lenient=True), blt.parse(content.decode("utf-8-sig"), lenient=True)
    assert quick.sha256 == careful.sha256
    assert [o.name for o in quick.options] == [o.name for o in careful.options]
    assert quick.title == careful.title


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot tell what a\.xyz is"):
        read_election(tmp_path / "a.xyz")
    with pytest.raises(InputError, match="No such file"):
        read_election(tmp_path / "a.pb")
