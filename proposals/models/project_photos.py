# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pictures of what became of a project: the hole in the ground, the new swing, the day it opened."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.models import Viewer

from .photos import LONGEST_ALT
from .projects import Project


class ProjectPhotoManager(models.Manager["ProjectPhoto"]):
    def get_queryset(self) -> "ProjectPhotoQuerySet":
        """Without the pictures themselves: only the page that sends one reads it."""
        return ProjectPhotoQuerySet(self.model, using=self._db).defer("content", "small")


class ProjectPhotoQuerySet(models.QuerySet["ProjectPhoto"]):
    def visible_to(self, user: Viewer) -> "ProjectPhotoQuerySet":
        return self.filter(project__in=Project.objects.visible_to(user))


class ProjectPhoto(models.Model):
    """One picture of the work, in words too; `key` was made by the sender, so that sending again adds no second."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="photos")
    key = models.CharField(max_length=64)
    alt = models.CharField(_("what one sees on it"), max_length=LONGEST_ALT)
    content = models.BinaryField(editable=False)  # as of a proposal's photo: JPEG, made anew
    small = models.BinaryField(editable=False)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProjectPhotoManager.from_queryset(ProjectPhotoQuerySet)()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["project", "key"], name="proposals_projectphoto_sent_once"),
            models.CheckConstraint(condition=~Q(alt=""), name="proposals_projectphoto_said_in_words"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="proposals_projectphoto_has_size"),
        ]

    def __str__(self) -> str:
        return self.alt

    def get_absolute_url(self) -> str:
        return reverse("proposals:project_photo", args=[self.pk, "large"])

    @property
    def small_url(self) -> str:
        return reverse("proposals:project_photo", args=[self.pk, "small"])
