# SPDX-License-Identifier: AGPL-3.0-or-later
"""Four eyes: two people agree, each to the very definition that they saw. The database counts them.

A secret poll takes two for every step. Any poll takes two to void a result that was published.
"""

from django.utils.translation import gettext as _

import jobs
from accounts.models import User
from voting import mails
from voting.models import Approval, Poll, PollState
from voting.owners import owner_of

from .records import record
from .refusals import PollRefused

NEEDED = mails.PEOPLE_NEEDED


def takes_two(poll: Poll, action: str) -> bool:
    """Whether two people must agree to do this to the poll as it stands."""
    if action == "void":
        return poll.state == PollState.PUBLISHED or (poll.is_secret and poll.opened_at is not None)
    return poll.is_secret


def agree(poll: Poll, action: str, actor: User | None, definition_hash: bytes, reason: str = "") -> bool:
    """This person agrees to `open`, `close`, `publish` or `void`; answers whether enough people have."""
    if actor is None:
        raise PollRefused(_("Two people must agree to this, and this vote has heard of nobody yet."))
    _approval, is_new = Approval.objects.get_or_create(
        poll=poll, action=action, actor=actor, definition_hash=definition_hash, defaults={"reason": reason}
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


def asked_to_void(poll: Poll) -> Approval | None:
    """The first of two who want this poll void, while the second is missing; the reason is with it."""
    if poll.state == PollState.VOIDED:
        return None
    asked = poll.approvals.filter(action="void", definition_hash=poll.hash_of_definition())
    return asked.select_related("actor").order_by("at").first()


def refuse_alone(poll: Poll, actor: User) -> None:
    """Refuse the first of two where nobody could be the second, and say what to do instead."""
    others = {member.user_id for member in owner_of(poll).people(poll, "void")} - {actor.pk}
    if not others:
        raise PollRefused(
            _(
                "Two people declare this vote void, and you are the only one who may. Ask an administrator to give "
                "somebody else your role, or put up a new vote on the same question."
            )
        )
