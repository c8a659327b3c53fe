# SPDX-License-Identifier: AGPL-3.0-or-later
"""A proposal that was given back to its author, with a reason for everybody to read and a day."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.models import Membership

from .proposals import Proposal


class Correction(models.Model):
    """What must be put right until when, and what the author said to it. Until which day stands in the proposal."""

    class Outcome(models.TextChoices):
        SENT_AGAIN = "sent_again", _("Sent in again by its author")
        ACCEPTED = "accepted", _("Taken as it is by the officials")
        DROPPED = "dropped", _("No longer needed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="corrections")
    returned_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("what must be put right"), max_length=2000)
    returned_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()  # the first moment that is too late; the proposal's `correct_until` says the same
    answer = models.CharField(_("what was changed, and why"), max_length=200, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-returned_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal"], condition=Q(ended_at=None), name="proposals_correction_one_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="proposals_correction_has_reason"),
            models.CheckConstraint(
                condition=Q(until__gt=models.F("returned_at")), name="proposals_correction_gives_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="")
                | Q(ended_at__isnull=False, outcome__in=["sent_again", "accepted", "dropped"]),
                name="proposals_correction_ended_has_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="sent_again") | ~Q(answer=""), name="proposals_correction_sent_again_has_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.until}"
