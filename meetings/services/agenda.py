# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writing the agenda: its items, their order, what is left out and what came of each."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.models import DONE, AgendaItem, ItemKind, ItemPoll, ItemState, Meeting
from proposals.models import Proposal
from voting.models import NOT_OPENED

from .acts import MeetingRefused, clock, lock, lock_item, record, refuse_when_over
from .before import before


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
    is_consent: bool = False,
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
        is_consent=is_consent,
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
    if fields.get("is_consent") and not item.is_consent:
        _refuse_to_join_the_group(item)
    for name, value in fields.items():
        setattr(item, name, value)
    item.save(update_fields=list(fields))
    record(meeting, "item_edited", actor=actor, at=clock(at), data={"item": str(item.pk), "fields": sorted(fields)})
    return item


@transaction.atomic
def mark_for_consent(
    *, item: AgendaItem, on: bool, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> AgendaItem:
    """The item is adopted together with others without debate, or it is not any more."""
    meeting, item = lock_item(item, expected_version=expected_version)
    refuse_when_over(meeting)
    if on:
        _refuse_to_join_the_group(item)
    item.is_consent = on
    item.save(update_fields=["is_consent"])
    kind = "consent_marked" if on else "consent_unmarked"
    record(meeting, kind, actor=actor, at=clock(at), data={"item": str(item.pk)})
    return item


def _refuse_to_join_the_group(item: AgendaItem) -> None:
    if not item.is_planned:
        raise MeetingRefused(_("Only items that are still to come can be adopted together."))
    if item.kind == ItemKind.BREAK:
        raise MeetingRefused(_("There is nothing to adopt in a break."))
    if item.objections.exists():
        raise MeetingRefused(_("Somebody asked to talk about this item, so it cannot be adopted without debate."))


@transaction.atomic
def move_item(
    *,
    item: AgendaItem,
    up: bool = True,
    position: int | None = None,
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> AgendaItem:
    """The item is one place up or down among those still to come, or at the given place of theirs.

    What is done, laid aside or left out stays where it is. At the edge nothing changes.
    """
    meeting, item = lock_item(item, expected_version=expected_version)
    if not item.is_planned:
        raise MeetingRefused(_("Only items that are still to come can be moved."))
    planned = AgendaItem.objects.select_for_update().filter(meeting=meeting, state=ItemState.PLANNED)
    waiting = list(planned.order_by("position"))
    places = [one.position for one in waiting]
    here = places.index(item.position)
    if position is None:
        there = max(0, here - 1) if up else min(len(places) - 1, here + 1)
    elif position in places:
        there = places.index(position)
    else:
        raise MeetingRefused(_("Choose the place of an item that is still to come."))
    if there == here:
        return item
    undo = before(meeting, *waiting)
    waiting.insert(there, waiting.pop(here))
    for one, place in zip(waiting, places, strict=True):
        if one.position != place:
            one.position = place
            one.save(update_fields=["position"])  # places are compared at commit, so they may meet for a moment
    item.position = places[there]
    data = {"item": str(item.pk), "position": item.position}
    record(meeting, "item_moved", actor=actor, at=clock(at), data=data, undo=undo)
    return item


@transaction.atomic
def remove_item(
    *, item: AgendaItem, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> None:
    """The item is off the agenda, with polls that were never opened; the log keeps its title."""
    meeting, item = lock_item(item, expected_version=expected_version)
    if not item.is_planned or ItemPoll.objects.filter(item=item).exclude(poll__state__in=NOT_OPENED).exists():
        raise MeetingRefused(_("Only items that are still to come can be taken off the agenda."))
    happened = (item.motions, item.speakers, item.hand_counts, item.decisions, item.objections, item.carried_to)
    if any(rows.exists() for rows in happened):  # all of that is kept, and it needs its item
        raise MeetingRefused(
            _("Something happened on this item already, and that is kept. Leave the item out instead.")
        )
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
    meeting, item = lock_item(item, expected_version=expected_version)
    refuse_when_over(meeting)
    if not item.is_planned:
        raise MeetingRefused(_("This item has changed in the meantime."))
    undo = before(meeting, item)
    item.state = ItemState.SKIPPED
    item.save(update_fields=["state"])
    record(meeting, "item_skipped", actor=actor, at=clock(at), data={"item": str(item.pk)}, undo=undo)
    return item


@transaction.atomic
def take_back_item(
    *, item: AgendaItem, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> AgendaItem:
    """An item that was left out or postponed is on the agenda again."""
    meeting, item = lock_item(item, expected_version=expected_version)
    refuse_when_over(meeting)
    if item.state not in (ItemState.SKIPPED, ItemState.POSTPONED):
        raise MeetingRefused(_("This item has changed in the meantime."))
    undo = before(meeting, item)
    item.state, item.postponed_to = ItemState.PLANNED, ""
    item.save(update_fields=["state", "postponed_to"])
    record(meeting, "item_taken_back", actor=actor, at=clock(at), data={"item": str(item.pk)}, undo=undo)
    return item


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
    if not item.is_current and item.state not in DONE:
        raise MeetingRefused(_("An item has an outcome once it was taken up."))
    item.outcome = outcome
    item.save(update_fields=["outcome"])
    record(meeting, "outcome_noted", actor=actor, at=clock(at), data={"item": str(item.pk), "outcome": outcome})
    return item
