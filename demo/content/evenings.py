# SPDX-License-Identifier: AGPL-3.0-or-later
"""The meetings: one that is over, one that begins about now, one that is planned, and those of the co-op."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Question:
    """A poll under an item. `liking` says how a hundred people feel about each option; only past polls need it."""

    template: str  # yes_no, choose_one, approval or ranked
    question: str
    options: tuple[str, ...] = ()
    liking: tuple[int, ...] = ()


@dataclass(frozen=True)
class Motion:
    """A text that the room is asked to adopt by the first question of its item, with a change that somebody asks for."""

    title: str
    text: str
    mover: str
    seconder: str = ""
    change: str = ""
    reason: str = ""
    change_by: str = ""


@dataclass(frozen=True)
class Item:
    """One point of the agenda, with what came of it where it is over."""

    title: str
    kind: str  # information, discussion, decision or break
    minutes: int
    presenter: str = ""
    text: str = ""
    questions: tuple[Question, ...] = ()
    outcome: str = ""
    motion: Motion | None = None


@dataclass(frozen=True)
class Evening:
    """A meeting and its agenda."""

    title: str
    place: str
    text: str
    minutes: int
    items: tuple[Item, ...] = field(default=())
    quorum: int | None = None


SOUP = "\nThe assembly thanks the youth house for the soup.\n"
TRAM_HALL = "Old Tram Hall, Depot Street 1 (step-free, hearing loop)"
QUORUM = 80

LAST = Evening(
    title="Slow streets, and the old ticket office",
    place=TRAM_HALL,
    text="We look at the traffic in front of our schools, decide what comes into the old ticket office, and hear about "
    "the weir path. Soup from half past six.",
    minutes=150,
    quorum=QUORUM,
    items=(
        Item(
            "Welcome",
            "information",
            10,
            "Bao Nguyen",
            "How the evening runs, how to vote with a phone, and where to get help with it.",
        ),
        Item(
            "Minutes of the meeting before",
            "decision",
            5,
            "Sofia Lindqvist",
            "They hang at the entrance and are on the assembly's page.",
            (Question("yes_no", "Do we approve the minutes of the meeting before?", liking=(91, 1, 8)),),
        ),
        Item(
            "Slow streets around the schools",
            "decision",
            40,
            "Kirsti Moen",
            "Parents of all seven schools ask for 20 km/h on the streets around them, from 7 to 17 on school days. The bus "
            "company says that lines 2 and 4 would lose one minute. The assembly can ask the council for it; the council "
            "decides.",
            (Question("yes_no", "Shall we ask the council for 20 km/h around all schools?", liking=(68, 24, 8)),),
            outcome="The assembly asks the council for it. Ms Moen and Mr Dragan write the letter together.",
            motion=Motion(
                "20 km/h around our schools",
                "The assembly asks the council for a limit of 20 km/h on the streets around all seven schools, from 7 to 17 on "
                "school days.",
                mover="Kirsti Moen",
                seconder="Bram de Wit",
            ),
        ),
        Item(
            "The old ticket office",
            "decision",
            35,
            "Bram de Wit",
            "The room beside the entrance is 38 square metres and has been empty since the trams stopped. Four groups "
            "would like it. Each has four minutes. Then we put them in order.",
            (
                Question(
                    "ranked",
                    "What should come into the old ticket office?",
                    ("Bicycle workshop", "Children's library corner", "Café run by the youth house", "Legal advice, free of charge"),
                    (22, 31, 29, 22),
                ),
            ),
            outcome="The group with the most support gets the keys in spring. The others were offered the room upstairs.",
        ),
        Item("Break", "break", 15, text="Soup, bread, and the minders would like to have the little ones collected."),
        Item(
            "The weir path: first look",
            "discussion",
            30,
            "Ewa Zielińska",
            "A path along the weir would make the way to the station eleven minutes shorter. Two routes are possible, and one "
            "of them crosses the garden of the rowing club.",
            outcome="Ms Zielińska comes back with costs for both routes. The rowing club was invited.",
        ),
        Item("Any other business", "discussion", 15, outcome="The clock in the hall is seven minutes slow. Mr Byrne sees to it."),
    ),
)  # fmt: skip

TODAY = Evening(
    title="The tram hall, a festival, and a bridge without a name",
    place=TRAM_HALL,
    text="""Three decisions and a soup. How long does our hall stay open? Which street festival gets the big stage? And what do \
we call the new bridge?

