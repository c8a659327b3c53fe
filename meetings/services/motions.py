# SPDX-License-Identifier: AGPL-3.0-or-later
"""Motions and amendments: a text is put forward, changed, and adopted or not. It follows what is decided on it."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.models import (
    AgendaItem,
    Amendment,
    AmendmentState,
    Decision,
    HandCount,
    ItemPoll,
    ItemState,
    Meeting,
    Motion,
    MotionState,
    Outcome,
)
from voting.models import PollState

from .acts import MeetingRefused, StaleClick, clock, lock_item, record, refuse_when_over

TAKES_MOTIONS = (ItemState.PLANNED, ItemState.CURRENT)
IN_HAND = (  # of a poll: ballots were or are taken, and nobody knows the result yet
    PollState.OPEN,
    PollState.CLOSING,
    PollState.COUNTED,
    PollState.WITHHELD,
)
STATE_AFTER = {
    Outcome.LOST: MotionState.LOST,
    Outcome.TIE: MotionState.LOST,
    Outcome.BLOCKED: MotionState.NO_DECISION,
    Outcome.NO_QUORUM: MotionState.NO_DECISION,
    Outcome.NO_VALID_BALLOTS: MotionState.NO_DECISION,
}


@transaction.atomic
def put_motion(
    *,
    item: AgendaItem,
    title: str,
    text: str,
    mover: str = "",
    seconder: str = "",
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Motion:
    """The room is asked to adopt this text under the item."""
    meeting, item = lock_item(item, expected_version=expected_version)
    refuse_when_over(meeting)
    if item.state not in TAKES_MOTIONS:
        raise MeetingRefused(_("This item is done. Put the motion under an item that is still to come."))
    at = clock(at)
    motion = Motion.objects.create(
        item=item, title=title, text=_clean(text), mover=mover, seconder=seconder, created_at=at
    )
    data = {"item": str(item.pk), "motion": str(motion.pk), "title": title}
    record(meeting, "motion_put", actor=actor, at=at, data=data)
    return motion


@transaction.atomic
def amend(
    *,
    motion: Motion,
    text: str,
    reason: str = "",
    mover: str = "",
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Amendment:
    """Somebody would rather have this text; the room decides on it before it decides on the motion."""
    meeting, motion = lock_motion(motion, expected_version=expected_version)
    _refuse_decided(motion)
    text = _clean(text)
    if text == motion.current_text:
        raise MeetingRefused(_("This is the text as it stands. Change something in it."))
    at = clock(at)
    last = motion.amendments.aggregate(number=Max("number"))["number"] or 0
    amendment = Amendment.objects.create(
        motion=motion, number=last + 1, before=motion.current_text, text=text, reason=reason, mover=mover, created_at=at
    )
    data = {"motion": str(motion.pk), "amendment": str(amendment.pk), "number": amendment.number}
    record(meeting, "amendment_put", actor=actor, at=at, data=data)
    return amendment


@transaction.atomic
def withdraw_amendment(
    *, amendment: Amendment, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> Amendment:
    """Nobody asks for this change any more."""
    meeting, _motion, amendment = lock_amendment(amendment, expected_version=expected_version)
    refuse_in_hand(amendment=amendment)
    amendment.state = AmendmentState.WITHDRAWN
    amendment.save(update_fields=["state"])
    data = {"motion": str(amendment.motion_id), "amendment": str(amendment.pk)}
    record(meeting, "amendment_withdrawn", actor=actor, at=clock(at), data=data)
    return amendment


@transaction.atomic
def end_motion(
    *,
    motion: Motion,
    state: MotionState,
    referred_to: str = "",
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Motion:
    """The motion is withdrawn, handed on to somebody, or left without a decision."""
    meeting, motion = lock_motion(motion, expected_version=expected_version)
    if state not in (MotionState.WITHDRAWN, MotionState.REFERRED, MotionState.NO_DECISION):
        raise ValueError(f"a motion is not {state} without a decision")
    _refuse_decided(motion)
    refuse_in_hand(motion=motion)
    if state == MotionState.REFERRED and not referred_to.strip():
        raise MeetingRefused(_("Say to whom the motion is handed on."))
    motion.state, motion.referred_to = state, referred_to.strip()
    motion.save(update_fields=["state", "referred_to"])
    data = {"motion": str(motion.pk), "title": motion.title, "state": state.value, "to": motion.referred_to}
    record(meeting, "motion_ended", actor=actor, at=clock(at), data=data)
    return motion


def is_for_an_earlier_text(amendment: Amendment) -> bool:
    """Whether the motion was changed after this was written, so that it cannot be adopted as it is."""
    return amendment.state == AmendmentState.PROPOSED and amendment.before != amendment.motion.current_text


def refuse_undecidable(motion: Motion | None, amendment: Amendment | None, *, again: bool = False) -> None:
    """Nobody votes on a motion that is decided, on a change to an earlier text, or on one thing twice at once.

    `again`: the room votes once more on what it decided before.
    """
    if motion is None:
        return
    refuse_in_hand(motion=motion)
    if again:
        return
    _refuse_decided(motion)
    if amendment is None:
        return
    if amendment.state != AmendmentState.PROPOSED:
        raise MeetingRefused(_("This change is decided already."))
    if is_for_an_earlier_text(amendment):
        raise MeetingRefused(
            _("This change was written for an earlier text. Write it again for the text as it is now.")
        )


def refuse_in_hand(*, motion: Motion | None = None, amendment: Amendment | None = None) -> None:
    """While people vote on a motion or its result waits, nothing else happens to it."""
    about = {"amendment": amendment} if amendment is not None else {"motion": motion}
    if ItemPoll.objects.filter(poll__state__in=IN_HAND, is_straw=False, **about).exists():
        raise MeetingRefused(_("A vote on this has begun. Show its result first, or declare it void."))
    if HandCount.objects.filter(closed_at=None, is_straw=False, **about).exists():
        raise MeetingRefused(_("Hands are being counted on this. Wait for the tellers."))


def lock_motion(motion: Motion, *, expected_version: int | None = None) -> tuple[Meeting, Motion]:
    """The motion's meeting and the motion, both locked until the transaction ends."""
    meeting, item = lock_item(motion.item, expected_version=expected_version)
    refuse_when_over(meeting)
    locked = Motion.objects.select_for_update().get(pk=motion.pk)
    locked.item = item
    return meeting, locked


