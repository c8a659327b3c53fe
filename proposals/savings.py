# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a pot did not need, and which project is next on its list; added up from the awards and the final bills."""

from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext as _

from voting import explanations, results

from .models import Award, Cycle, Heading, Project, Spending

NEVER_NEXT = frozenset(
    {"rival_funded", "below_threshold", "no_votes", "withdrawn"}
)  # by the rule, not for want of money


@dataclass(frozen=True)
class Savings:
    """Money of one pot: what the vote left over, what finished projects saved, and what of it is used already."""

    unspent: int
    saved: int
    used: int
    next_project: Project | None  # the project with most votes that can be paid now

    @property
    def left(self) -> int:
        return self.unspent + self.saved - self.used


def why_it_stays(cycle: Cycle) -> str:
    """Why nothing of this budget's money goes anywhere, or nothing where it may: nobody pays out what a file says."""
    if cycle.is_imported:
        return _("This budget came in from a file. Its money is only a number here, so none of it goes anywhere.")
    if not cycle.is_published:
        return _("This budget is not published, so none of its money goes anywhere.")
    return ""


def savings_of(heading: Heading) -> Savings | None:
    """None before the result of the pot is published."""
    poll = heading.poll
    result = results.binding_result(poll) if poll is not None and not poll.void_reason else None
    if poll is None or result is None:
        return None
    awards = list(Award.objects.filter(poll=poll).prefetch_related("project__spendings"))
    by_vote = sum(award.amount for award in awards if award.source == Award.Source.VOTE)
    saved = 0
    for award in awards:
        final = [entry.amount for entry in award.project.spendings.all() if entry.kind == Spending.Kind.FINAL]
        if final:
            saved += max(0, award.amount - sum(final))
    used = int(heading.savings_used.aggregate(total=Sum("amount"))["total"] or 0)
    unspent = max(0, heading.amount - by_vote)
    left = unspent + saved - used
    reasons = result.outcome["options"]
    waiting = [
        project
        for project in Project.objects.filter(option__poll=poll, award=None).select_related("option")
        if project.option is not None and reasons[project.option.key]["code"] not in NEVER_NEXT and project.cost <= left
    ]
    waiting.sort(key=lambda project: (-_votes(reasons, project), project.number))
    return Savings(unspent, saved, used, waiting[0] if waiting else None)


def _votes(reasons: dict[str, dict[str, dict[str, str]]], project: Project) -> int:
    if project.option is None:
        raise AssertionError("projects were found by their options")
    return explanations.whole(reasons[project.option.key]["numbers"].get("votes") or 0)
