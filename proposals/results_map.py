# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where the projects of a published pot are: a pin for each, that leads to its row in the list."""

from dataclasses import dataclass, replace
from itertools import combinations
from math import cos, hypot, sin

from assemblies.town_map import TownMap

from .models import Project
from .outcomes import PotResult

RADIUS, DIAMETER, ROUNDS = 20, 42, 25
MOST_PINS = 120  # more of them cannot be told apart; then the map shows what is funded


@dataclass(frozen=True)
class Pin:
    """One project on the map."""

    place: int
    project: Project
    won: bool
    x: int
    y: int


@dataclass(frozen=True)
class ResultsMap:
    """What the map of a pot shows, and how many projects it leaves out."""

    pins: list[Pin]
    unplaced: int  # for the whole town, a whole district, or beyond the edge of the map
    left_out: int  # not funded, where there are too many


def apart(points: list[tuple[int, int]], width: int, height: int) -> list[tuple[int, int]]:
    """The same points moved a little, so that pins lie beside each other where they can."""
    places = [[float(x), float(y)] for x, y in points]
    for _round in range(ROUNDS):
        is_moved = False
        for (nth, one), (other_nth, other) in combinations(enumerate(places), 2):
            across, down = other[0] - one[0], other[1] - one[1]
            far = hypot(across, down)
            if far >= DIAMETER:
                continue
            is_moved = True
            if far < 1:  # on one point: each pair goes its own way
                turn = 2.4 * (nth + other_nth)
                across, down, far = cos(turn), sin(turn), 1.0
            push = (DIAMETER - far) / 2 / far
            for place, sign in ((one, -1), (other, 1)):
                place[0] = min(max(place[0] + sign * push * across, RADIUS), width - RADIUS)
                place[1] = min(max(place[1] + sign * push * down, RADIUS), height - RADIUS)
        if not is_moved:
            break
    return [(round(x), round(y)) for x, y in places]


def results_map(pot: PotResult, town: TownMap) -> ResultsMap:
    """The projects that have a place on this map, in the order of the list."""
    pins = []
    for line in pot.lines:
        latitude, longitude = line.project.latitude, line.project.longitude
        if latitude is None or longitude is None:
            continue
        x, y = town.on_paper(longitude, latitude)
        if town.holds(x, y):
            pins.append(Pin(line.place, line.project, line.binding.won, x, y))
    shown = pins
    if len(shown) > MOST_PINS:
        shown = [pin for pin in pins if pin.won][:MOST_PINS]
    places = apart([(pin.x, pin.y) for pin in shown], town.width, town.height)
    shown = [replace(pin, x=x, y=y) for pin, (x, y) in zip(shown, places, strict=True)]
    return ResultsMap(shown, unplaced=len(pot.lines) - len(pins), left_out=len(pins) - len(shown))
