"""Two facilitators at one form, and texts that are too long: nothing that was typed is lost."""

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.models import Meeting
from tests.meetings.evening import announced, current, fresh, in_session, item, make_meeting

MEETING = {"title": "Winter assembly", "starts_at": "2031-01-10T18:00", "planned_end_at": "2031-01-10T21:00"}
ITEM = {"title": "Benches for all", "kind": "discussion", "planned_minutes": "15"}
LONG = "x" * 301


@pytest.fixture
def desk(client: Client, bao: Membership) -> Client:
    """Bao's browser."""
    client.force_login(bao.user)
    return client


@pytest.mark.parametrize("form", ["meeting", "item"])
def test_g2_who_saves_second_is_told_and_keeps_what_they_typed(desk: Client, riverside: Assembly, form: str) -> None:
    meeting = announced(riverside)
    seen = meeting.version
    url = f"/meetings/{meeting.pk}/" + ("edit/" if form == "meeting" else f"agenda/{item(meeting, 1).pk}/edit/")
    data: dict[str, object] = {**(MEETING if form == "meeting" else ITEM), "version": seen}
    assert f'name="version" value="{seen}"' in desk.get(url).content.decode()
    services.move_item(item=item(meeting, 1), up=False, actor=None)
    services.move_item(item=item(meeting, 2), up=True, actor=None)
    answer = desk.post(url, data)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "still here" in page.replace("\n", " ")
    assert f'value="{data["title"]}"' in page
    assert (fresh(meeting).title, item(meeting, 1).title) == ("Autumn assembly", "Welcome")
    assert f'name="version" value="{fresh(meeting).version}"' in page
    assert desk.post(url, {**data, "version": fresh(meeting).version}).status_code == 302
    assert data["title"] in (fresh(meeting).title, item(meeting, 1).title)


@pytest.mark.parametrize("path", ["outcome", "take-up"])
@pytest.mark.parametrize("htmx", [True, False])
def test_an_outcome_that_is_too_long_is_said_so_and_kept(
    desk: Client, riverside: Assembly, path: str, htmx: bool
) -> None:
    meeting = in_session(riverside)
    about = current(meeting) if path == "outcome" else item(meeting, 2)
    answer = desk.post(
        f"/meetings/{meeting.pk}/agenda/{about.pk}/{path}/",
        {"outcome": LONG, "version": meeting.version},
        headers={"hx-request": "true"} if htmx else {},
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Write at most 300 characters." in page
    assert LONG in page
    assert answer.headers.get("HX-Retarget", "") == ("#outcome" if htmx else "")
    assert current(meeting).position == 1
    assert current(meeting).outcome == ""


def press(desk: Client, meeting: Meeting, path: str, **data: object) -> int:
    data.setdefault("version", fresh(meeting).version)
    return desk.post(f"/meetings/{meeting.pk}/{path}/", data).status_code


def test_the_buttons_of_an_item_work_with_scripts_off(desk: Client, riverside: Assembly) -> None:
    meeting = in_session(riverside)
    first, second = current(meeting), item(meeting, 2)
    turn = f"agenda/{second.pk}/turn"
    for name, state in [("skip", "skipped"), ("take_back", "planned"), ("next_meeting", "postponed")]:
        assert press(desk, meeting, turn, turn=name) == 302
        second.refresh_from_db()
        assert second.state == state
    assert press(desk, meeting, turn, turn="dance") == 404
    assert press(desk, meeting, f"agenda/{first.pk}/extend", minutes="5", basis="vote") == 302
    assert press(desk, meeting, f"agenda/{first.pk}/extend", minutes="five") == 409
    assert press(desk, meeting, f"agenda/{first.pk}/extend", minutes="-1") == 302
    for typed in ("-", "-0", "--1", "-9"):
        assert press(desk, meeting, f"agenda/{first.pk}/extend", minutes=typed) == 409
    assert press(desk, meeting, f"agenda/{first.pk}/phase", phase="debate") == 302
    assert press(desk, meeting, f"agenda/{first.pk}/turn", turn="lay_aside") == 302
    assert press(desk, meeting, f"agenda/{first.pk}/turn", turn="take_from_table") == 302
    first.refresh_from_db()
    assert (first.state, first.extended_minutes) == ("current", 4)
    assert press(desk, meeting, f"agenda/{first.pk}/postpone", to=" ") == 409
    assert press(desk, meeting, f"agenda/{first.pk}/postpone", to="spring") == 302


def test_an_item_is_put_at_a_place_that_is_chosen_or_dropped_on(desk: Client, riverside: Assembly) -> None:
    meeting = make_meeting(riverside, "A", "B", "C", "D")
    moved = {"item": item(meeting, 4).pk, "position": "1", "on_agenda": "1"}
    assert press(desk, meeting, "agenda/place", **moved) == 302
    assert [one.title for one in meeting.items.all()] == ["D", "A", "B", "C"]
    page = desk.get(f"/meetings/{meeting.pk}/agenda/").content.decode()
    assert "Move to position" in page
    assert page.count("data-grip") == page.count("data-movable") == 4
    assert press(desk, meeting, "agenda/place", item="x", position="1") == 404


def test_an_item_of_another_meeting_is_not_found(desk: Client, riverside: Assembly) -> None:
    meeting, other = in_session(riverside), in_session(riverside)
    for path in ("turn", "extend", "postpone", "phase", "documents"):
        assert press(desk, meeting, f"agenda/{item(other, 1).pk}/{path}") == 404
