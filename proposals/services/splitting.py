# SPDX-License-Identifier: AGPL-3.0-or-later
"""One proposal becomes several, by its author's act or with the author's Yes; each keeps the day and the supports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

import jobs
from accounts.models import User
from assemblies import rights
from assemblies.models import Membership
from proposals.joining_mails import tell_of_split, tell_supporters_of_split
from proposals.models import (
    Comment,
    Correction,
    CoSponsor,
    Cycle,
    Estimate,
    Merge,
    MergePart,
    Proposal,
    ProposalVersion,
    Question,
    Review,
    Split,
    SplitPiece,
    Support,
)
from proposals.refusals import CycleRefused

from .carrying import carry_supports, take_carried_back
from .merging import refuse_unjoinable
from .phases import REVIEW_PHASES, held_proposal, hold, record, require_member, require_phase
from .proposing import new_draft
from .reviewing import end_check, take_check_up_again
from .unanswered import answer_until, end_overdue, may_take_back, refuse_ended
from .versions import keep_version

MOST_PIECES = 4
UNDONE_WITHIN = timedelta(days=7)
KEPT = ("place", "district", "latitude", "longitude", "category", "language")  # by every piece; the cost is not
State = Split.State


@dataclass(frozen=True)
class Piece:
    """What one of the new proposals says."""

    title: str
    summary: str
    text: str


@transaction.atomic
def split_proposal(
    *, proposal: Proposal, actor: Membership, pieces: Sequence[Piece], reason: str, at: datetime | None = None
) -> Split:
    """Split at once where the author does it; where an official suggests it, the author is asked."""
    cycle, proposal = _held(proposal, at)
    is_author = proposal.author.user_id == actor.user_id
    require_member(cycle, actor)
    if not is_author and not rights.ROLES_WITH[rights.REVIEW_PROPOSALS](actor.user, cycle.assembly):
        raise CycleRefused(_("Only the author or an official can do this."))
    _refuse_unfit(proposal)
    if proposal.splits.filter(state=State.OPEN).exists():
        raise CycleRefused(_("Its author is asked already whether to split it. That must be answered first."))
    if is_author and proposal.splits.filter(state=State.UNDONE).exists():
        raise CycleRefused(
            _("It was split and put together before. Ask the people who run the budget to split it again.")
        )
    if is_author and proposal.split_from_id is not None:
        raise CycleRefused(_("It came from a split itself. Ask the people who run the budget to split it once more."))
    if not 2 <= len(pieces) <= MOST_PIECES:
        raise CycleRefused(_("Write between two and %(most)s new proposals.") % {"most": MOST_PIECES})
    if not all(word.strip() for piece in pieces for word in (piece.title, piece.summary, piece.text)):
        raise CycleRefused(_("Write a name, a sentence and a text for each new proposal."))
    if len({piece.title.strip().casefold() for piece in pieces}) < len(pieces):
        raise CycleRefused(_("Give each new proposal a name of its own."))
    if not reason.strip():
        raise CycleRefused(_("Write the reason. Everybody can read it."))
    split = Split.objects.create(
        proposal=proposal,
        suggested_by=actor,
        suggested_at=at or timezone.now(),
        answer_until=answer_until(cycle, at),
        reason=reason.strip()[:500],
    )
    SplitPiece.objects.bulk_create(
        SplitPiece(
            split=split,
            position=place,
            title=piece.title.strip(),
            summary=piece.summary.strip(),
            text=piece.text.strip(),
        )
        for place, piece in enumerate(pieces)
    )
    if is_author:
        return _carry_out(cycle, proposal, split, actor.user, at)
    _log(cycle, "split.suggested", actor.user, proposal, at)
    jobs.defer(tell_of_split, str(split.pk), "suggested")
    return split


@transaction.atomic
def agree_to_split(*, split: Split, author: User, at: datetime | None = None) -> Split:
    """The author said Yes: the new proposals are in the list."""
    cycle, proposal, split = _held_open(split, at)
    if not proposal.is_written_by(author):
        raise CycleRefused(_("Only the author can agree."))
    _refuse_unfit(proposal)
    return _carry_out(cycle, proposal, split, author, at)


@transaction.atomic
def refuse_split(*, split: Split, author: User, at: datetime | None = None) -> Split:
    """The author said No: the proposal goes on as it is."""
    cycle, proposal, split = _held_open(split, at)
    if not proposal.is_written_by(author):
        raise CycleRefused(_("Only the author can refuse."))
    return _close(cycle, proposal, split, State.REFUSED, author, at)


@transaction.atomic
def take_split_back(*, split: Split, actor: User, at: datetime | None = None) -> Split:
    """Who suggested it no longer does; for an official any colleague says so."""
    cycle, proposal, split = _held_open(split, at)
    if not may_take_back(split, actor):
        raise CycleRefused(_("Only who suggested it can take it back."))
    return _close(cycle, proposal, split, State.TAKEN_BACK, actor, at)


@transaction.atomic
def undo_split(*, split: Split, author: User, reason: str, at: datetime | None = None) -> Split:
    """The first one is what it was before, with its supports; the new ones, on which nothing stands, are taken back."""
    cycle, proposal = _held(split.proposal, at)
    split = Split.objects.select_related("suggested_by").get(pk=split.pk)
    if split.state != State.DONE or proposal.state != Proposal.State.SPLIT:
        raise CycleRefused(_("There is nothing to undo."))
    if not proposal.is_written_by(author) or proposal.author.left_at is not None:
        raise CycleRefused(_("Only the author can undo it."))
    if not reason.strip():
        raise CycleRefused(_("Write the reason. Everybody can read it."))
    pieces = [held_proposal(piece) for piece in Proposal.objects.filter(split_piece__split=split).order_by("pk")]
    if not can_be_undone(split, at):
        raise CycleRefused(
            _(
                "The split can no longer be undone: seven days have gone, or somebody has supported, discussed, changed"
                " or checked one of the new proposals."
            )
        )
    moment = at or timezone.now()
    for piece in pieces:
        take_carried_back(piece, [proposal.pk])
        piece.assignments.filter(ended_at=None).update(ended_at=moment)
        piece.state, piece.withdrawn_at = Proposal.State.WITHDRAWN, moment
        piece.save(update_fields=["state", "withdrawn_at"])
        _log(cycle, "proposal.withdrawn", author, piece, at)
    proposal.state, proposal.decided_at = split.state_before, split.decided_before
    proposal.save(update_fields=["state", "decided_at"])
    if split.ended_at is not None:
        take_check_up_again(proposal, ended_at=split.ended_at, at=moment, meanwhile=pieces)
    split.state, split.undone_at, split.undone_because = State.UNDONE, moment, reason.strip()[:500]
    split.save(update_fields=["state", "undone_at", "undone_because"])
    _log(cycle, "split.undone", author, proposal, at)  # the reason can be hidden with its proposal; the log is for ever
    jobs.defer(tell_of_split, str(split.pk), "undone")
    jobs.defer(tell_supporters_of_split, str(split.pk), "split_undone")
    return split


def can_be_undone(split: Split, at: datetime | None = None) -> bool:
    """For seven days, and while nothing but the author's act stands on any of its pieces; one query."""
    if split.state != State.DONE or not split.state_before or split.ended_at is None:
        return False
    if split.ended_at + UNDONE_WITHIN <= (at or timezone.now()):
        return False
    about = {"proposal": OuterRef("pk")}
    joined = MergePart.objects.filter(Q(is_open=True) | Q(merge__state=Merge.State.DONE), **about)
    stands = (
        Support.objects.filter(carried_from=None, **about),
        ProposalVersion.objects.filter(number__gt=1, **about),
        *(model._default_manager.filter(**about) for model in (Comment, Question, CoSponsor)),
        *(model._default_manager.filter(**about) for model in (Correction, Estimate, Review)),
        joined,
        Split.objects.open().filter(**about),
    )
    touched = ~Q(state=Proposal.State.SUBMITTED) | Q(hidden_at__isnull=False) | Q(project__isnull=False)
    for found in stands:
        touched |= Q(Exists(found))
    return not Proposal.objects.filter(split_piece__split=split).filter(touched).exists()


