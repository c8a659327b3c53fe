"""Of several facilitators one drives; another asks, and after half a minute without an answer takes over."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assemblies.models import Assembly, Membership, Role
from meetings import services
from meetings.models import Meeting
from meetings.services.driving import answer_driver, ask_to_drive, stop_driving
from tests.make import make_member
from tests.meetings.evening import announced, fresh, in_session, item, kinds


@pytest.fixture
def esi(riverside: Assembly) -> Membership:
    """The second facilitator."""
    return make_member(riverside, "Esi", Role.FACILITATOR)


@pytest.fixture
def driven(riverside: Assembly, bao: Membership) -> Meeting:
    """A meeting that Bao drives."""
    return ask_to_drive(meeting=in_session(riverside), actor=bao.user)


def test_who_opens_the_doors_drives(riverside: Assembly, bao: Membership) -> None:
    meeting = services.open_doors(meeting=announced(riverside), actor=bao.user)
    assert fresh(meeting).driver == bao.user


def test_the_driver_agrees(driven: Meeting, bao: Membership, esi: Membership) -> None:
    ask_to_drive(meeting=driven, actor=esi.user)
    assert fresh(driven).driver == bao.user
    answer_driver(meeting=driven, agrees=True, actor=bao.user)
    assert (fresh(driven).driver, fresh(driven).driver_asked) == (esi.user, None)
    assert kinds(driven)[-2:] == ["driver_asked", "driver_handed_over"]


def test_the_driver_stays(driven: Meeting, bao: Membership, esi: Membership) -> None:
    ask_to_drive(meeting=driven, actor=esi.user)
    answer_driver(meeting=driven, agrees=False, actor=bao.user)
    assert (fresh(driven).driver, fresh(driven).driver_asked) == (bao.user, None)


def test_without_an_answer_the_other_takes_over_after_half_a_minute(driven: Meeting, esi: Membership) -> None:
    asked = timezone.now()
    ask_to_drive(meeting=driven, actor=esi.user, at=asked)
    with pytest.raises(services.MeetingRefused, match="half a minute"):
        ask_to_drive(meeting=driven, actor=esi.user, at=asked + timedelta(seconds=29))
    ask_to_drive(meeting=driven, actor=esi.user, at=asked + timedelta(seconds=30))
    assert fresh(driven).driver == esi.user
    assert kinds(driven)[-1] == "driver_took_over"


def test_only_the_driver_answers(driven: Meeting, bao: Membership, esi: Membership) -> None:
    ask_to_drive(meeting=driven, actor=esi.user)
    with pytest.raises(services.MeetingRefused):
        answer_driver(meeting=driven, agrees=True, actor=esi.user)
    with pytest.raises(services.MeetingRefused, match="driving already"):
        ask_to_drive(meeting=driven, actor=bao.user)


def test_who_stops_leaves_the_wheel_to_who_asked_or_to_nobody(
    driven: Meeting, bao: Membership, esi: Membership
) -> None:
    ask_to_drive(meeting=driven, actor=esi.user)
    stop_driving(meeting=driven, actor=esi.user)
    assert fresh(driven).driver_asked is None
    stop_driving(meeting=driven, actor=bao.user)
    assert fresh(driven).driver is None
    with pytest.raises(services.MeetingRefused):
        stop_driving(meeting=driven, actor=bao.user)


def test_a_question_makes_no_click_of_the_driver_stale(driven: Meeting, bao: Membership, esi: Membership) -> None:
    version = fresh(driven).version
    ask_to_drive(meeting=driven, actor=esi.user)
    services.advance(meeting=driven, to=item(driven, 2), actor=bao.user, expected_version=version)


def test_the_server_lets_whoever_may_run_the_meeting_act(client: Client, driven: Meeting, esi: Membership) -> None:
    client.force_login(esi.user)
    assert client.post(f"/meetings/{driven.pk}/recess/", {"version": fresh(driven).version}).status_code == 302


def test_by_the_buttons(client: Client, driven: Meeting, bao: Membership, esi: Membership) -> None:
    client.force_login(esi.user)
    assert client.post(f"/meetings/{driven.pk}/drive/").status_code == 302
    client.force_login(bao.user)
    assert client.post(f"/meetings/{driven.pk}/drive/answer/", {"agrees": "1"}).status_code == 302
    assert fresh(driven).driver == esi.user
    assert client.post(f"/meetings/{driven.pk}/drive/answer/", {"agrees": "1"}).status_code == 409
    assert client.get(f"/meetings/{driven.pk}/drive/").status_code == 405
