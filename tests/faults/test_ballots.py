"""Server and PostgreSQL are killed while people vote and while polls close: no vote is lost, none counts twice.

Every voter sends the same ballot with the same key until there is an answer, as the page does. What was acknowledged
must be stored and counted, whatever was killed. Each test has a twin that runs without what protects it.
`ROUNDS=5` makes it short.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.config.conftest import ROOT, open_folder, wait_until  # noqa: F401 - a fixture
from tests.faults.hall import Ballot, Hall, Storm, Tally, interrupted

pytestmark = pytest.mark.faults
ROUNDS = int(os.environ.get("ROUNDS", "50"))
VOTERS = 40  # in each round
HANDFUL = 15  # in each of the polls that close
DONE = (
    "SELECT count(*) FROM voting_poll WHERE id = ANY(%s::uuid[]) AND state IN ('withheld', 'published')"
    " AND (secrecy = 1 OR keys_destroyed_at IS NOT NULL)"
)
Say = Callable[[str], None]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Figures are shown, also when all is well."""

    def shown(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}", flush=True)

    return shown


@pytest.fixture
def make_hall(open_folder: Path) -> Iterator[Callable[..., Hall]]:  # noqa: F811
    halls = []

    def make(voters: int, *site: str, durable: bool = True) -> Hall:
        halls.append(Hall(open_folder, durable=durable))
        halls[-1].settle(voters)
        halls[-1].serve(*site)
        return halls[-1]

    try:
        yield make
    finally:
        for hall in halls:
            hall.end()


class Clerk:
    """A process that opens polls and closes those that are due, over and over."""

    def __init__(self, hall: Hall) -> None:
        self.complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115 - ends with this object
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.clerk"],
            cwd=ROOT,
            env=hall.environment | {"DATABASE_URL": hall.url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.complaints,
            text=True,
        )

    def told(self, **order: Any) -> dict[str, Any]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, self.last_words()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def last_words(self) -> str:
        """What it complained of when it ended."""
        self.complaints.seek(0)
        return self.complaints.read()[-3000:]

    def end(self) -> None:
        self.process.communicate()
        self.complaints.close()


def storms(hall: Hall, rounds: int, *kinds: str, kill: Callable[[], None], mend: Callable[[], object]) -> Tally:
    """One storm for each kill, each of other voters in the same polls; then everything that was said is looked up."""
    tally, promised = Tally(), Counter[str]()
    for number in range(rounds):
        ballots = hall.ballots(range(number * VOTERS, (number + 1) * VOTERS), *kinds)
        storm = interrupted(hall, ballots, tally, kill=kill, mend=mend)
        assert not storm.refusals, next(iter(storm.refusals.values()))
        promised.update(storm.receipts.values())
    stored = hall.stored([hall.town["polls"][kind] for kind in kinds or ("named", "sealed")])
    tally.lost = max(tally.lost, len(set(promised) - set(stored)))
    tally.doubled = max(0, sum(stored.values()) - rounds * VOTERS * (len(kinds) or 2))
    return tally


def test_killing_the_server_loses_no_acknowledged_ballot_and_doubles_none(
    make_hall: Callable[..., Hall], say: Say
) -> None:
    hall = make_hall(ROUNDS * VOTERS)
    tally = storms(hall, ROUNDS, kill=hall.kill_server, mend=hall.serve)
    say(f"Server killed {ROUNDS} times: {tally}")
    assert (tally.lost, tally.doubled) == (0, 0)
    assert tally.acknowledged == ROUNDS * VOTERS * 2
    assert tally.in_doubt, "no ballot was under way when it was killed"


def test_a_receipt_before_the_commit_is_one_for_a_lost_ballot(make_hall: Callable[..., Hall], say: Say) -> None:
    """The switch: a server that answers first and stores afterwards."""
    site = "-m", "tests.faults.hasty_site"
    hall = make_hall(3 * VOTERS, *site)
    tally = storms(hall, 3, "named", kill=hall.kill_server, mend=lambda: hall.serve(*site))
    say(f"Answered before the commit, Server killed 3 times: {tally}")
    assert tally.lost


