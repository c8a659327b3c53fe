# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who drives: of several facilitators one steers and the others look on, so that nobody presses the same button twice.

This is a custom among facilitators that the screens keep up, not a right: the server lets everybody who may run the
meeting act, because whoever drives may fall ill or lose the line.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.models import Meeting

from .acts import MeetingRefused, clock, lock, record, refuse_when_over

PATIENCE = timedelta(seconds=30)  # without an answer whoever asked may take over


def asked_at(meeting: Meeting) -> datetime | None:
    """Since when somebody waits to drive; None when nobody does."""
    if meeting.driver_asked_id is None:
        return None
    asked = meeting.events.filter(kind="driver_asked").order_by("-seq")
    return asked.values_list("at", flat=True).first()


@transaction.atomic
def ask_to_drive(*, meeting: Meeting, actor: User, at: datetime | None = None) -> Meeting:
    """This person drives if nobody does or their question had no answer for half a minute; otherwise they ask."""
    meeting = lock(meeting)
    refuse_when_over(meeting)
    at = clock(at)
    if meeting.driver_id == actor.pk:
        raise MeetingRefused(_("You are driving already."))
    if meeting.driver_id is None:
        return _drives(meeting, actor, "driver_began", actor, at)
    if meeting.driver_asked_id == actor.pk:
        since = asked_at(meeting)
        if since is not None and at - since < PATIENCE:
            raise MeetingRefused(_("%(name)s was asked and has half a minute to answer.") % {"name": meeting.driver})
        return _drives(meeting, actor, "driver_took_over", actor, at)
    if meeting.driver_asked_id is not None:
        raise MeetingRefused(_("%(name)s has asked already.") % {"name": meeting.driver_asked})
    record(meeting, "driver_asked", actor=actor, at=at, steers=False, driver_asked=actor)
    return meeting


@transaction.atomic
def answer_driver(*, meeting: Meeting, agrees: bool, actor: User, at: datetime | None = None) -> Meeting:
    """Whoever drives hands over to the one who asked, or goes on driving."""
    meeting = lock(meeting)
    if meeting.driver_id != actor.pk or meeting.driver_asked is None:
        raise MeetingRefused(_("Nobody asks you to hand over."))
    at = clock(at)
    if agrees:
        return _drives(meeting, meeting.driver_asked, "driver_handed_over", actor, at)
    record(meeting, "driver_stays", actor=actor, at=at, steers=False, driver_asked=None)
    return meeting


@transaction.atomic
def stop_driving(*, meeting: Meeting, actor: User, at: datetime | None = None) -> Meeting:
    """Nobody drives, so that the next one who wants to can at once; or whoever asked takes back the question."""
    meeting = lock(meeting)
    at = clock(at)
    if meeting.driver_asked_id == actor.pk:
        record(meeting, "driver_not_asked", actor=actor, at=at, steers=False, driver_asked=None)
    elif meeting.driver_id == actor.pk and meeting.driver_asked is not None:
        return _drives(meeting, meeting.driver_asked, "driver_handed_over", actor, at)
    elif meeting.driver_id == actor.pk:
        record(meeting, "driver_stopped", actor=actor, at=at, steers=False, driver=None)
    else:
        raise MeetingRefused(_("You are not driving."))
    return meeting


def _drives(meeting: Meeting, who: User, kind: str, actor: User, at: datetime) -> Meeting:
    record(meeting, kind, actor=actor, at=at, steers=False, driver=who, driver_asked=None)
    return meeting
