# SPDX-License-Identifier: AGPL-3.0-or-later
"""Three budgets: last year's with what became of it, one in the vote, and one that takes ideas."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from proposals import services
from proposals.models import Cycle, Heading, Project, Proposal
from proposals.services import NewGroup, NewHeading, NewPhase
from voting import services as voting
from voting.models import Poll

from .ballot_box import fill_budget
from .calendar import VOTE_ENDS_IN
from .content import now_ballot, now_refused, past_districts, past_millside, people, photos, youth_ideas
from .content.deliveries import DELIVERIES, Delivery
from .content.figures import together
from .content.idea import Idea, Unreviewed
from .content.town_map import spot_in
from .pictures import picture
from .town import ON_THE_ROLL, Town

PAST_IDEAS = past_millside.IDEAS + past_districts.IDEAS
PAST_BUDGET, NOW_BUDGET, YOUTH_BUDGET = 240_000, 200_000, 60_000  # whole euros
PAST_BALLOTS, NOW_BALLOTS = 3_000, 1_400
PAST_CHOICES = 8
PAST_SEED, NOW_SEED = "15", "now"  # with these the ballots tell the story that the texts tell; a test keeps them so
RULE: dict[str, Any] = {
    "rule": "equal-shares",
    "compared_rules": ["greedy"],
    "rule_parameters": {"completion": "add1", "seed": "riverside"},
}
PAST_SUMMARY = """240 000 € for the neighbourhoods, forty-five projects, one ballot for everybody aged 16 or older. Each \
ballot held up to eight projects.

The money was shared out by the method of Equal Shares. Beside it you can see what the old rule, most votes first, would \
have done with the very same ballots: nearly everything would have gone to three large projects in Millside."""
PLANNED_TOWN, PLANNED_DISTRICT = 90_000, 20_000  # whole euros
PLANNED_SUMMARY = """One pot for works that serve everybody, and one for each district.

You vote in the pot of the whole town, and in one district. It can be the one where you live, or the one where you work \
or go to school."""
PAPER_COUNT = timedelta(days=3)  # from the end of the vote to the result

EVALUATORS = ("ewa", "dilnoza")


def seed_past(town: Town) -> Cycle:
    """Last year's budget, from the ideas to the ribbon."""
    days = town.calendar
    year = days.past_year
    accepting, reviewing, balloting = days.season_at(-480), days.season_at(-440), days.season_at(-385, 8)
    counting = days.season_at(-364, 20)
    finished = counting + PAPER_COUNT
    cycle = services.create_cycle(
        assembly=town.assembly,
        title=f"Riverside neighbourhood budget {year}",
        year=year,
        summary=together(PAST_SUMMARY),
        headings=[_whole_town(town, PAST_BUDGET)],
        phases=[
            NewPhase("accepting", accepting, reviewing),
            NewPhase("reviewing", reviewing, balloting),
            NewPhase("balloting", balloting, counting),
            NewPhase("reviewing_ballots", counting, finished),
            NewPhase("finished", finished, days.season_at(-320)),
            NewPhase("implementing", days.season_at(-320)),
        ],
        actor=town.facilitator,
        at=accepting - timedelta(days=20),
        max_choices=PAST_CHOICES,
        **RULE,
    )
    services.publish_cycle(cycle=cycle, actor=town.facilitator, at=accepting - timedelta(days=3))
    heading = Heading.objects.get(cycle=cycle)
    _submit_and_approve(town, heading, PAST_IDEAS, accepting, reviewing, seed=PAST_SEED)
    poll = _open_ballot(town, heading, balloting)
    named = [person for person in people.TOWN if person.verified]
    fill_budget(poll, PAST_IDEAS, named=named, number=PAST_BALLOTS, within_budget=False, until=counting, seed=PAST_SEED)
    voting.close_poll(poll=poll, actor=town.facilitator, at=counting)
    voting.publish_poll(poll=poll, actor=town.facilitator, at=finished)
    _deliver(town, heading)
    return cycle


