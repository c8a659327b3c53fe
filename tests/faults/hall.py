"""A hall that votes while something breaks: a durable PostgreSQL, a server, and voters who send until they are answered."""

import asyncio
import hashlib
import json
import os
import random
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import psycopg

from config.postgres import Postgres
from tests.config.conftest import ROOT, wait_until
from tests.config.serving import free_port
from voting.models import receipt_code, receipt_digest

AT_ONCE = 16
LONGEST_ANSWER = 30  # seconds
RECEIPT = re.compile(r'data-receipt="([0-9A-Z-]{19})"')


@dataclass
class Ballot:
    """One voter's ballot in one poll, with the key that the page made for it."""

    poll: str
    voter: int
    key: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    wait: float = 0.0  # seconds until it is sent for the first time

    @property
    def fields(self) -> list[tuple[str, str]]:
        return [("key", self.key), ("options", f"o{self.voter % 3}"), ("options", f"o{3 + self.voter % 4}")]

    @property
    def key_hash(self) -> bytes:
        return hashlib.sha256(self.key.encode()).digest()


class Storm:
    """Voters who send the same ballot until it is answered, in a thread of their own; what they were told is kept."""

    def __init__(self, hall: "Hall", ballots: list[Ballot]) -> None:
        self.hall, self.ballots = hall, ballots
        self.receipts: dict[tuple[str, int], str] = {}
        self.refusals: dict[tuple[str, int], str] = {}
        self.unanswered: set[tuple[str, int]] = set()  # sent, and at some time in doubt
        self.pages: Counter[int] = Counter()  # by status
        self.broken_page = ""  # the last answer of the kind 5xx
        self.under_way = 0
        self.is_held = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._everybody()), daemon=True)
        self._thread.start()

    def wait_for(self, receipts: int) -> None:
        wait_until(lambda: len(self.receipts) >= receipts, what=f"{receipts} receipts", seconds=60)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody sends anything new."""
        self.is_held = True
        yield
        self.is_held = False

    def wait_until_answered(self) -> None:
        """Whoever waited for an answer has it or knows that none comes."""
        wait_until(lambda: not self.under_way, what="the requests under way to end", seconds=60)

    def end(self, seconds: float = 120) -> None:
        """Everybody has an answer."""
        self._thread.join(seconds)
        assert not self._thread.is_alive(), f"{self.receipts_left} voters had no answer after {seconds} s"

    @property
    def receipts_left(self) -> int:
        return len(self.ballots) - len(self.receipts) - len(self.refusals)

    def receipts_of(self, poll: str) -> set[str]:
        return {code for (of, _), code in self.receipts.items() if of == poll}

    async def _everybody(self) -> None:
        gate = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*[self._insist(ballot, gate) for ballot in self.ballots])

    async def _insist(self, ballot: Ballot, gate: asyncio.Semaphore) -> None:
        await asyncio.sleep(ballot.wait)
        who = ballot.poll, ballot.voter
        async with gate:
            while True:
                while self.is_held:  # noqa: ASYNC110 - another thread says so
                    await asyncio.sleep(0.01)
                self.under_way += 1
                try:
                    status, page = await asyncio.wait_for(self._send(ballot), LONGEST_ANSWER)
                except ConnectionRefusedError:
                    status, page = 0, ""
                except (OSError, EOFError, ValueError):
                    status, page = 0, ""
                    self.unanswered.add(who)
                finally:
                    self.under_way -= 1
                self.pages[status] += 1
                code = RECEIPT.search(page)
                if status == 200 and code:
                    self.receipts[who] = code[1]
                    return
                if 400 <= status < 500:
                    self.refusals[who] = page
                    return
                if status >= 500:
                    self.unanswered.add(who)
                    self.broken_page = page
                await asyncio.sleep(random.uniform(0.02, 0.3))

    async def _send(self, ballot: Ballot) -> tuple[int, str]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.hall.port)
        try:
            writer.write(self.hall.request(ballot))
            answer = await reader.read()
        finally:
            writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split(b" ", 2)[1]) if head else self._cut(), body.decode(errors="replace")

    @staticmethod
    def _cut() -> int:
        raise EOFError


class Hall:
    """The town of `make bench-cast` in a folder of its own, whose server and database are killed and come back."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home, self.port = home, free_port()
        self.var = home / "var"
        self.postgres = Postgres(self.var / "postgres", durable=durable)
        self.server: subprocess.Popen[bytes] | None = None
        self.town: dict[str, Any] = {}

    @property
    def url(self) -> str:
        return self.postgres.url

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        settings = {"VAR_DIR": str(self.var), "HOST": "127.0.0.1", "PORT": str(self.port), "DEMO": "0"}
        return kept | settings

    def settle(self, voters: int) -> None:
        """The tables are there, the voters are signed in and two polls are open, one named and one sealed."""
        environment = self.environment | {"DATABASE_URL": self.postgres.ensure(), "VOTERS": str(voters)}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=environment, check=True)
        command = [sys.executable, "-m", "benchmarks.cast_town"]
        made = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE)
        self.town = json.loads(made.stdout.splitlines()[-1])

    def serve(self, *command: str, database: bool = True) -> None:
        """One web process listens; with `database` it is told of ours, without it looks after the embedded one itself."""
        environment = self.environment | ({"DATABASE_URL": self.url} if database else {})
        with (self.home / "output").open("ab") as output:
            self.server = subprocess.Popen(
                [sys.executable, *(command or ("-m", "benchmarks.cast_site"))],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        wait_until(self.listens, what="the server to listen", seconds=120)

    def listens(self) -> bool:
        assert self.server
        assert self.server.poll() is None, self.said
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        return False

    @property
    def said(self) -> str:
        return (self.home / "output").read_text(errors="replace")[-5000:]

    def kill_server(self) -> None:
        assert self.server
        self.server.kill()
        self.server.wait()

    def kill_postgres(self, *, all_at_once: bool) -> None:
        """The postmaster is gone at once, and with `all_at_once` every process of the server in the same moment."""
        process = self.postgres.process
        assert process
        if all_at_once:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()

    def end(self) -> None:
        if self.server and self.server.poll() is None:
            self.server.terminate()
            try:
                self.server.wait(30)
            except subprocess.TimeoutExpired:
                self.kill_server()
        self.postgres.stop()

    # What voters send

    def ballots(self, voters: range, *kinds: str) -> list[Ballot]:
        """One for each of these voters in each of these polls, in no order."""
        polls = [self.town["polls"][kind] for kind in kinds or ("named", "sealed")]
        ballots = [Ballot(poll, voter) for voter in voters for poll in polls]
        random.shuffle(ballots)
        return ballots

    def request(self, ballot: Ballot) -> bytes:
        csrf = self.town["csrf"]
        body = urlencode([("csrfmiddlewaretoken", csrf), *ballot.fields])
        return (
            f"POST /polls/{ballot.poll}/cast/ HTTP/1.0\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Origin: http://127.0.0.1:{self.port}\r\nHX-Request: true\r\n"
            f"Cookie: sessionid={self.town['cookies'][ballot.voter]}; csrftoken={csrf}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    # What is stored

    def ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(question, values).fetchall()

    def stored(self, polls: list[str]) -> Counter[str]:
        """The receipt of every ballot in these polls, and how often it is there; replaced ones count too."""
        named = self.ask(
            "SELECT poll_id, choice, key_hash FROM voting_openballot WHERE poll_id = ANY(%(polls)s::uuid[])"
            " UNION ALL SELECT poll_id, choice, key_hash FROM voting_openballothistory"
            " WHERE poll_id = ANY(%(polls)s::uuid[])".replace("%(polls)s", "%s"),
            polls,
            polls,
        )
        sealed = self.ask("SELECT body FROM voting_envelope WHERE poll_id = ANY(%s::uuid[])", polls)
        receipts = [receipt_digest(UUID(str(poll)), choice, bytes(key)) for poll, choice, key in named]
        receipts += [hashlib.sha256(bytes(body)).digest() for (body,) in sealed]
        return Counter(receipt_code(receipt) for receipt in receipts)

    @staticmethod
    def codes_in(digests: bytes) -> list[str]:
        """The codes of receipts that are stored together."""
        return [receipt_code(digests[start : start + 32]) for start in range(0, len(digests), 32)]

    def is_idle(self) -> bool:
        """No other connection to the database does anything any more."""
        question = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'folkmoot' AND pid <> pg_backend_pid()"
        return self.ask(f"{question} AND state <> 'idle'") == [(0,)]


@dataclass
class Tally:
    """What a test that kills says at its end."""

    acknowledged: int = 0
    in_doubt: int = 0  # ballots that were sent and not answered at some time
    had_committed: int = 0  # of these, stored although nobody was told
    lost: int = 0
    doubled: int = 0
    more: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        more = "".join(f", {name.replace('_', ' ')} {number}" for name, number in self.more.items())
        return (
            f"acknowledged {self.acknowledged}, in doubt {self.in_doubt} of which {self.had_committed} had committed,"
            f" lost {self.lost}, doubled {self.doubled}{more}"
        )


def interrupted(
    hall: Hall, ballots: list[Ballot], tally: Tally, *, kill: Callable[[], None], mend: Callable[[], object]
) -> Storm:
    """A storm in which something is killed at some moment; it goes on until everybody has an answer."""
    polls = sorted({ballot.poll for ballot in ballots})
    before = sum(hall.stored(polls).values())
    storm = Storm(hall, ballots)
    storm.wait_for(random.randrange(1, len(ballots) * 3 // 4))
    kill()
    time.sleep(random.uniform(0, 0.2))
    with storm.held():
        mend()
        storm.wait_until_answered()
        wait_until(hall.is_idle, what="the database to finish what it had begun", seconds=60)
        told, stored = set(storm.receipts.values()), hall.stored(polls)
        tally.lost += len(told - set(stored))
        tally.had_committed += max(0, sum(stored.values()) - before - len(told))
    storm.end()
    tally.acknowledged += len(storm.receipts)
    tally.in_doubt += len(storm.unanswered)
    return storm
