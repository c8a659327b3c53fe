"""A refusal is one sentence, with its place in front where it has one; a file's ending says how it is read."""

from __future__ import annotations

import pytest

from voting.tally import InputError, TallyError, files


def test_a_refusal_names_its_place():
    assert str(InputError("no")) == "no"
    assert str(InputError("no", line=3)) == "line 3: no"
    assert str(InputError("no", line=3, column=2)) == "line 3, column 2: no"
    assert str(InputError("no", line=0, column=0, field="cost")) == "line 0, column 0 (cost): no"
    assert str(InputError("no", column=2)) == "column 2: no"
    refusal = InputError("no", line=3, column=2, field="cost")
    assert (refusal.line, refusal.column, refusal.field) == (3, 2, "cost")
    assert isinstance(refusal, TallyError)
    assert isinstance(refusal, ValueError)


TOWN = "META\nkey;value\nbudget;9\nvote_type;approval\nPROJECTS\nproject_id;cost\na;999999999\nb;1\nVOTES\nvoter_id;vote\n1;b,b\n2;b\n"


def test_a_file_is_read_by_its_ending(tmp_path):
    for name, text in {
        "w.blt": "2 1\n3 1 0\n0\n", "w.csv": "2,1\n3,1\n", "w.soi": "# NUMBER ALTERNATIVES: 2\n3: 1\n",
        "W.TOC": "# NUMBER ALTERNATIVES: 2\n3: 1\n",
    }.items():  # fmt: skip
        path = tmp_path / name
        path.write_text(text)
        assert files.read_election(path).supporters == (3, 0)
        assert files.read_election(str(path), lenient=True).supporters == (3, 0)
    path = tmp_path / "t.pb"
    path.write_text(TOWN)
    with pytest.raises(InputError, match="names a project twice"):
        files.read_election(path)
    lenient = files.read_election(path, lenient=True)
    assert [o.withdrawn for o in lenient.options] == [True, False]
    kept = files.read_election(path, lenient=True, withdrawn_by_cost=False)
    assert [o.withdrawn for o in kept.options] == [False, False]


@pytest.mark.parametrize(
    ("ending", "twice"),
    [(".blt", b"2 1\n3 1 1 0\n0\n"), (".csv", b"2,1\n3,1,1\n"), (".toi", b"# NUMBER ALTERNATIVES: 2\n3: 1,1\n")],
)
def test_lenient_reading_is_asked_for_by_name(ending, twice):
    with pytest.raises(InputError, match="twice"):
        files.parse_election(twice, ending=ending)
    assert files.parse_election(twice, ending=ending, lenient=True).supporters == (3, 0)


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(InputError) as refusal:
        files.read_election(tmp_path / "a.xyz")
    assert str(refusal.value) == "cannot tell what a.xyz is; known endings are .pb .blt .soi .soc .toi .toc .csv"
    with pytest.raises(InputError) as refusal:
        files.read_election(tmp_path / "a.pb")
    assert str(refusal.value) == f"cannot read {tmp_path / 'a.pb'}: No such file or directory"
