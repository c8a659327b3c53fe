# SPDX-License-Identifier: AGPL-3.0-or-later
"""How an act tells the screens: after its commit, and without ever being able to fail it."""

import asyncio
from collections.abc import Callable

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction

from live import layer

VIEWER = "viewer/"  # an announcement about a person instead of a topic
Listener = Callable[[str, bool], None]  # the topic, and whether it changed in passing only
_listeners: set[Listener] = set()  # the hubs of this process: none, or one; they outlive no event loop
_under_way: set[asyncio.Task[None]] = set()  # the loop itself keeps only weak references


def announce(topic: str, *, in_passing: bool = False) -> None:
    """Screens that watch this topic show its newest state soon after the current transaction commits.

    Call it from a service, inside the transaction, from any thread. After a rollback nothing is told. Announcing
    often is cheap: the hub sends at most four frames a second. A lost announcement is healed within five seconds.
    What a crowd does, each a little (one more is here, one more has voted), changes a topic `in_passing`: where many
    watch, it is shown up to three seconds later, so that the crowd itself is served meanwhile.
    """

    def tell() -> None:  # Django logs the name of a function that failed, and a partial has none
        _tell(topic, in_passing)

    if _inside_event_loop():
        tell()  # no transaction can be open here
    else:
        transaction.on_commit(tell, robust=True)


def rights_changed(user_key: object) -> None:
    """Screens of this user show what their role allows now, or are closed, soon after the transaction commits.

    Without this it takes up to a minute: call it where roles or memberships are given or taken.
    """
    announce(f"{VIEWER}{user_key}")


def listen(listener: Listener) -> None:
    """This listener is called with every topic announced in this process, from whichever thread announces."""
    _listeners.add(listener)


def unlisten(listener: Listener) -> None:
    """This listener hears no more announcements."""
    _listeners.discard(listener)


def _tell(topic: str, in_passing: bool) -> None:
    """Wake the hub of this process, which tells the others; without a hub here (a worker), tell them directly."""
    if _listeners:
        for listener in list(_listeners):
            listener(topic, in_passing)
    elif settings.REDIS_URL:
        if _inside_event_loop():
            task = asyncio.get_running_loop().create_task(layer.publish({topic: in_passing}, get_channel_layer()))
            _under_way.add(task)
            task.add_done_callback(_under_way.discard)
        else:
            async_to_sync(layer.publish)({topic: in_passing}, get_channel_layer())


def _inside_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
