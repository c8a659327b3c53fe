"""Minutes: drafted, saved, signed by one person and approved by another, frozen, and found out when altered."""

from typing import Any

import pgtrigger
import pytest
from django.core import mail
from django.db import ProgrammingError, connection, transaction

from assemblies.models import Assembly, Membership, Role
from jobs.testing import run_waiting
from meetings import services
from meetings.minutes import files, record
from meetings.models import (
    AgendaItem,
    Amendment,
    Attendance,
    Attendee,
    Decision,
    HandCount,
    ItemPoll,
    Meeting,
    MeetingEvent,
    MeetingState,
    Minutes,
    Motion,
    SpeakerEntry,
)
from meetings.services import MeetingRefused
from meetings.services import minutes as writing
from meetings.services.minutes import StaleMinutes
from tests.make import make_member
from tests.meetings.evening import fresh, in_session, kinds, put_to_the_vote, seat
from tests.meetings.whole_evening import approved, secretary_of, town_after_it
from tests.once import made_once, parts_of_it
from voting.services import PollRefused, void_poll

world = made_once(town_after_it)
riverside, amina, bao, meeting = parts_of_it("riverside", "amina", "bao", "evening")

FROZEN = "minutes are approved|pgtrigger: Cannot"


@pytest.fixture
def sena(riverside: Assembly) -> Membership:
    """Riverside's secretary."""
    return secretary_of(riverside)


def drafted(assembly: Assembly, writer: Membership) -> Meeting:
    """A short meeting that is over, with a first draft of its minutes."""
    meeting = services.adjourn(meeting=in_session(assembly), actor=None)
    writing.draft_minutes(meeting=meeting, actor=writer.user)
    return fresh(meeting)


def test_only_a_meeting_that_is_over_has_minutes(riverside: Assembly, sena: Membership) -> None:
    meeting = in_session(riverside)
    with pytest.raises(MeetingRefused, match="Close the meeting first"):
        writing.draft_minutes(meeting=meeting, actor=sena.user)


def test_every_save_is_a_version_and_the_same_text_is_none(riverside: Assembly, sena: Membership) -> None:
    meeting = drafted(riverside, sena)
    assert meeting.state == MeetingState.MINUTES_DRAFT
    writing.save_minutes(meeting=meeting, text="# A\r\nB", expected_version=1, actor=sena.user)
    again = writing.save_minutes(meeting=meeting, text="# A\nB\n\n", expected_version=2, actor=sena.user)
    assert (again.version, again.text) == (2, "# A\nB\n")
    assert kinds(meeting)[-2:] == ["minutes_drafted", "minutes_saved"]


def test_empty_minutes_are_refused(riverside: Assembly, sena: Membership) -> None:
    meeting = drafted(riverside, sena)
    with pytest.raises(MeetingRefused, match="empty"):
        writing.save_minutes(meeting=meeting, text=" \n ", expected_version=1, actor=sena.user)


def test_who_writes_on_an_older_version_is_told(riverside: Assembly, sena: Membership) -> None:
    meeting = drafted(riverside, sena)
    writing.save_minutes(meeting=meeting, text="Mine", expected_version=1, actor=sena.user)
    with pytest.raises(StaleMinutes):
        writing.save_minutes(meeting=meeting, text="Yours", expected_version=1, actor=sena.user)
    with pytest.raises(StaleMinutes):
        writing.sign_minutes(meeting=meeting, expected_version=1, actor=sena.user)
    assert meeting.minutes.count() == 2


def test_drafting_again_keeps_what_was_written(riverside: Assembly, sena: Membership) -> None:
    meeting = drafted(riverside, sena)
    writing.save_minutes(meeting=meeting, text="Mine", expected_version=1, actor=sena.user)
    writing.draft_minutes(meeting=meeting, actor=sena.user, expected_version=2)
    texts = list(meeting.minutes.order_by("version").values_list("text", flat=True))
    assert texts[0] == texts[2]
    assert texts[1] == "Mine\n"


