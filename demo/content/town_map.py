# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where Riverside lies, on no real map: corners and landmarks in degrees, off the coast of nowhere."""

import random

from .town import MARKET, MEADOWS, MILLSIDE, QUAY, STATION, WEAVERS

Corner = tuple[float, float]


def _at(*corners: Corner) -> list[list[float]]:
    """From hundredths on paper, counted from the north-west, to longitude and latitude."""
    return [[round(x / 10_000, 6), round(-y / 10_000, 6)] for x, y in corners]


OUTLINES = {
    MEADOWS: _at((40, 0), (260, 10), (330, 60), (300, 150), (190, 170), (90, 140), (20, 90)),
    STATION: _at((330, 60), (480, 40), (560, 120), (540, 230), (420, 250), (360, 220), (300, 150)),
    MILLSIDE: _at((20, 90), (90, 140), (190, 170), (220, 270), (200, 380), (90, 400), (0, 330)),
    MARKET: _at((190, 170), (300, 150), (360, 220), (350, 300), (290, 340), (220, 270)),
    WEAVERS: _at((360, 220), (420, 250), (540, 230), (570, 340), (500, 420), (380, 410), (350, 300)),
    QUAY: _at((220, 270), (290, 340), (350, 300), (380, 410), (360, 480), (230, 490), (200, 380)),
}
LANDMARKS = [
    {
        "kind": "water",
        "name": "River",
        "line": _at((0, 230), (120, 260), (222, 320), (300, 330), (420, 440), (560, 470)),
    },
    {"kind": "rail", "name": "Tram line", "line": _at((560, 120), (420, 160), (330, 200), (260, 240), (120, 330))},
    {"kind": "street", "name": "Mill Street", "line": _at((60, 60), (180, 200), (300, 240), (450, 330), (520, 410))},
]


def spot_in(district: str, title: str) -> Corner | None:
    """Where in its district the thing with this title is: always the same place."""
    if district not in OUTLINES:
        return None
    corners = OUTLINES[district]
    chance = random.Random(title)  # noqa: S311 -- a place on a map
    x, y = (sum(corner[axis] for corner in corners) / len(corners) for axis in (0, 1))
    nth, along, far = chance.randrange(len(corners)), chance.random(), 0.85 * chance.random() ** 0.5
    edge = [a + along * (b - a) for a, b in zip(corners[nth - 1], corners[nth], strict=True)]
    towards = edge[0], edge[1]
    return round(x + far * (towards[0] - x), 6), round(y + far * (towards[1] - y), 6)
