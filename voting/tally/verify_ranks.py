# SPDX-License-Identifier: AGPL-3.0-or-later
"""Slow checks of the rules that count rankings, ballot by ballot."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import Any

from voting.tally.verify_steps import SlowCount, require
from voting.tally.verify_votes import check_sums

FIVE = 10**5
NINE = 10**9


def check_irv(slow: SlowCount, trail: dict[str, Any]) -> None:
    """Every round's piles, who goes out, and where it ends."""
    parameters = trail["parameters"]
    rankings = slow.strict_rankings(parameters["overvote"])
    batch, to_two = parameters["batch"], parameters["run_to_two"]
    continuing = list(slow.standing)
    history: list[dict[str, int]] = []
    told = iter(trail["rounds"])
    awaited: list[str] = []
    winner: str | None = None
    number = 0
    while True:
        piles = dict.fromkeys(slow.standing, 0)
        exhausted = 0
        for ranking in rankings:
            top = next((name for name in ranking if name in continuing), None)
            if top is None:
                exhausted += 1
            else:
                piles[top] += 1
        over = not rankings or not continuing
        most = max(continuing, key=lambda name: piles[name], default=None)
        if not over and most is not None:
            majority = 2 * piles[most] > len(rankings) - exhausted and not to_two
            two = len(continuing) == 2 and piles[continuing[0]] != piles[continuing[1]]
            over = (len(continuing) == 1 or majority or two) and not awaited
            winner = most if over else None
        stands = most in parameters["write_ins"] and 2 * piles.get(most or "", 0) > len(rankings) - exhausted
        pile = [name for name in parameters["write_ins"] if name in continuing and not history and not stands]
        if not awaited:
            entry: dict[str, Any] = next(told, {})
            require(bool(entry), "a round is missing")
            number += 1
            require(
                entry["votes"] == piles and entry["exhausted"] == exhausted, f"round {number}: the piles are {piles}"
            )
            if over:
                require(entry["eliminated"] is None and next(told, None) is None, f"round {number} is the last")
                break
            awaited = pile or (_together(continuing, piles) if batch else [])
            listed = [entry["eliminated"], *entry.get("together_with", [])]
            if awaited:
                require(sorted(listed) == sorted(awaited), f"round {number}: {awaited} are eliminated")
        if pile:
            continuing = [name for name in continuing if name not in pile]
            history.append(piles)
            awaited = []
            continue
        tied = [name for name in continuing if piles[name] == min(piles[other] for other in continuing)]
        for earlier in reversed(history):
            fewest = min(earlier[name] for name in tied)
            tied = [name for name in tied if earlier[name] == fewest]
        out = slow.earliest(tied)
        if awaited:
            require(out in awaited, f"round {number}: {out} is eliminated first")
            awaited = [name for name in awaited if name != out]
        else:
            require(listed == [out], f"round {number}: {out} is eliminated")
        continuing.remove(out)
        history.append(piles)
    require(trail["winners"] == ([] if winner is None else [winner]), f"the winner is {winner}")


def _together(continuing: list[str], piles: dict[str, int]) -> list[str]:
    """The most options that together have fewer votes than each other one, where two others are left."""
    order = sorted(continuing, key=lambda name: piles[name])
    for size in range(len(order) - 2, 1, -1):
        if sum(piles[name] for name in order[:size]) < piles[order[size]]:
            return order[:size]
    return []