def test_unsigned_minutes_are_not_approved_and_a_new_version_is_unsigned(
    riverside: Assembly, sena: Membership, bao: Membership
) -> None:
    meeting = drafted(riverside, sena)
    with pytest.raises(MeetingRefused, match="signs the minutes first"):
        writing.approve_minutes(meeting=meeting, expected_version=1, actor=bao.user)
    writing.sign_minutes(meeting=meeting, expected_version=1, actor=sena.user)
    with pytest.raises(MeetingRefused, match="signed already"):
        writing.sign_minutes(meeting=meeting, expected_version=1, actor=sena.user)
    writing.save_minutes(meeting=meeting, text="Another", expected_version=1, actor=sena.user)
    with pytest.raises(MeetingRefused, match="signs the minutes first"):
        writing.approve_minutes(meeting=meeting, expected_version=2, actor=bao.user)


def test_nobody_approves_what_they_signed_while_there_is_somebody_else(
    riverside: Assembly, sena: Membership, bao: Membership
) -> None:
    meeting = drafted(riverside, bao)
    writing.sign_minutes(meeting=meeting, expected_version=1, actor=bao.user)
    with pytest.raises(MeetingRefused, match="signed these minutes yourself"):
        writing.approve_minutes(meeting=meeting, expected_version=1, actor=bao.user)
    assert fresh(meeting).state == MeetingState.MINUTES_DRAFT


def test_a_single_person_does_both_and_the_minutes_say_so(riverside: Assembly, bao: Membership) -> None:
    meeting = drafted(riverside, bao)
    done = approved_by_one(meeting, bao)
    assert done.is_by_one_person
    assert "Signed and approved by one person" in files.as_markdown(done)


def approved_by_one(meeting: Meeting, person: Membership) -> Minutes:
    writing.sign_minutes(meeting=meeting, expected_version=1, actor=person.user)
    return writing.approve_minutes(meeting=meeting, expected_version=1, actor=person.user)


