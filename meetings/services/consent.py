# SPDX-License-Identifier: AGPL-3.0-or-later
"""The consent group: items that the room adopts together, without debate, unless somebody wants to talk about one."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from meetings import decision_words
from meetings.models import (
    AgendaItem,
    Attendance,
    Attendee,
    Decision,
    DecisionWay,
    ItemState,
    Meeting,
    MeetingState,
    Motion,
    MotionState,
    Objection,
    Outcome,
    QuorumState,
)

from .acts import MeetingRefused, StaleClick, clock, lock, lock_item, record, require_state
from .decisions import record_decision
from .meetings import refuse_while_a_poll_runs
from .quorum import snapshot


@transaction.atomic
def object_to_consent(*, attendee: Attendee, item: AgendaItem, at: datetime | None = None) -> AgendaItem:
    """The item is talked about instead of being adopted with the others. One person who may vote is enough."""
    meeting, item = lock_item(item)
    if attendee.meeting_id != meeting.pk:
        raise MeetingRefused(_("Check in first."))
    if not meeting.is_room_open:
        raise MeetingRefused(_("You can ask for this while the meeting is on."))
    if item.state == ItemState.CONSENTED:
        raise MeetingRefused(_("This item is adopted already. Ask the chair to take it up again."))
    if not item.is_planned or not (item.is_consent or item.objections.exists()):
        raise MeetingRefused(_("This item is talked about anyway."))
    if not Attendance.objects.present().filter(attendee=attendee).exists():
        raise MeetingRefused(_("Check in first."))
    member = attendee.membership
    if member is None or member.verified_at is None or member.left_at is not None:
        raise MeetingRefused(_("Only people who may vote in this meeting can ask for this."))
    at = clock(at)
    _objection, is_new = Objection.objects.get_or_create(item=item, attendee=attendee, defaults={"at": at})
    item.is_consent = False
    item.save(update_fields=["is_consent"])
    if is_new:
        record(meeting, "consent_objected", actor=attendee.user, at=at, steers=False, data={"item": str(item.pk)})
    return item


@transaction.atomic
def adopt_consent_group(
    *,
    meeting: Meeting,
    actor: User | None,
    shown: Collection[str] | None = None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Decision:
    """Every item of the group is adopted, with the motions under it, by one decision that names them all.

    `shown` names the items that stood beside the button: an objection makes no click stale, so it would go unnoticed.
    """
    meeting = lock(meeting, expected_version=expected_version)
    require_state(meeting, MeetingState.IN_SESSION, otherwise=_("Start the meeting first, or end the break."))
    refuse_while_a_poll_runs(meeting)
    quorum = snapshot(meeting)
    if quorum.state == QuorumState.NOT_MET:
        raise MeetingRefused(_("The quorum is not met, so nothing can be decided now."))
    items = list(consent_group(meeting).select_for_update())
    if shown is not None and {str(item.pk) for item in items} != set(shown):
        raise StaleClick(
            _("Somebody wants to talk about one of these items, so nothing was adopted. Look again, then decide.")
        )
    at = clock(at)
    with translation.override(meeting.assembly.language):
        try:
            decided = decision_words.by_consent([item.title for item in items])
        except decision_words.NotDecidable as nothing:
            raise MeetingRefused(str(nothing)) from nothing
        question = _("Adopted together")
    motions = Motion.objects.filter(item__in=items, state=MotionState.PROPOSED)
    motions.update(state=MotionState.CARRIED, adopted_text=Coalesce(NullIf("adopted_text", Value("")), F("text")))
    consent_group(meeting).update(state=ItemState.CONSENTED, ended_at=at)
    return record_decision(
        meeting=meeting,
        item=None,
        way=DecisionWay.CONSENT,
        outcome=Outcome(decided.outcome),
        question=question,
        sentence=decided.sentence,
        numbers={**decided.numbers, "adopted": [str(item.pk) for item in items]},
        text="\n".join(item.title for item in items),
        quorum=quorum,
        actor=actor,
        at=at,
    )


def consent_group(meeting: Meeting) -> QuerySet[AgendaItem]:
    """The items that would be adopted together now."""
    return AgendaItem.objects.filter(meeting=meeting, state=ItemState.PLANNED, is_consent=True).order_by("position")
