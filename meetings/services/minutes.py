# SPDX-License-Identifier: AGPL-3.0-or-later
"""Minutes: drafted from what happened, corrected, signed by one person, approved by another, and frozen.

Every save is a new version and none is ever lost. With the approval nothing of the meeting changes any more.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

import jobs
from accounts.models import User
from assemblies.rights import RUN_MEETINGS, WRITE_MINUTES, people_with
from meetings.jobs import mail_minutes
from meetings.minutes.record import digest_of
from meetings.minutes.text import draft_of
from meetings.models import HandCount, ItemPoll, Meeting, MeetingState, Minutes
from voting.models import PollState

from .acts import MeetingRefused, StaleClick, clock, lock, record, require_state
from .floor import forget_groups

LONGEST_TEXT = 200_000
LONGEST_CORRECTIONS = 10_000
TELLS_OF_A_DECISION = ("decided", "decision_voided")
UNFINISHED = (PollState.OPEN, PollState.CLOSING, PollState.COUNTED, PollState.WITHHELD)


class StaleMinutes(StaleClick):
    """Somebody saved another version while this person was writing."""


@transaction.atomic
def draft_minutes(
    *, meeting: Meeting, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> Minutes:
    """The minutes say what the meeting noted itself. Drafted once more they are a new version; the others stay."""
    meeting = lock(meeting)
    require_state(
        meeting,
        MeetingState.ADJOURNED,
        MeetingState.MINUTES_DRAFT,
        otherwise=_("Close the meeting first, then write its minutes."),
    )
    _refuse_stale(meeting, expected_version)
    changes: dict[str, Any] = {"state": MeetingState.MINUTES_DRAFT} if meeting.state == MeetingState.ADJOURNED else {}
    return _add(meeting, draft_of(meeting), "minutes_drafted", actor, clock(at), **changes)


@transaction.atomic
def save_minutes(
    *, meeting: Meeting, text: str, expected_version: int, actor: User | None, at: datetime | None = None
) -> Minutes:
    """The minutes have one version more, which nobody has signed yet. The same text again changes nothing."""
    meeting = _being_written(meeting)
    last = _refuse_stale(meeting, expected_version)
    cleaned = text.replace("\r\n", "\n").strip() + "\n"
    if not cleaned.strip():
        raise MeetingRefused(_("The minutes are empty. Write at least a sentence."))
    if len(cleaned) > LONGEST_TEXT:
        raise MeetingRefused(_("The minutes are too long. Move long texts into documents of the items."))
    if last is not None and last.text == cleaned:
        return last
    return _add(meeting, cleaned, "minutes_saved", actor, clock(at))


@transaction.atomic
def sign_minutes(*, meeting: Meeting, expected_version: int, actor: User, at: datetime | None = None) -> Minutes:
    """This person stands for it that the last version is right."""
    meeting = _being_written(meeting)
    last = _refuse_stale(meeting, expected_version)
    if last is None:
        raise MeetingRefused(_("Write the minutes first."))
    if last.signed_at is not None:
        raise MeetingRefused(_("This version is signed already."))
    last.signed_by, last.signed_at = actor, clock(at)
    last.save(update_fields=["signed_by", "signed_at"])
    record(meeting, "minutes_signed", actor=actor, at=last.signed_at, data={"version": last.version})
    return last


@transaction.atomic
def approve_minutes(
    *, meeting: Meeting, expected_version: int, actor: User, corrections: str = "", at: datetime | None = None
) -> Minutes:
    """The minutes hold, with these corrections, and nothing of the meeting changes any more.

    Into which groups people had put themselves is forgotten before. Who attended gets a mail with the digest.
    """
    meeting = _being_written(meeting)
    last = _refuse_stale(meeting, expected_version)
    if last is None or last.signed_at is None:
        raise MeetingRefused(_("The secretary signs the minutes first. Then they can be approved."))
    if last.signed_by_id == actor.pk and not is_alone(meeting, actor):
        raise MeetingRefused(_("You signed these minutes yourself. Somebody else approves them."))
    _refuse_unfinished(meeting)
    _refuse_decided_since_signing(meeting)
    corrections = corrections.replace("\r\n", "\n").strip()
    if len(corrections) > LONGEST_CORRECTIONS:
        raise MeetingRefused(_("The list of corrections is too long. Change the minutes themselves instead."))
    at = clock(at)
    forget_groups(meeting)
    record(meeting, "minutes_approved", actor=actor, at=at, data={"version": last.version})
    last.meeting, last.corrections, last.approved_by, last.approved_at = meeting, corrections, actor, at
    last.digest = digest_of(last)
    last.save(update_fields=["corrections", "approved_by", "approved_at", "digest"])
    meeting.state = MeetingState.MINUTES_APPROVED  # after the event and the digest: from here on all of it is frozen
    meeting.save(update_fields=["state"])
    jobs.defer(mail_minutes, str(meeting.pk))
    return last


def is_alone(meeting: Meeting, user: User) -> bool:
    """Whether nobody but this person could sign or approve, so that one account has to do both."""
    others: set[UUID] = {
        member.user_id for right in (WRITE_MINUTES, RUN_MEETINGS) for member in people_with(right, meeting.assembly)
    }
    if meeting.chair is not None and meeting.chair.left_at is None:
        others.add(meeting.chair.user_id)
    return not others - {user.pk}


def last_version(meeting: Meeting) -> Minutes | None:
    """The version that counts; None while nobody has begun."""
    found = Minutes.objects.filter(meeting=meeting).select_related("written_by", "signed_by", "approved_by")
    return found.order_by("-version").first()


def _being_written(meeting: Meeting) -> Meeting:
    meeting = lock(meeting)
    require_state(meeting, MeetingState.MINUTES_DRAFT, otherwise=_("These minutes are not being written now."))
    return meeting


def _refuse_stale(meeting: Meeting, expected_version: int | None) -> Minutes | None:
    last = last_version(meeting)
    if expected_version is not None and expected_version != (last.version if last else 0):
        raise StaleMinutes(_("Somebody else saved another version of the minutes, so yours was not saved yet."))
    return last


def _refuse_unfinished(meeting: Meeting) -> None:
    """What is still to come of a vote could not be noted any more."""
    if ItemPoll.objects.filter(item__meeting=meeting, poll__state__in=UNFINISHED).exists():
        raise MeetingRefused(
            _("The result of a vote was not shown yet. Show it or declare the vote void, then approve the minutes.")
        )
    if HandCount.objects.filter(item__meeting=meeting, closed_at=None).exists():
        raise MeetingRefused(_("Hands are being counted. Wait for the tellers, or stop the count."))


def _refuse_decided_since_signing(meeting: Meeting) -> None:
    """Whoever signed stands for minutes that tell every decision as it is when they are frozen."""
    signed = meeting.events.filter(kind="minutes_signed").order_by("-seq").values_list("seq", flat=True).first()
    if signed is not None and meeting.events.filter(seq__gt=signed, kind__in=TELLS_OF_A_DECISION).exists():
        raise MeetingRefused(
            _(
                "Something was decided or declared void after the minutes were signed. Write it into them, then sign"
                " again."
            )
        )


def _add(meeting: Meeting, text: str, kind: str, actor: User | None, at: datetime, **changes: Any) -> Minutes:
    last = last_version(meeting)
    made = Minutes.objects.create(
        meeting=meeting, version=last.version + 1 if last else 1, text=text, written_by=actor, written_at=at
    )
    record(meeting, kind, actor=actor, at=at, data={"version": made.version}, **changes)
    return made