def check_scottish(slow: SlowCount, trail: dict[str, Any]) -> None:
    """Every stage, each ballot's value cut down to five decimals by itself."""
    rankings = slow.strict_rankings(trail["parameters"]["overvote"])
    value = [Fraction(1)] * len(rankings)
    holder: list[str | None] = [ranking[0] for ranking in rankings]
    quota = len(rankings) // (slow.seats + 1) + 1
    require(trail["facts"]["quota"] == quota, f"the quota is {quota}")
    continuing = list(slow.standing)
    elected: list[str] = []
    surpluses: list[str] = []
    history: list[dict[str, Fraction]] = []
    kept: dict[str, Fraction] = {}

    def settle(tied: list[str], *, highest: bool) -> str:
        for earlier in reversed(history[:-1]):
            goal = (max if highest else min)(earlier[name] for name in tied)
            alone = [name for name in tied if earlier[name] == goal]
            if len(alone) == 1:
                return alone[0]
        return slow.earliest(tied)

    def by_votes(names: list[str], piles: dict[str, Fraction]) -> list[str]:
        order, rest = [], list(names)
        while rest:
            tied = [name for name in rest if piles[name] == max(piles[other] for other in rest)]
            first = tied[0] if len(tied) == 1 else settle(tied, highest=True)
            order.append(first)
            rest.remove(first)
        return order

    def pass_on(giver: str) -> None:
        for i, ranking in enumerate(rankings):
            if holder[i] == giver:
                rest = ranking[ranking.index(giver) + 1 :]
                holder[i] = next((name for name in rest if name in continuing), None)

    for number, told in enumerate(trail["rounds"], 1):
        if number > 1:
            piles = history[-1]
            if surpluses:
                tied = [name for name in surpluses if piles[name] == max(piles[other] for other in surpluses)]
                giver = tied[0] if len(tied) == 1 else settle(tied, highest=True)
                require((told["action"], told["option"]) == ("surplus", giver), f"stage {number}: surplus of {giver}")
                surpluses.remove(giver)
                surplus = piles[giver] - quota
                for i, at in enumerate(holder):
                    if at == giver:
                        value[i] = Fraction(floor(value[i] * surplus / piles[giver] * FIVE), FIVE)
                kept[giver] = Fraction(quota)
                pass_on(giver)
            else:
                tied = [name for name in continuing if piles[name] == min(piles[other] for other in continuing)]
                out = tied[0] if len(tied) == 1 else settle(tied, highest=False)
                require((told["action"], told["option"]) == ("exclude", out), f"stage {number}: {out} is excluded")
                continuing.remove(out)
                pass_on(out)
        piles = {name: kept.get(name, Fraction(0)) for name in slow.standing}
        for i, at in enumerate(holder):
            if at is not None and at not in kept:
                piles[at] += value[i]
        require(
            {name: Fraction(votes) for name, votes in told["votes"].items()} == piles,
            f"stage {number}: the piles are { {name: str(votes) for name, votes in piles.items()} }",
        )
        history.append(piles)
        for name in by_votes([n for n in continuing if piles[n] >= quota and rankings], piles):
            if len(elected) < slow.seats:
                elected.append(name)
                continuing.remove(name)
                if piles[name] > quota:
                    surpluses.append(name)
        if len(elected) >= slow.seats or len(continuing) <= slow.seats - len(elected):
            if len(elected) < slow.seats:
                elected += by_votes(continuing, piles)
            require(number == len(trail["rounds"]), f"stage {number} is the last")
    require(trail["winners"] == elected, f"those elected are {elected}")


def check_meek(slow: SlowCount, trail: dict[str, Any]) -> None:
    """Every iteration with fractions rounded as the reference rule says."""
    rankings = slow.strict_rankings(trail["parameters"]["overvote"])
    keep = {name: Fraction(1) for name in slow.standing}
    hopeful = list(slow.standing)
    elected: list[str] = []
    lines: list[tuple[str, str]] = []
    iterations = 0

    def up(value: Fraction) -> Fraction:
        return Fraction(ceil(value * NINE), NINE)

    while len(elected) < slow.seats and len(elected) + len(hopeful) > slow.seats:
        before: Fraction | None = None
        while True:
            iterations += 1
            votes = dict.fromkeys(slow.standing, Fraction(0))
            for ranking in rankings:
                left = Fraction(1)
                for name in ranking:
                    share = up(left * keep[name])
                    votes[name] += share
                    left -= share
                    if left == 0:
                        break
            total = sum(votes.values(), start=Fraction(0))
            quota = Fraction(floor(total / (slow.seats + 1) * NINE) + 1, NINE)
            reached = [name for name in hopeful if votes[name] >= quota]
            for name in reached:
                hopeful.remove(name)
                elected.append(name)
                lines.append(("elect", name))
            surplus = max(Fraction(0), sum((votes[name] - quota for name in elected), start=Fraction(0)))
            if reached or surplus < Fraction(1, 10**6) or (before is not None and surplus >= before):
                break
            before = surplus
            for name in elected:
                keep[name] = up(up(keep[name] * quota) / votes[name])
        if not reached:
            lowest = min(votes[name] for name in hopeful)
            out = slow.earliest(name for name in hopeful if votes[name] <= lowest + surplus)
            lines.append(("defeat", out))
            hopeful.remove(out)
            keep[out] = Fraction(0)
    if len(elected) < slow.seats:
        lines += [("elect", name) for name in hopeful if iterations]
        elected += hopeful
    require([(told["action"], told["option"]) for told in trail["rounds"]] == lines, f"the steps are {lines}")
    require(trail["facts"]["iterations"] == iterations, f"there are {iterations} iterations")
    require(trail["winners"] == elected, f"those elected are {elected}")


