# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the slow checks stand on: every ballot by itself, every number a fraction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property
from typing import Any

from voting.tally.types import Election


class Failure(Exception):
    """A step of the trail that is not so."""


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Failure(otherwise)


class SlowCount:
    """Every ballot by itself, as a list of levels of ids and as points, and what follows from looking at each."""

    def __init__(self, election: Election, parameters: dict[str, Any]) -> None:
        self.parameters = parameters
        self.kind = str(election.kind)
        self.ids = [option.id for option in election.options]
        self.standing = [option.id for option in election.options if not option.withdrawn]
        self.costs = {option.id: Fraction(option.cost) for option in election.options}
        self.districts = {option.id: option.district for option in election.options}
        self.budget = Fraction(election.budget or 0)
        self.seats = election.seats
        self.blanks = election.blanks
        self.levels: list[list[list[str]]] = []
        self.points: list[dict[str, Fraction]] = []
        table = election.ballots
        for choices, beside, weight in table.rows():
            names = [self.ids[choice] for choice in choices]
            levels: list[list[str]] = []
            points: dict[str, Fraction] = {}
            for place, (name, side) in enumerate(zip(names, beside, strict=True)):
                if table.points is not None:
                    points[name] = Fraction(side, table.unit)
                    levels.append([name])
                elif self.kind == "ordinal":
                    points[name] = Fraction(len(names) - place)
                    if side:
                        levels[-1].append(name)
                    else:
                        levels.append([name])
                else:
                    points[name] = Fraction(1)
                    levels.append([name])
            self.levels += [levels] * weight
            self.points += [points] * weight

    @cached_property
    def _sums(self) -> tuple[dict[str, Fraction], dict[str, int]]:
        """Points and supporters of each option, ballot by ballot."""
        scores, people = dict.fromkeys(self.ids, Fraction(0)), dict.fromkeys(self.ids, 0)
        for points in self.points:
            for name, value in points.items():
                scores[name] += value
                people[name] += value > 0
        return scores, people

    def score(self, name: str) -> Fraction:
        return self._sums[0][name]

    def supporters(self, name: str) -> int:
        return self._sums[1][name]

    def merit(self, name: str, *, per_cost: bool = False) -> tuple[int, Fraction]:
        """What the order of votes goes by; what is free and wanted comes first."""
        score, cost = self.score(name), self.costs[name]
        return int(cost == 0 and score > 0), score / cost if per_cost and cost and score else score

    @cached_property
    def lot(self) -> list[str]:
        """The lot order of the trail, drawn again where it was drawn from a seed."""
        lot = list(self.parameters.get("lot_order", self.ids))
        require(sorted(lot) == sorted(self.ids), "the lot order does not name every option once")
        if "seed" in self.parameters:
            seed = self.parameters["seed"]
            drawn = sorted(self.ids, key=lambda name: (hashlib.sha256(f"{seed}\n{name}".encode()).digest(), name))
            require(drawn == lot, "the lot order does not follow from the seed")
        return lot

    def earliest(self, tied: Iterable[str]) -> str:
        """The first of a tied set by the trail's own list."""
        among = list(tied)
        lot = self.lot
        if len(among) == 1:
            return among[0]
        for criterion in self.parameters["ties"]:
            keys: dict[str, Any] = {}
            for name in among:
                if criterion == "min_cost":
                    keys[name] = self.costs[name]
                elif criterion == "max_cost":
                    keys[name] = -self.costs[name]
                elif criterion == "max_votes":
                    keys[name] = -self.supporters(name)
                elif criterion == "lot":
                    keys[name] = lot.index(name)
                elif criterion == "file_order":
                    keys[name] = self.ids.index(name)
                else:
                    keys[name] = name
            best = min(keys.values())
            among = [name for name in among if keys[name] == best]
            if len(among) == 1:
                break
        return among[0]

    def sort(self, names: Iterable[str], value: dict[str, Any]) -> list[str]:
        """From the highest value down, ties by the list."""
        order: list[str] = []
        left = list(names)
        while left:
            best = max(value[name] for name in left)
            first = self.earliest(name for name in left if value[name] == best)
            order.append(first)
            left.remove(first)
        return order

    def strict_rankings(self, overvote: str) -> list[list[str]]:
        """Each ballot as a plain list, an equal rank ending it (exhaust) or passed over (skip)."""
        rankings = []
        for levels in self.levels:
            ranking: list[str] = []
            for level in levels:
                left = [name for name in level if name in self.standing]
                if len(left) == 1:
                    ranking.append(left[0])
                elif len(left) > 1 and overvote == "exhaust":
                    break
            if ranking:
                rankings.append(ranking)
        return rankings
