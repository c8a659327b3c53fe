# SPDX-License-Identifier: AGPL-3.0-or-later
"""The officials' answer: what one evaluator found, the second look, the signature, and who must not judge."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from assemblies.models import Membership
from proposals.models import (
    Assignment,
    Conflict,
    CoSponsor,
    Cycle,
    Estimate,
    Note,
    Proposal,
    Review,
    ReviewRule,
    rule_of,
)
from proposals.refusals import CycleRefused

from .phases import REVIEW_PHASES, held_proposal, hold, record, require_ahead, require_member, require_phase

MOST_NOTES_LETTERS = 2000
CAN_BE_CHECKED = (Proposal.State.SUBMITTED, Proposal.State.FEASIBLE, Proposal.State.UNFEASIBLE)


@transaction.atomic
def set_review_rule(*, cycle: Cycle, actor: User, at: datetime | None = None, **fields: Any) -> ReviewRule:
    """The budget says how its proposals are checked. Once somebody has given an estimate, it stays."""
    cycle = hold(cycle)
    refusal = _("The check is over, so how it was done can no longer change.")
    require_ahead(cycle, REVIEW_PHASES, at=at, refusal=refusal)
    if rule_is_in_use(cycle):
        raise CycleRefused(_("Proposals are being checked by this rule already. It can no longer change."))
    rule, _is_new = ReviewRule.objects.update_or_create(cycle=cycle, defaults=fields)
    record(cycle, "cycle.review_rule", actor, at=at, **fields)
    return rule


def rule_is_in_use(cycle: Cycle) -> bool:
    """Whether somebody has given an estimate by it."""
    return Estimate.objects.filter(proposal__heading__cycle=cycle).exists()


@transaction.atomic
def review_proposal(
    *,
    proposal: Proposal,
    evaluator: Membership,
    feasibility: str,
    cost: int | None = None,
    public_reason: str = "",
    note_internal: str = "",
    at: datetime | None = None,
) -> Review:
    """The officials' answer is signed and public, with its cost or its reason; an earlier answer stays beside it."""
    cycle, proposal = held_for_check(proposal, evaluator, at)
    if rule_of(cycle).needs_second_person:
        raise CycleRefused(_("In this budget a second person signs each answer. Give your estimate at the desk."))
    _refuse_half_an_answer(proposal, feasibility, cost, public_reason)
    return _publish(
        cycle,
        proposal,
        Review(
            proposal=proposal,
            evaluator=evaluator,
            feasibility=feasibility,
            cost=cost,
            public_reason=public_reason.strip(),
            note_internal=note_internal.strip(),
        ),
        at,
    )


@transaction.atomic
def give_estimate(
    *,
    proposal: Proposal,
    evaluator: Membership,
    feasibility: str,
    cost: int | None = None,
    public_reason: str = "",
    note_internal: str = "",
    checked: Sequence[str] = (),
    at: datetime | None = None,
) -> Estimate:
    """What this evaluator found is kept for the second person. Nobody gives the second estimate beside their own first."""
    cycle, proposal = held_for_check(proposal, evaluator, at)
    rule = rule_of(cycle)
    if not rule.needs_second_person:
        raise CycleRefused(_("In this budget one person answers. Sign the answer."))
    given = list(proposal.estimates.filter(closed_at=None))
    if any(estimate.evaluator_id == evaluator.pk for estimate in given):
        raise CycleRefused(_("You have given your estimate already. Somebody else gives the second one."))
    if len(given) >= rule.estimates:
        raise CycleRefused(_("All estimates are given. Now a second person signs the answer."))
    _refuse_half_an_answer(proposal, feasibility, cost, public_reason)
    return Estimate.objects.create(
        proposal=proposal,
        evaluator=evaluator,
        feasibility=feasibility,
        cost=cost,
        public_reason=public_reason.strip(),
        note_internal=note_internal.strip(),
        checked=list(checked),
        given_at=at or timezone.now(),
    )


