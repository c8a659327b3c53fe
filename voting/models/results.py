# SPDX-License-Identifier: AGPL-3.0-or-later
"""What came out."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .polls import Poll
from .triggers import UPDATE_OR_DELETE, not_emptied


class Result(models.Model):
    """The outcome of one counting rule on one poll: frozen, explained, never recalculated in place."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="results")
    rule = models.CharField(max_length=40)
    is_binding = models.BooleanField(default=False)
    outcome = models.JSONField()  # voting.tally Outcome.as_dict()
    outcome_hash = models.BinaryField(max_length=32)
    engine = models.CharField(max_length=40)
    counted_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-is_binding", "rule"]
        constraints = [
            models.UniqueConstraint(fields=["poll", "rule"], name="voting_result_one_per_rule"),
            models.UniqueConstraint(fields=["poll"], condition=Q(is_binding=True), name="voting_result_one_binding"),
        ]
        triggers = [not_emptied(), pgtrigger.Protect(name="append_only", operation=UPDATE_OR_DELETE)]

    def __str__(self) -> str:
        return f"{self.rule}: {self.poll_id}"

    @property
    def winners(self) -> list[str]:
        """Keys of the winning options, in the order in which they won."""
        return list(self.outcome["winners"])
