# SPDX-License-Identifier: AGPL-3.0-or-later
"""Money of a project from the award to the final bill, added up for its pages."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from .models import Milestone, Project, Spending


@dataclass(frozen=True)
class Trail:
    """What was awarded, promised in contracts and paid; the final cost once somebody wrote it."""

    project: Project
    awarded: int
    contracted: int
    paid: int
    final: int | None
    entries: list[Spending]
    milestones: list[Milestone]

    @property
    def over(self) -> int:
        """How much more than the award is promised, paid or billed; zero when it is within."""
        return max(0, max(self.contracted, self.paid, self.final or 0) - self.awarded)

    @property
    def saved(self) -> int:
        """What the final bill leaves of the award."""
        return max(0, self.awarded - self.final) if self.final is not None else 0

    @property
    def largest(self) -> int:
        """The longest bar."""
        return max(self.awarded, self.contracted, self.paid, self.final or 0)

    @property
    def is_late(self) -> bool:
        """Whether the day on which it should be ready has passed."""
        ready_on = self.project.ready_on
        is_open = self.project.status in (Project.Status.PLANNED, Project.Status.BUILDING)
        return is_open and ready_on is not None and ready_on < timezone.localdate()

    @property
    def coming(self) -> Milestone | None:
        """The next step that is not done."""
        return next((milestone for milestone in self.milestones if milestone.done_on is None), None)


def trail_of(project: Project) -> Trail:
    entries = list(project.spendings.all())
    sums = {kind: [entry.amount for entry in entries if entry.kind == kind] for kind in Spending.Kind.values}
    final = sums[Spending.Kind.FINAL]
    return Trail(
        project=project,
        awarded=project.award.amount,
        contracted=sum(sums[Spending.Kind.CONTRACTED]),
        paid=sum(sums[Spending.Kind.PAID]),
        final=sum(final) if final else None,
        entries=entries,
        milestones=sorted(project.milestones.all(), key=lambda step: (step.done_on or step.due_on, step.created_at)),
    )


def trails_of(projects: Iterable[Project]) -> list[Trail]:
    return [trail_of(project) for project in projects]
