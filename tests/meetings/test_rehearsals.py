"""Rehearsals: a private copy, simulated people who are told apart, and nothing of it in the real assembly."""

import asyncio
import random

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from assemblies.models import Assembly, Membership, Role
from live import rights
from meetings import jobs as mails
from meetings import services
from meetings.access import meeting_in_reach
from meetings.models import Meeting, MeetingState
from meetings.rehearsal import jobs as crowds
from meetings.rehearsal.crowd import Paper, Simulated, Told, simulate
from meetings.rehearsal.phones import Server
from meetings.services import MeetingRefused, rehearsals
from tests.meetings.evening import announced, fresh, in_session, item, kinds, put_to_the_vote
from voting.models import Secrecy
from voting.owners import owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(riverside: Assembly, bao: Membership) -> Meeting:
    found = announced(riverside, quorum_needed=3)
    first = item(found, 1)
    motion = services.put_motion(item=first, title="Later", text="Open until ten.", actor=None)
    services.add_poll(
        item=first, template="yes_no", question="Later?", motion=motion, threshold=services.TWO_THIRDS,
        secrecy=Secrecy.SECRET, actor=None,
    )  # fmt: skip
    services.add_poll(item=item(found, 2), template="ranked", question="Which?", options=["Well", "Tree"], actor=None)
    return fresh(found)


@pytest.fixture
def copy(meeting: Meeting) -> Meeting:
    return rehearsals.clone_for_rehearsal(meeting=meeting, attendees=4, actor=None)


def test_the_copy_has_the_agenda_the_motions_and_the_votes_as_planned(meeting: Meeting, copy: Meeting) -> None:
    assert (copy.rehearses, copy.state, copy.quorum_needed) == (meeting, MeetingState.SCHEDULED, 3)
    assert copy.join_code != meeting.join_code
    titles = [list(one.items.order_by("position").values_list("title", flat=True)) for one in (meeting, copy)]
    assert titles[0] == titles[1]
    motion = item(copy, 1).motions.get()
    held = item(copy, 1).item_polls.get()
    assert (motion.text, held.motion, held.poll.question) == ("Open until ten.", motion, "Later?")
    assert held.poll.rule_parameters["threshold"] == "2/3"
    assert held.poll.secrecy == Secrecy.CONFIDENTIAL  # a secret vote needs two people, and one rehearses
    ranked = item(copy, 2).item_polls.get().poll
    assert [option.title for option in ranked.options.order_by("position")] == ["Well", "Tree"]


@pytest.mark.parametrize("public", [True, False])
def test_one_meeting_is_in_reach_of_the_same_people_as_all_meetings(
    meeting: Meeting, copy: Meeting, amina: Membership, bao: Membership, chidi: Membership, public: bool
) -> None:
    Assembly.objects.filter(pk__in=[meeting.assembly_id, copy.assembly_id]).update(is_public=public)
    simulated = User.objects.filter(email__contains="simulated.").first()
    assert simulated is not None
    found = {}
    for user in (amina.user, bao.user, chidi.user, simulated, AnonymousUser()):
        reached = set(Meeting.objects.in_reach_of(user))
        assert {one for one in (meeting, copy) if meeting_in_reach(user, one.pk) is not None} == reached
        found[str(user)] = len(reached)
    assert set(found.values()) == ({1, 2} if public else {0, 1, 2})


def test_the_simulated_people_are_told_apart_and_are_in_no_real_register(
    riverside: Assembly, meeting: Meeting, copy: Meeting, bao: Membership
) -> None:
    people = rehearsals.simulated_people(copy)
    assert len(people) == 4
    assert all(person.email.endswith("@rehearsal.invalid") for person in people)
    assert all(person.name.startswith("Simulated person ") for person in people)
    assert not riverside.memberships.filter(user__in=people).exists()
    members = copy.assembly.memberships.exclude(user__in=people)
    assert [(member.user, member.roles) for member in members] == [(bao.user, [Role.FACILITATOR])]


