# SPDX-License-Identifier: AGPL-3.0-or-later
"""Proposals, and budgets of the past, that came in a file: what was in it, who brought it, and what became of it."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Assembly, Membership

from .cycles import Cycle
from .proposals import Proposal

LONGEST_WORK = timedelta(minutes=10)


class ProposalImport(models.Model):
    """A file of proposals: looked at first, then taken in whole, and perhaps taken back whole."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="imports")
    importer = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    file_hash = models.CharField(max_length=64)
    rows = models.JSONField(default=list)  # of {"number", "cells"}, as they were read
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    done_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(done_at__isnull=False),
                name="proposals_import_done_before_undone",
            ),
            models.UniqueConstraint(
                fields=["cycle", "file_hash"],
                condition=Q(done_at__isnull=False, undone_at__isnull=True),
                name="proposals_import_a_file_only_once",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("proposals:import", args=[self.pk])


class ImportedProposal(models.Model):
    """Which row of which file became this proposal."""

    proposal = models.OneToOneField(Proposal, on_delete=models.CASCADE, primary_key=True, related_name="imported")
    batch = models.ForeignKey(ProposalImport, on_delete=models.PROTECT, related_name="proposals")
    row = models.PositiveIntegerField()

    class Meta:
        ordering = ["row"]
        constraints = [models.UniqueConstraint(fields=["batch", "row"], name="proposals_imported_one_per_row")]

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.row}"


class BudgetImport(models.Model):
    """A `.pb` file with a budget of the past: looked at first, then taken in whole by a job."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assembly = models.ForeignKey(Assembly, on_delete=models.CASCADE, related_name="budget_imports")
    importer = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    file_hash = models.CharField(max_length=64)  # of the file as it was sent
    text = models.TextField(blank=True)  # the file without its voters; empty once the budget is there
    facts = models.JSONField(default=dict)  # what the preview tells
    counted = models.JSONField(null=True, blank=True)  # the winners, as soon as they are known
    is_lenient = models.BooleanField(default=False)  # the file breaks its own rules
    refusal = models.TextField(blank=True)  # why it could not come in after all, as it was said to who brought it in
    refusal_parts = models.JSONField(null=True, blank=True)  # the same in no language, for everybody who reads it
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    begun_at = models.DateTimeField(null=True, blank=True)
    begun_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cycle = models.OneToOneField(Cycle, on_delete=models.PROTECT, null=True, blank=True, related_name="brought_in_by")

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cycle__isnull=True) | Q(begun_at__isnull=False, refusal=""),
                name="proposals_budgetimport_done_after_begun",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("proposals:budget_import", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        """Whether the worker has something to do for it."""
        if self.refusal or self.cycle_id is not None:
            return False
        return self.counted is None or self.begun_at is not None

    @property
    def is_late(self) -> bool:
        """Whether the worker should have been done long ago."""
        return self.is_waiting and timezone.now() - (self.begun_at or self.created_at) > LONGEST_WORK
