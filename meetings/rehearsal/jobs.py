# SPDX-License-Identifier: AGPL-3.0-or-later
"""The crowd of a rehearsal as a job: it comes to the server that asked for it and goes when the meeting is over."""

import asyncio
import logging

from django.conf import settings

import jobs
from config.hosts import EVERYWHERE
from meetings.models import Meeting
from meetings.services import rehearsals

from .crowd import simulate
from .phones import Server

logger = logging.getLogger(__name__)


def this_server() -> Server:
    """Where this installation listens; behind a proxy we come from inside, under its public name."""
    host = "127.0.0.1" if settings.HOST in EVERYWHERE else settings.HOST
    if settings.PUBLIC_URL:
        return Server(settings.PUBLIC_URL, (host, settings.PORT), is_behind_proxy=settings.HTTPS)
    return Server.at(f"http://{host}:{settings.PORT}")


@jobs.job()
def bring_crowd(meeting_id: str) -> None:
    """The simulated people of this rehearsal were there until it was over, half an hour at most."""
    meeting = Meeting.objects.filter(pk=meeting_id).first()
    if meeting is None or not rehearsals.is_going_on(meeting):
        return
    keys = rehearsals.sign_in_simulated(meeting)
    try:
        told = asyncio.run(simulate(this_server(), meeting_id, keys, seconds=rehearsals.LONGEST.total_seconds()))
    finally:
        rehearsals.sign_out_simulated(keys)
    logger.info("A rehearsal ended: %s.", told)
