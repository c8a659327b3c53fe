"""The walk-through of docs/add-a-rule.md, done step by step in a copy of the engine with exactly its text."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "add-a-rule.md"
STEP = re.compile(
    r"<!-- (create|after|replace|run)(?: ([^:\n]+?))?(?:: (\"[^\n]*\"))? -->\n```\w*\n(.*?)```", re.DOTALL
)


def steps(page: str) -> list[tuple[str, str, str, str]]:
    """What each marked block of the page asks for: the act, its file, the line before it, and the text."""
    found = [(act, file, json.loads(line) if line else "", text) for act, file, line, text in STEP.findall(page)]
    assert len(found) == page.count("<!-- "), "a mark of the page has no block"
    return found


def run(command: str, folder: Path) -> str:
    """What a command of the page says, with the Python of these tests and no other place to import from."""
    words = command.replace("python", f"'{sys.executable}'", 1)
    if "-m pytest" in command:
        words += " -p no:django -p no:cacheprovider -p no:asyncio -c /dev/null --rootdir ."
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(words, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S602 - the commands of our own page
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """The engine alone, as somebody finds it who begins."""
    shutil.copytree(
        ROOT / "voting" / "tally", tmp_path / "voting" / "tally", ignore=shutil.ignore_patterns("__pycache__")
    )
    (tmp_path / "voting" / "__init__.py").touch()
    return tmp_path


def test_every_step_of_the_page_works_as_it_says(engine: Path):
    done = 0
    for act, file, line, text in steps(PAGE.read_text()):
        if act == "create":
            path = engine / file
            path.parent.mkdir(parents=True, exist_ok=True)
            assert not path.exists()
            path.write_text(text)
        elif act in ("after", "replace"):
            path = engine / file
            before = path.read_text()
            assert before.count(line) == 1, f"{file} has not one line {line!r}"
            path.write_text(before.replace(line, line + text if act == "after" else text))
        else:
            for said in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, expected = said.partition("\n")
                told = run(command, engine)
                assert settled(told) == expected, f"the page should say of {command}:\n{settled(told)}"
                done += 1
    assert done == 5
    listed = run("python -m voting.tally rules", engine)
    assert "fewest-objections" in listed
    assert "Ballots mark what people object to; the option with fewest marks wins." in listed


def settled(told: str) -> str:
    """How long the tests took, and hashes that change with every version of the engine, are no promise of the page."""
    return re.sub(r"\b[0-9a-f]{64}\b", "...", re.sub(r" in [\d.]+s", "", told))


def test_without_its_line_the_rule_is_unknown(engine: Path):
    act, file, _, text = steps(PAGE.read_text())[0]
    assert act == "create"
    (engine / file).write_text(text)
    assert "fewest-objections" not in run("python -m voting.tally rules", engine)


def test_the_rule_of_the_page_is_not_one_of_ours():
    assert not (ROOT / "voting" / "tally" / "fewest_objections.py").exists()
