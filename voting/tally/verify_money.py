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


def check_greedy(paper: Paper, trail: dict[str, Any]) -> None:
    """The order of votes and each decision down it."""
    parameters = trail["parameters"]
    scores = {name: paper.score(name) for name in paper.standing}
    value: dict[str, Any] = {}
    for name in paper.standing:
        cost = paper.costs[name]
        if cost == 0 and scores[name] > 0:
            value[name] = (1, scores[name])
        elif trail["rule"] == "greedy-per-cost" and cost:
            value[name] = (0, scores[name] / cost)
        else:
            value[name] = (0, scores[name])
    bar = parameters.get("threshold") if trail["rule"] == "greedy-threshold" else parameters.get("minimum_votes")
    left, winners, stopped = paper.budget, [], False
    order = paper.sort(paper.standing, value)
    require([step["option"] for step in trail["rounds"]] == order, "the order of votes is wrong")
    for name, step in zip(order, trail["rounds"], strict=True):
        require(Fraction(step["votes"]) == scores[name], f"{name} has {scores[name]} votes")
        cost = paper.costs[name]
        if bar is not None and scores[name] < Fraction(bar):
            decision = "below_threshold"
        elif scores[name] == 0 and not parameters["fund_zero_votes"]:
            decision = "no_votes"
        elif stopped:
            decision = "after_stop"
        elif cost <= left:
            decision, left = "selected", left - cost
        elif trail["rule"] == "poznan-80" and left >= Fraction(parameters["share"]) * cost:
            decision, left, stopped = "selected_from_reserve", Fraction(0), True
        else:
            decision, stopped = "too_dear", trail["rule"] in ("greedy-no-skip", "poznan-80")
        require(step["decision"] == decision, f"{name} is {decision}, not {step['decision']}")
        if decision.startswith("selected"):
            winners.append(name)
    require(trail["winners"] == winners, f"the winners are {winners}")