def test_a_chair_who_could_approve_is_somebody_else(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    meeting = drafted(riverside, bao)
    Meeting.objects.filter(pk=meeting.pk).update(chair=amina)
    writing.sign_minutes(meeting=meeting, expected_version=1, actor=bao.user)
    with pytest.raises(MeetingRefused, match="Somebody else approves"):
        writing.approve_minutes(meeting=meeting, expected_version=1, actor=bao.user)
    writing.approve_minutes(meeting=meeting, expected_version=1, actor=amina.user)


def test_minutes_wait_for_a_result_that_was_not_shown(
    riverside: Assembly, sena: Membership, amina: Membership, bao: Membership
) -> None:
    meeting = in_session(riverside, amina)
    held = put_to_the_vote(meeting)
    services.close_item_poll(item_poll=held, actor=None)
    services.adjourn(meeting=fresh(meeting), actor=None)
    writing.draft_minutes(meeting=meeting, actor=sena.user)
    writing.sign_minutes(meeting=meeting, expected_version=1, actor=sena.user)
    with pytest.raises(MeetingRefused, match="was not shown yet"):
        writing.approve_minutes(meeting=meeting, expected_version=1, actor=bao.user)
    void_poll(poll=held.poll, reason="The question was wrong.", actor=bao.user)
    writing.approve_minutes(meeting=meeting, expected_version=1, actor=bao.user)


def test_groups_are_forgotten_and_corrections_stay(
    meeting: Meeting, sena: Membership, amina: Membership, bao: Membership
) -> None:
    Attendee.objects.filter(meeting=meeting, membership=amina).update(group="Tenants")
    done = approved(meeting, sena, bao, corrections="Item 1: read “noted”.\n\nItem 4: eleven.")
    assert not Attendee.objects.filter(meeting=meeting).exclude(group="").exists()
    assert files.corrections_of(done) == ["Item 1: read “noted”.", "Item 4: eleven."]
    assert "- Item 4: eleven." in files.as_markdown(done)


# Frozen


def test_approved_minutes_refuse_every_change_of_the_meeting(
    meeting: Meeting, sena: Membership, amina: Membership, bao: Membership
) -> None:
    approved(meeting, sena, bao)
    items, motions = AgendaItem.objects.filter(meeting=meeting), Motion.objects.filter(item__meeting=meeting)
    changes: list[tuple[Any, dict[str, Any]]] = [
        (Meeting.objects.filter(pk=meeting.pk), {"title": "Another"}),
        (MeetingEvent.objects.filter(meeting=meeting), {"kind": "edited"}),
        (items, {"outcome": "Another"}),
        (ItemPoll.objects.filter(item__meeting=meeting), {"is_straw": True}),
        (motions, {"adopted_text": "Another"}),
        (Amendment.objects.filter(motion__item__meeting=meeting), {"mover": "Another"}),
        (HandCount.objects.filter(item__meeting=meeting), {"question": "Another"}),
        (Decision.objects.filter(meeting=meeting), {"void_reason": "Another"}),
        (Attendee.objects.filter(meeting=meeting), {"is_excused": True}),
        (Attendance.objects.filter(meeting=meeting), {"end_reason": "Another"}),
        (SpeakerEntry.objects.filter(meeting=meeting), {"no_shows": 9}),
        (Minutes.objects.filter(meeting=meeting), {"corrections": "Another"}),
    ]
    for rows, change in changes:
        assert rows.exists(), rows.model
        with pytest.raises(ProgrammingError, match=FROZEN), transaction.atomic():
            rows.update(**change)
        with pytest.raises(ProgrammingError, match=FROZEN), transaction.atomic():
            rows.model.objects.filter(pk=rows.first().pk)._raw_delete(using="default")
    copied = items.first()
    assert copied is not None
    copied.pk, copied.position = None, 99
    with pytest.raises(ProgrammingError, match="minutes are approved"), transaction.atomic():
        copied.save(force_insert=True)
    with pytest.raises(ProgrammingError, match=FROZEN), transaction.atomic():
        MeetingEvent.objects.create(
            meeting=meeting, seq=fresh(meeting).event_seq + 1, kind="edited", at=meeting.starts_at
        )


def test_whoever_tries_hears_it_in_words(
    meeting: Meeting, sena: Membership, amina: Membership, bao: Membership
) -> None:
    approved(meeting, sena, bao)
    for act in (
        lambda: services.note_outcome(item=meeting.items.get(position=1), outcome="x", actor=None),
        lambda: services.blank(meeting=meeting, on=True, actor=None),
        lambda: writing.save_minutes(meeting=meeting, text="x", expected_version=1, actor=sena.user),
        lambda: writing.draft_minutes(meeting=meeting, actor=sena.user),
    ):
        with pytest.raises(MeetingRefused, match="minutes are approved"):
            act()
    poll = ItemPoll.objects.get(item__meeting=meeting).poll
    with pytest.raises(PollRefused, match="minutes are approved"):
        void_poll(poll=poll, reason="Too late.", actor=bao.user)


# The digest


def test_the_digest_is_the_same_again_and_the_file_carries_it(
    meeting: Meeting, sena: Membership, amina: Membership, bao: Membership
) -> None:
    done = approved(meeting, sena, bao)
    stored = Minutes.objects.get(pk=done.pk)
    assert record.digest_of(stored) == bytes(stored.digest or b"")
    for whole in (False, True):
        assert record.broken_in(record.export(stored, whole=whole)) == []


def test_how_things_stood_before_an_act_is_in_no_export(
    meeting: Meeting, sena: Membership, amina: Membership, bao: Membership
) -> None:
    """Undo keeps it with the event for ten seconds of use; the record of the evening does not need it."""
    assert meeting.events.filter(data__has_key="undo").exists()
    stored = Minutes.objects.get(pk=approved(meeting, sena, bao).pk)
    file = record.export(stored, whole=True)
    taken_up = [event for event in file["parts"]["events"] if event["kind"] == "item_taken_up"]
    assert taken_up
    assert all(set(event["data"]) == {"item", "left"} for event in taken_up)
    assert not any("undo" in event["data"] for event in file["parts"]["events"])
    assert record.broken_in(file) == []
    assert record.differing(file, stored) == []


ALTERED = {
    "meeting": "UPDATE meetings_meeting SET place = 'Elsewhere' WHERE id = %s",
    "text": "UPDATE meetings_minutes SET text = text || 'x' WHERE meeting_id = %s",
    "decision": "UPDATE meetings_decision SET sentence = 'Lost' WHERE meeting_id = %s AND number = 3",
    "event": "UPDATE meetings_meetingevent SET at = at + interval '1 second' WHERE meeting_id = %s AND seq = 9",
    "stay": "UPDATE meetings_attendance SET began_at = began_at - interval '1 second' WHERE meeting_id = %s",
    "person": "UPDATE meetings_attendee SET is_excused = true WHERE meeting_id = %s",
    "item": "UPDATE meetings_agendaitem SET outcome = 'x' WHERE meeting_id = %s AND position = 1",
    "motion": "UPDATE meetings_motion SET text = 'x' WHERE item_id IN"
    " (SELECT id FROM meetings_agendaitem WHERE meeting_id = %s)",
    "hands": "UPDATE meetings_handcount SET present = 99 WHERE item_id IN"
    " (SELECT id FROM meetings_agendaitem WHERE meeting_id = %s)",
    "who signed": "UPDATE meetings_minutes SET signed_by_id = approved_by_id WHERE meeting_id = %s",
}


@pytest.mark.parametrize("what", ALTERED)
def test_a_row_altered_behind_our_back_is_found(
    what: str, meeting: Meeting, sena: Membership, amina: Membership, bao: Membership
) -> None:
    done = approved(meeting, sena, bao)
    with pytest.raises(ProgrammingError, match=FROZEN), transaction.atomic():
        alter(what, meeting)
    with pgtrigger.ignore():  # whoever owns the database can do that; the digest outside is the answer
        alter(what, meeting)
    altered = Minutes.objects.select_related("meeting").get(pk=done.pk)
    assert record.digest_of(altered) != bytes(altered.digest or b"")


def test_nothing_altered_means_nothing_found(
    meeting: Meeting, sena: Membership, amina: Membership, bao: Membership
) -> None:
    """The switch of the test above: rewriting rows with what is in them already is no alteration."""
    done = approved(meeting, sena, bao)
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute("UPDATE meetings_decision SET sentence = sentence WHERE meeting_id = %s", [meeting.pk])
    same = Minutes.objects.select_related("meeting").get(pk=done.pk)
    assert record.digest_of(same) == bytes(same.digest or b"")


def alter(what: str, meeting: Meeting) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ALTERED[what], [meeting.pk])
        assert cursor.rowcount > 0


