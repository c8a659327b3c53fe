# SPDX-License-Identifier: AGPL-3.0-or-later
"""The town of benchmarks/pages.py: one budget with many proposals and supports, written in bulk."""

import random
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from allauth.mfa.models import Authenticator
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from assemblies.models import Assembly, District, Membership, Role
from proposals.models import (
    Assignment,
    Category,
    Comment,
    Cycle,
    Heading,
    Moderation,
    Phase,
    Photo,
    Proposal,
    Report,
    Review,
)
from proposals.models.proposals import REFERENCE_LETTERS
from proposals.pb_import import import_file

PEOPLE, DISTRICTS = 4_000, 8
PROJECTS, BALLOTS = 200, 3_000  # of the budget whose result is looked at
WORDS = """bench tree bicycle playground library canal bridge light garden school market shade fountain crossing square
roof kitchen workshop river meadow stairs ramp bus stop theatre choir football skate swimming clinic elderly children
árbol plaza jardín niñez camión lámpara ciclovía puente fuente sombra escuela mercado canción balón salud barrio""".split()  # noqa: SIM905 -- read as a sentence
SENTENCE = "Here people meet every day near the {}, and for years a {} has been missing that does not cost much. "
STATES = ["submitted", "submitted", "feasible", "feasible", "unfeasible"]
# Some proposals are liked by many and most by few, as everywhere; each person once for a proposal.
SUPPORTS = """
INSERT INTO proposals_support (id, proposal_id, person_id, created_at)
SELECT gen_random_uuid(), liked.id, people[1 + (place * 7919 + nth) %% cardinality(people)], %(now)s
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM proposals_proposal) AS liked,
    (SELECT %(people)s::uuid[] AS people) AS pool,
    LATERAL generate_series(1, least(cardinality(people), (%(supports)s / sqrt(place * %(proposals)s) / 2)::int)) AS nth
"""
COUNTED = """
UPDATE proposals_proposal SET support_count = counted.supports
FROM (SELECT proposal_id, count(*) AS supports FROM proposals_support GROUP BY 1) AS counted WHERE proposal_id = id
"""


@dataclass(frozen=True)
class Town:
    """What the pages are about."""

    cycle: Cycle  # with its many proposals
    decided: Cycle  # with a published result
    official: User  # who checks proposals and moderates
    discussed: list[Proposal]


@transaction.atomic
def build(*, proposals: int, supports: int) -> Town:
    """The town stands: one budget is at the step of supporting, another is decided."""
    chance = random.Random("pages")  # noqa: S311 -- the same town each time
    now = timezone.now()
    town = Assembly.objects.create(name="Benchmark", slug="benchmark")
    districts = District.objects.bulk_create(
        District(assembly=town, name=f"District {number}", population=10_000, outline=_square(number))
        for number in range(DISTRICTS)
    )
    people = User.objects.bulk_create(
        User(email=f"person.{number}@example.org", name=f"Person {number}") for number in range(PEOPLE)
    )
    members = Membership.objects.bulk_create(Membership(assembly=town, user=user, verified_at=now) for user in people)
    cycle = Cycle.objects.create(assembly=town, title="Benchmark budget", year=2026, currency="EUR", published_at=now)
    heading = Heading.objects.create(cycle=cycle, title="The whole town", amount=100_000_000)
    begun = now - timedelta(days=30)
    Phase.objects.create(cycle=cycle, kind="accepting", position=2, starts_at=begun - timedelta(days=60), ends_at=begun)
    Phase.objects.create(cycle=cycle, kind="selecting", position=4, starts_at=begun)
    written = Proposal.objects.bulk_create(
        (_proposal(chance, number, heading, members, districts, now) for number in range(proposals)), batch_size=1_000
    )
    Review.objects.bulk_create(
        Review(
            proposal=proposal,
            evaluator=members[0],
            feasibility=proposal.state,
            cost=proposal.cost_guess if proposal.state == "feasible" else None,
            public_reason="It was looked at.",
        )
        for proposal in written
        if proposal.state != "submitted"
    )
    with connection.cursor() as cursor:
        ids = [member.pk for member in members]
        cursor.execute(SUPPORTS, {"people": ids, "supports": supports, "proposals": proposals, "now": now})
        cursor.execute(COUNTED)
    return Town(
        cycle,
        _decided(chance, town),
        _work_of_officials(chance, written, members),
        _discussed(chance, written, members),
    )