def check_equal_shares(paper: Paper, trail: dict[str, Any]) -> None:
    """Each purchase at the endowment that stands, and that the next endowment overspends."""
    parameters, facts = trail["parameters"], trail["facts"]
    uses = _uses(paper, parameters["utility"])
    bar = Fraction(parameters["minimum_votes"])
    supported = [name for name in paper.standing if any(name in use for use in uses) and paper.score(name) >= bar]
    n = len(paper.points) + (paper.blanks if parameters["blank_in_n"] else 0)
    first = paper.budget / n if n else Fraction(0)
    if parameters["integral"]:
        first = Fraction(first.numerator // first.denominator)
    endowment, step = Fraction(facts["endowment"]), Fraction(parameters["increment"])
    require(Fraction(facts["first_endowment"]) == first, f"everybody starts with {first}")
    base, _, fill = parameters["completion"].partition("+")
    if facts["stop"] == "all affordable":
        require(base != "none", "nothing is completed here")
        require(sum(paper.costs[name] for name in supported) <= paper.budget, "not everything is affordable")
        value = {n: (paper.costs[n] == 0, paper.score(n)) for n in supported}
        winners, spent = paper.sort(supported, value), sum(paper.costs[name] for name in supported)
    else:
        require(endowment == first + facts["increments"] * step, "the endowment does not fit the increments")
        winners, spent, prices = _shares(paper, uses, supported, endowment)
        told = [(entry["option"], Fraction(entry["price"])) for entry in trail["rounds"]]
        for mine, theirs in zip(zip(winners, prices, strict=True), told, strict=False):
            require(mine == theirs, f"{mine[0]} is bought at {mine[1]}, not {theirs[0]} at {theirs[1]}")
        require(len(told) == len(winners), f"{len(winners)} options are bought")
        if facts["stop"] == "overshoot" and (spent <= paper.budget or facts["increments"]):
            require(spent <= paper.budget, "more is spent than there is")
            _, beyond, _ = _shares(paper, uses, supported, endowment + step)
            require(beyond > paper.budget, "one more increment would not overspend")
        if facts["stop"] == "exhaustive":
            rest = [n for n in supported if n not in winners]
            require(all(paper.costs[name] > paper.budget - spent for name in rest), "more would fit")
    winners = list(winners)
    if fill:
        winners += _greedy(paper, [n for n in paper.standing if n not in winners], paper.budget - spent, parameters,
                           per_cost=base == "none" and parameters["utility"] == "uniform")  # fmt: skip
    if parameters["comparison"]:
        winners = _compare(paper, winners, parameters, facts)
    require(trail["winners"] == winners, f"the winners are {winners}")


def _uses(paper: Paper, utility: str) -> list[dict[str, Fraction]]:
    one = Fraction(1)
    return [
        {name: (value if utility == "points" else one) for name, value in points.items() if value > 0}
        for points in paper.points
    ]


def _shares(
    paper: Paper, uses: list[dict[str, Fraction]], supported: list[str], endowment: Fraction
) -> tuple[list[str], Fraction, list[Fraction]]:
    """One run: each time the smallest price for its utility, found by sorting the supporters."""
    balance = [endowment] * len(uses)
    people = {name: [i for i, use in enumerate(uses) if name in use] for name in supported}
    weigh = paper.parameters["utility"] == "cost"
    winners: list[str] = []
    prices: list[Fraction] = []
    left = list(supported)
    while left:
        offers: dict[str, tuple[Fraction, Fraction]] = {}
        for name in left:
            price = _price(name, people[name], uses, balance, paper.costs[name])
            if price is not None:
                scale = paper.costs[name] if weigh and paper.costs[name] else Fraction(1)
                offers[name] = (price / scale, price)
        if not offers:
            break
        best = min(offer[0] for offer in offers.values())
        chosen = paper.earliest(name for name in offers if offers[name][0] == best)
        price = offers[chosen][1]
        for i in people[chosen]:
            balance[i] -= min(balance[i], price * uses[i][chosen])
        left.remove(chosen)
        winners.append(chosen)
        prices.append(price)
        require(sum(balance, start=Fraction(0)) + sum(paper.costs[n] for n in winners) == endowment * len(uses),
                f"payments for {chosen} do not add up")  # fmt: skip
    return winners, sum((paper.costs[name] for name in winners), start=Fraction(0)), prices


def _price(
    name: str, people: list[int], uses: list[dict[str, Fraction]], balance: list[Fraction], cost: Fraction
) -> Fraction | None:
    """The smallest price of one utility at which the supporters together pay the cost."""
    if cost == 0:
        return Fraction(0)
    pull: dict[Fraction, list[Fraction]] = {}
    for i in people:
        at = pull.setdefault(balance[i] / uses[i][name], [Fraction(0), Fraction(0)])
        at[0] += balance[i]
        at[1] += uses[i][name]
    poor = Fraction(0)
    rich = sum((at[1] for at in pull.values()), start=Fraction(0))
    for level in sorted(pull):
        price = (cost - poor) / rich
        if price <= level:
            return price
        poor += pull[level][0]
        rich -= pull[level][1]
    return None


def _greedy(paper: Paper, names: list[str], left: Fraction, parameters: dict[str, Any], *, per_cost: bool) -> list[str]:
    value = {}
    for name in names:
        cost, score = paper.costs[name], paper.score(name)
        value[name] = (int(cost == 0 and score > 0), score / cost if per_cost and cost else score)
    chosen = []
    for name in paper.sort(names, value):
        if (paper.score(name) > 0 or parameters["fund_zero_votes"]) and paper.costs[name] <= left:
            chosen.append(name)
            left -= paper.costs[name]
    return chosen


def _compare(paper: Paper, winners: list[str], parameters: dict[str, Any], facts: dict[str, Any]) -> list[str]:
    rival = _greedy(paper, list(paper.standing), paper.budget, parameters, per_cost=False)
    ours = theirs = 0
    for points in paper.points:
        liked = {name for name, value in points.items() if value > 0}
        a, b = len(liked & set(winners)), len(liked & set(rival))
        if parameters["comparison"] == "exclusion":
            a, b = min(a, 1), min(b, 1)
        ours, theirs = ours + (a > b), theirs + (b > a)
    told = facts["comparison"]
    require((told["prefer_equal_shares"], told["prefer_greedy"]) == (ours, theirs), f"{ours} : {theirs} prefer")
    return rival if theirs > ours else winners


def check_phragmen(paper: Paper, trail: dict[str, Any]) -> None:
    """Loads of every voter, and each purchase time."""
    load = [Fraction(0)] * len(paper.points)
    people = {name: [i for i, points in enumerate(paper.points) if points.get(name, 0) > 0] for name in paper.standing}
    open_options = [name for name in paper.standing if people[name]]
    left = paper.budget
    winners: list[str] = []
    while open_options:
        times = {
            name: (paper.costs[name] + sum(load[i] for i in people[name])) / len(people[name]) for name in open_options
        }
        best = min(times.values())
        first = [name for name in open_options if times[name] == best]
        misfits = [name for name in first if paper.costs[name] > left]
        if misfits and trail["parameters"]["variant"] == "stop":
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
        open_options.remove(chosen)
        winners.append(chosen)
        left -= paper.costs[chosen]
    require(trail["winners"] == winners, f"the winners are {winners}")
