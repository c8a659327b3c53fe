# SPDX-License-Identifier: AGPL-3.0-or-later
# ruff: noqa: E402 -- Django must be set up before our models are imported
"""The meeting of benchmarks/hall.py: a rehearsal with open doors, and its people signed in. Prints what they need as JSON."""

import json
import os
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.utils import timezone

from assemblies.models import Assembly
from meetings import services
from meetings.models import ItemKind, Meeting
from meetings.services import rehearsals


def main(people: int) -> None:
    now = timezone.now()
    town = Assembly.objects.create(name="Benchmark", slug="benchmark")
    real = services.create_meeting(
        assembly=town, title="Benchmark", starts_at=now, planned_end_at=now + timedelta(hours=2), actor=None
    )
    for number in range(1, 9):
        services.add_item(meeting=real, title=f"Item {number}", kind=ItemKind.DECISION, actor=None)
    meeting = rehearsals.clone_for_rehearsal(
        meeting=Meeting.objects.select_related("assembly").get(pk=real.pk), attendees=people, actor=None
    )
    meeting = services.open_doors(meeting=meeting, actor=None)
    print(json.dumps({"meeting": str(meeting.pk), "sessions": rehearsals.sign_in_simulated(meeting)}))


if __name__ == "__main__":
    main(int(os.environ["PEOPLE"]))
