# SPDX-License-Identifier: AGPL-3.0-or-later
"""Days and moments of a budget as people say them. What ends at midnight ends, for people, the day before."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format


def day_in_words(value: date | datetime) -> str:
    """The year stands only where it is another one."""
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return date_format(day, "MONTH_DAY_FORMAT" if day.year == timezone.localdate().year else "DATE_FORMAT")


def last_day(ends_at: datetime) -> date:
    """The last day that belongs to what ends then."""
    return timezone.localdate(ends_at - timedelta(microseconds=1))


def last_moment(ends_at: datetime) -> datetime:
    """The last minute in which it can be done: 23:59 where it ends at midnight."""
    return ends_at - timedelta(minutes=1) if timezone.localtime(ends_at).time() == time() else ends_at
