# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the meeting decided: one row for each decision, with its numbers and who was there. None is ever rewritten.

A later decision on the same question replaces the earlier one; where the later is void, the earlier stands again.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from assemblies.models import Membership
from meetings import decision_words
from meetings.models import (
    AgendaItem,
    Amendment,
    Decision,
    DecisionWay,
    HandCount,
    ItemPoll,
    Meeting,
    MeetingEvent,
    Motion,
    Outcome,
    QuorumState,
)
from voting import explanations, results
from voting.models import Poll

from .acts import record
from .motions import settle, unsettle
from .quorum import Snapshot, snapshot

LONGEST_QUESTION = 300


def record_decision(
    *,
    meeting: Meeting,
    item: AgendaItem | None,
    way: DecisionWay,
    outcome: Outcome,
    question: str,
    sentence: str,
    numbers: Mapping[str, Any],
    actor: User | None,
    at: datetime,
    text: str = "",
    poll: Poll | None = None,
    hand_count: HandCount | None = None,
    motion: Motion | None = None,
    amendment: Amendment | None = None,
    supersedes: Decision | None = None,
    quorum: Snapshot | None = None,
    steers: bool = True,
    **changes: Any,
) -> Decision:
    """One decision more, with the next number; what it decides on follows it. Call it with the meeting locked.

    `quorum` is how many were there when the question was put, `changes` are of the meeting.
    """
    quorum = quorum or snapshot(meeting)
    last = Decision.objects.filter(meeting=meeting).order_by("-number").first()
    decision = Decision.objects.create(
        meeting=meeting,
        number=last.number + 1 if last else 1,
        item=item,
        way=way,
        outcome=outcome,
        question=question[:LONGEST_QUESTION],
        sentence=sentence,
        numbers=dict(numbers),
        poll=poll,
        hand_count=hand_count,
        motion=motion,
        amendment=amendment,
        text=text,
        present=quorum.present,
        quorum_required=quorum.required,
        quorum_state=quorum.state,
        decided_at=at,
        actor=actor,
        supersedes=supersedes,
    )
    if supersedes is not None:
        unsettle(supersedes)
    settle(decision)
    record(
        meeting,
        "decided",
        actor=actor,
        at=at,
        steers=steers,
        data={
            "decision": str(decision.pk),
            "number": decision.number,
            "item": str(item.pk) if item else None,
            "outcome": outcome,
            "supersedes": supersedes.number if supersedes else None,
        },
        **changes,
    )
    return decision


def void_decision(decision: Decision, *, reason: str, actor: User | None, at: datetime) -> None:
    """The decision stays readable and decides nothing; what it replaced stands again. Call it with the meeting locked."""
    stands = Decision.objects.standing().filter(pk=decision.pk).exists()
    if stands:
        unsettle(decision)
    decision.voided_at, decision.void_reason = at, reason[:300]
    decision.save(update_fields=["voided_at", "void_reason"])
    before = decision.supersedes
    while before is not None and before.voided_at is not None:
        before = before.supersedes
    if stands and before is not None:
        settle(before)
    data = {"decision": str(decision.pk), "number": decision.number, "reason": reason}
    record(decision.meeting, "decision_voided", actor=actor, at=at, data=data)


def decide_by_poll(held: ItemPoll, *, meeting: Meeting, actor: User | None, at: datetime) -> Decision | None:
    """The published result is a decision, which replaces an earlier one on the same matter; a straw poll decides nothing."""
    poll = held.poll
    result = results.binding_result(poll)
    if held.is_straw or result is None:
        return None
    with translation.override(meeting.assembly.language):
        shown = explanations.explain_result(poll, result)
        text = _adopted_by_poll(held, shown)
    return record_decision(
        meeting=meeting,
        item=held.item,
        way=DecisionWay.POLL,
        outcome=outcome_of(result.outcome),
        question=poll.question,
        sentence=shown.sentence,
        numbers=_numbers(result.outcome),
        text=text,
        poll=poll,
        motion=held.motion,
        amendment=held.amendment,
        supersedes=_decided_before(poll),
        quorum=quorum_at_opening(meeting, poll),
        actor=actor,
        at=at,
    )


def outcome_of(outcome: Mapping[str, Any]) -> Outcome:
    """What became of it in one word. Two answers with equally many votes are a tie, whatever a lot would say."""
    if len(outcome["winners"]) > outcome["parameters"].get("seats", 1) and outcome["parameters"].get("all_winners"):
        return Outcome.TIE
    return Outcome(decision_words.code_of(outcome))


def _numbers(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers that decided: those of a motion, or the votes of each answer."""
    if outcome["rule"] in ("majority", "consensus"):
        return dict(outcome["facts"])
    votes = {key: reason["numbers"].get("votes", 0) for key, reason in outcome["options"].items()}
    return {"votes": votes, "winners": list(outcome["winners"]), "ballots": outcome["n"], "blank": outcome["blanks"]}


def _adopted_by_poll(held: ItemPoll, shown: explanations.ShownOutcome) -> str:
    """What exactly is adopted; empty where nothing is."""
    if not shown.is_positive:
        return ""
    if held.amendment is not None or held.motion is not None:
        return adopted_text(held.motion, held.amendment)
    if held.poll.rule in ("majority", "consensus"):
        return held.poll.question
    return "; ".join(one.option.title for one in shown.winners)


def adopted_text(motion: Motion | None, amendment: Amendment | None) -> str:
    """The words that are adopted with this motion or this amendment."""
    if amendment is not None:
        return amendment.text
    return motion.current_text if motion else ""


def _decided_before(poll: Poll) -> Decision | None:
    """The decision on the same matter that stands until now, from the polls that this one follows."""
    before: Poll | None = poll.follows
    while before is not None:
        found = Decision.objects.standing().filter(poll=before).order_by("-number").first()
        if found is None:  # the chair's vote on its tie carries the poll too
            before = before.follows
        else:
            return found
    return None


def quorum_at_opening(meeting: Meeting, poll: Poll) -> Snapshot | None:
    """Who was there when the vote opened: the register and its quorum are of that moment."""
    opened = MeetingEvent.objects.filter(meeting=meeting, kind="poll_opened", data__poll=str(poll.pk)).last()
    return read_quorum(opened.data.get("quorum")) if opened else None


def quorum_as_data(quorum: Snapshot) -> dict[str, Any]:
    """As it stands in an event."""
    return {"present": quorum.present, "required": quorum.required, "state": quorum.state.value}


def read_quorum(data: Mapping[str, Any] | None) -> Snapshot | None:
    """What stands in an event; None in older ones."""
    return Snapshot(data["present"], data["required"], QuorumState(data["state"])) if data else None


def members_of(meeting: Meeting) -> int:
    """How many members the assembly has, wherever they are."""
    return Membership.objects.current().filter(assembly=meeting.assembly).count()


def in_language_of(meeting: Meeting) -> Any:
    """What is recorded is said in the language of the assembly, whoever presses the button."""
    return translation.override(meeting.assembly.language)


def void_of_poll(poll: Poll, *, at: datetime) -> None:
    """What a void poll decided is void with it, for the same reason; call it with the meeting locked."""
    for decision in Decision.objects.filter(poll=poll, voided_at=None).order_by("-number"):
        void_decision(decision, reason=poll.void_reason or _("The vote is void."), actor=None, at=at)
