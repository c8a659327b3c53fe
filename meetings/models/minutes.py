# SPDX-License-Identifier: AGPL-3.0-or-later
"""The minutes: drafted from the events, corrected by the secretary, signed, approved and frozen."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from voting.models.polls import grouped

from .meetings import Meeting
from .triggers import frozen_with_the_minutes, not_emptied


class Minutes(models.Model):
    """One version of a meeting's minutes, in Markdown. Every save is a new one; the last one counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="minutes")
    version = models.PositiveIntegerField()
    text = models.TextField(max_length=200_000)
    corrections = models.TextField(max_length=10_000, blank=True)  # what approving them changed, in words
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    digest = models.BinaryField(max_length=32, null=True, editable=False)  # SHA-256 of the approved record

    class Meta:
        ordering = ["meeting", "version"]
        verbose_name_plural = "minutes"
        constraints = [
            models.UniqueConstraint(fields=["meeting", "version"], name="meetings_minutes_one_per_version"),
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(approved_at__isnull=False), name="meetings_minutes_one_approved"
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(signed_at__isnull=False, digest__isnull=False),
                name="meetings_minutes_signed_before_approved",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="text_stays", fields=["meeting", "version", "text", "written_by", "written_at"]),
            pgtrigger.Protect(name="versions_are_kept", operation=pgtrigger.Delete),
            frozen_with_the_minutes(),
            not_emptied(),
        ]

    def __str__(self) -> str:
        return f"{self.meeting}: {self.version}"

    @property
    def digest_hex(self) -> str:
        """The digest of the approved record as people compare it; empty before."""
        return bytes(self.digest or b"").hex()

    @property
    def check_number(self) -> str:
        """Its beginning, as `Poll.check_number`: short enough to read out and to copy by hand."""
        return grouped(self.digest_hex)

    @property
    def is_by_one_person(self) -> bool:
        """Whether whoever signed approved too, where there was nobody else."""
        return self.approved_by_id is not None and self.approved_by_id == self.signed_by_id
