# SPDX-License-Identifier: AGPL-3.0-or-later
"""The agenda: writing it before the meeting, and moving through it in the meeting."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.models import AgendaItem, ItemKind, ItemPoll, ItemState, Meeting, MeetingState, Scene
from proposals.models import Proposal
from voting.models import NOT_OPENED

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
from .floor import clear_floor
from .meetings import refuse_while_a_poll_runs


@transaction.atomic
def add_item(
    *,
    meeting: Meeting,
    title: str,
    actor: User | None,
    kind: ItemKind = ItemKind.DISCUSSION,
    planned_minutes: int = 10,
    text: str = "",
    presenter: str = "",
    proposal: Proposal | None = None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> AgendaItem:
    """The agenda has one more item at its end."""
    meeting = lock(meeting, expected_version=expected_version)
    refuse_when_over(meeting)
    last: int = meeting.items.aggregate(last=Max("position"))["last"] or 0
    item = AgendaItem.objects.create(
        meeting=meeting,
        position=last + 1,
        title=title,
        kind=kind,
        planned_minutes=planned_minutes,
        text=text,
        presenter=presenter,
        proposal=proposal,
    )
    record(meeting, "item_added", actor=actor, at=clock(at), data={"item": str(item.pk), "title": title})
    return item


@transaction.atomic
def edit_item(
    *,
    item: AgendaItem,
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
    **fields: Any,
) -> AgendaItem:
    """The item says something else, or takes another time."""
    meeting, item = lock_item(item, expected_version=expected_version)
    refuse_when_over(meeting)
    for name, value in fields.items():
        setattr(item, name, value)
    item.save(update_fields=list(fields))
    record(meeting, "item_edited", actor=actor, at=clock(at), data={"item": str(item.pk), "fields": sorted(fields)})
    return item


@transaction.atomic
def move_item(
    *, item: AgendaItem, up: bool, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> AgendaItem:
    """The item has changed places with its neighbour that is still to come; at the edge nothing changes."""
    meeting, item = lock_item(item, expected_version=expected_version)
    if not item.is_planned:
        raise MeetingRefused(_("Only items that are still to come can be moved."))
    others = AgendaItem.objects.select_for_update().filter(meeting=meeting)
    neighbour = (
        others.filter(position__lt=item.position).order_by("-position").first()
        if up
        else others.filter(position__gt=item.position).order_by("position").first()
    )
    if neighbour is None or not neighbour.is_planned:
        return item
    item.position, neighbour.position = neighbour.position, item.position
    item.save(update_fields=["position"])  # places are compared at commit, so they may meet for a moment
    neighbour.save(update_fields=["position"])
    record(meeting, "item_moved", actor=actor, at=clock(at), data={"item": str(item.pk), "position": item.position})
    return item


@transaction.atomic
def remove_item(
    *, item: AgendaItem, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> None:
    """The item is off the agenda, with polls that were never opened; the log keeps its title."""
    meeting, item = lock_item(item, expected_version=expected_version)
    if not item.is_planned or ItemPoll.objects.filter(item=item).exclude(poll__state__in=NOT_OPENED).exists():
        raise MeetingRefused(_("Only items that are still to come can be taken off the agenda."))
    for item_poll in ItemPoll.objects.filter(item=item).select_related("poll"):
        item_poll.delete()
        item_poll.poll.delete()
    data = {"item": str(item.pk), "title": item.title}
    position = item.position
    item.delete()
    AgendaItem.objects.filter(meeting=meeting, position__gt=position).update(position=F("position") - 1)
    record(meeting, "item_removed", actor=actor, at=clock(at), data=data)


@transaction.atomic
def skip_item(
    *, item: AgendaItem, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> AgendaItem:
    """The item is left out of this meeting."""
    return _turn(item, ItemState.PLANNED, ItemState.SKIPPED, "item_skipped", actor, expected_version, at)


@transaction.atomic
def take_back_item(
    *, item: AgendaItem, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> AgendaItem:
    """An item that was left out is on the agenda again."""
    return _turn(item, ItemState.SKIPPED, ItemState.PLANNED, "item_taken_back", actor, expected_version, at)


def _turn(
    item: AgendaItem,
    old: ItemState,
    new: ItemState,
    kind: str,
    actor: User | None,
    version: int | None,
    at: datetime | None,
) -> AgendaItem:
    meeting, item = lock_item(item, expected_version=version)
    refuse_when_over(meeting)
    if item.state != old:
        raise MeetingRefused(_("This item has changed in the meantime."))
    item.state = new
    item.save(update_fields=["state"])
    record(meeting, kind, actor=actor, at=clock(at), data={"item": str(item.pk)})
    return item


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
    meeting = lock(meeting, expected_version=expected_version)
    require_state(meeting, MeetingState.IN_SESSION, otherwise=_("Start the meeting first, or end the break."))
    refuse_while_a_poll_runs(meeting)
    leaving = current_item(meeting)
    found = AgendaItem.objects.select_for_update().filter(pk=to.pk, meeting=meeting).first()
    if found is None:
        raise StaleClick(_("This item was taken off the agenda."))
    to = found
    to.meeting = meeting
    if not to.is_planned:
        raise MeetingRefused(_("This item is not waiting to be taken up."))
    at = clock(at)
    clear_floor(meeting, at=at)
    if leaving is not None:
        _conclude(leaving, at, outcome)
    to.state, to.started_at = ItemState.CURRENT, at
    to.save(update_fields=["state", "started_at"])
    record(
        meeting,
        "item_taken_up",
        actor=actor,
        at=at,
        scene=Scene.BREAK if to.kind == ItemKind.BREAK else Scene.ITEM,
        scene_poll=None,
        data={"item": str(to.pk), "left": str(leaving.pk) if leaving else None},
    )
    return to


@transaction.atomic
def go_back(
    *, meeting: Meeting, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> AgendaItem:
    """The item that was finished last is on the floor again; the one after it waits, or is done if it had a vote."""
    meeting = lock(meeting, expected_version=expected_version)
    require_state(meeting, MeetingState.IN_SESSION, otherwise=_("Start the meeting first, or end the break."))
    refuse_while_a_poll_runs(meeting)
    leaving = current_item(meeting)
    done = AgendaItem.objects.select_for_update().filter(meeting=meeting, state=ItemState.CONCLUDED)
    before = done.order_by("-ended_at", "-position").first()
    if before is None:
        raise MeetingRefused(_("There is no earlier item to go back to."))
    before.meeting = meeting
    at = clock(at)
    clear_floor(meeting, at=at)
    if leaving is not None:
        if ItemPoll.objects.filter(item=leaving).exclude(poll__state__in=NOT_OPENED).exists():
            _conclude(leaving, at, leaving.outcome)
        else:
            leaving.state, leaving.started_at = ItemState.PLANNED, None
            leaving.save(update_fields=["state", "started_at"])
    before.state, before.ended_at = ItemState.CURRENT, None
    before.save(update_fields=["state", "ended_at"])
    record(
        meeting,
        "item_reopened",
        actor=actor,
        at=at,
        scene=Scene.ITEM,
        scene_poll=None,
        data={"item": str(before.pk), "left": str(leaving.pk) if leaving else None},
    )
    return before


@transaction.atomic
def note_outcome(
    *,
    item: AgendaItem,
    outcome: str,
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> AgendaItem:
    """The item says in a sentence what came of it."""
    meeting, item = lock_item(item, expected_version=expected_version)
    if item.state not in (ItemState.CURRENT, ItemState.CONCLUDED):
        raise MeetingRefused(_("An item has an outcome once it was taken up."))
    item.outcome = outcome
    item.save(update_fields=["outcome"])
    record(meeting, "outcome_noted", actor=actor, at=clock(at), data={"item": str(item.pk), "outcome": outcome})
    return item


def _conclude(item: AgendaItem, at: datetime, outcome: str) -> None:
    item.state, item.ended_at = ItemState.CONCLUDED, at
    item.outcome = outcome or item.outcome
    item.save(update_fields=["state", "ended_at", "outcome"])
