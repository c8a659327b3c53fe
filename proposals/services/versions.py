# SPDX-License-Identifier: AGPL-3.0-or-later
"""What was sent in may be put into better words while ideas are taken; every wording stays readable."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assemblies.models import Membership
from proposals.models import Correction, Phase, Proposal, ProposalVersion
from proposals.models.versions import WORDING
from proposals.refusals import CycleRefused

from .phases import REVIEW_PHASES, held_proposal, record, require_phase, share


@transaction.atomic
def change_proposal(
    *, proposal: Proposal, editor: Membership, reason: str, at: datetime | None = None, **wording: Any
) -> ProposalVersion:
    """The proposal says this from now on, with the reason beside it; what it said before stays readable."""
    cycle = share(proposal.heading.cycle)
    proposal = held_proposal(proposal)
    is_returned = proposal.state == Proposal.State.RETURNED  # its author may work at it for as long as it is checked
    require_phase(
        cycle,
        REVIEW_PHASES if is_returned else [Phase.Kind.ACCEPTING],
        at=at,
        refusal=_("The words of a proposal cannot be changed at the moment."),
    )
    if proposal.author.user_id != editor.user_id or editor.left_at is not None:
        raise CycleRefused(_("Only the author can change a proposal."))
    if proposal.state not in (Proposal.State.SUBMITTED, Proposal.State.RETURNED):
        raise CycleRefused(_("This proposal can no longer be changed: it has its answer, or it is not in the list."))
    version = put_into_words(proposal, editor, reason, wording, at=at)
    record(cycle, "proposal.changed", editor.user, at=at, proposal=proposal.pk, version=version.number)
    return version


def put_into_words(
    proposal: Proposal, editor: Membership, reason: str, wording: dict[str, Any], *, at: datetime | None
) -> ProposalVersion:
    """The held proposal has this wording and one version more; refused where nothing is new."""
    if not reason.strip():
        raise CycleRefused(_("Say in a few words what you changed, and why. Everybody can read it."))
    changed = [name for name in WORDING if name in wording and wording[name] != getattr(proposal, name)]
    if not changed:
        raise CycleRefused(_("Nothing is different from what it said before."))
    for name in changed:
        setattr(proposal, name, wording[name])
    proposal.save(update_fields=changed)
    return keep_version(proposal, editor, reason=reason, at=at)


def keep_version(
    proposal: Proposal, editor: Membership, *, reason: str = "", at: datetime | None = None
) -> ProposalVersion:
    """What the held proposal says now is its newest version."""
    newest = proposal.versions.first()
    return ProposalVersion.objects.create(
        proposal=proposal,
        number=newest.number + 1 if newest else 1,
        reason=reason.strip(),
        editor=editor,
        created_at=at or timezone.now(),
        **{name: getattr(proposal, name) for name in WORDING},
    )


def drop_correction(proposal: Proposal, at: datetime | None) -> None:
    """The held proposal has ended in another way: nothing is to be corrected any more."""
    open_ones = proposal.corrections.filter(ended_at=None)
    open_ones.update(ended_at=at or timezone.now(), outcome=Correction.Outcome.DROPPED)