def seed_now(town: Town, *, year: int) -> Cycle:
    """A budget in the vote: many ballots are in, and there is a week to go."""
    days = town.calendar
    accepting, reviewing, balloting = days.at(-95), days.at(-60), days.at(-10, 8)
    closes, finished = days.at(VOTE_ENDS_IN, 20), days.at(VOTE_ENDS_IN + 4, 18)
    cycle = services.create_cycle(
        assembly=town.assembly,
        title=f"Riverside neighbourhood budget {year}",
        year=year,
        summary=together(now_ballot.SUMMARY),
        headings=[_whole_town(town, NOW_BUDGET)],
        phases=[
            NewPhase("accepting", accepting, reviewing),
            NewPhase("reviewing", reviewing, balloting),
            NewPhase("balloting", balloting, closes),
            NewPhase("reviewing_ballots", closes, finished),
            NewPhase("finished", finished, days.at(60)),
            NewPhase("implementing", days.at(60)),
        ],
        actor=town.facilitator,
        at=accepting - timedelta(days=20),
        **RULE,
    )
    services.publish_cycle(cycle=cycle, actor=town.facilitator, at=accepting - timedelta(days=3))
    heading = Heading.objects.get(cycle=cycle)
    _submit_and_approve(town, heading, now_ballot.IDEAS, accepting, reviewing, seed=NOW_SEED)
    for refused in now_refused.IDEAS:
        _tell(
            town,
            heading,
            refused,
            submitted_at=accepting + timedelta(days=9),
            answered_at=reviewing + timedelta(days=8),
        )
    poll = _open_ballot(town, heading, balloting, within_budget=True)
    fill_budget(
        poll,
        now_ballot.IDEAS,
        named=_have_voted_already(),
        number=NOW_BALLOTS,
        within_budget=True,
        until=days.now,
        seed=NOW_SEED,
    )
    return cycle


def seed_youth(town: Town, *, year: int) -> Cycle:
    """A budget that takes ideas: some wait, some are answered, one is still in a drawer."""
    days = town.calendar
    accepting, reviewing = days.at(-24, 8), days.at(33, 20)
    cycle = services.create_cycle(
        assembly=town.assembly,
        title=f"Youth budget {year}",
        year=year,
        summary=together(youth_ideas.SUMMARY),
        headings=[_whole_town(town, YOUTH_BUDGET)],
        phases=[
            NewPhase("accepting", accepting, reviewing),
            NewPhase("reviewing", reviewing, days.at(70)),
            NewPhase("balloting", days.at(70), days.at(91, 20)),
            NewPhase("finished", days.at(91, 20), days.at(120)),
            NewPhase("implementing", days.at(120)),
        ],
        actor=town.facilitator,
        at=accepting - timedelta(days=20),
        max_choices=5,
        **RULE,
    )
    services.publish_cycle(cycle=cycle, actor=town.facilitator, at=accepting - timedelta(days=3))
    heading = Heading.objects.get(cycle=cycle)
    for place, idea in enumerate(youth_ideas.IDEAS):
        submitted_at = accepting + timedelta(hours=9 + 21 * place)
        _tell(town, heading, idea, submitted_at=submitted_at, answered_at=submitted_at + timedelta(days=3, hours=5))
    return cycle


def seed_planned(town: Town, *, year: int) -> Cycle:
    """A budget in preparation, which only those who run it see: a pot for the town, and one district to choose."""
    days = town.calendar
    begins = days.at(-6)
    return services.create_cycle(
        assembly=town.assembly,
        title=f"Town and districts {year}",
        year=year,
        summary=together(PLANNED_SUMMARY),
        contact="Bao at the town hall, room 4, telephone 555 0142",
        groups=[NewGroup("One district of your choice", 1)],
        headings=[
            NewHeading("For the whole town", PLANNED_TOWN * 100, population=24_000, is_citywide=True),
            *[
                NewHeading(name, PLANNED_DISTRICT * 100, district, district.population, "One district of your choice")
                for name, district in town.districts.items()
            ],
        ],
        phases=[
            NewPhase("informing", begins, days.at(40)),
            NewPhase("accepting", days.at(40), days.at(75)),
            NewPhase("reviewing", days.at(75), days.at(110)),
            NewPhase("balloting", days.at(110), days.at(124, 20)),
            NewPhase("finished", days.at(124, 20), days.at(140)),
            NewPhase("implementing", days.at(140)),
        ],
        actor=town.facilitator,
        at=begins,
        max_choices=4,
        **RULE,
    )


def _whole_town(town: Town, euros: int) -> NewHeading:
    return NewHeading("Whole town", euros * 100, population=sum(d.population or 0 for d in town.districts.values()))


def _have_voted_already() -> list[people.Person]:
    """Some of the people with a name; Amina and those who run things have not voted yet."""
    waiting = {people.AMINA, *people.OFFICERS}
    able = [person for person in people.TOWN if person.verified and person not in waiting]
    return [person for place, person in enumerate(able) if place % 3]


def _draft(town: Town, heading: Heading, idea: Idea, at: datetime) -> Proposal:
    spot = spot_in(idea.district, idea.title)
    draft = services.draft_proposal(
        heading=heading,
        author=town.member(_address(idea.author)),
        title=idea.title,
        summary=together(idea.summary),
        text=together(idea.text),
        place=idea.place,
        district=town.districts.get(idea.district),
        longitude=spot[0] if spot else None,
        latitude=spot[1] if spot else None,
        category=idea.theme.value,
        cost_guess=idea.cost * 100,
        language=idea.language,
        at=at,
    )
    if shown := photos.OF_IDEAS.get(idea.title):
        services.add_photo(proposal=draft, key=shown.scene, alt=shown.alt, picture=picture(shown.scene), at=at)
    return draft


