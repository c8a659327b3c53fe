# SPDX-License-Identifier: AGPL-3.0-or-later
"""What happened to a project while people voted on it."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .projects import Project


class Incident(models.Model):
    """The project is off the ballot from this moment, for a reason that everybody reads. Rows are added, never edited."""

    class Kind(models.TextChoices):
        WITHDRAWN = "withdrawn", _("It was taken back")
        UNFEASIBLE = "unfeasible", _("It turned out that it cannot be built")
        PRICE = "price", _("Its price has changed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="incident")
    kind = models.CharField(_("what happened?"), max_length=10, choices=Kind)
    reason = models.TextField(_("reason, for everybody to read"))
    new_cost = models.BigIntegerField(_("new price"), null=True, blank=True)  # minor units
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["withdrawn", "unfeasible", "price"]), name="proposals_incident_known_kind"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="proposals_incident_has_reason"),
            models.CheckConstraint(
                condition=Q(kind="price", new_cost__isnull=False, new_cost__gt=0)
                | (~Q(kind="price") & Q(new_cost__isnull=True)),
                name="proposals_incident_price_has_cost",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.project_id}: {self.kind}"
