# SPDX-License-Identifier: AGPL-3.0-or-later
"""Elections of any size for the benchmark of the counting engine, the same ones on every machine.

Real elections of these sizes exist but cannot be handed on, so these are made to be as hard: costs that do not divide
each other, favourites and neighbourhoods, ballots of many lengths.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SEED = 2026
MOST_CHOICES = 12


def _generator(voters: int, options: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64([SEED, voters, options]))


def _orders(chance: np.random.Generator, voters: int, options: int, likeness: float) -> NDArray[np.int64]:
    """For each voter all options, best first; the smaller the likeness, the more voters differ."""
    favourites = likeness * np.log(1.0 / (1 + chance.permutation(options)))
    home = chance.integers(0, 8, voters)
    near = chance.integers(0, 8, options)
    orders = np.empty((voters, options), dtype=np.int64)
    for start in range(0, voters, 20_000):
        part = slice(start, min(voters, start + 20_000))
        luck = -np.log(-np.log(chance.random((part.stop - start, options))))
        orders[part] = np.argsort(-(favourites + luck + 2.0 * (home[part, None] == near)), axis=1, kind="stable")
    return orders


def _distinct(chance: np.random.Generator, distinct: int, options: int) -> list[list[int]]:
    """That many approval ballots, no two alike."""
    found: dict[tuple[int, ...], None] = {}
    while len(found) < distinct:
        orders = _orders(chance, distinct, options, 0.8)
        lengths = chance.integers(1, 1 + min(MOST_CHOICES, options), distinct)
        for row, length in zip(orders.tolist(), lengths.tolist(), strict=True):
            if len(found) < distinct:
                found.setdefault(tuple(sorted(row[:length])))
    return [list(ballot) for ballot in found]


def approval(path: Path, *, voters: int, projects: int, distinct: int, unit_cost: bool = False) -> None:
    """A `.pb` file of approval ballots, exactly `distinct` different ones; unit costs choose a tenth of the projects."""
    chance = _generator(voters, projects)
    ballots = _distinct(chance, distinct, projects)
    # few ballots are cast by many: those that come first, whatever they say
    again = (distinct * chance.random(voters - distinct) ** 4).astype(int).tolist()
    cast = [*range(distinct), *again]
    chance.shuffle(cast)
    costs = (np.exp(chance.normal(11.5, 1.0, projects)).astype(int) + 1000).tolist()
    budget = sum(costs) * 2 // 5
    if unit_cost:
        costs, budget = [1] * projects, max(1, projects // 10)
    lines = [
        "META", "key;value", "description;made by a benchmark", "country;none", "unit;none", "instance;made",
        f"num_projects;{projects}", f"num_votes;{voters}", f"budget;{budget}", "vote_type;approval", "rule;greedy",
        "PROJECTS", "project_id;cost", *(f"{number + 1};{cost}" for number, cost in enumerate(costs)),
        "VOTES", "voter_id;vote",
    ]  # fmt: skip
    written = [",".join(str(project + 1) for project in ballot) for ballot in ballots]
    lines += [f"{voter + 1};{written[ballot]}" for voter, ballot in enumerate(cast)]
    path.write_text("\n".join(lines) + "\n")


def ranked(path: Path, *, voters: int, candidates: int, seats: int = 1) -> None:
    """A `.blt` file with one line for each voter, rankings of one candidate up to all of them."""
    chance = _generator(voters, candidates)
    lengths = np.minimum(chance.geometric(0.22, voters), candidates).tolist()

    def lines() -> Iterator[str]:
        yield f"{candidates} {seats}"
        names = [f" {number}" for number in range(1, candidates + 1)]
        orders = _orders(chance, voters, candidates, 1.0)
        for start in range(0, voters, 20_000):
            part = slice(start, start + 20_000)
            for row, length in zip(orders[part].tolist(), lengths[part], strict=True):
                yield "1" + "".join([names[candidate] for candidate in row[:length]]) + " 0"
        yield "0"
        yield from (f'"Candidate {number}"' for number in range(1, candidates + 1))
        yield '"Made by a benchmark"'

    with path.open("w") as file:
        file.writelines(line + "\n" for line in lines())


def kept(folder: Path, name: str, write: Callable[[Path], None]) -> Path:
    """The file of that name in the folder, written once; half a file is never left under its name."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        beside = folder / f"unfinished-{name}"
        write(beside)
        beside.replace(path)
    return path


TOWN, CITY, COMMITTEE, NATION = (
    "approval-90000x160.pb",
    "approval-60000x80.pb",
    "committee-20000x80.pb",
    "ranked-1000000x20.blt",
)
MADE: dict[str, Callable[[Path], None]] = {
    TOWN: lambda path: approval(path, voters=90_000, projects=160, distinct=24_000),
    CITY: lambda path: approval(path, voters=60_000, projects=80, distinct=50_000),
    COMMITTEE: lambda path: approval(path, voters=20_000, projects=80, distinct=10_000, unit_cost=True),
    NATION: lambda path: ranked(path, voters=1_000_000, candidates=20, seats=4),
}


if __name__ == "__main__":  # a process of its own, whose memory is nobody's measurement
    for name in sys.argv[2:]:
        kept(Path(sys.argv[1]), name, MADE[name])
