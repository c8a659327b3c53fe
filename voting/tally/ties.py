# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every tie-break, named here and passed in: criteria applied in turn, ending with a total order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from voting.tally.errors import TallyError
from voting.tally.types import Election, Number

CRITERIA = ("min_cost", "max_votes", "max_cost", "lot", "file_order", "id_lex")
TOTAL = frozenset({"lot", "file_order", "id_lex"})
FOR_MONEY = ("min_cost", "max_votes", "lot")
FOR_RANKS = ("lot",)


def parse(text: str) -> tuple[str, ...]:
    """Read a list such as `min_cost,max_votes,lot`."""
    return check(tuple(part.strip() for part in text.split(",") if part.strip()))


def check(criteria: Sequence[str]) -> tuple[str, ...]:
    for name in criteria:
        if name not in CRITERIA:
            raise TallyError(f"unknown tie-break {name!r}; known are {', '.join(CRITERIA)}")
    listed = tuple(criteria)
    return listed if set(listed) & TOTAL else (*listed, "lot")


def lot_from_seed(ids: Iterable[str], seed: str) -> tuple[str, ...]:
    """Draw a lot that anybody can draw again: ids sorted by the SHA-256 of the seed, a line feed and the id."""
    if "\0" in seed or seed.encode("utf-8", "replace").decode() != seed:
        raise TallyError("the seed is not text")
    return tuple(sorted(ids, key=lambda name: (hashlib.sha256(f"{seed}\n{name}".encode()).digest(), name)))


class TieBreak:
    """One total order of an election's options, and a record of each time it was used.

    The earliest of a tied set is chosen: in a tie for winning it wins, in a tie for exclusion it is excluded, in a tie
    between surpluses it is transferred first.
    """

    def __init__(
        self,
        election: Election,
        criteria: Sequence[str],
        *,
        lot_order: Sequence[str] | None = None,
        seed: str | None = None,
    ) -> None:
        self.criteria = check(criteria)
        self.ids = election.ids
        if lot_order is not None:
            if sorted(lot_order) != sorted(self.ids):
                raise TallyError("the lot order must name every option exactly once")
            self.lot, self.lot_source = tuple(lot_order), "given"
        elif seed is not None:
            self.lot, self.lot_source = lot_from_seed(self.ids, seed), "seed"
        else:
            self.lot, self.lot_source = self.ids, "file order"
        self.seed = seed
        self.used: list[dict[str, Any]] = []
        in_lot = {name: position for position, name in enumerate(self.lot)}
        keys: dict[str, Callable[[int], Any]] = {
            "min_cost": lambda i: election.costs[i],
            "max_votes": lambda i: -election.supporters[i],
            "max_cost": lambda i: -election.costs[i],
            "lot": lambda i: in_lot[self.ids[i]],
            "file_order": lambda i: i,
            "id_lex": lambda i: self.ids[i],
        }
        self._keys: list[tuple[str, Callable[[int], Any]]] = [(name, keys[name]) for name in self.criteria]
        order = sorted(range(len(self.ids)), key=lambda i: tuple(key(i) for _, key in self._keys))
        self.rank = [0] * len(order)
        for position, option in enumerate(order):
            self.rank[option] = position
        level = [key for name, key in self._keys if name != "max_votes"]
        self.level_rank = [0] * len(order)
        """The order among options with equally many votes."""
        for position, option in enumerate(sorted(range(len(self.ids)), key=lambda i: tuple(key(i) for key in level))):
            self.level_rank[option] = position

    def key(self, i: int, *, votes: Number | None = None) -> tuple[Any, ...]:
        """Where the option stands in the order, or would stand with so many votes: the smallest key is the earliest."""
        return tuple(-votes if votes is not None and name == "max_votes" else key(i) for name, key in self._keys)

    def choose(self, tied: Iterable[int], *, over: str, **where: Any) -> int:
        """The earliest of the tied options; the tie is recorded."""
        among = sorted(tied, key=self.rank.__getitem__)
        if len(among) > 1:
            self.used.append({"over": over, **where, **self._account(among)})
        return among[0]

    def order(self, tied: Iterable[int], *, over: str, **where: Any) -> list[int]:
        """All tied options from first to last; the tie is recorded."""
        among = sorted(tied, key=self.rank.__getitem__)
        if len(among) > 1:
            self.used.append({"over": over, **where, **self._account(among)})
        return among

    def _account(self, among: list[int]) -> dict[str, Any]:
        settled = self.criteria[-1]
        left = among
        for name, key in self._keys:
            best = key(among[0])
            left = [i for i in left if key(i) == best]
            if len(left) == 1:
                settled = name
                break
        return {"tied": [self.ids[i] for i in among], "criterion": settled, "chosen": self.ids[among[0]]}

    def parameters(self) -> dict[str, Any]:
        """What the trail says about the order."""
        said: dict[str, Any] = {"ties": list(self.criteria)}
        if "lot" in self.criteria:
            said["lot_source"] = self.lot_source
            said["lot_order"] = list(self.lot)
            if self.seed is not None and self.lot_source == "seed":
                said["seed"] = self.seed
        return said


def money(value: Number | None) -> Number:
    """The budget of an election that must have one."""
    if value is None:
        raise TallyError("this rule needs a budget")
    return value
