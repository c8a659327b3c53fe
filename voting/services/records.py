# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whoever must hear of what happened to a poll hears of it in the same transaction."""

from datetime import datetime
from typing import Any

import ledger
import live
from accounts.models import User
from voting.models import Poll
from voting.owners import owner_of


def record(poll: Poll, event: str, actor: User | None, *, at: datetime | None = None, **data: Any) -> None:
    """The poll's public log, its owner and its screens hear of the event."""
    ledger.append(stream=poll.pk, kind=f"poll.{event}", data={**data, "actor": str(actor.pk) if actor else None}, at=at)
    owner_of(poll).happened(poll, event)
    for topic in poll.topics:
        live.announce(topic)
