# SPDX-License-Identifier: AGPL-3.0-or-later

"""How fast the pages of a large budget are: what the server needs for each, without the way to the browser.

    make bench-pages         PROPOSALS=10000 SUPPORTS=200000 ROUNDS=40 by default

One PostgreSQL with everything that makes it durable. This process is the server: each request goes through the whole of
Django, middleware and templates included, and is asked by another visitor, so that nothing that was kept for one helps
the next. The kinds of pages take turns, so that noise on the machine meets all of them.
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
from typing import Any

from benchmarks.own_server import ROOT, machine, own_database
from config.postgres import PostgresFailed

PROPOSALS = int(os.environ.get("PROPOSALS", "10000"))
SUPPORTS = int(os.environ.get("SUPPORTS", "200000"))
ROUNDS = int(os.environ.get("ROUNDS", "40"))
GOAL_MEDIAN_MS = 100.0


@dataclass
class Page:
    """The requests for one kind of page."""

    milliseconds: list[float] = field(default_factory=list)
    queries: set[int] = field(default_factory=set)

    def summary(self) -> dict[str, float | int | str]:
        percent = statistics.quantiles(self.milliseconds, n=100, method="inclusive")
        return {
            "median_ms": round(percent[49], 1),
            "p95_ms": round(percent[94], 1),
            "queries": "-".join(str(number) for number in sorted({min(self.queries), max(self.queries)})),
        }


def measure() -> dict[str, Any]:
    """Seed the town in this process's database and ask for its pages."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()

    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from accounts.models import User
    from benchmarks.pages_town import WORDS, build
    from proposals.models import Category, Proposal, Support

    settings.ALLOWED_HOSTS = ["*"]
    logging.disable(logging.INFO)  # a line for each request says nothing here
    began = time.monotonic()
    cycle = build(proposals=PROPOSALS, supports=SUPPORTS)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    seeded = time.monotonic() - began
    chance = random.Random("requests")  # noqa: S311 -- the same requests each time
    people = list(User.objects.filter(email__startswith="person.")[:ROUNDS])
    some = list(Proposal.objects.order_by("?").values_list("pk", flat=True)[:ROUNDS])
    list_of = f"/cycles/{cycle.pk}/proposals/"
    last_page = PROPOSALS // 12
    kinds: dict[str, Callable[[], str]] = {
        "list": lambda: list_of,
        "list, deep page": lambda: f"{list_of}?page={chance.randrange(last_page // 2, last_page)}",
        "most supported": lambda: f"{list_of}?sort=supported",
        "newest": lambda: f"{list_of}?sort=newest",
        "map": lambda: f"{list_of}?view=map",
        "a part of the map": lambda: f"{list_of}?view=map&area=0.1,50.1,0.14,50.12",
        "table": lambda: f"{list_of}?view=table",
        "search": lambda: f"{list_of}?q={chance.choice(WORDS)}",
        "search, two words": lambda: f"{list_of}?q={chance.choice(WORDS)}+{chance.choice(WORDS)[:4]}",
        "filter": lambda: f"{list_of}?category={chance.choice(Category.values)}&status=feasible&cost=40000",
        "search in the table": lambda: f"{list_of}?view=table&q={chance.choice(WORDS)}",
        "nothing found": lambda: f"{list_of}?q=zzz&category={chance.choice(Category.values)}",
        "proposal": lambda: f"/proposals/{chance.choice(some)}/",
    }
    pages = {kind: Page() for kind in kinds}
    for number in range(-2, ROUNDS):  # two rounds warm up
        for kind, address in kinds.items():
            client = Client(headers={"accept-language": "es" if number % 4 == 0 else "en"})
            if number % 2:
                client.force_login(people[number])
            url, asked = address(), 0

            def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
                nonlocal asked
                asked += 1
                return execute(sql, params, many, context)

            with connection.execute_wrapper(count):
                began = time.monotonic()
                answer = client.get(url)
                taken = 1000 * (time.monotonic() - began)
            if answer.status_code != 200:
                sys.exit(f"{url} answered {answer.status_code}.")
            if number >= 0:
                pages[kind].milliseconds.append(taken)
                pages[kind].queries.add(asked)
    return {
        "pages": {kind: page.summary() for kind, page in pages.items()},
        "proposals": Proposal.objects.count(),
        "supports": Support.objects.count(),
        "seeding_s": round(seeded, 1),
    }


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended from outside."))  # and clean up
    load = os.getloadavg()[0]
    try:
        with own_database("pages", durable=True) as url:
            environment = os.environ | {"DATABASE_URL": url}
            run = subprocess.run(
                [sys.executable, "-m", "benchmarks.pages", "measure"], cwd=ROOT, env=environment, stdout=subprocess.PIPE
            )
    except PostgresFailed as failure:
        sys.exit(str(failure))
    if run.returncode:
        sys.exit(run.returncode)
    figures: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    here = machine() | {"load": round(load, 2), "load_after": round(os.getloadavg()[0], 2)}
    print(f"{figures['proposals']} proposals with {figures['supports']} supports; {ROUNDS} visitors for each page")
    print(f"on {here['cpu']}, {here['cores']} cores, Python {here['python']}, load {here['load']} before the run\n")
    columns = list(next(iter(figures["pages"].values())))
    print(f"{'':24}" + "".join(f"{column:>12}" for column in columns))
    for kind, row in figures["pages"].items():
        print(f"{kind:24}" + "".join(f"{row[column]:>12}" for column in columns))
    slowest = max(row["median_ms"] for row in figures["pages"].values())
    met = slowest < GOAL_MEDIAN_MS
    print(f"\nThe goal, a median under {GOAL_MEDIAN_MS:.0f} ms for every page, is {'met' if met else 'NOT met'}.")
    print(json.dumps({"benchmark": "pages", "machine": here, **figures, "met": met}))
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    if sys.argv[1:] == ["measure"]:
        print(json.dumps(measure()))
    else:
        main()
