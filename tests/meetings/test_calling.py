"""Calling people to speak: who gets ready, who does not come, who may ask, and what the pages of the floor show."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assemblies.models import Assembly, Membership
from meetings import screens, services
from meetings.models import Attendee, Meeting, Queue, Scene, SpeakerEntry, SpeakerKind, SpeakerState
from meetings.services import MeetingRefused, StaleClick
from meetings.speaking_order import history, read_floor
from tests.make import make_member
from tests.meetings.evening import current, fresh, seat
from tests.meetings.speakers import three_in_session
from tests.once import made_once, parts_of_it

NOON = timezone.now()
TOPICS = {topic.name: topic for topic in screens.TOPICS}


def up(meeting: Meeting, member: Membership, **fields: Any) -> SpeakerEntry:
    return services.raise_hand(attendee=seat(meeting, member), **fields)


def names(meeting: Meeting) -> str:
    return " ".join(waiting.entry.attendee.user.name for waiting in read_floor(fresh(meeting)).waiting)  # type: ignore[union-attr]


def reasons(meeting: Meeting) -> list[str]:
    return [waiting.reason.code for waiting in read_floor(fresh(meeting)).waiting]


def state(entry: SpeakerEntry) -> str:
    entry.refresh_from_db()
    return entry.state


def rule(meeting: Meeting, *policies: str, **rules: Any) -> Meeting:
    services.set_speaking_rules(meeting=meeting, actor=None, speaking_policies=[*policies, "fifo"], **rules)
    return fresh(meeting)


world = made_once(three_in_session)  # and no place is safe unless a test says so
riverside, amina, bao, dagny, meeting = parts_of_it("riverside", "amina", "bao", "dagny", "meeting")


# Getting ready, and not coming


def test_who_is_called_gets_ready_and_comes_before_all_others(
    meeting: Meeting, amina: Membership, bao: Membership, dagny: Membership
) -> None:
    up(meeting, amina)
    ready = services.call_speaker(entry=up(meeting, bao), actor=None, starts=False)
    assert state(ready) == SpeakerState.CALLED
    with pytest.raises(MeetingRefused, match="Bao was called already"):
        services.call_speaker(entry=up(meeting, dagny), actor=None, starts=False)
    services.call_next(meeting=meeting, actor=None)
    assert state(ready) == SpeakerState.SPEAKING


@pytest.mark.parametrize("starts", [True, False])
def test_who_does_not_come_waits_at_the_end_once(
    meeting: Meeting, amina: Membership, bao: Membership, dagny: Membership, starts: bool
) -> None:
    missing = up(meeting, amina)
    up(meeting, bao)
    services.call_speaker(entry=missing, actor=None, starts=starts)
    services.no_show(entry=missing, actor=None)
    up(meeting, dagny)
    assert names(meeting) == "Bao Amina Dagny"  # behind those who had asked by then, before those who came later
    assert reasons(meeting)[1] == "sent_back"
    services.call_speaker(entry=missing, actor=None, starts=starts)
    services.no_show(entry=missing, actor=None)
    assert state(missing) == SpeakerState.NO_SHOW
    assert names(meeting) == "Bao Dagny"
    assert history(fresh(meeting)) == []
    with pytest.raises(MeetingRefused, match="was not called"):
        services.no_show(entry=missing, actor=None)


# Who may ask


def test_a_closed_list_takes_points_of_order_only(meeting: Meeting, amina: Membership, bao: Membership) -> None:
    waiting = up(meeting, bao)
    services.set_queue(item=current(meeting), queue=Queue.LIST_CLOSED, actor=None)
    with pytest.raises(MeetingRefused, match="list of speakers is closed"):
        up(meeting, amina)
    up(meeting, amina, kind=SpeakerKind.POINT_OF_ORDER)
    assert state(waiting) == SpeakerState.WAITING
    services.set_queue(item=current(meeting), queue=Queue.CLOSED, actor=None)
    with pytest.raises(MeetingRefused, match="Nobody can ask"):
        up(meeting, bao, kind=SpeakerKind.POINT_OF_ORDER)
    services.set_queue(item=current(meeting), queue=Queue.OPEN, actor=None)
    assert up(meeting, amina).state == SpeakerState.WAITING


def test_where_hands_are_admitted_points_of_order_get_through(
    meeting: Meeting, amina: Membership, bao: Membership, dagny: Membership
) -> None:
    meeting = rule(meeting, is_moderated=True)
    asked = up(meeting, amina)
    assert asked.state == SpeakerState.REQUESTED
    assert up(meeting, amina, kind=SpeakerKind.POINT_OF_ORDER).state == SpeakerState.WAITING
    with pytest.raises(MeetingRefused, match="not waiting"):
        services.call_speaker(entry=asked, actor=None)
    services.admit_hand(entry=asked, actor=bao.user)
    assert state(asked) == SpeakerState.WAITING
    with pytest.raises(MeetingRefused, match="does not wait to be admitted"):
        services.admit_hand(entry=asked, actor=bao.user)
    other = up(meeting, dagny)
    services.decline_hand(entry=other, actor=bao.user)
    assert state(other) == SpeakerState.DECLINED
    with pytest.raises(MeetingRefused, match="not waiting"):
        services.decline_hand(entry=other, actor=bao.user)


def test_somebody_without_a_phone_is_put_on_the_list(meeting: Meeting, amina: Membership, bao: Membership) -> None:
    meeting = rule(meeting, is_moderated=True)
    entry = services.raise_hand_for(attendee=seat(meeting, amina), actor=bao.user)
    assert (entry.state, entry.actor) == (SpeakerState.WAITING, bao.user)
    with pytest.raises(MeetingRefused, match="not checked in"):
        services.raise_hand_for(attendee=seat(meeting, make_member(meeting.assembly, "Emre")), actor=bao.user)


def test_a_guest_without_an_account_raises_a_hand(meeting: Meeting) -> None:
    guest = Attendee.objects.create(meeting=meeting, handle="Gerda from the bakery", created_at=NOON)
    meeting.attendances.create(attendee=guest, began_at=NOON)
    entry = services.raise_hand(attendee=guest)
    assert entry.actor is None
    services.call_speaker(entry=entry, actor=None)
    assert str(read_floor(fresh(meeting)).speaking.attendee) == "Gerda from the bakery (guest)"  # type: ignore[union-attr]


# What facilitators steer


def test_call_next_calls_whom_the_page_showed(meeting: Meeting, amina: Membership, bao: Membership) -> None:
    shown = up(meeting, amina)
    up(meeting, bao, kind=SpeakerKind.POINT_OF_ORDER)
    with pytest.raises(StaleClick, match="Somebody else is next"):
        services.call_next(meeting=meeting, actor=None, shown=shown.pk)
    assert state(shown) == SpeakerState.WAITING


def test_a_hand_makes_no_click_stale_and_a_call_does(meeting: Meeting, amina: Membership, bao: Membership) -> None:
    version = fresh(meeting).version
    entry = up(meeting, amina)
    services.call_speaker(entry=entry, actor=None, expected_version=version)
    with pytest.raises(StaleClick):
        services.finish_speaker(entry=entry, actor=None, expected_version=version)


def test_the_wall_follows_from_the_item_to_its_speaker_and_back(
    meeting: Meeting, amina: Membership, bao: Membership
) -> None:
    speech = services.call_speaker(entry=up(meeting, amina), actor=None)
    assert fresh(meeting).scene == Scene.SPEAKER
    question = services.call_speaker(entry=up(meeting, bao, kind=SpeakerKind.TECHNICAL), actor=None)
    services.finish_speaker(entry=question, actor=None)
    assert fresh(meeting).scene == Scene.SPEAKER
    services.finish_speaker(entry=speech, actor=None)
    assert fresh(meeting).scene == Scene.ITEM
    services.set_scene(meeting=meeting, scene=Scene.WELCOME, actor=None)
    services.call_speaker(entry=up(meeting, amina), actor=None)
    assert fresh(meeting).scene == Scene.WELCOME


# What the pages show


def rows(client: Client, meeting: Meeting, path: str, **data: Any) -> str:
    return client.get(f"/meetings/{meeting.pk}/speakers/{path}/", data).content.decode()


RULES = {"safe_places": "2", "speech_seconds": "90", "responses_per_speech": "0"}


def test_the_rules_are_chosen_and_read_in_plain_words(client: Client, meeting: Meeting, bao: Membership) -> None:
    client.force_login(bao.user)
    url = f"/meetings/{meeting.pk}/speakers/rules/"
    assert (
        "Nobody speaks a second time while somebody waits who has not spoken yet." in client.get(url).content.decode()
    )
    wrong = client.post(url, {**RULES, "speaking_policies": ["round_robin_groups"], "speech_seconds": "5"})
    assert wrong.status_code == 422
    assert "Groups can take turns only when people may say their group." in wrong.content.decode()
    assert client.post(url, {**RULES, "has_groups": "on", "group_names": "One"}).status_code == 422
    good = {**RULES, "speaking_policies": ["round_robin_groups", "first_timers_first"], "has_groups": "on"}
    assert client.post(url, {**good, "group_names": "North\nSouth\nNorth\n"}).status_code == 302
    kept = fresh(meeting)
    assert kept.speaking_policies == ["first_timers_first", "round_robin_groups", "fifo"]
    assert (kept.safe_places, kept.speech_seconds, kept.group_names) == (2, 90, ["North", "South"])
    assert client.post(url, RULES).status_code == 302
    assert fresh(meeting).group_names == []


def test_the_rules_are_put_in_another_order_by_buttons_alone(client: Client, meeting: Meeting, bao: Membership) -> None:
    client.force_login(bao.user)
    url = f"/meetings/{meeting.pk}/speakers/rules/"

    def order(html: str) -> list[str]:
        return re.findall(r'name="speaking_policies_order" value="(\w+)"', html)

    first, second, *rest = order(client.get(url).content.decode())
    typed = {**RULES, "speech_seconds": "77", "speaking_policies": [first, second], "has_groups": "on"}
    typed["group_names"] = "North\nSouth"
    answer = client.post(url, {**typed, "speaking_policies_order": [first, second, *rest], "move": f"{second} up"})
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert order(shown) == [second, first, *rest]
    assert 'value="77"' in shown
    assert "North\nSouth" in shown
    ticked = re.findall(r'<input[^>]*name="(speaking_policies|has_groups)"[^>]* checked', shown)
    assert ticked == ["speaking_policies", "speaking_policies", "has_groups"]
    assert fresh(meeting).speech_seconds != 77  # nothing is kept before the form is sent
    assert client.post(url, {**typed, "speaking_policies_order": order(shown)}).status_code == 302
    assert fresh(meeting).speaking_policies == [second, first, "fifo"]
    assert order(client.get(url).content.decode()) == [second, first, *rest]
    for wrong in ("", "nothing up", f"{second} sideways"):
        assert client.post(url, {**typed, "move": wrong}).status_code == 200


def test_a_facilitator_finds_who_is_there_and_nobody_else(
    client: Client, meeting: Meeting, bao: Membership, amina: Membership
) -> None:
    make_member(meeting.assembly, "Aminata")
    client.force_login(bao.user)
    found = rows(client, meeting, "find", q="ami")
    assert "Amina" in found
    assert "Aminata" not in found
    assert "Check them in at the desk first" in rows(client, meeting, "find", q="Zoe")
    url = f"/meetings/{meeting.pk}/speakers/add/{seat(meeting, amina).public_id}/"
    assert client.post(url, {"kind": "point_of_order", "version": fresh(meeting).version}).status_code == 302
    assert meeting.speakers.get().actor == bao.user


def test_who_spoke_how_long_is_for_everybody_and_names_are_for_members(
    client: Client, meeting: Meeting, amina: Membership
) -> None:
    meeting = rule(meeting, group_names=["North", "South"])
    services.choose_group(attendee=seat(meeting, amina), group="North")
    services.finish_speaker(entry=services.call_speaker(entry=up(meeting, amina), actor=None), actor=None)
    public = rows(client, meeting, "time")
    assert "Amina" not in public
    assert "North" not in public
    assert "when the meeting is over" in public
    client.force_login(amina.user)
    assert "Amina" in rows(client, meeting, "time")
    services.adjourn(meeting=meeting, actor=None)
    assert "fewer than five people" in rows(client, meeting, "time")
    assert "North" not in rows(client, meeting, "time")


def test_my_phone_tells_my_place_the_reason_and_my_turn(
    client: Client, meeting: Meeting, amina: Membership, bao: Membership
) -> None:
    client.force_login(amina.user)
    url = f"/meetings/{meeting.pk}/my-hand/"
    assert client.post(f"{url}raise/", {"kind": "shouting"}, headers={"hx-request": "true"}).status_code == 409
    up(meeting, bao)
    client.post(f"{url}raise/", {"kind": "point_of_order"})
    mine = client.get(url).content.decode()
    assert "Point of order goes first" in mine
    assert "<b data-my-place><bdi>1</bdi></b>" in mine
    services.call_next(meeting=meeting, actor=None)
    assert "You have the floor." in client.get(url).content.decode()
    assert 'data-limit="60"' in client.get(url).content.decode()


def test_the_public_follows_places_without_names(meeting: Meeting, amina: Membership) -> None:
    entry = up(meeting, amina)
    shown = TOPICS["meeting"].render(meeting.pk, "public", "en")["floor"]
    assert f'data-entry="{entry.pk}"' in shown
    assert "Amina" not in shown


@pytest.mark.parametrize(
    ("topic", "audience"), [("meeting", "attendee"), ("cockpit", "facilitator"), ("screen", "screen")]
)
def test_a_frame_costs_the_same_with_three_hands_and_with_twelve(
    riverside: Assembly, meeting: Meeting, topic: str, audience: str
) -> None:
    costs = []
    for crowd in (3, 9):
        for number in range(crowd):
            person = make_member(riverside, f"Person {number}")
            services.check_in(meeting=meeting, membership=person)
            up(meeting, person)
        with CaptureQueriesContext(connection) as captured:
            TOPICS[topic].render(meeting.pk, audience, "en")
        costs.append(len(captured))
    assert costs[0] == costs[1]
