# SPDX-License-Identifier: AGPL-3.0-or-later
"""Moving through the agenda in the meeting: taking items up, giving them time, and leaving them one way or another.

Whoever leaves an item leaves it for good only when nobody votes on it; whoever speaks has finished then, and raised
hands go down. Leaving one item for another is one step.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.models import (
    DONE,
    AgendaItem,
    ItemKind,
    ItemPhase,
    ItemPoll,
    ItemState,
    Meeting,
    MeetingState,
    Motion,
    MotionState,
    Scene,
)
from voting.models import NOT_OPENED

from . import item_clock
from .acts import (
    MeetingRefused,
    StaleClick,
    clock,
    current_item,
    lock,
    lock_item,
    record,
    refuse_when_over,
    require_state,
)
from .before import before
from .floor import clear_floor
from .meetings import conclude, refuse_while_a_poll_runs

LONGEST_EXTENSION = 120  # minutes
CHAIR, VOTE = "chair", "vote"  # on whose word an item gets more time
LEFT_FROM = (ItemState.PLANNED, ItemState.CURRENT, ItemState.TABLED)  # an item in these states can be given up


@transaction.atomic
def advance(
    *,
    meeting: Meeting,
    to: AgendaItem,
    actor: User | None,
    outcome: str = "",
    expected_version: int | None = None,
    at: datetime | None = None,
) -> AgendaItem:
    """The item is on the floor, and the one before it is done with this outcome. Speaking stops, hands go down."""
    meeting = _in_session(meeting, expected_version)
    return _bring_up(
        meeting,
        to,
        "item_taken_up",
        (ItemState.PLANNED,),
        _("This item is not waiting to be taken up."),
        actor=actor,
        at=clock(at),
        outcome=outcome,
    )


@transaction.atomic
def take_from_table(
    *,
    item: AgendaItem,
    actor: User | None,
    basis: str = CHAIR,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> AgendaItem:
    """An item that was laid aside is on the floor again, its time goes on, and the one before it is done."""
    meeting = _in_session(item.meeting, expected_version)
    return _bring_up(
        meeting,
        item,
        "item_taken_from_table",
        (ItemState.TABLED,),
        _("This item was not laid aside."),
        actor=actor,
        at=clock(at),
        data={"basis": _basis(basis)},
    )


@transaction.atomic
def reconsider(
    *,
    item: AgendaItem,
    actor: User | None,
    reason: str = "",
    expected_version: int | None = None,
    at: datetime | None = None,
) -> AgendaItem:
    """An item that was done is on the floor again; what was decided stands until something else is decided."""
    meeting = _in_session(item.meeting, expected_version)
    was = AgendaItem.objects.filter(pk=item.pk).first()
    ended_at = was.ended_at.isoformat() if was and was.ended_at else None
    return _bring_up(
        meeting,
        item,
        "item_reconsidered",
        DONE,
        _("Only an item that is done can be taken up again."),
        actor=actor,
        at=clock(at),
        data={"reason": reason, "was_done_at": ended_at, "was": was.state if was else None},
    )


@transaction.atomic
def go_back(
    *, meeting: Meeting, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> AgendaItem:
    """The item that was finished last is on the floor again; the one after it waits, or is done if it had a vote."""
    meeting = _in_session(meeting, expected_version)
    leaving = current_item(meeting)
    done = AgendaItem.objects.select_for_update().filter(meeting=meeting, state=ItemState.CONCLUDED)
    earlier = done.order_by("-ended_at", "-position").first()
    if earlier is None:
        raise MeetingRefused(_("There is no earlier item to go back to."))
    earlier.meeting = meeting
    at = clock(at)
    clear_floor(meeting, at=at)
    if leaving is not None:
        if ItemPoll.objects.filter(item=leaving).exclude(poll__state__in=NOT_OPENED).exists():
            conclude(leaving, at=at)
        else:
            item_clock.stop(leaving, at)
            leaving.state, leaving.started_at, leaving.phase = ItemState.PLANNED, None, ItemPhase.NONE
            leaving.save(update_fields=["state", "started_at", "phase", *item_clock.CLOCK])
    _put_on_the_floor(earlier, at)
    record(
        meeting,
        "item_reopened",
        actor=actor,
        at=at,
        scene=Scene.ITEM,
        scene_poll=None,
        data={"item": str(earlier.pk), "left": str(leaving.pk) if leaving else None},
    )
    return earlier


@transaction.atomic
def extend(
    *,
    item: AgendaItem,
    minutes: int,
    actor: User | None,
    basis: str = CHAIR,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> AgendaItem:
    """The item has so many minutes more, on the chair's word or after a vote; a minus takes back what was given so."""
    meeting, item = lock_item(item, expected_version=expected_version)
    refuse_when_over(meeting)
    if not (item.is_current or item.is_planned):
        raise MeetingRefused(_("Only the current item, or one that is still to come, can get more time."))
    if minutes < 0 and item.extended_minutes + minutes < 0:
        raise MeetingRefused(_("Only time that was given on top of the plan can be taken back."))
    if minutes == 0 or minutes > LONGEST_EXTENSION:
        raise MeetingRefused(
            _("Write a number of minutes between 1 and %(most)d.") % {"most": LONGEST_EXTENSION},
        )
    item.extended_minutes += minutes
    item.save(update_fields=["extended_minutes"])
    data = {"item": str(item.pk), "minutes": minutes, "basis": _basis(basis), "total": item.extended_minutes}
    record(meeting, "item_extended", actor=actor, at=clock(at), data=data)
    return item


