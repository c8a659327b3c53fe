# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people say to a proposal, as one page of its comments shows it to this person."""

from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Prefetch, Q

from assemblies import rights
from assemblies.models import Viewer

from .models import Comment, Cycle, HelpfulMark, Proposal, Question
from .services import REVIEW_PHASES, TALKING_PHASES

ON_A_PAGE = 20
NEWEST, HELPFUL = "newest", "helpful"


@dataclass(frozen=True)
class Discussion:
    """The comments of this page with their replies, and what this person may do here."""

    page: "Page[Comment]"
    order: str
    count: int
    is_open: bool
    may_talk: bool
    found_helpful: set[UUID]  # comments that this person marked
    mine: set[UUID]  # memberships of this person
    questions: list[Question]
    may_ask: bool
    may_moderate: bool

    @property
    def is_by_newest(self) -> bool:
        return self.order == NEWEST


def discussion_of(proposal: Proposal, cycle: Cycle, user: Viewer, *, order: str = "", page: str = "1") -> Discussion:
    """As many queries for a thousand comments as for one."""
    order = order if order in (NEWEST, HELPFUL) else NEWEST
    shown = Comment.objects.filter(hidden_at=None).select_related("author__user")
    of_proposal = Comment.objects.filter(proposal=proposal).first_level().select_related("author__user")
    # What moderators hid keeps its place, without its words, where others have replied to it.
    found = of_proposal.filter(Q(hidden_at=None) | Exists(shown.filter(parent=OuterRef("pk"))))
    found = found.newest() if order == NEWEST else found.most_helpful()
    comments = Paginator(found.prefetch_related(Prefetch("replies", shown)), ON_A_PAGE).get_page(page)
    member = rights.membership_of(user, cycle.assembly)
    on_page = [one.pk for comment in comments for one in (comment, *comment.replies.all())]
    marked = HelpfulMark.objects.filter(person=member, comment__in=on_page) if member and on_page else []
    is_open = cycle.is_in(*TALKING_PHASES)
    return Discussion(
        page=comments,
        order=order,
        count=shown.filter(proposal=proposal, withdrawn_at=None).count(),
        is_open=is_open,
        may_talk=is_open and rights.may(user, rights.PROPOSE, cycle.assembly),
        found_helpful={mark.comment_id for mark in marked},
        mine={member.pk} if member else set(),
        questions=list(proposal.questions.select_related("answered_by__user")),
        may_ask=cycle.is_in(*REVIEW_PHASES) and rights.may(user, rights.REVIEW_PROPOSALS, cycle.assembly),
        may_moderate=rights.may(user, rights.MODERATE, cycle.assembly),
    )
