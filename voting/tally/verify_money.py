# SPDX-License-Identifier: AGPL-3.0-or-later
"""Slow checks of the rules that spend money and of plain majorities."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from voting.tally.verify_steps import Paper, require


def check_most(paper: Paper, trail: dict[str, Any]) -> None:
    """Sums, and that nobody outside stands above anybody elected."""
    marked = trail["rule"] in ("approval", "plurality")
    sums = {name: Fraction(paper.supporters(name)) if marked else paper.score(name) for name in paper.standing}
    check_sums(paper, trail, sums, minimum=1)


def check_sums(paper: Paper, trail: dict[str, Any], sums: dict[str, Fraction], *, minimum: int) -> None:
    for name, votes in trail["rounds"][0]["votes"].items():
        require(Fraction(votes) == sums[name], f"{name} has {sums[name]} votes, not {votes}")
    parameters = trail["parameters"]
    bar = Fraction(parameters["more_than"]) * trail["n"] if "more_than" in parameters else None
    eligible = [name for name in sums if sums[name] >= minimum and trail["n"] > 0 and (bar is None or sums[name] > bar)]
    order = paper.sort(eligible, sums)
    expected = order[: parameters["seats"]]
    if parameters["all_winners"] and expected:
        last = sums[expected[-1]]
        expected = [name for name in order if sums[name] >= last]
    require(trail["winners"] == expected, f"the winners are {expected}")


def check_majority(paper: Paper, trail: dict[str, Any]) -> None:
    """The verdict from the counts of yes, no and abstain."""
    parameters = trail["parameters"]
    yes, no = paper.supporters(parameters["yes"]), paper.supporters(parameters["no"])
    doubting = paper.supporters(parameters["reservations"]) if parameters.get("reservations") in paper.ids else 0
    yes += doubting
    abstain = paper.supporters(parameters["abstain"]) if parameters["abstain"] in paper.ids else 0
    present = parameters["present"]
    turned_out = present if present is not None else yes + no + abstain + paper.blanks
    quorum = parameters["quorum"]
    if quorum is not None and turned_out < Fraction(quorum) * parameters["members"]:
        verdict = "no_quorum"
    elif yes + no == 0:
        verdict = "no_valid_ballots"
    elif trail["rule"] == "consensus":
        verdict = "carried" if yes >= 1 and no <= parameters["objections"] else "lost"
    else:
        verdict = _majority(parameters, yes, no, present)
    require(trail["verdict"] == verdict, f"the verdict is {verdict}")
    if "reservations" in parameters:
        require(trail["facts"]["reservations"] == doubting, f"{doubting} have reservations")
    if "talk_above" in parameters:
        talk_more = abstain > Fraction(parameters["talk_above"]) * (yes + no + abstain)
        require(trail["facts"]["talk_more"] == talk_more, "the advice to go on talking is wrong")
    winner = {"carried": [parameters["yes"]], "lost": [parameters["no"]]}.get(verdict, [])
    require(trail["winners"] == winner, f"the winner is {winner}")


def _majority(parameters: dict[str, Any], yes: int, no: int, present: int | None) -> str:
    bases = {"cast": yes + no, "present": present, "members": parameters["members"]}

    def holds(share: str, operator: str, base: str) -> bool:
        needed = Fraction(share) * bases[base]
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


def rivals_of(parameters: dict[str, Any]) -> dict[str, set[str]]:
    """For each option those that are in an incompatible set with it."""
    rivals: dict[str, set[str]] = {}
    for names in parameters.get("exclusive", []):
        for name in names:
            rivals.setdefault(name, set()).update(set(names) - {name})
    return rivals


def floors(
    paper: Paper, parameters: dict[str, Any], bar: Fraction | None, *, told: Any = None, per_cost: bool = False
) -> list[str]:
    """What the districts' floors fund, from most to least voted; compared with what the trail says of it."""
    promised = parameters.get("district_floors", {})
    pots = {district: Fraction(floor["money"]) for district, floor in promised.items() if "money" in floor}
    wanted = {district: floor["projects"] for district, floor in promised.items() if "projects" in floor}
    common = paper.budget - sum(pots.values(), start=Fraction(0))
    require(common >= 0, "the districts are guaranteed more than there is")
    rivals = rivals_of(parameters)
    funded: list[str] = []
    steps: list[dict[str, Any]] = []
    order = paper.sort(paper.standing, {name: paper.merit(name, per_cost=per_cost) for name in paper.standing})
    for name in order if promised else []:
        district, cost = paper.districts[name], paper.costs[name]
        if not _wanted(paper, name, parameters, bar) or rivals.get(name, set()) & set(funded):
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


