# SPDX-License-Identifier: AGPL-3.0-or-later
"""What one meeting did not finish, taken into the next one."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.models import OVER, AgendaItem, ItemDocument, ItemState, Meeting

from .acts import MeetingRefused, clock, lock, record, refuse_when_over

UNFINISHED = (ItemState.CARRIED_OVER, ItemState.POSTPONED)


@transaction.atomic
def carry_over_to(
    *,
    meeting: Meeting,
    earlier: Meeting,
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> list[AgendaItem]:
    """What the earlier meeting left is at the end of this agenda, with its documents. Each item comes only once."""
    _lock_both(meeting, earlier)  # nobody else takes the same items in at this moment
    meeting = lock(meeting, expected_version=expected_version)
    refuse_when_over(meeting)
    if earlier.assembly_id != meeting.assembly_id or earlier.pk == meeting.pk:
        raise MeetingRefused(_("Items are carried over within one assembly only."))
    left = list(left_over_for(meeting).filter(meeting=earlier).order_by("position"))
    if not left:
        raise MeetingRefused(_("Nothing is left of that meeting: all of it was taken in or done."))
    last: int = meeting.items.aggregate(last=Max("position"))["last"] or 0
    made = []
    for place, item in enumerate(left, last + 1):
        copy = AgendaItem.objects.create(
            meeting=meeting,
            position=place,
            title=item.title,
            text=item.text,
            kind=item.kind,
            planned_minutes=item.planned_minutes,
            presenter=item.presenter,
            proposal_id=item.proposal_id,
            carried_from=item,
        )
        for document in ItemDocument.objects.filter(item=item):  # one at a time: each may weigh ten megabytes
            document.pk, document.item = ItemDocument._meta.pk.get_default(), copy
            document.save(force_insert=True)
        made.append(copy)
    data = {"from": str(earlier.pk), "items": [str(item.pk) for item in made]}
    record(meeting, "items_carried_over", actor=actor, at=clock(at), data=data)
    return made


def _lock_both(*meetings: Meeting) -> None:
    """Both meetings are locked, in one order: two acts that go opposite ways between them wait and never block."""
    list(Meeting.objects.select_for_update(of=("self",)).filter(pk__in=[one.pk for one in meetings]).order_by("pk"))


def left_over_for(meeting: Meeting) -> "QuerySet[AgendaItem]":
    """Items of earlier meetings of the assembly that were not finished and that no meeting took in."""
    of_assembly = AgendaItem.objects.filter(
        meeting__assembly=meeting.assembly_id, meeting__state__in=OVER, meeting__rehearses=None, state__in=UNFINISHED
    )
    taken = AgendaItem.objects.exclude(carried_from=None).values("carried_from")
    return of_assembly.exclude(pk__in=taken).exclude(meeting=meeting.pk)
