# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who wants a mail when something happens to a proposal. Only that person sees it."""

import uuid

from django.core import signing
from django.db import models
from django.utils import timezone

from assemblies.models import Membership

from .proposals import Proposal

_signer = signing.Signer(salt="proposals.follow")


class FollowQuerySet(models.QuerySet["Follow"]):
    def of_token(self, token: str) -> "FollowQuerySet":
        """The one that this link of a mail is about; a forged link is about none."""
        try:
            return self.filter(pk=uuid.UUID(_signer.unsign(token)))
        except (signing.BadSignature, ValueError):
            return self.none()


class Follow(models.Model):
    """One person follows one proposal by mail."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="follows")
    person = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="follows")
    created_at = models.DateTimeField(default=timezone.now)

    objects = FollowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "person"], name="proposals_follow_one_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.pk}"

    @property
    def token(self) -> str:
        """What stands in the link that ends it, which works without signing in."""
        return _signer.sign(self.pk.hex)
