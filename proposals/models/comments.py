# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people say to a proposal, what the officials ask in public, and what readers report."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.models import Membership, Viewer

from .cycles import Cycle
from .proposals import Proposal

LONGEST_COMMENT = 2000


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, user: Viewer) -> "CommentQuerySet":
        """Comments of sent proposals in cycles that this person may see; what moderators hid is not among them."""
        seen = self.filter(
            proposal__heading__cycle__in=Cycle.objects.visible_to(user), hidden_at=None, proposal__hidden_at=None
        )
        return seen.exclude(proposal__state=Proposal.State.DRAFT)

    def first_level(self) -> "CommentQuerySet":
        return self.filter(parent=None)

    def newest(self) -> "CommentQuerySet":
        return self.order_by("-created_at", "pk")

    def most_helpful(self) -> "CommentQuerySet":
        return self.order_by("-helpful_count", "-created_at", "pk")


class Comment(models.Model):
    """What somebody says to a proposal, or replies to a comment. Replies have no replies of their own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="comments")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replies")
    text = models.TextField(_("comment"), max_length=LONGEST_COMMENT)
    language = models.CharField(max_length=10, default="en")
    helpful_count = models.PositiveIntegerField(default=0, editable=False)  # of its marks, counted anew each time
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)  # by its author, who may bring it back
    hidden_at = models.DateTimeField(null=True, blank=True)  # by moderation

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="proposals_comment_has_words"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("id")), name="proposals_comment_not_to_itself"
            ),
        ]
        indexes = [
            models.Index(fields=["proposal", "parent", "-created_at"], name="proposals_comment_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.pk}"

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None


class HelpfulMark(models.Model):
    """One person found this comment helpful."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="marks")
    person = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "person"], name="proposals_mark_one_per_person")]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.pk}"


class Report(models.Model):
    """Somebody says that a proposal or a comment breaks the rules. Moderators see it; the page does not change by it."""

    class Reason(models.TextChoices):
        INSULT = "insult", _("It insults or threatens somebody")
        PRIVACY = "privacy", _("It tells private things of somebody")
        SPAM = "spam", _("It is advertising or repeats itself")
        OFF_TOPIC = "off_topic", _("It has nothing to do with this")
        UNLAWFUL = "unlawful", _("It is against the law")
        OTHER = "other", _("Something else")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="reports")
    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, null=True, blank=True, related_name="reports")
    reporter = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("what is wrong with it?"), max_length=10, choices=Reason)
    text = models.CharField(_("in your words"), max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # The decision that answered it; none yet while it waits in the queue.
    settled_by = models.ForeignKey(
        "proposals.Moderation", on_delete=models.PROTECT, null=True, blank=True, related_name="reports"
    )

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(proposal__isnull=True, comment__isnull=False)
                | Q(proposal__isnull=False, comment__isnull=True),
                name="proposals_report_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=["insult", "privacy", "spam", "off_topic", "unlawful", "other"]),
                name="proposals_report_known_reason",
            ),
            models.UniqueConstraint(fields=["comment", "reporter"], name="proposals_report_comment_once"),
            models.UniqueConstraint(fields=["proposal", "reporter"], name="proposals_report_proposal_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reason}: {self.pk}"


class Question(models.Model):
    """What an official asks the authors of a proposal; question and answer are for everybody to read."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="questions")
    asked_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("question"), max_length=LONGEST_COMMENT)
    asked_at = models.DateTimeField(default=timezone.now)
    answer = models.TextField(_("answer"), max_length=LONGEST_COMMENT, blank=True)
    answered_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="proposals_question_has_words"),
            models.CheckConstraint(
                condition=Q(answer="", answered_by__isnull=True, answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="proposals_question_answered_whole_or_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.pk}"
