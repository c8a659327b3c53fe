# SPDX-License-Identifier: AGPL-3.0-or-later
"""Following a proposal by mail. Whoever wants no more mails is never asked for a reason, a step or a sign-in."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assemblies.models import Membership
from proposals.models import Follow, Proposal
from proposals.refusals import CycleRefused

from .phases import TALKING_PHASES, held_proposal, require_member, require_phase, share


@transaction.atomic
def follow_proposal(*, proposal: Proposal, person: Membership, at: datetime | None = None) -> Follow:
    """This person has a mail when something happens to the proposal; asked again, nothing changes."""
    cycle = share(proposal.heading.cycle)
    require_phase(cycle, TALKING_PHASES, at=at, refusal=_("Proposals cannot be followed at the moment."))
    proposal = held_proposal(proposal)
    require_member(cycle, person)
    if proposal.is_draft:
        raise CycleRefused(_("This proposal was not sent in yet."))
    follow, _made = Follow.objects.get_or_create(
        proposal=proposal, person=person, defaults={"created_at": at or timezone.now()}
    )
    return follow


@transaction.atomic
def unfollow_proposal(*, proposal: Proposal, person: Membership) -> None:
    """This person has no more mails about the proposal; asked again, nothing changes."""
    Follow.objects.filter(proposal=proposal, person=person).delete()