def _levels(slow: SlowCount, overvote: str) -> list[dict[str, int]]:
    """For each ballot that counts the level of each option that it ranks."""
    if overvote != "tie":
        return [{name: place for place, name in enumerate(r)} for r in slow.strict_rankings(overvote)]
    found = []
    for levels in slow.levels:
        table = {name: place for place, level in enumerate(levels) for name in level if name in slow.standing}
        if table:
            found.append(table)
    return found


def check_borda(slow: SlowCount, trail: dict[str, Any]) -> None:
    """Points ballot by ballot."""
    variant = trail["parameters"]["variant"]
    sums = dict.fromkeys(slow.standing, Fraction(0))
    for table in _levels(slow, trail["facts"]["overvote"]):
        places = [table.get(name, len(slow.ids)) for name in slow.standing]
        for name in slow.standing:
            mine = table.get(name, len(slow.ids))
            if variant == "averaged":
                below = sum(1 for place in places if place > mine)
                level = sum(1 for place in places if place == mine) - 1
                sums[name] += below + Fraction(level, 2)
            elif name in table:
                sums[name] += (len(slow.standing) - 1 if variant == "ranked-only" else len(table)) - mine
    check_sums(slow, trail, sums, minimum=0)


def check_schulze(slow: SlowCount, trail: dict[str, Any]) -> None:
    """The matrix of pairs, and the strongest paths by trying every strength."""
    tables = _levels(slow, trail["parameters"]["overvote"])
    last = len(slow.ids)
    above = {
        a: {b: sum(1 for t in tables if t.get(a, last) < t.get(b, last)) for b in slow.standing if b != a}
        for a in slow.standing
    }
    require(trail["rounds"][0]["above"] == above, "the matrix of pairs is wrong")
    names = slow.standing if tables else []
    winner = next((a for a in names if all(above[a][b] > above[b][a] for b in names if b != a)), None)
    require(trail["facts"]["condorcet_winner"] == winner, f"the Condorcet winner is {winner}")
    if trail["rule"] == "condorcet":
        require(trail["winners"] == ([] if winner is None else [winner]), f"the winner is {winner}")
        return
    margins = trail["parameters"]["strength"] == "margins"
    strength = {
        (a, b): (above[a][b] - above[b][a] if margins else above[a][b])
        for a in names for b in names if a != b and above[a][b] > above[b][a]
    }  # fmt: skip
    path: dict[tuple[str, str], int] = {(a, b): 0 for a in names for b in names if a != b}
    for level in sorted(set(strength.values())):
        for a in names:
            reached, waiting = {a}, [a]
            while waiting:
                at = waiting.pop()
                for b in names:
                    if b not in reached and strength.get((at, b), 0) >= level:
                        reached.add(b)
                        waiting.append(b)
            for b in reached - {a}:
                path[a, b] = level
    best = [a for a in names if all(path[a, b] >= path[b, a] for b in names if b != a)]
    require(trail["facts"]["winning_set"] == best, f"the winning set is {best}")
    expected = best if trail["parameters"]["all_winners"] or len(best) < 2 else [slow.earliest(best)]
    require(trail["winners"] == expected, f"the winners are {expected}")
