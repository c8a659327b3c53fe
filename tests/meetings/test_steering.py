"""The cockpit's buttons: they work with and without scripts, and never act on an old page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.models import ItemKind, Meeting, MeetingState, Scene, SpeakerState
from meetings.services import MeetingRefused
from tests.meetings.evening import (
    announced,
    current,
    fresh,
    fresh_poll,
    in_session,
    item,
    make_meeting,
    put_to_the_vote,
    put_up,
    seat,
    with_doors_open,
)
from voting.models import PollState

HTMX = {"hx-request": "true"}


def press(desk: Client, meeting: Meeting, path: str, *, htmx: bool = False, **data: object) -> int:
    """The status that pressing this button of a fresh page answers."""
    data.setdefault("version", fresh(meeting).version)
    url = f"/meetings/{meeting.pk}/{path}/"
    return desk.post(url, data, headers=HTMX if htmx else {}).status_code


def test_a_version_that_nobody_drew_breaks_nothing(desk: Client, riverside: Assembly) -> None:
    assert press(desk, in_session(riverside), "recess", version="9" * 5000) == 409


def test_an_item_taken_off_in_this_very_moment_is_said_to_be_gone(riverside: Assembly) -> None:
    meeting = in_session(riverside)
    gone = item(meeting, 2)
    services.remove_item(item=item(meeting, 2), actor=None)
    with pytest.raises(services.StaleClick):
        services.advance(meeting=meeting, to=gone, actor=None)


def test_a_whole_evening_with_scripts_off(desk: Client, riverside: Assembly, amina: Membership) -> None:
    meeting = make_meeting(riverside)
    for path in ("schedule", "open-doors", "call-to-order"):
        assert press(desk, meeting, path) == 302
    services.check_in(meeting=meeting, membership=amina)
    first = item(meeting, 1)
    assert press(desk, meeting, f"agenda/{first.pk}/take-up") == 302
    assert press(desk, meeting, f"agenda/{first.pk}/quick-vote") == 302
    poll = current(meeting).item_polls.get().poll
    assert poll.question == "Welcome"
    for path, state in (("open", PollState.OPEN), ("close", PollState.WITHHELD), ("reveal", PollState.PUBLISHED)):
        assert press(desk, meeting, f"polls/{poll.pk}/{path}") == 302
        poll.refresh_from_db()
        assert poll.state == state
    assert press(desk, meeting, f"agenda/{first.pk}/outcome", outcome="Everybody is welcome") == 302
    assert press(desk, meeting, "recess") == press(desk, meeting, "resume") == 302
    assert press(desk, meeting, "adjourn") == 302
    assert fresh(meeting).state == MeetingState.ADJOURNED
    assert item(meeting, 1).outcome == "Everybody is welcome"


def test_with_scripts_the_answer_is_the_desk_as_it_is_now(desk: Client, riverside: Assembly) -> None:
    meeting = in_session(riverside)
    answer = desk.post(
        f"/meetings/{meeting.pk}/agenda/{item(meeting, 2).pk}/take-up/", {"version": meeting.version}, headers=HTMX
    )
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert "Old Tram Hall hours" in answer.content.decode()


@pytest.mark.parametrize("htmx", [True, False])
def test_a_click_on_an_old_page_changes_nothing_and_shows_what_is(
    desk: Client, riverside: Assembly, htmx: bool
) -> None:
    meeting = in_session(riverside)
    services.advance(meeting=meeting, to=item(meeting, 2), actor=None)
    answer = desk.post(
        f"/meetings/{meeting.pk}/agenda/{item(meeting, 3).pk}/take-up/",
        {"version": meeting.version},
        headers=HTMX if htmx else {},
    )
    assert answer.status_code == 409
    assert "Somebody else was faster" in answer.content.decode()
    assert f'value="{fresh(meeting).version}"' in answer.content.decode()
    assert current(meeting).position == 2


def test_who_works_on_the_agenda_stays_there_while_the_meeting_runs(desk: Client, riverside: Assembly) -> None:
    meeting = in_session(riverside)
    agenda = f"/meetings/{meeting.pk}/agenda/"
    moved = {"version": fresh(meeting).version, "turn": "up", "on_agenda": "1"}
    assert 'name="on_agenda"' in desk.get(agenda).content.decode()
    assert desk.post(f"{agenda}{item(meeting, 3).pk}/turn/", moved).headers["Location"] == agenda
    stale = desk.post(f"{agenda}{item(meeting, 3).pk}/turn/", moved, follow=True)
    assert stale.redirect_chain == [(agenda, 302)]
    assert "Somebody else was faster" in stale.content.decode()


def test_the_wall_says_what_comes_after_the_break(desk: Client, riverside: Assembly) -> None:
    meeting = in_session(riverside)
    interrupted = current(meeting)
    services.recess(meeting=meeting, actor=None)
    wall = desk.get(f"/meetings/{meeting.pk}/screen/").content.decode()
    assert f"After the break: {interrupted.title}" in wall
    services.resume(meeting=meeting, actor=None)
    services.edit_item(item=item(meeting, 2), actor=None, kind=ItemKind.BREAK, title="Tea")
    services.advance(meeting=meeting, to=item(meeting, 2), actor=None)
    wall = desk.get(f"/meetings/{meeting.pk}/screen/").content.decode()
    assert f"After the break: {item(meeting, 3).title}" in wall


def test_a_refusal_is_said_in_words(desk: Client, riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    put_to_the_vote(meeting)
    answer = desk.post(f"/meetings/{meeting.pk}/recess/", {"version": fresh(meeting).version})
    assert answer.status_code == 409
    assert "Close the vote first" in answer.content.decode()


def test_two_taps_put_a_question_to_the_vote(desk: Client, riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    assert press(desk, meeting, f"agenda/{current(meeting).pk}/quick-vote", htmx=True) == 200
    poll = current(meeting).item_polls.get().poll
    assert press(desk, meeting, f"polls/{poll.pk}/open", htmx=True) == 200
    assert [option.key for option in poll.options.all()] == ["yes", "no", "abstain"]


def test_the_floor_and_the_projector(desk: Client, riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    entry = services.raise_hand(attendee=seat(meeting, amina))
    assert press(desk, meeting, f"speakers/{entry.pk}/call") == 302
    assert press(desk, meeting, f"speakers/{entry.pk}/finish") == 302
    entry.refresh_from_db()
    assert entry.state == SpeakerState.FINISHED
    assert press(desk, meeting, "scene", scene="welcome") == 302
    assert fresh(meeting).scene == Scene.WELCOME
    assert press(desk, meeting, "scene", scene="fireworks") == 404
    assert press(desk, meeting, "blank", on="1") == 302
    assert fresh(meeting).is_blanked
    assert press(desk, meeting, "blank", on="0") == 302
    assert not fresh(meeting).is_blanked


def test_what_belongs_to_another_meeting_is_not_found(desk: Client, riverside: Assembly, amina: Membership) -> None:
    meeting, other = in_session(riverside, amina), in_session(riverside, amina)
    poll, entry = put_up(other).poll, services.raise_hand(attendee=seat(other, amina))
    assert press(desk, meeting, f"polls/{poll.pk}/open") == 404
    assert press(desk, meeting, f"speakers/{entry.pk}/call") == 404
    assert press(desk, meeting, f"agenda/{item(other, 2).pk}/take-up") == 404


def test_a_poll_is_void_only_with_a_reason(desk: Client, riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    item_poll = put_to_the_vote(meeting)
    assert press(desk, meeting, f"polls/{item_poll.poll_id}/void", reason=" ") == 409
    assert press(desk, meeting, f"polls/{item_poll.poll_id}/void", reason="Wrong question.") == 302
    assert fresh_poll(item_poll).poll.state == PollState.VOIDED


def test_amina_may_look_at_the_meeting_but_not_steer_it(client: Client, riverside: Assembly, amina: Membership) -> None:
    meeting = announced(riverside)
    client.force_login(amina.user)
    assert client.get(f"/meetings/{meeting.pk}/").status_code == 200
    assert client.get(f"/meetings/{meeting.pk}/cockpit/").status_code == 403
    assert client.post(f"/meetings/{meeting.pk}/open-doors/").status_code == 403
    assert client.get(f"/meetings/{meeting.pk}/open-doors/").status_code == 405


def test_chidi_cannot_see_that_a_private_meeting_exists(
    client: Client, harbour: Assembly, chidi: Membership, amina: Membership
) -> None:
    meeting = with_doors_open(harbour)
    client.force_login(amina.user)
    for path in ("", "cockpit/", "live/", "screen/", "my-vote/", "calendar.ics"):
        assert client.get(f"/meetings/{meeting.pk}/{path}").status_code == 404
    assert client.get(f"/j/{meeting.join_code}/").status_code == 404
    client.force_login(chidi.user)
    assert client.get(f"/meetings/{meeting.pk}/").status_code == 200


@pytest.mark.parametrize("state", ["draft", "scheduled", "doors", "session", "recess", "over", "off"])
def test_the_cockpit_offers_one_next_step_in_every_state(desk: Client, riverside: Assembly, state: str) -> None:
    meeting = make_meeting(riverside)
    if state == "off":
        services.cancel(meeting=meeting, actor=None, reason="Flood.")
    for act in (services.schedule, services.open_doors, services.call_to_order, services.recess)[
        : {"scheduled": 1, "doors": 2, "session": 3, "recess": 4, "over": 3}.get(state, 0)
    ]:
        act(meeting=meeting, actor=None)
    if state == "over":
        services.adjourn(meeting=meeting, actor=None)
    page = desk.get(f"/meetings/{meeting.pk}/cockpit/").content.decode()
    drive = page.split('id="drive"')[1].split('id="prepare"')[0]
    assert drive.count('class="btn large"') == 1


def test_the_doors_open_two_hours_before_the_meeting_at_the_earliest(
    client: Client, riverside: Assembly, bao: Membership
) -> None:
    begins = timezone.now() + timedelta(days=2)
    meeting = announced(riverside, starts_at=begins)
    with pytest.raises(MeetingRefused, match=r"two hours before the meeting begins\. If people come earlier, move"):
        services.open_doors(meeting=meeting, actor=None)
    with pytest.raises(MeetingRefused, match="two hours before"):
        services.open_doors(meeting=meeting, actor=None, at=begins - timedelta(hours=2, seconds=1))
    client.force_login(bao.user)
    page = client.get(f"/meetings/{meeting.pk}/cockpit/").content.decode()
    assert f'href="/meetings/{meeting.pk}/edit/"' in page  # the way to move the beginning
    assert "Move the beginning" in page
    assert "Open the doors" not in page
    refused = client.post(f"/meetings/{meeting.pk}/open-doors/")
    assert refused.status_code == 409
    assert "two hours before the meeting begins" in refused.content.decode()

    services.edit_meeting(meeting=meeting, actor=bao.user, starts_at=timezone.now() + timedelta(minutes=110))
    assert "Open the doors" in client.get(f"/meetings/{meeting.pk}/cockpit/").content.decode()
    assert services.open_doors(meeting=meeting, actor=None).state == "doors_open"
