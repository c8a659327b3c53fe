"""The agenda tells the truth about time: drift, forecast, and what will not be reached."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from meetings.clock import Clock, Suggestion, TimedItem, read

NOW = datetime(2026, 9, 1, 19, 0, tzinfo=UTC)


def item(name: str, state: str, planned: int, extended: int = 0, spent: int = 0) -> TimedItem:
    """With its time in minutes."""
    return TimedItem(name, state, planned * 60, extended * 60, spent * 60)


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def clock(*items: TimedItem, end: int = 60, **fields: object) -> Clock:
    return read(items, now=NOW, planned_end=at(end), **fields)  # type: ignore[arg-type]


def sentences(read_now: Clock) -> list[str]:
    return [suggestion.sentence for suggestion in read_now.suggestions]


def test_a_meeting_on_time_has_nothing_to_suggest() -> None:
    now = clock(
        item("a", "concluded", 10, spent=10), item("b", "current", 20, spent=5), item("c", "planned", 30), end=45
    )
    assert (now.planned, now.spent, now.drift) == (3600, 900, 0)
    assert now.forecast_end == at(45)
    assert (now.late_by, now.is_late, now.suggestions, now.not_reached, now.cut_short) == (0, False, (), (), None)
    assert now.current is not None
    assert now.current.item.left == 15 * 60
    assert [(one.item.id, one.number, one.begins_at, one.ends_at) for one in now.ahead] == [("c", 3, at(15), at(45))]


def test_drift_is_what_left_items_took_more_and_what_the_current_one_is_over() -> None:
    items = [
        item("a", "concluded", 10, spent=17),
        item("b", "consented", 5, spent=1),
        item("c", "current", 10, spent=12),
    ]
    assert clock(*items).drift == (7 - 4 + 2) * 60
    assert clock(item("c", "current", 10, spent=4)).drift == 0
    assert clock(item("a", "skipped", 10), item("b", "planned", 5, spent=1)).drift == -600


def test_an_extension_moves_the_end_and_does_not_hide_the_delay() -> None:
    extended = clock(item("a", "current", 10, extended=5, spent=12), item("b", "planned", 10), end=20)
    assert extended.drift == 120
    assert extended.forecast_end == at(13)
    over = clock(item("a", "current", 10, spent=12), item("b", "planned", 10), end=20)
    assert over.forecast_end == at(10)
    assert sentences(over) == ["Item 1 is 2 minutes over its time: close it or extend."]
    assert sentences(extended) == []


def test_it_says_what_will_not_be_reached() -> None:
    items = [item("a", "current", 10), item("b", "planned", 15), item("c", "planned", 5), item("d", "planned", 5)]
    now = clock(*items, end=20)
    assert [one.reach for one in now.ahead] == ["cut_short", "not_reached", "not_reached"]
    assert sentences(now) == [
        "Item 2 will not be done in time, 5 minutes are missing: shorten, move or extend.",
        "Items 3 and 4 will not be reached: shorten, move or extend.",
    ]
    assert (now.late_by, now.is_late) == (15 * 60, True)
    exact = clock(*items, end=30)
    assert sentences(exact) == ["Item 4 will not be reached: shorten, move or extend."]
    assert (
        Suggestion("not_reached", (7, 8, 9)).sentence
        == "Items 7, 8 and 9 will not be reached: shorten, move or extend."
    )


def test_the_current_item_itself_can_be_cut_short() -> None:
    now = clock(item("a", "current", 10), end=9)
    assert sentences(now) == ["Item 1 will not be done in time, 1 minute is missing: shorten, move or extend."]
    late = read([TimedItem("a", "current", 60, 0, 61)], now=NOW, planned_end=at(-5))
    assert late.late_by == 300
    assert [suggestion.code for suggestion in late.suggestions] == ["over_time", "cut_short"]
    assert str(late.suggestions[0]) == "Item 1 is 1 minute over its time: close it or extend."


def test_in_a_recess_nothing_goes_on_before_its_end() -> None:
    items = [item("a", "current", 10, spent=4), item("b", "planned", 10)]
    assert clock(*items, is_in_session=False, goes_on_at=at(15)).forecast_end == at(31)
    assert clock(*items, is_in_session=False, goes_on_at=at(-15)).forecast_end == at(16)
    assert clock(*items, is_in_session=False).forecast_end == at(16)
    assert clock(*items, is_in_session=True, goes_on_at=at(15)).forecast_end == at(16)


def test_items_laid_aside_are_not_expected_back() -> None:
    now = clock(item("a", "tabled", 30, spent=10), item("b", "planned", 10), item("c", "postponed", 20))
    assert (now.forecast_end, now.drift) == (at(10), (-20 - 20) * 60)
    assert clock().forecast_end == NOW


def test_what_comes_after_an_item_further_down_is_still_ahead() -> None:
    now = clock(item("a", "planned", 10), item("b", "current", 5), item("c", "planned", 10))
    assert [(one.number, one.begins_at) for one in now.ahead] == [(1, at(5)), (3, at(15))]


STATES = st.sampled_from(["planned", "concluded", "skipped", "tabled", "postponed", "withdrawn", "consented"])
MINUTES = st.integers(0, 60)


@st.composite
def agendas(draw: st.DrawFn) -> list[TimedItem]:
    rows = draw(st.lists(st.tuples(STATES, MINUTES, MINUTES, MINUTES), max_size=8))
    items = [item(str(n), *row) for n, row in enumerate(rows)]
    n = draw(st.integers(0, 15))
    if n < len(items):
        items[n] = item("now", "current", *rows[n][1:])
    return items


@given(agendas(), st.integers(-30, 200))
def test_items_follow_each_other_without_gaps_until_the_forecast_end(items: list[TimedItem], end: int) -> None:
    now = clock(*items, end=end)
    expected = [*([now.current] if now.current else []), *now.ahead]
    starts = [one.begins_at for one in expected] + [now.forecast_end]
    assert starts[0] == NOW
    assert [one.ends_at for one in expected] == starts[1:]
    assert now.is_late == (now.late_by > 0)
    assert now.is_late or not now.cut_short
    assert all(one.begins_at >= now.planned_end for one in now.not_reached)
    assert all(one.ends_at <= now.planned_end for one in expected if one.reach == "reached")
    assert all(suggestion.sentence for suggestion in now.suggestions)


@given(agendas(), st.integers(0, 200), st.integers(1, 30))
def test_a_later_planned_end_never_loses_an_item(items: list[TimedItem], end: int, more: int) -> None:
    before, after = (clock(*items, end=minutes).not_reached for minutes in (end, end + more))
    assert {one.number for one in after} <= {one.number for one in before}