def test_nobody_but_those_who_run_meetings_sees_it(
    client: Client, riverside: Assembly, copy: Meeting, amina: Membership, bao: Membership, chidi: Membership
) -> None:
    for member in (amina, chidi):
        client.force_login(member.user)
        assert client.get(copy.get_absolute_url()).status_code == 404
        assert "Rehearsal" not in client.get("/a/riverside/meetings/").content.decode()
    client.force_login(bao.user)
    page = client.get(copy.get_absolute_url()).content.decode()
    assert "This is a rehearsal." in page
    assert "Its people are simulated" in page


def role_of(user: User, address: str) -> str | None:
    """As which audience this person may watch."""
    found = rights.audience_of(address, user, "en")
    return found.role if found else None


def test_who_does_not_run_the_meeting_any_more_does_not_run_its_rehearsal(
    client: Client, riverside: Assembly, copy: Meeting, bao: Membership
) -> None:
    services.open_doors(meeting=copy, actor=None)
    copy = services.call_to_order(meeting=fresh(copy), actor=None)
    services.advance(meeting=copy, to=item(copy, 1), actor=None)
    poll = item(copy, 1).item_polls.get().poll
    url = f"/meetings/{copy.pk}/"
    client.force_login(bao.user)
    assert [client.get(f"{url}{page}").status_code for page in ("", "live/", "cockpit/")] == [200, 200, 200]
    assert role_of(bao.user, copy.cockpit_topic) == "facilitator"
    assert owner_of(poll).may(bao.user, "close", poll)
    assert [member.user for member in owner_of(poll).people(poll, "close")] == [bao.user]

    Membership.objects.filter(pk=bao.pk).update(roles=[])

    lost = User.objects.get(pk=bao.user_id)
    assert [client.get(f"{url}{page}").status_code for page in ("", "live/", "cockpit/")] == [404, 404, 404]
    assert client.post(f"{url}adjourn/").status_code == 404
    assert role_of(lost, copy.cockpit_topic) is None
    assert role_of(lost, copy.topic) is None
    assert not owner_of(poll).may(lost, "close", poll)
    assert owner_of(poll).people(poll, "close") == []
    somebody = rehearsals.simulated_people(copy)[0]
    assert role_of(somebody, copy.topic) == "attendee"  # the crowd stays


def test_who_left_the_assembly_has_left_its_rehearsals(client: Client, copy: Meeting, bao: Membership) -> None:
    client.force_login(bao.user)
    Membership.objects.filter(pk=bao.pk).update(left_at=copy.created_at)
    assert client.get(copy.get_absolute_url()).status_code == 404


def test_a_rehearsal_is_not_rehearsed_and_has_a_size(riverside: Assembly, meeting: Meeting, copy: Meeting) -> None:
    with pytest.raises(MeetingRefused, match="rehearsal already"):
        rehearsals.clone_for_rehearsal(meeting=copy, attendees=4, actor=None)
    for size in (0, 2001):
        with pytest.raises(MeetingRefused, match="between 1 and"):
            rehearsals.clone_for_rehearsal(meeting=meeting, attendees=size, actor=None)
    with pytest.raises(MeetingRefused, match="no rehearsal"):
        rehearsals.remove_rehearsal(meeting=meeting, actor=None)
    with pytest.raises(MeetingRefused, match="rehearsals only"):
        rehearsals.sign_in_simulated(meeting)


def test_a_removed_rehearsal_is_hidden_and_kept(
    client: Client, meeting: Meeting, copy: Meeting, bao: Membership
) -> None:
    client.force_login(bao.user)
    answer = client.post(f"/meetings/{copy.pk}/rehearsal/remove/")
    assert (answer.status_code, answer["Location"]) == (302, meeting.get_absolute_url())
    assert client.get(copy.get_absolute_url()).status_code == 404
    assert kinds(copy)[-1] == "rehearsal_removed"
    assert not User.objects.filter(email__endswith="@rehearsal.invalid", is_active=True).exists()


def test_a_rehearsal_that_is_on_is_closed_first(copy: Meeting) -> None:
    services.open_doors(meeting=copy, actor=None)
    services.call_to_order(meeting=fresh(copy), actor=None)
    with pytest.raises(MeetingRefused, match="Close the meeting first"):
        rehearsals.remove_rehearsal(meeting=fresh(copy), actor=None)


