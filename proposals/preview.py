# SPDX-License-Identifier: AGPL-3.0-or-later
"""The public page of a budget as it would be on some day, before anything of it is stored."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from voting.models import Poll, PollState

from .models import Cycle, Heading, Phase
from .next_step import NextStep, next_step
from .plans import CyclePlan, NewPhase
from .timeline import Numbers, Step, numbers_of, steps_of

NOON = time(12)


@dataclass(frozen=True)
class Preview:
    """What a resident would read on that day; the cycle is a picture and is never saved."""

    day: date
    cycle: Cycle
    steps: list[Step]
    next: NextStep
    numbers: Numbers


def preview(cycle: Cycle, phases: list[NewPhase], plan: CyclePlan | None, day: date) -> Preview:
    """The timeline of these phases at noon of the day, and what could be done then by somebody who has not voted.

    Without a plan, as long as its other lines cannot be read, the stored text and pots are shown.
    """
    moment = datetime.combine(day, NOON, tzinfo=timezone.get_current_timezone())
    picture = _picture(cycle, phases, plan, moment)
    numbers = numbers_of(cycle)
    step = next_step(picture, AnonymousUser(), numbers, moment)
    return Preview(day, picture, steps_of(picture, numbers, moment), replace(step, today=day), numbers)


def _picture(cycle: Cycle, phases: list[NewPhase], plan: CyclePlan | None, moment: datetime) -> Cycle:
    """An unsaved budget with these phases and pots; while people vote, its ballots are taken to be open."""
    picture = Cycle(
        id=cycle.pk,
        assembly=cycle.assembly,
        title=plan.title if plan else cycle.title,
        summary=plan.summary if plan else cycle.summary,
        contact=plan.contact if plan else cycle.contact,
        currency=cycle.currency,
        published_at=cycle.published_at or timezone.now(),
    )
    calendar = [phase.of(picture) for phase in phases]
    vote = next((phase for phase in calendar if phase.kind == Phase.Kind.BALLOTING), None)
    votes = vote is not None and vote.starts_at <= moment and (vote.ends_at is None or moment < vote.ends_at)
    headings = _pots(picture, cycle, plan)
    if votes and headings:
        headings[0].poll = Poll(state=PollState.OPEN)  # the step says until when
    _show(picture, phases=calendar, headings=headings)
    return picture


def _pots(picture: Cycle, cycle: Cycle, plan: CyclePlan | None) -> list[Heading]:
    pots: list[Any] = list(plan.headings if plan else cycle.headings.all())
    return [
        Heading(
            cycle=picture,
            title=pot.title,
            amount=pot.amount,
            population=pot.population,
            district=pot.district,
            is_citywide=pot.is_citywide,
        )
        for pot in pots
    ]


def _show(picture: Cycle, **related: list[Any]) -> None:
    """Let the picture answer for its phases and pots as if they had been fetched with it."""
    picture._prefetched_objects_cache = related  # type: ignore[attr-defined]
