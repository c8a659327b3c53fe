"""Stays: coming, stepping out, moving and leaving; each is kept, none overlaps, and only a person ends one."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.models import Attendance, AttendanceMode, AttendanceSource, Meeting
from meetings.services import MeetingRefused
from meetings.whereabouts import Place, whereabouts_of
from tests.meetings.evening import announced, fresh, in_session, kinds, put_to_the_vote, seat, with_doors_open
from voting.models import RegisterLine

ROOM, REMOTE = AttendanceMode.IN_ROOM, AttendanceMode.REMOTE


def place_of(meeting: Meeting, member: Membership) -> Place:
    return whereabouts_of(seat(meeting, member)).place


def test_where_somebody_is_follows_from_their_stays(riverside: Assembly, amina: Membership) -> None:
    meeting = with_doors_open(riverside)
    me = seat(meeting, amina)
    assert place_of(meeting, amina) == Place.EXPECTED
    services.excuse(meeting=meeting, membership=amina, actor=None)
    assert place_of(meeting, amina) == Place.EXCUSED
    services.check_in(meeting=meeting, membership=amina)
    assert place_of(meeting, amina) == Place.IN_ROOM
    services.move(attendee=me, mode=REMOTE)
    assert place_of(meeting, amina) == Place.REMOTE
    services.step_out(attendee=me)
    assert place_of(meeting, amina) == Place.STEPPED_OUT
    services.come_back(attendee=me)
    assert place_of(meeting, amina) == Place.REMOTE
    services.check_out(attendee=me)
    assert place_of(meeting, amina) == Place.DEPARTED
    services.check_in(meeting=meeting, membership=amina)
    services.revoke(attendee=me, reason="Sent in twice", actor=None)
    assert place_of(meeting, amina) == Place.REVOKED
    told = ["excused", "checked_in", "moved", "stepped_out", "came_back", "checked_out", "checked_in", "revoked"]
    assert kinds(meeting)[-8:] == told


def test_a_second_check_in_is_the_same_stay_and_no_event(riverside: Assembly, amina: Membership) -> None:
    meeting = with_doors_open(riverside)
    first = services.check_in(meeting=meeting, membership=amina, source=AttendanceSource.QR)
    before = kinds(meeting)
    assert services.check_in(meeting=meeting, membership=amina, mode=REMOTE) == first
    assert kinds(meeting) == before


def test_who_moves_ends_one_stay_and_begins_the_next_at_the_same_instant(
    riverside: Assembly, amina: Membership
) -> None:
    meeting = with_doors_open(riverside, amina)
    services.move(attendee=seat(meeting, amina), mode=REMOTE)
    first, second = Attendance.objects.filter(attendee__membership=amina).order_by("began_at")
    assert (first.end, first.ended_at, second.mode) == ("moved", second.began_at, "remote")
    services.move(attendee=seat(meeting, amina), mode=REMOTE)
    assert Attendance.objects.count() == 2


def test_overlapping_stays_are_refused_by_the_database(riverside: Assembly, amina: Membership) -> None:
    meeting = with_doors_open(riverside, amina)
    services.check_out(attendee=seat(meeting, amina))
    stay = Attendance.objects.get()
    assert stay.ended_at
    with pytest.raises(IntegrityError, match="stays_do_not_overlap"), transaction.atomic():
        Attendance.objects.create(
            meeting=meeting,
            attendee=stay.attendee,
            began_at=stay.began_at - timedelta(minutes=1),
            ended_at=stay.ended_at + timedelta(minutes=1),
            end="departed",
        )


def test_who_was_taken_off_the_list_comes_in_by_the_desk_alone(riverside: Assembly, amina: Membership) -> None:
    meeting = with_doors_open(riverside, amina)
    with pytest.raises(MeetingRefused, match="Say why"):
        services.revoke(attendee=seat(meeting, amina), reason=" ", actor=None)
    services.revoke(attendee=seat(meeting, amina), reason="Not the person on the pass", actor=None)
    assert Attendance.objects.get().end_reason == "Not the person on the pass"
    for source in (AttendanceSource.SELF, AttendanceSource.QR):
        with pytest.raises(MeetingRefused, match="The desk took you off"):
            services.check_in(meeting=meeting, membership=amina, source=source)
    services.check_in(meeting=meeting, membership=amina, source=AttendanceSource.DESK)
    assert place_of(meeting, amina) == Place.IN_ROOM


def test_who_is_here_is_not_excused_and_who_comes_is_not_any_more(riverside: Assembly, amina: Membership) -> None:
    meeting = announced(riverside)
    services.excuse(meeting=meeting, membership=amina, actor=None)
    services.open_doors(meeting=meeting, actor=None)
    services.check_in(meeting=meeting, membership=amina)
    assert not seat(meeting, amina).is_excused
    with pytest.raises(MeetingRefused, match="is here"):
        services.excuse(meeting=meeting, membership=amina, actor=None)


def test_who_was_never_excused_leaves_no_trace_of_being_asked_back(riverside: Assembly, amina: Membership) -> None:
    meeting = with_doors_open(riverside)
    before = kinds(meeting)
    with pytest.raises(MeetingRefused, match="was not excused"):
        services.excuse(meeting=meeting, membership=amina, excused=False, actor=None)
    assert not meeting.attendees.exists()
    services.excuse(meeting=meeting, membership=amina, actor=None)
    services.excuse(meeting=meeting, membership=amina, excused=False, actor=None)
    assert kinds(meeting) == [*before, "excused", "not_excused"]


def test_a_stranger_is_not_excused(riverside: Assembly, chidi: Membership) -> None:
    meeting = with_doors_open(riverside)
    with pytest.raises(MeetingRefused, match="members of this assembly"):
        services.excuse(meeting=meeting, membership=chidi, actor=None)
    assert not meeting.attendees.exists()


def test_stepping_out_takes_a_raised_hand_down(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    services.raise_hand(attendee=seat(meeting, amina))
    services.step_out(attendee=seat(meeting, amina))
    assert not meeting.speakers.in_line().exists()


def test_silence_ends_no_presence_and_the_end_of_the_meeting_ends_all(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside)
    long_ago = timezone.now() - timedelta(hours=3)
    services.check_in(meeting=meeting, membership=amina, at=long_ago)
    assert Attendance.objects.present().filter(attendee__membership=amina).exists()
    services.adjourn(meeting=meeting, actor=None)
    assert Attendance.objects.get().end == "adjourned"


def test_number_8_who_comes_after_the_opening_does_not_vote_and_who_leaves_still_may(
    riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    meeting = in_session(riverside, amina)
    poll = put_to_the_vote(meeting).poll
    services.check_in(meeting=meeting, membership=bao)
    services.check_out(attendee=seat(meeting, amina))
    poll.refresh_from_db()
    assert [line.membership for line in RegisterLine.objects.filter(register=poll.register)] == [amina]
    assert poll.entitled == 1


def test_who_never_came_cannot_leave_or_come_back(riverside: Assembly, amina: Membership) -> None:
    meeting = with_doors_open(riverside)
    me = seat(meeting, amina)
    for act in (services.check_out, services.step_out):
        with pytest.raises(MeetingRefused, match="not checked in"):
            act(attendee=me)
    with pytest.raises(MeetingRefused, match="not here yet"):
        services.come_back(attendee=me)
    assert fresh(meeting).event_seq == len(kinds(meeting))
