# SPDX-License-Identifier: AGPL-3.0-or-later
"""A poll before it opens: made, changed, called ready, taken back, thrown away."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from voting.models import NOT_OPENED, Poll, PollState

from .opening import NewOption, blockers, put_options, too_few_voters
from .refusals import PollRefused
from .registers import voters_now


@transaction.atomic
def change_poll(*, poll: Poll, options: Iterable[NewOption], **fields: Any) -> Poll:
    """The draft asks this now. What people agreed to before was another poll."""
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    if poll.state != PollState.DRAFT:
        raise PollRefused(_("Only a draft can be changed. Take it back to a draft first."))
    for name, value in fields.items():
        setattr(poll, name, value)
    poll.save(update_fields=list(fields))
    poll.options.all().delete()
    put_options(poll, options)
    return poll


@transaction.atomic
def mark_ready(*, poll: Poll) -> Poll:
    """Nothing stands in the way, and the poll waits to be opened."""
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    if poll.state != PollState.DRAFT:
        raise PollRefused(_("This vote is not a draft any more."))
    problems = [*blockers(poll), *too_few_voters(poll, voters_now(poll))]
    if problems:
        raise PollRefused(" ".join(problems))
    poll.state = PollState.READY
    poll.save(update_fields=["state"])
    return poll


@transaction.atomic
def back_to_draft(*, poll: Poll) -> Poll:
    """The poll can be changed again."""
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    if poll.state != PollState.READY:
        raise PollRefused(_("Only a vote that is ready and not open can be taken back to a draft."))
    poll.state = PollState.DRAFT
    poll.save(update_fields=["state"])
    return poll


@transaction.atomic
def discard_poll(*, poll: Poll) -> None:
    """A poll that was never opened, and to which nobody agreed, is gone."""
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    if poll.state not in NOT_OPENED:
        raise PollRefused(_("This vote was opened. It cannot be thrown away, but it can be declared void."))
    if poll.approvals.exists():
        raise PollRefused(_("Somebody has agreed to open this vote, and that is kept. Declare it void instead."))
    poll.delete()
