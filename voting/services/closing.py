# SPDX-License-Identifier: AGPL-3.0-or-later
"""From an open poll to its result, once; and what may become of the result."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from voting import counting, keys
from voting.board import bundle, gathering
from voting.board.merkle import merkle_root
from voting.models import AFTER_COUNT, LONGEST_COUNT, ClosedBox, Poll, PollState, Result, Trustee
from voting.owners import owner_of
from voting.trustees import wiped

from . import box, trustees
from .approvals import agree, asked_to_void, refuse_alone, takes_two
from .board import publish_files
from .envelopes import open_envelopes, receipts_in
from .locks import lock_exclusively
from .records import record
from .refusals import PollRefused, reason_in
from .registers import forget_uses

logger = logging.getLogger(__name__)


class BoxDiffers(Exception):
    """Somebody has put ballots into the box or swapped them since voting closed; nothing is counted."""


def close_poll(*, poll: Poll, actor: User | None, at: datetime | None = None) -> Poll:
    """No ballot can come in any more, and the poll is counted. Runs again safely after a crash between any two steps.

    A secret poll closes early only when the second person agrees; before that it comes back open.
    """
    with transaction.atomic():
        owner_of(poll).lock(poll)
        lock_exclusively(poll)
        poll = Poll.objects.select_for_update().get(pk=poll.pk)
        if poll.state == PollState.OPEN:
            if poll.is_secret and poll.is_open and not agree(poll, "close", actor, poll.hash_of_definition()):
                return poll
            _close(poll, actor, at or timezone.now())
        elif poll.state != PollState.CLOSING:
            raise PollRefused(_("This vote is not open, so it cannot be closed."))
    if poll.challenge_until and (at or timezone.now()) < poll.challenge_until:
        return poll  # sealed ballots may be challenged first; the worker counts when the time is over
    if trustees.have_the_key(poll):
        return poll  # two of them come with their keys, then it is counted
    return _forget(_count(poll=poll, at=at))


def enter_key(*, poll: Poll, trustee: Trustee, typed: str, at: datetime | None = None) -> Poll:
    """After the close a trustee has come with their key. With the second one the box is opened and the poll counted.

    The keys and the key of the box are kept nowhere: after a crash in the count the second trustee types theirs again.
    """
    with transaction.atomic():
        owner_of(poll).lock(poll)
        poll = Poll.objects.select_for_update().get(pk=poll.pk)
        if poll.state != PollState.CLOSING:
            raise PollRefused(_("Keys are entered after voting has closed, until the ballots are counted."))
        if poll.challenge_until and (at or timezone.now()) < poll.challenge_until:
            raise PollRefused(_("The ballots may still be challenged. Come back when that time is over."))
        secret = trustees.use_key(poll, trustee, typed, trustee.user)
        if secret is None:
            return poll
        with wiped(secret):
            poll = _count(poll=poll, at=at, private_key=secret)
    return _forget(poll)


def _close(poll: Poll, actor: User | None, at: datetime) -> None:
    digests = sorted(receipts_in(poll))
    root = merkle_root(digests)
    ClosedBox.objects.create(poll=poll, receipts=b"".join(digests), ballots=len(digests), root=root)
    poll.state, poll.closed_at = PollState.CLOSING, at
    if poll.challenge_hours:
        poll.challenge_until = at + timedelta(hours=poll.challenge_hours)
    poll.save(update_fields=["state", "closed_at", "challenge_until"])
    record(poll, "closed", actor, at=at, ballots=len(digests), root=root.hex())
    if trustees.have_the_key(poll):
        trustees.call(poll)


@transaction.atomic
def _count(*, poll: Poll, at: datetime | None = None, private_key: bytes | None = None) -> Poll:
    """The results are stored, once; then the poll is published or waits until it is revealed, as it said before."""
    owner_of(poll).lock(poll)
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    if poll.state != PollState.CLOSING:
        return poll
    _refuse_other_ballots(poll)
    try:
        opened: dict[str, Any] = (
            open_envelopes(poll, private_key) if poll.is_sealed else {"box_root": root_of_named(poll)}
        )
    except keys.KeyGone as gone:
        raise PollRefused(
            _(
                "The key of the ballot box cannot be found, so nothing can be counted."
                " Put the folder of keys back in its place, or declare the vote void."
            )
        ) from gone
    results = [
        Result(poll=poll, is_binding=place == 0, counted_at=at or timezone.now(), **counted)
        for place, counted in enumerate(counting.count(poll))
    ]
    Result.objects.bulk_create(results)
    if void := counting.void_lines(poll):
        opened["void_lines"] = void
    poll.state = PollState.COUNTED
    poll.save(update_fields=["state"])
    hashes = {result.rule: result.outcome_hash.hex() for result in results}
    record(poll, "counted", None, at=at, results=hashes, **opened)
    if poll.published_at_close:
        return publish_poll(poll=poll, actor=None, at=at)
    poll.state = PollState.WITHHELD
    poll.save(update_fields=["state"])
    return poll


def _refuse_other_ballots(poll: Poll) -> None:
    """What is counted is what was in when voting closed, less what was taken out since: nothing was put in or swapped."""
    if not hasattr(poll, "closed_box"):
        return  # closed by an earlier version, which did not note what was in
    at_the_close, now = set(poll.closed_box.digests), set(receipts_in(poll))
    taken_out = poll.removals.filter(at__gte=poll.closed_at).count()
    if now - at_the_close or len(at_the_close - now) > taken_out or poll.boxed_ballots.exists():
        raise BoxDiffers(f"The ballots of poll {poll.pk} are not those that were in when voting closed.")


def _forget(poll: Poll) -> Poll:
    """Who voted in which polls of a shared register is gone with the last of them, and so is who filled which envelope."""
    if poll.register is not None:
        forget_uses(poll.register)
    return destroy_keys(poll=poll)


def destroy_keys(*, poll: Poll) -> Poll:
    """Nothing links a voter to a ballot of this poll any more. Does nothing twice, and nothing before the count."""
    if not poll.is_sealed or poll.keys_destroyed_at or poll.state not in AFTER_COUNT or poll.box_public_key is None:
        return poll
    keys.destroy(poll.pk, keys.LINK, keys.BOX)
    with transaction.atomic():
        poll = Poll.objects.select_for_update().get(pk=poll.pk)
        if poll.keys_destroyed_at is None:
            box.drop_partition(poll)
            poll.sealed_keys.all().delete()
            poll.keys_destroyed_at = timezone.now()
            poll.save(update_fields=["keys_destroyed_at"])
            record(poll, "keys_destroyed", None)
    return poll


@transaction.atomic
def publish_poll(*, poll: Poll, actor: User | None, at: datetime | None = None) -> Poll:
    """The result is there for everybody who may see the poll."""
    owner_of(poll).lock(poll)
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    if poll.state not in (PollState.COUNTED, PollState.WITHHELD):
        raise PollRefused(_("There is no counted result to show."))
    agreed_before = poll.published_at_close  # it stands in the definition to which two people agreed
    if poll.is_secret and not agreed_before and not agree(poll, "publish", actor, poll.hash_of_definition()):
        return poll
    poll.state, poll.published_at = PollState.PUBLISHED, at or timezone.now()
    poll.save(update_fields=["state", "published_at"])
    files = publish_files(poll)
    record(poll, "published", actor, at=at, bundle_root=files.root_hex if files else None)
    return poll


def void_poll(*, poll: Poll, actor: User | None, reason: str) -> Poll:
    """The poll decides nothing any more. Its results stay; sealed ballots that were not counted are never opened.

    The reason is public. A secret poll that has opened, and any poll whose result was published, is void when a second
    person confirms what the first one asked for; until then it comes back as it was.
    """
    return _forget(_void(poll=poll, actor=actor, reason=reason))


@transaction.atomic
def _void(*, poll: Poll, actor: User | None, reason: str) -> Poll:
    owner_of(poll).lock(poll)
    lock_exclusively(poll)
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    # A box that its trustees cannot open any more, or that cannot be counted, would wait for ever.
    waits = trustees.have_the_key(poll) or (poll.closed_at and timezone.now() - poll.closed_at > LONGEST_COUNT)
    is_counted_now = poll.state == PollState.CLOSING and not waits
    if poll.state == PollState.VOIDED or is_counted_now:
        raise PollRefused(_("This vote is void already, or it is being counted right now."))
    asked = asked_to_void(poll) if takes_two(poll, "void") else None
    if asked is not None and actor is not None and asked.actor_id == actor.pk:
        raise PollRefused(_("You asked for this yourself. Another person must confirm that the vote is void."))
    typed = asked.reason if asked and asked.reason else reason  # who confirms stands by the words of who asked
    reason = reason_in(typed, missing=_("Say why this vote is void. Everybody can read the reason."))
    if takes_two(poll, "void"):
        if actor is not None and asked is None:
            refuse_alone(poll, actor)
        if not agree(poll, "void", actor, poll.hash_of_definition(), reason):
            owner_of(poll).happened(poll, "void_asked")
            return poll
    poll.state, poll.void_reason = PollState.VOIDED, reason
    poll.save(update_fields=["state", "void_reason"])
    record(poll, "voided", actor, reason=poll.void_reason)
    return poll


def root_of_named(poll: Poll) -> str:
    """The Merkle root of the named ballots, by which nobody can change who chose what between the count and the board."""
    return bundle.box_root(gathering.ballots_of(poll), with_voters=True).hex()


def close_due_polls(*, at: datetime | None = None) -> int:
    """Close every poll whose time has come, and end what was cut short; answers how many are counted now.

    Two at once do no harm.
    """
    closed = 0
    for poll in Poll.objects.due(at or timezone.now()):
        try:
            if poll.state in AFTER_COUNT:
                destroy_keys(poll=poll)
                continue
            poll = close_poll(poll=poll, actor=None, at=at)
        except PollRefused as refusal:
            if Poll.objects.filter(pk=poll.pk, state=PollState.CLOSING).exists():
                logger.error("Poll %s is closed and not counted: %s", poll.pk, refusal)
            continue  # else somebody else closed it in this very moment
        except Exception:  # one assembly's trouble must not keep the polls of all others from closing
            logger.exception("Poll %s could not be closed and is tried again.", poll.pk)
            continue
        closed += poll.state in AFTER_COUNT  # others wait for trustees or for the end of their challenge time
    return closed
