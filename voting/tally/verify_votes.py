# SPDX-License-Identifier: AGPL-3.0-or-later
"""Slow checks of the rules that add up votes, and of majorities."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from voting.tally.verify_steps import SlowCount, require


def check_most(slow: SlowCount, trail: dict[str, Any]) -> None:
    """Sums, and that nobody outside stands above anybody elected."""
    marked = trail["rule"] in ("approval", "plurality")
    sums = {name: Fraction(slow.supporters(name)) if marked else slow.score(name) for name in slow.standing}
    check_sums(slow, trail, sums, minimum=1)


def check_sums(slow: SlowCount, trail: dict[str, Any], sums: dict[str, Fraction], *, minimum: int) -> None:
    for name, votes in trail["rounds"][0]["votes"].items():
        require(Fraction(votes) == sums[name], f"{name} has {sums[name]} votes, not {votes}")
    parameters = trail["parameters"]
    bar = Fraction(parameters["more_than"]) * trail["n"] if "more_than" in parameters else None
    eligible = [name for name in sums if sums[name] >= minimum and trail["n"] > 0 and (bar is None or sums[name] > bar)]
    order = slow.sort(eligible, sums)
    expected = order[: parameters["seats"]]
    if parameters["all_winners"] and expected:
        last = sums[expected[-1]]
        expected = [name for name in order if sums[name] >= last]
    require(trail["winners"] == expected, f"the winners are {expected}")


def check_majority(slow: SlowCount, trail: dict[str, Any]) -> None:
    """The verdict from the counts of yes, no and abstain."""
    parameters = trail["parameters"]
    yes, no = slow.supporters(parameters["yes"]), slow.supporters(parameters["no"])
    doubting = slow.supporters(parameters["reservations"]) if parameters.get("reservations") in slow.ids else 0
    yes += doubting
    abstain = slow.supporters(parameters["abstain"]) if parameters["abstain"] in slow.ids else 0
    present = parameters["present"]
    turned_out = present if present is not None else yes + no + abstain + slow.blanks
    quorum = parameters["quorum"]
    if quorum is not None and turned_out < Fraction(quorum) * parameters["members"]:
        verdict = "no_quorum"
    elif yes + no == 0:
        verdict = "no_valid_ballots"
    elif trail["rule"] == "consensus":
        verdict = "carried" if yes >= 1 and no <= parameters["objections"] else "lost"
    else:
        verdict = _majority(parameters, yes, no, abstain + slow.blanks)
    require(trail["verdict"] == verdict, f"the verdict is {verdict}")
    if "reservations" in parameters:
        require(trail["facts"]["reservations"] == doubting, f"{doubting} have reservations")
    if "talk_above" in parameters:
        talk_more = abstain > Fraction(parameters["talk_above"]) * (yes + no + abstain)
        require(trail["facts"]["talk_more"] == talk_more, "the advice to go on talking is wrong")
    winner = {"carried": [parameters["yes"]], "lost": [parameters["no"]]}.get(verdict, [])
    require(trail["winners"] == winner, f"the winner is {winner}")


def _majority(parameters: dict[str, Any], yes: int, no: int, neither: int) -> str:
    bases = {"cast": yes + no, "ballots": yes + no + neither}

    def size(base: str) -> int:
        return bases[base] if base in bases else parameters[base]

    def holds(share: str, operator: str, base: str) -> bool:
        needed = Fraction(share) * size(base)
        return yes > 0 and (yes > needed if operator == ">" else yes >= needed)

    first = holds(parameters["threshold"], parameters["operator"], parameters["base"])
    second = parameters["and_threshold"] is None or holds(
        parameters["and_threshold"], parameters["and_operator"], parameters["and_base"]
    )
    if first and second:
        return "carried"
    half = Fraction(parameters["threshold"]) == Fraction(1, 2) and parameters["operator"] == ">"
    if half and parameters["base"] == "cast" and yes == no:
        casting = parameters["casting_vote"]
        if casting is None:
            return "tie"
        return "carried" if casting == parameters["yes"] and second else "lost"
    return "lost"
