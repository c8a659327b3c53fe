# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a town may publish beside a money rule: incompatible sets, a least number of votes, and floors for districts.

The definitions are the same for the greedy family, Equal Shares and Phragmén:

1. An option with fewer than `minimum_votes` votes (points, where ballots give points) is never funded, by no floor and
   no completion either.
2. `exclusive` lists sets of options of which at most one is funded: as soon as one is, the others of its sets are out.
   Where a rule stops at what does not fit, an option that is out stops nothing. In Equal Shares its supporters keep
   their money, and the climb of add1 also ends where all that is left is out ("complete").
3. `district_floors` guarantee a district money or a number of projects. The floors come first, in one walk from most to
   least voted (by votes for each unit of money in greedy-per-cost). A floor of money is a pot that nobody else touches:
   an option of the district that fits into what is left of the pot is funded from it. A floor of projects funds the
   district's first options that fit into the money that is in no pot, until the number is reached. What the pots still
   hold flows back, and the rule then spends all money left on all options left.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from voting.tally.errors import TallyError
from voting.tally.pb import number
from voting.tally.types import Election, Number

Sets = Sequence[Sequence[str]]
Floors = Mapping[str, Number | str | Mapping[str, Number | str]]


@dataclass(frozen=True, slots=True)
class Floor:
    """What one district is guaranteed: money, or a number of projects."""

    money: Fraction | None = None
    projects: int | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """One option funded by its district's floor, and the money that it was taken from."""

    option: int
    place: int
    left_before: Fraction
    left_after: Fraction


class Modifiers:
    """The published modifiers of one count, checked against its election."""

    def __init__(
        self,
        election: Election,
        *,
        exclusive: Sets = (),
        district_floors: Floors | None = None,
        minimum_votes: Number | None = None,
    ) -> None:
        self.election, self.minimum_votes = election, minimum_votes
        self.exclusive = _sets(election, exclusive)
        self.floors = _floors(election, district_floors or {})
        rivals: dict[int, set[int]] = {}
        for names in self.exclusive:
            together = {election.place[name] for name in names}
            for i in together:
                rivals.setdefault(i, set()).update(together - {i})
        self.rivals: Mapping[int, frozenset[int]] = {i: frozenset(others) for i, others in rivals.items()}

    def parameters(self) -> dict[str, Any]:
        """What the trail says about them, only where there are any."""
        said: dict[str, Any] = {}
        if self.exclusive:
            said["exclusive"] = self.exclusive
        if self.floors:
            said["district_floors"] = {
                name: {"projects": floor.projects} if floor.money is None else {"money": floor.money}
                for name, floor in self.floors.items()
            }
        return said

    def too_few_votes(self, i: int) -> bool:
        return self.minimum_votes is not None and self.election.scores[i] < self.minimum_votes

    def rival(self, i: int, funded: Collection[int]) -> int | None:
        """The funded option of the same set, the first in file order; None where there is none."""
        others = self.rivals.get(i)
        return min((j for j in others if j in funded), default=None) if others else None

    def grants(self, order: Sequence[int], budget: Number, *, fund_zero_votes: bool = False) -> list[Grant]:
        """What the floors fund, walking down this order of votes."""
        purse = Purse(self, budget)
        made: list[Grant] = []
        if not self.floors:
            return made
        for place, i in enumerate(order, 1):
            if self.too_few_votes(i) or (self.election.scores[i] <= 0 and not fund_zero_votes):
                continue
            room, cost = purse.room(i), self.election.costs[i]
            if room is not None and cost <= room:
                purse.pay(i)
                made.append(Grant(i, place, Fraction(room), Fraction(room - cost)))
        return made

    def account(self, grants: Sequence[Grant]) -> list[dict[str, Any]]:
        """The grants for the trail."""
        return [{"option": self.election.ids[grant.option], **self.numbers(grant)} for grant in grants]

    def numbers(self, grant: Grant) -> dict[str, Any]:
        """The numbers of the reason `selected_by_floor`."""
        district = self.election.options[grant.option].district
        floor = self.floors[district]
        guaranteed = {"projects": floor.projects} if floor.money is None else {"money": floor.money}
        return {
            "votes": self.election.scores[grant.option], "cost": self.election.costs[grant.option],
            "place": grant.place, "district": district, "guaranteed": guaranteed,
            "left_before": grant.left_before, "left_after": grant.left_after,
        }  # fmt: skip


class Purse:
    """The pots of the districts and the money that is in none, while the floors are spent."""

    def __init__(self, modifiers: Modifiers, budget: Number) -> None:
        self.modifiers = modifiers
        floors = modifiers.floors
        self.pots = {name: floor.money for name, floor in floors.items() if floor.money is not None}
        self.wanted = {name: floor.projects for name, floor in floors.items() if floor.projects is not None}
        self.common = Fraction(budget) - sum(self.pots.values(), start=Fraction(0))
        if self.common < 0:
            raise TallyError("the districts are guaranteed more money than there is")
        self.funded: set[int] = set()

    def room(self, i: int) -> Fraction | None:
        """The money that the floor of this option's district has for it; None where the floor does nothing for it."""
        district = self.modifiers.election.options[i].district
        if self.modifiers.rival(i, self.funded) is not None:
            return None
        if district in self.pots:
            return self.pots[district]
        return self.common if self.wanted.get(district, 0) > 0 else None

    def pay(self, i: int) -> None:
        election = self.modifiers.election
        district, cost = election.options[i].district, election.costs[i]
        self.funded.add(i)
        if district in self.pots:
            self.pots[district] -= cost
        else:
            self.common -= cost
            self.wanted[district] -= 1


def _sets(election: Election, given: Sets) -> list[list[str]]:
    if isinstance(given, str):
        raise TallyError("incompatible sets are a list of lists of options")
    sets = []
    for names in given:
        if isinstance(names, str) or not all(isinstance(name, str) for name in names):
            raise TallyError("incompatible sets are a list of lists of options")
        for name in names:
            if name not in election.place:
                raise TallyError(f"an incompatible set names an unknown option: {name!r}")
        if len(set(names)) != len(names) or len(names) < 2:
            raise TallyError("an incompatible set names at least two options, each of them once")
        sets.append(list(names))
    return sets


def _floors(election: Election, given: Floors) -> dict[str, Floor]:
    known = {option.district for option in election.options if option.district}
    floors = {}
    if not isinstance(given, Mapping):
        raise TallyError("district floors give each district an amount of money or a number of projects")
    for district, what in given.items():
        if district not in known:
            raise TallyError(f"a floor is set for the district {district!r}, and no option is in it")
        kind, amount = next(iter(what.items())) if isinstance(what, Mapping) and len(what) == 1 else ("money", what)
        if kind not in ("money", "projects") or isinstance(amount, Mapping | float | bool):
            raise TallyError(f"the floor of the district {district!r} is neither money nor a number of projects")
        try:
            value = Fraction(number(amount, what="a floor") if isinstance(amount, str) else amount)
        except (ValueError, TypeError):
            raise TallyError(f"the floor of the district {district!r} is not a number") from None
        if value < 0:
            raise TallyError(f"the floor of the district {district!r} is less than nothing")
        if kind == "projects" and value.denominator != 1:
            raise TallyError(f"the floor of the district {district!r} is not a whole number of projects")
        floors[district] = Floor(projects=int(value)) if kind == "projects" else Floor(money=value)
    return floors
