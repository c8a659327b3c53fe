# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ideas for the present budget that did not reach the ballot, and the answers that their authors got."""

from .idea import Answer, Idea, Theme, Unreviewed
from .town import MARKET, MILLSIDE, QUAY, STATION, WEAVERS

IDEAS = (
    Unreviewed(
        Idea(
            "Cable car from the station to the hill", STATION, Theme.WHEELS, 190_000, "oumar", 0, 0,
            "Station forecourt to Signal Lane",
            "Two cabins instead of 112 steps.",
            """I have seen the plan of the handrail, and it will be a fine handrail. But my grandmother will still not get up there. \
Two small cabins on a rope, as in the mountains: it would be the only one for 200 kilometres and people would come \
to see it.""",
        ),
        Answer(
            "ewa",
            "Thank you, we would have loved to say yes. A cable car needs a permit from the state and a wall 14 metres "
            "from two bedrooms, and the engineer's estimate is 2.3 million €, more than ten times this budget. What can "
            "be done: the bus company is ready to test a small bus up the hill every 20 minutes. Ms Rashidova at the "
            "town hall will call you about it.",
        ),
    ),
    Unreviewed(
        Idea(
            "Speed cameras on the bypass", MILLSIDE, Theme.STREETS, 45_000, "viktor", 0, 0,
            "Bypass, both directions",
            "Two cameras that would pay for themselves in a year.",
            """I live forty metres from the bypass. Between midnight and four it is a race track. Two cameras, one each way. \
With the fines you could pay for half of the other projects.""",
        ),
        Answer(
            "dilnoza",
            "The bypass belongs to the state, and only the state police may put up cameras there, so the town cannot pay "
            "for them. We sent your count of night traffic to the road office with a letter of the mayor. In Sluice Road, "
            "which is ours, we have set up the speed display that you asked for in your second paragraph.",
        ),
    ),
    Unreviewed(
        Idea(
            "Turn the fish market into a climbing hall", QUAY, Theme.SPORT, 120_000, "corina", 0, 0,
            "Fish market, Net Street",
            "The roof is high enough, and the fish do not need it on weekdays.",
            """Thirteen metres to the top of the arches! The market is only used on Fridays and Saturdays. Holds on the \
four middle pillars, mats that roll away, and the smell will be our trademark.""",
        ),
        Answer(
            "ewa",
            "The hall is a listed building. The heritage office does not allow anything to be bolted to the cast-iron "
            "pillars, and we checked a frame that stands by itself: it would close the market for good. The alpine club "
            "would like to talk with you about the chimney yard.",
        ),
    ),
    Unreviewed(
        Idea(
            "Free lunch for all school children", "", Theme.CARE, 400_000, "selma", 0, 0,
            "All schools",
            "One warm meal a day, for everyone, so that nobody has to show that they are poor.",
            """At our school you can see from the tray who pays and who does not. The trays have different colours. I am not \
making this up.""",
        ),
        Answer(
            "dilnoza",
            "We agree with the aim, and we were ashamed to learn about the trays: since Monday they all have the same "
            "colour. Meals every day are a running cost of about 610 000 € a year, and this budget pays only for what can "
            "be finished once. The council's school committee will take up your proposal in its spring session.",
        ),
    ),
    Unreviewed(
        Idea(
            "Goats to mow the dyke", MARKET, Theme.GREEN, 11_000, "lionel", 0, 0,
            "Dyke above the weir",
            "Twenty goats and a shepherd instead of the machine.",
            """The mower comes at six in the morning, cuts every flower and frightens the dogs. Goats begin later.""",
        ),
        Answer(
            "ewa",
            "Goats tread paths into a dyke and that makes it weak: the river office forbids them. It does allow sheep. If "
            "you wish to send in the idea again with sheep next year, we have found a shepherd.",
        ),
    ),
    Unreviewed(
        Idea(
            "A second-hand shop in the old bank", WEAVERS, Theme.MEETING, 30_000, "quentin", 0, 0,
            "Weaver Lane 2",
            "Clothes, lamps and bicycles, run by volunteers.",
            """The bank on Weaver Lane has been empty for two years. It has big windows and a safe, which would be perfect for \
lamps.""",
        ),
        taken_back=True,
    ),
)  # fmt: skip
