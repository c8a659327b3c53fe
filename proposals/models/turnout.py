# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many people of each district voted: written down once, with the result, and only where nobody is told apart."""

import uuid

from django.db import models
from django.db.models import F, Q

from assemblies.models import District
from voting.models import Poll


class AreaTurnout(models.Model):
    """Voters of one area in one ballot. Nothing stands where fewer than five voted, or fewer than five did not.

    It is frozen when the result is published: a count that moved with people who move house would tell who voted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="area_turnouts")
    district = models.ForeignKey(District, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    entitled = models.PositiveIntegerField(null=True, blank=True)
    voted = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = [F("district__name").asc(nulls_last=True)]
        constraints = [
            models.UniqueConstraint(
                fields=["poll", "district"], name="proposals_areaturnout_one_per_area", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(entitled__isnull=True, voted__isnull=True)
                | Q(entitled__isnull=False, voted__gte=5, entitled__gte=F("voted") + 5),
                name="proposals_areaturnout_tells_nobody_apart",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.poll_id}: {self.district_id}"

    @property
    def is_hidden(self) -> bool:
        return self.voted is None