def _address(author: str) -> str:
    return people.Person(author).email.partition("@")[0]


def _submit_and_approve(
    town: Town, heading: Heading, ideas: Sequence[Idea], opens: datetime, closes: datetime, *, seed: str
) -> None:
    """All these ideas were sent in, in no special order, and found to be feasible at the cost that they name."""
    chance = random.Random(f"post {seed}")  # noqa: S311 - who was first is no secret
    span = (closes - opens) * 0.98
    moments = sorted(opens + span * chance.random() for _idea in ideas)
    for moment, idea in zip(moments, chance.sample(ideas, len(ideas)), strict=True):
        _tell(
            town,
            heading,
            Unreviewed(idea),
            submitted_at=moment,
            answered_at=closes + timedelta(days=chance.randrange(2, 30), hours=chance.randrange(8)),
            cost=idea.cost,
            evaluator=chance.choice(EVALUATORS),
        )


def _tell(
    town: Town,
    heading: Heading,
    told: Unreviewed,
    *,
    submitted_at: datetime,
    answered_at: datetime,
    cost: int | None = None,
    evaluator: str = "",
) -> None:
    """One idea has come as far as it is told."""
    proposal = _draft(town, heading, told.idea, submitted_at - timedelta(hours=30))
    if told.draft:
        return
    proposal = services.submit_proposal(proposal=proposal, at=submitted_at)
    if told.taken_back:
        services.withdraw_proposal(
            proposal=proposal, actor=proposal.author.user, at=submitted_at + timedelta(days=2, hours=3)
        )
    elif told.answer is not None or cost is not None:
        answer = told.answer
        cost = answer.cost if answer else cost
        services.review_proposal(
            proposal=proposal,
            evaluator=town.member(answer.by if answer else evaluator),
            feasibility="unfeasible" if cost is None else "feasible",
            cost=None if cost is None else cost * 100,
            public_reason=together(answer.reason) if answer else "",
            at=answered_at,
        )


def _open_ballot(town: Town, heading: Heading, at: datetime, *, within_budget: bool = False) -> Poll:
    poll = services.put_on_ballot(heading=heading, actor=town.facilitator, at=at)
    if within_budget:
        poll.ballot_parameters = {"within_budget": True}
        poll.save(update_fields=["ballot_parameters"])
    named = sum(membership.verified_at is not None for membership in town.members.values())
    return services.open_ballot(heading=heading, actor=town.facilitator, at=at, without_account=ON_THE_ROLL - named)


def _deliver(town: Town, heading: Heading) -> None:
    """Every winner has its history: what was done in its season, what lies ahead from today on."""
    stories = {delivery.title: delivery for delivery in DELIVERIES}
    for project in Project.objects.funded().filter(heading=heading).select_related("heading__cycle"):
        _tell_delivery(town, project, stories[project.title])


def _tell_delivery(town: Town, project: Project, story: Delivery) -> None:
    days, actor = town.calendar, town.member("dilnoza").user
    for step in story.steps:
        services.record_milestone(
            project=project,
            title=step.title,
            text=together(step.text),
            due_on=days.day(step.due) if step.due > 0 else days.season_day(step.due),
            done_on=None if step.done is None else days.season_day(step.done),
            actor=actor,
            at=days.season_at(step.done if step.done is not None else -60, 15),
        )
    for money in story.money:
        services.record_spending(
            project=project,
            kind=money.kind,
            amount=money.amount * 100,
            on=days.season_day(money.day),
            note=together(money.note),
            actor=actor,
            at=days.season_at(money.day, 16),
        )
    if shown := photos.OF_WORKS.get(story.title):
        services.add_project_photo(
            project=project,
            key=shown.scene,
            alt=shown.alt,
            picture=picture(shown.scene),
            actor=actor,
            at=days.season_at(max(step.done for step in story.steps if step.done is not None), 14),
        )
    last = max((step.done for step in story.steps if step.done is not None), default=-60)
    if story.promised is not None:
        services.set_status(
            project=project,
            status="building",
            reason=story.promised[1],
            ready_on=days.day(story.promised[0]),
            actor=actor,
            at=days.season_at(last - 30, 17),
        )
    services.set_status(
        project=project,
        status=story.status,
        reason=story.reason,
        ready_on=None if story.ready is None else days.day(story.ready),
        actor=actor,
        at=days.season_at(last, 17),
    )