def test_killing_postgres_loses_no_acknowledged_ballot_and_doubles_none(
    make_hall: Callable[..., Hall], say: Say
) -> None:
    hall = make_hall(ROUNDS * VOTERS)
    tally = storms(hall, ROUNDS, kill=lambda: kill_postgres(hall), mend=hall.postgres.ensure)
    say(f"PostgreSQL killed {ROUNDS} times: {tally}")
    assert (tally.lost, tally.doubled) == (0, 0)
    assert tally.acknowledged == ROUNDS * VOTERS * 2
    assert tally.in_doubt, "no ballot was under way when it was killed"


def kill_postgres(hall: Hall) -> None:
    hall.kill_postgres(all_at_once=random.random() < 0.5)


def test_commits_that_do_not_wait_for_the_disk_are_lost(make_hall: Callable[..., Hall], say: Say) -> None:
    """The switch: synchronous_commit is off, so PostgreSQL says that it has stored what it has not."""
    hall = make_hall(5 * VOTERS, durable=False)
    tally = storms(hall, 5, kill=lambda: hall.kill_postgres(all_at_once=True), mend=hall.postgres.ensure)
    say(f"Without synchronous_commit, PostgreSQL killed 5 times: {tally}")
    assert tally.lost


def test_a_close_that_was_cut_short_is_resumed_and_counts_what_was_acknowledged(
    make_hall: Callable[..., Hall], say: Say
) -> None:
    hall = make_hall(HANDFUL)
    clerk = Clerk(hall)
    tally, resumed = Tally(more={"too_late": 0}), 0
    try:
        for _ in range(ROUNDS):
            polls = list(clerk.told(first=0, voters=HANDFUL, seconds=2)["polls"].values())
            closing = time.monotonic() + 2
            ballots = [Ballot(poll, voter, wait=random.uniform(0, 2)) for poll in polls for voter in range(HANDFUL)]
            storm = Storm(hall, ballots)
            time.sleep(closing - time.monotonic() + random.uniform(-0.2, 0.6))
            kill_postgres(hall)
            time.sleep(random.uniform(0, 0.2))
            hall.postgres.ensure()
            storm.end()
            wait_until(lambda: hall.ask(DONE, polls) == [(len(polls),)], what="every poll to be counted", seconds=60)  # noqa: B023
            resumed += len(polls)
            look_up(hall, polls, storm, tally)
        tally.more["closes_cut_short"] = clerk.told()["cut_short"]
    finally:
        clerk.end()
    say(f"PostgreSQL killed during closes {ROUNDS} times: {tally}, polls counted in the end {resumed}")
    assert (tally.lost, tally.doubled) == (0, 0)
    assert tally.more["closes_cut_short"], "no close was interrupted"
    assert tally.acknowledged > tally.more["too_late"]


def look_up(hall: Hall, polls: list[str], storm: Storm, tally: Tally) -> None:
    """What these closed polls counted, against what their voters were told."""
    tally.acknowledged += len(storm.receipts)
    tally.in_doubt += len(storm.unanswered)
    tally.more["too_late"] += len(storm.refusals)
    for poll in polls:
        [(receipts, counted)] = hall.ask(
            "SELECT box.receipts, (SELECT (outcome->>'n')::int FROM voting_result WHERE poll_id = box.poll_id)"
            " FROM voting_closedbox box WHERE poll_id = %s",
            poll,
        )
        codes = hall.codes_in(bytes(receipts))
        told = storm.receipts_of(poll)
        tally.lost += len(told - set(codes))
        tally.doubled += len(codes) - len(set(codes)) + max(0, len(codes) - HANDFUL)
        tally.more["counted but refused"] = tally.more.get("counted but refused", 0) + len(set(codes) - told)
        assert counted == len(codes)
        kinds = [kind for (kind,) in hall.ask("SELECT body::jsonb->>'kind' FROM ledger_event WHERE stream = %s", poll)]
        assert kinds.count("poll.closed") == kinds.count("poll.counted") == 1
