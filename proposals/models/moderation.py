# SPDX-License-Identifier: AGPL-3.0-or-later
"""What moderators decided about a reported comment or proposal, and what its author says to that."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly, Membership, Viewer

from .comments import Comment
from .proposals import Proposal

APPEAL_DAYS = 30


class ModerationQuerySet(models.QuerySet["Moderation"]):
    def of_assembly(self, assembly: Assembly) -> "ModerationQuerySet":
        return self.filter(
            Q(proposal__heading__cycle__assembly=assembly) | Q(comment__proposal__heading__cycle__assembly=assembly)
        )

    def told_to(self, user: Viewer) -> "ModerationQuerySet":
        """What was hidden of this person's own words."""
        if not user.is_authenticated:
            return self.none()
        mine = Q(proposal__author__user=user) | Q(comment__author__user=user)
        return self.filter(mine, verdict=Moderation.Verdict.HIDDEN)

    def in_force(self) -> "ModerationQuerySet":
        return self.filter(verdict=Moderation.Verdict.HIDDEN, lifted_at=None)

    def appealed(self) -> "ModerationQuerySet":
        """Hidden, and its author waits for an answer; who waits longest is first."""
        waiting = self.in_force().filter(appealed_at__isnull=False, appeal_decided_at=None)
        return waiting.order_by("appealed_at", "pk")

    def with_words(self) -> "ModerationQuerySet":
        """With everything that a page about it shows."""
        return self.select_related(
            "decided_by__user",
            "appeal_decided_by__user",
            "lifted_by__user",
            "proposal__author__user",
            "proposal__heading__cycle__assembly",
            "comment__author__user",
            "comment__proposal__heading__cycle__assembly",
        )


class Moderation(models.Model):
    """One decision about one comment or proposal. A later one stands beside it; hidden words come back when lifted."""

    class Verdict(models.TextChoices):
        LEFT = "left", _("Leave it")
        HIDDEN = "hidden", _("Hide it")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="moderations")
    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, null=True, blank=True, related_name="moderations")
    verdict = models.CharField(_("what happens to it?"), max_length=6, choices=Verdict)
    broken_rule = models.CharField(max_length=10, blank=True)  # a Report.Reason; the public numbers know only this
    reason = models.TextField(_("reason"), max_length=1000, blank=True)  # for its author
    report_count = models.PositiveIntegerField(default=0)  # reports that this decision answered
    decided_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)
    appeal = models.TextField(_("why it should be shown again"), max_length=2000, blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)
    appeal_reason = models.TextField(_("answer to the author"), max_length=1000, blank=True)
    appeal_decided_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    appeal_decided_at = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)  # it is shown again
    lifted_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ModerationQuerySet.as_manager()

    class Meta:
        ordering = ["-decided_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(proposal__isnull=True, comment__isnull=False)
                | Q(proposal__isnull=False, comment__isnull=True),
                name="proposals_moderation_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(verdict="left") | (Q(verdict="hidden") & ~Q(reason="") & ~Q(broken_rule="")),
                name="proposals_moderation_hidden_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(broken_rule__in=["", "insult", "privacy", "spam", "off_topic", "unlawful", "other"]),
                name="proposals_moderation_known_rule",
            ),
            models.CheckConstraint(
                condition=Q(appealed_at__isnull=True, appeal="")
                | (Q(verdict="hidden", appealed_at__isnull=False) & ~Q(appeal="")),
                name="proposals_moderation_appeal_has_words",
            ),
            models.CheckConstraint(
                condition=Q(appeal_decided_at__isnull=True, appeal_decided_by__isnull=True, appeal_reason="")
                | (
                    Q(appealed_at__isnull=False, appeal_decided_at__isnull=False, appeal_decided_by__isnull=False)
                    & ~Q(appeal_reason="")
                ),
                name="proposals_moderation_appeal_decided_whole_or_not",
            ),
            models.CheckConstraint(
                condition=Q(appeal_decided_by__isnull=True) | ~Q(appeal_decided_by=F("decided_by")),
                name="proposals_moderation_appeal_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(verdict="hidden", lifted_at__isnull=False, lifted_by__isnull=False),
                name="proposals_moderation_lifted_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["comment"],
                condition=Q(verdict="hidden", lifted_at=None),
                name="proposals_moderation_comment_hidden_once",
            ),
            models.UniqueConstraint(
                fields=["proposal"],
                condition=Q(verdict="hidden", lifted_at=None),
                name="proposals_moderation_proposal_hidden_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict}: {self.pk}"

    def get_absolute_url(self) -> str:
        """Where its author reads the reason, and appeals."""
        return reverse("proposals:moderation_decision", args=[self.pk])

    @property
    def about(self) -> Proposal | Comment:
        found = self.comment or self.proposal
        if found is None:
            raise AssertionError("a constraint sees to it")
        return found

    @property
    def topic(self) -> Proposal:
        """The proposal, or the one that the comment belongs to."""
        about = self.about
        return about.proposal if isinstance(about, Comment) else about

    @property
    def author(self) -> Membership:
        return self.about.author

    @property
    def is_in_force(self) -> bool:
        return self.verdict == self.Verdict.HIDDEN and self.lifted_at is None

    @property
    def appeal_until(self) -> datetime:
        return self.decided_at + timedelta(days=APPEAL_DAYS)

    @property
    def is_appeal_open(self) -> bool:
        return self.is_in_force and self.appealed_at is not None and self.appeal_decided_at is None
