"""A budget of Riverside at any step, made by plain functions."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from assemblies.models import Assembly, Membership, Role
from proposals.models import Cycle, Heading, Phase, Project, Proposal
from proposals.services import (
    NewHeading,
    NewPhase,
    Piece,
    create_cycle,
    draft_proposal,
    open_ballot,
    publish_cycle,
    put_on_ballot,
    review_proposal,
    start_phase,
    submit_proposal,
)
from tests.make import line_of, make_member
from voting import services as voting
from voting.models import Poll

Kind = Phase.Kind
USUAL = [Kind.ACCEPTING, Kind.REVIEWING, Kind.BALLOTING, Kind.FINISHED, Kind.IMPLEMENTING]
TEN_DAYS = timedelta(days=10)
_numbers = count(1)


TOGETHER: dict[str, Any] = {"title": "Trees and benches", "summary": "Shade to sit in.", "text": "Both together."}
TWO_PIECES = [Piece("Trees", "Twelve.", "On the sunny side."), Piece("Benches", "Five.", "Below them.")]


def calendar(
    now_in: str = Kind.ACCEPTING, kinds: Sequence[str] | None = None, now: datetime | None = None
) -> list[NewPhase]:
    """Ten days for each step; the named one began five days ago, and the last stays open."""
    kinds = list(kinds or USUAL)
    start = (now or timezone.now()) - timedelta(days=5) - TEN_DAYS * kinds.index(now_in)
    return [
        NewPhase(kind, start + TEN_DAYS * place, None if kind == kinds[-1] else start + TEN_DAYS * (place + 1))
        for place, kind in enumerate(kinds)
    ]


def moment_in(cycle: Cycle, kind: str) -> datetime:
    """A moment in which this step of the calendar is on."""
    return cycle.phases.get(kind=kind).starts_at + timedelta(days=1)


def make_cycle(assembly: Assembly, now_in: str = Kind.ACCEPTING, **fields: Any) -> Cycle:
    """A published budget of 100 000 euro in one pot, five choices each."""
    fields.setdefault("title", f"Budget {next(_numbers)}")
    fields.setdefault("year", 2026)
    fields.setdefault("summary", "For small works in the town.")
    fields.setdefault("max_choices", 5)
    cycle = create_cycle(
        assembly=assembly,
        headings=fields.pop("headings", [NewHeading("The whole town", 100_000_00)]),
        phases=fields.pop("phases", None) or calendar(now_in),
        actor=None,
        **fields,
    )
    return publish_cycle(cycle=cycle, actor=None)


def pot_of(cycle: Cycle) -> Heading:
    return cycle.headings.get()


def make_draft(cycle: Cycle, author: Membership, title: str = "Shade trees", **fields: Any) -> Proposal:
    fields.setdefault("summary", "Twelve lime trees.")
    fields.setdefault("text", "There is no shade on Mill Street.")
    return draft_proposal(heading=fields.pop("heading", None) or pot_of(cycle), author=author, title=title, **fields)


def make_proposal(cycle: Cycle, author: Membership, title: str = "Shade trees", **fields: Any) -> Proposal:
    """Sent in while ideas were taken."""
    moment = moment_in(cycle, Kind.ACCEPTING)
    return submit_proposal(proposal=make_draft(cycle, author, title, **{"at": moment, **fields}), at=moment)


def make_evaluator(assembly: Assembly) -> Membership:
    return make_member(assembly, "Eva", Role.EVALUATOR)


def make_feasible(cycle: Cycle, author: Membership, evaluator: Membership, costs: dict[str, int]) -> list[Proposal]:
    """One proposal for each title, checked, with this cost in whole euro."""
    found = []
    for title, cost in costs.items():
        proposal = make_proposal(cycle, author, title)
        review_proposal(
            proposal=proposal,
            evaluator=evaluator,
            feasibility="feasible",
            cost=cost * 100,
            at=moment_in(cycle, Kind.REVIEWING),
        )
        proposal.refresh_from_db()
        found.append(proposal)
    return found


COSTS = {"Shade trees": 60_000, "Safe crossing": 50_000, "Repair café": 30_000, "Chess tables": 10_000}


def make_ballot(cycle: Cycle, author: Membership, evaluator: Membership, costs: dict[str, int] | None = None) -> Poll:
    """The projects are on the ballot, and the vote is not open."""
    make_feasible(cycle, author, evaluator, costs or COSTS)
    return put_on_ballot(heading=pot_of(cycle), actor=None, at=moment_in(cycle, Kind.REVIEWING))


def make_open_ballot(
    cycle: Cycle, author: Membership, evaluator: Membership, costs: dict[str, int] | None = None
) -> Poll:
    make_ballot(cycle, author, evaluator, costs)
    return open_ballot(heading=pot_of(cycle), actor=None)


def vote(poll: Poll, member: Membership, *titles: str) -> None:
    keys = [option.key for option in poll.options.all() if option.title in titles]
    voting.cast_ballot(
        poll=poll, line=line_of(poll, member), choice={"options": sorted(keys)} if keys else {}, key=f"key-{member.pk}"
    )


def make_published(
    cycle: Cycle, author: Membership, evaluator: Membership, costs: dict[str, int] | None = None
) -> Poll:
    """Everybody voted for all; the result is published and the awards are written."""
    poll = make_open_ballot(cycle, author, evaluator, costs)
    for member in Membership.objects.verified().filter(assembly=cycle.assembly).select_related("user"):
        vote(poll, member, *(option.title for option in poll.options.all()))
    closed = voting.close_poll(poll=poll, actor=None)
    if cycle.phase_of(Kind.FINISHED) and cycle.is_in(Kind.BALLOTING):
        start_phase(cycle=cycle, kind=Kind.FINISHED, actor=None)
    return voting.publish_poll(poll=closed, actor=None)


def project_of(cycle: Cycle, title: str) -> Project:
    return Project.objects.get(heading__cycle=cycle, title=title)
