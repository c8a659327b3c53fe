# SPDX-License-Identifier: AGPL-3.0-or-later
"""Codes on paper: whoever holds one may vote, without an account and without a name."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly

from .triggers import not_emptied


class CodeBatchQuerySet(models.QuerySet["CodeBatch"]):
    def valid(self) -> "CodeBatchQuerySet":
        return self.filter(revoked_at=None)


class CodeBatch(models.Model):
    """Codes that were printed together and can be withdrawn together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assembly = models.ForeignKey(Assembly, on_delete=models.PROTECT, related_name="code_batches")
    scope = models.CharField(max_length=80)  # which polls they are for; see voting.owners.Owner.code_scopes
    label = models.CharField(_("what these codes are for"), max_length=80)
    size = models.PositiveIntegerField(_("how many"))
    # In a hall somebody is a voter from the moment they enter their code; by post everybody on the list is one.
    counts_once_entered = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = CodeBatchQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [models.CheckConstraint(condition=Q(size__gte=1), name="voting_codebatch_not_empty")]
        indexes = [models.Index(fields=["scope"], name="voting_codebatch_by_scope")]
        triggers = [
            pgtrigger.Protect(
                name="revoked_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__revoked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None


class Credential(models.Model):
    """One code. Of the code itself only a keyed hash is kept, and the key is a file outside the database."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(CodeBatch, on_delete=models.PROTECT, related_name="credentials")
    number = models.PositiveIntegerField()  # printed beside the code, so that people can speak of the card
    code_hash = models.BinaryField(max_length=32, unique=True)
    entry = models.UUIDField(null=True, blank=True)  # the one device on which the code is entered now
    revoked_at = models.DateTimeField(null=True, blank=True)  # this card alone; a batch is revoked as a whole

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="voting_credential_one_per_number"),
        ]
        triggers = [
            not_emptied(),
            pgtrigger.Protect(
                name="stays_what_it_is", operation=pgtrigger.UpdateOf("id", "batch_id", "number", "code_hash")
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="card_revoked_for_good",
                operation=pgtrigger.UpdateOf("revoked_at"),
                condition=pgtrigger.Q(old__revoked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.number}"