@transaction.atomic
def sign_answer(*, estimate: Estimate, signer: Membership, at: datetime | None = None) -> Review:
    """This estimate is the public answer, under two names; other estimates stay on the desk as they were given."""
    cycle, proposal = held_for_check(estimate.proposal, signer, at)
    open_estimates = list(proposal.estimates.filter(closed_at=None).select_related("evaluator"))
    chosen = next((found for found in open_estimates if found.pk == estimate.pk), None)
    if chosen is None:
        raise CycleRefused(_("This estimate was closed already."))
    if len(open_estimates) < rule_of(cycle).estimates:
        raise CycleRefused(_("A second evaluator must give an estimate first."))
    if chosen.evaluator.user_id == signer.user_id:
        raise CycleRefused(_("This estimate is yours. Somebody else signs it."))
    review = _publish(
        cycle,
        proposal,
        Review(
            proposal=proposal,
            evaluator=chosen.evaluator,
            feasibility=chosen.feasibility,
            cost=chosen.cost,
            public_reason=chosen.public_reason,
            note_internal=chosen.note_internal,
            signed_by=signer,
        ),
        at,
    )
    Estimate.objects.filter(pk=chosen.pk).update(review=review)
    return review


@transaction.atomic
def send_back(*, proposal: Proposal, signer: Membership, text: str, at: datetime | None = None) -> Note:
    """Nobody signs these estimates: they are closed, and colleagues read why before they check again."""
    _cycle, proposal = held_for_check(proposal, signer, at)
    if not text.strip():
        raise CycleRefused(_("Write for your colleagues what must be checked again."))
    if not proposal.estimates.filter(closed_at=None).update(closed_at=at or timezone.now()):
        raise CycleRefused(_("There is no estimate to send back."))
    return Note.objects.create(
        proposal=proposal, author=signer, text=text.strip()[:MOST_NOTES_LETTERS], written_at=at or timezone.now()
    )


def end_check(proposal: Proposal, at: datetime) -> None:
    """Nothing about this held proposal is left open at the desk."""
    proposal.estimates.filter(closed_at=None).update(closed_at=at)
    proposal.assignments.filter(ended_at=None).update(ended_at=at)


def take_check_up_again(
    proposal: Proposal, *, ended_at: datetime, at: datetime, meanwhile: Sequence[Proposal] = ()
) -> None:
    """What ended at that moment is open again, but for people who are not free to judge any more or have left.

    Who declared a conflict about one of those that were checked `meanwhile` is not free to judge this one either.
    Estimates that were given in between were about other words, so they are closed.
    """
    declared = Conflict.objects.filter(proposal__in=meanwhile, declared_at__gte=ended_at)
    Conflict.objects.bulk_create(
        [
            Conflict(proposal=proposal, evaluator_id=one.evaluator_id, reason=one.reason, declared_at=one.declared_at)
            for one in declared
        ],
        ignore_conflicts=True,  # some have declared it here already
    )
    proposal.estimates.filter(closed_at=None).update(closed_at=at)
    not_free = proposal.conflicts.values("evaluator")
    proposal.estimates.filter(closed_at=ended_at, review=None).exclude(evaluator__in=not_free).update(closed_at=None)
    again = proposal.assignments.filter(ended_at=ended_at, ended_by=None, evaluator__left_at=None)
    again.exclude(evaluator__in=not_free).update(ended_at=None)


@transaction.atomic
def declare_conflict(*, proposal: Proposal, evaluator: Membership, reason: str, at: datetime | None = None) -> Conflict:
    """This evaluator no longer judges this proposal, now or later; the public log says so, without the reason."""
    cycle, proposal = held_for_check(proposal, evaluator, at)
    if not reason.strip():
        raise CycleRefused(_("Write why you are not free to judge. Only colleagues read it."))
    moment = at or timezone.now()
    declared = Conflict.objects.create(
        proposal=proposal, evaluator=evaluator, reason=reason.strip()[:300], declared_at=moment
    )
    Assignment.objects.filter(proposal=proposal, evaluator=evaluator, ended_at=None).update(ended_at=moment)
    Estimate.objects.filter(proposal=proposal, evaluator=evaluator, closed_at=None).update(closed_at=moment)
    record(cycle, "review.conflict_declared", evaluator.user, at=at, proposal=proposal.pk, reference=proposal.reference)
    return declared


