# SPDX-License-Identifier: AGPL-3.0-or-later
"""From an open poll to its result, once; and what may become of the result."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from voting import counting
from voting.models import Poll, PollState, Result
from voting.owners import owner_of

from .locks import lock_exclusively
from .records import record
from .refusals import PollRefused

logger = logging.getLogger(__name__)


def close_poll(*, poll: Poll, actor: User | None, at: datetime | None = None) -> Poll:
    """No ballot can come in any more, and the poll is counted. Runs again safely after a crash between the two."""
    with transaction.atomic():
        owner_of(poll).lock(poll)
        lock_exclusively(poll)
        poll = Poll.objects.select_for_update().get(pk=poll.pk)
        if poll.state == PollState.OPEN:
            poll.state, poll.closed_at = PollState.CLOSING, at or timezone.now()
            poll.save(update_fields=["state", "closed_at"])
            record(poll, "closed", actor, at=at, ballots=poll.turnout)
        elif poll.state != PollState.CLOSING:
            raise PollRefused(_("This poll is not open, so it cannot be closed."))
    return _count(poll=poll, at=at)


@transaction.atomic
def _count(*, poll: Poll, at: datetime | None = None) -> Poll:
    """The results are stored, once; then the poll is published or waits until it is revealed, as it said before."""
    owner_of(poll).lock(poll)
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    if poll.state != PollState.CLOSING:
        return poll
    results = [
        Result(poll=poll, is_binding=place == 0, counted_at=at or timezone.now(), **counted)
        for place, counted in enumerate(counting.count(poll))
    ]
    Result.objects.bulk_create(results)
    poll.state = PollState.COUNTED
    poll.save(update_fields=["state"])
    record(poll, "counted", None, at=at, results={result.rule: result.outcome_hash.hex() for result in results})
    if poll.published_at_close:
        return publish_poll(poll=poll, actor=None, at=at)
    poll.state = PollState.WITHHELD
    poll.save(update_fields=["state"])
    return poll


@transaction.atomic
def publish_poll(*, poll: Poll, actor: User | None, at: datetime | None = None) -> Poll:
    """The result is there for everybody who may see the poll."""
    owner_of(poll).lock(poll)
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    if poll.state not in (PollState.COUNTED, PollState.WITHHELD):
        raise PollRefused(_("There is no counted result to show."))
    poll.state, poll.published_at = PollState.PUBLISHED, at or timezone.now()
    poll.save(update_fields=["state", "published_at"])
    record(poll, "published", actor, at=at)
    return poll


@transaction.atomic
def void_poll(*, poll: Poll, actor: User | None, reason: str) -> Poll:
    """The poll decides nothing any more. Its ballots and results stay; the reason is public."""
    if not reason.strip():
        raise PollRefused(_("Say why this poll is void. Everybody can read the reason."))
    owner_of(poll).lock(poll)
    lock_exclusively(poll)
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    if poll.state in (PollState.VOIDED, PollState.CLOSING):
        raise PollRefused(_("This poll is void already, or it is being counted right now."))
    poll.state, poll.void_reason = PollState.VOIDED, reason.strip()
    poll.save(update_fields=["state", "void_reason"])
    record(poll, "voided", actor, reason=poll.void_reason)
    return poll


def close_due_polls(*, at: datetime | None = None) -> int:
    """Close every poll whose time has come; answers how many. Two workers at once do no harm."""
    closed = 0
    for poll in Poll.objects.due(at or timezone.now()):
        try:
            close_poll(poll=poll, actor=None)
        except PollRefused:
            continue  # somebody else closed it in this very moment
        except Exception:  # one assembly's trouble must not keep the polls of all others from closing
            logger.exception("Poll %s could not be closed and is tried again.", poll.pk)
            continue
        closed += 1
    return closed