def _wanted(paper: Paper, name: str, parameters: dict[str, Any], bar: Fraction | None) -> bool:
    """Votes enough to be funded at all."""
    score = paper.score(name)
    return (bar is None or score >= bar) and (score > 0 or bool(parameters.get("fund_zero_votes")))


def check_greedy(paper: Paper, trail: dict[str, Any]) -> None:
    """The order of votes and each decision down it."""
    parameters, per_cost = trail["parameters"], trail["rule"] == "greedy-per-cost"
    told = parameters.get("threshold") if trail["rule"] == "greedy-threshold" else parameters.get("minimum_votes")
    bar = None if told is None else Fraction(told)
    granted = floors(paper, parameters, bar, told=trail["facts"].get("floors", []), per_cost=per_cost)
    value = {name: paper.merit(name, per_cost=per_cost) for name in paper.standing}
    order = [*granted, *(name for name in paper.sort(paper.standing, value) if name not in granted)]
    left = paper.budget - sum((paper.costs[name] for name in granted), start=Fraction(0))
    winners, stopped = list(granted), False
    rivals = rivals_of(parameters)
    require([step["option"] for step in trail["rounds"]] == order, "the order of votes is wrong")
    for name, step in zip(order, trail["rounds"], strict=True):
        require(Fraction(step["votes"]) == paper.score(name), f"{name} has {paper.score(name)} votes")
        cost = paper.costs[name]
        if name in granted:
            decision = "selected_by_floor"
        elif bar is not None and paper.score(name) < bar:
            decision = "below_threshold"
        elif paper.score(name) <= 0 and not parameters["fund_zero_votes"]:
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
    paper: Paper,
    winners: list[str],
    left: Fraction,
    parameters: dict[str, Any],
    bar: Fraction | None,
    *,
    per_cost: bool = False,
) -> list[str]:
    """What greedy buys besides, with the money left."""
    names = [name for name in paper.standing if name not in winners]
    rivals = rivals_of(parameters)
    chosen: list[str] = []
    for name in paper.sort(names, {name: paper.merit(name, per_cost=per_cost) for name in names}):
        out = rivals.get(name, set()) & {*winners, *chosen}
        if _wanted(paper, name, parameters, bar) and paper.costs[name] <= left and not out:
            chosen.append(name)
            left -= paper.costs[name]
    return chosen


def greedily(paper: Paper, parameters: dict[str, Any], bar: Fraction | None) -> list[str]:
    """The whole outcome of greedy."""
    granted = floors(paper, parameters, bar)
    left = paper.budget - sum((paper.costs[name] for name in granted), start=Fraction(0))
    return granted + fill(paper, granted, left, parameters, bar)


def check_phragmen(paper: Paper, trail: dict[str, Any]) -> None:
    """Loads of every voter, and each purchase time."""
    parameters = trail["parameters"]
    told = parameters["minimum_votes"]
    bar = None if told is None else Fraction(told)
    granted = floors(paper, parameters, bar, told=trail["facts"].get("floors", []))
    rivals = rivals_of(parameters)
    out = set(granted).union(*(rivals.get(name, set()) for name in granted))
    load = [Fraction(0)] * len(paper.points)
    people = {name: [i for i, points in enumerate(paper.points) if points.get(name, 0) > 0] for name in paper.standing}
    open_options = [n for n in paper.standing if people[n] and n not in out and (bar is None or paper.score(n) >= bar)]
    left = paper.budget - sum((paper.costs[name] for name in granted), start=Fraction(0))
    winners: list[str] = []
    while open_options:
        times = {
            name: (paper.costs[name] + sum(load[i] for i in people[name])) / len(people[name]) for name in open_options
        }
        best = min(times.values())
        first = [name for name in open_options if times[name] == best]
        misfits = [name for name in first if paper.costs[name] > left]
        if misfits and parameters["variant"] == "stop":
            require(trail["facts"]["stopped_at"] is not None and Fraction(trail["facts"]["stopped_at"]) == best,
                    f"the count stops at {best}")  # fmt: skip
            break
        if misfits:
            open_options = [name for name in open_options if name not in misfits]
            continue
        chosen = paper.earliest(first)
        entry = trail["rounds"][len(winners)]
        require(
            entry["option"] == chosen and Fraction(entry["time"]) == best,
            f"{chosen} is bought at {best}, not {entry['option']} at {entry['time']}",
        )
        for i in people[chosen]:
            load[i] = best
        open_options = [name for name in open_options if name != chosen and name not in rivals.get(chosen, set())]
        winners.append(chosen)
        left -= paper.costs[chosen]
    require(len(trail["rounds"]) == len(winners), f"{len(winners)} options are bought")
    require(trail["winners"] == granted + winners, f"the winners are {granted + winners}")
