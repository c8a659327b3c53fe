"""The rights of everybody in a hall are asked for together: the same answers, and no more questions for more people."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from assemblies.models import Assembly, Membership, Role
from live import rights
from live.rights import Visitor
from live.topics import resolve
from meetings.models import Meeting
from tests.make import make_member
from tests.meetings.evening import announced


@pytest.fixture
def meeting(riverside: Assembly, bao: Membership) -> Meeting:
    return announced(riverside)


def everybody(assembly: Assembly, bao: Membership, chidi: Membership) -> list[Membership]:
    gone = make_member(assembly, "Dagny")
    Membership.objects.filter(pk=gone.pk).update(left_at=gone.joined_at)
    clerk = make_member(assembly, "Efua", Role.CLERK)
    return [bao, chidi, gone, clerk, make_member(assembly, "Farid")]


@pytest.mark.parametrize("kind", ["meeting", "cockpit", "screen", "desk"])
@pytest.mark.parametrize("public", [True, False])
def test_asked_together_or_one_by_one_the_answer_is_the_same(
    riverside: Assembly, bao: Membership, chidi: Membership, meeting: Meeting, kind: str, public: bool
) -> None:
    Assembly.objects.filter(pk=riverside.pk).update(is_public=public)
    people = everybody(riverside, bao, chidi)
    topic, id = resolve(f"{kind}/{meeting.pk}")
    alone = [topic.audience_of(User.objects.get(pk=one.user_id), id) for one in people]
    alone.append(topic.audience_of(AnonymousUser(), id))
    together = topic.roles_of([*(User.objects.get(pk=one.user_id) for one in people), AnonymousUser()], id)
    assert list(together) == alone
    if kind == "meeting":
        others = "public" if public else None
        assert alone == ["attendee", others, others, "attendee", "attendee", others]


def test_a_hundred_cost_no_more_questions_than_three(riverside: Assembly, meeting: Meeting) -> None:
    def questions(people: list[Membership]) -> int:
        asked = {(meeting.topic, Visitor(one.user_id, f"session of {one.user_id}")) for one in people}
        with CaptureQueriesContext(connection) as captured:
            assert set(rights.roles_now(asked).values()) == {"attendee"}
        return len(captured)

    few = [make_member(riverside, f"Early {number}") for number in range(3)]
    many = [make_member(riverside, f"Late {number}") for number in range(97)]
    assert questions(few) == questions([*few, *many]) == 3  # people, meeting, memberships
