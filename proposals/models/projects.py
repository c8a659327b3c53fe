# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is on the ballot, what won, and what became of it: dates and money until the ribbon is cut."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.models import District, Viewer
from voting.models import Option, Poll

from .cycles import Cycle, Heading, category_name
from .places import is_on_earth
from .proposals import Proposal


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: Viewer) -> "ProjectQuerySet":
        return self.filter(heading__cycle__in=Cycle.objects.visible_to(user))

    def funded(self) -> "ProjectQuerySet":
        """Winners of published results, in the order in which they won."""
        return self.filter(award__isnull=False).order_by("heading__position", "award__rank")


class Project(models.Model):
    """What stands on the ballot, with a cost that no longer moves. Whether it won is its award, not a flag here."""

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        BUILDING = "building", _("Being built")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    heading = models.ForeignKey(Heading, on_delete=models.PROTECT, related_name="projects")
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="project")
    option = models.OneToOneField(Option, on_delete=models.PROTECT, null=True, blank=True, related_name="project")
    number = models.PositiveIntegerField()
    title = models.CharField(_("title"), max_length=300)
    summary = models.TextField(_("summary"), blank=True)
    cost = models.BigIntegerField(_("cost"))  # minor units, frozen
    category = models.CharField(_("what it is about"), max_length=200, blank=True)
    district = models.ForeignKey(District, on_delete=models.PROTECT, null=True, blank=True, related_name="projects")
    place = models.CharField(_("where"), max_length=200, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    language = models.CharField(max_length=10, blank=True)
    official_winner = models.BooleanField(null=True, blank=True)  # what an imported file says; never what we count

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PLANNED)
    status_reason = models.TextField(_("reason"), blank=True)
    status_at = models.DateTimeField(null=True, blank=True)
    ready_on = models.DateField(_("when it should be ready"), null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["heading", "number"], name="proposals_project_one_per_number"),
            models.CheckConstraint(condition=Q(cost__gte=0), name="proposals_project_cost_not_negative"),
            models.CheckConstraint(
                condition=Q(status__in=["planned", "building", "done", "stopped"]),
                name="proposals_project_known_status",
            ),
            models.CheckConstraint(
                condition=~Q(status="stopped") | ~Q(status_reason=""), name="proposals_project_stopped_has_reason"
            ),
            is_on_earth("proposals_project_place_on_earth"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("proposals:project", args=[self.pk])

    @property
    def category_name(self) -> str:
        return category_name(self.category)

    @property
    def is_funded(self) -> bool:
        return hasattr(self, "award")


class Award(models.Model):
    """A project has its money: by a published count, or later from what the pot did not need; with its place."""

    class Source(models.TextChoices):
        VOTE = "vote", _("By the vote")
        SAVINGS = "savings", _("From savings")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="award")
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="awards")
    amount = models.BigIntegerField()  # minor units
    rank = models.PositiveIntegerField()
    source = models.CharField(max_length=10, choices=Source, default=Source.VOTE)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["poll", "rank"], name="proposals_award_one_per_rank"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="proposals_award_amount_not_negative"),
            models.CheckConstraint(condition=Q(source__in=["vote", "savings"]), name="proposals_award_known_source"),
        ]

    def __str__(self) -> str:
        return f"{self.rank}: {self.project_id}"


class Milestone(models.Model):
    """A step of building a project: when it is due, and when it was done."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="milestones")
    title = models.CharField(_("step"), max_length=120)
    text = models.TextField(_("what happened"), blank=True)
    due_on = models.DateField(_("planned for"), null=True, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["due_on", "done_on", "created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__isnull=False) | Q(done_on__isnull=False), name="proposals_milestone_has_a_date"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Spending(models.Model):
    """Money of a project after the award: promised in a contract, paid, or the final bill. Rows are added, never edited."""

    class Kind(models.TextChoices):
        CONTRACTED = "contracted", _("Contracted")
        PAID = "paid", _("Paid")
        FINAL = "final", _("Final cost")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="spendings")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    amount = models.BigIntegerField(_("amount"))  # minor units; below zero takes back an earlier entry
    on = models.DateField(_("date"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["on", "created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["contracted", "paid", "final"]), name="proposals_spending_known_kind"
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="proposals_spending_is_not_zero"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