def _work_of_officials(chance: random.Random, written: list[Proposal], members: list[Membership]) -> User:
    """Half of what waits is assigned, a tenth of all was reported, and half of the reports are answered."""
    official, colleague = members[:2]
    official.roles = [Role.EVALUATOR.value, Role.MODERATOR.value]
    official.save()
    Authenticator.objects.create(user=official.user, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})
    Assignment.objects.bulk_create(
        Assignment(proposal=proposal, evaluator=chance.choice(members[:20]), assigned_by=official)
        for proposal in written
        if proposal.state == "submitted" and chance.random() < 0.5
    )
    reported = written[::10]
    answers = [Moderation(proposal=one, verdict="left", report_count=2, decided_by=colleague) for one in reported[::2]]
    settled = {answer.proposal: answer for answer in Moderation.objects.bulk_create(answers)}
    Report.objects.bulk_create(
        Report(
            proposal=proposal,
            reporter=reporter,
            reason=chance.choice(Report.Reason.values),
            settled_by=settled.get(proposal),
        )
        for proposal in reported
        for reporter in chance.sample(members, 2)
    )
    return official.user


def _discussed(chance: random.Random, written: list[Proposal], members: list[Membership]) -> list[Proposal]:
    """Fifty proposals about which people talk, and a picture of every third."""
    Photo.objects.bulk_create(
        Photo(proposal=proposal, key="1", alt="A picture", position=1, content=b"", small=b"", width=480, height=320)
        for proposal in written[::3]
    )
    discussed = chance.sample(written, min(len(written), 50))
    threads = Comment.objects.bulk_create(
        Comment(proposal=proposal, author=chance.choice(members), text=SENTENCE.format(*chance.sample(WORDS, 2)))
        for proposal in discussed
        for _ in range(40)
    )
    Comment.objects.bulk_create(
        Comment(proposal=thread.proposal, author=chance.choice(members), parent=thread, text="Yes.")
        for thread in threads[::2]
    )
    return discussed


def _decided(chance: random.Random, town: Assembly) -> Cycle:
    """A budget of an earlier year, as it comes out of a file."""
    keys = list(range(PROJECTS))
    head = {
        "description": "Benchmark", "country": "Germany", "unit": town.name, "instance": 2025, "currency": "EUR",
        "num_projects": PROJECTS, "num_votes": BALLOTS, "budget": 100 * PROJECTS, "vote_type": "approval", "rule": "greedy",
        "date_begin": 2025, "date_end": 2025,
    }  # fmt: skip
    lines = ["META", "key;value", *(f"{key};{value}" for key, value in head.items())]
    lines += ["PROJECTS", "project_id;cost;name", *(f"{key};{chance.randint(100, 900)};Project {key}" for key in keys)]
    ballots = (",".join(str(key) for key in sorted(chance.sample(keys, chance.randint(1, 8)))) for _ in range(BALLOTS))
    lines += ["VOTES", "voter_id;vote", *(f"{number};{ballot}" for number, ballot in enumerate(ballots))]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "benchmark.pb"
        file.write_text("\n".join(lines) + "\n")
        return import_file(file, assembly=town).cycle


def _square(number: int) -> list[list[float]]:
    """Districts lie in two rows, each a tenth of a degree wide."""
    west, south = number % 4 / 10, 50 + number // 4 / 10
    return [[west, south], [west + 0.1, south], [west + 0.1, south + 0.1], [west, south + 0.1]]


def _proposal(
    chance: random.Random,
    number: int,
    heading: Heading,
    members: list[Membership],
    districts: list[District],
    now: datetime,
) -> Proposal:
    """One proposal in words that are worth searching; every fourth is Spanish."""
    letters = "".join(
        REFERENCE_LETTERS[number // len(REFERENCE_LETTERS) ** place % len(REFERENCE_LETTERS)] for place in range(5)
    )

    def word() -> str:
        return chance.choice(WORDS)

    state = chance.choice(STATES)
    return Proposal(
        heading=heading,
        author=chance.choice(members),
        reference=f"BM-{letters}",
        title=f"{word().title()} and {word()} {number}",
        summary=f"A {word()} for everybody, with a {word()}.",
        text="".join(SENTENCE.format(word(), word()) for _ in range(chance.randint(3, 15))),
        place=f"{word().title()} Street {number % 90}",
        district=chance.choice(districts),
        longitude=f"{chance.random() * 0.4:.6f}",
        latitude=f"{50 + chance.random() * 0.2:.6f}",
        category=chance.choice(Category.values),
        cost_guess=chance.randint(1_000_00, 90_000_00),
        language="es" if number % 4 == 0 else "en",
        state=state,
        submitted_at=now - timedelta(minutes=5 * number + 60),
        decided_at=None if state == "submitted" else now,
    )
