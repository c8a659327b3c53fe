# SPDX-License-Identifier: AGPL-3.0-or-later
"""What was said about a project since the vote, from the cycle's public log: nothing that was said is taken back."""

import json
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.dateparse import parse_datetime

import ledger
from ledger.models import Event

from .models import Project


@dataclass(frozen=True)
class Change:
    """On this day the project was said to stand here, with the reason and the day on which it should be ready."""

    word: str
    reason: str
    ready_on: date | None
    is_later: bool  # than was said before
    at: datetime


def history_of(project: Project) -> list[Change]:
    """From the first to the newest."""
    told = ledger.events(project.heading.cycle_id).filter(body__contains=str(project.pk))
    events = [event for event in told if event.kind == "project.status" and event.data["project"] == str(project.pk)]
    changes: list[Change] = []
    promised: date | None = None
    for event in events:
        said = event.data
        ready_on = date.fromisoformat(said["ready_on"]) if said.get("ready_on") else None
        is_later = promised is not None and ready_on is not None and ready_on > promised
        status = Project.Status(said["status"])
        is_expected = status in (Project.Status.PLANNED, Project.Status.BUILDING)
        shown = ready_on if is_expected else None
        changes.append(Change(str(status.label), said.get("reason", ""), shown, is_later, moment_of(event)))
        promised = ready_on or promised
    return changes


def moment_of(event: Event) -> datetime:
    moment = parse_datetime(json.loads(event.body)["at"])
    if moment is None:
        raise AssertionError("the ledger writes the time of every event")
    return moment
