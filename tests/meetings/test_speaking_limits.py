"""S7 of the speaking queue: how often and how long one person, and one group together, may speak on one item."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.floor_forms import LIMITS, RulesForm
from meetings.models import Meeting, SpeakerKind
from meetings.services import MeetingRefused
from meetings.situation import look
from meetings.speaking_limits import limits_of
from tests.meetings.evening import fresh, in_session, item, seat
from tests.meetings.speakers import names, rule, up

NOON = datetime(2031, 1, 10, 12, tzinfo=timezone.get_default_timezone())


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def meeting(riverside: Assembly, amina: Membership, bao: Membership, dagny: Membership) -> Meeting:
    """In session, with three people, and no place safe."""
    return rule(in_session(riverside, amina, bao, dagny), safe_places=0)


def speak(meeting: Meeting, member: Membership, begins: float, seconds: float) -> None:
    entry = services.call_speaker(entry=up(meeting, member, at=at(begins)), actor=None, at=at(begins))
    services.finish_speaker(entry=entry, actor=None, at=at(begins + seconds))


def test_nobody_asks_for_more_speeches_than_the_meeting_allows(
    meeting: Meeting, amina: Membership, bao: Membership
) -> None:
    meeting = rule(meeting, turns_per_item=2)
    for begins in (0, 100):
        speak(meeting, amina, begins, 10)
    with pytest.raises(MeetingRefused, match="Everybody may speak 2 times on this item, and you have"):
        up(meeting, amina, at=at(200))
    up(meeting, amina, kind=SpeakerKind.POINT_OF_ORDER, at=at(200))
    up(meeting, bao, at=at(200))
    services.raise_hand_for(attendee=seat(meeting, amina), actor=bao.user, at=at(201))  # the desk may
    assert names(meeting) == "Amina Bao Amina"
    services.advance(meeting=fresh(meeting), to=item(meeting, 2), actor=None, at=at(300))
    up(meeting, amina, at=at(301))  # another item, another count


def test_the_seconds_of_a_person_on_an_item_are_added_up(meeting: Meeting, amina: Membership) -> None:
    meeting = rule(meeting, person_seconds=120)
    speak(meeting, amina, 0, 119)
    speak(meeting, amina, 200, 300)  # over time is shown and never cut
    with pytest.raises(MeetingRefused, match="You have used your 2 minutes on this item"):
        up(meeting, amina, at=at(600))


def test_a_group_shares_its_time(meeting: Meeting, amina: Membership, bao: Membership, dagny: Membership) -> None:
    meeting = rule(meeting, group_names=["North", "South"], group_seconds=120)
    for member, group in ((amina, "North"), (bao, "North"), (dagny, "South")):
        services.choose_group(attendee=seat(meeting, member), group=group)
    speak(meeting, amina, 0, 60)
    speak(meeting, bao, 100, 60)
    for member in (amina, bao):
        with pytest.raises(MeetingRefused, match="The people of your group have used their 2 minutes"):
            up(meeting, member, at=at(300))
    up(meeting, dagny, at=at(300))


def test_the_limits_are_for_everybody_to_read(meeting: Meeting) -> None:
    meeting = rule(meeting, turns_per_item=1, person_seconds=300, group_seconds=600, group_names=["North", "South"])
    assert limits_of(meeting) == [
        "Everybody may speak 1 time on each item.",
        "Everybody may speak 5 minutes on each item in all.",
        "The people of one group may speak 10 minutes on each item together.",
    ]
    assert look(meeting.pk).speaking_limits == limits_of(meeting)
    assert limits_of(rule(meeting, turns_per_item=0, person_seconds=0, group_seconds=0)) == []


def test_the_limits_are_set_in_the_form(meeting: Meeting) -> None:
    given = {"speaking_policies": [], "safe_places": 1, "speech_seconds": 120, "responses_per_speech": 1}
    form = RulesForm({**given, "turns_per_item": 2, "person_seconds": ""}, meeting=meeting)
    assert form.is_valid(), form.errors
    assert [form.cleaned_data[name] for name in LIMITS] == [2, 0, 0]
    alone = RulesForm({**given, "group_seconds": 60}, meeting=meeting)
    assert "only when people may say their group" in str(alone.errors["group_seconds"])
