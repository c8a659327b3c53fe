# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where the seats of the moot stand: half rings round a mound, a pure drawing without people."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, pi, sin

ROW = 24  # from one half ring to the next
INNER = 70  # radius of the first half ring
BESIDE = 16.8  # from one seat to its neighbour
MOST_DOTS = 400
GROUND = 190  # seats of the pattern on the green band

Place = tuple[int, int]


@dataclass(frozen=True)
class Seats:
    """Seats in the order in which they fill, from one side to the other by angle."""

    places: tuple[Place, ...]
    width: int
    height: int
    mound: str

    def dots(self, places: Sequence[Place]) -> str:
        """Write taken seats as one path: a line of no length with round ends is a dot."""
        return "".join(f"M{x} {y}h0" for x, y in places)

    def rings(self, places: Sequence[Place]) -> str:
        """Write empty seats as one path of small circles."""
        return "".join(f"M{x - 6} {y}a6 6 0 1 0 12 0a6 6 0 1 0-12 0" for x, y in places)


def people_per_dot(total: int) -> int:
    """Answer 1 up to 400 people, then 10, then 100: a drawing never has more than 400 dots."""
    scale = 1
    while total > MOST_DOTS * scale:
        scale *= 10
    return scale


@lru_cache(maxsize=512)
def seats(number: int) -> Seats:
    """Place this many seats on as few half rings as hold them."""
    rows = 1
    while sum(_room(row) for row in range(rows)) < number:
        rows += 1
    radius = INNER + ROW * (rows - 1)
    centre = radius + 9
    angled: list[tuple[float, Place]] = []
    for row, share in enumerate(_shares(number, rows)):
        distance = INNER + ROW * row
        for seat in range(share):
            angle = pi / 2 if share == 1 else pi * seat / (share - 1)
            place = (round(centre - distance * cos(angle)), round(centre - distance * sin(angle)))
            angled.append((round(angle, 4), place))
    angled.sort(key=lambda pair: (pair[0], pair[1]))
    if rows > 2:
        mound = f"M{centre - 52} {centre + 7}c23-15 31-39 52-39s29 24 52 39z"
    else:
        mound = f"M{centre - 36} {centre + 7}c16-10 21-27 36-27s20 17 36 27z"
    return Seats(tuple(place for _, place in angled), 2 * centre, centre + 8, mound)


def _room(row: int) -> int:
    return int(pi * (INNER + ROW * row) / BESIDE) + 1


def _shares(number: int, rows: int) -> list[int]:
    """Share seats among the half rings by their room, the largest remainders first."""
    rooms = [_room(row) for row in range(rows)]
    total = sum(rooms)
    shares = [room * number // total for room in rooms]
    by_remainder = sorted(range(rows), key=lambda row: (-(rooms[row] * number % total), row))
    for row in by_remainder[: number - sum(shares)]:
        shares[row] += 1
    return shares
