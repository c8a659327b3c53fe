# SPDX-License-Identifier: AGPL-3.0-or-later
"""Last year's ballot, first part: Millside and the whole town."""

from .idea import Idea, Theme
from .town import MILLSIDE

IDEAS = (
    Idea(
        "Millside pool: a new roof and warmer water", MILLSIDE, Theme.SPORT, 84_000, "piet", 66, 17,
        "Millside pool, Sluice Road",
        "Repair and insulate the leaking roof, and heat the small pool to 30 degrees.",
        """There are eleven buckets on the gallery of our pool. I know, because I empty them. The roof was patched in \
every one of the last nine winters and each patch is now leaking around the next one.

A real repair with insulation costs 84 000 €. It keeps the warmth in, so the small pool can go from 26 to 30 degrees, \
which is what babies and old knees need. The swimming club adds 400 hours of its own work.""",
    ),
    Idea(
        "All-weather pitch with lights on Mill Field", MILLSIDE, Theme.SPORT, 78_000, "goran", 63, 16,
        "Mill Field, behind the fire station",
        "One pitch that drains, with lights until 21:30, for schools, clubs and everybody on Sundays.",
        """From October to March Mill Field is soup. We have fourteen youth teams, six of them girls' teams, and they \
train in the car park of the supermarket by the light of its sign. That is not a joke, come on a Tuesday.

We ask for one pitch that drains, without rubber crumbs, with lights that go off at 21:30 because of the neighbours. \
Schools use it by day, clubs in the evening, everybody on Sundays.""",
    ),
    Idea(
        "Mill Street, first part: wider pavements and benches", MILLSIDE, Theme.STREETS, 64_000, "hanne", 63, 15,
        "Mill Street, from the bridge to the bakery",
        "Wider pavements, low kerbs and five benches on 180 metres, from the bridge to the bakery.",
        """On Mill Street two people cannot walk side by side, and one person with a pram cannot walk at all where the \
bins stand. Shops, doctor, school and tram museum are all on it.

First part only: 180 metres from the bridge to the bakery. Pavements of 2.40 m, five benches, kerbs that a wheelchair \
can cross. Eleven parking places go, and the mill car park has room for them, we counted on four Saturdays.""",
    ),
    Idea(
        "New paving for the square in front of the mill", MILLSIDE, Theme.STREETS, 48_000, "stefan", 38, 8,
        "Mill Square",
        "Lift the sunken setts of Mill Square and lay them back level, with one smooth strip for wheels.",
        """The setts on Mill Square have sunk so far that after rain you can see which lorry stood where in 1987. \
People trip. The Saturday flea market sells more plasters than cups.

Lift the old stones, put them back level on a bed that lets water through, and lay one smooth strip across for wheels. \
No new stones needed: they are good for another century.""",
    ),
    Idea(
        "Climbing wall in the chimney yard", MILLSIDE, Theme.SPORT, 31_000, "leif", 33, 10,
        "Chimney yard, old mill",
        "A free outdoor climbing wall on nine metres of unused brick.",
        """Nine metres of brick, out of the wind, owned by the town, and nothing happens there except pigeons. \
An outdoor wall with two easy sides and one hard one would be free for all, day and night.

The alpine club checks the holds every month and gives a first lesson to anybody who asks. We would put sand around it \
and a board with the rules in five languages.""",
    ),
    Idea(
        "Skate bowl under the bypass", MILLSIDE, Theme.PLAY, 38_000, "hamza", 27, 10,
        "Under the bypass, Sluice Road end",
        "A dry bowl for skates and scooters where the noise disturbs nobody.",
        """I am sixteen and I wrote this with nine others from my class. We get sent away from the mill steps, from \
the church and from the bank. Under the bypass nobody lives, it is dry and the noise is already there.

We drew the bowl with a builder who skates. It has a shallow end for kids and a rail for scooters. We will keep \
it clean. We already do: look at the photo, that was 14 bags.""",
    ),
    Idea(
        "Water play on Millside Square", MILLSIDE, Theme.PLAY, 27_000, "yasmina", 31, 8,
        "Mill Square, the sunny side",
        "Water jets in the ground of the square for hot days, with no fence and no fee.",
        """When it is 34 degrees in our flat on the fifth floor, the children sleep on the balcony and still do not \
sleep. The lake is an hour away with two buses. I would like a place where they can get wet: jets from the ground, \
with a button, no fence and no entry fee.

The water goes round through a filter. In winter it is just a square. My neighbour says the grandmothers will be the \
first ones in, with their shoes in their hands.""",
    ),
    Idea(
        "Lights on the path from the mill to the station", MILLSIDE, Theme.STREETS, 24_000, "priya", 35, 11,
        "Cinder path, mill to station",
        "Twenty low lamps on the cinder path that wake when somebody comes.",
        """I am a nurse and I come home at 22:40. The cinder path takes seven minutes. I walk around by the road, \
which takes nineteen, because the path has no light at all.

Twenty low lamps that wake when someone comes and then go back to a glimmer, so that bats and sleepers are left alone. \
I asked on the night shift: thirty-one of us would use it.""",
    ),
    Idea(
        "Benches with backs along Long Acre", MILLSIDE, Theme.CARE, 7_500, "agnes", 20, 4,
        "Long Acre, between the surgery and the park",
        "Five benches with backs and arms between the surgery and the park.",
        """I am eighty-three. From my door to the doctor there are 640 metres and one wall of the right height. \
A bench is not a decoration. It is the difference between going out and staying in.

Five benches, with a back and with arms to push yourself up, every hundred metres or so. And please, not the \
kind with a bar in the middle.""",
    ),
    Idea(
        "Sign language evenings at the Millside library", MILLSIDE, Theme.LEARNING, 4_200, "imke", 12, 5,
        "Millside library, reading room",
        "Thirty open evenings with two teachers, so that deaf and hearing neighbours can talk.",
        """There are about sixty deaf people in Riverside and perhaps ten hearing people who can talk with us. \
I would like to change the second number.

Thirty evenings, two teachers, everybody welcome: neighbours, bus drivers, the woman from the bakery who has been \
waving at me for six years. We end each evening with a story told without voice.""",
    ),
    Idea(
        "Bread oven in the Mill Gardens", MILLSIDE, Theme.MEETING, 9_800, "rachida", 20, 5,
        "Mill Gardens, by the pump",
        "A brick oven with a small shelter, fired every Saturday for the whole district.",
        """My mother baked at the oven of her street. You brought your dough, you waited your turn, and by the time \
the bread was done you knew who was ill, who was in love and who needed a hand with the roof.

A brick oven with a small shelter. Fired on Saturdays, by people who have learned it. Bring dough, bring pizza, \
bring a goat in a pot. Wood comes from the town's own pruning.""",
    ),
    Idea(
        "Nest boxes for swifts on the mill flats", MILLSIDE, Theme.GREEN, 3_600, "nils", 18, 7,
        "The mill flats, north wall",
        "Forty nest boxes on the north wall, so that the swifts come back.",
        """Before the mill was made into flats there were forty pairs of swifts under its eaves. Last July I counted \
three. They come back from Africa to the very hole where they hatched, and the hole is now insulated.

Forty boxes on the north wall, plus a recording of their calls for two summers so that they find them. The owners' \
meeting has agreed. I clean nothing and neither must you: swifts are tidy.""",
    ),
    Idea(
        "A stage that any club may borrow", "", Theme.CULTURE, 34_000, "giulia", 19, 19,
        "Town depot; wherever there is something to see",
        "One good mobile stage for all clubs, instead of nine rented ones each summer.",
        """Every summer nine different clubs rent nine different stages from another town. In three years they paid \
more than a stage costs.

A stage of six by eight metres on a trailer, with a roof, a ramp and its own lights. The depot keeps it, clubs \
borrow it free of charge, and the first one to bring it back dirty brings cake.""",
    ),
    Idea(
        "Sunday bus to the lake, June to September", "", Theme.WHEELS, 22_000, "faridah", 19, 19,
        "From the market by Station Hill and Millside to the lake",
        "Four buses out and four back on seventeen summer Sundays.",
        """If you have a car, the lake is twelve minutes away. If you have none, it is not there on Sundays.

Seventeen Sundays, four buses out and four back, room for prams and six bicycles. The driver costs more than the \
diesel, that is how it should be. We tried it privately on one Sunday with two vans, and ninety people stood at the \
stop.""",
    ),
    Idea(
        "Books in the languages we speak at home", "", Theme.LEARNING, 8_000, "mireille", 16, 16,
        "Town library and its three branches",
        "Eight hundred books in the forty-one languages of our school children.",
        """Children in our schools speak forty-one languages at home. The library has books in five. A child who \
reads in one language reads better in all of them: I have taught for thirty years and have seen it four hundred times.

Eight hundred books, chosen together with parents, and a shelf in every branch. Picture books, yes, but also crime \
novels for grandfathers.""",
    ),
    Idea(
        "Tool library in the Old Tram Hall", "", Theme.MEETING, 11_500, "bram", 17, 17,
        "Old Tram Hall, the former signal room",
        "Drills, ladders and forty more good tools to borrow with a library card.",
        """A drill is used for thirteen minutes in its whole life. There are, I guess, four thousand drills in \
Riverside. Let us have forty good ones instead, with ladders, sanders, a carpet cleaner and a tall pump for cellars.

Borrow for a week with your library card. Three retired electricians have said they will check everything that comes \
back.""",
    ),
    Idea(
        "A defibrillator at six corners", "", Theme.CARE, 12_000, "cedric", 20, 20,
        "One in each district, outdoors, open day and night",
        "One in each district, outdoors and never locked, and afternoons to learn how they work.",
        """Two years ago my father fell down at the tram museum. The nearest defibrillator was in the bank, and the bank \
was closed. He lived, because a student ran to the swimming pool in her socks.

Six devices, one in each district, outside, lit, never locked. And six afternoons when the rescue service shows us how \
they work. You cannot do it wrong. The machine talks to you.""",
    ),
    Idea(
        "A tree for every child born this year", "", Theme.GREEN, 9_000, "clara", 18, 18,
        "Parks and verges in every district",
        "Some 260 trees in parks and verges, planted by the parents.",
        """About two hundred and sixty children are born in Riverside in a year. Each of them should get a tree in the \
town: not a present with a ribbon, but a lime or an oak or a pear that will be tall when they are.

The gardeners choose the places, the parents dig the hole, and the child waters it once they can carry a can. Names on \
a list in the town hall, no plates.""",
    ),
)  # fmt: skip
