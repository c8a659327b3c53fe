# SPDX-License-Identifier: AGPL-3.0-or-later
"""A hall with two thousand phones: they come within a minute, vote, lose their server, and sit before two of them.

    make bench-hall          PHONES=2000 SECONDS=60 PARTS=rush,close,restart,processes by default

The phones are the simulated people of rehearsals (meetings/rehearsal), so everything goes the way of real ones: a page
that checks in, a socket, a ballot paper, a ballot. `make bench-live` measures one change on thousands of sockets.
"""

import asyncio
import contextlib
import json
import os
import random
import resource
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import uvloop

from benchmarks.own_server import ROOT, free_port, machine, own_database, redis, server
from config.postgres import PostgresFailed
from meetings.rehearsal.crowd import Habits, Simulated, Told
from meetings.rehearsal.phones import Phone, Server, connect

PHONES = int(os.environ.get("PHONES", "2000"))
SECONDS = float(os.environ.get("SECONDS", "60"))
PARTS = os.environ.get("PARTS", "rush,close,restart,processes").split(",")
CHANGES = 5
PATIENCE = 60.0
SITE = "benchmarks.hall_site"
WORKING_MINUTES = 20

Figures = dict[str, Any]


class Steering:
    """The benchmark's own line into the server."""

    def __init__(self, meeting: str) -> None:
        self.meeting = meeting
        self.answers: asyncio.Queue[Any] = asyncio.Queue()
        self.phone: Phone

    async def connect(self, address: str) -> "Steering":
        self.phone = await connect(
            Server.at(f"http://{address}"), "/bench/hall/", lambda now, said: self.answers.put_nowait(json.loads(said))
        )
        return self

    async def ask(self, act: str) -> Any:
        self.phone.say(f"{act} {self.meeting}".encode())
        answer = await asyncio.wait_for(self.answers.get(), PATIENCE)
        if isinstance(answer, dict) and "failed" in answer:
            sys.exit(f"{act}: {answer['failed']}")
        return answer


class Guest(Simulated):
    """A simulated person who notes when frames come and does things only when told."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.arrived = 0.0  # the last frame, by the clock of the machine

    def frame_arrived(self, now: float, payload: bytes) -> None:
        self.arrived = now
        super().frame_arrived(now, payload)

    def look(self) -> None:
        """Nothing by itself: the benchmark says when."""

    @property
    def is_connected(self) -> bool:
        return self.phone is not None and not self.phone.transport.is_closing() and self.phone.open.done()


@contextlib.asynccontextmanager
async def guests(address: str, town: Figures, *, keys: list[str], within: float) -> AsyncIterator[list[Guest]]:
    """So many phones that follow the meeting, connected within so many seconds."""
    told, there = Told(), Server.at(f"http://{address}")
    people = [Guest(there, town["meeting"], key, Habits(), told, number) for number, key in enumerate(keys)]

    async def come(person: Guest) -> None:
        await asyncio.sleep(random.uniform(0, within))  # noqa: S311 -- nobody wins anything here
        await person.attend()

    tasks = [asyncio.ensure_future(come(person)) for person in people]
    try:
        yield people
    finally:
        for person in people:
            person.is_over.set()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(holds: Callable[[], bool], patience: float = PATIENCE) -> float:
    """Seconds until this holds; as long as patience where it never does."""
    began = time.monotonic()
    while not holds() and time.monotonic() - began < patience:  # noqa: ASYNC110 -- of many phones, not of one
        await asyncio.sleep(0.05)
    return time.monotonic() - began


def percentiles(latencies: list[float]) -> Figures:
    if len(latencies) < 2:
        return {"count": len(latencies)}
    percent = statistics.quantiles(latencies, n=100, method="inclusive")
    return {"p50_ms": round(percent[49], 1), "p99_ms": round(percent[98], 1), "max_ms": round(max(latencies), 1)}


async def change(steering: Steering, people: list[Guest], act: str = "change") -> Figures:
    """How long until each phone has what was just changed, and how many never got it."""
    before = {person: person.arrived for person in people}
    began = await steering.ask(act)
    await until(lambda: all(person.arrived > before[person] and person.arrived > began for person in people), 20)
    latencies = [1000 * (person.arrived - began) for person in people if person.arrived > began]
    return {**percentiles(latencies), "lost": len(people) - len(latencies)}


async def rush(steering: Steering, people: list[Guest]) -> Figures:
    """Everybody opens the page's socket and checks in, at random moments of a minute."""
    told = people[0].told
    before = await steering.ask("state")

    async def come_in(person: Guest) -> None:
        await asyncio.sleep(random.uniform(0, SECONDS))  # noqa: S311 -- nobody wins anything here
        with contextlib.suppress(OSError, TimeoutError):
            await person.check_in()

    began = time.monotonic()
    await asyncio.gather(*[come_in(person) for person in people])
    took = time.monotonic() - began
    connected = await until(lambda: all(person.is_connected for person in people))
    await asyncio.sleep(2)
    after = await steering.ask("state")
    return {
        "seconds": round(took, 1),
        "seconds_more_for_sockets": round(connected, 1),
        "present": after["present"],
        "check_in": percentiles(told.latencies),
        "frames_for_each_phone": round(told.counts["frames"] / len(people), 1),
        "cpu_seconds": round(after["cpu"] - before["cpu"], 1),
        "kilobytes_for_each_socket": round((after["kilobytes"] - before["kilobytes"]) / len(people), 1),
        "told": dict(told.counts),
    }


