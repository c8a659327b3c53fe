"""What the screens say about time: planned and actual of each item, how late it is, and what will not be reached (I3)."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assemblies.models import Assembly, Membership
from meetings import screens, services, timing
from meetings.models import AgendaItem, ItemState, Meeting, Scene
from meetings.services import MeetingRefused, item_clock
from tests.meetings.evening import fresh, in_session, item, make_meeting

NOW = timezone.now().replace(second=0, microsecond=0)


def after(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def read(meeting: Meeting, minutes: int) -> tuple[timing.MeetingTime, list[timing.ItemTime]]:
    items = list(meeting.items.all())
    time, times = timing.read(fresh(meeting), items, at=after(minutes))
    return time, [times[one.pk] for one in items]


@pytest.fixture(autouse=True)
def the_evening_begins_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long ago this file was read: the screens ask the clock of the database."""
    monkeypatch.setitem(globals(), "NOW", timezone.now().replace(second=0, microsecond=0))


@pytest.fixture
def meeting(riverside: Assembly) -> Meeting:
    """Three items of ten minutes, the first taken up at NOW; it should end at NOW + 30."""
    meeting = in_session(riverside, taken_up=0)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=NOW, planned_end_at=after(30))
    services.advance(meeting=meeting, to=item(meeting, 1), actor=None, at=NOW)
    return fresh(meeting)


def test_i3_while_the_plan_holds_it_is_on_time(meeting: Meeting) -> None:
    time, items = read(meeting, 4)
    assert time.sentence.startswith("On time, ends about ")
    assert (time.clock.forecast_end, time.is_late, time.suggestions) == (after(30), False, [])
    assert [one.words for one in items] == ["10 min planned, 4 used", "10 min planned", "10 min planned"]
    assert [one.begins_at for one in items] == [NOW, after(10), after(20)]


def test_i3_an_item_that_takes_longer_makes_the_meeting_late_and_says_what_is_not_reached(meeting: Meeting) -> None:
    time, items = read(meeting, 22)
    assert time.sentence.startswith("12 min late, ends about ")
    assert time.clock.forecast_end == after(42)
    assert [one.is_cut_short for one in items] == [False, False, False] or items[1].is_cut_short
    assert items[2].is_not_reached
    assert "Item 3 will not be reached: shorten, move or extend." in time.suggestions
    assert items[0].is_over


def test_i3_an_extension_is_no_excuse_for_the_plan(meeting: Meeting) -> None:
    services.extend(item=item(meeting, 1), minutes=10, actor=None)
    time, items = read(meeting, 15)
    assert (time.drift_minutes, items[0].granted, items[0].is_over) == (5, 20, False)
    assert time.clock.forecast_end == after(40)


def test_i3_what_was_done_faster_puts_the_meeting_ahead(meeting: Meeting) -> None:
    services.advance(meeting=meeting, to=item(meeting, 2), actor=None, at=after(3))
    assert read(meeting, 3)[0].sentence.startswith("7 min ahead, ends about ")


def test_the_clock_on_the_screens_begins_where_it_would_have_without_breaks(meeting: Meeting) -> None:
    services.recess(meeting=meeting, actor=None, at=after(4))
    assert read(meeting, 8)[1][0].counts_from is None
    assert read(meeting, 8)[1][0].elapsed == "4:00"
    services.resume(meeting=meeting, actor=None, at=after(10))
    assert read(meeting, 12)[1][0].counts_from == after(6)


def test_before_it_begins_the_page_says_when_it_would_end(riverside: Assembly) -> None:
    meeting = make_meeting(riverside, starts_at=NOW + timedelta(days=1))
    Meeting.objects.filter(pk=meeting.pk).update(planned_end_at=NOW + timedelta(days=1, minutes=25))
    time, items = read(meeting, 0)
    assert "later than planned" in time.sentence
    assert items[2].is_cut_short


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["next", "back", "recess", "resume", "lay_aside", "from_table", "reconsider"]),
        st.integers(0, 15),
    ),
    max_size=12,
)