def test_nobody_s_name_or_account_is_in_the_file_for_everybody(
    meeting: Meeting, sena: Membership, amina: Membership, bao: Membership
) -> None:
    done = approved(meeting, sena, bao)
    public, whole = (files.as_json(done, whole=whole).decode() for whole in (False, True))
    seats = [str(pk) for pk in Attendee.objects.filter(meeting=meeting).values_list("public_id", flat=True)]
    accounts = [str(member.user_id) for member in (sena, amina, bao)]
    assert [one for one in [*seats, *accounts, "Loud Guest"] if one in public] == []
    assert all(one in whole for one in [*seats, *accounts, "Loud Guest"])


# Mails


def test_members_who_came_get_one_mail_each_with_the_check_number(
    riverside: Assembly, meeting: Meeting, sena: Membership, amina: Membership, bao: Membership
) -> None:
    make_member(riverside, "Stayed at home", Role.CLERK)
    seat(meeting, sena)  # known to the meeting, but never there
    done = approved(meeting, sena, bao)
    mail.outbox.clear()
    run_waiting()
    assert sorted(one.to[0] for one in mail.outbox) == sorted([amina.user.email, bao.user.email])
    assert done.check_number in mail.outbox[0].body
    assert f"/meetings/{meeting.pk}/minutes/" in mail.outbox[0].body
    assert mail.outbox[0].subject == "The minutes are approved: Spring assembly *2026*"
