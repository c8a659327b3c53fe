# SPDX-License-Identifier: AGPL-3.0-or-later
"""The hub: hears that topics changed and brings every screen of this process to their newest state.

There is one hub per process. It starts by itself with the first socket, in the event loop that serves it, and then
listens to the channel layer where REDIS_URL is set; a server that wants a clean end awaits `stop()` in that loop.
Nothing rests on a hub: a page that finds none asks by GET.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from channels.layers import BaseChannelLayer, get_channel_layer
from django.conf import settings

from live import announcing, frames, layer, rights, versions
from live.admission import Admission
from live.announcing import VIEWER
from live.frames import Audience, Frame
from live.rights import Visitor
from live.sockets import Broadcast, Socket
from live.threads import in_thread
from live.topics import told_by

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_FRAMES = 0.25  # of one topic, at least
REST = 4  # what changes in passing waits for so many times as long as the last frame took to make and to send ...
LONGEST_REST = 3.0  # ... but never for more seconds than this
SECONDS_BETWEEN_CHECKS = 4.0  # a lost announcement is healed, and a signed-out screen closed, within five seconds
CHECKS_BETWEEN_RIGHTS = 15  # every sixty seconds each viewer's role is asked for again
SECONDS_OF_PATIENCE = 30.0  # with a screen that does not answer; then it may connect anew or poll
SOCKETS_PER_SESSION = 6
SOCKETS_PER_PROCESS = 10_000

GOING_AWAY = 1001  # close codes; live.js knows what they mean
MAY_NOT_WATCH = 4404
TOO_SLOW = 4408


class WatchedTopic:
    """A topic with at least one screen in this process, and its newest frames."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.sockets: set[Socket] = set()
        self.waiting: set[Socket] = set()  # those to whom a newer frame may have to be sent
        self.changed = True
        self.hurry = asyncio.Event()  # it changed by more than what a crowd does in passing
        self.seq: int | None = None
        self.frames: dict[Audience, Frame] = {}
        self.wake = asyncio.Event()
        self.not_before = 0.0
        self.rests_until = 0.0
        self.follower: asyncio.Task[None] | None = None

    def audiences(self) -> set[Audience]:
        """The audiences that somebody here belongs to."""
        return {socket.audience for socket in self.sockets}

    def may_change_at(self) -> float:
        """When its next frame may be made: what happened in passing may rest, and what else did may not."""
        return self.not_before if self.hurry.is_set() else max(self.not_before, self.rests_until)