@given(steps=STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_i3_the_items_took_together_what_the_meeting_spent_on_them(
    meeting: Meeting, steps: Sequence[tuple[str, int]]
) -> None:
    """Counted by hand: each minute belongs to the item on the floor while the meeting is in session, or to none."""
    by_hand: Counter[int] = Counter()
    minute, current, in_session_now = 0, 1, True
    with transaction.atomic():
        for name, minutes in steps:
            if current and in_session_now:
                by_hand[current] += minutes
            minute += minutes
            try:
                with transaction.atomic():
                    _step(meeting, name, after(minute))
            except MeetingRefused:
                continue
            on_floor = meeting.items.filter(state=ItemState.CURRENT).first()
            current = on_floor.position if on_floor else 0
            in_session_now = fresh(meeting).state == "in_session"
        spent = {one.position: item_clock.spent(one, after(minute)) for one in meeting.items.all()}
        assert spent == {place: 60 * by_hand[place] for place in (1, 2, 3)}
        time, _items = read(meeting, minute)
        assert time.clock.spent == 60 * by_hand.total()
        transaction.set_rollback(True)


def _step(meeting: Meeting, name: str, at: datetime) -> None:
    def first(state: ItemState) -> AgendaItem:
        found = meeting.items.filter(state=state).first()
        if found is None:
            raise MeetingRefused
        return found

    acts: dict[str, Callable[[], object]] = {
        "next": lambda: services.advance(meeting=meeting, to=first(ItemState.PLANNED), actor=None, at=at),
        "back": lambda: services.go_back(meeting=meeting, actor=None, at=at),
        "recess": lambda: services.recess(meeting=meeting, actor=None, at=at),
        "resume": lambda: services.resume(meeting=meeting, actor=None, at=at),
        "lay_aside": lambda: services.lay_aside(item=first(ItemState.CURRENT), actor=None, at=at),
        "from_table": lambda: services.take_from_table(item=first(ItemState.TABLED), actor=None, at=at),
        "reconsider": lambda: services.reconsider(item=first(ItemState.CONCLUDED), actor=None, at=at),
    }
    acts[name]()


# What the screens show of it


def test_the_cockpit_shows_lateness_and_what_to_do_about_it(meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(planned_end_at=NOW + timedelta(minutes=12))
    panel = screens.render_cockpit(meeting.pk, "facilitator", "en")["run"]
    assert "On time, ends about" in panel
    assert "Will not be reached" in panel
    assert "Item 3 will not be reached: shorten, move or extend." in panel
    assert panel.count("data-grip") == 2  # done and current items stay where they are
    assert "data-elapsed" in screens.render_cockpit(meeting.pk, "facilitator", "en")["now"]


def test_phone_and_wall_show_the_time_of_the_item(meeting: Meeting) -> None:
    services.extend(item=item(meeting, 1), minutes=5, actor=None)
    for panels in (screens.render_phone(meeting.pk, "public", "en"), screens.render_screen(meeting.pk, "public", "en")):
        shown = "".join(panels.values())
        assert 'data-elapsed="15"' in shown
        assert "of 15 minutes" in shown or "of <bdi>15</bdi> minutes" in shown


def test_the_wall_shows_the_agenda_around_the_current_item(riverside: Assembly) -> None:
    meeting = in_session(riverside, taken_up=0)
    for number in range(12):
        services.add_item(meeting=meeting, title=f"Item number {number}", actor=None)
    services.advance(meeting=meeting, to=item(meeting, 8), actor=None)
    services.set_scene(meeting=meeting, scene=Scene.AGENDA, actor=None)
    wall = screens.render_screen(meeting.pk, "public", "en")["scene"]
    assert wall.count("<li") == 6
    assert wall.count('aria-current="step"') == 1
    assert "Item number 4" in wall
    assert "Item number 11" not in wall


def test_the_cockpit_is_drawn_anew_each_minute_while_the_meeting_is_on(meeting: Meeting, riverside: Assembly) -> None:
    assert screens.cockpit_state(meeting.pk) != screens.state(meeting.pk)
    idle = make_meeting(riverside)
    assert screens.cockpit_state(idle.pk).strip() == screens.state(idle.pk).strip()


@pytest.mark.parametrize("page", ["cockpit/", "live/", "agenda/", ""])
def test_five_items_and_fifteen_cost_the_same_queries(
    client: Client, riverside: Assembly, bao: Membership, page: str
) -> None:
    client.force_login(bao.user)
    costs = set()
    for count in (5, 15):
        meeting = in_session(riverside, bao, taken_up=0)
        for number in range(count):
            added = services.add_item(meeting=meeting, title=f"Item {number}", actor=None, is_consent=number % 2 == 1)
            services.add_document(item=added, title="Plan", link="https://example.org/", actor=None)
        services.advance(meeting=meeting, to=item(meeting, 1), actor=None)
        client.get(f"/meetings/{meeting.pk}/{page}")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/meetings/{meeting.pk}/{page}")
        costs.add(len(captured))
    assert len(costs) == 1
