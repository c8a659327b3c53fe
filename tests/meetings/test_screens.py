"""What phones, the cockpit and the projector show, and what it costs to draw it."""

import json
import re
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assemblies.models import Assembly, Membership, Role
from meetings import screens, services
from meetings.models import Meeting, Scene
from tests.make import make_assembly, make_member
from tests.meetings.evening import (
    announced,
    declare_void,
    fresh,
    fresh_poll,
    in_session,
    item,
    put_to_the_vote,
    seat,
    vote,
    with_doors_open,
)
from tests.once import made_once, parts_of_it


def two_evenings() -> dict[str, Model]:
    """Riverside and its people, after an evening of one item and a long one with more people."""
    riverside = make_assembly("Riverside")
    people = [make_member(riverside, "Amina"), make_member(riverside, "Bao", Role.FACILITATOR)]
    short = a_long_evening(riverside, *people, items=1)
    long = a_long_evening(riverside, *people, make_member(riverside, "Dagny"), items=4)
    return {"riverside": riverside, "amina": people[0], "bao": people[1], "short": short, "long": long}


world = made_once(two_evenings)
riverside, amina, bao, short, long = parts_of_it("riverside", "amina", "bao", "short", "long")

TOPICS = {topic.name: topic for topic in screens.TOPICS}
UNSIGNED = 'name="csrfmiddlewaretoken" value=""'
PAGE_OF = {"meeting": "live", "cockpit": "cockpit", "screen": "screen"}


def as_member(member: Membership | None) -> Client:
    client = Client()
    if member:
        client.force_login(member.user)
    return client


def panels(meeting: Meeting, topic: str = "meeting", audience: str = "attendee") -> str:
    """Everything that this audience sees now."""
    return "\n".join(TOPICS[topic].render(meeting.pk, audience, "en").values())


@pytest.mark.parametrize(("topic", "who"), [("meeting", "amina"), ("meeting", ""), ("cockpit", "bao"), ("screen", "")])
def test_a_pushed_panel_equals_that_of_a_fresh_page(
    riverside: Assembly, amina: Membership, bao: Membership, topic: str, who: str, request: pytest.FixtureRequest
) -> None:
    meeting = in_session(riverside, amina, bao)
    vote(put_to_the_vote(meeting, "approval", "What first?").poll, amina, "1")
    services.raise_hand(attendee=seat(meeting, amina))
    client = as_member(request.getfixturevalue(who) if who else None)

    def differing() -> list[str]:
        page = client.get(f"/meetings/{meeting.pk}/{PAGE_OF[topic]}/").content.decode()
        frame = json.loads(client.get(f"/live/{topic}/{meeting.pk}/?language=en").content)
        token = re.search(r'data-live-csrf="(\w+)"', page)
        assert token
        signed = f'name="csrfmiddlewaretoken" value="{token[1]}"'
        return [
            html
            for name, html in frame["panels"].items()
            if name != "words"  # on a page of its own
            and f'data-live-panel="{name}">{html.replace(UNSIGNED, signed)}</' not in page
        ]

    # They say how late it is, in minutes: should one pass between the page and the frame, it does not do so again.
    assert not differing() or not differing()


