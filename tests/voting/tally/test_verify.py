"""A trail that was changed in any place does not verify, and no trail makes the check stumble."""

from __future__ import annotations

import copy
import hashlib
import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.voting.tally import data
from tests.voting.tally.test_files import TOWN as FILE
from voting.tally import (
    RULES,
    Ballot,
    Election,
    Option,
    TallyError,
    build_election,
    command,
    count,
    verify,
    verify_shares,
)
from voting.tally.types import canonical_json
from voting.tally.verify_steps import SlowCount

TOWN = build_election(
    kind="approval", budget=100, blanks=1,
    options=[
        Option("park", 70, "Park", district="n"), Option("well", 60, "Well", district="s"),
        Option("bench", 30, district="s"), Option("gone", 5, withdrawn=True), Option("free", 0), Option("nobody", 3),
    ],
    ballots=[["park", "well"], ["park"], ["bench"], ["well", "park", "free"], ["bench", "well"], ["gone", "bench"]],
)  # fmt: skip
POINTS = build_election(
    kind="cumulative", options=[Option("a", 40), Option("b", 50), Option("c", 30)], budget=90,
    ballots=[{"a": 3, "b": 1}, {"b": 2}, {"c": 4, "a": 1}, {"b": 1, "c": 1}],
)  # fmt: skip
WARD = build_election(
    kind="ordinal", options=[Option(x) for x in "ABCDE"], seats=2, blanks=2,
    ballots=[Ballot("ABC", weight=5), Ballot("BCA", weight=4), Ballot("CDB", weight=3), Ballot([("D", "E"), "C"], weight=2),
             Ballot("E", weight=2), Ballot("ED", weight=1)],
)  # fmt: skip
MOTION = build_election(
    kind="choose-1", options=[Option("yes"), Option("no"), Option("abstain")], ballots=["yes"] * 5 + ["no"] * 3 + ["abstain"]
)  # fmt: skip
MODIFIED = {"exclusive": [["park", "bench"]], "district_floors": {"s": {"projects": 1}}, "minimum_votes": 1}
COUNTS: list[tuple[Election, str, dict[str, Any]]] = [
    *((TOWN, rule, {"seed": "a seed"}) for rule in ("greedy", "greedy-no-skip", "greedy-per-cost", "poznan-80")),
    (TOWN, "greedy-threshold", {"threshold": 2}),
    (TOWN, "greedy", MODIFIED),
    (TOWN, "phragmen", MODIFIED),
    (TOWN, "phragmen", {}),
    (TOWN, "equal-shares", {}),
    (TOWN, "equal-shares", {"completion": "add1e+u", "comparison": "satisfaction"}),
    (TOWN, "equal-shares", {"completion": "none+u", "utility": "uniform", "blank_in_n": True}),
    (TOWN, "equal-shares", {"completion": "add1+u", **MODIFIED}),
    (TOWN, "approval", {"ties": ["id_lex"]}),
    (POINTS, "equal-shares", {"utility": "points"}),
    (POINTS, "points", {}),
    (POINTS, "score", {}),
    *((WARD, rule, {}) for rule in ("irv", "stv-scottish", "stv-meek", "borda", "schulze", "condorcet")),
    (WARD, "irv", {"batch": True, "write_ins": ["D", "E"], "run_to_two": True}),
    (MOTION, "plurality", {"all_winners": True}),
    (MOTION, "majority", {"quorum": "1/4", "members": 20}),
    (MOTION, "consensus", {"objections": 3}),
]
COSTS, BALLOTS, TOO_HIGH = (21, 38, 44, 16, 40, 37), ("ace", "cef", "bcd", "adf", "acde", "af"), 4
"""With 4 increments it spends less than the budget again, after it overspent with fewer."""
Place = tuple[str | int, ...]


