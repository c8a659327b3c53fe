"""The command: a contract for auditors."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.voting.tally.test_files import TOWN, WARD
from voting.tally import RULES, command


@pytest.fixture
def town(tmp_path: Path) -> Path:
    path = tmp_path / "town.pb"
    path.write_text(TOWN)
    return path


def test_it_runs_as_a_module(town: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "voting.tally", "count", str(town), "--rule", "greedy", "--format", "json"],
        capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["winners"] == ["10", "b"]


def test_text_is_a_table(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["count", str(town), "--rule", "equal-shares", "--completion", "none+u"]) == 0
    shown = capsys.readouterr().out
    assert "equal-shares: 4 ballots, 0 blank" in shown
    assert "Park" in shown
    assert "ties by min_cost, max_votes, lot" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["count", "no-such-file.pb", "--rule", "greedy"],
        ["count", "TOWN", "--rule", "gredy"],
        ["count", "TOWN", "--rule", "irv"],
        ["count", "TOWN", "--rule", "greedy", "--ties", "coin"],
        ["count", "TOWN", "--rule", "greedy", "--no-such-option"],
        ["count", "TOWN", "--rule", "greedy-threshold", "--threshold", "many"],
        ["count", "TOWN", "--rule", "greedy", "--seats", "0"],
        ["count", "TOWN", "--rule", "greedy", "--lot-order", "no-such-file"],
        ["explain", "TOWN", "--rule", "greedy", "--option", "x"],
        ["convert", "TOWN", "town.blt"],
        ["verify", "TOWN"],
        [],
    ],
)
def test_unusable_input_is_one_plain_line_and_exit_2(
    arguments: list[str], town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([str(town) if part == "TOWN" else part for part in arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err


def test_every_rule_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["rules", "--format", "json"]) == 0
    assert [rule["name"] for rule in json.loads(capsys.readouterr().out)] == list(RULES)
    assert command.main(["rules"]) == 0
    assert all(rule.summary for rule in RULES.values())


def test_explain_says_why_in_a_sentence(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["explain", str(town), "--rule", "greedy", "--option", "2"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(
        "2 (Well) lost: it costs 60, which was 30 more than was left. With 1 vote more it would have won."
    )


def test_convert_writes_what_it_read(town: Path, tmp_path: Path) -> None:
    ward = tmp_path / "ward.blt"
    ward.write_text(WARD)
    for ending in ("toi", "csv", "blt"):
        target = tmp_path / f"again.{ending}"
        assert command.main(["convert", str(ward), str(target)]) == 0
        back = tmp_path / f"{ending}-back.blt"
        assert command.main(["convert", str(target), str(back)]) == 0
    assert command.main(["convert", str(town), str(tmp_path / "again.pb")]) == 0


def test_a_trail_verifies_and_a_changed_one_does_not(
    town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["count", str(town), "--rule", "equal-shares", "--format", "json"]) == 0
    trail = json.loads(capsys.readouterr().out)
    path = tmp_path / "trail.json"
    path.write_text(json.dumps(trail))
    assert command.main(["verify", str(path)]) == 0
    assert "the trail holds" in capsys.readouterr().out
    trail["winners"] = ["2"]
    path.write_text(json.dumps(trail))
    assert command.main(["verify", str(path)]) == 2
    assert "hash" in capsys.readouterr().err


def test_options_that_a_rule_does_not_know_are_listed_as_ignored(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["count", str(town), "--rule", "greedy", "--strength", "margins", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["source"]["ignored"] == ["strength"]


TEXTS = ["", "0", "-1", "1e400", "NaN", "9" * 30, "9" * 5000, "1/0", "a", "=", "=5", "a=b", "a,b", "10,2;10", ";", ",",
         "a\0b", "\udcff", "٣", "0.1", "-0", "--", "north=5", "a=-1 projects", "%s", "lot,lot", "/dev/null", "FOLDER"]  # fmt: skip
OPTIONS = ["--rule", "--utility", "--completion", "--increment", "--comparison", "--threshold", "--operator", "--base",
           "--quorum", "--present", "--members", "--objections", "--ties", "--lot-order", "--seed", "--seats", "--overvote",
           "--strength", "--variant", "--min-votes", "--exclusive", "--district-floor", "--margins", "--write-ins",
           "--skips", "--format", "--option", "--ballots", "--no-such-option"]  # fmt: skip
FLAGS = ["--all-winners", "--run-to-two", "--fund-zero-votes", "--blank-in-n", "--integral", "--withdrawn-by-cost",
         "--lenient", "--strict", "--batch", "--quick"]  # fmt: skip


def hostile(chance: random.Random, folder: Path) -> list[str]:
    """A command line that nobody in their right mind would type."""
    act = chance.choice(["count"] * 6 + ["explain", "verify", "convert", "rules", "shout"])
    files = ["town.pb", "ward.blt"] * 4 + [
        "deep.json",
        "big.json",
        "binary.pb",
        "folder.pb",
        "no.pb",
        "x" * 5000 + ".pb",
    ]
    line = [act, str(folder / chance.choice(files))]
    if act in ("count", "explain"):
        line += ["--rule", chance.choice(list(RULES))]
    if act == "convert":
        line.append(str(folder / chance.choice(["out.pb", "out.blt", "out.xyz", "no/out.pb", "folder.pb", "a\0.blt"])))
    for _ in range(chance.randint(0, 3)):
        text = chance.choice(TEXTS).replace("FOLDER", str(folder))
        line += [chance.choice(OPTIONS), text] if chance.random() < 0.75 else [chance.choice(FLAGS)]
    return line


def try_lines(folder: Path, seed: int, lines: int, capsys: pytest.CaptureFixture[str]) -> set[int]:
    for name, text in (("town.pb", TOWN), ("ward.blt", WARD), ("deep.json", "[" * 100_000), ("big.json", "9" * 6000)):
        (folder / name).write_text(text)
    (folder / "binary.pb").write_bytes(b"\xff\xfe\x00")
    (folder / "folder.pb").mkdir()
    chance = random.Random(seed)
    codes = set()
    for _ in range(lines):
        line = hostile(chance, folder)
        code = command.main(line)
        said = capsys.readouterr()
        codes.add(code)
        assert (code, said.err.count("\n")) in ((0, 0), (2, 1)), line
        assert code == 0 or said.out == "", line
    return codes


def test_hostile_command_lines_get_a_result_or_one_plain_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert try_lines(tmp_path, 1, 120, capsys) == {0, 2}


@pytest.mark.faults
def test_twenty_thousand_hostile_command_lines_get_a_result_or_one_plain_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert try_lines(tmp_path, 2, 20_000, capsys) == {0, 2}


def test_an_argument_that_is_no_text_is_refused(town: Path) -> None:
    line = [
        sys.executable.encode(),
        b"-m",
        b"voting.tally",
        b"count",
        bytes(town),
        b"--rule",
        b"greedy",
        b"--seed",
        b"\xff",
    ]
    done = subprocess.run(line, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"an argument is not UTF-8 text\n")
