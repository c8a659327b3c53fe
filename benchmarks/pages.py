# SPDX-License-Identifier: AGPL-3.0-or-later

"""How fast the pages of a large budget are: what the server needs for each, without the way to the browser.

    make bench-pages         PROPOSALS=10000 SUPPORTS=200000 ROUNDS=40 by default

One PostgreSQL with everything that makes it durable. This process is the server: each request goes through the whole of
Django, middleware and templates included, and is asked by another visitor, so that nothing that was kept for one helps
the next. The kinds of pages take turns with the same pages as a tutorial would write them (`pages_textbook.py`), so that
noise on the machine meets all of them. Beside the time that passes stands the processor time of this process and of its
PostgreSQL: on a busy machine only that says something, and the goal is judged by it.
"""

import json
import logging
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.own_server import ROOT, machine, own_database
from config.postgres import PostgresFailed

PROPOSALS = int(os.environ.get("PROPOSALS", "10000"))
SUPPORTS = int(os.environ.get("SUPPORTS", "200000"))
ROUNDS = int(os.environ.get("ROUNDS", "40"))
GOAL_MEDIAN_MS = 100.0
QUIET = 1.5  # the load below which the time that passes is a fair figure


@dataclass(frozen=True)
class Kind:
    """A kind of page: its address, anew for each request, and whether only officials see it."""

    name: str
    address: Callable[[], str]
    for_officials: bool = False
    has_textbook: bool = True
    has_goal: bool = False  # the list of proposals, its map and its search; other pages are measured beside them


@dataclass
class Measured:
    """The requests for one kind of page."""

    milliseconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)  # of this process and of its PostgreSQL
    queries: set[int] = field(default_factory=set)

    def summary(self) -> dict[str, float | str]:
        percent = statistics.quantiles(self.milliseconds, n=100, method="inclusive")
        return {
            "queries": "-".join(str(number) for number in sorted({min(self.queries), max(self.queries)})),
            "median_ms": round(percent[49], 1),
            "p95_ms": round(percent[94], 1),
            "processor_ms": round(statistics.median(self.processor), 1),
        }


def processor_ms(postgres: int) -> float:
    """What this thread and this PostgreSQL process have used so far; Linux counts the latter in nanoseconds."""
    try:
        used = int(Path(f"/proc/{postgres}/schedstat").read_text().split()[0])
    except OSError:  # it runs elsewhere: its part is missing
        used = 0
    return 1000 * time.thread_time() + used / 1_000_000


