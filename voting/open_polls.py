# SPDX-License-Identifier: AGPL-3.0-or-later
"""Open polls as each process remembers them, so that a hall of voters does not read them again with every ballot.

What an open poll asks cannot change: triggers keep its definition and its options as they are. Whether it is still
open, and whether this line may vote, is asked of the database with every cast, under the poll's lock.
"""

from uuid import UUID

from .models import Poll

MOST = 64
_open_polls: dict[UUID, Poll] = {}


def find(poll_id: UUID) -> Poll | None:
    """The poll with its options as it was when this process first saw it open; None where it was not. Read it only."""
    known = _open_polls.get(poll_id)
    if known is None:
        polls = Poll.objects.open().select_related("assembly", "register").prefetch_related("options")
        known = polls.filter(pk=poll_id).first()
        if known is not None:
            _remember(known)
    return known


def find_in(lane: str) -> Poll | None:
    """The poll that is open in this lane now, of which a lane has one at most, as `find` has it; read it only."""
    poll_id = Poll.objects.open().filter(lane=lane).values_list("pk", flat=True).first()
    return find(poll_id) if poll_id else None


def _remember(poll: Poll) -> None:
    while len(_open_polls) >= MOST:
        _open_polls.pop(next(iter(_open_polls)), None)
    _open_polls[poll.pk] = poll
