# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which ideas and works have a picture, and what one sees on it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shown:
    """A scene of demo.pictures, in words too."""

    scene: str
    alt: str


OF_IDEAS = {
    "Shade trees on Mill Street": Shown("trees", "Drawing: four young trees in a row, each tied to a stake"),
    "Safe crossing at Weaver School": Shown("crossing", "Drawing: a zebra crossing in front of the school"),
    "Floating jetty for canoes": Shown("quay", "Drawing: a wooden jetty that leads from the quay into the river"),
    "Bus shelter with a bench at Meadow End": Shown("bus", "Drawing: the bus at Meadow End, where nobody can sit"),
    "Repair café": Shown("tools", "Drawing: tools on the wall of the workshop"),
    "Summer cinema on the car park roof": Shown("cinema", "Drawing: a large screen at night, with rows of people"),
    "Mesa de ping-pong en la plaza de los telares": Shown("table", "Dibujo: una mesa de ping-pong en la plaza"),
    "Quiet study room that stays open until 22:00 in exam weeks": Shown(
        "books", "Drawing: three shelves full of books"
    ),
    "Phone charging bench at Mill Square": Shown("bench", "Drawing: a bench under a tree"),
}
OF_WORKS = {
    "Millside pool: a new roof and warmer water": Shown("roof", "Drawing: the bare beams of the pool's roof"),
    "Open-air cinema on Corn Square, six evenings": Shown("cinema", "Drawing: Corn Square at night, all seats taken"),
    "Sunday bus to the lake, June to September": Shown("bus", "Drawing: the yellow bus to the lake"),
    "A tree for every child born this year": Shown("trees", "Drawing: the first four trees, each tied to a stake"),
    "A ladder and a ramp to swim from the quay": Shown("quay", "Drawing: the new ladder and the ramp into the river"),
    "Tool library in the Old Tram Hall": Shown("tools", "Drawing: hammers and saws on the wall, ready to be lent"),
    "Books in the languages we speak at home": Shown("books", "Drawing: three shelves of new books"),
    "Handrail and resting places on the Hundred Steps": Shown("steps", "Drawing: the handrail along the lower steps"),
    "A safe path to school along Meadow Road": Shown("crossing", "Drawing: the new crossing before the school"),
    "Quiet benches at the ferry landing": Shown("bench", "Drawing: the first bench at the ferry landing"),
    "Nest boxes for swifts on the mill flats": Shown("nest", "Drawing: four nest boxes on a wall, and three swifts"),
}
