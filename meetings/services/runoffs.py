# SPDX-License-Identifier: AGPL-3.0-or-later
"""When a vote did not settle it: the chair's casting vote, a runoff, the fallback that was agreed; and by agreement."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from assemblies.rights import RUN_MEETINGS, people_with
from meetings import decision_words
from meetings.models import (
    Amendment,
    Decision,
    DecisionWay,
    ItemPoll,
    Meeting,
    MeetingEvent,
    MeetingState,
    Motion,
    Outcome,
    QuorumState,
)
from voting import results
from voting.models import PollState, Secrecy

from .acts import MeetingRefused, clock, lock, record, require_state
from .decisions import adopted_text, in_language_of, record_decision, void_decision
from .meetings import refuse_while_a_poll_runs
from .motions import lock_motion, refuse_in_hand, refuse_undecidable
from .poll_templates import TWO_THIRDS
from .polls import add_poll
from .quorum import snapshot

VOID_ASKED = "decision_void_asked"


@transaction.atomic
def cast_deciding_vote(
    *,
    decision: Decision,
    vote: str,
    actor: User,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Decision:
    """The chair says yes or no to a tie. The tied vote and its ballots stay as they are."""
    meeting = lock(decision.meeting, expected_version=expected_version)
    require_state(meeting, MeetingState.IN_SESSION, otherwise=_("The meeting is not in session."))
    if not may_break_ties(actor, meeting):
        raise MeetingRefused(_("Only the chair of this meeting decides a tie."))
    tied = Decision.objects.standing().filter(pk=decision.pk).select_related("motion", "amendment", "item").first()
    if tied is None or tied.outcome != Outcome.TIE or "tests" not in tied.numbers:
        raise MeetingRefused(_("Only a tie of yes and no that stands can be decided by the chair."))
    as_stored = {"verdict": tied.outcome, "parameters": {"yes": "yes", "no": "no"}, "facts": tied.numbers}
    with in_language_of(meeting):
        try:
            decided = decision_words.by_casting_vote(as_stored, vote)
        except decision_words.NotDecidable as refusal:
            raise MeetingRefused(str(refusal)) from refusal
        text = adopted_text(tied.motion, tied.amendment) or tied.question
    return record_decision(
        meeting=meeting,
        item=tied.item,
        way=DecisionWay.CASTING_VOTE,
        outcome=Outcome(decided.outcome),
        question=tied.question,
        sentence=decided.sentence,
        numbers=decided.numbers,
        text=text if decided.outcome == Outcome.CARRIED else "",
        poll=tied.poll,
        hand_count=tied.hand_count,
        motion=tied.motion,
        amendment=tied.amendment,
        supersedes=tied,
        actor=actor,
        at=clock(at),
    )


def may_break_ties(user: User, meeting: Meeting) -> bool:
    """Whether this person is the chair, and has not left the assembly; where none is named, whoever runs the meeting is."""
    if not meeting.chair_breaks_ties:
        return False
    chair = meeting.chair
    return chair is None or (chair.user_id == user.pk and chair.left_at is None)


def runoff_between(held: ItemPoll) -> list[str]:
    """The titles that go into a runoff: those that tie for the first place, or the two best; empty where none is needed."""
    result = results.binding_result(held.poll)
    if result is None or held.is_straw or held.poll.rule not in ("plurality", "approval", "score"):
        return []
    outcome = result.outcome
    votes = {key: reason["numbers"].get("votes", 0) for key, reason in outcome["options"].items()}
    if len(outcome["winners"]) > 1:
        keys = set(outcome["winners"])
    elif not outcome["winners"] and any(reason["code"] == "below_bar" for reason in outcome["options"].values()):
        second = sorted(votes.values(), reverse=True)[1]
        keys = {key for key, given in votes.items() if given >= max(second, 1)}
    else:
        return []
    return [option.title for option in held.poll.options.all() if option.key in keys] if len(keys) > 1 else []


@transaction.atomic
def add_runoff(
    *, item_poll: ItemPoll, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> ItemPoll:
    """A new vote between the answers that tied waits under the item; it replaces the one before when it is shown."""
    _refuse_unpublished(item_poll)
    titles = runoff_between(item_poll)
    if not titles:
        raise MeetingRefused(_("This vote found its winner. It needs no runoff."))
    with in_language_of(item_poll.item.meeting):
        question = _("Runoff: %(question)s") % {"question": item_poll.poll.question}
    return add_poll(
        item=item_poll.item,
        template="choose_one",
        question=question[:200],
        options=titles,
        secrecy=Secrecy(item_poll.poll.secrecy),
        follows=item_poll.poll,
        actor=actor,
        expected_version=expected_version,
        at=at,
    )


@transaction.atomic
def add_fallback(
    *, item_poll: ItemPoll, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> ItemPoll:
    """Consensus was blocked, and it was agreed before that then two thirds decide: that vote waits under the item."""
    _refuse_unpublished(item_poll)
    if not needs_fallback(item_poll):
        raise MeetingRefused(_("Consensus was not blocked here, or no other vote was agreed for that."))
    return add_poll(
        item=item_poll.item,
        template="yes_no",
        question=item_poll.poll.question,
        threshold=TWO_THIRDS,
        secrecy=Secrecy(item_poll.poll.secrecy),
        motion=item_poll.motion,
        amendment=item_poll.amendment,
        follows=item_poll.poll,
        actor=actor,
        expected_version=expected_version,
        at=at,
    )


def needs_fallback(held: ItemPoll) -> bool:
    """Whether consensus was blocked and another vote was agreed for that."""
    result = results.binding_result(held.poll) if held.has_fallback else None
    return result is not None and decision_words.code_of(result.outcome) == Outcome.BLOCKED


@transaction.atomic
def decide_by_agreement(
    *,
    motion: Motion,
    amendment: Amendment | None = None,
    carried: bool = True,
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Decision:
    """Nobody objects: the motion or the amendment is adopted, or dropped, without a vote."""
    meeting, motion = lock_motion(motion, expected_version=expected_version)
    require_state(meeting, MeetingState.IN_SESSION, otherwise=_("The meeting is not in session."))
    if not motion.item.is_current:
        raise MeetingRefused(_("Take up the item first, then decide on it."))
    refuse_while_a_poll_runs(meeting)
    refuse_undecidable(motion, amendment)
    quorum = snapshot(meeting)
    if quorum.state == QuorumState.NOT_MET:
        raise MeetingRefused(_("The quorum is not met, so nothing can be decided now."))
    with in_language_of(meeting):
        sentence = (
            _("Adopted by agreement, without a vote.") if carried else _("Rejected by agreement, without a vote.")
        )
        question = question_about(motion, amendment)
    return record_decision(
        meeting=meeting,
        item=motion.item,
        way=DecisionWay.AGREEMENT,
        outcome=Outcome.CARRIED if carried else Outcome.LOST,
        question=question,
        sentence=sentence,
        numbers={},
        text=adopted_text(motion, amendment) if carried else "",
        motion=motion,
        amendment=amendment,
        quorum=quorum,
        actor=actor,
        at=clock(at),
    )


def question_about(motion: Motion, amendment: Amendment | None) -> str:
    """What a vote on this asks."""
    if amendment is None:
        return motion.title
    return _("%(motion)s: change %(number)d") % {"motion": motion.title, "number": amendment.number}


@transaction.atomic
def void_without_poll(
    *,
    decision: Decision,
    reason: str,
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Decision:
    """A decision by hands, by agreement or by the chair decides nothing any more; a vote is declared void itself.

    Everybody has read it, so two people do it: it stays as it is until a second one confirms what the first asked for.
    """
    meeting = lock(decision.meeting, expected_version=expected_version)
    found = Decision.objects.select_for_update(of=("self",)).select_related("supersedes").get(pk=decision.pk)
    found.meeting = meeting
    if found.way == DecisionWay.POLL and found.poll and found.poll.state != PollState.VOIDED:
        raise MeetingRefused(_("Declare the vote itself void; its decision goes with it."))
    if found.voided_at is not None:
        raise MeetingRefused(_("This decision is void already."))
    if found.way == DecisionWay.CONSENT:
        raise MeetingRefused(_("Take up the item again to decide on it anew."))
    if found.motion is not None:
        refuse_in_hand(motion=found.motion)
    asked, at = asked_to_void(meeting).get(found.pk), clock(at)
    if asked is None:
        _ask_to_void(found, meeting, reason, actor, at)
        return found
    if actor is None or asked.actor_id == actor.pk:
        raise MeetingRefused(_("You asked for this yourself. Another person must confirm that the decision is void."))
    void_decision(found, reason=asked.data["reason"], actor=actor, at=at)
    return found


def asked_to_void(meeting: Meeting) -> dict[UUID, MeetingEvent]:
    """By decision: that somebody asked to declare it void, with the reason; the words of the first stand."""
    asked = MeetingEvent.objects.filter(meeting=meeting, kind=VOID_ASKED).select_related("actor").order_by("-seq")
    return {UUID(event.data["decision"]): event for event in asked}


def _ask_to_void(decision: Decision, meeting: Meeting, reason: str, actor: User | None, at: datetime) -> None:
    reason = reason.strip()[:300]
    if not reason:
        raise MeetingRefused(_("Say why this decision is void. Everybody can read the reason."))
    if actor is None:
        raise MeetingRefused(_("Two people must agree to this, and nobody is known to have asked."))
    if not {member.user_id for member in people_with(RUN_MEETINGS, meeting.assembly)} - {actor.pk}:
        raise MeetingRefused(
            _(
                "Two people declare a decision void, and you are the only one who may. Ask an administrator to make "
                "somebody else a facilitator, or take up the item again and decide anew."
            )
        )
    data = {"decision": str(decision.pk), "number": decision.number, "reason": reason}
    record(meeting, VOID_ASKED, actor=actor, at=at, data=data)


def _refuse_unpublished(held: ItemPoll) -> None:
    if held.poll.state != PollState.PUBLISHED:
        raise MeetingRefused(_("Show the result of this vote first."))
    if ItemPoll.objects.filter(poll__follows=held.poll).exclude(poll__state=PollState.VOIDED).exists():
        raise MeetingRefused(_("Another vote on this is there already."))
