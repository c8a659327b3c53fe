# SPDX-License-Identifier: AGPL-3.0-or-later
"""Several proposals of one pot become one, when each author has said Yes to the same words.

The proposal that was chosen goes on with the new words and is checked anew; the others stay readable and point to it.
Every write holds the cycle, so two Yes at once, or a support in the same moment, come one after the other.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import jobs
from accounts.models import User
from assemblies import rights
from assemblies.models import Membership
from proposals.dates import day_in_words, last_day
from proposals.joining_mails import tell_of_merge, tell_supporters_of_merge
from proposals.models import CAN_BE_JOINED, Cycle, Merge, MergePart, Proposal
from proposals.refusals import CycleRefused

from .carrying import carry_supports, take_carried_back
from .phases import REVIEW_PHASES, held_proposal, hold, record, require_member, require_phase
from .reviewing import end_check, take_check_up_again
from .unanswered import answer_until, end_overdue, may_take_back, refuse_ended
from .versions import keep_version

MOST_PARTS = 6
State = Merge.State


@transaction.atomic
def suggest_merge(
    *,
    target: Proposal,
    others: Sequence[Proposal],
    suggester: Membership,
    title: str,
    summary: str,
    text: str,
    at: datetime | None = None,
) -> Merge:
    """Every author is asked; who suggests it and wrote one of them has said Yes by it."""
    cycle = _held_cycle(target, at)
    parts = [held_proposal(found) for found in sorted({target, *others}, key=lambda found: found.pk)]
    if not 2 <= len(parts) <= MOST_PARTS:
        raise CycleRefused(_("Choose between one and %(most)s other proposals.") % {"most": MOST_PARTS - 1})
    is_author = any(part.author.user_id == suggester.user_id for part in parts)
    require_member(cycle, suggester)
    if not is_author and not rights.ROLES_WITH[rights.REVIEW_PROPOSALS](suggester.user, cycle.assembly):
        raise CycleRefused(_("Only an author of one of them or an official can suggest this."))
    for part in parts:
        refuse_unjoinable(part)
        if part.heading_id != target.heading_id:
            raise CycleRefused(_("Only proposals for the same pot of money can become one."))
    _refuse_empty(title, summary, text)
    merge = Merge.objects.create(
        target=target,
        suggested_by=suggester,
        suggested_at=at or timezone.now(),
        answer_until=answer_until(cycle, at),
        title=title.strip(),
        summary=summary.strip(),
        text=text.strip(),
    )
    try:
        with transaction.atomic():
            MergePart.objects.bulk_create(MergePart(merge=merge, proposal=part) for part in parts)
    except IntegrityError as error:
        raise CycleRefused(_in_another(parts)) from error
    _log(cycle, "merge.suggested", suggester.user, merge, parts, at)
    jobs.defer(tell_of_merge, str(merge.pk), "suggested")
    return _say_yes(cycle, merge, suggester.user, at)


@transaction.atomic
def agree_to_merge(*, merge: Merge, author: User, wording: int, at: datetime | None = None) -> Merge:
    """This author said Yes to these words; with the last Yes the proposals are one."""
    cycle, merge = _held_merge(merge, at)
    if not _authors_part(merge, author):
        raise CycleRefused(_("Only the authors can agree."))
    if wording != merge.wording:
        raise CycleRefused(_("Somebody has changed the words meanwhile. Read them once more, then agree."))
    return _say_yes(cycle, merge, author, at)


@transaction.atomic
def refuse_merge(*, merge: Merge, author: User, reason: str = "", at: datetime | None = None) -> Merge:
    """One No is enough: all proposals go on as they are."""
    cycle, merge = _held_merge(merge, at)
    if not _authors_part(merge, author):
        raise CycleRefused(_("Only the authors can refuse."))
    return _close(cycle, merge, State.REFUSED, author, at, reason=reason)


@transaction.atomic
def take_merge_back(*, merge: Merge, actor: User, at: datetime | None = None) -> Merge:
    """Who suggested it no longer does; for an official any colleague says so."""
    cycle, merge = _held_merge(merge, at)
    if not may_take_back(merge, actor):
        raise CycleRefused(_("Only who suggested it can take it back."))
    return _close(cycle, merge, State.TAKEN_BACK, actor, at)


@transaction.atomic
def reword_merge(
    *, merge: Merge, author: User, title: str, summary: str, text: str, at: datetime | None = None
) -> Merge:
    """One of the authors proposes other words. Every Yes was to the old ones, so all but this author are asked again."""
    cycle, merge = _held_merge(merge, at)
    if not _authors_part(merge, author):
        raise CycleRefused(_("Only the authors can change the words."))
    _refuse_empty(title, summary, text)
    new = (title.strip(), summary.strip(), text.strip())
    if new == (merge.title, merge.summary, merge.text):
        raise CycleRefused(_("Nothing is different from what it said before."))
    merge.title, merge.summary, merge.text = new
    merge.wording += 1
    until = answer_until(cycle, at)  # all are asked anew, so all have the whole time anew
    if until > merge.answer_until:
        merge.answer_until, merge.reminded_at = until, None
    merge.save(update_fields=["title", "summary", "text", "wording", "answer_until", "reminded_at"])
    merge.parts.update(agreed_at=None)
    jobs.defer(tell_of_merge, str(merge.pk), "reworded")
    return _say_yes(cycle, merge, author, at)


@transaction.atomic
def undo_merge(*, merge: Merge, author: User, reason: str, at: datetime | None = None) -> Merge:
    """Each proposal is what it was before, with its supports; an author may want that until the list stands."""
    cycle = _held_cycle(merge.target, at)
    merge = Merge.objects.select_related("suggested_by").get(pk=merge.pk)
    if not _authors_part(merge, author):
        raise CycleRefused(_("Only the authors can undo it."))
    if not reason.strip():
        raise CycleRefused(_("Write the reason. The other authors and the officials read it."))
    target = held_proposal(merge.target)
    refuse_undoing(merge, target)
    parts = list(merge.parts.order_by("proposal_id"))
    sources = [part.proposal_id for part in parts if part.proposal_id != target.pk]
    take_carried_back(target, sources)
    moment = at or timezone.now()
    for part in parts:
        proposal = held_proposal(part.proposal)
        proposal.state, proposal.decided_at, proposal.merged_into = part.state_before, part.decided_before, None
        proposal.save(update_fields=["state", "decided_at", "merged_into"])
        if merge.ended_at is not None:
            take_check_up_again(proposal, ended_at=merge.ended_at, at=moment, meanwhile=[target])
        if proposal.pk == target.pk and part.version_before is not None:
            before = proposal.versions.get(number=part.version_before)
            _put_words(proposal, before.title, before.summary, before.text)
            keep_version(proposal, proposal.author, reason=_("The merge was undone."), at=at)
    merge.state, merge.reason, merge.undone_at = State.UNDONE, reason.strip()[:500], moment
    merge.save(update_fields=["state", "reason", "undone_at"])
    _log(cycle, "merge.undone", author, merge, [part.proposal for part in parts], at)
    jobs.defer(tell_of_merge, str(merge.pk), "undone")
    jobs.defer(tell_supporters_of_merge, str(merge.pk), "undone")
    return merge


def _in_another(parts: Sequence[Proposal]) -> str:
    """Which one is asked about something else, and until when at the most."""
    other = MergePart.objects.filter(proposal__in=parts, is_open=True).select_related("merge", "proposal").first()
    if other is None:
        return _("One of them waits for an answer about another merge. That one must end first.")
    return _(
        "“%(title)s” waits for an answer about another merge, until %(day)s at the latest. That one must end first."
    ) % {
        "title": other.proposal.title,
        "day": day_in_words(last_day(other.merge.answer_until)),
    }


def can_be_joined(proposal: Proposal) -> bool:
    """In the list of open ideas, and not on the ballot; as `MergeQuerySet.possible` asks the database."""
    return proposal.state in CAN_BE_JOINED and proposal.hidden_at is None and not proposal.is_selected


def refuse_unjoinable(proposal: Proposal) -> None:
    """Only what is in the list, not on the ballot, and has an author who can say Yes or No."""
    if proposal.state not in CAN_BE_JOINED or proposal.hidden_at is not None:
        raise CycleRefused(_("“%(title)s” is not in the list of open ideas.") % {"title": proposal.title})
    if proposal.is_selected:
        raise CycleRefused(_("“%(title)s” is on the ballot already.") % {"title": proposal.title})
    if proposal.author.left_at is not None:
        raise CycleRefused(_("The author of “%(title)s” is no longer here to agree.") % {"title": proposal.title})


def refuse_undoing(merge: Merge, target: Proposal) -> None:
    """What came after stands on it: others who joined later, and the officials' answers, would go with words of before.

    Two queries at most. Raises `CycleRefused`.
    """
    if merge.state != State.DONE:
        raise CycleRefused(_("There is nothing to undo."))
    if target.state != Proposal.State.SUBMITTED or target.is_selected:
        raise CycleRefused(_("What became of it was answered or changed since. It can no longer be undone."))
    if Merge.objects.filter(target=target, state=State.DONE, ended_at__gt=merge.ended_at).exists():
        raise CycleRefused(_("Another proposal was merged into it later. Undo that merge first."))
    if target.reviews.filter(signed_at__gt=merge.ended_at).exists():
        raise CycleRefused(_("What became of it was answered or changed since. It can no longer be undone."))


def _say_yes(cycle: Cycle, merge: Merge, author: User, at: datetime | None) -> Merge:
    """This author's Yes is kept; and with the last one the merge is carried out, in this transaction."""
    agreed = merge.parts.filter(proposal__author__user=author, agreed_at=None)
    if agreed.update(agreed_at=at or timezone.now()):
        _log(cycle, "merge.agreed", author, merge, [], at)
    if not merge.parts.filter(agreed_at=None).exists():
        _carry_out(cycle, merge, at)
    return merge


