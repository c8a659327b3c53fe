# SPDX-License-Identifier: AGPL-3.0-or-later
"""An author's appeal against a No, and the decision by an evaluator who had no part in it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import jobs
from accounts.models import User
from assemblies.models import Membership
from proposals.models import Proposal, Review, ReviewAppeal, appeal_until, rule_of
from proposals.refusals import CycleRefused
from proposals.review_mails import tell_author_of_appeal

from .phases import REVIEW_PHASES, held_proposal, hold, record, require_phase
from .reviewing import held_for_check


@transaction.atomic
def appeal_review(*, review: Review, actor: User, text: str, at: datetime | None = None) -> ReviewAppeal:
    """The author says what was overlooked; another evaluator will answer."""
    cycle = hold(review.proposal.heading.cycle)
    require_phase(cycle, REVIEW_PHASES, at=at, refusal=_("Answers can no longer be appealed against."))
    proposal = held_proposal(review.proposal)
    moment = at or timezone.now()
    if not proposal.is_written_by(actor):
        raise CycleRefused(_("Only the author can appeal."))
    newest = proposal.reviews.first()
    if newest is None or newest.pk != review.pk or proposal.state != Proposal.State.UNFEASIBLE:
        raise CycleRefused(_("There is a newer answer. Read that one first."))
    if ReviewAppeal.objects.filter(review=review).exists():
        raise CycleRefused(_("You have appealed already. Another evaluator looks at it."))
    if moment > appeal_until(review, rule_of(cycle)):
        raise CycleRefused(_("The days for an appeal are over."))
    if not text.strip():
        raise CycleRefused(_("Write what was overlooked."))
    appeal = ReviewAppeal.objects.create(review=review, text=text.strip()[:2000], made_at=moment)
    record(cycle, "review.appealed", actor, at=at, proposal=proposal.pk, reference=proposal.reference)
    return appeal


@transaction.atomic
def decide_review_appeal(
    *, appeal: ReviewAppeal, evaluator: Membership, is_granted: bool, reason: str, at: datetime | None = None
) -> ReviewAppeal:
    """Everybody reads why the No stays, or the proposal is checked anew by the rule of its budget."""
    cycle, proposal = held_for_check(appeal.review.proposal, evaluator, at)
    appeal = ReviewAppeal.objects.select_related("review__evaluator", "review__signed_by").get(pk=appeal.pk)
    if appeal.decided_at is not None:
        raise CycleRefused(_("This appeal was decided already."))
    if proposal.state != Proposal.State.UNFEASIBLE:
        raise CycleRefused(_("There is a newer answer. Read that one first."))
    said_no = [person.user_id for person in (appeal.review.evaluator, appeal.review.signed_by) if person]
    if evaluator.user_id in said_no:
        raise CycleRefused(_("You had a part in this answer. Another evaluator decides about the appeal."))
    if not reason.strip():
        raise CycleRefused(_("Write the reason. Everybody can read it."))
    appeal.is_granted, appeal.reason = is_granted, reason.strip()[:2000]
    appeal.decided_by, appeal.decided_at = evaluator, at or timezone.now()
    appeal.save()
    if is_granted:
        proposal.state, proposal.decided_at = Proposal.State.SUBMITTED, None
        proposal.save(update_fields=["state", "decided_at"])
    record(
        cycle,
        "review.appeal_granted" if is_granted else "review.appeal_refused",
        evaluator.user,
        at=at,
        proposal=proposal.pk,
        reference=proposal.reference,
    )
    jobs.defer(tell_author_of_appeal, str(appeal.pk))
    return appeal
