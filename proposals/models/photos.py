# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pictures that show what a proposal is about. Each was made anew here, so nothing hides in it."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.models import Viewer

from .proposals import Proposal

LONGEST_ALT = 200


class PhotoManager(models.Manager["Photo"]):
    def get_queryset(self) -> "PhotoQuerySet":
        """Without the pictures themselves: only the page that sends one reads it."""
        return PhotoQuerySet(self.model, using=self._db).defer("content", "small")


class PhotoQuerySet(models.QuerySet["Photo"]):
    def visible_to(self, user: Viewer) -> "PhotoQuerySet":
        """Of proposals that this person may see, hidden ones included."""
        return self.filter(proposal__in=Proposal.objects.visible_to(user))

    def shown(self) -> "PhotoQuerySet":
        """Those that nobody hid, in their order."""
        return self.filter(hidden_at=None)


class Photo(models.Model):
    """One picture of a proposal, in words too; `key` was made by the sender, so that sending again adds no second."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="photos")
    key = models.CharField(max_length=64)
    alt = models.CharField(_("what one sees on it"), max_length=LONGEST_ALT)
    position = models.PositiveSmallIntegerField()
    content = models.BinaryField(editable=False)  # JPEG, at most 1600 wide
    small = models.BinaryField(editable=False)  # the same, at most 480 wide
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_reason = models.TextField(blank=True)

    objects = PhotoManager.from_queryset(PhotoQuerySet)()

    class Meta:
        ordering = ["position", "uploaded_at"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "key"], name="proposals_photo_sent_once"),
            models.CheckConstraint(condition=~Q(alt=""), name="proposals_photo_said_in_words"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="proposals_photo_has_size"),
            models.CheckConstraint(
                condition=Q(hidden_at__isnull=True) | ~Q(hidden_reason=""), name="proposals_photo_hidden_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.alt

    def get_absolute_url(self) -> str:
        return reverse("proposals:photo", args=[self.pk, "large"])

    @property
    def small_url(self) -> str:
        return reverse("proposals:photo", args=[self.pk, "small"])
