# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the officials and the moderators of the youth budget have before them."""

DEPARTMENTS = (
    (
        "Roads and buses",
        ["streets", "wheels"],
        ("dilnoza",),
        ("The ground belongs to the town.", "Emergency vehicles still get through.", "No pipe or cable is in the way."),
    ),
    (
        "Parks and play",
        ["green", "play", "sport"],
        ("ewa", "dilnoza"),
        ("The ground belongs to the town.", "It is safe for small children.", "Somebody looks after it later."),
    ),
    (
        "Buildings and learning",
        ["learning", "culture", "meeting", "care"],
        ("ewa",),
        ("There is a second way out in case of fire.", "A wheelchair gets in.", "The room is free at that time."),
    ),
)
REPLIES = (
    ("Not our ground", "The ground does not belong to the town. We have asked its owner, who does not want this."),
    ("It exists already", "This is there already, and you can use it today. Look here: "),
    ("Another budget pays", "This budget cannot pay for it, but another one can. We have passed your idea on to "),
)
NOTE = "The caretaker is away until Monday. I have asked for the plan of the roof, please wait for it."
CONFLICT = "My niece is one of the three who wrote it."
# What the author says, and the decision; without one, it waits.
APPEALS = (
    (
        "You looked at it as a gift for one person. I meant five cars that stay with the town and that we share for the "
        "lessons. Nobody owns anything afterwards.",
        "",
    ),
    (
        "The sluice is closed from June to September. Was it closed when you went there?",
        "It was closed, and the water still pulled two metres down behind it. We have measured it with the rescue team, "
        "and the figures hang in the town hall.",
    ),
)
# Who says it, what, and who reports it for what.
COMMENTS = (
    ("piet", "Whoever wrote this has never worked a day. Go home and ask your mother for money.",
     (("amina", "insult"), ("fatima", "insult"), ("karim", "off_topic"))),
    ("goran", "I do not believe a word of the costs. Five thousand, in this town?", (("hanne", "off_topic"),)),
    ("stefan", "Cheap trainers, all sizes, write to me and pay in cash!", (("amina", "spam"), ("jolien", "spam"))),
    ("viktor", "Buy your phone covers at my stall, then the whole class looks the same!", (("yasmina", "spam"),)),
)  # fmt: skip
REPORTS_OF_A_PROPOSAL = (("magda", "privacy"),)
HIDDEN = ("spam", "It sells something and says nothing about the idea. You can write again about the idea itself.")
APPEAL = "My stall gives half of it to the school trip. I only wanted to say that, and I can say it with other words."
