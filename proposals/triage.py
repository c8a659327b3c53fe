# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where each proposal stands at the officials' desk, how long it has waited, and the filters of the desk."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, Greatest, Now, RowNumber
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assemblies.models import Membership

from .models import Assignment, Correction, Cycle, Estimate, Proposal, ReviewAppeal, ReviewRule

IN_A_COLUMN = 10
State = Proposal.State

STAGES: dict[str, Promise] = {
    "unassigned": _("To be assigned"),
    "assigned": _("With an evaluator"),
    "second": _("Waits for the second estimate"),
    "sign": _("Waits for the signature"),
    "appeal": _("Appeal to decide"),
    "returned": _("With its author, to be corrected"),
    "late": _("Not corrected in time"),
    "feasible": _("Can be built"),
    "unfeasible": _("Cannot be built"),
}
OPEN_STAGES = ("unassigned", "assigned", "second", "sign", "appeal", "late")


def at_desk(cycle: Cycle, rule: ReviewRule) -> QuerySet[Any]:
    """Every proposal that is or was to be checked, with `stage`, `waiting_since` and `open_estimates`."""
    open_estimates = Estimate.objects.filter(proposal=OuterRef("pk"), closed_at=None).order_by().values("proposal")
    assigned = Assignment.objects.filter(proposal=OuterRef("pk"), ended_at=None)
    appeals = ReviewAppeal.objects.filter(review__proposal=OuterRef("pk"))
    again = appeals.filter(is_granted=True).order_by("-decided_at").values("decided_at")[:1]
    corrections = Correction.objects.filter(proposal=OuterRef("pk")).order_by("-returned_at")
    corrected = corrections.values(moment=Coalesce("ended_at", "until"))[:1]  # from then on it waits at the desk again
    pots = [heading.pk for heading in cycle.headings.all()]
    found = Proposal.objects.filter(
        heading__in=pots,
        state__in=[State.SUBMITTED, State.RETURNED, State.FEASIBLE, State.UNFEASIBLE],
        hidden_at=None,
    )
    return found.annotate(
        open_estimates=Coalesce(Subquery(open_estimates.annotate(number=Count("pk")).values("number")), 0),
        waiting_since=Greatest("submitted_at", Subquery(again), Subquery(corrected)),
    ).annotate(
        stage=Case(
            When(state=State.RETURNED, correct_until__lte=Now(), then=Value("late")),
            When(state=State.RETURNED, then=Value("returned")),
            When(state=State.FEASIBLE, then=Value("feasible")),
            When(Q(state=State.UNFEASIBLE) & Exists(appeals.filter(decided_at=None)), then=Value("appeal")),
            When(state=State.UNFEASIBLE, then=Value("unfeasible")),
            When(open_estimates__gte=rule.estimates, then=Value("sign")),
            When(open_estimates__gt=0, then=Value("second")),
            When(Exists(assigned), then=Value("assigned")),
            default=Value("unassigned"),
            output_field=CharField(),
        )
    )


def filtered(found: QuerySet[Any], chosen: dict[str, Any], rule: ReviewRule, at: datetime) -> QuerySet[Any]:
    """What the desk's filters leave of it."""
    if stage := chosen.get("stage"):
        found = found.filter(stage__in=OPEN_STAGES if stage == "open" else [stage])
    if category := chosen.get("category"):
        found = found.filter(category=category)
    if evaluator := chosen.get("evaluator"):
        found = found.filter(assignments__evaluator=evaluator, assignments__ended_at=None)
    if words := chosen.get("q"):
        found = found.filter(Q(title__icontains=words) | Q(reference__iexact=words))
    if chosen.get("overdue"):
        found = found.filter(stage__in=OPEN_STAGES, waiting_since__lt=at - timedelta(days=rule.days))
    return found


def for_rows(found: Any) -> QuerySet[Any]:
    """With everything that a row or a card of the desk shows."""
    assignments = Assignment.objects.filter(ended_at=None).select_related("evaluator__user", "department")
    rows: QuerySet[Any] = (
        found.with_cost()
        .select_related("heading__cycle", "heading__poll", "project")
        .prefetch_related(Prefetch("assignments", assignments, to_attr="current_assignments"))
    )
    return rows


@dataclass(frozen=True)
class Entry:
    """One row of the desk."""

    proposal: Any  # a Proposal with the annotations from above
    days: int
    is_overdue: bool
    can_be_assigned: bool

    @property
    def stage_name(self) -> str:
        return str(STAGES[self.proposal.stage])

    @property
    def evaluators(self) -> list[Membership]:
        return [assignment.evaluator for assignment in self.proposal.current_assignments]


def entry_of(proposal: Any, rule: ReviewRule, at: datetime) -> Entry:
    days = (at - proposal.waiting_since).days
    is_open = proposal.stage in OPEN_STAGES
    return Entry(proposal, days, is_open and days >= rule.days, proposal.state == State.SUBMITTED)


@dataclass(frozen=True)
class Column:
    """One state with how many stand there, and those who wait longest."""

    stage: str
    number: int
    entries: list[Entry]

    @property
    def name(self) -> str:
        return str(STAGES[self.stage])


def numbers_of(found: QuerySet[Any]) -> dict[str, int]:
    """How many stand in each state, in one query."""
    return dict(found.order_by().values_list("stage").annotate(number=Count("pk", distinct=True)))


def board(cycle: Cycle, rule: ReviewRule, chosen: dict[str, Any]) -> list[Column]:
    """A column for each state that this budget has; as many queries for ten proposals as for ten thousand."""
    now = timezone.now()
    found = filtered(at_desk(cycle, rule), chosen, rule, now)
    numbers = numbers_of(found)
    placed = found.annotate(
        place_in_column=Window(RowNumber(), partition_by=F("stage"), order_by=[F("waiting_since").asc(), F("pk").asc()])
    )
    entries: dict[str, list[Entry]] = {stage: [] for stage in STAGES}
    for proposal in for_rows(placed.filter(place_in_column__lte=IN_A_COLUMN)).order_by("waiting_since", "pk"):
        entry = entry_of(proposal, rule, now)
        entries[entry.proposal.stage].append(entry)
    shown = [
        stage
        for stage in STAGES
        if not (stage == "second" and rule.estimates < 2) and not (stage == "sign" and not rule.needs_second_person)
    ]
    return [Column(stage, numbers.get(stage, 0), entries[stage]) for stage in shown]