def test_bao_presses_the_button_and_the_crowd_is_ordered(
    client: Client, meeting: Meeting, bao: Membership, amina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered: list[object] = []
    monkeypatch.setattr("jobs.defer", lambda job, *given: ordered.append((job, *given)))
    client.force_login(amina.user)
    assert client.post(f"/meetings/{meeting.pk}/rehearse/").status_code == 403
    client.force_login(bao.user)
    assert "Rehearse with 50 simulated people" in client.get(meeting.get_absolute_url()).content.decode()
    assert client.get(f"/meetings/{meeting.pk}/rehearse/").status_code == 405
    answer = client.post(f"/meetings/{meeting.pk}/rehearse/")
    made = Meeting.objects.get(rehearses=meeting)
    assert answer["Location"] == made.get_absolute_url()
    assert len(rehearsals.simulated_people(made)) == 50
    assert ordered == [(crowds.bring_crowd, str(made.pk))]


def test_the_mails_of_a_rehearsal_go_to_nobody(copy: Meeting, monkeypatch: pytest.MonkeyPatch) -> None:
    services.open_doors(meeting=copy, actor=None)
    person = copy.assembly.memberships.get(user=rehearsals.simulated_people(copy)[0])
    services.check_in(meeting=copy, membership=person)
    ordered: list[object] = []
    monkeypatch.setattr("jobs.defer", lambda job, *given: ordered.append(job))
    mails.mail_minutes(str(copy.pk))
    assert ordered == []


def test_the_job_signs_the_crowd_in_and_out_again(copy: Meeting, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}

    async def pretend(server: Server, meeting_id: str, sessions: list[str], *, seconds: float) -> Told:
        seen.update(origin=server.origin, sessions=len(sessions), seconds=seconds)
        return Told()

    monkeypatch.setattr(crowds, "simulate", pretend)
    crowds.bring_crowd(str(copy.pk))
    assert seen == {"origin": "http://127.0.0.1:8000", "sessions": 4, "seconds": 1800.0}
    assert not Session.objects.exists()
    seen.clear()
    Meeting.objects.filter(pk=copy.pk).update(state=MeetingState.CANCELLED)
    crowds.bring_crowd(str(copy.pk))
    assert not seen


def test_the_command_wants_a_meeting_that_there_is() -> None:
    with pytest.raises(CommandError, match="There is no meeting"):
        call_command("rehearse", "XXXXXX")  # the form of a join code, and of no meeting


KINDS = ("yes_no", "choose_one", "approval", "ranked", "score", "temperature", "consensus")


@pytest.mark.parametrize("kind", KINDS)
def test_simulated_people_can_fill_in_every_kind_of_paper(
    client: Client, riverside: Assembly, amina: Membership, kind: str
) -> None:
    meeting = in_session(riverside, amina)
    held = put_to_the_vote(meeting, kind)
    client.force_login(amina.user)
    paper = Paper(client.get(f"/meetings/{meeting.pk}/my-vote/").content.decode())
    sent: dict[str, list[str]] = {}
    for name, value in paper.filled_in(random.Random(3)):
        sent.setdefault(name, []).append(value)
    answer = client.post(paper.action.replace("/review/", "/cast/"), sent)
    assert answer.status_code in (200, 302), answer.content.decode()
    assert held.poll.turnout == 1


def test_nobody_answers_and_the_crowd_goes_home_in_the_end() -> None:
    told = asyncio.run(simulate(Server.at("http://127.0.0.1:9"), "0" * 8, ["session"] * 3, seconds=0.3))
    assert told.counts["no socket"] >= 3


def test_somebody_who_sees_that_it_is_over_goes() -> None:
    async def play() -> bool:
        person = Simulated(Server.at("http://127.0.0.1:9"), "0" * 8, "", None, Told(), 1)  # type: ignore[arg-type]
        person.frame_arrived(0.0, b'{"seq": 3, "panels": {"now": "<i data-session=\\"adjourned\\"></i>"}}')
        return person.is_over.is_set()

    assert asyncio.run(play())


def test_a_fixed_quorum_is_one_that_the_simulated_people_can_reach(riverside: Assembly, bao: Membership) -> None:
    copy = rehearsals.clone_for_rehearsal(meeting=announced(riverside, quorum_needed=80), attendees=5, actor=None)
    assert copy.quorum_needed == 4
