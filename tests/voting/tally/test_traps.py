"""The list of traps: each has a test that is named for it, here or beside what it is about."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.voting.tally import data
from tests.voting.tally.test_files import TOWN
from tests.voting.tally.test_modifiers import run
from voting.tally import Ballot, Option, build_election, count, pb

SENTINEL = TOWN.replace("10;70", "10;999999999")


def test_every_trap_has_a_test_named_for_it() -> None:
    text = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert {int(number) for number in re.findall(r"def test_trap_(\d+)_", text)} == set(range(1, 27))


def test_trap_13_published_votes_are_not_always_the_recount() -> None:
    """Amsterdam counted a project twice that a ballot named twice; we count it once and list the repair."""
    file = pb.read(data.need_data() / "pb" / "Netherlands_Amsterdam_604.pb")
    election = file.election(lenient=True)
    published = {project.id: int(project.cell("votes")) for project in file.projects}
    counted = dict(zip(election.ids, election.supporters, strict=True))
    assert counted != published
    assert all(counted[name] <= published[name] for name in counted)
    twice = next(repair for repair in election.repairs if repair.code == "repeated_option")
    assert twice.times >= 1


def test_trap_15_a_file_with_budgets_for_categories_is_not_plain_greedy() -> None:
    file = pb.read(data.need_data() / "pb" / "Netherlands_Amsterdam_604.pb")
    assert "budget_per_category" in file.meta
    official = {project.id for project in file.projects if project.selected == "1"}
    assert set(count("greedy", file.election(lenient=True)).winners) != official


def test_trap_22_winning_votes_and_margins_elect_different_people_in_govan() -> None:
    ward = data.election("ranked/glasgow_2007_govan.blt")
    told = data.expected("ranked/glasgow_2007_govan.blt")["rules"]["schulze"]
    by_votes, by_margins = (
        count("schulze", ward, strength=strength, all_winners=True).winners for strength in ("winning-votes", "margins")
    )
    assert by_votes != by_margins
    assert (by_votes, by_margins) == (
        tuple(map(str, told["winners"])), tuple(map(str, told["winners_margins"])),
    )  # fmt: skip


def test_trap_17_a_blank_ballot_makes_every_share_smaller_and_can_cost_a_project_its_place() -> None:
    town = build_election(
        kind="approval", options=[Option("a", 50)], budget=100, ballots=[["a"], Ballot([], weight=2), []]
    )
    assert count("equal-shares", town, completion="none").winners == ("a",)
    assert count("equal-shares", town, completion="none", blank_in_n=True).winners == ()


def test_trap_6_readers_take_the_sentinel_for_withdrawn_and_the_command_takes_files_at_their_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An import flags a cost of 999999999 as withdrawn; `count` does so only with --withdrawn-by-cost."""
    path = tmp_path / "town.pb"
    path.write_text(SENTINEL)
    literal = run(capsys, str(path), "--rule", "greedy-no-skip")
    assert (literal["winners"], literal["options"]["10"]["code"]) == ([], "too_dear")
    flagged = run(capsys, str(path), "--rule", "greedy-no-skip", "--withdrawn-by-cost")
    assert (flagged["winners"], flagged["options"]["10"]["code"]) == (["2", "b"], "withdrawn")
    assert flagged["source"]["withdrawn_by_cost"] is True
    assert pb.parse(SENTINEL).election().options[0].withdrawn
