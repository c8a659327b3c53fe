"""Every listed command on real elections, the official winners, and stages and rounds to the last digit."""

from __future__ import annotations

import contextlib
import io
import json
from collections import defaultdict
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from tests.voting.tally import data
from voting.tally import command, count, files, pb

OFFICIAL = ["Poland_Wieliczka_2023_Green_Budget", "Poland_Swiecie_2023", "Netherlands_Assen_2024"]


def rows_by_file() -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in data.cases():
        grouped[row["file"]].append(row)
    return grouped or {"absent": []}


HEAVY = (
    "pb/Hungary_Budapest_2023_VIII_Jozsefvaros.pb",
    "pb/France_Toulouse_2022.pb",
    "pb/Poland_Warszawa_2023_Ursynow.pb",
)
HEAVIEST = HEAVY[:2]


def takes_long(row: dict[str, Any]) -> bool:
    """Thousands of increments: everyday runs try add1 by cost in Ursynow, and all else of them in smaller elections."""
    climbs = row["file"] in HEAVY and "add1" in " ".join(row["args"])
    return climbs and (row["file"] in HEAVIEST or row["expected"] != "rules.mes_cost_add1")


def run_row(row: dict[str, Any]) -> None:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert command.main(["count", str(data.need_data() / row["file"]), *row["args"]]) == 0, row
    winners = json.loads(out.getvalue())["winners"]
    if row["ordered"]:
        assert winners == row["winners"], row
    else:
        assert sorted(winners) == sorted(row["winners"]), row


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One file's rows share what reading it gave; the command reads it for the first of them."""
    monkeypatch.setattr(files, "read_election", cache(files.read_election))


@pytest.mark.usefixtures("read_once")
@pytest.mark.parametrize("name", sorted(rows_by_file()))
def test_every_listed_command_elects_the_listed_winners(name: str) -> None:
    data.need_data()
    for row in rows_by_file()[name]:
        if not takes_long(row):
            run_row(row)


@pytest.mark.faults
@pytest.mark.parametrize("name", HEAVY)
def test_every_long_listed_command_elects_the_listed_winners(name: str) -> None:
    data.need_data()
    for row in rows_by_file()[name]:
        if takes_long(row):
            run_row(row)


@pytest.mark.parametrize("name", OFFICIAL)
def test_equal_shares_with_add1_declares_the_official_winners(name: str) -> None:
    file = pb.read(data.need_data() / "pb" / f"{name}.pb")
    official = {project.id for project in file.projects if project.selected == "1"}
    assert set(count("equal-shares", file.election()).winners) == official


def test_trap_1_add1e_would_have_declared_other_winners_in_wieliczka() -> None:
    town = data.election("pb/Poland_Wieliczka_2023_Green_Budget.pb", lenient=False)
    add1, add1e = (count("equal-shares", town, completion=completion) for completion in ("add1", "add1e"))
    assert (len(add1.winners), add1.total_cost) == (30, 995_079)
    assert (len(add1e.winners), add1e.total_cost) == (31, 984_579)
    assert add1.facts["stop"] == "overshoot"
    assert add1e.facts["stop"] == "exhaustive"


def test_trap_2_spending_falls_as_the_endowment_grows_so_no_step_is_left_out() -> None:
    town = data.election("pb/Poland_Wieliczka_2023_Green_Budget.pb", lenient=False)
    tried = {entry["k"]: entry["selected"] for entry in count("equal-shares", town).facts["tried"]}
    sizes = [tried[k] for k in sorted(tried) if k <= 164]
    assert any(later < earlier for earlier, later in pairwise(sizes))


def test_trap_3_a_hundred_thousand_increments_take_a_few_runs() -> None:
    town = data.election("pb/Hungary_Veszprem_2025.pb")
    facts = count("equal-shares", town, ties=["id_lex"]).facts
    assert facts["increments"] == 113_666 - 1 or facts["increments"] > 100_000
    assert len(facts["tried"]) < 200


def test_trap_10_special_selected_values_are_not_yes_or_no() -> None:
    file = pb.read(data.need_data() / "pb" / "Poland_Poznan_2025_9_-_Stare_Miasto__large.pb")
    assert "3" in {project.selected for project in file.projects}


def test_trap_12_the_comparison_step_counts_voters_with_nothing_on_one_side() -> None:
    town = data.election("pb/Poland_Wieliczka_2023_Green_Budget.pb", lenient=False)
    outcome = count("equal-shares", town, comparison="satisfaction")
    compared = outcome.facts["comparison"]
    assert (compared["prefer_equal_shares"], compared["prefer_greedy"], compared["kept"]) == (1615, 873, "equal-shares")
    excluded = count("equal-shares", town, comparison="exclusion").facts["comparison"]
    assert (excluded["prefer_equal_shares"], excluded["prefer_greedy"]) == (986, 338)