def places(value: Any, path: Place = ()) -> list[Place]:
    """Every place in a trail that holds something."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += places(inner, (*path, key))
    elif isinstance(value, list):
        for key, inner in enumerate(value):
            found += places(inner, (*path, key))
    return found


def changed(chance: random.Random, trail: dict[str, Any]) -> tuple[Place, dict[str, Any]]:
    """The trail with one value changed, taken out or added, and where."""
    other = copy.deepcopy(trail)
    path = chance.choice(places(other))
    holder: Any = other
    for step in path[:-1]:
        holder = holder[step]
    last, value = path[-1], holder[path[-1]]
    junk: list[Any] = [
        None,
        0,
        -1,
        7,
        10**30,
        1.5,
        "",
        "x",
        "1/0",
        "NaN",
        "7/3",
        [],
        {},
        True,
        [value],
        {"a": value},
        [[[]]],
    ]
    act = chance.random()
    if act < 0.15:
        del holder[last]
    elif act < 0.5 and isinstance(value, int | str) and not isinstance(value, bool):
        holder[last] = value + chance.choice([-1, 1]) if isinstance(value, int) else value + "0"
    elif act < 0.6 and isinstance(value, list) and len(value) > 1:
        holder[last] = value[::-1]
    elif act < 0.65 and isinstance(value, dict):
        value["added"] = 1
    else:
        holder[last] = chance.choice(junk)
    return path, other


def same(one: Any, other: Any) -> bool:
    """JSON's own equality: true is not 1, and 1.0 is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def sealed(trail: dict[str, Any]) -> dict[str, Any]:
    """The trail with a hash that fits, as a forger would write it."""
    body = {key: value for key, value in trail.items() if key not in ("sha256", "source")}
    return {**trail, "sha256": hashlib.sha256(canonical_json(body).encode()).hexdigest()}


def forge(seed: int, times: int) -> int:
    """Tries so many forged trails; how many were refused. What verifies must say the truth about other parameters."""
    chance = random.Random(seed)
    trails = [(election, json.loads(count(rule, election, **more).canonical())) for election, rule, more in COUNTS]
    refused = 0
    for _ in range(times):
        election, trail = chance.choice(trails)
        path, other = changed(chance, trail)
        if same(other, trail):
            continue
        with pytest.raises(TallyError):
            verify.check(election, other)
        try:
            forged = sealed(other)
        except ValueError:
            continue
        if same(forged, trail):
            continue
        try:
            verify.check(election, forged)
        except TallyError as error:
            refused += "\n" not in str(error)
        else:
            assert path[0] == "parameters", (path, trail["rule"])
    return refused


@pytest.mark.parametrize(("election", "rule", "more"), COUNTS)
def test_a_true_trail_verifies(election: Election, rule: str, more: dict[str, Any]) -> None:
    verify.check(election, json.loads(count(rule, election, **more).canonical()))


def test_every_rule_has_a_slow_check() -> None:
    assert set(verify.CHECKS) == set(RULES) == {rule for _, rule, _ in COUNTS}


def test_hundreds_of_forged_trails_are_refused() -> None:
    assert forge(3, 400) > 300


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(10))
def test_fifty_thousand_forged_trails_are_refused(seed: int) -> None:
    assert forge(seed, 5_000) > 4_000


