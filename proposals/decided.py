# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an assembly decided in all its budgets, and what became of it."""

from collections import defaultdict
from dataclasses import dataclass

from assemblies.models import Assembly, Viewer

from .models import Cycle, Project
from .money_trail import Trail, trails_of

ORDER = [Project.Status.DONE, Project.Status.BUILDING, Project.Status.PLANNED, Project.Status.STOPPED]


@dataclass(frozen=True)
class Sum:
    """All the money in one currency."""

    currency: str
    awarded: int
    paid: int


@dataclass(frozen=True)
class Decided:
    """Every funded project, first those that people can use today."""

    groups: list[tuple[str, list[Trail]]]  # by status
    sums: list[Sum]
    newest: Trail | None  # the project that was finished last, to celebrate

    @property
    def funded(self) -> int:
        return sum(len(trails) for _status, trails in self.groups)

    @property
    def done(self) -> int:
        return sum(len(trails) for status, trails in self.groups if status == Project.Status.DONE)


def decided_by(assembly: Assembly, user: Viewer) -> Decided:
    """Read in a fixed number of queries, however many budgets there were."""
    cycles = Cycle.objects.visible_to(user).filter(assembly=assembly)
    projects = Project.objects.filter(heading__cycle__in=cycles, award__isnull=False)
    found = projects.select_related("award", "district", "heading__cycle").prefetch_related(
        "spendings", "milestones", "photos"
    )
    trails = trails_of(found.order_by("-heading__cycle__year", "heading__position", "award__rank"))
    by_status: dict[str, list[Trail]] = defaultdict(list)
    by_currency: dict[str, list[Trail]] = defaultdict(list)
    for trail in trails:
        by_status[trail.project.status].append(trail)
        by_currency[trail.project.heading.cycle.currency].append(trail)
    done = [trail for trail in by_status[Project.Status.DONE] if trail.project.status_at is not None]
    return Decided(
        groups=[(status, by_status[status]) for status in ORDER if by_status[status]],
        sums=[
            Sum(currency, sum(trail.awarded for trail in those), sum(trail.paid for trail in those))
            for currency, those in sorted(by_currency.items())
        ],
        newest=max(done, key=lambda trail: trail.project.status_at or 0, default=None),
    )
