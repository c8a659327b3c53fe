# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is put on the public board: checkpoints while a poll is open, its files at the end, signatures after that."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import ledger
from accounts.models import User
from assemblies.models import Membership
from voting import results
from voting.board import bundle, gathering
from voting.board.merkle import merkle_root
from voting.board.publication import Kind
from voting.models import Poll, PollState, Publication, Scrutineer

from .envelopes import receipts_in
from .records import record
from .refusals import PollRefused

NEW_RECEIPTS = 10  # fewer would tell when somebody voted
SCRUTINEERS_NEEDED = 2
NAMED_BY_AT_LEAST = 2  # different people, in a secret poll


def publish_files(poll: Poll) -> Publication | None:
    """The files of a poll whose result is being published are on its board, for good.

    Belongs in the transaction that publishes the result. None for a poll that was closed before receipts were kept.
    """
    seed = secrets.token_bytes(32)
    material = gathering.material_of(poll, code_seed=seed)
    if material is None:
        return None
    made = bundle.build(material)
    has_codes = not poll.is_sealed and made.kind is not Kind.NAMED
    return Publication.objects.create(
        poll=poll,
        kind=made.kind,
        root=made.root,
        archive=made.archive,
        full_root=made.full_root,
        full_archive=made.full_archive,
        code_seed=seed if has_codes else None,
    )


def take_checkpoints(*, at: datetime | None = None) -> int:
    """Each open poll with enough new ballots has a checkpoint in its log; answers how many were taken."""
    open_polls = Poll.objects.open().values_list("pk", flat=True)
    return sum(_take_checkpoint(poll, at) for poll in open_polls)


@transaction.atomic
def _take_checkpoint(poll_id: UUID, at: datetime | None) -> bool:
    # The row is locked against closing, which waits; casts look at it without a lock and go on.
    poll = Poll.objects.select_for_update(of=("self",), no_key=True).get(pk=poll_id)
    if poll.state != PollState.OPEN:
        return False
    receipts = sorted(receipts_in(poll))
    if len(receipts) < _ballots_at_last_checkpoint(poll) + NEW_RECEIPTS:
        return False
    data = {"ballots": len(receipts), "root": merkle_root(receipts).hex()}
    ledger.append(stream=poll.pk, kind="poll.checkpoint", data=data, at=at)
    return True


def _ballots_at_last_checkpoint(poll: Poll) -> int:
    for event in ledger.events(poll.pk).order_by("-seq"):
        if event.kind == "poll.checkpoint":
            return int(event.data["ballots"])
    return 0


@transaction.atomic
def name_scrutineer(*, poll: Poll, membership: Membership, actor: User) -> Scrutineer:
    """This member may count the ballots again once the result is published; who sees it already names nobody."""
    poll = Poll.objects.select_for_update(no_key=True).get(pk=poll.pk)
    if poll.state == PollState.VOIDED:
        raise PollRefused(_("This vote is void, so there is nothing to count again."))
    _refuse_after_the_result(poll)
    if membership.assembly_id != poll.assembly_id or membership.left_at is not None:
        raise PollRefused(_("Choose somebody from this assembly."))
    try:
        with transaction.atomic():
            seat = Scrutineer.objects.create(poll=poll, membership=membership, named_by=actor)
    except IntegrityError:
        raise PollRefused(_("This person is a scrutineer of this vote already.")) from None
    record(poll, "scrutineer_named", actor)
    return seat


@transaction.atomic
def drop_scrutineer(*, seat: Scrutineer, actor: User) -> None:
    """The person is no scrutineer of the poll any more. Who has the files keeps them, so that ends with the result."""
    poll = Poll.objects.select_for_update(no_key=True).get(pk=seat.poll_id)
    _refuse_after_the_result(poll)
    seat.delete()
    record(poll, "scrutineer_dropped", actor)


@transaction.atomic
def sign_count(*, seat: Scrutineer, root: str, agrees: bool, remark: str, at: datetime | None = None) -> Scrutineer:
    """The scrutineer says for good what came out of counting again, after typing the root that the check printed."""
    poll = Poll.objects.select_for_update(no_key=True).get(pk=seat.poll_id)
    seat = Scrutineer.objects.select_for_update(of=("self",)).select_related("membership__user").get(pk=seat.pk)
    publication = Publication.objects.filter(poll=poll).first()
    if publication is None:
        raise PollRefused(_("There is nothing to sign before the result is published."))
    if seat.signed_at is not None:
        raise PollRefused(_("You have signed already. A signature stays as it is."))
    expected = bytes(publication.full_root or publication.root).hex()
    if "".join(root.split()).lower() != expected:
        raise PollRefused(
            _("This is not the root of the files that are published here. Run the check again and copy its first line.")
        )
    if not agrees and not remark.strip():
        raise PollRefused(_("Say what does not agree. Everybody can read it."))
    seat.signed_at, seat.agrees, seat.remark = at or timezone.now(), agrees, remark.strip()
    seat.save(update_fields=["signed_at", "agrees", "remark"])
    record(poll, "scrutineer_signed", seat.membership.user, agrees=agrees, root=expected)
    return seat


def may_open_ballots(poll: Poll) -> bool:
    """Whether the scrutineers may have every ballot: published, and no one of them alone.

    In a secret poll two people named them, so that nobody opens it by naming two friends.
    """
    seats = poll.scrutineers.all()
    enough = len(seats) >= SCRUTINEERS_NEEDED
    by_two = len({seat.named_by_id for seat in seats}) >= NAMED_BY_AT_LEAST or not poll.is_secret
    return results.are_visible(poll) and enough and by_two


def _refuse_after_the_result(poll: Poll) -> None:
    if results.are_visible(poll):
        raise PollRefused(_("The result is published. Scrutineers stay as they are."))