def kinds_of(town: Any) -> list[Kind]:
    """Every kind of page. The addresses differ from request to request, the same in each run."""
    from benchmarks.pages_town import WORDS
    from proposals.models import Category

    chance = random.Random("requests")  # noqa: S311 -- the same requests each time
    listed, slug = f"/cycles/{town.cycle.pk}/proposals/", town.cycle.assembly.slug
    desk, last_page = f"/cycles/{town.cycle.pk}/desk/", max(PROPOSALS // 12, 2)
    topic = Category.values
    return [
        Kind("list", lambda: listed, has_goal=True),
        Kind("list, deep page", lambda: f"{listed}?page={chance.randrange(last_page // 2, last_page)}", has_goal=True),
        Kind("most supported", lambda: f"{listed}?sort=supported", has_goal=True),
        Kind("newest", lambda: f"{listed}?sort=newest", has_goal=True),
        Kind("map", lambda: f"{listed}?view=map", has_textbook=False, has_goal=True),
        Kind(
            "a part of the map",
            lambda: f"{listed}?view=map&area=0.1,50.1,0.14,50.12",
            has_textbook=False,
            has_goal=True,
        ),
        Kind("table", lambda: f"{listed}?view=table", has_goal=True),
        Kind("search", lambda: f"{listed}?q={chance.choice(WORDS)}", has_goal=True),
        Kind(
            "search, two words", lambda: f"{listed}?q={chance.choice(WORDS)}+{chance.choice(WORDS)[:4]}", has_goal=True
        ),
        Kind("search in the table", lambda: f"{listed}?view=table&q={chance.choice(WORDS)}", has_goal=True),
        Kind("filter", lambda: f"{listed}?category={chance.choice(topic)}&status=feasible&cost=40000", has_goal=True),
        Kind("costs at most", lambda: f"{listed}?cost={chance.randrange(5, 90)}000", has_textbook=False, has_goal=True),
        Kind(
            "nothing found",
            lambda: f"{listed}?q=zzz&category={chance.choice(topic)}",
            has_textbook=False,
            has_goal=True,
        ),
        Kind("proposal", lambda: f"/proposals/{chance.choice(town.discussed).pk}/"),
        Kind("budget", lambda: f"/cycles/{town.cycle.pk}/", has_textbook=False),
        Kind("results", lambda: f"/cycles/{town.decided.pk}/results/", has_textbook=False),
        Kind("desk, table", lambda: desk, for_officials=True),
        Kind("desk, search", lambda: f"{desk}?stage=open&q={chance.choice(WORDS)}", True, has_textbook=False),
        Kind("desk, board", lambda: f"{desk}?view=board", for_officials=True, has_textbook=False),
        Kind("moderation", lambda: f"/a/{slug}/moderation/", for_officials=True),
    ]


def measure() -> dict[str, Any]:
    """Seed the town in this process's database and ask for its pages."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()

    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from accounts.models import User
    from benchmarks.pages_town import build
    from proposals.models import Proposal, Support

    settings.ALLOWED_HOSTS = ["*"]
    settings.ROOT_URLCONF = "benchmarks.pages_textbook"
    logging.disable(logging.INFO)  # a line for each request says nothing here
    began = time.monotonic()
    town = build(proposals=PROPOSALS, supports=SUPPORTS)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT pg_backend_pid()")
        postgres = cursor.fetchone()[0]
    seeded = time.monotonic() - began
    people = list(User.objects.filter(email__startswith="person.").order_by("email")[10 : 10 + ROUNDS])
    kinds = kinds_of(town)
    pages = {kind.name: Measured() for kind in kinds}
    textbook = {kind.name: Measured() for kind in kinds if kind.has_textbook}
    handler = Client().handler  # a server reads its middleware once

    def ask(url: str, client: Client, into: Measured | None) -> None:
        asked = 0

        def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
            nonlocal asked
            asked += 1
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            began, used = time.monotonic(), processor_ms(postgres)
            answer = client.get(url)
            taken, used = 1000 * (time.monotonic() - began), processor_ms(postgres) - used
        if answer.status_code != 200:
            sys.exit(f"{url} answered {answer.status_code}.")
        if into:
            into.milliseconds.append(taken)
            into.processor.append(used)
            into.queries.add(asked)

    for number in range(-2, ROUNDS):  # two rounds warm up
        for kind in kinds:
            client = Client(headers={"accept-language": "es" if number % 4 == 0 else "en"})
            client.handler = handler
            if kind.for_officials:
                client.force_login(town.official)
            elif number % 2:
                client.force_login(people[number])
            url = kind.address()
            ask(url, client, pages[kind.name] if number >= 0 else None)
            if kind.has_textbook:
                ask("/textbook" + url, client, textbook[kind.name] if number >= 0 else None)
    return {
        "pages": {name: page.summary() for name, page in pages.items()},
        "textbook": {name: page.summary() for name, page in textbook.items()},
        "proposals": Proposal.objects.count(),
        "supports": Support.objects.count(),
        "judged": [kind.name for kind in kinds if kind.has_goal],
        "seeding_s": round(seeded, 1),
    }


def table(figures: dict[str, Any]) -> str:
    """One line for each kind of page, ours beside the textbook's."""
    columns = ["queries", "median", "p95", "processor", "textbook:", "queries", "median", "processor", "times"]
    lines = [f"{'milliseconds':22}" + "".join(f"{column:>11}" for column in columns)]
    for name, page in figures["pages"].items():
        cells = [page["queries"], page["median_ms"], page["p95_ms"], page["processor_ms"]]
        if other := figures["textbook"].get(name):
            times = f"{other['processor_ms'] / page['processor_ms']:.1f}"
            cells += ["", other["queries"], other["median_ms"], other["processor_ms"], times]
        lines.append(f"{name:22}" + "".join(f"{cell:>11}" for cell in cells))
    return "\n".join(lines)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended from outside."))  # and clean up
    try:
        with own_database("pages", durable=True) as url:
            load = os.getloadavg()[0]
            environment = os.environ | {"DATABASE_URL": url}
            run = subprocess.run(
                [sys.executable, "-m", "benchmarks.pages", "measure"], cwd=ROOT, env=environment, stdout=subprocess.PIPE
            )
            load_after = os.getloadavg()[0]
    except PostgresFailed as failure:
        sys.exit(str(failure))
    if run.returncode:
        sys.exit(run.returncode)
    figures: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    here = machine() | {"load": round(load, 2), "load_after": round(load_after, 2)}
    is_quiet = max(load, load_after) < QUIET
    judged, word = ("median_ms", "time") if is_quiet else ("processor_ms", "processor time")
    print(f"{figures['proposals']} proposals with {figures['supports']} supports; {ROUNDS} visitors for each page")
    print(
        f"on {here['cpu']}, {here['cores']} cores, Python {here['python']}, load {load:.1f} before and {load_after:.1f}"
    )
    print(f"after. {'Quiet.' if is_quiet else 'BUSY: only processor times count.'} `times` compares processor times.\n")
    print(table(figures))
    over = {name: row[judged] for name, row in figures["pages"].items() if row[judged] >= GOAL_MEDIAN_MS}
    slow = {name: taken for name, taken in over.items() if name in figures["judged"]}
    goal = f"a median {word} under {GOAL_MEDIAN_MS:.0f} ms for list, map and search"
    print(
        f"\nThe goal, {goal}, is {'NOT met' if slow else 'met'}. Other pages above it: {', '.join(name for name in over if name not in slow) or 'none'}."
    )
    print(json.dumps({"benchmark": "pages", "machine": here, **figures, "judged_by": judged, "slow": slow}))
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    if sys.argv[1:] == ["measure"]:
        print(json.dumps(measure()))
    else:
        main()
