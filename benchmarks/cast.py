# SPDX-License-Identifier: AGPL-3.0-or-later
"""How fast a hall votes: two thousand ballots by HTTP, beside an empty POST of the same people on the same server.

    make bench-cast          VOTERS=2000 AT_ONCE=64 by default

One server process and one PostgreSQL with everything that makes it durable; this process plays the phones. First a rush:
named ballots, sealed ballots and empty POSTs take turns in portions, as fast as the server answers, so that noise on
the machine meets all three. Then the hall: the same number of people vote at random moments of ten seconds.
"""

import asyncio
import contextlib
import json
import os
import random
import secrets
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import psycopg

from benchmarks.own_server import ROOT, machine, own_database, server
from config.postgres import PostgresFailed

VOTERS = int(os.environ.get("VOTERS", "2000"))
AT_ONCE = int(os.environ.get("AT_ONCE", "64"))
PORTION = 200
SECONDS_OF_THE_HALL = 10.0
GOAL_RATIO, GOAL_P99_MS = 0.6, 1000.0
CONTENDERS = ("named", "sealed", "empty")


@dataclass
class Run:
    """What the phones of one contender saw."""

    latencies: list[float] = field(default_factory=list)  # milliseconds
    seconds: float = 0.0
    refused: int = 0

    def summary(self) -> dict[str, float]:
        percent = statistics.quantiles(self.latencies, n=100, method="inclusive")
        return {
            "per_second": round(len(self.latencies) / self.seconds, 1),
            "p50_ms": round(percent[49], 1),
            "p95_ms": round(percent[94], 1),
            "p99_ms": round(percent[98], 1),
            "failures": self.refused,
        }


class Phones:
    """Connections that are kept open, as browsers do, each for one request at a time."""

    def __init__(self, address: str, town: dict[str, Any]) -> None:
        self.host, _, self.port = address.partition(":")
        self.town = town
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        pair = self.idle.pop() if self.idle else await asyncio.open_connection(self.host, int(self.port))
        yield pair
        self.idle.append(pair)

    async def post(self, contender: str, voter: int) -> int:
        """One voter's request; answers the status."""
        csrf = self.town["csrf"]
        pairs = [("csrfmiddlewaretoken", csrf)]
        path = "/bench/empty/"
        if contender != "empty":
            path = f"/polls/{self.town['polls'][contender]}/cast/"
            pairs += [("key", secrets.token_urlsafe(18)), ("options", f"o{voter % 12}"), ("options", f"o{voter % 7}")]
        body = urlencode(pairs).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nOrigin: http://{self.host}:{self.port}\r\n"
            f"Cookie: sessionid={self.town['cookies'][voter]}; csrftoken={csrf}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        async with self.connection() as (reader, writer):
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            await self.drain(reader, answer)
        return int(answer.split(b" ", 2)[1])

    @staticmethod
    async def drain(reader: asyncio.StreamReader, answer: bytes) -> None:
        """Read the body, so that the connection can be used again."""
        heads = answer.lower()
        if b"transfer-encoding: chunked" in heads:
            while (size := int((await reader.readline()).strip() or b"0", 16)) > 0:
                await reader.readexactly(size + 2)
            await reader.readline()
        elif b"content-length:" in heads:
            await reader.readexactly(int(heads.split(b"content-length:")[1].split(b"\r\n")[0]))

    async def timed(self, contender: str, voter: int, run: Run) -> None:
        began = time.monotonic()
        try:
            status = await self.post(contender, voter)
        except (OSError, asyncio.IncompleteReadError):
            status = 0
        run.latencies.append(1000 * (time.monotonic() - began))
        run.refused += status not in (204, 302)


