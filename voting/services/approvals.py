# SPDX-License-Identifier: AGPL-3.0-or-later
"""Four eyes for secret polls: two people agree, each to the very definition that they saw. The database counts them."""

from django.utils.translation import gettext as _

import jobs
from accounts.models import User
from voting import mails
from voting.models import Approval, Poll

from .records import record
from .refusals import PollRefused

NEEDED = mails.PEOPLE_NEEDED


def agree(poll: Poll, action: str, actor: User | None, definition_hash: bytes) -> bool:
    """This person agrees to `open`, `close`, `publish` or `void`; answers whether enough people have."""
    if actor is None:
        raise PollRefused(_("Two people must agree to this, and this vote has heard of nobody yet."))
    _approval, is_new = Approval.objects.get_or_create(
        poll=poll, action=action, actor=actor, definition_hash=definition_hash
    )
    if is_new:
        record(poll, "approved", actor, action=action, definition_hash=definition_hash.hex())
    enough = len(who_agreed(poll, action, definition_hash)) >= NEEDED
    if is_new and not enough:
        jobs.defer(mails.ask_second_people, str(poll.pk), action, str(actor.pk))
    return enough


def who_agreed(poll: Poll, action: str, definition_hash: bytes) -> list[User]:
    """Who has agreed to this action on the poll as it is defined now."""
    given = poll.approvals.filter(action=action, definition_hash=definition_hash).select_related("actor")
    return [approval.actor for approval in given]
