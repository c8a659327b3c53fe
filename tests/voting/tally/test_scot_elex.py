"""The Scottish collection's CSV files: ballots, names, ward, and every complaint with its place."""

from __future__ import annotations

import pytest

from voting.tally import Ballot, InputError, Option, build_election, scot_elex

HEAD = "3,2,\n"


def rows(election):
    return [(*(c + 1 for c in choices), weight) for choices, _, weight in election.ballots.rows()]


def test_a_ward_with_names_parties_and_blanks():
    text = (
        f'{HEAD}5,1,2,\n4,3,,\n2, 1 , 2\n0,2,\n3,\n\n,,\n"Candidate 1","Ann, A","Labour",\n"Candidate 3","Cem",\n'
        '"Partick West",\n'
    )
    election = scot_elex.parse(text)
    assert rows(election) == [(1, 2, 7), (3, 4)]
    assert (election.seats, election.blanks, election.title, election.kind) == (2, 3, "Partick West", "ordinal")
    assert [(o.id, o.name, o.cost) for o in election.options] == [
        ("1", "Ann, A (Labour)", 0), ("2", "2", 0), ("3", "Cem", 0),
    ]  # fmt: skip
    for other in (text.encode(), "\ufeff" + text, text.replace("\n", "\r\n")):
        assert scot_elex.parse(other).sha256 == election.sha256


def test_a_file_may_end_early():
    election = scot_elex.parse("1,1")
    assert (len(election.options), election.ballots.total, election.title) == (1, 0, "")
    assert rows(scot_elex.parse("1,1\n2,1")) == [(1, 2)]
    assert len(scot_elex.parse("10000,1").options) == 10000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: the first line gives the number of candidates and of seats"),
        ("3,\n", "line 1: the first line gives the number of candidates and of seats"),
        ("3,2,1\n", "line 1: the first line gives the number of candidates and of seats"),
        ("\n0,2\n", "line 2: the first line gives the number of candidates and of seats"),
        ("3,0\n", "line 1: the first line gives the number of candidates and of seats"),
        ("10001,1\n", "line 1: the first line gives the number of candidates and of seats"),
        ("x,2\n", "line 1, column 1: a number of the first line is not a whole number: 'x'"),
        ("3,y\n", "line 1, column 2: a number of the first line is not a whole number: 'y'"),
        (HEAD + "5,4,\n", "line 2, column 2: there is no candidate 4"),
        (HEAD + "5,1,0,\n", "line 2, column 3: there is no candidate 0"),
        (HEAD + "5,1,x,\n", "line 2, column 3: a candidate is not a whole number: 'x'"),
        (HEAD + "5,1,,2\n", "line 2, column 3: a candidate is not a whole number: ''"),
        (HEAD + "5,1,2,1\n", "line 2, column 4: the ballot names candidate 1 twice"),
        (HEAD + "1000000000000000,1\n", "line 2, column 1: a weight is not a whole number: '1000000000000000'"),
        (HEAD + "5,1\n-5,1\n", "line 3, column 1: this line is no ballot and no candidate: '-5'"),
        (HEAD + "Candidate 1\nCandidate x,Ann\n", "line 3, column 1: this line is no ballot and no candidate: 'Candidate x'"),
        (HEAD + "x" * 50 + ",1\n", f"line 2, column 1: this line is no ballot and no candidate: '{'x' * 40}'"),
        (HEAD + "5," + "x" * 50 + "\n", f"line 2, column 2: a candidate is not a whole number: '{'x' * 40}'"),
        (HEAD + '"' + "x" * 200_000 + '",1\n',
         "line 2: the file cannot be split into cells (field larger than field limit (131072))"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(text, said):
    with pytest.raises(InputError) as refusal:
        scot_elex.parse(text)
    assert str(refusal.value) == said


def test_lenient_reading_names_each_once():
    assert rows(scot_elex.parse(HEAD + "5,1,2,1,3,\n", lenient=True)) == [(1, 2, 3, 5)]


def test_what_is_written_is_what_can_be_read():
    options = [Option("a", name='Ann "A"\n B'), Option("b"), Option("c", name="Cem")]
    ballots = [Ballot("cb", weight=2), Ballot("a", weight=3)]
    election = build_election(kind="ordinal", options=options, ballots=ballots, seats=2, blanks=4, title="River  side")
    written = '3,2,\n3,1,\n2,3,2,\n4,\n"Candidate 1","Ann ""A"" B",\n"Candidate 2","b",\n"Candidate 3","Cem",\n"River side",\n'
    assert scot_elex.write(election) == written
    assert scot_elex.parse(written).blanks == 4
    assert "\n0,\n" not in scot_elex.write(build_election(kind="ordinal", options=options, ballots=ballots))
    gone = build_election(kind="ordinal", options=[Option("a", withdrawn=True)], ballots=[])
    level = build_election(kind="ordinal", options=options, ballots=[Ballot([("a", "b")])])
    for other in (gone, level):
        with pytest.raises(InputError, match=r"^this form cannot hold equal ranks or withdrawn candidates$"):
            scot_elex.write(other)
