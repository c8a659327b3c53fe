# SPDX-License-Identifier: AGPL-3.0-or-later
"""Riverside, a town of our own making: what it says about itself, and the six parts that it is made of."""

from dataclasses import dataclass

ABOUT = """Riverside grew up around a weir, a weaving mill and a tram line. The mill is flats now, the trams are gone, \
and the river is clean enough to swim in again. Some 24 000 people live here, in six districts that do not always agree.

Every autumn the residents decide how a part of the town's money is spent. Anyone who lives here may put forward \
an idea, whatever passport they hold. The town checks whether it can be built and what it costs. Then everybody votes.

Four times a year the Riverside Assembly meets in the Old Tram Hall. The doors open half an hour early, there is soup, \
the hall is step-free, and there is a room with toys and two minders. Come and say what you think."""

ABOUT_HARBOUR = """Thirty-one households who own one house together: the old harbour office, with a shared kitchen, \
a workshop and more bicycles than anyone can count. Members only."""


@dataclass(frozen=True)
class Place:
    """One district: its people, and how many of a thousand ballots come from it."""

    name: str
    population: int
    ballots: int


# Millside is big and well organised, Upper Meadows is small and far out: that is where the two counting rules part.
DISTRICTS = (
    Place("Market Quarter", 3_600, 140),
    Place("Millside", 7_800, 415),
    Place("Quayside", 3_300, 115),
    Place("Station Hill", 3_400, 120),
    Place("Upper Meadows", 1_800, 80),
    Place("Weavers' Row", 4_100, 130),
)
DISTRICT_NAMES = tuple(place.name for place in DISTRICTS)
MARKET, MILLSIDE, QUAY, STATION, MEADOWS, WEAVERS = DISTRICT_NAMES
