# SPDX-License-Identifier: AGPL-3.0-or-later
"""A show of hands, counted by two tellers who do not see each other's numbers. When they agree, it is decided."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from meetings import decision_words
from meetings.models import (
    AgendaItem,
    Amendment,
    Decision,
    DecisionWay,
    HandCount,
    Meeting,
    MeetingEvent,
    MeetingState,
    Motion,
    Outcome,
    QuorumState,
    Scene,
)
from meetings.quorum_now import count_room
from voting.choices import ABSTAIN, NO, YES

from .acts import MeetingRefused, clock, lock_item, record, require_state
from .decisions import adopted_text, in_language_of, members_of, quorum_as_data, read_quorum, record_decision
from .meetings import refuse_while_a_poll_runs
from .motions import refuse_undecidable
from .poll_templates import MAJORITY, Threshold
from .quorum import snapshot

ANSWERS = (YES, NO, ABSTAIN)


class TwoCounts(Enum):
    """How the numbers of the two tellers compare, which is all that a teller hears."""

    WAIT = "wait"  # for the other one
    DIFFERENT = "different"
    SAME = "same"


@transaction.atomic
def open_hand_count(
    *,
    item: AgendaItem,
    question: str,
    threshold: Threshold = MAJORITY,
    motion: Motion | None = None,
    amendment: Amendment | None = None,
    is_straw: bool = False,
    needs_quorum: bool = True,
    one_teller: bool = False,
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> HandCount:
    """Hands go up and two tellers count them; how many may raise one is fixed now."""
    meeting, item = lock_item(item, expected_version=expected_version)
    require_state(
        meeting, MeetingState.IN_SESSION, otherwise=_("Hands can be counted only while the meeting is in session.")
    )
    if not item.is_current:
        raise MeetingRefused(_("Take up the item first, then count hands on it."))
    refuse_while_a_poll_runs(meeting)
    quorum = snapshot(meeting)
    if quorum.state == QuorumState.NOT_MET and needs_quorum and not is_straw:
        raise MeetingRefused(count_room(meeting).blocker)
    present = count_room(meeting).may_vote
    if not present:
        raise MeetingRefused(_("Nobody who may vote is checked in."))
    if is_straw and motion is not None:
        raise MeetingRefused(_("A straw poll decides nothing, so it cannot decide on a motion."))
    refuse_undecidable(motion, amendment)
    at = clock(at)
    count = HandCount.objects.create(
        item=item,
        motion=motion,
        amendment=amendment,
        question=question,
        rule_parameters={**threshold.parameters()},
        is_straw=is_straw,
        one_teller=one_teller,
        present=present,
        members=members_of(meeting),
        opened_at=at,
    )
    data = {"item": str(item.pk), "hand_count": str(count.pk), "question": question, "quorum": quorum_as_data(quorum)}
    record(meeting, "hand_count_opened", actor=actor, at=at, data=data, **_wall(meeting))
    return count


def _wall(meeting: Meeting) -> dict[str, Any]:
    """The projector leaves the vote before for the item, where it says that hands go up; another scene stays."""
    return {"scene": Scene.ITEM, "scene_poll": None} if meeting.scene in (Scene.POLL, Scene.RESULT) else {}


@transaction.atomic
def enter_hands(
    *, hand_count: HandCount, counted: Mapping[str, int], teller: User, at: datetime | None = None
) -> tuple[TwoCounts, Decision | None]:
    """This teller's numbers are in. With equal ones of two tellers the count is closed and decides.

    When the numbers differ both are told to count again; what they enter then takes the place of what they had.
    """
    meeting, item = lock_item(hand_count.item)
    count = _running(hand_count)
    count.item = item
    numbers = _refuse_impossible(count, counted)
    _take(count, numbers, teller)
    at = clock(at)
    both = count.first is not None and count.second is not None
    if both and count.first == count.second:
        count.closed_at = at
        count.save()
        return TwoCounts.SAME, _decide(count, meeting, numbers, at)
    count.save()
    kind = "hands_differ" if both else "hands_entered"
    record(meeting, kind, actor=teller, at=at, data={"hand_count": str(count.pk)}, steers=False)
    return TwoCounts.DIFFERENT if both else TwoCounts.WAIT, None


@transaction.atomic
def stop_hand_count(
    *,
    hand_count: HandCount,
    reason: str,
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> HandCount:
    """The count ends without a decision; why stands beside it."""
    meeting, item = lock_item(hand_count.item, expected_version=expected_version)
    count = _running(hand_count)
    if not reason.strip():
        raise MeetingRefused(_("Say why the count is stopped. Everybody can read the reason."))
    at = clock(at)
    count.closed_at, count.void_reason = at, reason.strip()[:300]
    count.save(update_fields=["closed_at", "void_reason"])
    data = {"item": str(item.pk), "hand_count": str(count.pk), "reason": count.void_reason}
    record(meeting, "hand_count_stopped", actor=actor, at=at, data=data)
    return count


def refuse_while_counting(meeting: Meeting) -> None:
    """Tellers go through the rows: nothing moves on before they are done."""
    if HandCount.objects.filter(item__meeting=meeting, closed_at=None).exists():
        raise MeetingRefused(_("Hands are being counted. Wait for the tellers, or stop the count."))


def _running(hand_count: HandCount) -> HandCount:
    count = HandCount.objects.select_for_update().get(pk=hand_count.pk)
    if count.closed_at is not None:
        raise MeetingRefused(_("This count is over."))
    return count


def _refuse_impossible(count: HandCount, counted: Mapping[str, int]) -> dict[str, int]:
    numbers = {answer: counted.get(answer, 0) for answer in ANSWERS}
    if min(numbers.values()) < 0:
        raise MeetingRefused(_("A number of hands cannot be below zero."))
    if sum(numbers.values()) > count.present:
        raise MeetingRefused(
            _("You counted %(hands)d hands, and only %(present)d people may vote. Count again.")
            % {"hands": sum(numbers.values()), "present": count.present}
        )
    return numbers


def _take(count: HandCount, numbers: dict[str, int], teller: User) -> None:
    """Put the numbers into this teller's place: an own one from before, or a free one."""
    if count.one_teller and count.first_teller_id in (None, teller.pk):
        differs = count.second is not None and count.second != count.first
        if count.first is None or differs:  # the first of their two counts, or both again
            count.first, count.first_teller, count.second, count.second_teller = numbers, teller, None, None
        else:
            count.second, count.second_teller = numbers, teller
    elif count.first_teller_id in (None, teller.pk):
        count.first, count.first_teller = numbers, teller
    elif count.second_teller_id in (None, teller.pk):
        count.second, count.second_teller = numbers, teller
    else:
        raise MeetingRefused(_("Two tellers count already, and you are not one of them."))


