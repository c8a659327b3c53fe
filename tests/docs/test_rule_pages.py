"""The committed pages about counting rules are those that the engine would write now."""

import re
import shlex
from pathlib import Path
from xml.etree import ElementTree

import pytest

from docs import rule_pages
from voting.guide import stories
from voting.guide.examples import EXAMPLES
from voting.tally import RULES
from voting.tally.command import main as tally
from voting.tally.files import read_election

ROOT = Path(__file__).resolve().parents[2]
RULES_FOLDER = ROOT / "docs" / "rules"


def test_no_page_and_no_drawing_is_out_of_date():
    assert rule_pages.stale() == [], "run make rules-docs"


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_page_for_residents_and_one_for_auditors(rule):
    assert (RULES_FOLDER / f"{rule}.md").exists()
    audit = (RULES_FOLDER / "audit" / f"{rule}.md").read_text()
    sections = re.findall(r"^## (.+)$", audit, re.MULTILINE)
    wanted = [
        "Definition",
        "Source",
        "Variants",
        "Ties",
        "Parameters",
        "In the trail",
        "Count the example again",
        "Traps",
    ]
    assert sections == wanted
    assert re.search(r"\b(1[78]\d\d|19\d\d|20\d\d)\b", audit.split("## Source")[1].split("## Variants")[0]), "no year"


def test_a_page_that_was_changed_by_hand_is_found(tmp_path, monkeypatch):
    for path, text in rule_pages.made():
        copy = tmp_path / path.relative_to(RULES_FOLDER)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text)
    monkeypatch.setattr(rule_pages, "FOLDER", tmp_path)
    assert rule_pages.stale() == []
    page = tmp_path / "greedy.md"
    page.write_text(page.read_text().replace("54\u00a0€", "55\u00a0€"))
    (tmp_path / "drawings" / "irv.svg").write_text("<svg/>")
    (tmp_path / "dictatorship.md").write_text("# Dictatorship")
    assert rule_pages.stale() == ["dictatorship.md", "drawings/irv.svg", "greedy.md"]


def test_a_rule_without_an_example_or_an_auditors_page_stops_the_writing(monkeypatch, tmp_path):
    monkeypatch.setattr(rule_pages, "EXAMPLES", {})
    with pytest.raises(rule_pages.Untrue, match="no example"):
        rule_pages._resident("greedy")
    monkeypatch.setattr(rule_pages, "FOLDER", tmp_path)
    with pytest.raises(rule_pages.Untrue, match="audit/greedy"):
        rule_pages._audit("greedy")


def test_a_sentence_that_is_not_so_stops_the_writing(monkeypatch):
    monkeypatch.setattr(stories, "untrue", lambda example: ["The moon won."])
    with pytest.raises(rule_pages.Untrue, match="The moon won"):
        dict(rule_pages.made())


@pytest.mark.parametrize("rule", RULES)
def test_the_file_beside_the_page_holds_the_ballots_of_the_example(rule):
    example = EXAMPLES[rule]
    read = read_election(rule_pages._file(example.scene))
    assert read.sha256 == example.scene.election.sha256


@pytest.mark.parametrize("rule", RULES)
def test_the_commands_of_the_auditors_page_count_and_verify(rule, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    plain, as_json, verify = rule_pages.commands(rule)
    page = (RULES_FOLDER / "audit" / f"{rule}.md").read_text()
    assert f"$ {plain}\n$ {as_json}\n$ {verify}\n" in page
    assert tally(shlex.split(plain)[3:]) == 0
    capsys.readouterr()
    assert tally(shlex.split(as_json.split(" > ")[0])[3:]) == 0
    trail = tmp_path / "trail.json"
    trail.write_text(capsys.readouterr().out)
    assert tally(["verify", str(trail)]) == 0
    assert EXAMPLES[rule].outcome.sha256 in trail.read_text()


@pytest.mark.parametrize("rule", RULES)
def test_a_drawing_can_be_read_without_eyes_and_loads_nothing(rule):
    text = (RULES_FOLDER / "drawings" / f"{rule}.svg").read_text()
    svg = ElementTree.fromstring(text)  # noqa: S314 - our own file
    names = {child.tag.split("}")[1]: child.text for child in svg}
    assert svg.get("role") == "img"
    assert names["title"]
    assert all(line.text in names["desc"] for line in stories.reasons(EXAMPLES[rule]))
    assert "prefers-color-scheme:dark" in text
    assert not re.findall(r"(?:href|src)=|url\((?!#)|<script|@import", text)


def test_every_link_of_the_pages_leads_somewhere():
    for page in [*RULES_FOLDER.rglob("*.md"), ROOT / "docs" / "README.md"]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
