"""The days of the demo: what lies ahead goes by today, what is done by its season."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from demo.calendar import Calendar, end_of, moved


def calendar(*moment: int) -> Calendar:
    return Calendar(datetime(*moment, tzinfo=timezone.get_default_timezone()))


def test_last_years_stories_end_in_the_last_november():
    assert calendar(2026, 11, 21, 9).season == date(2026, 11, 21)
    assert calendar(2026, 12, 31, 23).past_year == 2026
    assert calendar(2027, 5, 1, 9).season == date(2026, 11, 21)
    assert calendar(2027, 11, 20, 9).past_year == 2026


def test_the_season_never_reaches_into_the_future():
    with pytest.raises(ValueError, match="counted from today"):
        calendar(2026, 11, 21, 9).season_day(1)


@pytest.mark.parametrize(
    ("now", "start"),
    [
        ((9, 0), (9, 15)),
        ((9, 9), (9, 15)),
        ((9, 11), (9, 30)),
        ((18, 52), (19, 0)),
        ((23, 30), (23, 45)),
        ((23, 58), (23, 45)),
        ((0, 0), (0, 15)),
    ],
)
def test_the_meeting_begins_at_the_next_quarter_of_an_hour_and_always_today(now, start):
    days = calendar(2026, 11, 21, *now)
    starts_at = timezone.localtime(days.meeting_starts_at)
    assert (starts_at.hour, starts_at.minute) == start
    assert starts_at.date() == days.today
    assert (starts_at.second, starts_at.microsecond) == (0, 0)


def test_a_moved_time_keeps_its_hour_when_the_clocks_change():
    with timezone.override("Europe/Brussels"):
        evening = datetime(2026, 3, 20, 20, 0, tzinfo=ZoneInfo("Europe/Brussels"))
        later = moved(evening, 20)
    assert later.astimezone(UTC).hour == 18
    assert evening.astimezone(UTC).hour == 19


def test_a_day_ends_with_its_midnight():
    assert timezone.localtime(end_of(date(2026, 12, 31))).date() == date(2027, 1, 1)