Everybody may come and speak. Verified residents who are checked in can vote, with their phone or with one of ours.""",
    minutes=170,
    quorum=QUORUM,
    items=(
        Item(
            "Welcome",
            "information",
            10,
            "Bao Nguyen",
            "How the evening runs, how to vote with a phone, and where to get help with it. The helpers wear green scarves.",
        ),
        Item(
            "Minutes of the last meeting",
            "decision",
            5,
            "Sofia Lindqvist",
            "They hang at the entrance and are on the assembly's page. One correction is known: the clock was seven minutes slow, "
            "not eight.",
            (Question("yes_no", "Do we approve the minutes of the last meeting?"),),
        ),
        Item(
            "Report on the weir path",
            "information",
            20,
            "Ewa Zielińska",
            "The costs of both routes, as asked for last time: 410 000 € along the water, 365 000 € through the garden of the rowing "
            "club. The club would agree if its gate is moved. Nothing is decided today.",
        ),
        Item(
            "Opening hours of the Old Tram Hall",
            "decision",
            25,
            "Faridah Noor",
            "The hall closes at 21:00. Sports groups, choirs and the film club would like to stay until 23:00 on Fridays. Neighbours in "
            "Depot Street fear the noise when people go home. The caretaker says: two more hours a week, if somebody else "
            "locks up.",
            (Question("yes_no", "Should the hall stay open until 23:00 on Fridays?"),),
            motion=Motion(
                "The hall on Fridays",
                "The Old Tram Hall stays open until 23:00 on Fridays. A key goes to each group that stays longer.",
                mover="Faridah Noor",
                seconder="Bram de Wit",
                change="The Old Tram Hall stays open until 22:00 on Fridays. A key goes to each group that stays longer.",
                reason="An hour is enough for the choirs, and Depot Street sleeps.",
                change_by="Cornelia Voss",
            ),
        ),
        Item(
            "Which street festival gets the big stage?",
            "decision",
            20,
            "Giulia Marchetti",
            "The town lends its big stage to one street festival this season. Choose all that you would go to. This is an open "
            "vote: you see the tally grow.",
            (
                Question(
                    "approval",
                    "Which street festivals would you go to?",
                    (
                        "Lantern walk on the quay",
                        "Long table on Mill Street",
                        "Soup and drums on Station Hill",
                        "Loom Square dances",
                        "Apple day in Upper Meadows",
                        "Corn Square by candlelight",
                    ),
                ),
            ),
        ),
        Item("Break", "break", 15, text="Soup, bread, coffee. Back when the bell rings twice."),
        Item(
            "A name for the new bridge",
            "decision",
            25,
            "Hiba Khalil",
            "The footbridge between Quayside and Weavers' Row opens in a few weeks and the signs must be painted. Pupils collected "
            "212 names, a jury of neighbours chose five. Put them in the order that you like. The result stays hidden until "
            "Bao shows it.",
            (
                Question(
                    "ranked",
                    "What shall the new bridge be called?",
                    ("Heron Bridge", "Shuttle Bridge", "Bridge of Two Banks", "Washerwomen's Bridge", "Little Wobble"),
                ),
            ),
        ),
        Item(
            "The budget: your questions",
            "discussion",
            40,
            "Adéla Nováková",
            "Voting on eighteen projects is open. Ms Nováková explains how the money is shared out, and authors of projects are here "
            "to answer. Paper ballots lie in the small room until the end of the meeting.",
        ),
        Item("Any other business", "discussion", 10, text="Three minutes each, please."),
    ),
)  # fmt: skip

NEXT = Evening(
    title="Results of the budget, and the weir path",
    place=TRAM_HALL,
    text="The results of the neighbourhood budget, project by project. Then we decide which route of the weir path the assembly "
    "wants.",
    minutes=150,
    quorum=QUORUM,
    items=(
        Item("Welcome", "information", 10, "Bao Nguyen"),
        Item("Minutes of the last meeting", "decision", 5, "Sofia Lindqvist"),
        Item(
            "The neighbourhood budget: who won, and why",
            "information",
            40,
            "Adéla Nováková",
            "Every step of the count, and time for those whose project did not make it.",
        ),
        Item("Break", "break", 15),
        Item("The weir path: water side or garden side?", "decision", 45, "Ewa Zielińska"),
        Item("Any other business", "discussion", 10),
    ),
)

HARBOUR_LAST = Evening(
    title="House meeting: a second washing machine",
    place="Kitchen, ground floor",
    text="Bring your own cup.",
    minutes=60,
    items=(
        Item(
            "A second washing machine",
            "decision",
            20,
            "Wanda Firth",
            "640 € from the house fund, or we go on with the list on the door.",
            (Question("yes_no", "Do we buy a second washing machine for 640 €?", liking=(72, 20, 8)),),
            outcome="Bought. Otis carries, everybody else gives advice.",
        ),
        Item("Who waters the roof in summer", "discussion", 15, "Lars Ekdahl", outcome="A list, by floors."),
    ),
)
HARBOUR_NEXT = Evening(
    title="House meeting: new neighbours on the third floor",
    place="Kitchen, ground floor",
    text="Two households would like to move in. We have read their letters; today we talk.",
    minutes=75,
    items=(
        Item(
            "The free flat on the third floor",
            "decision",
            40,
            "Rosalind Achebe",
            "A family of four with a piano, or two potters with a kiln.",
            (Question("choose_one", "Whom do we ask to move in?", ("The family of four", "The two potters", "Neither yet")),),
        ),
        Item("The bicycle cellar", "discussion", 20, "Tariq Mansour"),
    ),
)  # fmt: skip
