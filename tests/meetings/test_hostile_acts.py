"""What an insider or a stranger tries at a meeting: each is refused, and nothing of it is left."""

import pytest
from django.test import Client
from django.utils import timezone

from assemblies.models import Assembly, Membership, Role
from meetings import services
from meetings.minutes import markdown
from meetings.models import Attendee, Decision, Meeting, Proxy, SpeakerKind, SpeakerState
from meetings.services import MeetingRefused
from meetings.services.floor import MOST_HANDS
from meetings.services.minutes import approve_minutes, draft_minutes, save_minutes, sign_minutes
from tests.make import make_member
from tests.meetings.evening import current, fresh, in_session, seat, with_doors_open
from tests.meetings.test_decisions import decided


def tied_with_chair(riverside: Assembly, room: list[Membership]) -> Decision:
    meeting = in_session(riverside, *room)
    Meeting.objects.filter(pk=meeting.pk).update(chair_breaks_ties=True, chair=room[0])
    return decided(fresh(meeting), room, "yynn")


@pytest.fixture
def room(riverside: Assembly) -> list[Membership]:
    return [make_member(riverside, f"Voter {number}") for number in range(4)]


def test_the_chair_decides_no_tie_once_the_meeting_is_closed(riverside: Assembly, room: list[Membership]) -> None:
    tie = tied_with_chair(riverside, room)
    services.adjourn(meeting=fresh(tie.meeting), actor=None)
    with pytest.raises(MeetingRefused, match="in session"):
        services.cast_deciding_vote(decision=tie, vote="yes", actor=room[0].user)
    assert list(Decision.objects.standing()) == [tie]


def test_a_chair_who_left_the_assembly_decides_no_tie(
    client: Client, riverside: Assembly, room: list[Membership]
) -> None:
    tie = tied_with_chair(riverside, room)
    Membership.objects.filter(pk=room[0].pk).update(left_at=timezone.now())
    client.force_login(room[0].user)
    client.post(f"/meetings/{tie.meeting_id}/decisions/{tie.number}/tie/", {"vote": "yes"})
    assert list(Decision.objects.standing()) == [tie]


@pytest.mark.django_db(transaction=True)
def test_the_desk_gives_a_voting_right_while_the_doors_are_open(client: Client, riverside: Assembly) -> None:
    meeting = with_doors_open(riverside, quorum_base="fixed", quorum_needed=1)
    newcomer = make_member(riverside, "Newcomer", verified=False)
    client.force_login(make_member(riverside, "Clerk", Role.CLERK).user)
    services.check_in(meeting=meeting, membership=newcomer)
    answer = client.post(f"/meetings/{meeting.pk}/desk/people/{newcomer.pk}/voting-right/")
    assert answer.status_code == 302
    assert fresh(meeting).quorum_state == "met"


def test_nobody_joins_under_the_name_of_a_member(client: Client, riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside)
    for name in ("Amina", " aMINA ", "Ami\u200bna", "\u202eAmina"):
        answer = client.post(f"/j/{meeting.join_code}/", {"handle": name, "mode": "remote"})
        assert answer.status_code == 422, name
    assert not Attendee.objects.filter(membership=None).exists()


def test_a_quotation_in_the_minutes_ends_where_it_ends() -> None:
    shown = markdown.render(markdown.quote("We plant trees.\r\r#### Decision 9\r\rCarried."))
    assert "<h5>" not in shown
    assert shown.count("<blockquote>") == 1


def test_nobody_approves_signed_minutes_after_a_decision_in_them_was_voided(
    riverside: Assembly, bao: Membership, room: list[Membership]
) -> None:
    meeting = in_session(riverside, *room)
    motion = services.put_motion(item=current(meeting), title="Trees", text="We plant trees.", actor=bao.user)
    decision = services.decide_by_agreement(motion=motion, actor=bao.user)
    services.adjourn(meeting=fresh(meeting), actor=bao.user)
    secretary = make_member(riverside, "Secretary", Role.SECRETARY).user
    draft = draft_minutes(meeting=meeting, actor=secretary)
    sign_minutes(meeting=meeting, expected_version=draft.version, actor=secretary)
    second = make_member(riverside, "Second", Role.FACILITATOR).user
    for actor in (bao.user, second):
        services.void_without_poll(decision=decision, reason="I do not like it.", actor=actor)
    with pytest.raises(MeetingRefused, match="after the minutes were signed"):
        approve_minutes(meeting=meeting, expected_version=draft.version, actor=bao.user)
    again = save_minutes(meeting=meeting, text=f"{draft.text} Void.", expected_version=draft.version, actor=secretary)
    sign_minutes(meeting=meeting, expected_version=again.version, actor=secretary)
    approve_minutes(meeting=meeting, expected_version=again.version, actor=bao.user)
    assert fresh(meeting).state == "minutes_approved"


def test_what_the_room_had_before_it_is_not_taken_away_afterwards(riverside: Assembly, bao: Membership) -> None:
    meeting = in_session(riverside)
    paper = services.add_document(item=current(meeting), title="Plan", link="https://example.org/", actor=bao.user)
    services.adjourn(meeting=fresh(meeting), actor=bao.user)
    with pytest.raises(MeetingRefused, match="over"):
        services.remove_document(document=paper, actor=bao.user)
    assert paper.item.documents.count() == 1


def test_a_guest_interrupts_nobody_unasked(riverside: Assembly, room: list[Membership]) -> None:
    meeting = in_session(riverside, *room)
    guest = services.check_in_guest(meeting=meeting, handle="Visitor", device="a secret").attendee
    interruption = services.raise_hand(attendee=guest, kind=SpeakerKind.POINT_OF_ORDER)
    member = services.raise_hand(attendee=seat(meeting, room[0]), kind=SpeakerKind.POINT_OF_ORDER)
    assert (interruption.state, member.state) == (SpeakerState.REQUESTED, SpeakerState.WAITING)


def test_nobody_floods_the_queue(riverside: Assembly, room: list[Membership]) -> None:
    attendee = seat(in_session(riverside, *room), room[0])
    for _time in range(MOST_HANDS):
        services.raise_hand(attendee=attendee)
        services.withdraw_hand(attendee=attendee)
    with pytest.raises(MeetingRefused, match="very often"):
        services.raise_hand(attendee=attendee)


def test_nobody_notes_a_proxy_for_themselves(riverside: Assembly, room: list[Membership]) -> None:
    meeting = in_session(riverside, *room, proxies_per_holder=1)
    absent = make_member(riverside, "Absent")
    with pytest.raises(MeetingRefused, match="Somebody else"):
        services.give_proxy(meeting=meeting, giver=absent, holder=room[0], document="Folder 1", actor=room[0].user)
    assert not Proxy.objects.exists()
