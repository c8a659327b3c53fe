# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where we are: the phases of a cycle, gathered into the few steps that residents follow."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from voting.models import PollState

from .dates import last_day
from .models import Cycle, Phase, Proposal
from .models.cycles import CHECKING

Kind = Phase.Kind


class StepState(StrEnum):
    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"


@dataclass(frozen=True)
class Step:
    """One step of the timeline with its days and the number that belongs to it."""

    name: str
    title: str
    state: StepState
    starts_at: datetime
    ends_at: datetime | None
    number: int | None

    @property
    def first_day(self) -> date:
        return timezone.localdate(self.starts_at)

    @property
    def last_day(self) -> date | None:
        """The last day that belongs to the step."""
        return None if self.ends_at is None else last_day(self.ends_at)

    @property
    def is_one_day(self) -> bool:
        return self.first_day == self.last_day


STEPS: list[tuple[str, Promise, tuple[str, ...]]] = [
    ("start", _("Start"), (Kind.DRAFTING, Kind.INFORMING)),
    ("ideas", _("Ideas"), (Kind.ACCEPTING,)),
    ("check", _("Check"), CHECKING),
    ("vote", _("Vote"), (Kind.BALLOTING,)),
    ("results", _("Results"), (Kind.REVIEWING_BALLOTS, Kind.FINISHED)),
    ("build", _("Build"), (Kind.IMPLEMENTING,)),
]


@dataclass(frozen=True)
class Numbers:
    """What has come in so far; turnout may be told at any time, totals never before the result."""

    sent_in: int
    can_be_built: int
    on_ballot: int
    ballots: int


def numbers_of(cycle: Cycle) -> Numbers:
    """Counted in one query, and one more for each pot with a ballot."""
    states = Proposal.objects.filter(heading__cycle=cycle).aggregate(
        sent_in=Count("pk", filter=~Q(state__in=[Proposal.State.DRAFT, Proposal.State.MERGED, Proposal.State.SPLIT])),
        on_ballot=Count("project"),
        can_be_built=Count("pk", filter=Q(state=Proposal.State.FEASIBLE)),
    )
    polls = [heading.poll for heading in cycle.headings.all() if heading.poll is not None]
    return Numbers(**states, ballots=sum(poll.turnout for poll in polls if poll.opened_at is not None))


def steps_of(cycle: Cycle, numbers: Numbers, at: datetime | None = None) -> list[Step]:
    """The steps that this cycle has, in order; at most one of them is now."""
    moment = at or timezone.now()
    counted = {"ideas": numbers.sent_in, "check": numbers.can_be_built, "vote": numbers.ballots}
    steps = []
    for name, title, kinds in STEPS:
        phases = [phase for phase in cycle.phases.all() if phase.enabled and phase.kind in kinds]
        if not phases:
            continue
        starts_at, ends_at = phases[0].starts_at, phases[-1].ends_at
        if moment < starts_at:
            state = StepState.AHEAD
        elif ends_at is not None and ends_at <= moment:
            state = StepState.DONE
        else:
            state = StepState.NOW
        steps.append(Step(name, str(title), state, starts_at, ends_at, counted.get(name) or None))
    return steps


def results_are_published(cycle: Cycle) -> bool:
    """Whether any pot's result may be read."""
    return any(heading.poll and heading.poll.state == PollState.PUBLISHED for heading in cycle.headings.all())
