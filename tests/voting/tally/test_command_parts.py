"""What can be typed after the command, part by part, and what is refused."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from voting.tally import RULES, InputError, TallyError, command, files

TOWN = """META
key;value
budget;100
vote_type;approval
PROJECTS
project_id;cost;name;district
a;70;Park;n
b;60;b;s
c;30;;n
VOTES
voter_id;vote
1;a,b
2;a
3;c
4;b,a
5;
"""
WARD = '3 1\n4 1 2 0\n3 2 1 0\n2 3 2 0\n0\n"Ann"\n"Bo"\n"Cem"\n"Ward"\n'


@pytest.fixture
def town(tmp_path: Path) -> str:
    (tmp_path / "town.pb").write_text(TOWN)
    return str(tmp_path / "town.pb")


@pytest.fixture
def ward(tmp_path: Path) -> str:
    (tmp_path / "ward.blt").write_text(WARD)
    return str(tmp_path / "ward.blt")


def said(capsys: pytest.CaptureFixture[str], *line: str) -> Any:
    assert command.main(["count", *line, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *line: str) -> str:
    assert command.main(list(line)) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    return shown.err.strip()


def test_sets_and_floors_and_shares(tmp_path: Path) -> None:
    assert command._parts(" a ,, b,") == ["a", "b"]
    assert command._exclusive("a,b; ;c,d") == [["a", "b"], ["c", "d"]]
    lines = tmp_path / "lines.txt"
    lines.write_bytes(b"\xef\xbb\xbf a , b\r\n\n c,d \n")
    assert command._exclusive(str(lines)) == [["a", "b"], ["c", "d"]]
    assert command._lines(str(lines), "x") == ["a , b", "c,d"]
    assert command._floors("north = 10,5 ; ;a=b=2 projects;s=1 project") == {
        "north": {"money": Fraction(21, 2)}, "a=b": {"projects": 2}, "s": {"projects": 1},
    }  # fmt: skip
    lines.write_text("n=1\n\ns=2\n")
    assert command._floors(str(lines)) == {"n": {"money": 1}, "s": {"money": 2}}
    assert (command._fraction("2/3", "x"), command._fraction("0,5", "x"), command._fraction("7", "x")) == (
        Fraction(2, 3), Fraction(1, 2), 7,
    )  # fmt: skip
    for given, sentence in (("1/0", "x cannot be divided by nought"), ("1/2/3", "x is not a number: '1/2/3'")):
        with pytest.raises(TallyError) as refusal:
            command._fraction(given, "x")
        assert str(refusal.value) == sentence
    for given, sentence in (
        ("=5", "a floor is written as district=amount, not '=5'"),
        ("n=1; x ", "a floor is written as district=amount, not 'x'"),
        ("x" * 99 + ";=1", f"a floor is written as district=amount, not {'x' * 80!r}"),
        ("n=1;n=2", "the district 'n' has two floors"),
        ("n=x projects", "a number of projects is not a number: 'x'"),
        ("n=2 trees", "a floor is not a number: '2 trees'"),
    ):
        with pytest.raises(TallyError) as refusal:
            command._floors(given)
        assert str(refusal.value) == sentence
    with pytest.raises(TallyError, match=r"^cannot read the lot order "):
        command._lines(str(tmp_path / "no"), "lot order")
    (tmp_path / "odd").write_bytes(b"\xff")
    with pytest.raises(TallyError, match=r"^cannot read the lot order "):
        command._lines(str(tmp_path / "odd"), "lot order")


def test_a_file_of_lines_has_a_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "MOST_TEXT", 4)
    (tmp_path / "f").write_text("abcd")
    assert command._lines(str(tmp_path / "f"), "x") == ["abcd"]
    (tmp_path / "f").write_text("abcde")
    with pytest.raises(TallyError):
        command._lines(str(tmp_path / "f"), "x")


def test_what_is_typed_reaches_the_rule(town: str, ward: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(
        capsys, town, "--rule", "greedy", "--ties", "max_cost,id_lex", "--fund-zero-votes", "--blank-in-n", "--batch"
    )
    assert (told["winners"], told["n"], told["source"]["ignored"]) == (["a", "c"], 5, ["batch"])
    assert (told["parameters"]["ties"], told["parameters"]["fund_zero_votes"]) == (["max_cost", "id_lex"], True)
    assert (told["source"]["lenient"], told["source"]["withdrawn_by_cost"]) == (False, False)
    assert (told["source"]["file"], told["source"]["skips"]) == (town, None)
    told = said(capsys, town, "--rule", "equal-shares", "--increment", "1/4", "--completion", "add1e", "--lenient")
    assert (told["parameters"]["increment"], told["parameters"]["completion"]) == ("0.25", "add1e")
    assert told["source"]["lenient"] is True
    for rule, name in (("greedy", "minimum_votes"), ("greedy-threshold", "threshold")):
        for option in ("--threshold", "--min-votes"):
            assert said(capsys, town, "--rule", rule, option, "2")["parameters"][name] == 2
    assert said(capsys, town, "--rule", "greedy", "--exclusive", "a,c")["winners"] == ["a"]
    assert said(capsys, town, "--rule", "greedy", "--district-floor", "s=1 projects")["winners"] == ["b", "c"]
    told = said(capsys, ward, "--rule", "irv", "--write-ins", "3", "--seats", "2", "--skips", "1")
    assert (told["parameters"]["write_ins"], told["source"]["seats"], told["source"]["skips"]) == (["3"], 2, 1)
    assert told["source"]["ignored"] == []
    assert said(capsys, ward, "--rule", "stv-scottish", "--seats", "2")["winners"] == ["1", "2"]
    assert said(capsys, ward, "--rule", "stv-scottish")["source"]["seats"] == 1


def test_the_lot_may_be_a_file(town: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lot").write_text("c\nb\na\n")
    told = said(capsys, town, "--rule", "greedy", "--lot-order", str(tmp_path / "lot"))
    assert (told["parameters"]["lot_order"], told["parameters"]["lot_source"]) == (["c", "b", "a"], "given")
    assert said(capsys, town, "--rule", "greedy", "--seed", "x")["parameters"]["lot_source"] == "seed"


def test_what_is_refused(town: str, ward: str, capsys: pytest.CaptureFixture[str]) -> None:
    for line, sentence in (
        (("count", town, "--rule", "coin"), f"unknown rule 'coin'; known are {', '.join(RULES)}"),
        (("count", ward, "--rule", "irv", "--seats", "0"), "there must be at least one seat"),
        (("count", town, "--rule", "greedy", "--min-votes", "2", "--threshold", "2"),
         "--min-votes and --threshold say the same; give one of them"),
        (("count", ward, "--rule", "irv", "--min-votes", "2"), "rule irv cannot be counted with a least number of votes"),
        (("count", ward, "--rule", "irv", "--exclusive", "1,2"), "rule irv cannot be counted with incompatible sets"),
        (("count", ward, "--rule", "irv", "--district-floor", "n=1"), "rule irv cannot be counted with district floors"),
        (("count", town, "--rule", "greedy", "--write-ins", "a"), "rule greedy cannot be counted with write-ins"),
        (("explain", town, "--rule", "greedy", "--option", "z"), "there is no option 'z'"),
        (("convert", town, "x.blt"), ".blt files hold rankings, and town.pb holds approval ballots"),
        (("convert", ward, "x.txt"), "cannot write x.txt; known endings are .pb .blt .soi .soc .toi .toc .csv"),
        (("convert", ward, "x.abc"), "cannot write x.abc; known endings are .pb .blt .soi .soc .toi .toc .csv"),
        (("convert", ward, "/no/such/x.blt"), "cannot write /no/such/x.blt: No such file or directory"),
        (("verify", "/no/trail"), "cannot read /no/trail: No such file or directory"),
        (("verify", town), f"{town} is not a trail: it is not JSON"),
        (("count", "a\0b", "--rule", "greedy"), "an argument is not UTF-8 text"),
    ):  # fmt: skip
        assert refused(capsys, *line).endswith(sentence)


def test_why_an_option_won(town: str, capsys: pytest.CaptureFixture[str]) -> None:
    for option, called in (("a", "a (Park)"), ("b", "b"), ("c", "c")):
        assert command.main(["explain", town, "--rule", "greedy", "--option", option]) == 0
        shown = capsys.readouterr().out.splitlines()
        assert shown[0].startswith(called + " ")
        assert not shown[0].startswith(called + " (")
        assert any(line.startswith("  votes: ") for line in shown[1:])
    assert command.main(["explain", town, "--rule", "greedy", "--option", "a", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["option"], told["code"], told["numbers"]["votes"]) == ("a", "selected", 3)


def test_the_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    width = max(map(len, RULES))
    assert [line[: width + 2] for line in lines] == [f"{name:{width}}  " for name in RULES]
    assert command.main(["rules", "--format", "json"]) == 0
    told = {rule["name"]: rule for rule in json.loads(capsys.readouterr().out)}
    assert list(told) == list(RULES)
    assert told["greedy"]["needs_budget"] is True
    assert told["irv"]["kinds"] == sorted(RULES["irv"].kinds)
    assert set(told["greedy"]["parameters"]) == set(RULES["greedy"].parameters)


def test_the_arguments_are_those_of_the_process_and_any_text(
    town: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["voting.tally", "rules"])
    assert command.main() == 0
    assert "greedy" in capsys.readouterr().out
    assert said(capsys, town, "--rule", "greedy", "--seed", "größer")["parameters"]["seed"] == "größer"
    assert refused(capsys, "count", town, "--rule", "greedy", "--seed", "\udcff").endswith(
        "an argument is not UTF-8 text"
    )


def test_a_file_too_large_for_memory_is_refused(
    town: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def hungry(*args: Any, **more: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(
        command.files,  # type: ignore[attr-defined]
        "read_election",
        hungry,
    )
    assert refused(capsys, "count", town, "--rule", "greedy")


def test_every_form_can_be_written(town: str, ward: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for ending in ("blt", "soi", "soc", "toi", "toc", "csv", "pb"):
        target = tmp_path / f"out.{ending}"
        assert command.main(["convert", ward, str(target)]) == 0
        assert capsys.readouterr().out.strip() == ""
        again = files.read_election(target)
        assert dict(zip(again.ids, again.supporters, strict=True)) == {"1": 7, "2": 9, "3": 2}
    assert command.main(["convert", str(tmp_path / "out.soi"), str(tmp_path / "from-soi.pb")]) == 0
    assert "vote_type;ordinal" in (tmp_path / "from-soi.pb").read_text()
    assert command.main(["convert", town, str(tmp_path / "out.pb")]) == 0
    assert "a;70;Park;n" in (tmp_path / "out.pb").read_text()


def test_only_blt_tells_skipped_ranks() -> None:
    with pytest.raises(InputError, match=r"^only \.blt files tell skipped ranks$"):
        files.parse_election(b"", ending=".pb", skips=1)
    with pytest.raises(InputError, match=r"^at least one skipped rank ends a ballot$"):
        files.parse_election(b"", ending=".blt", skips=0)
    assert files.parse_election(WARD.encode(), ending=".blt", skips=1).skips == 1
    assert files.parse_election(WARD.encode(), ending=".blt", skips=2).skips == 2
    with pytest.raises(InputError, match=r"^the name of the file holds a zero byte$"):
        files.read_election("a\0.pb")


def test_how_a_file_is_read_is_asked_for_by_name(ward: str) -> None:
    with pytest.raises(TypeError):
        files.read_election(ward, True)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        files.parse_election(b"", ".blt")  # type: ignore[call-arg]
    for more, gone in (({}, True), ({"withdrawn_by_cost": False}, False)):
        town = files.parse_election(TOWN.replace("a;70", "a;999999999").encode(), ending=".pb", **more)
        assert town.options[0].withdrawn is gone
