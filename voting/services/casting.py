# SPDX-License-Identifier: AGPL-3.0-or-later
"""One ballot for each line of the register, and a receipt only once it is stored for good."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

import live
from voting import keys, sealing
from voting.choices import Choice
from voting.models import Envelope, OpenBallot, Poll, RegisterLine, receipt_code

from . import box
from .locks import busy_is_said, hold
from .refusals import BallotRefused, VotingClosed
from .registers import authorise, limits_polls, use
from .withdrawals import refuse_taken_off


@dataclass(frozen=True)
class Receipt:
    """Proof that a ballot is stored. `repeated` when this very ballot was stored before.

    `digest` is SHA-256 of what is stored (32 bytes), `signature` this installation's Ed25519 signature of
    `sealing.signed_text(poll, digest)` (64 bytes). A sealed ballot carries no time: `cast_at` is None.
    """

    digest: bytes
    signature: bytes
    cast_at: datetime | None
    repeated: bool
    revision: int

    @property
    def code(self) -> str:
        """What people read: 16 letters in groups of four."""
        return receipt_code(self.digest)


def cast_ballot(
    *,
    poll: Poll,
    line: RegisterLine,
    choice: Choice,
    key: str,
    channel: str = "web",
    tracking: bytes | None = None,
) -> Receipt:
    """Take one ballot for one line of the register, exactly once.

    The same key with the same choice again returns the same receipt; anything else replaces the ballot where
    the poll allows changing, and raises AlreadyVoted where it does not. A ballot that was replaced does not come
    back when it arrives again. Raises VotingClosed outside the opening times. The receipt is given only after
    the ballot is committed. `tracking` is the voter's own random code of 10 bytes, for sealed polls.
    """
    if line.register_id != poll.register_id:
        raise BallotRefused(_("You are not in the register of voters of this vote."))
    authorise(line=line, channel=channel)
    ballot: box.Stored
    if poll.is_sealed:
        ballot = _sealed(poll, line, choice, key, channel, tracking)
    else:
        ballot = box.named(poll, line, choice, key, channel)
    if poll.budget is not None:
        refuse_taken_off(poll, choice, ballot)
    stored, repeated = ballot, False
    with busy_is_said():
        if limits_polls(poll) or not box.put_at_once(poll, line, ballot):
            with transaction.atomic(durable=True):
                hold(poll)
                use(poll=poll, line=line)
                stored, repeated = box.put(poll, line, ballot)
    if not repeated:
        for topic in poll.topics:
            live.announce(topic, in_passing=True)
    return _receipt(stored, repeated=repeated)


def receipt_of(poll: Poll, line: RegisterLine | None) -> Receipt | None:
    """The receipt of the ballot that is in from this line of the register, for the voter alone; None before.

    Once the keys of a sealed poll are destroyed nobody can tell any more, so it is None again.
    """
    if line is None:
        return None
    stored = _stored(poll, line)
    return _receipt(stored, repeated=True) if stored else None


def have_voted(polls_and_lines: list[tuple[Poll, RegisterLine]]) -> set[tuple[object, object]]:
    """Those pairs of (poll id, line id) for which a ballot is in, in two queries whatever their number."""
    lines = {line.pk for _poll, line in polls_and_lines}
    polls = {poll.pk for poll, _line in polls_and_lines}
    voted: set[tuple[object, object]] = set(
        OpenBallot.objects.filter(poll__in=polls, line__in=lines).values_list("poll_id", "line_id")
    )
    slots = {}
    for poll, line in polls_and_lines:
        if poll.is_sealed and (slot := _slot(poll, line)):
            slots[poll.pk, slot] = (poll.pk, line.pk)
    if slots:
        found = Envelope.objects.filter(poll__in=polls, slot__in=[slot for _poll, slot in slots])
        voted |= {slots[envelope.poll_id, bytes(envelope.slot)] for envelope in found.only("poll", "slot")}
    return voted


def _stored(poll: Poll, line: RegisterLine) -> box.Stored | None:
    if not poll.is_sealed:
        return OpenBallot.objects.filter(poll=poll, line=line).first()
    slot = _slot(poll, line)
    return Envelope.objects.filter(poll=poll, slot=slot).first() if slot else None


def _slot(poll: Poll, line: RegisterLine) -> bytes | None:
    try:
        return sealing.slot_of(keys.read(poll.pk, keys.LINK), line.pk)
    except keys.KeyGone:
        return None


def _sealed(poll: Poll, line: RegisterLine, choice: Choice, key: str, channel: str, tracking: bytes | None) -> Envelope:
    try:
        return box.seal(poll, line, choice, key, channel, tracking)
    except keys.KeyGone as gone:  # destroyed after the count
        raise VotingClosed(
            _(
                "Not counted now: voting on this has closed. If you had sent this ballot before, it may be in already;"
                " nobody can look that up any more."
            )
        ) from gone


def _receipt(stored: box.Stored, *, repeated: bool) -> Receipt:
    if isinstance(stored, OpenBallot):
        digest, cast_at = stored.receipt, stored.cast_at
    else:
        digest, cast_at = sealing.receipt_of(bytes(stored.body)), None
    signature = keys.receipt_signer().sign(sealing.signed_text(stored.poll_id, digest)).signature
    return Receipt(digest=digest, signature=signature, cast_at=cast_at, repeated=repeated, revision=stored.revision)
