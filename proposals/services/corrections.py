# SPDX-License-Identifier: AGPL-3.0-or-later
"""Back to the author with a reason and a day, and in again: also when no new ideas are taken any more.

Nothing happens by itself when the day is over: what was not sent in again is late from then on, by the clock alone.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import jobs
from assemblies.models import Membership
from proposals.author_mails import tell_of_correction
from proposals.models import Correction, Cycle, Proposal
from proposals.models.versions import WORDING
from proposals.refusals import CycleRefused

from .phases import REVIEW_PHASES, held_proposal, hold, record, require_phase
from .reviewing import held_for_check, refuse_unfit
from .versions import put_into_words

LONGEST = timedelta(days=60)
Outcome = Correction.Outcome


@transaction.atomic
def return_proposal(
    *, proposal: Proposal, official: Membership, reason: str, until: datetime, at: datetime | None = None
) -> Correction:
    """The author is told what to put right until when; everybody can read it. Estimates of the old words are closed."""
    cycle, proposal = held_for_check(proposal, official, at)
    if proposal.state != Proposal.State.SUBMITTED:
        raise CycleRefused(_("This proposal has its answer already. Only what waits for the check can be given back."))
    if not reason.strip():
        raise CycleRefused(_("Write what must be put right. Everybody can read it."))
    _refuse_day(cycle, until, at)
    moment = at or timezone.now()
    correction = Correction.objects.create(
        proposal=proposal, returned_by=official, reason=reason.strip()[:2000], returned_at=moment, until=until
    )
    proposal.state, proposal.correct_until = Proposal.State.RETURNED, until
    proposal.save(update_fields=["state", "correct_until"])
    proposal.estimates.filter(closed_at=None).update(closed_at=moment)
    _log(cycle, "proposal.returned", official, proposal, at, reason=correction.reason, until=until.isoformat())
    jobs.defer(tell_of_correction, str(correction.pk), "returned")
    return correction


@transaction.atomic
def send_again(
    *, proposal: Proposal, author: Membership, reason: str, at: datetime | None = None, **wording: Any
) -> Proposal:
    """It waits for the check again, in these words; what it said before, and what was asked for, stays readable."""
    cycle, proposal, correction = _held(proposal, at, _("Proposals can no longer be sent in again."))
    if proposal.author.user_id != author.user_id or author.left_at is not None:
        raise CycleRefused(_("Only the author can send it in again."))
    moment = at or timezone.now()
    if correction.until <= moment:
        raise CycleRefused(
            _(
                "The day until which it could be corrected is over. Keep your words with the other button: "
                "the officials can give more time, or take it as it is."
            )
        )
    if not reason.strip():
        raise CycleRefused(_("Say in a few words what you changed, and why. Everybody can read it."))
    if any(wording[name] != getattr(proposal, name) for name in WORDING if name in wording):
        put_into_words(proposal, author, reason, wording, at=at)
    correction.answer = reason.strip()[:200]
    _end(proposal, correction, Outcome.SENT_AGAIN, moment)
    _log(cycle, "proposal.sent_again", author, proposal, at)
    return proposal


@transaction.atomic
def extend_correction(
    *, proposal: Proposal, official: Membership, until: datetime, at: datetime | None = None
) -> Correction:
    """The author has longer, also when the day is over already."""
    cycle, proposal, correction = _held(proposal, at, _("Proposals are not checked at the moment."))
    refuse_unfit(cycle, proposal, official)
    _refuse_day(cycle, until, at)
    if until <= correction.until:
        raise CycleRefused(_("Choose a later day than before. Time that was given is not taken away."))
    correction.until = proposal.correct_until = until
    correction.save(update_fields=["until"])
    proposal.save(update_fields=["correct_until"])
    _log(cycle, "proposal.correction_extended", official, proposal, at, until=until.isoformat())
    jobs.defer(tell_of_correction, str(correction.pk), "extended")
    return correction


@transaction.atomic
def accept_uncorrected(*, proposal: Proposal, official: Membership, at: datetime | None = None) -> Proposal:
    """It waits for the check as it is now, before its day or after it."""
    cycle, proposal, correction = _held(proposal, at, _("Proposals are not checked at the moment."))
    refuse_unfit(cycle, proposal, official)
    _end(proposal, correction, Outcome.ACCEPTED, at or timezone.now())
    _log(cycle, "proposal.taken_uncorrected", official, proposal, at)
    jobs.defer(tell_of_correction, str(correction.pk), "accepted")
    return proposal


def last_day_for_correction(cycle: Cycle) -> datetime | None:
    """When the list closes for good: no correction is worth anything later."""
    ends = [phase.ends_at for phase in cycle.phases.all() if phase.enabled and phase.kind in REVIEW_PHASES]
    return max((end for end in ends if end), default=None) if None not in ends else None


def _held(proposal: Proposal, at: datetime | None, refusal: str) -> tuple[Cycle, Proposal, Correction]:
    cycle = hold(proposal.heading.cycle)
    require_phase(cycle, REVIEW_PHASES, at=at, refusal=refusal)
    proposal = held_proposal(proposal)
    correction = proposal.corrections.filter(ended_at=None).first()
    if correction is None or proposal.state != Proposal.State.RETURNED or proposal.hidden_at is not None:
        raise CycleRefused(_("This proposal is not with its author to be corrected."))
    return cycle, proposal, correction


def _refuse_day(cycle: Cycle, until: datetime, at: datetime | None) -> None:
    moment, last = at or timezone.now(), last_day_for_correction(cycle)
    if until <= moment or until > moment + LONGEST:
        raise CycleRefused(_("Choose a day in the next 60 days."))
    if last is not None and until > last:
        raise CycleRefused(_("Choose an earlier day: by then the list for the vote is closed."))


def _end(proposal: Proposal, correction: Correction, outcome: str, moment: datetime) -> None:
    correction.outcome, correction.ended_at = outcome, moment
    correction.save(update_fields=["outcome", "ended_at", "answer"])
    proposal.state, proposal.correct_until = Proposal.State.SUBMITTED, None
    proposal.save(update_fields=["state", "correct_until"])


def _log(cycle: Cycle, kind: str, who: Membership, proposal: Proposal, at: datetime | None, **more: Any) -> None:
    record(cycle, kind, who.user, at=at, proposal=proposal.pk, reference=proposal.reference, **more)