def _carry_out(cycle: Cycle, merge: Merge, at: datetime | None) -> None:
    moment = at or timezone.now()
    if not Merge.objects.filter(pk=merge.pk, state=State.OPEN).update(state=State.DONE, ended_at=moment):
        raise CycleRefused(_("This suggestion has ended already."))
    merge.state, merge.ended_at = State.DONE, moment
    parts = list(merge.parts.order_by("proposal_id"))
    held = {part.proposal_id: held_proposal(part.proposal) for part in parts}
    target = held[merge.target_id]
    for part in parts:
        proposal = held[part.proposal_id]
        refuse_unjoinable(proposal)
        newest = proposal.versions.first()
        part.state_before, part.decided_before, part.is_open = proposal.state, proposal.decided_at, False
        part.version_before = newest.number if newest else keep_version(proposal, proposal.author, at=at).number
        part.save()
        if proposal is target:
            proposal.estimates.filter(closed_at=None).update(closed_at=moment)  # they were about other words
        else:
            end_check(proposal, moment)
            proposal.state, proposal.merged_into = Proposal.State.MERGED, target
            proposal.save(update_fields=["state", "merged_into"])
    sources = [proposal for proposal in held.values() if proposal is not target]
    target.state, target.decided_at = Proposal.State.SUBMITTED, None  # its words are new: it is checked anew
    target.save(update_fields=["state", "decided_at"])
    _put_words(target, merge.title, merge.summary, merge.text)
    names = ", ".join(f"{source.reference}" for source in sources)
    keep_version(
        target, target.author, reason=_("Now one proposal with %(references)s.") % {"references": names}, at=at
    )
    carried = carry_supports(sources, [target], at=at)
    _log(cycle, "merge.done", None, merge, [target, *sources], at, supports_carried=carried)
    for source in sources:
        record(cycle, "proposal.merged", None, at=at, proposal=source.pk, into=target.pk, reference=source.reference)
    jobs.defer(tell_of_merge, str(merge.pk), "done")
    jobs.defer(tell_supporters_of_merge, str(merge.pk), "done")


