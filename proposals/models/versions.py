# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every wording that a proposal ever had in public."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.models import District, Membership

from .cycles import Category, category_name
from .proposals import Proposal

WORDING = ("title", "summary", "text", "place", "district", "category", "cost_guess")  # what a version keeps


class ProposalVersion(models.Model):
    """What the proposal said from this moment on. Number 1 is what was sent in; rows are added, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(_("title"), max_length=80)
    summary = models.CharField(_("in one sentence"), max_length=200)
    text = models.TextField(_("what and why"), max_length=5000)
    place = models.CharField(_("where"), max_length=120, blank=True)
    district = models.ForeignKey(District, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    category = models.CharField(_("what it is about"), max_length=20, choices=Category)
    cost_guess = models.BigIntegerField(_("cost, as you guess"), null=True, blank=True)  # minor units
    reason = models.CharField(_("what was changed, and why"), max_length=200, blank=True)
    editor = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "number"], name="proposals_version_one_per_number"),
            models.CheckConstraint(condition=Q(number__gt=0), name="proposals_version_counts_from_one"),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""), name="proposals_version_later_ones_have_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.number}"

    @property
    def category_name(self) -> str:
        return category_name(self.category)
