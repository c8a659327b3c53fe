# SPDX-License-Identifier: AGPL-3.0-or-later
"""What benchmarks/hall.py serves: Folkmoot as it is, and a socket by which the benchmark steers the meeting."""

import json
import logging
import os
import time
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from asgiref.sync import sync_to_async
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path, re_path

from benchmarks.own_server import kilobytes
from config.asgi import application as our_application
from config.server import Server
from meetings import services
from meetings.models import ItemPoll, Meeting
from voting.models import PollState


def act(name: str, meeting_id: str) -> Any:
    """Do this to the meeting; answers the moment before, by the clock that all processes of a machine share."""
    meeting = Meeting.objects.select_related("assembly").get(pk=meeting_id)
    polls = ItemPoll.objects.select_related("item__meeting__assembly", "poll__register").filter(item__meeting=meeting)
    began = time.monotonic()
    match name:
        case "start":
            services.call_to_order(meeting=meeting, actor=None)
            services.advance(meeting=meeting, to=meeting.items.order_by("position")[0], actor=None)
        case "change":
            services.note_outcome(item=meeting.items.get(state="current"), outcome=f"Noted at {began}", actor=None)
        case "open":
            item = meeting.items.select_related("meeting__assembly").get(state="current")
            held = services.add_poll(item=item, template="yes_no", question="Shall we?", actor=None)
            services.open_item_poll(item_poll=held, actor=None)
        case "close":
            services.close_item_poll(item_poll=polls.get(poll__state=PollState.OPEN), actor=None)
            began = time.monotonic()
            services.reveal_item_poll(item_poll=polls.get(poll__state__in=["counted", "withheld"]), actor=None)
        case "state":
            last = polls.order_by("-pk").first()
            return {
                "present": meeting.attendances.filter(ended_at=None).count(),
                "ballots": last.poll.turnout if last else 0,
                "hands": meeting.speakers.count(),
                "kilobytes": kilobytes(),
                "cpu": time.process_time(),
            }
    return began


async def control(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        name, _, meeting_id = message["text"].partition(" ")
        try:
            answer = await sync_to_async(act, thread_sensitive=False)(name, meeting_id)
        except Exception as error:  # the benchmark says it and stops
            answer = {"failed": repr(error)}
        await send({"type": "websocket.send", "text": json.dumps(answer)})


application = ProtocolTypeRouter(
    {
        "http": our_application,
        "websocket": URLRouter([path("bench/hall/", cast(Any, control)), re_path("", cast(Any, our_application))]),
    }
)


logging.getLogger("folkmoot.requests").setLevel(logging.WARNING)  # a line for each page would be the benchmark's noise


async def nothing() -> None:
    """What serve would start and stop besides; the hub starts with its first socket."""


if __name__ == "__main__":
    Server(application, host=settings.HOST, port=settings.PORT, before=nothing, after=nothing, ready=lambda: None).run()