def test_the_slow_check_alone_finds_a_wrong_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the engine wrong, its recount would agree with its own trail; the second count would not."""
    for rule, step, wrong in (
        ("greedy", ("rounds", 0, "decision"), "too_dear"),
        ("equal-shares", ("rounds", 0, "price"), "7/3"),
        ("phragmen", ("rounds", 0, "time"), "1"),
        ("greedy", ("winners", 0), "well"),
        ("equal-shares", ("winners", 0), "well"),
    ):
        trail = json.loads(count(rule, TOWN).canonical())
        holder: Any = trail
        for key in step[:-1]:
            holder = holder[key]
        holder[step[-1]] = wrong
        trail = sealed(trail)

        class Agreeing:
            def as_dict(self, trail: dict[str, Any] = trail) -> dict[str, Any]:
                return trail

        monkeypatch.setattr(verify, "count", lambda *args, agreeing=Agreeing, **more: agreeing())
        with pytest.raises(TallyError, match="the trail does not hold"):
            verify.check(TOWN, trail)


def standing_too_high() -> tuple[Election, dict[str, Any]]:
    """A trail that stands beyond the first endowment that overspends, right in all else: spending falls there again."""
    options = [Option(x, cost) for x, cost in zip("abcdef", COSTS, strict=True)]
    town = build_election(kind="approval", options=options, ballots=[list(x) for x in BALLOTS], budget=100)
    trail = json.loads(count("equal-shares", town).canonical())
    slow = SlowCount(town, trail["parameters"])
    market = verify_shares._Market(slow, trail["parameters"], Fraction(0), [])
    first = Fraction(trail["facts"]["first_endowment"])
    run = market.run(first + TOO_HIGH, None)
    assert run.spent <= 100 < market.run(first + TOO_HIGH + 1, None).spent
    assert trail["facts"]["increments"] < TOO_HIGH
    trail["facts"] |= {"increments": TOO_HIGH, "endowment": str(first + TOO_HIGH)}
    trail["rounds"] = [{"option": o, "price": str(p)} for o, p in zip(run.bought, run.prices, strict=True)]
    trail |= {"winners": run.bought, "total_cost": str(run.spent), "unspent": str(100 - run.spent)}
    return town, sealed(trail)


def test_an_earlier_increment_that_overspends_is_found_unless_the_check_is_quick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town, trail = standing_too_high()
    with pytest.raises(TallyError, match="a recount gives other facts"):
        verify.check(town, trail, quick=True)

    class Agreeing:
        def as_dict(self) -> dict[str, Any]:
            return trail

    monkeypatch.setattr(verify, "count", lambda *args, **more: Agreeing())
    assert "earlier ones were not (quick)" in verify.check(town, trail, quick=True)
    with pytest.raises(TallyError, match="overspends already"):
        verify.check(town, trail)


def test_the_slow_check_skips_only_increments_that_change_nothing() -> None:
    """A run that is watched says how far it reaches; every run in between is the same, and so is none beyond it."""
    chance = random.Random(5)
    reached = 0
    for _ in range(40):
        options = [Option(x, chance.randint(5, 60)) for x in "abcde"]
        ballots = [{x: chance.randint(1, 3) for x in "abcde" if chance.random() < 0.5} for _ in range(6)]
        town = build_election(kind="cumulative", options=options, ballots=ballots, budget=90)
        parameters = {"utility": chance.choice(["cost", "uniform", "points"]), "ties": ["id_lex"]}
        market = verify_shares._Market(SlowCount(town, parameters), parameters, Fraction(0), [])
        at = Fraction(chance.randint(1, 400), 10)
        run = market.run(at, None, watch=True)
        assert run.limit is not None
        most = run.limit or Fraction(50)
        for share in (Fraction(1, 3), Fraction(2, 3), Fraction(99, 100)):
            later = market.run(at + most * share, None)
            assert later.bought == run.bought
        reached += most > Fraction(1, 100)
    assert reached > 20


@pytest.mark.parametrize(
    "trail",
    ["[]", "{}", "3", '{"rule": 1, "options": 2}', '{"rule": "greedy", "options": {}}', "[" * 100_000, "NaN", "",
     '{"rule": "greedy", "options": {}, "source": {"file": "a\\u0000.pb"}}',
     '{"rule": "greedy", "options": {}, "source": {"file": "TOWN", "skips": "x"}}',
     '{"rule": [], "options": {}, "source": {"file": "TOWN"}}',
     '{"rule": "greedy", "options": {}, "source": {"file": "TOWN", "sha256": 3}}'],
)  # fmt: skip
def test_what_is_no_trail_is_refused_in_one_line(
    trail: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "TOWN.pb").write_text(FILE)
    path = tmp_path / "trail.json"
    path.write_text(trail.replace("TOWN", str(tmp_path / "TOWN.pb")))
    assert command.main(["verify", str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1


def test_ballots_changed_after_the_count_are_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    town, path = tmp_path / "town.pb", tmp_path / "trail.json"
    town.write_text(FILE)
    assert command.main(["count", str(town), "--rule", "greedy", "--format", "json"]) == 0
    path.write_text(capsys.readouterr().out)
    assert command.main(["verify", str(path)]) == 0
    town.write_text(FILE + "\n")
    assert command.main(["verify", str(path)]) == 2
    assert "the file is not the one that was counted" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name",
    [pytest.param("Poland_Wieliczka_2023_Green_Budget", marks=pytest.mark.faults), "Hungary_Veszprem_2025"],
)
def test_real_trails_verify_with_every_increment(name: str) -> None:
    town = data.election(f"pb/{name}.pb")
    outcome = count("equal-shares", town)
    said = verify.check(town, json.loads(outcome.canonical()))
    assert said == f"none of the {outcome.facts['increments']} increments before ends the climb"
