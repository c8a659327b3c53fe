# SPDX-License-Identifier: AGPL-3.0-or-later
"""The officials' desk: who checks what, what they found, and what residents say to the answer."""

import uuid
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly, Membership

from .cycles import Category, Cycle
from .proposals import Proposal, Review

APPEAL_DAYS, CLOCK_DAYS = 14, 21  # where the budget has no rule of its own


class ReviewRule(models.Model):
    """How a budget's proposals are checked. Without a row: one person answers, in three weeks, with two to appeal."""

    cycle = models.OneToOneField(Cycle, on_delete=models.CASCADE, primary_key=True, related_name="review_rule")
    estimates = models.PositiveSmallIntegerField(_("people who check each proposal"), default=1)
    needs_signature = models.BooleanField(_("a second person signs each answer"), default=False)
    days = models.PositiveSmallIntegerField(_("days until the answer"), default=CLOCK_DAYS)
    appeal_days = models.PositiveSmallIntegerField(_("days for an appeal"), default=APPEAL_DAYS)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(estimates__in=[1, 2]), name="proposals_reviewrule_one_or_two"),
            models.CheckConstraint(condition=Q(days__gt=0), name="proposals_reviewrule_gives_time"),
        ]

    def __str__(self) -> str:
        return f"{self.cycle_id}: {self.estimates}"

    @property
    def needs_second_person(self) -> bool:
        """Whether an answer is public only when somebody else than its evaluator signed it."""
        return self.needs_signature or self.estimates > 1


class Department(models.Model):
    """Part of the administration that checks proposals of some categories, by its own checklist."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assembly = models.ForeignKey(Assembly, on_delete=models.CASCADE, related_name="departments")
    name = models.CharField(_("name"), max_length=80)
    categories = ArrayField(models.CharField(max_length=20, choices=Category), default=list, blank=True)
    checklist = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    evaluators = models.ManyToManyField(Membership, related_name="departments", blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["assembly", "name"], name="proposals_department_one_per_name")]

    def __str__(self) -> str:
        return self.name


class ReplyTemplate(models.Model):
    """Words that evaluators need often, to be put into a reason and changed there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assembly = models.ForeignKey(Assembly, on_delete=models.CASCADE, related_name="reply_templates")
    title = models.CharField(_("name"), max_length=80)
    text = models.TextField(_("words"), max_length=2000)

    class Meta:
        ordering = ["title"]
        constraints = [models.UniqueConstraint(fields=["assembly", "title"], name="proposals_reply_one_per_title")]

    def __str__(self) -> str:
        return self.title


class DeskAct(models.Model):
    """One act on many proposals at once, which can be undone as one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="desk_acts")
    actor = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.cycle_id}: {self.made_at}"


class Assignment(models.Model):
    """This evaluator is to check this proposal; by a department's rule, or by hand."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="assignments")
    evaluator = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="assignments")
    department = models.ForeignKey(Department, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    assigned_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField(default=timezone.now)
    begun_by = models.ForeignKey(DeskAct, on_delete=models.CASCADE, null=True, blank=True, related_name="begun")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(DeskAct, on_delete=models.CASCADE, null=True, blank=True, related_name="ended")

    class Meta:
        ordering = ["assigned_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "evaluator"], condition=Q(ended_at=None), name="proposals_assignment_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.evaluator_id}"


class Conflict(models.Model):
    """This evaluator said that they are not free to judge this proposal. They stay locked out of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="conflicts")
    evaluator = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("why are you not free to judge?"), max_length=300)  # for colleagues only
    declared_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["declared_at"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "evaluator"], name="proposals_conflict_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="proposals_conflict_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.evaluator_id}"


class Note(models.Model):
    """What one evaluator tells the others. On no public page and in no file."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("note for colleagues"), max_length=2000)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["written_at"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="proposals_note_has_words")]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.pk}"


class Estimate(models.Model):
    """What one evaluator found, before a second person signs it as the public answer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="estimates")
    evaluator = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="estimates")
    feasibility = models.CharField(_("can it be built?"), max_length=10, choices=Review.Feasibility)
    cost = models.BigIntegerField(_("cost"), null=True, blank=True)  # minor units
    public_reason = models.TextField(_("reason, for everybody to read"), blank=True)
    note_internal = models.TextField(_("note for colleagues"), blank=True)
    checked = ArrayField(models.CharField(max_length=200), default=list, blank=True)  # lines of the checklist
    given_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)  # the proposal has its answer, or is checked anew
    review = models.OneToOneField(Review, on_delete=models.PROTECT, null=True, blank=True, related_name="estimate")

    class Meta:
        ordering = ["given_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "evaluator"], condition=Q(closed_at=None), name="proposals_estimate_one_each"
            ),
            models.CheckConstraint(
                condition=Q(feasibility="feasible", cost__isnull=False, cost__gt=0)
                | (Q(feasibility="unfeasible") & ~Q(public_reason="")),
                name="proposals_estimate_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.feasibility}"


class ReviewAppeal(models.Model):
    """The author asks for another look at a No. Another evaluator than those who said it decides."""

    review = models.OneToOneField(Review, on_delete=models.PROTECT, primary_key=True, related_name="appeal")
    text = models.TextField(_("what was overlooked?"), max_length=2000)  # for everybody to read, as the answer is
    made_at = models.DateTimeField(default=timezone.now)
    is_granted = models.BooleanField(null=True, blank=True)
    reason = models.TextField(_("reason, for everybody to read"), max_length=2000, blank=True)
    decided_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["made_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="proposals_reviewappeal_has_words"),
            models.CheckConstraint(
                condition=Q(is_granted__isnull=True, decided_by__isnull=True, decided_at__isnull=True, reason="")
                | (Q(is_granted__isnull=False, decided_by__isnull=False, decided_at__isnull=False) & ~Q(reason="")),
                name="proposals_reviewappeal_decided_whole_or_not",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True) | Q(decided_at__gte=F("made_at")),
                name="proposals_reviewappeal_decided_after",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review_id}: {self.made_at}"


def rule_of(cycle: Cycle) -> ReviewRule:
    """The rule of this budget, or the usual one, which is not stored."""
    return ReviewRule.objects.filter(cycle=cycle).first() or ReviewRule(cycle=cycle)


def appeal_until(review: Review, rule: ReviewRule) -> datetime:
    return review.signed_at + timedelta(days=rule.appeal_days)
