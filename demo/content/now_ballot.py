# SPDX-License-Identifier: AGPL-3.0-or-later
"""The ballot that is open now: eighteen projects for 200 000 €."""

from .idea import Idea, Theme
from .town import MARKET, MEADOWS, MILLSIDE, QUAY, STATION, WEAVERS

SUMMARY = """The town gives 200 000 € this time. That is 40 000 € less than last year, because the school roof could not \
wait. Twenty-four ideas came in, eighteen can be built.

Add projects to your ballot as long as the money lasts. Everybody aged 16 or older who lives here has one ballot, on \
the phone or on paper at the town hall desk. The money is shared out by the method of Equal Shares: each ballot has \
the same part of the budget behind it, wherever you live."""

IDEAS = (
    Idea(
        "Shade trees on Mill Street", MILLSIDE, Theme.STREETS, 38_000, "fatima", 62, 17,
        "Mill Street, from the bridge to the bakery",
        "Twelve lime trees and new soil beds on the hottest street of the town.",
        """I measured it with my daughter's school thermometer: 51 degrees on the pavement of Mill Street in July, 33 in \
the park. The bus stop is in the full sun and so is the surgery.

Twelve limes, in beds that are deep enough for them to grow old, with a grating so that prams can pass. The beds also \
drink the rain that now runs into the cellars. Shops on the sunny side have promised to water in the first two summers.""",
    ),
    Idea(
        "Safe crossing at Weaver School", WEAVERS, Theme.STREETS, 22_500, "kirsti", 66, 15,
        "Weaver Lane, at the school gate",
        "A raised crossing and better light where 340 children cross twice a day.",
        """I have stood there with the yellow flag for six years. Drivers do not mean harm, they simply do not see the \
small ones between the parked cars.

Raise the crossing to the height of the pavement, take away four parking places, add two lamps. In the three months \
of the trial with planks and paint, nobody drove faster than 27.""",
    ),
    Idea(
        "Covered stand for 40 bikes", STATION, Theme.WHEELS, 32_000, "kasper", 46, 17,
        "Riverside station, east side",
        "A roof, frames that a lock fits, a pump and six places for cargo bikes.",
        """My bicycle has been stolen twice and has rusted once. At seven in the morning there are 130 bicycles at the \
station and 44 places for them; the rest lean on the ramp for wheelchairs.

Forty more under a roof, in sight of the kiosk, with a pump, a tap for muddy shoes and six wide places.""",
    ),
    Idea(
        "Repair café", "", Theme.MEETING, 12_000, "demir", 31, 31,
        "Old Tram Hall, every Saturday",
        "Tools, spare parts and one year of Saturday sessions with people who can mend things.",
        """The toaster does not heat. The zip is stuck. The lamp flickers only when my mother-in-law visits. Bring it. \
You do not hand it in: you sit beside somebody who knows how, and you do it together.

In the trial month we mended 71 of 104 things. The money is for good tools, insurance, and coffee.""",
    ),
    Idea(
        "Wheelchair swing", "", Theme.PLAY, 18_000, "nadia", 27, 27,
        "Weir Park, beside the big slide",
        "A swing that everyone can use, with a soft path that leads to it.",
        """My son Samir is seven. He knows every swing in this town from the outside. He holds the bags.

A swing with a platform for wheelchairs costs more than an ordinary one because it needs its own fence and a path \
of rubber. Three other families have told me that they drive forty kilometres for one. Weir Park is where everyone \
else is. That is the point.""",
    ),
    Idea(
        "Two drinking fountains", "", Theme.GREEN, 8_500, "ilse", 29, 29,
        "Quay and Corn Square",
        "Free cold water at the quay and on the market, also for dogs.",
        """Water costs 2.50 € at the market and nothing from the pipe below it. Two fountains with a spout to fill \
bottles, a low bowl for children and a lower one for dogs. The water works test them each week and shut them before \
the frost.""",
    ),
    Idea(
        "Mural under the railway bridge", QUAY, Theme.CULTURE, 6_000, "hiba", 41, 11,
        "Railway bridge, quay side",
        "Thirty metres of river, painted by neighbours with one professional.",
        """It is the first thing that you see when you come to Quayside, and what you see is grey with a telephone number.

I would like the river on it as it was, is and could be: barges, swimmers, otters. I draw the outline, whoever comes \
fills it in, on four weekends in May. Primer, paint and a scaffold are included.""",
    ),
    Idea(
        "The market toilet again, smaller and cheaper", MARKET, Theme.CARE, 24_000, "elspeth", 54, 17,
        "Corn Square, beside the bakery",
        "One large room that everybody can use, clean and open until midnight.",
        """Last year 348 of you wanted it and it was not enough. I have learnt my lesson: one room instead of three, \
built into the empty kiosk, and the bakery keeps the key and looks in twice a day.

It is still a thing that nobody likes to talk about, and I am still seventy-one.""",
    ),
    Idea(
        "Half a pitch first: drains and lights on Mill Field", MILLSIDE, Theme.SPORT, 58_000, "goran", 56, 13,
        "Mill Field, behind the fire station",
        "Drain one half of Mill Field and light it, so that fourteen youth teams can train in winter.",
        """We came second in votes last year and got nothing, and in the first evening I was angry. Then I read how it \
was counted, and I saw how few from other districts had chosen us.

So this time: one half, 58 000 € instead of 78 000 €, open to every school and club in the town, with a timetable \
that is public. Come and play.""",
    ),
    Idea(
        "Night bus on Fridays and Saturdays", "", Theme.WHEELS, 36_000, "thandi", 24, 24,
        "All six districts, 23:00 to 02:30",
        "One bus that goes around all districts every fifty minutes, for one year.",
        """The last bus leaves at 22:10. After that you have a car, a friend with a car, or a long walk with your keys in \
your hand.

A small bus that goes around, for a year, on trial. It stops between stops for anyone who travels alone. The drivers \
of line 4 helped me with the timetable and found two mistakes.""",
    ),
    Idea(
        "Rain garden on Bobbin Lane", WEAVERS, Theme.GREEN, 19_000, "henrik", 43, 7,
        "Bobbin Lane, the wide end",
        "Take up 300 square metres of asphalt and let plants drink the rain that floods our cellars.",
        """Last year I proposed green roofs on the garages. The owners could not agree, so here is the same water \
on public ground.

At the wide end of the lane there is asphalt for which no one has a use. Take it up, dig a hollow, plant iris, willow herb \
and one alder. After a storm it is a pond for a day, then it is a garden again.""",
    ),
    Idea(
        "Floating jetty for canoes", QUAY, Theme.SPORT, 27_500, "mateo", 40, 9,
        "South quay",
        "A jetty that rises with the river, low enough for canoes and for wheelchairs.",
        """Above the weir we have eleven kilometres of calm water and no place to get into a boat without a ladder. The \
jetty floats, so it works in high water too, and it has a bench on which you can slide from a wheelchair into a kayak.

The school has twelve canoes that leave their shed four times a year.""",
    ),
    Idea(
        "Music and podcast studio in the youth house", "", Theme.CULTURE, 28_000, "bilal", 22, 22,
        "Youth house, Sluice Road 11",
        "A small sound-proof studio with someone who shows you how, free until you are 25.",
        """We record in a wardrobe. It sounds good, actually, but only one person fits in, and that person is always \
Nkechi because she is the singer.

A room of 14 square metres, treated, with four microphones and a computer, and a sound engineer on two afternoons a \
week. Bands, school radio, old people's memories: book it online, first come, first served.""",
    ),
    Idea(
        "Bus shelter with a bench at Meadow End", MEADOWS, Theme.WHEELS, 9_500, "gertrud", 71, 8,
        "Meadow End, last stop of line 4",
        "A roof, three walls, a bench and a light at the last stop of line 4.",
        """Second attempt. The pole is still there and so am I. Since last year the price has gone up by seven hundred \
euros and the wind has not gone down.""",
    ),
    Idea(
        "Memory café, and a quiet walk with it", "", Theme.CARE, 9_800, "cornelia", 21, 21,
        "Weavers' House, ground floor, every Wednesday",
        "A weekly afternoon for people who forget, and for those who love them.",
        """My wife forgets. She has not forgotten how to dance. On Wednesdays we would like to have a room with a piano, \
a nurse who knows, cake, and other people who do not mind hearing a story again.

There is a short walk with coloured marks for those who cannot sit. Two students of nursing would help, for credits.""",
    ),
    Idea(
        "Every child in class three learns to swim", "", Theme.LEARNING, 21_000, "griet", 26, 26,
        "Millside pool",
        "Twelve lessons for all 230 children of class three, whatever their parents earn.",
        """I teach class three. In a town with a river, 88 of 230 children of that age cannot swim. It is not spread \
evenly: it goes by what parents earn, to the street.

Twelve lessons in school time, with bus and instructor, in the water that the new roof now keeps warm.""",
    ),
    Idea(
        "Cuentos del río en dos idiomas", WEAVERS, Theme.LEARNING, 7_200, "marisol", 38, 14,
        "Biblioteca de Weavers' Row",
        "Una tarde de cuentos por semana, en español y en inglés, para pequeños y abuelos.",
        """Mi madre sabe cuarenta cuentos y no habla inglés. Sus nietos hablan inglés y no saben ningún cuento. \
Propongo una tarde por semana en la biblioteca: un cuento en español, el mismo cuento en inglés, y después merienda.

Con el dinero se paga a dos cuentacuentos, se compran libros en los dos idiomas y se graba todo, para que no se pierda. \
Vengan aunque no tengan nietos.""",
        language="es",
    ),
    Idea(
        "Taller de bicicletas para jóvenes", MILLSIDE, Theme.WHEELS, 14_500, "jorge", 36, 12,
        "Patio de la chimenea, antiguo molino",
        "Un taller donde los jóvenes arreglan bicicletas viejas y se quedan con la primera.",
        """El ayuntamiento recoge cada año unas doscientas bicicletas abandonadas y las vende como chatarra. Yo soy \
mecánico jubilado y tengo las tardes libres.

La idea es sencilla: arreglas tres bicicletas, dos son para familias que las necesitan y la tercera es tuya. Hacen falta \
herramientas, dos bancos de trabajo y un contenedor con cerradura. Ya hay once chicos y chicas apuntados.""",
        language="es",
    ),
)  # fmt: skip