@pytest.mark.parametrize("name", data.names("pb"))
def test_supporters_and_scores_are_those_of_the_file(name: str) -> None:
    town, told = data.election(f"pb/{name}"), data.expected(f"pb/{name}")
    assert dict(zip(town.ids, town.supporters, strict=True)) == told["supporters"]
    if "scores" in told:
        assert {i: str(x) for i, x in zip(town.ids, town.scores, strict=True)} == told["scores"]
    assert town.voters(blank_in_n=True) == told["num_votes"]
    assert len(town.ballots) + (1 if town.blanks else 0) == told["distinct_ballots"]


@pytest.mark.parametrize("name", data.names("ranked"))
def test_instant_runoff_rounds_are_right_to_the_last_vote(name: str) -> None:
    told, ward = data.expected(f"ranked/{name}"), data.election(f"ranked/{name}")
    outcome = count("irv", ward, ties=["file_order"], run_to_two=True)
    rounds = told["rules"]["irv"]["rounds"]
    assert [[r["votes"].get(str(i + 1), 0) for i in range(told["m"])] for r in outcome.rounds] == [
        r["votes"] for r in rounds
    ]
    assert [r["exhausted"] for r in outcome.rounds] == [r["exhausted"] for r in rounds]
    assert [int(r["eliminated"]) for r in outcome.rounds if r["eliminated"]] == told["rules"]["irv"]["eliminated"]
    if "rules_overvote_skip" in told:
        skipped = count("irv", ward, ties=["file_order"], overvote="skip")
        assert skipped.winners == (str(told["rules_overvote_skip"]["irv_winner"]),)
        first = [skipped.rounds[0]["votes"].get(str(i + 1), 0) for i in range(told["m"])]
        assert first == told["rules_overvote_skip"]["irv_first_round"]


@pytest.mark.parametrize("name", data.names("ranked"))
def test_scottish_stages_are_right_to_five_decimals(name: str) -> None:
    told = data.expected(f"ranked/{name}")
    stv = told["rules"]["stv_scottish"]
    ward = replace(data.election(f"ranked/{name}"), seats=stv["seats"])
    outcome = count("stv-scottish", ward, ties=["file_order"])
    assert outcome.facts["quota"] == stv["quota"]
    assert [
        (
            r["action"],
            r["option"] and int(r["option"]),
            [r["votes"].get(str(i + 1), "0.00000") for i in range(told["m"])],
        )
        for r in outcome.rounds
    ] == [(s["action"], s["candidate"], s["votes"]) for s in stv["stages"]]


@pytest.mark.parametrize("name", data.names("ranked"))
def test_meek_elects_and_defeats_in_the_reference_order(name: str) -> None:
    meek = data.expected(f"ranked/{name}")["rules"]["stv_meek_prf"]
    outcome = count("stv-meek", replace(data.election(f"ranked/{name}"), seats=meek["seats"]), ties=["file_order"])
    assert outcome.facts["iterations"] == meek["iterations"]
    told = [(step["action"], str(step["candidate"])) for step in meek["order"]]
    assert [(r["action"], r["option"]) for r in outcome.rounds] == told
    assert sorted(int(name) for name in outcome.winners) == meek["elected"]


@pytest.mark.parametrize("name", data.names("ranked"))
def test_pairs_and_borda_scores_are_exact(name: str) -> None:
    told, ward = data.expected(f"ranked/{name}"), data.election(f"ranked/{name}")
    outcome = count("schulze", ward, ties=["file_order"])
    for a, row in outcome.rounds[0]["above"].items():
        for b, votes in row.items():
            assert votes == told["rules"]["schulze"]["pairwise"][int(a) - 1][int(b) - 1]
    winner = told["rules"]["schulze"]["condorcet_winner"]
    assert outcome.facts["condorcet_winner"] == (None if winner is None else str(winner))
    assert count("condorcet", ward).winners == (() if winner is None else (str(winner),))
    for variant in ("averaged", "ranked-only"):
        sums = count("borda", ward, variant=variant, ties=["file_order"]).rounds[0]["votes"]
        assert {i: str(x) for i, x in sums.items()} == {
            i: str(x) for i, x in told["rules"]["borda"][variant.replace("-", "_")].items()
        }
