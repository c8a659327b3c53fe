# SPDX-License-Identifier: AGPL-3.0-or-later
"""The demo town is there, and it shows today."""

import json
from collections.abc import Callable
from datetime import date, datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation

import ledger
from assemblies.models import Assembly

from . import behind, cycles, desk, evenings, moving, town
from .calendar import Calendar

LOCK = 0x52_49_56_45_52  # one seeding at a time
Report = Callable[[str], None]


class DemoRefused(Exception):
    """Nothing was seeded; the message says why and what to do."""


@transaction.atomic
def seed(*, now: datetime | None = None, report: Report = lambda _line: None) -> bool:
    """The demo stands and shows today; answers whether anything had to be done for it.

    All or nothing: a seeding that is cut short leaves an empty database, not half a town.
    """
    if not settings.DEMO:
        raise DemoRefused("The demo town is seeded in a demo only: set DEMO=1.")
    _one_at_a_time()
    calendar = Calendar(now or timezone.now())
    riverside = Assembly.objects.filter(slug=town.RIVERSIDE).first()
    shown = day_shown(riverside) if riverside else None
    with translation.override("en"):  # option titles such as "Yes" are kept in the language in which they were made
        if riverside is None or shown is None:
            _refuse_real_assemblies()
            _build(calendar, report)
            return True
        return _move_on(riverside, shown, calendar, report)


def day_shown(assembly: Assembly) -> date | None:
    """The day that the demo was brought to last, or None when this assembly is not the demo's."""
    marks = ledger.events(assembly.pk).filter(body__contains='"demo.').values_list("body", flat=True)
    days = [json.loads(body)["data"]["day"] for body in marks]
    return date.fromisoformat(days[-1]) if days else None


def _build(calendar: Calendar, report: Report) -> None:
    report("Riverside: six districts and the people who live there")
    riverside = town.build_town(calendar)
    report(f"Last year's budget: {cycles.PAST_BALLOTS} ballots, counted, and what became of the winners")
    past = cycles.seed_past(riverside)
    report(f"This year's budget: {cycles.NOW_BALLOTS} ballots so far")
    cycles.seed_now(riverside, year=past.year + 1)
    report("The youth budget takes ideas")
    youth = cycles.seed_youth(riverside, year=past.year + 1)
    cycles.seed_planned(riverside, year=past.year + 1)
    desk.seed_desk(riverside, youth)
    desk.seed_reports(riverside, youth)
    behind.seed_behind(riverside, youth)
    report("Meetings: one held, one about to begin, one planned")
    evenings.seed_meetings(riverside)
    report("The Harbour Co-op, which is private")
    harbour = town.build_harbour(calendar)
    evenings.seed_harbour_meetings(harbour)
    for assembly in (riverside.assembly, harbour.assembly):
        town.mark(assembly, calendar, "seeded")


def _move_on(riverside: Assembly, shown: date, calendar: Calendar, report: Report) -> bool:
    """What lies ahead has moved by the days since the demo was last started, in Riverside and in the co-op."""
    if calendar.today <= shown:
        return False
    report(f"The demo showed {shown}; its dates move on to {calendar.today}")
    people = town.find_town(riverside, calendar)
    moving.move(people, shown=shown)
    moving.keep_lively(people)
    town.mark(riverside, calendar, "moved")
    harbour = Assembly.objects.filter(slug=town.HARBOUR).first()
    if harbour is not None and day_shown(harbour) is not None:
        moving.move(town.find_town(harbour, calendar), shown=shown)
        town.mark(harbour, calendar, "moved")
    return True


def _refuse_real_assemblies() -> None:
    """An installation that people use never gets invented neighbours."""
    found = Assembly.objects.order_by("created_at").first()
    if found is not None:
        raise DemoRefused(
            f"This database holds an assembly already (“{found.name}”), so the demo town was not added: "
            "use an empty database for the demo."
        )


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        (got_it,) = cursor.fetchone()
    if not got_it:
        raise DemoRefused("The demo town is being seeded by another process: wait until it is done.")
