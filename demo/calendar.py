# SPDX-License-Identifier: AGPL-3.0-or-later
"""The days of the demo. What is still to come is counted from today; what is done happened in its season.

Nothing here knows the database. `demo.moving` brings a demo that was seeded on an earlier day to today.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from django.utils import timezone

HARVEST = (11, 21)  # month and day up to which last year's projects are told: the swimming season is over by then
QUARTER = timedelta(minutes=15)
BEFORE_THE_START = timedelta(minutes=5)
LAST_START = time(23, 45)
VOTE_ENDS_IN = 8  # days
TUESDAY = 1


@dataclass(frozen=True)
class Calendar:
    """Today, and the days around it, by the clock of this installation."""

    now: datetime

    @cached_property
    def today(self) -> date:
        return timezone.localdate(self.now)

    @cached_property
    def season(self) -> date:
        """The last day, today included, on which last year's stories are complete."""
        this_year = date(self.today.year, *HARVEST)
        return this_year if this_year <= self.today else date(self.today.year - 1, *HARVEST)

    @property
    def past_year(self) -> int:
        return self.season.year

    def at(self, days: int, hour: int = 12, minute: int = 0) -> datetime:
        """A time so many days after today."""
        return _on(self.today + timedelta(days=days), hour, minute)

    def tuesday(self, days: int, hour: int) -> datetime:
        """The evening on which the assembly usually meets, in the week of that day."""
        day = self.today + timedelta(days=days)
        return _on(day + timedelta(days=TUESDAY - day.weekday()), hour, 0)

    def day(self, days: int) -> date:
        return self.today + timedelta(days=days)

    def season_at(self, days: int, hour: int = 12, minute: int = 0) -> datetime:
        """A time so many days after the season's last day; the number is never above zero."""
        return _on(self.season_day(days), hour, minute)

    def season_day(self, days: int) -> date:
        if days > 0:
            raise ValueError("what lies ahead is counted from today")
        return self.season + timedelta(days=days)

    @property
    def meeting_starts_at(self) -> datetime:
        """The next quarter of an hour, if it is still today."""
        local = timezone.localtime(self.now) + BEFORE_THE_START
        past_the_hour = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        start = local - past_the_hour + QUARTER * -(-past_the_hour // QUARTER)
        return min(start, datetime.combine(self.today, LAST_START, tzinfo=local.tzinfo))


def moved(moment: datetime, days: int) -> datetime:
    """The same time of day, so many days later, whatever the clocks did in between."""
    local = timezone.localtime(moment)
    return _on(local.date() + timedelta(days=days), local.hour, local.minute)


def end_of(day: date) -> datetime:
    """The midnight with which the day ends."""
    return _on(day + timedelta(days=1), 0, 0)


def start_of(day: date) -> datetime:
    return _on(day, 0, 0)


def _on(day: date, hour: int, minute: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))