def test_a_page_that_asks_again_hears_nothing_new(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    client = as_member(amina)
    first = client.get(f"/live/meeting/{meeting.pk}/")
    again = client.get(f"/live/meeting/{meeting.pk}/", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304


def test_every_act_and_every_ballot_changes_the_state(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    meeting = in_session(riverside, amina, bao)
    seen = [screens.state(meeting.pk)]
    item_poll = put_to_the_vote(meeting, "approval", "What first?")
    seen.append(screens.state(meeting.pk))
    vote(item_poll.poll, amina, "1")
    seen.append(screens.state(meeting.pk))
    services.close_item_poll(item_poll=item_poll, actor=None)
    seen.append(screens.state(meeting.pk))
    assert len(set(seen)) == len(seen)


def test_the_phone_shows_the_item_then_turnout_then_the_result(
    riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    meeting = in_session(riverside, amina, bao)
    assert "Nothing to do now" in panels(meeting)
    item_poll = put_to_the_vote(meeting)
    assert f'data-vote="{item_poll.poll_id}" data-open="1"' in panels(meeting)
    vote(item_poll.poll, amina, "yes")
    assert '<span class="big"><bdi>1</bdi></span> of <bdi>2</bdi>' in panels(meeting)
    services.close_item_poll(item_poll=item_poll, actor=None)
    assert "The result comes when it is shown to the room" in panels(meeting)
    services.reveal_item_poll(item_poll=item_poll, actor=None)
    assert "Carried: 1 yes of 1 counted" in panels(meeting)


def test_the_running_tally_moves_on_phones_and_on_the_wall(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    item_poll = put_to_the_vote(meeting, "approval", "What first?", "Bench", "Well")
    for topic, audience in (("meeting", "attendee"), ("screen", "screen"), ("cockpit", "facilitator")):
        before = panels(meeting, topic, audience)
        assert "Open vote" in before or topic == "screen"
        assert "Bench" in before
    vote(item_poll.poll, amina, "2")
    for topic, audience in (("meeting", "attendee"), ("screen", "screen"), ("cockpit", "facilitator")):
        assert 'width="100.00%"' in panels(meeting, topic, audience)


def test_the_public_learns_no_names_from_the_queue(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    entry = services.raise_hand(attendee=seat(meeting, amina))
    assert "Amina" in panels(meeting)
    assert "Amina" not in panels(meeting, audience="public")
    services.call_speaker(entry=entry, actor=None)
    assert "Amina" not in panels(meeting, audience="public")


def test_the_wall_names_the_speaker_to_members_only(riverside: Assembly, amina: Membership, client: Client) -> None:
    meeting = in_session(riverside, amina)
    services.call_speaker(entry=services.raise_hand(attendee=seat(meeting, amina)), actor=None)
    wall = f"/meetings/{meeting.pk}/screen/"
    frame = f"/live/screen/{meeting.pk}/"
    assert b"Amina" in as_member(amina).get(wall).content
    assert b"Amina" in as_member(amina).get(frame).content
    assert b"Somebody is speaking" in client.get(wall).content
    assert b"Amina" not in client.get(wall).content
    assert b"Amina" not in client.get(frame).content


def test_a_vote_that_waits_is_known_to_facilitators_only(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    services.add_poll(item=item(meeting, 1), template="yes_no", question="A secret plan?", actor=None)
    assert "A secret plan?" in panels(meeting, "cockpit", "facilitator")
    assert "A secret plan?" not in panels(meeting)
    assert "A secret plan?" not in panels(meeting, "screen", "screen")
    assert b"A secret plan?" not in as_member(amina).get(f"/meetings/{meeting.pk}/").content


def test_the_wall_follows_the_meeting(riverside: Assembly, amina: Membership) -> None:
    meeting = with_doors_open(riverside, amina)
    welcome = panels(meeting, "screen", "screen")
    assert meeting.join_code in welcome
    assert "<svg aria-hidden" in welcome  # the code for cameras
    assert "style=" not in welcome
    services.call_to_order(meeting=meeting, actor=None)
    services.advance(meeting=meeting, to=item(meeting, 1), actor=None)
    assert "<h1>Welcome</h1>" in panels(meeting, "screen", "screen")
    item_poll = put_to_the_vote(fresh(meeting))
    vote(item_poll.poll, amina, "no")
    assert "of <bdi>1</bdi> have voted" in panels(meeting, "screen", "screen")
    services.close_item_poll(item_poll=item_poll, actor=None)
    services.reveal_item_poll(item_poll=item_poll, actor=None)
    assert "Lost: 0 yes of 1 counted" in panels(meeting, "screen", "screen")
    services.recess(meeting=meeting, actor=None)
    assert "<h1>Break</h1>" in panels(meeting, "screen", "screen")
    services.resume(meeting=meeting, actor=None)
    services.blank(meeting=meeting, on=True, actor=None)
    assert 'class="scene blank"' in panels(meeting, "screen", "screen")
    services.adjourn(meeting=meeting, actor=None)
    assert "Thank you for coming" in panels(meeting, "screen", "screen")


def test_the_wall_never_shows_an_older_result_while_a_new_vote_runs(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    first = put_to_the_vote(meeting)
    services.close_item_poll(item_poll=first, actor=None)
    services.reveal_item_poll(item_poll=first, actor=None)
    put_to_the_vote(meeting, "choose_one", "Which bench?")
    shown = panels(meeting, "screen", "screen")
    assert "Which bench?" in shown
    assert "No decision" not in shown + panels(meeting)


def test_a_void_vote_tells_why_and_shows_no_result(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    item_poll = put_to_the_vote(meeting)
    declare_void(item_poll, "Read out wrongly.")
    assert "Read out wrongly." in panels(meeting)
    assert "Read out wrongly." in panels(meeting, "cockpit", "facilitator")


def test_a_hidden_result_of_an_earlier_item_can_still_be_revealed(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    item_poll = put_to_the_vote(meeting)
    services.close_item_poll(item_poll=item_poll, actor=None)
    services.advance(meeting=meeting, to=item(meeting, 2), actor=None)
    assert "Show its result" in panels(meeting, "cockpit", "facilitator")
    services.reveal_item_poll(item_poll=item_poll, actor=None)
    assert fresh(meeting).scene == Scene.RESULT
    on_the_wall = panels(meeting, "screen", "screen")
    assert "No decision" in on_the_wall
    assert "Item <bdi>1</bdi>: Welcome" in on_the_wall
    assert "No decision" in panels(meeting)


# Who may watch


def test_who_may_watch_what(riverside: Assembly, amina: Membership, bao: Membership, chidi: Membership) -> None:
    draft, meeting = (
        services.create_meeting(assembly=riverside, title="Draft", actor=None, **times(announced(riverside))),
        announced(riverside),
    )
    assert TOPICS["meeting"].audience_of(amina.user, meeting.pk) == "attendee"
    assert TOPICS["meeting"].audience_of(chidi.user, meeting.pk) == "public"
    assert TOPICS["cockpit"].audience_of(bao.user, meeting.pk) == "facilitator"
    assert TOPICS["cockpit"].audience_of(amina.user, meeting.pk) is None
    for topic in ("meeting", "screen"):
        assert TOPICS[topic].audience_of(amina.user, draft.pk) is None


def times(meeting: Meeting) -> dict[str, Any]:
    return {"starts_at": meeting.starts_at, "planned_end_at": meeting.planned_end_at}


# What it costs


def queries_of(topic: str, audience: str, meeting_id: UUID) -> int:
    with CaptureQueriesContext(connection) as captured:
        TOPICS[topic].render(meeting_id, audience, "en")
    return len(captured)


def a_long_evening(assembly: Assembly, *people: Membership, items: int) -> Meeting:
    """So many items, each with a revealed vote, then one open vote and hands up."""
    meeting = in_session(assembly, *people, taken_up=0)
    for number in range(items):
        added = services.add_item(meeting=meeting, title=f"Item {number}", actor=None)
        services.advance(meeting=meeting, to=added, actor=None)
        item_poll = put_to_the_vote(meeting, "choose_one", f"Question {number}?")
        vote(item_poll.poll, people[0], "1")
        services.close_item_poll(item_poll=item_poll, actor=None)
        services.reveal_item_poll(item_poll=fresh_poll(item_poll), actor=None)
    put_to_the_vote(meeting, "approval", "Last question?")
    for person in people:
        services.raise_hand(attendee=seat(meeting, person))
    return fresh(meeting)


@pytest.mark.parametrize(
    ("topic", "audience", "most"),
    [("meeting", "attendee", 19), ("meeting", "public", 19), ("cockpit", "facilitator", 26), ("screen", "screen", 19)],
)
def test_a_frame_costs_the_same_after_a_long_evening(
    short: Meeting, long: Meeting, topic: str, audience: str, most: int
) -> None:
    assert queries_of(topic, audience, short.pk) == queries_of(topic, audience, long.pk) <= most


@pytest.mark.parametrize(("page", "most"), [("cockpit", 37), ("live", 40), ("", 24), ("agenda", 24)])
def test_a_page_costs_the_same_after_a_long_evening(
    short: Meeting, long: Meeting, bao: Membership, page: str, most: int
) -> None:
    costs = set()
    for meeting in (short, long):
        client = as_member(bao)
        url = f"/meetings/{meeting.pk}/{page}/".replace("//", "/")
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        costs.add(len(captured))
    assert len(costs) == 1
    assert costs.pop() <= most


def test_the_list_costs_the_same_however_many_meetings(riverside: Assembly, bao: Membership) -> None:
    client = as_member(bao)
    costs = set()
    for _round in range(2):
        for _number in range(3):
            announced(riverside)
            services.adjourn(meeting=in_session(riverside), actor=None)
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/a/riverside/meetings/").status_code == 200
        costs.add(len(captured))
    assert len(costs) == 1
    assert costs.pop() <= 12


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("taken_up", [1, 100], ids=["more to come", "last item"])
def test_the_cockpit_offers_to_close_the_meeting_once_whatever_waits(
    riverside: Assembly, amina: Membership, taken_up: int, waits: bool
) -> None:
    meeting = in_session(riverside, amina, taken_up=taken_up)
    if waits:
        services.raise_hand(attendee=seat(meeting, amina))
    assert panels(meeting, "cockpit", "facilitator").count('id="adjourn"') == 1
