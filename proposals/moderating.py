# SPDX-License-Identifier: AGPL-3.0-or-later
"""What waits for the moderators, what was decided, and the numbers that everybody may read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Min, Q, QuerySet

from assemblies.models import Assembly

from .models import Comment, Moderation, Proposal, Report

ON_A_PAGE = 20


@dataclass(frozen=True)
class Waiting:
    """One reported comment or proposal with the reports that nobody has answered."""

    about: Proposal | Comment
    reports: list[Report]

    @property
    def is_comment(self) -> bool:
        return isinstance(self.about, Comment)

    @property
    def topic(self) -> Proposal:
        return self.about.proposal if isinstance(self.about, Comment) else self.about

    @property
    def since(self) -> datetime:
        return self.reports[0].created_at

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Each reason in words, with how many gave it, the most frequent first."""
        numbers: dict[str, int] = {}
        for report in self.reports:
            word = str(report.get_reason_display())
            numbers[word] = numbers.get(word, 0) + 1
        return sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0]))


def open_reports(assembly: Assembly) -> QuerySet[Report]:
    of_assembly = Q(proposal__heading__cycle__assembly=assembly) | Q(
        comment__proposal__heading__cycle__assembly=assembly
    )
    return Report.objects.filter(of_assembly, settled_by=None)


def waiting_page(assembly: Assembly, number: str) -> "Page[Waiting]":
    """What was reported, who waits longest first; as many queries for one as for a page full."""
    grouped = (
        open_reports(assembly).values_list("comment", "proposal").annotate(first=Min("created_at")).order_by("first")
    )
    page = Paginator(grouped, ON_A_PAGE).get_page(number)
    rows: list[tuple[UUID | None, UUID | None, datetime]] = list(page.object_list)
    comment_ids, proposal_ids = [row[0] for row in rows if row[0]], [row[1] for row in rows if row[1]]
    comments = Comment.objects.select_related("author__user", "proposal__heading__cycle").in_bulk(comment_ids)
    proposals = Proposal.objects.select_related("author__user", "heading__cycle").in_bulk(proposal_ids)
    reports: dict[UUID | None, list[Report]] = {}
    found = Report.objects.filter(Q(comment__in=comment_ids) | Q(proposal__in=proposal_ids), settled_by=None)
    for report in found.select_related("reporter__user").order_by("created_at", "pk"):
        reports.setdefault(report.comment_id or report.proposal_id, []).append(report)
    items = []
    for comment, proposal, _first in rows:
        about: Proposal | Comment = comments[comment] if comment else proposals[proposal]
        items.append(Waiting(about, reports[comment or proposal]))
    paginator: Paginator[Any] = page.paginator  # it counts the groups
    return Page(items, page.number, paginator)


@dataclass(frozen=True)
class Numbers:
    """How often something was reported and what came of it; no words, no names."""

    reports: int
    waiting: int
    left: int
    hidden: int
    appeals: int
    granted: int
    shown_again: int
    by_rule: list[tuple[str, int]]


def numbers_of(assembly: Assembly) -> Numbers:
    """Counted in three queries."""
    of_assembly = Moderation.objects.of_assembly(assembly)
    counted = of_assembly.aggregate(
        left=Count("pk", filter=Q(verdict=Moderation.Verdict.LEFT)),
        hidden=Count("pk", filter=Q(verdict=Moderation.Verdict.HIDDEN)),
        appeals=Count("appealed_at"),
        granted=Count("appeal_decided_at", filter=Q(lifted_at__isnull=False)),
        shown_again=Count("lifted_at"),
    )
    all_reports = Report.objects.filter(
        Q(proposal__heading__cycle__assembly=assembly) | Q(comment__proposal__heading__cycle__assembly=assembly)
    ).aggregate(reports=Count("pk"), waiting=Count("pk", filter=Q(settled_by=None)))
    rules = (
        of_assembly.filter(verdict=Moderation.Verdict.HIDDEN)
        .values_list("broken_rule")
        .annotate(number=Count("pk"))
        .order_by("-number", "broken_rule")
    )
    words = dict(Report.Reason.choices)
    return Numbers(**all_reports, **counted, by_rule=[(str(words[rule]), number) for rule, number in rules])