def _carry_out(cycle: Cycle, proposal: Proposal, split: Split, actor: User, at: datetime | None) -> Split:
    moment, new = at or timezone.now(), []
    split.state_before, split.decided_before = proposal.state, proposal.decided_at
    for piece in split.pieces.all():
        made = new_draft(
            heading=proposal.heading,
            author=proposal.author,
            at=at,
            title=piece.title,
            summary=piece.summary,
            text=piece.text,
            split_from=proposal,
            **{name: getattr(proposal, name) for name in KEPT},
        )
        # The day of the first one: whoever splits wins no new days for finding supports, and no place in the queue.
        made.state, made.submitted_at = Proposal.State.SUBMITTED, proposal.submitted_at
        made.save(update_fields=["state", "submitted_at"])
        keep_version(made, proposal.author, at=at)
        piece.became = made
        piece.save(update_fields=["became"])
        new.append(made)
    end_check(proposal, moment)
    proposal.state, proposal.decided_at = Proposal.State.SPLIT, None
    proposal.save(update_fields=["state", "decided_at"])
    carried = carry_supports([proposal], new, at=at)
    split.state, split.ended_at = State.DONE, moment
    split.save(update_fields=["state", "ended_at", "state_before", "decided_before"])
    _log(cycle, "proposal.split", actor, proposal, at, into=[made.reference for made in new], supports_carried=carried)
    jobs.defer(tell_of_split, str(split.pk), "done")
    jobs.defer(tell_supporters_of_split, str(split.pk), "split")
    return split


def _refuse_unfit(proposal: Proposal) -> None:
    refuse_unjoinable(proposal)
    if MergePart.objects.filter(proposal=proposal, is_open=True).exists():
        raise CycleRefused(_("Its author is asked about a merge. That must be answered first."))


def _held(proposal: Proposal, at: datetime | None) -> tuple[Cycle, Proposal]:
    cycle = hold(proposal.heading.cycle)
    require_phase(cycle, REVIEW_PHASES, at=at, refusal=_("Proposals can no longer be split."))
    end_overdue(cycle, at)
    return cycle, held_proposal(proposal)


def _held_open(split: Split, at: datetime | None) -> tuple[Cycle, Proposal, Split]:
    cycle, proposal = _held(split.proposal, at)
    split = Split.objects.select_related("suggested_by").get(pk=split.pk)
    refuse_ended(split)
    return cycle, proposal, split


def _close(cycle: Cycle, proposal: Proposal, split: Split, state: str, actor: User, at: datetime | None) -> Split:
    split.state, split.ended_at = state, at or timezone.now()
    split.save(update_fields=["state", "ended_at"])
    _log(cycle, f"split.{state}", actor, proposal, at)
    jobs.defer(tell_of_split, str(split.pk), state)
    return split


def _log(cycle: Cycle, kind: str, actor: User, proposal: Proposal, at: datetime | None, **more: object) -> None:
    record(cycle, kind, actor, at=at, proposal=proposal.pk, reference=proposal.reference, **more)
