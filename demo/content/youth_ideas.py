# SPDX-License-Identifier: AGPL-3.0-or-later
"""What has come in so far for the youth budget, which takes ideas at the moment."""

from .idea import Answer, Idea, Theme, Unreviewed
from .town import MARKET, MEADOWS, MILLSIDE, QUAY, STATION, WEAVERS

SUMMARY = """60 000 € for what young people in Riverside need. Everybody who lives here may send in an idea. Everybody \
aged 12 to 25 may vote.

A good idea fits on one page: what, where, for whom. You do not have to know what it costs. If two ideas are alike, we \
bring you together. If something cannot be built, you get a reason that you can understand."""

IDEAS = (
    Unreviewed(
        Idea(
            "A room for us with a door that we may close", WEAVERS, Theme.MEETING, 9_000, "isra", 0, 0,
            "Weavers' House, second floor",
            "One room in Weavers' House, painted and run by people under twenty.",
            """Every room for young people in this town has a grown-up in it who says that we can talk to him about \
anything. He is nice. But we would like to talk to each other.

There is a room under the roof of Weavers' House, 22 square metres, with a window. We would paint it, choose the sofa \
and make the rules. We already have the first rule: shoes off.""",
        ),
        Answer(
            "dilnoza",
            "Can be built: the room needs a second way out in case of fire, and that is a ladder from the window to the "
            "flat roof. The cost holds that ladder, paint and furniture for 2 000 €. You make the rules. The fire officer "
            "makes one more.",
            cost=8_600,
        ),
    ),
    Unreviewed(
        Idea(
            "Lockers for school bags at the swimming pool", MILLSIDE, Theme.SPORT, 4_000, "jolien", 0, 0,
            "Millside pool, entrance",
            "Twenty large lockers, so that we can go for a swim straight from school.",
            """We have forty minutes between the last lesson and the bus. The pool is next door. The bags do not fit in \
the lockers, so one of us always sits on the bench and guards them, and it is always me.""",
        ),
        Answer("ewa", "Can be built: the wall behind the ticket desk is free and the pool wants it too.", cost=3_900),
    ),
    Unreviewed(
        Idea(
            "Torneo de fútbol sin marcador", QUAY, Theme.SPORT, 2_500, "emilio", 0, 0,
            "Campo de Mill Field",
            "Un torneo mixto de verano donde gana el equipo que mejor se porta.",
            """Entreno a niñas y niños de diez años. El año pasado, en una final, un padre lloró y tres pelearon. Los niños \
miraban.

Propongo un torneo de cuatro sábados, equipos mezclados de todos los barrios, sin marcador. Hay puntos por ayudar a \
levantarse, por reírse y por compartir el agua. El dinero es para camisetas, fruta y un premio que es una paella.""",
            language="es",
        ),
        Answer("dilnoza", "Can be built. Mill Field is free on the first four Saturdays of July. The cost is for 160 shirts, "
               "fruit, the paella and a first-aid team.", cost=2_800),
    ),
    Unreviewed(
        Idea(
            "Phone charging bench at Mill Square", MILLSIDE, Theme.STREETS, 5_500, "hamza", 0, 0,
            "Mill Square",
            "A bench with a small sun roof, light, and four places to charge a phone.",
            """When your phone is dead you cannot call home, and then home is worried, and then home is angry. A bench with a \
solar roof would stop at least two arguments a week in my family alone.""",
        ),
        Answer("ewa", "Can be built, with sockets that can be changed in ten minutes when somebody has put gum into them.",
               cost=6_200),
    ),
    Unreviewed(
        Idea(
            "Learner tickets: 50 driving lessons for jobs out of town", MEADOWS, Theme.LEARNING, 10_000, "jef", 0, 0,
            "Meadow End",
            "Help with the driving licence for young people who have found a job where no bus goes.",
            """I have a place as an apprentice with a carpenter. He begins at six. The first bus from Meadow End is at 6:47. \
My sister had the same problem and gave up the job.""",
        ),
        Answer(
            "dilnoza",
            "This budget cannot pay for something that only one person owns afterwards, and a licence is such a thing. We "
            "do not want to leave it there: the job office has a fund for exactly this case, we have spoken with it, and "
            "a form is waiting for you and for your sister.",
        ),
    ),
    Unreviewed(
        Idea(
            "Swimming in the mill race with a rope", MILLSIDE, Theme.SPORT, 1_500, "bilal", 0, 0,
            "Mill race, below the sluice",
            "A rope to hold on to, so that we can float down the mill race.",
            """Everybody does it anyway, at night, without a rope. With a rope and a landing place it would be safe.""",
        ),
        Answer(
            "ewa",
            "We went there with the water rescue. Below the sluice the water pulls down with a force that no rope helps "
            "against: two people had to be saved there in the last ten years. Please do not do it at night either. The "
            "rescue team offers to show you the place from the safe side, and there will be a ladder at the south quay.",
        ),
    ),
    Unreviewed(
        Idea(
            "Drone race over the weir", MARKET, Theme.PLAY, 6_000, "arjun", 0, 0,
            "Weir and Weir Park",
            "A course with lit gates over the water, and six drones to borrow.",
            """My sons fly drones in the living room. I would like to have the living room back. Over the weir nobody would be \
disturbed but the ducks, and the lights would look wonderful from both banks.""",
        ),
        Answer(
            "ewa",
            "The rescue helicopter of the hospital flies low over the weir, so no drone may rise there, not even for one "
            "evening. The ducks were asked too, by the nature office. In winter you can have the empty fish market on "
            "Sundays, indoors, for nothing: call the market office.",
        ),
    ),
    Unreviewed(
        Idea(
            "Summer cinema on the car park roof", MARKET, Theme.CULTURE, 7_000, "mireille", 0, 0,
            "Top floor of the market car park",
            "Five nights of films chosen by a jury of young people.",
            """The top floor is empty every evening and has the best sunset in town. My class made a list of forty films that \
they would sit outside for.""",
        ),
        taken_back=True,
    ),
    Unreviewed(
        Idea(
            "Night sport: open gym until midnight on Fridays", MILLSIDE, Theme.SPORT, 12_000, "ibrahim", 0, 0,
            "Gym of Millside school",
            "Futsal, volleyball and dancing from 21:00 to midnight, with two trainers.",
            """On Friday night there is nothing between the kebab shop and the car park. I am a trainer and I have the keys to \
the gym. What I do not have is the money for heating, insurance and a second pair of eyes.""",
        ),
    ),
    Unreviewed(
        Idea(
            "Podcast of our grandparents' journeys", STATION, Theme.CULTURE, 3_500, "jamila", 0, 0,
            "The school above the station",
            "Ten young people record ten people who came to Riverside from far away.",
            """My grandfather crossed four borders with a sewing machine. I have heard it a hundred times and never written it \
down. There are stories like that behind every door of our staircase.""",
        ),
    ),
    Unreviewed(
        Idea(
            "Bike pump and tools at every school", "", Theme.WHEELS, 4_500, "jolien", 0, 0,
            "Seven schools",
            "A pump and tools on a steel rope at each of the seven schools.",
            """Flat tyre at 7:50 means late at 8:15. This happens to somebody in my class every week.""",
        ),
    ),
    Unreviewed(
        Idea(
            "Un mural de nuestras abuelas", WEAVERS, Theme.CULTURE, 5_000, "carmen", 0, 0,
            "Muro de la lavandería, Loom Square",
            "Retratos grandes de doce abuelas del barrio, pintados por sus nietas y nietos.",
            """En las plazas hay estatuas de generales que aquí nadie conoce. A doña Mercedes, que cosió los trajes de medio \
barrio, la conocemos todos.

Doce retratos de dos metros, con su nombre y lo que saben hacer. Los pintan los jóvenes con ayuda de una artista. Las \
abuelas ya dijeron que sí, con una condición: que salgan con el pelo arreglado.""",
            language="es",
        ),
    ),
    Unreviewed(
        Idea(
            "Quiet study room that stays open until 22:00 in exam weeks", "", Theme.LEARNING, 6_000, "clara", 0, 0,
            "Town library",
            "Six weeks a year with late opening, light and soup.",
            """The library closes at 18:00. At home there are my three brothers. I do not need silence, I need people around \
me who are also trying.""",
        ),
    ),
    Unreviewed(
        Idea(
            "Sports wheelchairs to borrow", "", Theme.CARE, 9_000, "nadia", 0, 0,
            "Sports hall, Millside",
            "Six sports wheelchairs, so that whole classes can play basketball sitting down.",
            """With one sports wheelchair my son can sit at the side and watch. With six, everybody sits, and he wins.""",
        ),
    ),
    Unreviewed(
        Idea(
            "Girls' hour at the skate corner", MILLSIDE, Theme.PLAY, 2_200, "selma", 0, 0,
            "Under the bypass",
            "Sunday mornings for girls, with boards to borrow and a trainer.",
            """I am fifteen and I like to skate when nobody films me.""",
        ),
    ),
    Unreviewed(
        Idea(
            "School garden with a hen house", STATION, Theme.GREEN, 5_800, "abena", 0, 0,
            "The school above the station",
            "Eight hens, six beds, and a list of who comes on Sundays.",
            """Some of my pupils believe that eggs come from the discount shop. The caretaker has agreed to hens, under the \
condition that none of them is called after him.""",
        ),
    ),
    Unreviewed(
        Idea(
            "Taller de cocina barata para los que se van de casa", "", Theme.LEARNING, 3_200, "ximena", 0, 0,
            "Cocina de Signal Lane",
            "Diez tardes para aprender a cocinar rico con tres euros al día.",
            """En un mes empiezo a vivir sola. Sé freír un huevo y pedir una pizza. Propongo diez tardes en las que las \
vecinas y vecinos que cocinan bien nos enseñan un plato cada uno: lentejas, arroz, sopa, pan.

Se come juntos y al final cada cual se lleva un cuaderno con las recetas y los precios.""",
            language="es",
        ),
    ),
    Unreviewed(
        Idea(
            "A flag pole for whoever has something to celebrate", QUAY, Theme.CULTURE, 1_400, "duc", 0, 0,
            "Ferry landing",
            "One pole, one rope, and a box of coloured cloths that anybody may hoist.",
            """Passed the exam? New sister? Last day of treatment? Pull up a flag, and the whole quay knows that someone is \
happy today. They do not have to know why.""",
        ),
    ),
    Unreviewed(
        Idea(
            "Water slide for the winter: a sledge hill", MEADOWS, Theme.PLAY, 7_500, "lotte", 0, 0,
            "Gravel pit",
            "Use the heap of earth at the gravel pit for a sledge hill with a safe end.",
            """Upper Meadows is high up and still there is no hill without a road at its end. The pit has a heap of earth that \
it wants to get rid of. It would only have to be pushed into shape and sown with grass.""",
        ),
    ),
    Unreviewed(
        Idea(
            "First-aid course for everyone in class nine", "", Theme.CARE, 5_200, "cedric", 0, 0,
            "All schools with a class nine",
            "One day for each class, with the people from the ambulance.",
            """My father is alive because of a student in socks. I would like there to be more such students.""",
        ),
    ),
    Unreviewed(
        Idea(
            "Tables where you can charge nothing and talk", MARKET, Theme.MEETING, 2_800, "noor", 0, 0,
            "Corn Square",
            "Three long tables without sockets, without Wi-Fi, with benches.",
            """There is a proposal for a bench that charges phones. It is a good one. I propose the opposite as well.""",
        ),
    ),
    Unreviewed(
        Idea(
            "Borrow a musical instrument for a year", "", Theme.CULTURE, 8_000, "dawit", 0, 0,
            "Music school",
            "Thirty instruments, free of charge for a year, with someone who explains how to hold them.",
            """A child who would be a great trombonist will never know, because nobody has a trombone at home.""",
        ),
    ),
    Unreviewed(
        Idea(
            "Mesa de ping-pong en la plaza de los telares", WEAVERS, Theme.PLAY, 3_400, "rubén", 0, 0,
            "Loom Square",
            "Dos mesas de ping-pong de hormigón que aguantan la lluvia y a mi hermano.",
            """En la plaza hay un rincón donde no cabe nada más grande. Dos mesas de hormigón duran treinta años, no hacen \
ruido por la noche y juegan los de siete y los de setenta.""",
            language="es",
        ),
    ),
    Unreviewed(
        Idea(
            "Somebody to talk to, without an appointment", "", Theme.CARE, 11_000, "hiba", 0, 0,
            "Youth house, Wednesdays and Sundays",
            "A counsellor on two afternoons a week; you just walk in.",
            """The waiting time for help is five months. Five months is longer than most people in my class can imagine. \
Someone who listens now could be enough for many, and could call the right person for the others.""",
        ),
    ),
    Unreviewed(
        Idea(
            "A mixed choir for people who cannot sing", MEADOWS, Theme.CULTURE, 1_800, "bente", 0, 0,
            "The chapel",
            "One evening a week, a patient choirmaster, and one concert with free earplugs.",
            """I have been asked to move my lips only since I was eight years old. I am twenty-four now. There must be more of us.""",
        ),
    ),
    Unreviewed(
        Idea(
            "A swing as wide as a bench under the chestnut tree", MILLSIDE, Theme.PLAY, 2_400, "amina", 0, 0,
            "Mill Gardens, under the old chestnut",
            "A swing for two generations at once.",
            """A swing that is as wide as a bench, so that a grandmother and a child fit on it together.

Still to find out before I send this in: who looks after the tree? Would it carry a swing, or do we need posts? Ask \
Leif, he climbs.""",
        ),
        draft=True,
    ),
)  # fmt: skip
