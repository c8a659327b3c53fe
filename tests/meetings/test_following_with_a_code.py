"""Who holds a voter code for a meeting of a private assembly follows that meeting, as the public would, and nothing else."""

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assemblies.models import Assembly, Membership, Role
from live import rights
from live.frames import Audience
from meetings import services
from meetings.models import Meeting
from tests.make import make_member
from tests.meetings.evening import in_session, make_meeting, put_up
from voting.models import CodeBatch
from voting.services import credentials

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(harbour: Assembly) -> Meeting:
    """A meeting of a private co-op, in session."""
    return in_session(harbour, make_member(harbour, "Chair", Role.FACILITATOR))


def card_for(meeting: Meeting) -> tuple[CodeBatch, str]:
    """A printed code that is good for every vote of this meeting."""
    batch, (card,) = credentials.make_codes(
        poll=put_up(meeting).poll, batch_id=uuid.uuid4(), label="Guests", size=1, counts_once_entered=False, actor=None
    )
    return batch, card.code


def enter(client: Client, code: str) -> Client:
    client.get(reverse("voting:enter_code"))
    assert client.post(reverse("voting:enter_code"), {"code": code}).status_code == 302
    return client


def statuses(client: Client, meeting: Meeting) -> set[int]:
    pages = ("live/", "my-vote/", "my-place/", "my-hand/", "screen/", "scene/")
    found = {client.get(f"/meetings/{meeting.pk}/{page}").status_code for page in pages}
    return found | {client.get(f"/live/{name}/{meeting.pk}/").status_code for name in ("meeting", "screen")}


def watched(client: Client, topic: str) -> Audience | None:
    ((_visitor, audience),) = rights.admit_all([(topic, client.session.session_key, "en")])
    return audience


def test_the_holder_follows_what_the_public_may_see_and_no_more(client: Client, meeting: Meeting) -> None:
    assert statuses(client, meeting) == {404}
    _batch, code = card_for(meeting)
    enter(client, code)
    assert statuses(client, meeting) == {200}
    for topic in (meeting.topic, meeting.screen_topic):
        assert watched(client, topic) == Audience("public", "en")
    for topic in (meeting.cockpit_topic, meeting.desk_topic, f"assembly/{meeting.assembly_id}"):
        assert watched(client, topic) is None
    for page in ("", "decisions/", "desk/", "cockpit/", "minutes/"):
        assert client.get(f"/meetings/{meeting.pk}/{page}").status_code in (302, 404)  # to the sign-in, or nowhere
    assert client.get("/a/harbour/meetings/").status_code == 404
    assert "Go to the meeting" in client.get(reverse("voting:with_code")).content.decode()


def test_a_stranger_and_a_holder_for_another_meeting_find_nothing(
    client: Client, harbour: Assembly, meeting: Meeting, amina: Membership
) -> None:
    client.force_login(amina.user)
    assert statuses(client, meeting) == {404}
    assert watched(client, meeting.topic) is None
    services.adjourn(meeting=in_session(harbour, title="Last month"), actor=None)
    other = in_session(harbour, title="Another evening")
    _batch, code = card_for(other)
    holder = enter(Client(), code)
    assert statuses(holder, other) == {200}
    assert statuses(holder, meeting) == {404}
    assert watched(holder, meeting.topic) is None


def test_who_signs_in_is_no_holder_any_more(client: Client, meeting: Meeting, amina: Membership) -> None:
    _batch, code = card_for(meeting)
    enter(client, code)
    client.force_login(amina.user)
    assert statuses(client, meeting) == {404}


def test_a_draft_is_not_followed(client: Client, harbour: Assembly, meeting: Meeting) -> None:
    _batch, code = card_for(meeting)
    enter(client, code)
    assert statuses(client, make_meeting(harbour, title="A draft")) == {404}


@pytest.mark.parametrize("end", ["revoked", "entered elsewhere", "left"])
def test_screens_close_when_the_code_is_good_no_more(client: Client, meeting: Meeting, end: str) -> None:
    batch, code = card_for(meeting)
    enter(client, code)
    ((visitor, _audience),) = rights.admit_all([(meeting.topic, client.session.session_key, "en")])
    asked = {(meeting.topic, visitor), (meeting.cockpit_topic, visitor)}
    assert rights.roles_now(asked) == {(meeting.topic, visitor): "public", (meeting.cockpit_topic, visitor): None}
    if end == "revoked":
        credentials.revoke_codes(batch=batch, actor=None)
    elif end == "entered elsewhere":
        enter(Client(), code)
    else:
        client.session.flush()
    assert set(rights.roles_now(asked).values()) == {None}
    assert statuses(client, meeting) == {404}


def test_two_holders_are_told_apart(client: Client, meeting: Meeting) -> None:
    first_batch, first = card_for(meeting)
    services.add_item(meeting=meeting, title="Another", actor=None)
    _second_batch, second = card_for(meeting)
    devices = [enter(client, first), enter(Client(), second)]
    visitors = [v for v, _ in rights.admit_all([(meeting.topic, one.session.session_key, "en") for one in devices])]
    credentials.revoke_codes(batch=first_batch, actor=None)
    roles = rights.roles_now({(meeting.topic, visitor) for visitor in visitors})
    assert [roles[meeting.topic, visitor] for visitor in visitors] == [None, "public"]


def test_a_hundred_holders_cost_no_more_questions_than_two(meeting: Meeting) -> None:
    _batch, cards = credentials.make_codes(
        poll=put_up(meeting).poll,
        batch_id=uuid.uuid4(),
        label="Guests",
        size=100,
        counts_once_entered=False,
        actor=None,
    )
    keys = [enter(Client(), card.code).session.session_key for card in cards]

    def questions(some: list[str | None]) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as together:
            found = rights.admit_all([(meeting.topic, key, "en") for key in some])
        assert {audience for _visitor, audience in found} == {Audience("public", "en")}
        with CaptureQueriesContext(connection) as again:
            roles = rights.roles_now({(meeting.topic, visitor) for visitor, _audience in found})
        assert list(roles.values()) == ["public"] * len(some)
        return len(together), len(again)

    assert questions(keys[:2]) == questions(keys) == (3, 3)  # sessions, codes, meeting
