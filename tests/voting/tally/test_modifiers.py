"""Incompatible sets, a least number of votes and district floors: worked by hand, and what must always hold."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voting.tally import data
from tests.voting.tally.elections import with_districts
from tests.voting.tally.test_properties import as_ballots, rebuilt
from voting.tally import Election, Option, TallyError, build_election, command, count, verify

RULES = ["greedy", "greedy-no-skip", "greedy-per-cost", "poznan-80", "equal-shares", "phragmen"]
COMPLETIONS = ["none", "add1", "add1e", "none+u", "add1+u", "add1e+u"]

TOWN = build_election(
    kind="approval", budget=100,
    options=[
        Option("park", 70, district="north"), Option("pool", 50, district="north"), Option("well", 40, district="south"),
        Option("bench", 20, district="south"), Option("path", 10, district="south"),
    ],
    ballots=[["park", "pool"], ["park", "pool"], ["park", "pool"], ["park", "well"], ["well", "bench"], ["path"], ["bench"]],
)  # fmt: skip
# Votes: park 4, pool 3, well 2, bench 2, path 1.


def test_of_an_incompatible_set_only_the_first_is_funded() -> None:
    """Greedy: park 70, pool too dear, well too dear, bench 20, path 10. With bench and park at odds: path, 20 left."""
    outcome = count("greedy", TOWN, exclusive=[["park", "bench"]])
    assert outcome.winners == ("park", "path")
    bench = outcome.options["bench"]
    assert (bench.code, bench.numbers["rival"]) == ("rival_funded", "park")
    # With 2 votes more it is level with the park, and cheaper.
    assert bench.margin is not None
    assert (bench.margin.votes, bench.margin.votes_exact) == (2, True)
    assert outcome.parameters["exclusive"] == [["park", "bench"]]
    assert count("greedy", TOWN).winners == ("park", "bench", "path")


def test_a_rival_that_is_out_does_not_stop_what_stops_at_the_first_misfit() -> None:
    assert count("greedy-no-skip", TOWN).winners == ("park",)
    sets = [["park", "pool"], ["park", "well"]]
    assert count("greedy-no-skip", TOWN, exclusive=sets).winners == ("park", "bench", "path")
    assert count("poznan-80", TOWN, exclusive=sets).winners == ("park", "bench", "path")


def test_what_has_too_few_votes_is_funded_by_nothing() -> None:
    floors = {"south": {"projects": 3}}
    for rule in RULES:
        outcome = count(rule, TOWN, minimum_votes=2, district_floors=floors)
        assert "path" not in outcome.winners
        assert outcome.options["path"].code == "below_threshold"
    filled = count("equal-shares", TOWN, minimum_votes=2, completion="none+u")
    assert "path" not in filled.winners
    compared = count("equal-shares", TOWN, minimum_votes=2, comparison="satisfaction")
    assert "path" not in compared.facts["comparison"]["greedy_winners"]


def test_a_floor_of_money_is_a_pot_that_nobody_else_touches() -> None:
    """The south has 45: the bench (20) fits, the well (40) does not, the path (10) does. 70 are left: the park."""
    outcome = count("greedy", TOWN, district_floors={"south": 45})
    assert outcome.winners == ("bench", "path", "park")
    about = {"district": "south", "guaranteed": {"money": 45}}
    assert outcome.facts["floors"] == [
        {"option": "bench", "votes": 2, "cost": 20, "place": 3, "left_before": 45, "left_after": 25, **about},
        {"option": "path", "votes": 1, "cost": 10, "place": 5, "left_before": 25, "left_after": 15, **about},
    ]
    assert outcome.options["bench"].code == "selected_by_floor"
    assert outcome.parameters["district_floors"] == {"south": {"money": 45}}
    assert outcome.as_dict()["parameters"]["district_floors"] == {"south": {"money": "45"}}
    more = count("greedy", TOWN, district_floors={"south": 60})
    assert more.winners == ("bench", "well", "path")
    assert more.options["park"].numbers["short_by"] == 30


def test_what_a_pot_does_not_use_flows_back() -> None:
    """A floor of 30 pays for the bench and the path; the other 70 for the park."""
    outcome = count("greedy", TOWN, district_floors={"south": 30, "north": 0})
    assert outcome.winners == ("bench", "path", "park")
    assert outcome.unspent == 0
    only = count("greedy", TOWN, district_floors={"south": 15})
    assert (only.winners, only.unspent) == (("path", "park", "bench"), 0)


def test_a_floor_of_projects_takes_the_first_that_fit_into_the_money_of_nobody() -> None:
    outcome = count("greedy", TOWN, district_floors={"south": {"projects": 2}})
    assert outcome.winners == ("bench", "well", "path")
    # North keeps 80 in its pot, so of the south only the bench fits into the 20 that are left, and nothing else does.
    both = count("greedy", TOWN, district_floors={"south": {"projects": 2}, "north": 80})
    assert both.winners == ("park", "bench", "path")


def test_equal_shares_shares_out_what_the_floors_leave() -> None:
    """The floor pays for the bench and the path. 70 are left, 10 for each; the two of the well have 20 together."""
    outcome = count("equal-shares", TOWN, completion="none", district_floors={"south": 40})
    assert outcome.winners == ("bench", "path")
    assert outcome.facts["first_endowment"] == 10
    assert outcome.options["well"].numbers["money_behind"] == 20


def test_in_equal_shares_the_supporters_of_what_is_out_keep_their_money() -> None:
    """Two voters hold 50 each. The well (60) takes 30 of each; the bench is out, so 20 of each are left for the path."""
    options = [Option("well", 60), Option("bench", 30), Option("path", 40)]
    ballots = [["well", "bench", "path"], ["well", "bench", "path"]]
    town = build_election(kind="approval", options=options, budget=100, ballots=ballots)
    assert count("equal-shares", town, completion="none", ties=["max_cost"]).winners == ("well", "path")
    assert count("equal-shares", town, completion="none", ties=["min_cost"]).winners == ("bench", "path")
    out = count("equal-shares", town, completion="none", ties=["file_order"], exclusive=[["well", "path"]])
    assert out.winners == ("well", "bench")
    assert out.options["path"].numbers["rival"] == "well"


def test_the_climb_of_add1_ends_where_all_that_is_left_is_out() -> None:
    """The park or the pool, whichever comes first, and nothing else: no endowment would ever overspend."""
    options = [Option("park", 80), Option("pool", 90)]
    town = build_election(kind="approval", options=options, budget=100, ballots=[["park"], ["pool"], ["park", "pool"]])
    outcome = count("equal-shares", town, exclusive=[["park", "pool"]])
    assert outcome.winners == ("park",)
    assert outcome.facts["stop"] == "complete"
    verify.check(town, json.loads(outcome.canonical()))


def test_phragmen_no_longer_waits_for_what_is_out() -> None:
    """Path and bench at 10, pool at 50/3. The well would be next, at 25, and does not fit; the park comes at 30."""
    outcome = count("phragmen", TOWN)
    assert outcome.winners == ("path", "bench", "pool")
    assert outcome.facts["stopped_at"] == 25
    out = count("phragmen", TOWN, exclusive=[["bench", "well"]])
    assert out.winners == ("path", "bench", "pool")
    assert out.facts["stopped_at"] == 30
    assert out.options["well"].code == "rival_funded"
    assert count("phragmen", TOWN, exclusive=[["bench", "well"], ["park", "pool"]]).facts["stopped_at"] is None


@pytest.mark.parametrize(
    ("modifiers", "said"),
    [
        ({"exclusive": [["park", "moon"]]}, "an incompatible set names an unknown option: 'moon'"),
        ({"exclusive": [["park"]]}, "at least two options"),
        ({"exclusive": [["park", "park"]]}, "each of them once"),
        ({"exclusive": "park,pool"}, "a list of lists"),
        ({"exclusive": ["park", "pool"]}, "a list of lists"),
        ({"district_floors": {"west": 5}}, "no option is in it"),
        ({"district_floors": {"north": 60, "south": 41}}, "guaranteed more money than there is"),
        ({"district_floors": {"north": -1}}, "less than nothing"),
        ({"district_floors": {"north": "x"}}, "is not a number"),
        ({"district_floors": {"north": 0.5}}, "neither money nor a number"),
        ({"district_floors": {"north": {"projects": Fraction(1, 2)}}}, "not a whole number of projects"),
        ({"district_floors": {"north": {"trees": 1}}}, "neither money nor a number"),
        ({"district_floors": [["north", 5]]}, "give each district"),
    ],
)
def test_modifiers_that_make_no_sense_are_refused(modifiers: dict[str, Any], said: str) -> None:
    for rule in ("greedy", "equal-shares", "phragmen"):
        with pytest.raises(TallyError, match=said):
            count(rule, TOWN, **modifiers)


def test_no_modifiers_are_said_by_saying_nothing() -> None:
    for rule in RULES:
        plain = count(rule, TOWN).canonical()
        assert count(rule, TOWN, exclusive=[], district_floors={}).canonical() == plain


@given(with_districts(), st.sampled_from(RULES), st.sampled_from(COMPLETIONS), st.integers(0, 3))
def test_what_the_modifiers_promise_is_kept_and_verifies(town: Any, rule: str, completion: str, bar: int) -> None:
    election, modifiers = town
    more = {**modifiers, "minimum_votes": bar, **({"completion": completion} if rule == "equal-shares" else {})}
    outcome = count(rule, election, **more)
    verify.check(election, json.loads(outcome.canonical()))
    won = set(outcome.winners)
    votes = dict(zip(election.ids, election.supporters, strict=True))
    rivals: dict[str, set[str]] = {name: set() for name in election.ids}
    for names in modifiers.get("exclusive", []):
        assert len(won & set(names)) <= 1
        for name in names:
            rivals[name] |= set(names) - {name}
    assert all(votes[name] >= bar for name in won)
    costs = {option.id: option.cost for option in election.options}
    granted = [entry["option"] for entry in outcome.facts.get("floors", [])]
    for district, floor in modifiers.get("district_floors", {}).items():
        inside = [option.id for option in election.options if option.district == district]
        spent = sum(costs[name] for name in inside if name in granted)
        wanted = [n for n in inside if n not in won and votes[n] >= max(bar, 1) and not rivals[n] & won]
        if "money" in floor:
            assert spent <= floor["money"]
            assert all(costs[name] > floor["money"] - spent for name in wanted)
        else:
            assert len([name for name in inside if name in granted]) <= floor["projects"]
    assert outcome.total_cost <= (election.budget or 0) or rule == "poznan-80"


@given(with_districts(), st.sampled_from(RULES), st.integers(2, 100), st.randoms(use_true_random=False))
def test_scale_names_and_order_of_ballots_change_nothing(
    town: Any, rule: str, scale: int, chance: random.Random
) -> None:
    election, modifiers = town
    outcome = count(rule, election, ties=["file_order"], **modifiers)
    ballots = as_ballots(election, split=True)
    chance.shuffle(ballots)
    shuffled = rebuilt(election, ballots)
    assert count(rule, shuffled, ties=["file_order"], **modifiers).canonical() == outcome.canonical()
    new = {name: f"n{place}" for place, name in enumerate(election.ids)}
    options = tuple(replace(o, id=new[o.id], cost=o.cost * scale) for o in election.options)
    other = replace(rebuilt(election, as_ballots(election, ids=new), options), budget=(election.budget or 0) * scale)
    changed = {
        "exclusive": [[new[name] for name in names] for names in modifiers.get("exclusive", [])],
        "district_floors": {
            district: {"money": floor["money"] * scale} if "money" in floor else floor
            for district, floor in modifiers.get("district_floors", {}).items()
        },
    }
    more = {"increment": scale} if rule == "equal-shares" else {}
    renamed = count(rule, other, ties=["file_order"], **changed, **more)
    assert renamed.winners == tuple(new[name] for name in outcome.winners)


FILE = """META
key;value
budget;100
vote_type;approval
PROJECTS
project_id;cost;district
park;70;north
well;40;south
bench;20;south
VOTES
voter_id;vote
1;park
2;park,well
3;bench
"""


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert command.main(["count", *arguments, "--format", "json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_the_command_takes_them_inline_or_from_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    town, sets, floors = (tmp_path / name for name in ("town.pb", "sets", "floors"))
    town.write_text(FILE)
    sets.write_text("park,well\n\npark,bench\n")
    floors.write_text("south=1 project\nnorth=70\n")
    for exclusive in ("park,well;park,bench", str(sets)):
        answer = run(capsys, str(town), "--rule", "greedy", "--exclusive", exclusive)
        assert answer["winners"] == ["park"]
        assert answer["parameters"]["exclusive"] == [["park", "well"], ["park", "bench"]]
    for floor in ("south=1 project;north=70", str(floors)):
        answer = run(capsys, str(town), "--rule", "equal-shares", "--district-floor", floor, "--min-votes", "1")
        assert answer["winners"] == ["park", "bench"]
        assert answer["parameters"]["district_floors"] == {"north": {"money": "70"}, "south": {"projects": 1}}
        assert answer["parameters"]["minimum_votes"] == 1
    trail = tmp_path / "trail.json"
    trail.write_text(json.dumps(answer))
    assert command.main(["verify", str(trail)]) == 0
    capsys.readouterr()
    args = ["explain", str(town), "--rule", "greedy", "--exclusive", "park,well", "--option", "well"]
    assert command.main(args) == 0
    assert capsys.readouterr().out.startswith("well lost: park of the same set was funded before.")
    assert run(capsys, str(town), "--rule", "greedy-threshold", "--min-votes", "2")["winners"] == ["park"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rule", "approval", "--exclusive", "park,well"], "rule approval cannot be counted with incompatible sets"),
        (["--rule", "approval", "--district-floor", "north=5"], "rule approval cannot be counted with district floors"),
        (["--rule", "approval", "--min-votes", "2"], "rule approval cannot be counted with a least number of votes"),
        (["--rule", "greedy", "--write-ins", "park"], "rule greedy cannot be counted with write-ins"),
        (["--rule", "greedy", "--skips", "2"], "only .blt files tell skipped ranks"),
        (["--rule", "greedy", "--exclusive", "nofile"], "cannot read the incompatible sets nofile"),
        (["--rule", "greedy", "--exclusive", "park,moon"], "unknown option: 'moon'"),
        (["--rule", "greedy", "--district-floor", "north=5;north=6"], "has two floors"),
        (["--rule", "greedy", "--district-floor", "north=5 trees"], "a floor is not a number: '5 trees'"),
        (["--rule", "greedy", "--min-votes", "few"], "--min-votes is not a number: 'few'"),
        (["--rule", "greedy", "--min-votes", "1", "--threshold", "2"], "say the same"),
    ],
)
def test_what_a_rule_cannot_do_is_refused_with_a_sentence(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town = tmp_path / "town.pb"
    town.write_text(FILE)
    assert command.main(["count", str(town), *arguments]) == 2
    assert said in capsys.readouterr().err


def test_an_official_count_with_rivals_among_the_losers_stays_as_it_was() -> None:
    """Wesoła 2024 is called greedy-exclusive; 862 and 842 are the same playground."""
    file = data.need_data() / "pb" / "Poland_Warszawa_2024_Wesola.pb"
    town = data.election(f"pb/{file.name}")
    official = {line.split(";")[0] for line in file.read_text().splitlines() if _selected(line)}
    outcome = count("greedy", town, exclusive=[["862", "842"]])
    assert set(outcome.winners) == official
    assert outcome.options["842"].numbers["rival"] == "862"


def _selected(line: str) -> bool:
    cells = line.split(";")
    return len(cells) == 9 and cells[6] == "1"


def test_the_election_says_which_district_an_option_is_in() -> None:
    moved = replace(TOWN, options=tuple(replace(option, district="north") for option in TOWN.options))
    assert isinstance(moved, Election)
    assert moved.sha256 != TOWN.sha256
