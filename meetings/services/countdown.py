# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ten seconds on every screen before a vote closes, so that nobody is cut off. They can be stopped.

When they are over the server closes the vote: the worker does, or whoever asks for a page of the meeting first.
No browser has to stay for it.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

import jobs
from accounts.models import User
from meetings.models import ItemPoll, Meeting
from voting import services as voting
from voting.models import Poll, PollState

from .acts import MeetingRefused, clock, lock_item, record

logger = logging.getLogger(__name__)
COUNTDOWN = timedelta(seconds=10)


@jobs.job(retries=5)
def close_after_countdown(poll_id: str) -> None:
    """The vote is closed if its ten seconds are over: they may have been stopped, or begun anew."""
    held = ItemPoll.objects.select_related("poll").filter(poll__pk=UUID(poll_id), poll__state=PollState.OPEN).first()
    if held is not None:
        close_one(held)


@transaction.atomic
def start_closing(
    *, item_poll: ItemPoll, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> ItemPoll:
    """Everybody sees that the vote closes in ten seconds."""
    meeting, item = lock_item(item_poll.item, expected_version=expected_version)
    held = _open(item_poll)
    if held.closing_at is not None:
        raise MeetingRefused(_("This vote is closing already."))
    at = clock(at)
    held.closing_at, held.closing_from = at + COUNTDOWN, held.poll.turnout
    held.save(update_fields=["closing_at", "closing_from"])
    jobs.defer_at(held.closing_at, close_after_countdown, str(held.poll_id))
    data = {"item": str(item.pk), "poll": str(held.poll_id), "turnout": held.closing_from}
    record(meeting, "poll_closing", actor=actor, at=at, data=data)
    return held


@transaction.atomic
def cancel_closing(
    *, item_poll: ItemPoll, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> ItemPoll:
    """The vote stays open: people are still voting."""
    meeting, item = lock_item(item_poll.item, expected_version=expected_version)
    held = _open(item_poll)
    if held.closing_at is None:
        raise MeetingRefused(_("This vote is not closing."))
    held.closing_at = held.closing_from = None
    held.save(update_fields=["closing_at", "closing_from"])
    data = {"item": str(item.pk), "poll": str(held.poll_id)}
    record(meeting, "poll_stays_open", actor=actor, at=clock(at), data=data)
    return held


def close_counted_down(meeting: Meeting, *, at: datetime | None = None) -> int:
    """Votes of the meeting whose ten seconds are over are closed; answers how many. Two at once do no harm."""
    running = ItemPoll.objects.filter(item__meeting=meeting, closing_at__isnull=False, poll__state=PollState.OPEN)
    if not running.exists():  # nearly always so, and every phone asks
        return 0
    return sum(close_one(held, at=at) for held in running.select_related("poll"))


def close_one(held: ItemPoll, *, at: datetime | None = None) -> bool:
    """Close this vote if its ten seconds are over; answers whether it did."""
    now = clock(at)
    if held.closing_at is None or held.closing_at > now:
        return False
    try:
        voting.close_poll(poll=held.poll, actor=None, at=now)
    except voting.PollRefused as refusal:  # somebody was faster, or it can be closed and not counted
        if Poll.objects.filter(pk=held.poll_id, state=PollState.CLOSING).exists():
            logger.error("Poll %s is closed and not counted: %s", held.poll_id, refusal)
        return False
    return True


def _open(item_poll: ItemPoll) -> ItemPoll:
    held = ItemPoll.objects.select_for_update(of=("self",)).select_related("poll__register").get(pk=item_poll.pk)
    if held.poll.state != PollState.OPEN:
        raise MeetingRefused(_("This vote is not open."))
    if held.poll.is_secret:
        raise MeetingRefused(_("Two people open, close and show a secret vote. Do it on the page of the vote."))
    return held
