# SPDX-License-Identifier: AGPL-3.0-or-later
"""Proposals that came in a file: what was in it, who brought it, and what became of it."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Membership

from .cycles import Cycle
from .proposals import Proposal


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
