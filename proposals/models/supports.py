# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who would like to see an idea go on. A support is a signal before the ballot, and decides nothing about money."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.models import Membership

from .cycles import Cycle
from .proposals import Proposal


class Support(models.Model):
    """One person would like this idea to go on. How many they are is public, who they are is not."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="supports")
    person = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="supports")
    # The idea that was supported first, where that one was merged into this or split into it.
    carried_from = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "person"], name="proposals_support_one_per_person"),
            models.CheckConstraint(
                condition=Q(carried_from__isnull=True) | ~Q(carried_from=models.F("proposal")),
                name="proposals_support_carried_from_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.pk}"


class SupportRule(models.Model):
    """How many supports an idea of this budget needs to go on, and in how many days. Without a rule none are needed."""

    cycle = models.OneToOneField(Cycle, on_delete=models.CASCADE, primary_key=True, related_name="support_rule")
    threshold = models.PositiveIntegerField(_("supports needed"))
    days = models.PositiveSmallIntegerField(_("days to find them"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(threshold__gt=0), name="proposals_supportrule_needs_some"),
            models.CheckConstraint(
                condition=Q(days__isnull=True) | Q(days__gt=0), name="proposals_supportrule_gives_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cycle_id}: {self.threshold}"
