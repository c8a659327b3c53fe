# SPDX-License-Identifier: AGPL-3.0-or-later
import asyncio
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from meetings import joining
from meetings.models import Meeting
from meetings.rehearsal.crowd import simulate
from meetings.rehearsal.jobs import this_server
from meetings.rehearsal.phones import Server
from meetings.services import MeetingRefused, rehearsals


class Command(BaseCommand):
    """Copies a meeting and lets simulated people come to the copy, through the pages and sockets of a running server."""

    help = "Rehearse a meeting with simulated people. The server must be running."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("meeting", help="its id, or its join code; of a rehearsal: only its people come again")
        parser.add_argument("--attendees", type=int, default=50, help="how many simulated people (50)")
        parser.add_argument("--base-url", default="", help="where the server is; by default as HOST and PORT say")
        parser.add_argument("--minutes", type=float, default=30, help="how long they stay at most (30)")

    def handle(self, *arguments: Any, **options: Any) -> None:
        meeting = _meeting(options["meeting"])
        server = Server.at(options["base_url"]) if options["base_url"] else this_server()
        try:
            if meeting.rehearses_id is None:
                meeting = rehearsals.clone_for_rehearsal(meeting=meeting, attendees=options["attendees"], actor=None)
            keys = rehearsals.sign_in_simulated(meeting)
        except MeetingRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{meeting.title}: {server.origin}{reverse('meetings:cockpit', args=[meeting.pk])}")
        self.stdout.write(f"{len(keys)} simulated people come when the doors open. Ctrl-C sends them home.")
        seconds = 60 * options["minutes"]
        try:
            told = asyncio.run(simulate(server, str(meeting.pk), keys, seconds=seconds))
        except KeyboardInterrupt:
            self.stdout.write("They went home.")
        else:
            self.stdout.write(f"It is over. {told}")
        finally:
            rehearsals.sign_out_simulated(keys)


def _meeting(written: str) -> Meeting:
    try:
        found = Meeting.objects.select_related("assembly").filter(pk=UUID(written)).first()
    except ValueError:
        found = joining.meeting_with(joining.read_code(written))
    if found is None:
        raise CommandError(f"There is no meeting with the id or join code {written!r}.")
    return found
