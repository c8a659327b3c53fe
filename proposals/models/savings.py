# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where money went that a pot did not need: to the next project on its list, or into a later budget."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from .cycles import Heading
from .projects import Award


class SavingsUse(models.Model):
    """An amount left a pot for one purpose. Rows are added, never edited."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    heading = models.ForeignKey(Heading, on_delete=models.PROTECT, related_name="savings_used")
    amount = models.BigIntegerField()  # minor units
    award = models.OneToOneField(Award, on_delete=models.PROTECT, null=True, blank=True, related_name="paid_by_savings")
    into = models.ForeignKey(Heading, on_delete=models.PROTECT, null=True, blank=True, related_name="savings_received")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="proposals_savings_is_money"),
            models.CheckConstraint(
                condition=Q(award__isnull=False, into__isnull=True) | Q(award__isnull=True, into__isnull=False),
                name="proposals_savings_have_one_purpose",
            ),
            models.CheckConstraint(
                condition=Q(into__isnull=True) | ~Q(into=F("heading")), name="proposals_savings_go_elsewhere"
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.heading_id}: {self.amount}"
