# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whoever must hear of what happened to a poll hears of it in the same transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

import ledger
import live
from accounts.models import User
from voting.models import ActorReference, Poll
from voting.owners import HEARD_BY_OWNERS, owner_of


def record(poll: Poll, event: str, actor: User | None, *, at: datetime | None = None, **data: Any) -> None:
    """The poll's public log and its screens hear of the event, and its owner of what concerns an owner."""
    who = _reference(poll, actor) if actor else None
    ledger.append(stream=poll.pk, kind=f"poll.{event}", data={**data, "actor": who}, at=at)
    if event in HEARD_BY_OWNERS:
        owner_of(poll).happened(poll, event)
    for topic in poll.topics:
        live.announce(topic)


def _reference(poll: Poll, actor: User) -> UUID:
    """A random number for this person in this poll's log, so that the log stays true when the person is erased."""
    reference, _is_new = ActorReference.objects.get_or_create(poll=poll, user=actor)
    return reference.reference
