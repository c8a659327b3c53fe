# SPDX-License-Identifier: AGPL-3.0-or-later
"""What became of last year's winners. Days are counted from the day on which the demo is seeded."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """A milestone: when it was planned, and when it was done if it was."""

    title: str
    due: int
    done: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Money:
    """A line of the books, in whole euros."""

    kind: str  # contracted, paid or final
    amount: int
    day: int
    note: str = ""


@dataclass(frozen=True)
class Delivery:
    """The story of one funded project so far."""

    title: str
    status: str  # planned, building or done
    steps: tuple[Step, ...]
    money: tuple[Money, ...]
    reason: str = ""
    ready: int | None = None  # the day on which it should be ready
    promised: tuple[int, str] | None = None  # the day that was said before, and why it moved


DELIVERIES = (
    Delivery(
        "Millside pool: a new roof and warmer water",
        "building",
        (
            Step("Roofer chosen", -250, -246, "Three offers. The cheapest was chosen, and it was also the nearest."),
            Step(
                "Old roof taken off",
                -70,
                -64,
                "It came off in four days. The builders found a newspaper from the year the pool was opened and gave it to the library.",
            ),
            Step(
                "New roof is tight",
                -20,
                -12,
                "Tested with the fire brigade's hoses for two hours. No bucket was needed.",
            ),
            Step("Small pool at 30 degrees", 45),
            Step("Opening with free swimming for everybody", 60),
        ),
        (
            Money("contracted", 61_400, -246, "Roof and insulation"),
            Money("contracted", 21_300, -190, "Heat pump and pipes"),
            Money("paid", 20_000, -180, "First part of the roof"),
            Money("paid", 36_500, -10, "Roof, second part"),
        ),
        reason="The beams came three weeks late. The roof is tight now, and the heat pump is next.",
        ready=60,
        promised=(35, "The offers are in, and the builders begin."),
    ),
    Delivery(
        "A defibrillator at six corners",
        "done",
        (
            Step("Six places agreed with the rescue service", -290, -288),
            Step(
                "All six hang on their walls",
                -240,
                -243,
                "The last one at the chapel in Upper Meadows, on a Sunday, with coffee.",
            ),
            Step("First afternoon to learn it", -220, -216, "74 people came. The youngest was nine and did it best."),
        ),
        (
            Money("contracted", 11_800, -270),
            Money("paid", 11_240, -214),
            Money("final", 11_240, -214, "Devices, boxes and six afternoons: 760 € less than planned"),
        ),
    ),
    Delivery(
        "Open-air cinema on Corn Square, six evenings",
        "done",
        (
            Step("Films chosen by vote at the library", -200, -198),
            Step(
                "Six evenings",
                -95,
                -92,
                "About 2 100 visitors in all. It rained once, and the Tram Hall smelled of wet jackets as promised.",
            ),
        ),
        (
            Money("contracted", 10_700, -180, "Screen, projector and rights"),
            Money("paid", 10_870, -82),
            Money("final", 10_870, -80, "With 170 € for umbrellas"),
        ),
    ),
    Delivery(
        "Sunday bus to the lake, June to September",
        "done",
        (
            Step("Contract with the bus company", -215, -210),
            Step(
                "Last trip of the summer",
                -55,
                -55,
                "Seventeen Sundays, 5 214 passengers, 61 bicycles, one lost trombone (found).",
            ),
        ),
        (
            Money("contracted", 21_600, -210),
            Money("paid", 10_800, -110, "June and July"),
            Money("paid", 10_800, -48, "August and September"),
            Money("final", 21_600, -48),
        ),
    ),
    Delivery(
        "A tree for every child born this year",
        "building",
        (
            Step("Places and kinds of trees chosen", -230, -226),
            Step("First planting, 141 trees", -30, -26, "Mud up to the knees, and soup from the fire brigade."),
            Step("Second planting, about 120 trees", 14),
            Step("Every tree has come through its first summer", 300),
        ),
        (
            Money("contracted", 8_200, -150, "Trees and posts from the nursery on Long Acre"),
            Money("paid", 4_600, -20, "First planting"),
        ),
    ),
    Delivery(
        "A ladder and a ramp to swim from the quay",
        "done",
        (
            Step("Permit from the river office", -260, -251),
            Step("Ramp and ladder are in", -150, -148),
            Step(
                "Opened by jumping in",
                -141,
                -141,
                "The brass band played on the quay until it was invited to join. Ms Holm, 79, went first. Some 400 people watched and about 150 "
                "were wet.",
            ),
        ),
        (
            Money("contracted", 15_600, -240),
            Money("paid", 15_600, -140),
            Money("paid", 300, -130),
            Money("final", 15_900, -130, "With the life ring and its post"),
        ),
    ),
    Delivery(
        "Tool library in the Old Tram Hall",
        "done",
        (
            Step("Signal room cleared and painted", -250, -252, "By 23 volunteers on two Saturdays."),
            Step("Doors open", -200, -197, "On the first day all ladders were out by noon."),
            Step(
                "One hundred loans", -150, -176, "Now it is 812. One drill is missing and its borrower has been seen."
            ),
        ),
        (
            Money("contracted", 9_900, -255, "Tools"),
            Money("contracted", 1_500, -230, "Shelves and locks"),
            Money("paid", 11_450, -192),
            Money("final", 11_450, -190),
        ),
    ),
    Delivery(
        "Books in the languages we speak at home",
        "done",
        (
            Step(
                "Parents choose the titles",
                -260,
                -255,
                "Eleven evenings, 190 parents, one argument about which fairy tale is the true one.",
            ),
            Step(
                "On the shelves in all four libraries",
                -170,
                -163,
                "823 books in 38 languages. Three languages have no printed books for children, so we recorded them.",
            ),
        ),
        (Money("contracted", 7_950, -220), Money("paid", 7_930, -162), Money("final", 7_930, -160)),
    ),
    Delivery(
        "A play street every second Sunday",
        "done",
        (
            Step(
                "Barriers and cargo bike bought",
                -240,
                -236,
                "The cargo bike is second-hand and has a bell that sounds like a ship.",
            ),
            Step("First play street", -215, -210),
            Step("Tenth play street", -60, -56, "Four other streets have borrowed the bike since."),
        ),
        (
            Money("contracted", 5_100, -238),
            Money("paid", 5_150, -58),
            Money("final", 5_150, -58, "1 750 € less than planned: it goes back into the next budget"),
        ),
    ),
    Delivery(
        "Handrail and resting places on the Hundred Steps",
        "building",
        (
            Step(
                "Design tried out with a model of ten steps",
                -200,
                -195,
                "Residents with walkers, prams and crutches tried three rails. The thinnest won.",
            ),
            Step("Steps opened", -120, -112),
            Step("Rails and seats in place, first date", -60),
            Step("New lead-free pipe below the steps", 20),
            Step("Rails and seats in place, new date", 52),
        ),
        (Money("contracted", 13_600, -170, "Rails, seats and edges"), Money("paid", 4_000, -110, "First part")),
        reason="Late: under step 40 the builders found an old water pipe made of lead. The water works "
        "replace it first, at their own cost. The steps stay open on one side. The new dates are in the plan.",
    ),
    Delivery(
        "Sewing room with machines for everyone",
        "done",
        (
            Step("Room wired for eight machines", -230, -224),
            Step(
                "Opening evening",
                -205,
                -203,
                "It ended at one in the morning with eleven repaired jackets and a tablecloth for the street.",
            ),
        ),
        (Money("contracted", 12_650, -235), Money("paid", 12_800, -202), Money("final", 12_800, -200, "To the euro")),
    ),
    Delivery(
        "A safe path to school along Meadow Road",
        "done",
        (
            Step(
                "Strip of land handed over by the farmer",
                -270,
                -270,
                "With a handshake and, for the land register, with a form.",
            ),
            Step("Two bridges over the ditch", -130, -134),
            Step(
                "Opened on the first day of school",
                -82,
                -82,
                "Eighty-six children walked it together behind the mayor, who is not a fast walker and was overtaken. Since that day "
                "the school counts 71 cars less each morning.",
            ),
        ),
        (
            Money("contracted", 13_300, -200),
            Money("paid", 6_000, -132, "Bridges"),
            Money("paid", 7_300, -80, "Path and hedge"),
            Money("paid", 120, -76, "Gravel for the curve"),
            Money("final", 13_420, -75, "380 € less than planned"),
        ),
    ),
    Delivery(
        "Otter bank under the railway bridge",
        "planned",
        (
            Step(
                "Permit from the river office", -210, -180, "It took a month longer, because the fish were asked too."
            ),
            Step(
                "Stones and willow are brought",
                95,
                None,
                "Work waits until the otters' young have left. There are two, and they are in no hurry.",
            ),
        ),
        (Money("contracted", 7_600, -100),),
    ),
    Delivery(
        "Quiet benches at the ferry landing",
        "done",
        (Step("Three benches and the lamp", -190, -187, "On the first evening nobody had to stand."),),
        (Money("contracted", 5_050, -220), Money("paid", 5_050, -186), Money("final", 5_050, -185)),
    ),
    Delivery(
        "Nest boxes for swifts on the mill flats",
        "done",
        (
            Step("Forty boxes on the wall", -225, -228),
            Step("First summer", -110, -105, "Three pairs moved in. Mr Aaltonen has not stopped smiling."),
        ),
        (Money("contracted", 3_500, -240), Money("paid", 3_480, -222), Money("final", 3_480, -220)),
    ),
)
