# SPDX-License-Identifier: AGPL-3.0-or-later
"""Last year's ballot, second part: the five smaller districts."""

from .idea import Idea, Theme
from .town import MARKET, MEADOWS, QUAY, STATION, WEAVERS

IDEAS = (
    Idea(
        "A ladder and a ramp to swim from the quay", QUAY, Theme.SPORT, 16_000, "freya", 68, 10,
        "South quay, below the harbour office",
        "A ladder, a ramp with a rail and a life ring, so that swimmers get out of the river.",
        """The water has been clean enough since the spring before last. The only way out of it is a rusty rung that \
was made for sailors. One ladder with proper steps, one ramp with a rail for people who cannot climb, and a ring on \
a post.

We are about seventy morning swimmers, from eleven to seventy-nine years old. We do not need a lifeguard. We need to \
get out.""",
    ),
    Idea(
        "Rowing boats for the youth of Quayside", QUAY, Theme.SPORT, 13_500, "kwame", 46, 5,
        "Boathouse, ferry landing",
        "Three used training boats for the nineteen children on the waiting list.",
        """Twelve kids row at the moment, in two boats that were bought when my uncle was young. Nineteen more are on \
the waiting list, and you cannot wait long when you are thirteen.

Three used training boats, oars, and life jackets in small sizes. The rowing club repairs them and trains for free \
on Wednesdays.""",
    ),
    Idea(
        "Quiet benches at the ferry landing", QUAY, Theme.CARE, 5_200, "bronagh", 41, 5,
        "Ferry landing",
        "Three benches facing the river, with room for a wheelchair and a soft lamp.",
        """After my husband died I came here every evening to look at the water, and I stood, because there is nowhere \
to sit. Others were standing too. We know each other now.

Three benches facing the river, one of them with a space beside it for a wheelchair, and a lamp that is not too \
bright.""",
    ),
    Idea(
        "Fish market roof: repair and a tank for rain", QUAY, Theme.STREETS, 29_000, "ivo", 44, 6,
        "Fish market, Net Street",
        "Mend the cast-iron roof and collect its rain to wash the stalls.",
        """The cast-iron roof of the fish market is the most beautiful thing we have and it drips on the fish. \
Repair the gutters and forty panes, and lead the rain into a tank: 12 000 litres to wash the stalls with instead of \
drinking water.

Under a dry roof the market could also have a bar for coffee, a second-hand day and a dance now and then.""",
    ),
    Idea(
        "Flood marks and stories along the quay wall", QUAY, Theme.CULTURE, 6_400, "jasna", 36, 7,
        "Quay wall, all 400 metres of it",
        "Eleven enamel signs with the height of each flood and a sentence from someone who was there.",
        """The old people know how high the water stood in which year. When they are gone the wall will know nothing.

Eleven small enamel signs at the height of each flood, with one sentence from someone who was there. For example: \
"We took the piano upstairs and forgot the cat. The cat took herself upstairs." The school collects the sentences.""",
    ),
    Idea(
        "Otter bank under the railway bridge", QUAY, Theme.GREEN, 7_800, "liv", 36, 10,
        "North bank, railway bridge",
        "Forty metres of stone and willow where the river now has only a wall.",
        """There is an otter. I have it on three films, at 4:50 in the morning, looking annoyed at the concrete. \
Between the weir and the bridge the river has no bank at all, only wall.

Forty metres of stone and willow in front of the wall, a ledge under the bridge for high water. The river office \
gives the stones if the town pays for the digger.""",
    ),
    Idea(
        "Changing hut for winter swimmers", QUAY, Theme.SPORT, 12_500, "gaspard", 31, 3,
        "South quay",
        "A wooden hut with two rooms, hooks and a bench on the south quay.",
        """We change behind a towel, in January, in the wind. It builds character, and we have enough character now. \
A wooden hut with two rooms, hooks and a bench. No heating, no water, a roof of reeds that our members know how to \
lay.""",
    ),
    Idea(
        "Handrail and resting places on the Hundred Steps", STATION, Theme.CARE, 14_000, "dorota", 71, 7,
        "The Hundred Steps",
        "Rails on both sides, three seats, white edges and a groove for bicycles.",
        """There are 112 in fact. In winter they are ice and in summer they are Everest. The bus goes around the hill \
once an hour, so everybody uses the steps: with shopping, with suitcases, with a baby on one arm.

A rail on both sides that is warm to the hand, three landings with a seat, white edges so that one can see each step, \
and a groove to push a bicycle in.""",
    ),
    Idea(
        "A real kitchen for the house on Signal Lane", STATION, Theme.MEETING, 26_000, "jamila", 54, 3,
        "Neighbourhood house, Signal Lane 4",
        "A stove, a sink and a fridge, so that neighbours can cook together three times a week.",
        """On Thursdays we cook for sixty on two camping stoves. It is always good and it is always late. With a proper \
stove, a big sink and a fridge with a door that closes we could do it three times a week, and the children could \
eat before their training.

The cooks are from Herat, Kraków, Kumasi and from number 6. The building belongs to the town, so everything stays in \
the town.""",
    ),
    Idea(
        "Community garden on the old goods yard", STATION, Theme.GREEN, 17_500, "farhad", 51, 5,
        "Goods yard, track 7",
        "Forty raised beds on track 7, ten of them at the height of a wheelchair.",
        """Track 7 has not seen a train since I came to Riverside. It has seen poppies, three foxes and one wedding. \
Let us make forty beds there, raised, because the soil is old railway soil. Ten of them at the height of a wheelchair.

Water comes from the roof of the shed. The railway lets us use the land for ten years if we put up a fence.""",
    ),
    Idea(
        "Chess tables and shade by the station", STATION, Theme.MEETING, 6_800, "mirza", 36, 6,
        "Station forecourt",
        "Four stone tables under two sun sails for everybody who waits.",
        """The trains are late, and this will not change soon. Give us four stone tables with a board on top and two \
sails against the sun. Whoever waits can play. Whoever plays does not mind waiting.

I will leave the pieces at the kiosk every morning. The kiosk agrees.""",
    ),
    Idea(
        "Homework room on weekday afternoons", STATION, Theme.LEARNING, 15_000, "halima", 49, 5,
        "Station Hill school, room 2",
        "A quiet room with two paid students, tea and a printer, four afternoons a week.",
        """Six of us in two rooms, and the television is on because the baby sleeps better with it. This is how I did \
my homework, and it is how many on the hill do theirs.

A quiet room from 15:00 to 18:00, four days a week, with two students who are paid for it, tea, and a printer that \
works. For one school year, and then we see.""",
    ),
    Idea(
        "Wall paintings in the station underpass", STATION, Theme.CULTURE, 8_500, "abena", 40, 8,
        "Underpass, platforms 1 to 4",
        "Ninety pupils and two painters give the 46 metres of yellow tiles new pictures.",
        """Everybody who comes to Riverside walks through 46 metres of yellow tiles that look like the inside of a \
tooth. I teach art at the school above it. Ninety pupils, two painters, three weeks, walls that can be washed.

The theme is decided by the people who walk through: we hang a box in the underpass for a month.""",
    ),
    Idea(
        "A safe path to school along Meadow Road", MEADOWS, Theme.STREETS, 13_800, "femke", 88, 6,
        "Meadow Road, from Chapel Green to the school",
        "A gravel path behind the hedge, so that children no longer walk on the white line.",
        """Our children walk to school on the white line, because there is nothing beside it but a ditch. Lorries for \
the gravel pit pass at eighty. Every family up here drives 900 metres, twice a day, for this one reason.

A gravel path of 550 metres behind the hedge, with two little bridges over the ditch. The farmer gives the strip. We \
have waited for the big road plan for eleven years, and this would be ready in three months.""",
    ),
    Idea(
        "The old well on Chapel Green flows again", MEADOWS, Theme.GREEN, 9_500, "alois", 54, 4,
        "Chapel Green",
        "Clean the shaft and give the spring an oak basin, a tap and a trough.",
        """My grandfather watered his horses at that well. It was closed in the year of the moon landing because \
a pipe was cheaper. The spring is still there. You can hear it when you lie down on the slab, which I have done.

Clean the shaft, a new basin of oak, a tap for people and a trough for dogs and birds. The water has been tested: \
good to drink.""",
    ),
    Idea(
        "Bus shelter with a bench at Meadow End", MEADOWS, Theme.WHEELS, 8_800, "gertrud", 64, 2,
        "Meadow End, last stop of line 4",
        "A roof, three walls, a bench and a light at the last stop of line 4.",
        """The last stop of line 4 is a pole in a field. The wind comes from the hill, the rain comes with it, and \
the bus comes when it likes. A roof, three walls, a bench and a light with its own small sun panel.

Eight of us are over eighty. We would go to town more often.""",
    ),
    Idea(
        "Orchard days: a press and ladders to share", MEADOWS, Theme.MEETING, 6_000, "irena", 49, 6,
        "Barn at Chapel Green",
        "A mobile apple press, six ladders and two hundred crates for anyone in town.",
        """Every October some twenty tons of apples rot in Upper Meadows, while the shop sells apples from the other \
end of the world. A mobile press, six safe ladders and two hundred crates that stand in our barn for anyone in town.

Bring a crate, go home with juice. What nobody wants goes to the school kitchens. Wasps are included.""",
    ),
    Idea(
        "Hedge and frog pond beside the football field", MEADOWS, Theme.GREEN, 5_400, "haruki", 40, 5,
        "Football field behind the chapel",
        "A pond and forty metres of hedge, so that toads need not cross the road.",
        """In spring the toads cross the penalty area. The referee stops the game, the children carry them over, the \
game goes on. It is charming, but on the other side there is a road.

A pond on our side, forty metres of hedge, a plank for hedgehogs. Then they can stay where they want to be.""",
    ),
    Idea(
        "A play street every second Sunday", WEAVERS, Theme.PLAY, 6_900, "orla", 54, 6,
        "Shuttle Street, from Loom Square to the church",
        "Shuttle Street belongs to children from ten to five, every second Sunday.",
        """Two barriers, a box of chalk, balls and stilts, and a street full of children from ten to five. We did it \
once in May without asking anybody, and a woman of ninety told us it was the first time in sixty years that she \
heard the street instead of the cars.

The money is for the barriers, insurance, and a cargo bike with toys that other streets can borrow.""",
    ),
    Idea(
        "Sewing room with machines for everyone", WEAVERS, Theme.MEETING, 12_800, "elif", 51, 6,
        "Weavers' House, first floor",
        "Eight machines and a cutting table, open four evenings a week.",
        """This is Weavers' Row, and there is not one loom and not one machine left that people may use. I repair \
coats at my kitchen table for half of the street, and my son does his homework between the pins.

Eight machines, a cutting table, an iron, good light. Open four evenings. Two of us know how to teach it. In return \
we mend the costumes of the carnival.""",
    ),
    Idea(
        "Green roofs and rain barrels for the row garages", WEAVERS, Theme.GREEN, 18_000, "henrik", 36, 5,
        "Garages behind Bobbin Lane",
        "Stonecrop and barrels on sixty-two garages keep the rain out of our cellars.",
        """Sixty-two garages, 1 100 square metres of tar, and all the rain from it runs into our cellars. I have \
measured 31 cm in mine.

Stonecrop on the roofs and one barrel for every third garage. The owners do the work on two weekends, the town pays for \
the material. It will also be a few degrees cooler in August.""",
    ),
    Idea(
        "Small football cage on Loom Square", WEAVERS, Theme.SPORT, 21_000, "lamin", 49, 6,
        "Loom Square, the dead corner",
        "Five against five, with a net on top and a quiet fence, closed at nine.",
        """Five against five, a net on top so that nobody's window is broken, a soft fence that does not rattle. It \
closes at nine. We spoke with all fourteen houses around: eleven yes, two "if it is quiet", one no, and he is coming \
to talk about the colour.""",
    ),
    Idea(
        "Back lanes: light and firm ground", WEAVERS, Theme.STREETS, 23_500, "petra", 56, 2,
        "Bobbin Lane, Shuttle Lane, Wool Lane",
        "Gravel, gutters and lamps for the three lanes behind the Row.",
        """The front of Weavers' Row is on the postcards. We live at the back. There are three lanes where the bin \
men get stuck and where my mother broke her wrist.

Gravel that holds, gutters, and a lamp on every fourth wall. Nothing fancy. No postcard.""",
    ),
    Idea(
        "A music room where nobody hears us", WEAVERS, Theme.CULTURE, 16_500, "dawit", 31, 6,
        "Cellar of Weavers' House",
        "A sound-proof cellar for choirs, bands and one set of bagpipes.",
        """Two choirs, a brass band, four bands of young people and a man who learns the bagpipes: all of us rehearse \
in rooms where somebody is asleep next door. A cellar with a double door and cork on the walls would make peace in \
at least six houses.""",
    ),
    Idea(
        "Market stalls that fold away, with shade", MARKET, Theme.STREETS, 24_500, "arjun", 46, 10,
        "Corn Square",
        "Thirty stalls that fold into the square: fewer vans, more shade, benches on other days.",
        """I sell vegetables. Each morning I bring my stall, like all the others, in a van that stands in the way until \
two. Thirty stalls that fold into the ground of the square would mean thirty vans less, and shade for the salad.

When there is no market they are benches. I have seen it work elsewhere. The old people will sit on my counter.""",
    ),
    Idea(
        "A clean public toilet by the market, open late", MARKET, Theme.CARE, 33_000, "elspeth", 50, 11,
        "Corn Square, beside the bakery",
        "Three rooms, one of them large with a couch for adults, looked after twice a day.",
        """Nobody likes to talk about it, so I shall. There is no public toilet in the middle of this town after 18:00. \
Older people plan their whole day around it. So do families with small children, bus drivers and me.

One building with three rooms, one of them large, with a couch for changing adults as well as babies. It cleans \
itself, and somebody looks in twice a day.""",
    ),
    Idea(
        "Open-air cinema on Corn Square, six evenings", MARKET, Theme.CULTURE, 11_000, "hugo", 49, 14,
        "Corn Square",
        "Six free film nights in July and August between the two lime trees.",
        """Six Fridays in July and August, a screen between the two lime trees, free, bring your own chair. Two films \
for children, two old ones, two in the languages of the town with subtitles.

If it rains we go into the Old Tram Hall and the smell of wet jackets is part of the show.""",
    ),
)  # fmt: skip
