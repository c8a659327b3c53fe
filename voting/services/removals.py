# SPDX-License-Identifier: AGPL-3.0-or-later
"""Taking out the ballot of somebody who was not entitled, before the count, with a reason that everybody can read.

A named ballot stays in the store and is no longer counted. A sealed one is deleted unopened, and two people must ask
for it: the second one's request with the same reason does it. In a secret poll this ends with the close, in a
confidential one with its challenge time: then the key that finds the slot is gone.
"""

import hashlib

from django.db import transaction
from django.utils.translation import gettext as _

import jobs
from accounts.models import User
from voting import keys, mails, sealing
from voting.models import Approval, Envelope, OpenBallot, Poll, PollState, RegisterLine, Removal
from voting.owners import owner_of

from .locks import lock_exclusively
from .records import record
from .refusals import PollRefused, reason_in


@transaction.atomic
def remove_ballot(*, poll: Poll, line: RegisterLine, reason: str, actor: User) -> Removal | None:
    """The ballot from this line does not count, and no other can come from it. None while a second person must agree."""
    reason = reason_in(reason, missing=_("Say why this ballot is taken out. Everybody can read the reason."))
    owner_of(poll).lock(poll)
    lock_exclusively(poll)
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    if line.register_id != poll.register_id:
        raise PollRefused(_("This person is not in the register of this vote."))
    if poll.state not in ((PollState.OPEN,) if poll.is_secret else (PollState.OPEN, PollState.CLOSING)):
        raise PollRefused(_("The ballots are counted, or will be in a moment. None can be taken out any more."))
    if Removal.objects.filter(poll=poll, line=line).exists():
        raise PollRefused(_("This ballot was taken out before."))
    if not poll.is_sealed:
        return _remove(poll, line, None, reason, asked_by=actor, agreed_by=None)
    try:
        slot = sealing.slot_of(keys.read(poll.pk, keys.LINK), line.pk)
    except keys.KeyGone as gone:
        raise PollRefused(
            _(
                "The key that finds the envelope of a voter cannot be found, so no ballot can be taken out."
                " Put the folder of keys back in its place, or declare the vote void."
            )
        ) from gone
    action = f"remove:{slot.hex()}"
    wish = hashlib.sha256(poll.hash_of_definition() + reason.encode()).digest()  # both agree to the same reason
    Approval.objects.get_or_create(poll=poll, action=action, actor=actor, definition_hash=wish)
    others = (
        Approval.objects.filter(poll=poll, action=action, definition_hash=wish)
        .exclude(actor=actor)
        .select_related("actor")
    )
    first = others.first()
    if first is None:
        record(poll, "approved", actor, action="remove")
        jobs.defer(mails.ask_second_people, str(poll.pk), mails.REMOVE, str(actor.pk))
        return None
    return _remove(poll, line, slot, reason, asked_by=first.actor, agreed_by=actor)


def _remove(
    poll: Poll, line: RegisterLine, slot: bytes | None, reason: str, *, asked_by: User, agreed_by: User | None
) -> Removal:
    removal = Removal.objects.create(
        poll=poll, line=line, slot=slot, reason=reason, asked_by=asked_by, agreed_by=agreed_by
    )
    receipt = _receipt_at_the_close(poll, line, slot)
    if slot is not None:
        Envelope.objects.filter(poll=poll, slot=slot).delete()
    record(poll, "removed", agreed_by or asked_by, reason=reason, receipt=receipt.hex() if receipt else None)
    return removal


def _receipt_at_the_close(poll: Poll, line: RegisterLine, slot: bytes | None) -> bytes | None:
    """The receipt of the ballot where the close has listed it already: the log says which of the list is not counted."""
    if poll.state != PollState.CLOSING:
        return None
    if slot is None:
        named = OpenBallot.objects.filter(poll=poll, line=line).first()
        return named.receipt if named else None
    envelope = Envelope.objects.filter(poll=poll, slot=slot).first()
    return sealing.receipt_of(bytes(envelope.body)) if envelope else None
