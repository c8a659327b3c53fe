# SPDX-License-Identifier: AGPL-3.0-or-later
"""What benchmarks/live.py serves: one tally of twelve options, carried by the hub and by the textbook consumer.

The textbook consumer is kept here only, to compare with: each socket joins a channel layer group, gets a channel
message of its own for every change and encodes its own JSON. Both carry the same panels to the same anonymous viewers.
"""

import json
import os
import random
import time
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from asgiref.sync import async_to_sync, sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.db import transaction
from django.template import Context, Template
from django.urls import path, re_path
from django.utils import timezone

import live
from benchmarks.own_server import kilobytes
from config.asgi import application as our_application
from config.server import Server

TOPIC = "tally/6f3c1c2e-6a5b-4f43-9d55-0d6f5a1b0002"
GROUP = "tally"
OPTIONS = [
    "Shade trees", "Safe crossing", "Repair café", "Bicycle stands", "Water fountain", "Street piano",
    "Playground swing", "Open library", "Night bus", "School garden", "Bench by the river", "Lamps in the park",
]  # fmt: skip
TEMPLATE = """<h2>Ballots in: {{ total }}</h2><table class="results"><tbody>{% for title, count in tally %}<tr>
<th scope="row">{{ title }}</th><td><bdi>{{ count }}</bdi></td>
<td><svg class="bar" viewBox="0 0 100 8" aria-hidden="true"><rect width="{{ count }}" height="8"/></svg></td></tr>
{% endfor %}</tbody></table>"""
ballots = {"hub": [0] * len(OPTIONS), "textbook": [0] * len(OPTIONS)}


def panels(carrier: str) -> dict[str, str]:
    """The tally as HTML; each contender has its own, so that the hub does not find the other's changes."""
    counts = ballots[carrier]
    context = Context({"total": sum(counts), "tally": list(zip(OPTIONS, counts, strict=True))})
    return {"tally": Template(TEMPLATE).render(context)}


live.register(
    live.Topic(
        name="tally",
        audience_of=lambda user, id: "public",
        state=lambda id: str(ballots["hub"]),
        render=lambda id, audience, language: panels("hub"),
    )
)


class Textbook(AsyncWebsocketConsumer):
    """The consumer of the Channels tutorial, for a tally."""

    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def tally_changed(self, event: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(event["frame"]))


def change(carrier: str) -> float:
    """One more ballot is in, and this carrier is told after the commit; returns when that was."""
    with transaction.atomic():
        ballots[carrier][random.randrange(len(OPTIONS))] += 1  # noqa: S311 -- nobody wins anything here
        if carrier == "hub":
            live.announce(TOPIC)
        else:
            transaction.on_commit(send_to_group)
        return time.monotonic()


def send_to_group() -> None:
    seq = sum(ballots["textbook"])
    frame = {"topic": TOPIC, "seq": seq, "panels": panels("textbook"), "now": timezone.now().isoformat()}
    layer = get_channel_layer()
    async_to_sync(layer.group_send)(GROUP, {"type": "tally.changed", "frame": frame})  # type: ignore[union-attr]


async def control(scope: Any, receive: Any, send: Any) -> None:
    """The benchmark's own socket: "hub" or "textbook" makes a change, "cpu" and "memory" tell what was used so far."""
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        if message["text"] == "cpu":
            answer = time.process_time()
        elif message["text"] == "memory":
            answer = float(kilobytes())
        else:
            answer = await sync_to_async(change)(message["text"])
        await send({"type": "websocket.send", "text": json.dumps(answer)})


application = ProtocolTypeRouter(
    {
        "http": our_application,
        "websocket": URLRouter(
            [
                path("bench/control/", cast(Any, control)),
                path(
                    "bench/textbook/", cast(Any, AllowedHostsOriginValidator(AuthMiddlewareStack(Textbook.as_asgi())))
                ),
                re_path("", cast(Any, our_application)),
            ]
        ),
    }
)


async def nothing() -> None:
    """What serve would start and stop besides; the hub starts with its first socket."""


if __name__ == "__main__":
    Server(application, host=settings.HOST, port=settings.PORT, before=nothing, after=nothing, ready=lambda: None).run()