async def close(steering: Steering, people: list[Guest]) -> Figures:
    """Everybody votes, the vote closes, and the result is on every phone without any phone asking for it."""
    await steering.ask("start")
    opened = await change(steering, people, "open")
    told = people[0].told
    told.latencies.clear()
    began = time.monotonic()

    async def vote(person: Guest) -> None:
        await asyncio.sleep(random.uniform(0, SECONDS / 3))  # noqa: S311 -- nobody wins anything here
        with contextlib.suppress(OSError, TimeoutError):
            person.habits = Habits(think_for=2.0)
            await person.vote()

    await asyncio.gather(*[vote(person) for person in people])
    took = time.monotonic() - began
    ballots = (await steering.ask("state"))["ballots"]
    shown = await change(steering, people, "close")
    return {
        "opened": opened,
        "vote_seconds": round(took, 1),
        "cast": percentiles(told.latencies),
        "ballots": ballots,
        "result": shown,
    }


async def parts(url: str, town: Figures) -> Figures:
    """One server: who comes, who votes, and what happens when it is gone for a moment."""
    found: Figures = {}
    port = free_port()
    with contextlib.ExitStack() as stack:
        running = stack.enter_context(contextlib.ExitStack())
        address = running.enter_context(server(SITE, url, port=port))
        steering = await Steering(town["meeting"]).connect(address)
        async with guests(address, town, keys=town["sessions"], within=SECONDS if "rush" in PARTS else 5) as people:
            found["rush"] = await rush(steering, people)
            say("rush", found["rush"])
            if "close" in PARTS:
                found["close"] = await close(steering, people)
                say("close", found["close"])
            if "restart" in PARTS:
                running.close()
                gone = time.monotonic()
                await until(lambda: not any(person.is_connected for person in people), 10)
                with server(SITE, url, port=port) as address:
                    up = time.monotonic()
                    back = await until(lambda: all(person.is_connected for person in people))
                    steering = await Steering(town["meeting"]).connect(address)
                    if "close" not in PARTS:
                        await steering.ask("start")
                    found["restart"] = {
                        "server_away_seconds": round(up - gone, 1),
                        "all_back_seconds": round(back, 1),
                        "connected": sum(person.is_connected for person in people),
                        "then_a_change": await change(steering, people),
                    }
                    say("restart", found["restart"])
    return found


async def processes(url: str, redis_url: str, town: Figures) -> Figures:
    """Two servers that hear each other: a change made in one is on the phones of both."""
    with server(SITE, url, redis_url=redis_url) as one, server(SITE, url, redis_url=redis_url) as two:
        steering = await Steering(town["meeting"]).connect(one)
        keys = town["sessions"]
        async with (
            guests(one, town, keys=keys, within=20) as here,
            guests(two, town, keys=keys, within=20) as there,
        ):
            await until(lambda: all(person.is_connected and person.arrived for person in [*here, *there]))
            await steering.ask("change")
            await asyncio.sleep(2)
            rounds = []
            for _ in range(CHANGES):
                before = {person: person.arrived for person in [*here, *there]}
                began = await steering.ask("change")
                await until(lambda: all(person.arrived > before[person] for person in [*here, *there]), 20)  # noqa: B023
                rounds.append(
                    [
                        [1000 * (person.arrived - began) for person in side if person.arrived > began]
                        for side in (here, there)
                    ]
                )
                await asyncio.sleep(0.5)
    found: Figures = {}
    for place, name in enumerate(("where_it_was_made", "in_the_other_process")):
        middle = [percentiles(played[place]) for played in rounds]
        found[name] = {
            "p99_ms": statistics.median(one["p99_ms"] for one in middle),
            "worst_ms": max(one["max_ms"] for one in middle),
            "lost": sum(len(keys) - len(played[place]) for played in rounds),
        }
    say("processes", found)
    return found


def say(part: str, figures: Figures) -> None:
    print(f"{part}: {json.dumps(figures)}", flush=True)


def town_in(url: str) -> Figures:
    """The meeting has open doors and its people are signed in."""
    environment = os.environ | {"DATABASE_URL": url, "PEOPLE": str(PHONES)}
    made = subprocess.run(
        [sys.executable, "-m", "benchmarks.hall_town"], cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE
    )
    town: Figures = json.loads(made.stdout.splitlines()[-1])
    return town


def main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 3 * PHONES + 1000), most))  # the servers inherit it
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended from outside."))  # and clean up
    here = machine() | {"load": round(os.getloadavg()[0], 2)}
    print(
        f"{PHONES} phones on {here['cpu']}, {here['cores']} cores, Python {here['python']}, load {here['load']} before"
    )
    found: Figures = {}
    try:
        with own_database("hall", durable=False) as url:
            town = town_in(url)
            limit = 60.0 * WORKING_MINUTES
            if {"rush", "close", "restart"} & set(PARTS):
                found |= uvloop.run(asyncio.wait_for(parts(url, town), limit))
            if "processes" in PARTS:
                with redis() as redis_url:
                    if "close" not in PARTS and "restart" not in PARTS:
                        uvloop.run(_start(url, town))
                    found["processes"] = uvloop.run(asyncio.wait_for(processes(url, redis_url, town), limit))
    except TimeoutError:
        sys.exit("The machine is too busy: the run took too long and says nothing.")
    except PostgresFailed as failure:
        sys.exit(str(failure))
    print(json.dumps({"benchmark": "hall", "machine": here, "phones": PHONES, **found}))


async def _start(url: str, town: Figures) -> None:
    with server(SITE, url) as address:
        await (await Steering(town["meeting"]).connect(address)).ask("start")


if __name__ == "__main__":
    main()
