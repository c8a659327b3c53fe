# SPDX-License-Identifier: AGPL-3.0-or-later
"""Slow checks of the rules that spend money in an order. Equal shares has its own, in verify_shares."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from voting.tally.verify_steps import SlowCount, require


def rivals_of(parameters: dict[str, Any]) -> dict[str, set[str]]:
    """For each option those that are in an incompatible set with it."""
    rivals: dict[str, set[str]] = {}
    for names in parameters.get("exclusive", []):
        for name in names:
            rivals.setdefault(name, set()).update(set(names) - {name})
    return rivals


def floors(
    slow: SlowCount, parameters: dict[str, Any], bar: Fraction | None, *, told: Any = None, per_cost: bool = False
) -> list[str]:
    """What the districts' floors fund, from most to least voted; compared with what the trail says of it."""
    promised = parameters.get("district_floors", {})
    pots = {district: Fraction(floor["money"]) for district, floor in promised.items() if "money" in floor}
    wanted = {district: floor["projects"] for district, floor in promised.items() if "projects" in floor}
    common = slow.budget - sum(pots.values(), start=Fraction(0))
    require(common >= 0, "the districts are guaranteed more than there is")
    rivals = rivals_of(parameters)
    funded: list[str] = []
    steps: list[dict[str, Any]] = []
    order = slow.sort(slow.standing, {name: slow.merit(name, per_cost=per_cost) for name in slow.standing})
    for name in order if promised else []:
        district, cost = slow.districts[name], slow.costs[name]
        if not _wanted(slow, name, parameters, bar) or rivals.get(name, set()) & set(funded):
            continue
        room = pots[district] if district in pots else common if wanted.get(district, 0) > 0 else Fraction(-1)
        if cost > room:
            continue
        funded.append(name)
        steps.append({"option": name, "left_before": room, "left_after": room - cost})
        if district in pots:
            pots[district] -= cost
        else:
            common, wanted[district] = common - cost, wanted[district] - 1
    if told is not None:
        said = [{"option": entry["option"], **{key: Fraction(entry[key]) for key in ("left_before", "left_after")}}
                for entry in told]  # fmt: skip
        require(said == steps, f"the floors fund {funded}")
    return funded


def _wanted(slow: SlowCount, name: str, parameters: dict[str, Any], bar: Fraction | None) -> bool:
    """Votes enough to be funded at all."""
    score = slow.score(name)
    return (bar is None or score >= bar) and (score > 0 or bool(parameters.get("fund_zero_votes")))


def check_greedy(slow: SlowCount, trail: dict[str, Any]) -> None:
    """The order of votes and each decision down it."""
    parameters, per_cost = trail["parameters"], trail["rule"] == "greedy-per-cost"
    told = parameters.get("threshold") if trail["rule"] == "greedy-threshold" else parameters.get("minimum_votes")
    bar = None if told is None else Fraction(told)
    granted = floors(slow, parameters, bar, told=trail["facts"].get("floors", []), per_cost=per_cost)
    value = {name: slow.merit(name, per_cost=per_cost) for name in slow.standing}
    order = [*granted, *(name for name in slow.sort(slow.standing, value) if name not in granted)]
    left = slow.budget - sum((slow.costs[name] for name in granted), start=Fraction(0))
    winners, stopped = list(granted), False
    rivals = rivals_of(parameters)
    require([step["option"] for step in trail["rounds"]] == order, "the order of votes is wrong")
    for name, step in zip(order, trail["rounds"], strict=True):
        require(Fraction(step["votes"]) == slow.score(name), f"{name} has {slow.score(name)} votes")
        cost = slow.costs[name]
        if name in granted:
            decision = "selected_by_floor"
        elif bar is not None and slow.score(name) < bar:
            decision = "below_threshold"
        elif slow.score(name) <= 0 and not parameters["fund_zero_votes"]:
            decision = "no_votes"
        elif stopped:
            decision = "after_stop"
        elif rivals.get(name, set()) & set(winners):
            decision = "rival_funded"
        elif cost <= left:
            decision, left = "selected", left - cost
            winners.append(name)
        elif trail["rule"] == "poznan-80" and left >= Fraction(parameters["share"]) * cost:
            decision, left, stopped = "selected_from_reserve", Fraction(0), True
            winners.append(name)
        else:
            decision, stopped = "too_dear", trail["rule"] in ("greedy-no-skip", "poznan-80")
        require(step["decision"] == decision, f"{name} is {decision}, not {step['decision']}")
    require(trail["winners"] == winners, f"the winners are {winners}")


def fill(
    slow: SlowCount,
    winners: list[str],
    left: Fraction,
    parameters: dict[str, Any],
    bar: Fraction | None,
    *,
    per_cost: bool = False,
) -> list[str]:
    """What greedy buys besides, with the money left."""
    names = [name for name in slow.standing if name not in winners]
    rivals = rivals_of(parameters)
    chosen: list[str] = []
    for name in slow.sort(names, {name: slow.merit(name, per_cost=per_cost) for name in names}):
        out = rivals.get(name, set()) & {*winners, *chosen}
        if _wanted(slow, name, parameters, bar) and slow.costs[name] <= left and not out:
            chosen.append(name)
            left -= slow.costs[name]
    return chosen


def greedily(slow: SlowCount, parameters: dict[str, Any], bar: Fraction | None) -> list[str]:
    """The whole outcome of greedy."""
    granted = floors(slow, parameters, bar)
    left = slow.budget - sum((slow.costs[name] for name in granted), start=Fraction(0))
    return granted + fill(slow, granted, left, parameters, bar)


def check_phragmen(slow: SlowCount, trail: dict[str, Any]) -> None:
    """Loads of every voter, and each purchase time."""
    parameters = trail["parameters"]
    told = parameters["minimum_votes"]
    bar = None if told is None else Fraction(told)
    granted = floors(slow, parameters, bar, told=trail["facts"].get("floors", []))
    rivals = rivals_of(parameters)
    out = set(granted).union(*(rivals.get(name, set()) for name in granted))
    load = [Fraction(0)] * len(slow.points)
    people = {name: [i for i, points in enumerate(slow.points) if points.get(name, 0) > 0] for name in slow.standing}
    open_options = [n for n in slow.standing if people[n] and n not in out and (bar is None or slow.score(n) >= bar)]
    left = slow.budget - sum((slow.costs[name] for name in granted), start=Fraction(0))
    winners: list[str] = []
    while open_options:
        times = {
            name: (slow.costs[name] + sum(load[i] for i in people[name])) / len(people[name]) for name in open_options
        }
        best = min(times.values())
        first = [name for name in open_options if times[name] == best]
        misfits = [name for name in first if slow.costs[name] > left]
        if misfits and parameters["variant"] == "stop":
            require(trail["facts"]["stopped_at"] is not None and Fraction(trail["facts"]["stopped_at"]) == best,
                    f"the count stops at {best}")  # fmt: skip
            break
        if misfits:
            open_options = [name for name in open_options if name not in misfits]
            continue
        chosen = slow.earliest(first)
        entry = trail["rounds"][len(winners)]
        require(
            entry["option"] == chosen and Fraction(entry["time"]) == best,
            f"{chosen} is bought at {best}, not {entry['option']} at {entry['time']}",
        )
        for i in people[chosen]:
            load[i] = best
        open_options = [name for name in open_options if name != chosen and name not in rivals.get(chosen, set())]
        winners.append(chosen)
        left -= slow.costs[chosen]
    require(len(trail["rounds"]) == len(winners), f"{len(winners)} options are bought")
    require(trail["winners"] == granted + winners, f"the winners are {granted + winners}")
