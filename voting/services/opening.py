# SPDX-License-Identifier: AGPL-3.0-or-later
"""From a draft to an open poll: the register and the definition are frozen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from assemblies.models import Assembly, Membership
from voting import counting
from voting.models import Option, Poll, PollState, Register, RegisterLine
from voting.owners import owner_of

from .records import record
from .refusals import PollRefused


@dataclass(frozen=True)
class NewOption:
    """An answer to put on the ballot. `cost` is in minor units of the poll's currency."""

    key: str
    title: str
    cost: int | None = None


@dataclass(frozen=True)
class NewLine:
    """A voter to enter in the register."""

    membership: Membership | None
    weight: int = 1


@transaction.atomic
def create_poll(*, assembly: Assembly, owner_kind: str, options: Iterable[NewOption], **fields: Any) -> Poll:
    """A poll in draft with its options in this order; other fields are those of the model."""
    poll = Poll.objects.create(assembly=assembly, owner_kind=owner_kind, **fields)
    Option.objects.bulk_create(
        Option(poll=poll, key=option.key, position=place, title=option.title, cost=option.cost)
        for place, option in enumerate(options)
    )
    return poll


def blockers(poll: Poll) -> list[str]:
    """Sentences that stand in the way of opening this poll; empty when it can open now."""
    sentences = []
    if poll.options.count() < 2:
        sentences.append(_("Add at least two options."))
    sentences += counting.problems(poll)
    return sentences + owner_of(poll).blockers(poll)


@transaction.atomic
def open_poll(
    *,
    poll: Poll,
    lines: Iterable[NewLine],
    actor: User | None,
    closes_at: datetime | None = None,
    at: datetime | None = None,
) -> Poll:
    """The register and the definition are frozen and ballots are taken until `closes_at`, or until it is closed."""
    owner_of(poll).lock(poll)
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    if poll.state not in (PollState.DRAFT, PollState.READY):
        raise PollRefused(_("This poll was opened before. A poll opens only once."))
    problems = blockers(poll)
    if problems:
        raise PollRefused(" ".join(problems))
    if poll.lane and Poll.objects.open().filter(lane=poll.lane).exists():
        raise PollRefused(_("Another poll is open here. Close it first."))
    register = Register.objects.create(assembly=poll.assembly)
    RegisterLine.objects.bulk_create(
        (RegisterLine(register=register, membership=line.membership, weight=line.weight) for line in lines),
        batch_size=5000,
    )
    if not register.lines.exists():
        raise PollRefused(_("Nobody could vote: the register of voters is empty."))
    opened_at = at or timezone.now()
    if closes_at is not None and closes_at <= opened_at:
        raise PollRefused(_("The closing time has passed already. Choose a later one."))
    register.frozen_at = opened_at
    register.save(update_fields=["frozen_at"])
    if poll.state == PollState.DRAFT:
        poll.state = PollState.READY
        poll.save(update_fields=["state"])
    poll.state, poll.register, poll.definition = PollState.OPEN, register, poll.define()
    poll.opened_at, poll.closes_at = opened_at, closes_at
    poll.save(update_fields=["state", "register", "definition", "opened_at", "closes_at"])
    record(poll, "opened", actor, at=at, definition=poll.definition, entitled=register.lines.count())
    return poll
