# SPDX-License-Identifier: AGPL-3.0-or-later
"""From a resident's draft to what was sent in, and back."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from assemblies.models import Membership
from proposals.models import Cycle, Heading, Phase, Proposal, new_reference
from proposals.models.proposals import DRAFTS_LAST
from proposals.refusals import CycleRefused

from .phases import REVIEW_PHASES, hold, record, require_ahead, require_member, require_phase, share
from .throttles import require_calm_proposing
from .versions import drop_correction, keep_version

CAN_BE_TAKEN_BACK = (
    Proposal.State.SUBMITTED,
    Proposal.State.RETURNED,
    Proposal.State.FEASIBLE,
    Proposal.State.UNFEASIBLE,
)
DRAFTS_FORGOTTEN_AFTER = timedelta(days=60)  # from the day on which it could no longer be sent as it is
ATTEMPTS = 5  # at finding a reference that nobody has: 24 million of them for two letters


@transaction.atomic
def draft_proposal(*, heading: Heading, author: Membership, at: datetime | None = None, **fields: Any) -> Proposal:
    """A proposal that only its author sees, with the reference that it keeps for good."""
    require_ideas_ahead(share(heading.cycle), at)
    require_member(heading.cycle, author)
    return new_draft(heading=heading, author=author, at=at, **fields)


def new_draft(*, heading: Heading, author: Membership, at: datetime | None, **fields: Any) -> Proposal:
    """A draft with a reference that nobody else has; who calls it has asked whether it may be written now."""
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return Proposal.objects.create(
                    heading=heading,
                    author=author,
                    reference=new_reference(heading.cycle.assembly),
                    created_at=at or timezone.now(),
                    draft_until=(at or timezone.now()) + DRAFTS_LAST,
                    **fields,
                )
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


@transaction.atomic
def edit_draft(*, proposal: Proposal, at: datetime | None = None, **fields: Any) -> Proposal:
    """The draft says something else, and rests anew; what was sent in stays as it was sent."""
    cycle = share(proposal.heading.cycle)
    proposal = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if not proposal.is_draft:
        raise CycleRefused(_("This proposal was sent in already, so it can no longer be changed here."))
    require_ideas_ahead(cycle, at)
    fields["draft_until"] = (at or timezone.now()) + DRAFTS_LAST
    for name, value in fields.items():
        setattr(proposal, name, value)
    proposal.save(update_fields=list(fields))
    return proposal


@transaction.atomic
def discard_draft(*, proposal: Proposal) -> None:
    """The draft and its photos are gone. Nobody but its author ever saw them."""
    proposal = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if not proposal.is_draft:
        raise CycleRefused(_("This proposal was sent in already. You can take it back on its page."))
    proposal.delete()


def forget_old_drafts(*, at: datetime | None = None) -> int:
    """Drafts that rested for long after they had expired are gone; answers how many."""
    _all, gone = Proposal.objects.filter(
        state=Proposal.State.DRAFT, draft_until__lte=(at or timezone.now()) - DRAFTS_FORGOTTEN_AFTER
    ).delete()
    return gone.get("proposals.Proposal", 0)


@transaction.atomic
def submit_proposal(*, proposal: Proposal, read_again: bool = False, at: datetime | None = None) -> Proposal:
    """Everybody can read the proposal, and it waits for the officials' check.

    A draft that rested too long is sent only when its author has read it again.
    """
    cycle = hold(proposal.heading.cycle)
    require_phase(
        cycle, [Phase.Kind.ACCEPTING], at=at, refusal=_("Ideas are not taken at the moment. Your draft is kept.")
    )
    proposal = Proposal.objects.select_for_update(of=("self",)).select_related("heading", "author").get(pk=proposal.pk)
    if not proposal.is_draft:
        raise CycleRefused(_("This proposal was sent in already."))
    if proposal.is_expired(at) and not read_again:
        raise CycleRefused(
            _("This draft has rested for more than 30 days. Nothing is lost: read it once more, then send it.")
        )
    require_member(proposal.heading.cycle, proposal.author)
    require_calm_proposing(proposal=proposal, at=at)
    proposal.state, proposal.submitted_at = Proposal.State.SUBMITTED, at or timezone.now()
    proposal.save(update_fields=["state", "submitted_at"])
    keep_version(proposal, proposal.author, at=at)
    record(cycle, "proposal.submitted", None, at=at, proposal=proposal.pk, reference=proposal.reference)
    return proposal


@transaction.atomic
def withdraw_proposal(*, proposal: Proposal, actor: User, at: datetime | None = None) -> Proposal:
    """The author took the proposal back. It stays in the list with that word; what is on the ballot cannot go back."""
    cycle = hold(proposal.heading.cycle)
    require_phase(cycle, REVIEW_PHASES, at=at, refusal=_("Proposals cannot be taken back at the moment."))
    proposal = Proposal.objects.select_for_update(of=("self",)).select_related("author", "heading").get(pk=proposal.pk)
    if not proposal.is_written_by(actor):
        raise CycleRefused(_("Only the author can take a proposal back."))
    if proposal.state not in CAN_BE_TAKEN_BACK:
        raise CycleRefused(_("This proposal cannot be taken back: it is a draft or was taken back before."))
    if proposal.is_selected:
        raise CycleRefused(
            _("This proposal is on the ballot, so it can no longer be taken back. Ask the people who run the budget.")
        )
    if Proposal.objects.that_went_into(proposal).exclude(author__user=actor).exists():
        raise CycleRefused(
            _(
                "Ideas of others went into this proposal, so you cannot take it back alone. Undo the merge first, or ask"
                " the people who run the budget."
            )
        )
    proposal.state, proposal.withdrawn_at = Proposal.State.WITHDRAWN, at or timezone.now()
    proposal.save(update_fields=["state", "withdrawn_at"])
    drop_correction(proposal, at)
    record(cycle, "proposal.withdrawn", actor, at=at, proposal=proposal.pk, reference=proposal.reference)
    return proposal


def require_ideas_ahead(cycle: Cycle, at: datetime | None) -> None:
    """A draft is worked on while it can still be sent; afterwards it can only be read and thrown away."""
    refusal = _("The time for ideas is over. Copy what you wrote if you want to keep it.")
    require_ahead(cycle, [Phase.Kind.ACCEPTING], at=at, refusal=refusal)