def _put_words(proposal: Proposal, title: str, summary: str, text: str) -> None:
    proposal.title, proposal.summary, proposal.text = title, summary, text
    proposal.save(update_fields=["title", "summary", "text"])


def _close(cycle: Cycle, merge: Merge, state: str, actor: User, at: datetime | None, *, reason: str = "") -> Merge:
    merge.state, merge.reason, merge.ended_at = state, reason.strip()[:500], at or timezone.now()
    merge.save(update_fields=["state", "reason", "ended_at"])
    merge.parts.update(is_open=False)
    _log(cycle, f"merge.{state}", actor, merge, [], at)
    jobs.defer(tell_of_merge, str(merge.pk), state)
    return merge


def _authors_part(merge: Merge, author: User) -> bool:
    return merge.parts.filter(proposal__author__user=author, proposal__author__left_at=None).exists()


def _held_cycle(proposal: Proposal, at: datetime | None) -> Cycle:
    cycle = hold(proposal.heading.cycle)
    require_phase(cycle, REVIEW_PHASES, at=at, refusal=_("Proposals can no longer be merged."))
    end_overdue(cycle, at)
    return cycle


def _held_merge(merge: Merge, at: datetime | None) -> tuple[Cycle, Merge]:
    """The open suggestion as it is now, under the hold of its cycle."""
    cycle = _held_cycle(merge.target, at)
    merge = Merge.objects.select_related("suggested_by", "target__heading").get(pk=merge.pk)
    refuse_ended(merge)
    return cycle, merge


def _refuse_empty(*words: str) -> None:
    if not all(word.strip() for word in words):
        raise CycleRefused(_("Write a name, a sentence and a text for what comes of it."))


def _log(
    cycle: Cycle,
    kind: str,
    actor: User | None,
    merge: Merge,
    parts: Sequence[Proposal],
    at: datetime | None,
    **more: int | str,
) -> None:
    record(
        cycle,
        kind,
        actor,
        at=at,
        merge=merge.pk,
        **({"proposals": [part.reference for part in parts]} if parts else {}),
        **more,
    )