def lock_amendment(amendment: Amendment, *, expected_version: int | None = None) -> tuple[Meeting, Motion, Amendment]:
    """As `lock_motion`, with the amendment; only one that waits to be decided."""
    meeting, motion = lock_motion(amendment.motion, expected_version=expected_version)
    locked = Amendment.objects.select_for_update().get(pk=amendment.pk)
    locked.motion = motion
    if locked.state != AmendmentState.PROPOSED:
        raise StaleClick(_("This change is decided already."))
    return meeting, motion, locked


# What a decision does to what it decides on. Both are called with the meeting locked.


def settle(decision: Decision) -> None:
    """The motion or the amendment is what this decision makes of it."""
    if decision.amendment is not None:
        _settle_amendment(decision.amendment, Outcome(decision.outcome))
    elif decision.motion is not None:
        motion = Motion.objects.select_for_update().get(pk=decision.motion.pk)
        if decision.outcome == Outcome.CARRIED:
            changed = motion.current_text != motion.text
            motion.state = MotionState.AMENDED_AND_CARRIED if changed else MotionState.CARRIED
        else:
            motion.state = STATE_AFTER.get(Outcome(decision.outcome), MotionState.NO_DECISION)
        motion.save(update_fields=["state"])


def unsettle(decision: Decision) -> None:
    """The motion or the amendment is as it was before this decision; refused where a later one rests on it."""
    if decision.amendment is not None:
        amendment = Amendment.objects.select_for_update().select_related("motion").get(pk=decision.amendment.pk)
        if amendment.state == AmendmentState.ADOPTED:
            _take_out(amendment)
        amendment.state = AmendmentState.PROPOSED
        amendment.save(update_fields=["state"])
    elif decision.motion is not None:
        Motion.objects.filter(pk=decision.motion.pk).update(state=MotionState.PROPOSED)


def _settle_amendment(amendment: Amendment, outcome: Outcome) -> None:
    amendment = Amendment.objects.select_for_update().select_related("motion").get(pk=amendment.pk)
    if outcome == Outcome.CARRIED:
        amendment.state = AmendmentState.ADOPTED
        amendment.motion.adopted_text = amendment.text
        amendment.motion.save(update_fields=["adopted_text"])
    elif outcome in (Outcome.LOST, Outcome.TIE):
        amendment.state = AmendmentState.REJECTED
    else:
        amendment.state = AmendmentState.PROPOSED
    amendment.save(update_fields=["state"])


def _take_out(amendment: Amendment) -> None:
    motion = amendment.motion
    if motion.adopted_text != amendment.text or motion.state != MotionState.PROPOSED:
        raise MeetingRefused(
            _("Something was decided on this text since. Declare the later decision void first, then this one.")
        )
    motion.adopted_text = "" if amendment.before == motion.text else amendment.before
    motion.save(update_fields=["adopted_text"])


def _refuse_decided(motion: Motion) -> None:
    if motion.state != MotionState.PROPOSED:
        raise MeetingRefused(_("This motion is decided already."))


def _clean(text: str) -> str:
    """The text with the line ends that all browsers and the database agree on."""
    cleaned = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip()
    if not cleaned:
        raise MeetingRefused(_("Write the text that the room is asked to adopt."))
    return cleaned