class Hub:
    """Brings the screens of one process up to date. All methods belong to its event loop, except `announced`."""

    def __init__(self, channel_layer: BaseChannelLayer | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        self.layer = channel_layer
        self.name = uuid4().hex
        self._topics: dict[str, WatchedTopic] = {}
        self._sessions: Counter[str] = Counter()
        self._size = 0
        self.admission = Admission()
        self._to_publish: dict[str, bool] = {}
        self._publish = asyncio.Event()
        # Threads of its own, so that a rush of sign-ins or page views does not stand before the next frame.
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="live")
        announcing.listen(self.announced)
        self._tasks: set[asyncio.Task[None]] = set()
        self._start(self._check_for_ever())
        if channel_layer:
            self._start(self._hear(channel_layer))
            self._start(self._publish_for_ever(channel_layer))

    async def stop(self) -> None:
        """Nothing of this hub runs any more and its screens are closed; they come back to the next one."""
        announcing.unlisten(self.announced)
        for socket in self._all():
            self._send_away(socket, GOING_AWAY)
        self.admission.end()
        ending = list(self._tasks)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        if self.layer:
            await self.layer.flush()
        await asyncio.to_thread(self._threads.shutdown)

    # Screens come and go

    def has_room(self, visitor: Visitor) -> bool:
        """Whether one more screen of this visitor may watch by socket; otherwise it polls."""
        if self._size >= SOCKETS_PER_PROCESS:
            return False
        return visitor.user_key is None or self._sessions[visitor.session_key or ""] < SOCKETS_PER_SESSION

    def join(self, socket: Socket) -> None:
        """The screen gets every newer state from now on, the current one first if it has not got it."""
        watched = self._topics.get(socket.address)
        if watched is None:
            watched = self._topics[socket.address] = WatchedTopic(socket.address)
            watched.follower = self._start(self._follow(watched))
        if watched.seq is not None and socket.seq is not None and socket.seq > watched.seq:
            watched.changed = True  # another process counted further than we have heard
        watched.sockets.add(socket)
        self._size += 1
        if socket.visitor.session_key:
            self._sessions[socket.visitor.session_key] += 1
        self.catch_up(socket)

    def catch_up(self, socket: Socket) -> None:
        """The screen gets the current state if it is not the one that it has."""
        if watched := self._topics.get(socket.address):
            watched.waiting.add(socket)
            watched.wake.set()

    def leave(self, socket: Socket) -> None:
        """The screen is forgotten, and its topic too when nobody else watches it."""
        watched = self._topics.get(socket.address)
        if watched is None or socket not in watched.sockets:
            return
        watched.sockets.discard(socket)
        watched.waiting.discard(socket)
        self._size -= 1
        if key := socket.visitor.session_key:
            self._sessions[key] -= 1
            if not self._sessions[key]:
                del self._sessions[key]
        if not watched.sockets and watched.follower:
            watched.follower.cancel()
            del self._topics[socket.address]

    # Topics change

    def announced(self, address: str, in_passing: bool = False) -> None:
        """The hub hears of a change that was made in this process, from whichever thread, and tells the others."""
        try:
            self.loop.call_soon_threadsafe(self._announced, address, in_passing)
        except RuntimeError:  # our event loop has ended
            announcing.unlisten(self.announced)

    def _announced(self, address: str, in_passing: bool) -> None:
        self._changed(address, in_passing=in_passing)
        if self.layer:
            self._to_publish[address] = in_passing and self._to_publish.get(address, True)
            self._publish.set()

    def _changed(self, address: str, *, in_passing: bool) -> None:
        if address.startswith(VIEWER):
            self._start(self._check_rights(user=address.removeprefix(VIEWER)))
            return
        for told in told_by(address):
            if watched := self._topics.get(told):
                watched.changed = True
                watched.wake.set()
                if not in_passing:
                    watched.hurry.set()

    async def _follow(self, watched: WatchedTopic) -> None:
        """Keep the screens of one topic up to date for as long as there are any."""
        while True:
            await watched.wake.wait()
            watched.wake.clear()
            try:
                await self._bring_up_to_date(watched)
            except Exception:
                # The next check tries again; the database may have been away for a moment.
                logger.exception("The screens of %s could not be brought up to date.", watched.address)

    async def _bring_up_to_date(self, watched: WatchedTopic) -> None:
        began = None
        if watched.changed:
            await self._until_it_may_change(watched)
            began = self.loop.time()
            watched.not_before = began + SECONDS_BETWEEN_FRAMES
            watched.changed = False
            watched.hurry.clear()
            seq, rendered = await in_thread(self._threads, _look, watched.address, watched.seq, watched.audiences())
            if seq != watched.seq:
                watched.seq, watched.frames = seq, rendered
                watched.waiting |= watched.sockets
        if watched.seq is None:
            return  # the first look failed; the next check looks again
        watched.waiting = {socket for socket in watched.waiting if socket.seq != watched.seq}
        missing = {socket.audience for socket in watched.waiting} - watched.frames.keys()
        if missing:
            watched.frames |= await in_thread(self._threads, frames.render_all, watched.address, missing, watched.seq)
        if watched.waiting:
            began = self.loop.time() if began is None else began
            await self._deliver(watched, watched.seq, watched.waiting)
            # When a hall comes in, each person changes the count: what the others see of it must leave time for them.
            rest = min(REST * (self.loop.time() - began), LONGEST_REST)
            watched.rests_until = max(watched.rests_until, self.loop.time() + rest)

    async def _until_it_may_change(self, watched: WatchedTopic) -> None:
        """Wait until the next frame may be made. Whoever comes meanwhile with an older one has the newest at once."""
        while (until := watched.may_change_at()) > self.loop.time():
            watched.wake.clear()
            seq = watched.seq or 0
            behind = {each for each in watched.waiting if each.audience in watched.frames and (each.seq or 0) < seq}
            if behind:
                await self._deliver(watched, seq, behind)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(until):
                    await watched.wake.wait()

    async def _deliver(self, watched: WatchedTopic, seq: int, sockets: set[Socket]) -> None:
        messages = {
            audience: Broadcast(type="websocket.send", text=frame.text()) for audience, frame in watched.frames.items()
        }
        for count, socket in enumerate(list(sockets), start=1):
            if socket.audience in messages:  # else it joined or changed its role just now and has woken us again
                watched.waiting.discard(socket)
                socket.offer(messages[socket.audience], seq)
            if count % 100 == 0:
                await asyncio.sleep(0)  # a thousand phones do not hold up the next vote

    # Nothing is trusted to arrive

    async def _check_for_ever(self) -> None:
        """Every few seconds look for changes nobody told us of, for rights that ended, for screens that stopped."""
        checks = 0
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_CHECKS)
            checks += 1
            try:
                await self.check(ask_roles=checks % CHECKS_BETWEEN_RIGHTS == 0)
            except Exception:
                logger.exception("A check of the screens failed.")

    async def check(self, *, ask_roles: bool = False) -> None:
        """Changes nobody told us of are under way to their screens; who signed out or fell silent is gone."""
        for watched in self._topics.values():
            watched.changed = True
            watched.hurry.set()
            watched.wake.set()
        too_late = self.loop.time() - SECONDS_OF_PATIENCE
        for socket in self._all():
            if socket.behind_since is not None and socket.behind_since < too_late:
                self._send_away(socket, TOO_SLOW)
        gone = await in_thread(self._threads, rights.signed_out, {socket.visitor for socket in self._all()})
        for socket in self._all():
            if socket.visitor in gone:
                self._send_away(socket, MAY_NOT_WATCH)
        if ask_roles:
            await self._check_rights()

    async def _check_rights(self, user: str | None = None) -> None:
        """Every screen, or every screen of one user, shows what its viewer may see now or is closed."""
        concerned = [socket for socket in self._all() if user in (None, str(socket.visitor.user_key))]
        asked = {(socket.address, socket.visitor) for socket in concerned}
        try:
            roles = await in_thread(self._threads, rights.roles_now, asked)
        except Exception:
            logger.exception("The rights of the viewers could not be asked for.")
            return
        for socket in concerned:
            role = roles[socket.address, socket.visitor]
            if role is None:
                self._send_away(socket, MAY_NOT_WATCH)
            elif role != socket.audience.role:
                socket.audience = Audience(role, socket.audience.language)
                socket.seq = 0  # what it has was made for other eyes, even if it is just saying that it has it
                self.catch_up(socket)

    def _all(self) -> list[Socket]:
        return [socket for watched in self._topics.values() for socket in watched.sockets]

    def _send_away(self, socket: Socket, code: int) -> None:
        self.leave(socket)
        socket.close(code)

    # Other processes

    async def _hear(self, channel_layer: BaseChannelLayer) -> None:
        """Take part in the one group of all hubs, again and again where the layer is away."""
        away = False
        while True:
            try:
                channel = await channel_layer.new_channel()
                await channel_layer.group_add(layer.GROUP, channel)
                away = False
                while True:
                    message = await channel_layer.receive(channel)
                    if message["sender"] != self.name:
                        for address, in_passing in message["topics"].items():
                            self._changed(address, in_passing=in_passing)
            except Exception as error:
                if not away:
                    logger.warning("The channel layer cannot be heard (%s).", type(error).__name__)
                away = True
                await asyncio.sleep(1)

    async def _publish_for_ever(self, channel_layer: BaseChannelLayer) -> None:
        """Tell the other hubs what changed here: at once, then at most ten times a second."""
        while True:
            await self._publish.wait()
            self._publish.clear()
            topics, self._to_publish = self._to_publish, {}
            await layer.publish(topics, channel_layer, sender=self.name)
            await asyncio.sleep(0.1)

    def _start(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self.loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _look(address: str, known: int | None, audiences: set[Audience]) -> tuple[int, dict[Audience, Frame]]:
    """The version of a topic now and, if we do not know it yet, its frames."""
    seq = versions.bring_up_to_date(address)
    return seq, frames.render_all(address, audiences, seq) if seq != known else {}


_hub: Hub | None = None


def hub() -> Hub:
    """The hub of this process, started by the first socket that needs it."""
    global _hub
    if _hub is None or _hub.loop is not asyncio.get_running_loop():
        _hub = Hub(get_channel_layer() if settings.REDIS_URL else None)
    return _hub


def watchers(address: str) -> int:
    """How many screens watch this topic by socket in this process; others poll, or sit with another process."""
    watched = _hub._topics.get(address) if _hub else None
    return len(watched.sockets) if watched else 0


async def stop() -> None:
    """The hub of this process has ended, if there was one."""
    global _hub
    ending, _hub = _hub, None
    if ending:
        await ending.stop()
