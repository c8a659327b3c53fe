# SPDX-License-Identifier: AGPL-3.0-or-later
"""Taking an option off the ballot while people vote. Nothing is sought in any ballot: who chose it stays sealed.

Everybody may choose anew where the poll lets ballots be changed. What still names it at the count is void in that line,
and the log says how many lines those were.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from voting.choices import Choice
from voting.models import Envelope, OpenBallot, OptionWithdrawal, Poll
from voting.owners import owner_of
from voting.withdrawals import keys_in, taken_off

from .locks import lock_exclusively
from .records import record
from .refusals import BallotRefused, PollRefused, reason_in


@transaction.atomic
def withdraw_option(
    *, poll: Poll, key: str, reason: str, actor: User | None, at: datetime | None = None
) -> OptionWithdrawal:
    """Nobody can choose the option any more, and it cannot win; the reason is public."""
    reason = reason_in(reason, missing=_("Say why it is taken off the ballot. Everybody can read the reason."))
    owner_of(poll).lock(poll)
    lock_exclusively(poll)
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    if not poll.is_open:
        raise PollRefused(_("Only while people vote can something be taken off the ballot."))
    if poll.budget is None:
        raise PollRefused(_("In this vote nothing can be taken off the ballot. Declare it void, and ask anew."))
    option = poll.options.filter(key=key).first()
    if option is None:
        raise PollRefused(_("There is no such line on this ballot."))
    if OptionWithdrawal.objects.filter(option=option).exists():
        raise PollRefused(_("It was taken off the ballot before."))
    withdrawal = OptionWithdrawal.objects.create(option=option, reason=reason, at=at or timezone.now())
    record(poll, "option_withdrawn", actor, at=at, option=key, reason=reason)
    return withdrawal


def refuse_taken_off(poll: Poll, choice: Choice, ballot: OpenBallot | Envelope) -> None:
    """Refuse a ballot that names what was taken off, unless it is in already and only arrives once more."""
    named = keys_in(choice)
    for withdrawal in taken_off(poll):
        if withdrawal.option.key in named and not _is_in(ballot):
            raise BallotRefused(
                _("“%(title)s” was taken off the ballot while people vote. Look at your ballot, and submit it again.")
                % {"title": withdrawal.option.title}
            )


def _is_in(ballot: OpenBallot | Envelope) -> bool:
    if isinstance(ballot, Envelope):
        return Envelope.objects.filter(poll=ballot.poll_id, slot=ballot.slot, key_hash=ballot.key_hash).exists()
    return OpenBallot.objects.filter(
        poll=ballot.poll_id, line=ballot.line_id, key_hash=ballot.key_hash, choice=ballot.choice
    ).exists()
