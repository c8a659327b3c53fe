# SPDX-License-Identifier: AGPL-3.0-or-later
"""From the first draft of a meeting to its end."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from assemblies.models import Assembly
from meetings.models import (
    AHEAD,
    OVER,
    AgendaItem,
    Attendance,
    AttendanceEnd,
    HandCount,
    ItemPhase,
    ItemPoll,
    ItemState,
    Meeting,
    MeetingState,
    Motion,
    MotionState,
    QuorumBase,
    Scene,
    new_join_code,
)

from . import item_clock
from .acts import MeetingRefused, clock, current_item, lock, record, refuse_when_over, require_state
from .before import before
from .floor import clear_floor, refuse_unknown_policies
from .quorum import note_quorum, snapshot

JOIN_CODE_TRIES = 5
RECONVENED_WITHIN = timedelta(hours=24)


@transaction.atomic
def create_meeting(
    *,
    assembly: Assembly,
    title: str,
    starts_at: datetime,
    planned_end_at: datetime,
    actor: User | None,
    place: str = "",
    text: str = "",
    quorum_needed: int | None = None,
    at: datetime | None = None,
    **rules: Any,
) -> Meeting:
    """A meeting in draft that only those who run meetings see, with a join code of its own; other rules are fields of the model."""
    at = clock(at)
    refuse_unknown_policies(rules)
    meeting = Meeting(
        assembly=assembly,
        title=title,
        place=place,
        text=text,
        starts_at=starts_at,
        planned_end_at=planned_end_at,
        quorum_needed=quorum_needed,
        created_at=at,
        **{"quorum_base": QuorumBase.FIXED if quorum_needed else QuorumBase.NONE, **rules},
    )
    _save_with_free_code(meeting)
    record(meeting, "created", actor=actor, at=at, steers=False)
    return meeting


def _save_with_free_code(meeting: Meeting) -> None:
    for _attempt in range(JOIN_CODE_TRIES):
        try:
            with transaction.atomic():
                meeting.save(force_insert=True)
        except IntegrityError:
            if not Meeting.objects.filter(join_code=meeting.join_code).exclude(pk=meeting.pk).exists():
                raise  # another constraint: not a matter of the code
            meeting.join_code = new_join_code()
        else:
            return
    raise MeetingRefused(_("No free join code was found. Try again."))


@transaction.atomic
def edit_meeting(
    *,
    meeting: Meeting,
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
    **fields: Any,
) -> Meeting:
    """The meeting has another title, place, text, time or quorum, and everybody who watches sees it."""
    meeting = lock(meeting, expected_version=expected_version)
    refuse_when_over(meeting)
    refuse_unknown_policies(fields)
    at = clock(at)
    record(meeting, "edited", actor=actor, at=at, data={"fields": sorted(fields)}, **fields)
    if meeting.is_room_open:
        note_quorum(meeting, at=at)
    return meeting


@transaction.atomic
def schedule(
    *, meeting: Meeting, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> Meeting:
    """The meeting is announced: everybody who may see the assembly sees it and its agenda."""
    meeting = lock(meeting, expected_version=expected_version)
    require_state(meeting, MeetingState.DRAFT, otherwise=_("This meeting is announced already."))
    if not meeting.items.exists():
        raise MeetingRefused(_("Add at least one item to the agenda before you announce the meeting."))
    at = clock(at)
    if meeting.planned_end_at <= at:
        raise MeetingRefused(_("This meeting would be over already. Choose a later time, then announce it."))
    if meeting.quorum_base not in QuorumBase.values:
        raise MeetingRefused(_("Choose how many must be there to decide, then announce the meeting."))
    record(meeting, "scheduled", actor=actor, at=at, state=MeetingState.SCHEDULED)
    return meeting


@transaction.atomic
def open_doors(
    *, meeting: Meeting, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> Meeting:
    """People can check in, and the projector shows how; at the earliest two hours before the meeting begins."""
    meeting = lock(meeting, expected_version=expected_version)
    require_state(meeting, MeetingState.SCHEDULED, otherwise=_("The doors open once, after the meeting was announced."))
    at = clock(at)
    if at < meeting.doors_may_open_at:
        raise MeetingRefused(meeting.too_early_for_doors)
    record(
        meeting,
        "doors_opened",
        actor=actor,
        at=at,
        state=MeetingState.DOORS_OPEN,
        doors_opened_at=at,
        driver=meeting.driver or actor,  # whoever begins drives, until somebody asks
        scene=Scene.WELCOME,
        scene_poll=None,
    )
    note_quorum(meeting, at=at)
    return meeting


@transaction.atomic
def call_to_order(
    *, meeting: Meeting, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> Meeting:
    """The meeting is in session; items can be taken up and polls opened."""
    meeting = lock(meeting, expected_version=expected_version)
    require_state(meeting, MeetingState.DOORS_OPEN, otherwise=_("Open the doors first. A meeting begins only once."))
    here = Attendance.objects.present().filter(meeting=meeting)
    if meeting.chair_id is not None and not here.filter(attendee__membership=meeting.chair_id).exists():
        raise MeetingRefused(_("The chair is not checked in yet. The meeting begins when the chair is here."))
    at, there = clock(at), snapshot(meeting)
    record(
        meeting,
        "called_to_order",
        actor=actor,
        at=at,
        state=MeetingState.IN_SESSION,
        called_to_order_at=at,
        data={
            "present": meeting.attendances.filter(ended_at=None).count(),
            "quorum": {"present": there.present, "required": there.required, "state": there.state.value},
        },
    )
    note_quorum(meeting, at=at)
    return meeting


@transaction.atomic
def recess(
    *, meeting: Meeting, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> Meeting:
    """The meeting takes a break; whoever was speaking has finished, and the queue stays."""
    meeting = lock(meeting, expected_version=expected_version)
    require_state(meeting, MeetingState.IN_SESSION, otherwise=_("Only a meeting in session can take a break."))
    refuse_while_a_poll_runs(meeting)
    at = clock(at)
    item = current_item(meeting)
    undo = before(meeting, item, hands=True)
    clear_floor(meeting, at=at, waiting_too=False)
    if item is not None:
        item_clock.stop(item, at)
        item.save(update_fields=item_clock.CLOCK)
    changes: dict[str, Any] = {"state": MeetingState.IN_RECESS, "scene": Scene.BREAK, "scene_poll": None}
    record(meeting, "recessed", actor=actor, at=at, undo=undo, **changes)
    return meeting


@transaction.atomic
def resume(
    *, meeting: Meeting, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> Meeting:
    """The break is over and the meeting goes on where it stopped."""
    meeting = lock(meeting, expected_version=expected_version)
    require_state(meeting, MeetingState.IN_RECESS, otherwise=_("This meeting is not on a break."))
    at = clock(at)
    item = current_item(meeting)
    undo = before(meeting, item)
    if item is not None:
        item_clock.start(item, at)
        item.save(update_fields=item_clock.CLOCK)
    scene = Scene.ITEM if item is not None else Scene.AGENDA
    record(meeting, "resumed", actor=actor, at=at, undo=undo, state=MeetingState.IN_SESSION, scene=scene)
    return meeting


@transaction.atomic
def adjourn(
    *,
    meeting: Meeting,
    actor: User | None,
    expected_version: int | None = None,
    carry_current_over: bool = False,
    at: datetime | None = None,
) -> Meeting:
    """The meeting is over: stays end, the floor is empty, and what was not reached is carried over."""
    meeting = lock(meeting, expected_version=expected_version)
    require_state(
        meeting,
        MeetingState.IN_SESSION,
        MeetingState.IN_RECESS,
        otherwise=_("Only a meeting that is under way can be closed."),
    )
    refuse_while_a_poll_runs(meeting)
    at = clock(at)
    clear_floor(meeting, at=at)
    item = current_item(meeting)
    if item is not None and carry_current_over:
        item_clock.stop(item, at)
        item.state, item.phase = ItemState.CARRIED_OVER, ItemPhase.NONE
        item.save(update_fields=["state", "phase", *item_clock.CLOCK])
    elif item is not None:
        conclude(item, at=at)
    left = AgendaItem.objects.filter(meeting=meeting, state__in=[ItemState.PLANNED, ItemState.TABLED])
    carried = left.update(state=ItemState.CARRIED_OVER) + int(item is not None and carry_current_over)
    Attendance.objects.present().filter(meeting=meeting).update(ended_at=at, end=AttendanceEnd.ADJOURNED)
    record(
        meeting,
        "adjourned",
        actor=actor,
        at=at,
        data={"carried_over": carried},
        state=MeetingState.ADJOURNED,
        adjourned_at=at,
        scene=Scene.WELCOME,
        scene_poll=None,
        is_blanked=False,
    )
    return meeting


@transaction.atomic
def reconvene(
    *, meeting: Meeting, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> Meeting:
    """A meeting that was closed less than a day ago is in session again; only its chair can do that, where it has one.

    People check in again. What was carried over is on the agenda again, unless another meeting took it in already.
    """
    meeting = lock(meeting, expected_version=expected_version)
    require_state(meeting, MeetingState.ADJOURNED, otherwise=_("Only a meeting that was closed can be taken up again."))
    at = clock(at)
    if meeting.chair is not None and actor is not None and meeting.chair.user_id != actor.pk:
        raise MeetingRefused(_("Only the chair can take up a meeting again."))
    if meeting.adjourned_at is None or at - meeting.adjourned_at > RECONVENED_WITHIN:
        raise MeetingRefused(_("A meeting can be taken up again within 24 hours. Call a new one."))
    left = AgendaItem.objects.filter(meeting=meeting, state=ItemState.CARRIED_OVER)
    back = left.exclude(pk__in=AgendaItem.objects.filter(carried_from__meeting=meeting).values("carried_from"))
    data = {"items": back.update(state=ItemState.PLANNED)}
    changes: dict[str, Any] = {"state": MeetingState.IN_SESSION, "adjourned_at": None, "scene": Scene.AGENDA}
    if Meeting.objects.filter(join_code=meeting.join_code).exclude(pk=meeting.pk).exclude(state__in=OVER).exists():
        changes["join_code"] = new_join_code()  # another meeting has the old one by now
    record(meeting, "reconvened", actor=actor, at=at, data=data, **changes)
    note_quorum(meeting, at=at)  # everybody has to check in again
    return meeting


@transaction.atomic
def cancel(
    *,
    meeting: Meeting,
    actor: User | None,
    reason: str,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Meeting:
    """The meeting does not take place; the reason is public."""
    meeting = lock(meeting, expected_version=expected_version)
    require_state(
        meeting,
        MeetingState.DRAFT,
        *AHEAD[:2],
        otherwise=_("A meeting that has begun can be closed, but not called off."),
    )
    if not reason.strip():
        raise MeetingRefused(_("Say why the meeting is called off. Everybody can read the reason."))
    at = clock(at)
    Attendance.objects.present().filter(meeting=meeting).update(ended_at=at, end=AttendanceEnd.ADJOURNED)
    record(meeting, "cancelled", actor=actor, at=at, data={"reason": reason.strip()}, state=MeetingState.CANCELLED)
    return meeting


def refuse_while_a_poll_runs(meeting: Meeting) -> None:
    """Nothing moves on while people are voting or votes are being counted."""
    if ItemPoll.objects.in_progress().filter(item__meeting=meeting).exists():
        raise MeetingRefused(_("A vote is open. Close the vote first."))
    if HandCount.objects.filter(item__meeting=meeting, closed_at=None).exists():
        raise MeetingRefused(_("Hands are being counted. Finish the count first."))


def conclude(item: AgendaItem, *, at: datetime, outcome: str = "") -> None:
    """The current item is done; a motion that was put forward under it must have an outcome by then."""
    open_motion = Motion.objects.filter(item=item, state=MotionState.PROPOSED).first()
    if open_motion is not None:
        raise MeetingRefused(
            _("Nothing was decided yet about “%(motion)s”. Say what became of it first.") % {"motion": open_motion}
        )
    item_clock.stop(item, at)
    item.state, item.ended_at, item.phase = ItemState.CONCLUDED, at, ItemPhase.NONE
    item.outcome = outcome or item.outcome
    item.save(update_fields=["state", "ended_at", "outcome", "phase", *item_clock.CLOCK])
