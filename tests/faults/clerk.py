# ruff: noqa: E402 - Django must be set up before our models are imported
"""Opens polls that close by themselves, and closes those that are due, as the worker does. Told what by JSON lines."""

import json
import logging
import os
import select
import sys
from datetime import timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.db import DatabaseError, connection
from django.utils import timezone

from assemblies.models import Assembly, Membership
from voting.models import BallotType, Secrecy
from voting.services import NewLine, NewOption, close_due_polls, create_poll, open_poll

LOOK_EVERY = 0.05  # seconds; the worker does it every minute
cut_short = 0


def open_polls(*, first: int, voters: int, seconds: float) -> dict[str, str]:
    """Two named and two sealed polls for these voters."""
    numbers = range(first, first + voters)
    people = Membership.objects.filter(user__email__in=[f"voter.{number}@example.org" for number in numbers])
    polls = {}
    for name, secrecy in (
        *(("named", Secrecy.NAMED), ("sealed", Secrecy.CONFIDENTIAL)),
        *(("named, published", Secrecy.NAMED), ("sealed, published", Secrecy.CONFIDENTIAL)),
    ):
        poll = create_poll(
            assembly=Assembly.objects.get(),
            owner_kind="assembly",
            question=f"Which of these, {name}?",
            ballot_type=BallotType.APPROVAL,
            rule="approval",
            secrecy=secrecy,
            published_at_close="published" in name,
            options=[NewOption(f"o{number}", f"Option {number}") for number in range(12)],
        )
        polls[name] = poll
    until = timezone.now() + timedelta(seconds=seconds)
    for poll in polls.values():
        open_poll(poll=poll, lines=[NewLine(member) for member in people], actor=None, closes_at=until)
    return {name: str(poll.pk) for name, poll in polls.items()}


class Notice(logging.Handler):
    """Counts the closes that did not come to their end."""

    def emit(self, record: logging.LogRecord) -> None:
        global cut_short
        cut_short += 1


def close() -> None:
    try:
        close_due_polls()
    except DatabaseError:
        connection.close()


def main() -> None:
    logging.getLogger("voting.services.closing").addHandler(Notice())
    while True:
        close()
        if select.select([sys.stdin], [], [], LOOK_EVERY)[0]:
            line = sys.stdin.readline()
            if not line:
                return
            order: dict[str, Any] = json.loads(line)
            polls = open_polls(**order) if order else {}
            print(json.dumps({"polls": polls, "cut_short": cut_short}), flush=True)


if __name__ == "__main__":
    main()
