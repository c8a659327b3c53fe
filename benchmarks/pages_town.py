# SPDX-License-Identifier: AGPL-3.0-or-later
"""The town of benchmarks/pages.py: one budget with many proposals and supports, written in bulk."""

import random
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from assemblies.models import Assembly, District, Membership
from proposals.models import Category, Cycle, Heading, Phase, Proposal, Review
from proposals.models.proposals import REFERENCE_LETTERS

PEOPLE, DISTRICTS = 4_000, 8
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


@transaction.atomic
def build(*, proposals: int, supports: int) -> Cycle:
    """The town stands: its budget is at the step of supporting."""
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
        (_proposal(chance, number, heading, members, districts) for number in range(proposals)), batch_size=1_000
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
    return cycle


def _square(number: int) -> list[list[float]]:
    """Districts lie in two rows, each a tenth of a degree wide."""
    west, south = number % 4 / 10, 50 + number // 4 / 10
    return [[west, south], [west + 0.1, south], [west + 0.1, south + 0.1], [west, south + 0.1]]


def _proposal(
    chance: random.Random, number: int, heading: Heading, members: list[Membership], districts: list[District]
) -> Proposal:
    """One proposal in words that are worth searching; every fourth is Spanish."""
    letters = "".join(
        REFERENCE_LETTERS[number // len(REFERENCE_LETTERS) ** place % len(REFERENCE_LETTERS)] for place in range(5)
    )
    word = lambda: chance.choice(WORDS)  # noqa: E731
    sent_at = heading.cycle.published_at - timedelta(minutes=5 * number + 60)  # type: ignore[operator]
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
        submitted_at=sent_at,
        decided_at=None if state == "submitted" else heading.cycle.published_at,
    )
