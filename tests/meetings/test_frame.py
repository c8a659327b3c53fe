"""Around the panels of the cockpit: taking back, the wall and its words, what to see to before, and paper."""

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from live import hub
from meetings import frame, screens, services
from meetings.models import Meeting, Scene
from tests.make import make_member
from tests.meetings.evening import (
    announced,
    current,
    fresh,
    in_session,
    item,
    kinds,
    make_meeting,
    put_to_the_vote,
    vote,
    with_doors_open,
)

HTMX = {"hx-request": "true"}


@pytest.fixture
def desk(client: Client, bao: Membership) -> Client:
    """Bao's browser."""
    client.force_login(bao.user)
    return client


def test_undo_is_offered_to_who_steered_and_takes_it_back(desk: Client, riverside: Assembly) -> None:
    meeting = in_session(riverside)
    answer = desk.post(f"/meetings/{meeting.pk}/agenda/{item(meeting, 2).pk}/take-up/", {}, headers=HTMX)
    text = answer.content.decode()
    event = fresh(meeting).events.order_by("seq").last()
    assert event
    assert "data-undo" in text
    assert f'name="seq" value="{event.seq}"' in text
    assert desk.post(f"/meetings/{meeting.pk}/undo/", {"seq": event.seq}, headers=HTMX).status_code == 200
    assert current(meeting).position == 1
    again = desk.post(f"/meetings/{meeting.pk}/undo/", {"seq": event.seq}, headers=HTMX)
    assert again.status_code == 409
    assert "data-undo" not in again.content.decode()


@pytest.mark.parametrize("seq", ["", "-1", "9" * 40, "٣", "x"])
def test_a_number_that_no_event_has_takes_nothing_back(desk: Client, riverside: Assembly, seq: str) -> None:
    meeting = in_session(riverside)
    before = kinds(meeting)
    assert desk.post(f"/meetings/{meeting.pk}/undo/", {"seq": seq}).status_code == 409
    assert kinds(meeting) == before


def test_the_wall_shows_a_text_and_keeps_it(desk: Client, riverside: Assembly) -> None:
    meeting = in_session(riverside)
    wall = f"/meetings/{meeting.pk}/scene/"
    assert desk.post(wall, {"scene": "text"}).status_code == 409
    assert desk.post(wall, {"scene": "text", "text": "x" * 401}).status_code == 409
    assert desk.post(wall, {"scene": "nowhere"}).status_code == 404
    assert desk.post(wall, {"scene": "text", "text": "Soup is in the kitchen."}).status_code == 302
    for path in ("scene", "screen"):
        assert "Soup is in the kitchen." in desk.get(f"/meetings/{meeting.pk}/{path}/").content.decode()
    services.set_scene(meeting=meeting, scene=Scene.AGENDA, actor=None)
    assert fresh(meeting).scene_text == "Soup is in the kitchen."


def words(meeting: Meeting) -> str:
    """What the wall says in words, without the marks around numbers."""
    return screens.render_screen(meeting.pk, "public", "en")["words"].replace("<bdi>", "").replace("</bdi>", "")