@transaction.atomic
def lay_aside(
    *,
    item: AgendaItem,
    actor: User | None,
    basis: str = CHAIR,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> AgendaItem:
    """The item is laid on the table: nothing is on the floor, and it can be taken from there later."""
    meeting, item = lock_item(item, expected_version=expected_version)
    require_state(meeting, MeetingState.IN_SESSION, otherwise=_("Start the meeting first, or end the break."))
    if not item.is_current:
        raise MeetingRefused(_("Only the current item can be laid aside."))
    return _give_up(meeting, item, ItemState.TABLED, "item_tabled", actor, clock(at), data={"basis": _basis(basis)})


@transaction.atomic
def postpone(
    *, item: AgendaItem, to: str, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> AgendaItem:
    """The item is put off to another time, which is said in words."""
    meeting, item = _that_can_be_given_up(item, expected_version)
    to = to.strip()
    longest = AgendaItem._meta.get_field("postponed_to").max_length or 0
    if not to:
        raise MeetingRefused(_("Write to when the item is postponed, for example: the next meeting."))
    if len(to) > longest:
        raise MeetingRefused(_("Write at most %(n)d characters.") % {"n": longest})
    item.postponed_to = to
    return _give_up(meeting, item, ItemState.POSTPONED, "item_postponed", actor, clock(at), data={"to": to})


@transaction.atomic
def withdraw_item(
    *, item: AgendaItem, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> AgendaItem:
    """The item is taken back by those who brought it, and with it the motions that nobody decided."""
    meeting, item = _that_can_be_given_up(item, expected_version)
    Motion.objects.filter(item=item, state=MotionState.PROPOSED).update(state=MotionState.WITHDRAWN)
    return _give_up(meeting, item, ItemState.WITHDRAWN, "item_withdrawn", actor, clock(at))


@transaction.atomic
def set_phase(
    *,
    item: AgendaItem,
    phase: ItemPhase,
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> AgendaItem:
    """The room is at this step of the current item."""
    meeting, item = lock_item(item, expected_version=expected_version)
    if not item.is_current:
        raise MeetingRefused(_("Only the current item goes through steps."))
    item.phase = phase
    item.save(update_fields=["phase"])
    record(meeting, "phase_set", actor=actor, at=clock(at), data={"item": str(item.pk), "phase": phase})
    return item


def _in_session(meeting: Meeting, expected_version: int | None) -> Meeting:
    meeting = lock(meeting, expected_version=expected_version)
    require_state(meeting, MeetingState.IN_SESSION, otherwise=_("Start the meeting first, or end the break."))
    refuse_while_a_poll_runs(meeting)
    return meeting


def _bring_up(
    meeting: Meeting,
    item: AgendaItem,
    kind: str,
    states: tuple[ItemState, ...],
    otherwise: str,
    *,
    actor: User | None,
    at: datetime,
    outcome: str = "",
    data: dict[str, object] | None = None,
) -> AgendaItem:
    """One step from the current item to this one; call it with the meeting locked and no poll running."""
    leaving = current_item(meeting)
    found = AgendaItem.objects.select_for_update().filter(pk=item.pk, meeting=meeting).first()
    if found is None:
        raise StaleClick(_("This item was taken off the agenda."))
    found.meeting = meeting
    if found.state not in states:
        raise MeetingRefused(otherwise)
    undo = before(meeting, found, leaving, hands=True) if kind == "item_taken_up" else None
    clear_floor(meeting, at=at)
    if leaving is not None:
        conclude(leaving, at=at, outcome=outcome)
    _put_on_the_floor(found, at)
    record(
        meeting,
        kind,
        actor=actor,
        at=at,
        undo=undo,
        scene=Scene.BREAK if found.kind == ItemKind.BREAK else Scene.ITEM,
        scene_poll=None,
        data={"item": str(found.pk), "left": str(leaving.pk) if leaving else None, **(data or {})},
    )
    return found


def _put_on_the_floor(item: AgendaItem, at: datetime) -> None:
    item_clock.start(item, at)
    item.state, item.ended_at, item.started_at = ItemState.CURRENT, None, item.started_at or at
    item.save(update_fields=["state", "started_at", "ended_at", *item_clock.CLOCK])


def _that_can_be_given_up(item: AgendaItem, expected_version: int | None) -> tuple[Meeting, AgendaItem]:
    meeting, item = lock_item(item, expected_version=expected_version)
    refuse_when_over(meeting)
    if item.state not in LEFT_FROM:
        raise MeetingRefused(_("This item has changed in the meantime."))
    return meeting, item


def _give_up(
    meeting: Meeting,
    item: AgendaItem,
    state: ItemState,
    kind: str,
    actor: User | None,
    at: datetime,
    *,
    data: dict[str, object] | None = None,
) -> AgendaItem:
    """The item is off the floor, or will not come to it; the wall shows the agenda where it was on the floor."""
    changes: dict[str, Any] = {}
    if item.is_current:
        refuse_while_a_poll_runs(meeting)
        clear_floor(meeting, at=at)
        item_clock.stop(item, at)
        item.phase = ItemPhase.NONE
        changes = {"scene": Scene.AGENDA, "scene_poll": None}
    item.state = state
    item.save(update_fields=["state", "phase", "postponed_to", *item_clock.CLOCK])
    record(meeting, kind, actor=actor, at=at, data={"item": str(item.pk), **(data or {})}, **changes)
    return item


def _basis(basis: str) -> str:
    if basis not in (CHAIR, VOTE):
        raise MeetingRefused(_("Say who allowed it: the chair, or the room by a vote."))
    return basis
