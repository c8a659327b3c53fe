"""The list, the public page, the agenda as facilitators write it, and the calendar file."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.exports import everything_about
from assemblies.models import Assembly, Membership
from meetings import services
from meetings.calendar_file import calendar_file
from meetings.models import AgendaItem, ItemPoll, Meeting, MeetingState
from tests.meetings.evening import (
    announced,
    declare_void,
    fresh,
    in_session,
    item,
    make_meeting,
    put_to_the_vote,
    put_up,
    seat,
    vote,
    with_doors_open,
)

MEETING = {
    "title": "Winter assembly",
    "starts_at": "2031-01-10T18:00",
    "planned_end_at": "2031-01-10T21:00",
    "place": "Old Tram Hall",
    "text": "Bring a chair.",
    "quorum_needed": "12",
}


@pytest.fixture
def desk(client: Client, bao: Membership) -> Client:
    """Bao's browser."""
    client.force_login(bao.user)
    return client


def test_bao_makes_a_meeting_and_its_agenda(desk: Client, riverside: Assembly) -> None:
    answer = desk.post("/a/riverside/meetings/new/", MEETING)
    meeting = Meeting.objects.get()
    assert answer.url == f"/meetings/{meeting.pk}/agenda/"  # type: ignore[attr-defined]
    assert (meeting.state, meeting.quorum_needed) == (MeetingState.DRAFT, 12)
    assert timezone.localtime(meeting.starts_at).hour == 18
    new = {
        "title": "Benches",
        "kind": "decision",
        "planned_minutes": "15",
        "presenter": "Dagny",
        "text": "Oak or pine?",
    }
    added = desk.post(f"/meetings/{meeting.pk}/agenda/add/", new)
    bench = AgendaItem.objects.get()
    assert added.url == f"/meetings/{meeting.pk}/agenda/#item-{bench.pk}"  # type: ignore[attr-defined]
    desk.post(f"/meetings/{meeting.pk}/agenda/{bench.pk}/edit/", {**new, "title": "New benches"})
    question = {
        "question": "Which wood?",
        "template": "choose_one",
        "secrecy": "1",
        "options": "Oak\r\n\r\n Pine \r\nOak",
    }
    desk.post(f"/meetings/{meeting.pk}/agenda/{bench.pk}/vote/", question)
    page = desk.get(f"/meetings/{meeting.pk}/agenda/").content.decode()
    assert "New benches" in page
    assert "Which wood?" in page
    assert [option.title for option in ItemPoll.objects.get().poll.options.all()] == ["Oak", "Pine"]
    desk.post(f"/meetings/{meeting.pk}/schedule/", {"version": fresh(meeting).version})
    assert fresh(meeting).state == MeetingState.SCHEDULED


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"planned_end_at": "2031-01-10T17:00"}, "must end after it begins"),
        ({"title": ""}, "This field is required"),
        ({"quorum_needed": "0"}, "above zero"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    desk: Client, riverside: Assembly, changed: dict[str, str], sentence: str
) -> None:
    answer = desk.post("/a/riverside/meetings/new/", MEETING | changed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "Bring a chair." in answer.content.decode()
    assert not Meeting.objects.exists()


@pytest.mark.parametrize("minutes", ["0", "601", "soon", ""])
def test_an_item_takes_between_one_and_six_hundred_minutes(desk: Client, riverside: Assembly, minutes: str) -> None:
    meeting = make_meeting(riverside)
    new = {"title": "Benches", "kind": "decision", "planned_minutes": minutes}
    answer = desk.post(f"/meetings/{meeting.pk}/agenda/add/", new)
    assert answer.status_code == 422
    assert 'value="Benches"' in answer.content.decode()


@pytest.mark.parametrize(
    ("options", "sentence"), [("Oak", "between 2 and 12"), ("Oak\n" + "x" * 301, "at most 300 letters")]
)
def test_a_vote_without_answers_is_not_added(desk: Client, riverside: Assembly, options: str, sentence: str) -> None:
    meeting = make_meeting(riverside)
    new = {"question": "Which?", "template": "ranked", "secrecy": "1", "options": options}
    answer = desk.post(f"/meetings/{meeting.pk}/agenda/{item(meeting, 1).pk}/vote/", new)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "Oak" in answer.content.decode()


def test_a_typo_in_a_vote_is_corrected_before_it_opens(desk: Client, riverside: Assembly) -> None:
    meeting = in_session(riverside)
    wrong = put_up(meeting, "choose_one", "Where shal it stand?")
    page = f"/meetings/{meeting.pk}/agenda/{wrong.item_id}/vote/?like={wrong.poll_id}"
    assert f"like={wrong.poll_id}" in desk.get(f"/meetings/{meeting.pk}/cockpit/").content.decode()
    shown = desk.get(page).content.decode()
    assert "Where shal it stand?" in shown
    assert "Bench\nWell\nTree" in shown
    typed = {"question": "Where shall it stand?", "template": "choose_one", "secrecy": "1", "options": "Bench\nWell"}
    assert desk.post(page, typed).status_code == 302
    poll = wrong.item.item_polls.get().poll
    assert poll.question == "Where shall it stand?"
    assert list(poll.options.values_list("title", flat=True)) == ["Bench", "Well"]
    assert poll.follows is None


def test_a_vote_that_was_opened_cannot_be_corrected(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    item_poll = put_to_the_vote(meeting)
    with pytest.raises(services.MeetingRefused, match="was opened"):
        services.correct_poll(item_poll=item_poll, template="yes_no", question="Another?", actor=None)
    assert ItemPoll.objects.get(item=item_poll.item).poll.question == "Open until 23:00?"


def test_the_room_votes_again_and_the_new_vote_says_what_it_follows(
    desk: Client, riverside: Assembly, amina: Membership
) -> None:
    meeting = in_session(riverside, amina)
    first = put_to_the_vote(meeting, "ranked", "Which first?")
    declare_void(first, "Half the room had no network.")
    again = f"/meetings/{meeting.pk}/agenda/{first.item_id}/vote/?like={first.poll_id}"
    assert again.removeprefix("/") in desk.get(f"/meetings/{meeting.pk}/cockpit/").content.decode()
    assert "Bench\nWell\nTree" in desk.get(again).content.decode()
    typed = {"question": "Which first?", "template": "ranked", "secrecy": "1", "options": "Bench\nWell\nTree"}
    assert desk.post(again, typed).status_code == 302
    second = first.item.item_polls.exclude(poll=first.poll_id).get().poll
    assert second.follows_id == first.poll_id


def test_the_agenda_of_a_meeting_that_is_over_stays(desk: Client, riverside: Assembly) -> None:
    meeting = in_session(riverside)
    services.adjourn(meeting=meeting, actor=None)
    new = {"title": "Too late", "kind": "decision", "planned_minutes": "5"}
    answer = desk.post(f"/meetings/{meeting.pk}/agenda/add/", new)
    assert answer.status_code == 422
    assert "This meeting is over" in answer.content.decode()
    assert desk.post(f"/meetings/{meeting.pk}/edit/", MEETING).status_code == 422
    too_many = desk.post(f"/meetings/{meeting.pk}/edit/", {**MEETING, "proxies_per_holder": "99999"})
    assert "This number is too large." in too_many.content.decode()


def test_a_draft_is_nobodys_business_but_bao_sees_it(
    client: Client, riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    draft = make_meeting(riverside, title="Still thinking")
    for viewer, status in ((amina, 404), (bao, 200)):
        client.force_login(viewer.user)
        assert client.get(f"/meetings/{draft.pk}/").status_code == status
        assert ("Still thinking" in client.get("/a/riverside/meetings/").content.decode()) == (status == 200)


def test_everybody_reads_what_was_decided(client: Client, riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina, taken_up=2)
    item_poll = put_to_the_vote(meeting)
    vote(item_poll.poll, amina, "yes")
    services.close_item_poll(item_poll=item_poll, actor=None)
    services.reveal_item_poll(item_poll=item_poll, actor=None)
    services.note_outcome(item=item(meeting, 1), outcome="Everybody was greeted", actor=None)
    services.adjourn(meeting=meeting, actor=None)
    page = client.get(f"/meetings/{meeting.pk}/").content.decode()
    assert "Carried: 1 yes of 1 counted" in page
    assert "Everybody was greeted" in page
    assert f"/polls/{item_poll.poll_id}/result/" in page
    assert "Carried over" in page


def test_a_meeting_called_off_says_why(client: Client, riverside: Assembly) -> None:
    meeting = announced(riverside)
    services.cancel(meeting=meeting, actor=None, reason="The hall is flooded.")
    assert "The hall is flooded." in client.get(f"/meetings/{meeting.pk}/").content.decode()


def test_past_meetings_come_in_pages(client: Client, riverside: Assembly) -> None:
    start = timezone.now() - timedelta(days=400)
    for number in range(21):
        meeting = make_meeting(riverside, "One", title=f"Gone {number}", starts_at=start + timedelta(days=number))
        services.cancel(meeting=meeting, actor=None, reason="Long ago.")
    first, second = client.get("/a/riverside/meetings/"), client.get("/a/riverside/meetings/?page=2")
    assert "Gone 20" in first.content.decode()
    assert "Gone 0<" in second.content.decode()
    assert "Gone 20" not in second.content.decode()


def test_the_home_page_shows_the_meeting_that_is_on_before_the_next(client: Client, riverside: Assembly) -> None:
    announced(riverside, title="Tomorrow's talk", starts_at=timezone.now() - timedelta(days=1))
    page = client.get("/a/riverside/").content.decode()
    assert "Tomorrow&#x27;s talk" in page
    assert "calendar.ics" in page
    running = with_doors_open(riverside, title="On right now")
    page = client.get("/a/riverside/").content.decode()
    assert "On right now" in page
    assert f"/meetings/{running.pk}/live/" in page


def test_a_calendar_file_is_one_event_with_everything_escaped(client: Client, riverside: Assembly) -> None:
    meeting = announced(
        riverside,
        title="Benches, trees; and more",
        place="Old Tram Hall, Quay 4",
        text="First line\nSecond \\ line",
        starts_at=datetime(2031, 1, 10, 17, tzinfo=UTC),
    )
    answer = client.get(f"/meetings/{meeting.pk}/calendar.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    lines = answer.content.decode().split("\r\n")
    assert "DTSTART:20310110T170000Z" in lines
    assert "DTEND:20310110T200000Z" in lines
    assert "SUMMARY:Riverside: Benches\\, trees\\; and more" in lines
    assert "LOCATION:Old Tram Hall\\, Quay 4" in lines
    assert "DESCRIPTION:First line\\nSecond \\\\ line" in lines
    assert f"URL:http://testserver/meetings/{meeting.pk}/" in lines


def test_long_lines_of_a_calendar_file_are_folded_between_letters(riverside: Assembly) -> None:
    meeting = make_meeting(riverside, title="Überraschung " * 9)
    written = calendar_file([meeting], link_of=lambda _meeting: "http://example.org/", at=timezone.now())
    assert all(len(line.encode()) <= 75 for line in written.split("\r\n"))
    assert f"SUMMARY:Riverside: {meeting.title}" in written.replace("\r\n ", "")


def test_my_data_tells_where_i_was(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    services.raise_hand(attendee=seat(meeting, amina))
    kept = everything_about(amina.user)["meetings"]
    assert kept["attendance"][0]["meeting"] == "Autumn assembly"
    assert kept["speaking"][0]["state"] == "waiting"
    assert {act["kind"] for act in kept["acts"]} == {"checked_in", "hand_raised"}