def _decide(count: HandCount, meeting: Meeting, numbers: Mapping[str, int], at: datetime) -> Decision | None:
    data = {"hand_count": str(count.pk), **numbers, "one_teller": count.one_teller}
    record(meeting, "hands_agreed", actor=count.second_teller, at=at, data=data)
    if count.is_straw:
        return None
    with in_language_of(meeting):
        try:
            decided = decision_words.by_hands(
                numbers, count.rule_parameters, present=count.present, members=count.members
            )
        except decision_words.NotDecidable as impossible:
            raise MeetingRefused(str(impossible)) from impossible
        carried = decided.outcome == Outcome.CARRIED
        text = (adopted_text(count.motion, count.amendment) or count.question) if carried else ""
    opened = MeetingEvent.objects.get(meeting=meeting, kind="hand_count_opened", data__hand_count=str(count.pk))
    return record_decision(
        meeting=meeting,
        item=count.item,
        way=DecisionWay.HANDS,
        outcome=Outcome(decided.outcome),
        question=count.question,
        sentence=decided.sentence,
        numbers={**decided.numbers, "one_teller": count.one_teller},
        text=text,
        hand_count=count,
        motion=count.motion,
        amendment=count.amendment,
        quorum=read_quorum(opened.data["quorum"]),
        actor=count.second_teller,
        at=at,
    )