@transaction.atomic
def write_note(*, proposal: Proposal, author: Membership, text: str, at: datetime | None = None) -> Note:
    """Colleagues read it at the desk, and nobody anywhere else."""
    cycle = hold(proposal.heading.cycle)
    require_phase(cycle, REVIEW_PHASES, at=at, refusal=_("Proposals are not checked at the moment."))
    require_member(cycle, author)
    if not text.strip():
        raise CycleRefused(_("Write something first."))
    return Note.objects.create(
        proposal=proposal, author=author, text=text.strip()[:MOST_NOTES_LETTERS], written_at=at or timezone.now()
    )


def held_for_check(proposal: Proposal, evaluator: Membership, at: datetime | None) -> tuple[Cycle, Proposal]:
    """The cycle and the proposal, held, when this evaluator may judge it now; else refuse."""
    cycle = hold(proposal.heading.cycle)
    require_phase(cycle, REVIEW_PHASES, at=at, refusal=_("Proposals are not checked at the moment."))
    proposal = held_proposal(proposal)
    refuse_unfit(cycle, proposal, evaluator)
    if proposal.state not in CAN_BE_CHECKED or proposal.hidden_at is not None:
        raise CycleRefused(_("This proposal is not waiting for a check."))
    if proposal.is_selected:
        raise CycleRefused(_("This proposal is on the ballot. Its cost no longer changes."))
    return cycle, proposal


def refuse_unfit(cycle: Cycle, proposal: Proposal, evaluator: Membership) -> None:
    """Who stands behind it, declared a conflict or is not from here decides nothing about it."""
    require_member(cycle, evaluator)
    behind = Proposal.objects.that_went_into(proposal)  # what was merged into it is in it
    if behind.filter(author__user=evaluator.user_id).exists():
        raise CycleRefused(_("You wrote this proposal yourself. Somebody else must check it."))
    if CoSponsor.objects.named().filter(proposal__in=behind, person__user=evaluator.user_id).exists():
        raise CycleRefused(_("You stand behind this proposal yourself. Somebody else must check it."))
    if Conflict.objects.filter(proposal__in=behind, evaluator=evaluator).exists():
        raise CycleRefused(_("You said that you are not free to judge this proposal. Somebody else checks it."))


def _refuse_half_an_answer(proposal: Proposal, feasibility: str, cost: int | None, public_reason: str) -> None:
    if feasibility == Review.Feasibility.FEASIBLE:
        if cost is None or cost <= 0:
            raise CycleRefused(_("Write what it costs. A proposal that can be built needs a cost."))
        if cost > proposal.heading.amount:
            raise CycleRefused(
                _("It costs more than all the money there is. Then it cannot be built: choose that, with this reason.")
            )
    elif feasibility != Review.Feasibility.UNFEASIBLE:
        raise CycleRefused(_("Say whether it can be built."))
    elif not public_reason.strip():
        raise CycleRefused(_("Write the reason. Everybody can read why a proposal cannot be built."))


def _publish(cycle: Cycle, proposal: Proposal, review: Review, at: datetime | None) -> Review:
    """The answer is public, and nothing about the proposal is left open at the desk."""
    review.signed_at = at or timezone.now()
    review.save()
    proposal.state, proposal.decided_at = review.feasibility, review.signed_at
    proposal.save(update_fields=["state", "decided_at"])
    end_check(proposal, review.signed_at)
    record(
        cycle,
        "proposal.reviewed",
        review.evaluator.user,
        at=at,
        proposal=proposal.pk,
        reference=proposal.reference,
        feasibility=review.feasibility,
        cost=review.cost,
        reason=review.public_reason,
        **({"signed_by": review.signed_by.user_id} if review.signed_by else {}),
    )
    return review