async def rush(phones: Phones) -> dict[str, Run]:
    """Everybody at once, AT_ONCE requests under way, the contenders by turns."""
    runs = {contender: Run() for contender in CONTENDERS}
    for first in range(0, VOTERS, PORTION):
        for contender in CONTENDERS:
            gate = asyncio.Semaphore(AT_ONCE)

            async def one(voter: int, contender: str = contender, gate: asyncio.Semaphore = gate) -> None:
                async with gate:
                    await phones.timed(contender, voter, runs[contender])

            began = time.monotonic()
            await asyncio.gather(*[one(voter) for voter in range(first, min(first + PORTION, VOTERS))])
            runs[contender].seconds += time.monotonic() - began
    return runs


async def hall(phones: Phones) -> Run:
    """Everybody votes once more in a sealed poll of their own, at a random moment of ten seconds."""
    run = Run()

    async def one(voter: int) -> None:
        await asyncio.sleep(random.uniform(0, SECONDS_OF_THE_HALL))  # noqa: S311 -- nobody wins anything here
        await phones.timed("hall", voter, run)

    began = time.monotonic()
    await asyncio.gather(*[one(voter) for voter in range(VOTERS)])
    run.seconds = time.monotonic() - began
    return run


async def everything(address: str, town: dict[str, Any]) -> dict[str, dict[str, float]]:
    phones = Phones(address, town)
    for _ in range(20):
        await phones.post("empty", 0)  # the server warms up
    runs = await rush(phones)
    runs["hall"] = await hall(phones)
    return {name: run.summary() for name, run in runs.items()}


def town_in(url: str) -> dict[str, Any]:
    """The voters are signed in and the polls are open."""
    environment = os.environ | {"DATABASE_URL": url, "VOTERS": str(VOTERS)}
    made = subprocess.run(
        [sys.executable, "-m", "benchmarks.cast_town"], cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE
    )
    town: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    return town


def stored(url: str) -> dict[str, int]:
    """What is in the database at the end, by poll."""
    with psycopg.connect(url) as connection:
        named = connection.execute("SELECT poll_id::text, count(*) FROM voting_openballot GROUP BY 1").fetchall()
        sealed = connection.execute("SELECT poll_id::text, count(*) FROM voting_envelope GROUP BY 1").fetchall()
    return dict(named + sealed)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended from outside."))  # and clean up
    load = os.getloadavg()[0]
    try:
        with own_database("cast", durable=True) as url:
            town = town_in(url)
            with server("benchmarks.cast_site", url) as address:
                figures = asyncio.run(everything(address, town))
            kept = stored(url)
    except PostgresFailed as failure:
        sys.exit(str(failure))
    lost = {name: VOTERS - kept.get(poll, 0) for name, poll in town["polls"].items()}
    ratios = {
        name: round(figures[name]["per_second"] / figures["empty"]["per_second"], 2) for name in ("named", "sealed")
    }
    here = machine() | {"load": round(load, 2)}
    columns = list(figures["empty"])
    print(f"{VOTERS} voters, {AT_ONCE} requests at once, one server process and one PostgreSQL")
    print(f"on {here['cpu']}, {here['cores']} cores, Python {here['python']}, load {here['load']} before the run\n")
    print(f"{'':24}" + "".join(f"{column:>12}" for column in columns))
    for name, row in figures.items():
        label = "sealed, within 10 s" if name == "hall" else name
        print(f"{label:24}" + "".join(f"{row[column]:>12}" for column in columns))
    met = (
        min(ratios.values()) >= GOAL_RATIO
        and figures["hall"]["p99_ms"] < GOAL_P99_MS
        and not any(lost.values())
        and not any(row["failures"] for row in figures.values())
    )
    print(f"\nof an empty POST: named {ratios['named']}, sealed {ratios['sealed']}; ballots lost: {sum(lost.values())}")
    print(
        f"The goal, {GOAL_RATIO} of an empty POST, 99 % within {GOAL_P99_MS:.0f} ms and none lost,"
        f" is {'met' if met else 'NOT met'}."
    )
    print(
        json.dumps(
            {
                "benchmark": "cast",
                "machine": here,
                "voters": VOTERS,
                **figures,
                "ratio": ratios,
                "lost": lost,
                "met": met,
            }
        )
    )
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