def test_the_words_say_what_the_wall_shows_and_no_more(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    assert current(meeting).title in words(meeting)
    held = put_to_the_vote(meeting)
    vote(held.poll, amina, "yes")
    assert "1 of 1 have voted" in words(meeting)
    services.close_item_poll(item_poll=held, actor=None)
    assert "Carried:" not in words(meeting)
    services.reveal_item_poll(item_poll=held, actor=None)
    assert "Carried:" in words(meeting)
    services.set_scene(meeting=meeting, scene=Scene.AGENDA, actor=None)
    assert "Youth seat on the board" in words(meeting)
    services.blank(meeting=meeting, on=True, actor=None)
    assert "dark" in words(meeting)
    assert current(meeting).title not in words(meeting)


def test_only_members_read_who_speaks(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    entry = services.raise_hand(attendee=meeting.attendees.get())
    services.call_speaker(entry=entry, actor=None)
    assert "Amina" not in words(meeting)
    assert "Amina" in screens.render_screen(meeting.pk, "screen", "en")["words"]


def done(meeting: Meeting) -> dict[str, bool]:
    return {check.what: check.is_done for check in frame.checklist(fresh(meeting))}


def test_the_checklist_says_what_is_ready(
    riverside: Assembly, amina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = announced(riverside)
    assert done(meeting) == {
        "Agenda": True, "Quorum": False, "Projector": False, "Doors and desk": False, "Wi-Fi": False,
        "Test vote": False,
    }  # fmt: skip
    services.edit_item(item=item(meeting, 1), actor=None, planned_minutes=400)
    assert not done(meeting)["Agenda"]
    monkeypatch.setattr(frame, "watchers", lambda address: 3)
    meeting = with_doors_open(riverside, amina, quorum_needed=1)
    Meeting.objects.filter(pk=make_meeting(riverside).pk).update(rehearses=meeting)
    assert all(done(meeting).values())


def test_no_screen_is_connected_where_no_hub_runs(riverside: Assembly) -> None:
    assert hub.watchers(announced(riverside).screen_topic) == 0


def test_the_checklist_is_for_the_time_before(desk: Client, riverside: Assembly) -> None:
    for meeting, is_shown in ((announced(riverside), True), (in_session(riverside), False)):
        assert (f"/meetings/{meeting.pk}/cockpit/before/" in page(desk, meeting)) == is_shown


def test_a_cockpit_that_was_open_stops_asking_for_the_checklist_when_the_meeting_begins(
    desk: Client, riverside: Assembly
) -> None:
    for meeting, status in ((announced(riverside), 200), (in_session(riverside), 286)):
        answer = desk.get(f"/meetings/{meeting.pk}/cockpit/before/", headers={"HX-Request": "true"})
        assert answer.status_code == status


def test_the_answer_to_a_click_is_the_meeting_as_it_is_then(desk: Client, riverside: Assembly) -> None:
    meeting = with_doors_open(riverside)
    told = {"version": meeting.version}
    answer = desk.post(f"/meetings/{meeting.pk}/call-to-order/", told, headers={"HX-Request": "true"})
    assert "/cockpit/before/" not in answer.content.decode()


def page(desk: Client, meeting: Meeting) -> str:
    return desk.get(f"/meetings/{meeting.pk}/cockpit/").content.decode()


def test_what_is_projected_and_what_is_active_are_told_apart(desk: Client, riverside: Assembly) -> None:
    meeting = in_session(riverside)
    services.set_scene(meeting=meeting, scene=Scene.AGENDA, actor=None)
    panel = screens.render_cockpit(meeting.pk, "facilitator", "en")["projector"]
    assert "The agenda." in panel
    assert "Item 1: Welcome" in panel.replace("<bdi>", "").replace("</bdi>", "")


def test_who_drives_is_said_in_one_query(desk: Client, riverside: Assembly, django_assert_num_queries: object) -> None:
    meeting = in_session(riverside)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert frame.driving(meeting.pk).driver is None


def test_paper_has_the_agenda_who_is_here_and_ballots(desk: Client, riverside: Assembly, amina: Membership) -> None:
    make_member(riverside, "Absent")
    meeting = with_doors_open(riverside, amina)
    text = desk.get(f"/meetings/{meeting.pk}/paper/").content.decode()
    assert "Old Tram Hall hours" in text
    assert "Amina" in text
    assert "Absent" not in text
    assert text.count('class="ballot"') == 4


def test_next_item_stands_in_one_place(desk: Client, riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    assert page(desk, meeting).count("Next item <svg") == 1
    put_to_the_vote(meeting)
    assert page(desk, meeting).count("Next item <svg") == 0


def test_a_minute_that_was_given_has_a_button_that_takes_it_back(desk: Client, riverside: Assembly) -> None:
    meeting = in_session(riverside)
    assert 'data-key="more"' in page(desk, meeting)
    assert 'data-key="less"' not in page(desk, meeting)
    services.extend(item=current(meeting), minutes=1, actor=None)
    assert 'data-key="less"' in page(desk, meeting)


def test_one_press_in_the_checklist_makes_a_copy_in_which_a_vote_is_tried_out(
    desk: Client, riverside: Assembly
) -> None:
    meeting = announced(riverside)
    press = f'<form method="post" action="/meetings/{meeting.pk}/rehearse/">'
    shown = desk.get(f"/meetings/{meeting.pk}/cockpit/before/").content.decode()
    assert shown.count(press) == 1
    assert 'name="csrfmiddlewaretoken"' in shown
    copy = desk.post(f"/meetings/{meeting.pk}/rehearse/", follow=True).redirect_chain[-1][0]
    assert done(meeting)["Test vote"]
    assert "/rehearse/" not in desk.get(f"{copy}cockpit/before/").content.decode()
