# SPDX-License-Identifier: AGPL-3.0-or-later
"""The version number of everything that screens watch."""

from django.db import models


class TopicVersion(models.Model):
    """How often the state of a topic was seen to change; only hubs count it up, never the people who act."""

    topic = models.CharField(max_length=120, primary_key=True)
    seq = models.PositiveBigIntegerField(default=0)
    state = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.topic} version {self.seq}"
