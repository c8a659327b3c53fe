# SPDX-License-Identifier: AGPL-3.0-or-later
"""What officials ask the authors, and what they answer; both in public."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assemblies.models import Membership
from proposals.models import Proposal, Question
from proposals.refusals import CycleRefused

from .phases import REVIEW_PHASES, TALKING_PHASES, held_proposal, record, require_member, require_phase, share

CAN_BE_ASKED = (
    Proposal.State.SUBMITTED,
    Proposal.State.RETURNED,
    Proposal.State.FEASIBLE,
    Proposal.State.UNFEASIBLE,
)


@transaction.atomic
def ask_question(*, proposal: Proposal, asker: Membership, text: str, at: datetime | None = None) -> Question:
    """The question stands beside the proposal, and its author can answer it."""
    cycle = share(proposal.heading.cycle)
    require_phase(cycle, REVIEW_PHASES, at=at, refusal=_("Proposals are not checked at the moment."))
    proposal = held_proposal(proposal)
    require_member(cycle, asker)
    if proposal.author.user_id == asker.user_id:
        raise CycleRefused(_("You wrote this proposal yourself. Somebody else must ask."))
    if proposal.state not in CAN_BE_ASKED or proposal.is_selected:
        raise CycleRefused(_("There is nothing more to ask: this proposal is on the ballot, or no longer in the list."))
    if not text.strip():
        raise CycleRefused(_("Write the question."))
    question = Question.objects.create(
        proposal=proposal, asked_by=asker, text=text.strip(), asked_at=at or timezone.now()
    )
    record(cycle, "proposal.asked", asker.user, at=at, proposal=proposal.pk, question=question.pk, text=question.text)
    return question


@transaction.atomic
def answer_question(*, question: Question, author: Membership, text: str, at: datetime | None = None) -> Question:
    """The answer stands below the question for good."""
    cycle = share(question.proposal.heading.cycle)
    require_phase(cycle, TALKING_PHASES, at=at, refusal=_("Questions cannot be answered at the moment."))
    proposal = held_proposal(question.proposal)
    question = Question.objects.select_for_update().get(pk=question.pk)
    if proposal.author.user_id != author.user_id or author.left_at is not None:
        raise CycleRefused(_("Only the author can answer."))
    if question.answer:
        raise CycleRefused(_("This question has its answer already."))
    if not text.strip():
        raise CycleRefused(_("Write the answer."))
    question.answer, question.answered_by, question.answered_at = text.strip(), author, at or timezone.now()
    question.save(update_fields=["answer", "answered_by", "answered_at"])
    record(
        cycle, "proposal.answered", author.user, at=at, proposal=proposal.pk, question=question.pk, text=question.answer
    )
    return question
