# SPDX-License-Identifier: AGPL-3.0-or-later
"""What simulated people do: come in, follow the meeting by socket, raise a hand now and then, and vote.

They know no more than a phone shows: everything they do follows from a frame, and goes the way of a tap.
"""

import asyncio
import contextlib
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from typing import Any, cast

from .phones import Browser, Phone, Server, connect

FRAMES_PER_ANSWER = 4  # as live.js
LONGEST_WAIT = 30.0  # between two tries to connect
MAY_NOT_WATCH = 4404
OVER = ("adjourned", "minutes_draft", "minutes_approved", "cancelled")
SPEAKS_UP = 0.004  # how likely somebody raises a hand at a frame
REASON = "A simulated reason, for the rehearsal."


@dataclass(frozen=True)
class Habits:
    """How the crowd behaves."""

    come_within: float = 20.0  # seconds
    think_for: float = 12.0  # seconds, over a ballot
    vote: float = 0.92  # how many of them do
    remote: float = 0.2
    speak: float = SPEAKS_UP


@dataclass
class Told:
    """What happened to the crowd, for whoever started it."""

    counts: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        return ", ".join(f"{name}: {count}" for name, count in sorted(self.counts.items())) or "nothing"


class Paper(HTMLParser):
    """A ballot paper as it came: where it goes and what can be filled in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: list[tuple[str, str]] = []
        self.choices: dict[str, list[str]] = {}
        self.ticks = False
        self.menus: dict[str, list[str]] = {}
        self.numbers: list[str] = []
        self.has_reason = False
        self._inside = False
        self._menu = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._inside = re.search(r"/polls/[^/]+/(cast|review)/", named.get("action", "")) is not None
            if self._inside:
                self.action = named["action"]
        if not self._inside:
            return
        name, value = named.get("name", ""), named.get("value", "")
        if tag == "select":
            self._menu = name
            self.menus[name] = []
        elif tag == "option" and self._menu:
            self.menus[self._menu].append(value)
        elif tag == "textarea":
            self.has_reason = name == "reason"
        elif tag == "input" and name:
            self._take(named.get("type", "text"), name, value)

    def _take(self, kind: str, name: str, value: str) -> None:
        if kind == "hidden" and name != "csrfmiddlewaretoken":
            self.fields.append((name, value))
        elif kind in ("radio", "checkbox") and name != "blank":
            self.ticks = self.ticks or kind == "checkbox"
            if value:
                self.choices.setdefault(name, []).append(value)
        elif kind in ("text", "number"):
            self.numbers.append(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._menu = ""

    def filled_in(self, dice: random.Random) -> list[tuple[str, str]]:
        """The fields of this paper, as somebody might fill it in."""
        sent = list(self.fields)
        for name, values in self.choices.items():
            chosen = [dice.choice(values)]
            if self.ticks and name == "options":
                chosen = [value for value in values if dice.random() < 0.4] or chosen
            sent += [(name, value) for value in chosen]
            if "block" in chosen and self.has_reason:
                sent.append(("reason", REASON))
        places = [str(place) for place in range(1, len(self.menus) + 1)]
        dice.shuffle(places)
        sent += zip(self.menus, places, strict=True)
        if self.numbers:
            sent.append((dice.choice(self.numbers), "1"))
        return sent


class Simulated:
    """One person with a phone."""

    def __init__(self, server: Server, meeting_id: str, session: str, habits: Habits, told: Told, seed: int) -> None:
        self.browser = Browser(server, session)
        self.meeting = f"/meetings/{meeting_id}"
        self.topic = f"/ws/live/meeting/{meeting_id}/?language=en"
        self.habits, self.told = habits, told
        self.dice = random.Random(seed)  # noqa: S311 -- nobody wins anything here
        self.seq = self.unanswered = 0
        self.phone: Phone | None = None
        self.is_over = asyncio.Event()
        self.panels: dict[str, str] = {}
        self.is_in = False
        self.voted: set[str] = set()
        self.busy: set[asyncio.Task[None]] = set()

    async def attend(self) -> None:
        """Follow the meeting until it is over; a socket that ends is opened again, later each time."""
        failures = 0
        try:
            while not self.is_over.is_set():
                ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
                try:
                    self.phone = await connect(
                        self.browser.server, self.topic, self.frame_arrived, session=self.browser.session,
                        on_end=partial(_end_with, ended),
                    )  # fmt: skip
                except (OSError, TimeoutError):
                    self.told.counts["no socket"] += 1
                else:
                    failures = 0
                    self.phone.hello(self.seq)
                    self.told.counts["connected"] += 1
                    if await self._until_over_or(ended) == MAY_NOT_WATCH:
                        return
                failures += 1
                longest = min(2.0**failures, LONGEST_WAIT)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.is_over.wait(), self.dice.uniform(longest / 2, longest))
        finally:
            if self.phone:
                self.phone.hang_up()
            for task in self.busy:
                task.cancel()

    async def _until_over_or(self, ended: "asyncio.Future[int]") -> int:
        over = asyncio.ensure_future(self.is_over.wait())
        await asyncio.wait([over, cast("asyncio.Future[Any]", ended)], return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        return ended.result() if ended.done() else 0

    def frame_arrived(self, now: float, payload: bytes) -> None:
        frame: dict[str, Any] = json.loads(payload)
        self.seq, self.panels = frame["seq"], frame["panels"]
        self.told.counts["frames"] += 1
        self.unanswered += 1
        if self.unanswered >= FRAMES_PER_ANSWER and self.phone:
            self.unanswered = 0
            self.phone.hello(self.seq)
        self.look()

    def look(self) -> None:
        """See what is on the phone, and do what a person would."""
        html = self.panels.get("now", "")
        state = _marked("session", html)
        if state in OVER:
            self.is_over.set()
        elif not self.is_in and state in ("doors_open", "in_session", "in_recess"):
            self.is_in = True
            self._do(self.come_in())
        elif state == "in_session" and self.is_in:
            poll = _marked("vote", html) if _marked("open", html) else ""
            if poll and poll not in self.voted:
                self.voted.add(poll)
                if self.dice.random() < self.habits.vote:
                    self._do(self.vote())
            elif self.dice.random() < self.habits.speak:
                self._do(self.raise_hand())

    def _do(self, act: Any) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(self._quietly(act))
        self.busy.add(task)
        task.add_done_callback(self.busy.discard)

    async def _quietly(self, act: Any) -> None:
        try:
            await act
        except (OSError, TimeoutError) as error:
            self.told.counts[f"failed: {type(error).__name__}"] += 1

    async def come_in(self) -> None:
        """Check in at a moment of one's own."""
        await asyncio.sleep(self.dice.uniform(0, self.habits.come_within))
        await self.check_in()

    async def check_in(self) -> int:
        mode = "remote" if self.dice.random() < self.habits.remote else "in_room"
        return await self._post("checked in", f"{self.meeting}/check-in/", [("mode", mode)])

    async def raise_hand(self) -> None:
        await asyncio.sleep(self.dice.uniform(0, self.habits.think_for))
        await self._post("raised hands", f"{self.meeting}/my-hand/raise/", [("kind", "normal")])

    async def vote(self) -> None:
        """Ask for the ballot paper, think, fill it in and send it; the same paper again after a failure."""
        await asyncio.sleep(self.dice.uniform(0, self.habits.think_for / 4))
        status, page = await self.browser.get(f"{self.meeting}/my-vote/")
        paper = Paper(page)
        if status != 200 or not paper.action:
            self.told.counts["no paper"] += 1
            return
        await asyncio.sleep(self.dice.uniform(0, self.habits.think_for))
        sent = paper.filled_in(self.dice)
        for pause in (1.0, 3.0, 0.0):
            try:
                await self._post("voted", paper.action.replace("/review/", "/cast/"), sent)
            except (OSError, TimeoutError):
                await asyncio.sleep(pause * self.dice.uniform(0.5, 1.5))
            else:
                return
        self.told.counts["votes that did not get through"] += 1

    async def _post(self, what: str, path: str, fields: Sequence[tuple[str, str]]) -> int:
        loop = asyncio.get_running_loop()
        began = loop.time()
        status, _page = await self.browser.post(path, fields)
        self.told.latencies.append(1000 * (loop.time() - began))
        self.told.counts[what if status in (200, 204, 302) else f"{what}: {status}"] += 1
        return status


def _marked(name: str, html: str) -> str:
    """What a hidden mark in a panel says."""
    found = re.search(rf'data-{name}="([^"]*)"', html)
    return found[1] if found else ""


async def simulate(
    server: Server, meeting_id: str, sessions: Iterable[str], *, seconds: float, habits: Habits | None = None
) -> Told:
    """All these people are at the meeting until it is over, or so many seconds have gone."""
    told, habits = Told(), habits or Habits()
    people = [Simulated(server, meeting_id, session, habits, told, number) for number, session in enumerate(sessions)]
    attending = [asyncio.ensure_future(person.attend()) for person in people]
    try:
        _done, left = await asyncio.wait(attending, timeout=seconds) if attending else (set(), set())
    finally:
        for person in people:
            person.is_over.set()
    for one in left:
        one.cancel()
    for result in await asyncio.gather(*attending, return_exceptions=True):
        if isinstance(result, Exception):
            told.counts[f"failed: {type(result).__name__}"] += 1
    return told


def _end_with(ended: "asyncio.Future[int]", code: int) -> None:
    if not ended.done():
        ended.set_result(code)
