# SPDX-License-Identifier: AGPL-3.0-or-later
"""A suggestion that nobody answers ends by itself: on its day, or when proposals can no longer be joined.

Every write to a merge or a split asks this first, on the held cycle, so it does not matter how late the job runs.
"""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

import jobs
from assemblies import rights
from assemblies.models import Viewer
from proposals.joining_mails import remind_of_merge, remind_of_split, tell_of_merge, tell_of_split
from proposals.models import ANSWERED_WITHIN, Cycle, Merge, Split
from proposals.models.joining import LAPSED, OPEN
from proposals.refusals import CycleRefused

from .corrections import last_day_for_correction
from .phases import REVIEW_PHASES, hold, record

REMINDED_BEFORE = timedelta(days=4)
LEFT_IN_PEACE = timedelta(days=2)  # whoever was asked yesterday needs no reminder today


def answer_until(cycle: Cycle, at: datetime | None) -> datetime:
    """The midnight that ends the fourteenth day, or when the list closes for good, whichever comes first."""
    day = timezone.localdate(at or timezone.now()) + ANSWERED_WITHIN + timedelta(days=1)
    midnight = datetime.combine(day, time(), tzinfo=timezone.get_current_timezone())
    last = last_day_for_correction(cycle)
    return min(midnight, last) if last is not None else midnight


def may_take_back(suggestion: Merge | Split, user: Viewer) -> bool:
    """Who suggested it, or, where that was an official, each of them: one may be ill."""
    if suggestion.suggested_by.user_id == user.pk:
        return True
    assembly = suggestion.about.heading.cycle.assembly
    return suggestion.is_of_official() and rights.may(user, rights.REVIEW_PROPOSALS, assembly)


def refuse_ended(suggestion: Merge | Split) -> None:
    """Only what waits for an answer can have one."""
    if suggestion.state == LAPSED:
        raise CycleRefused(_("It was not answered in time, so it has ended. It can be suggested anew."))
    if suggestion.state != OPEN:
        raise CycleRefused(_("This suggestion has ended already."))


def end_overdue(cycle: Cycle, at: datetime | None) -> None:
    """In this held cycle, nothing waits any more whose day is over; who is concerned is told."""
    moment = at or timezone.now()
    overdue = Q(state=OPEN)
    if cycle.is_ahead(*REVIEW_PHASES, at=at):
        overdue &= Q(answer_until__lte=moment)
    for merge in Merge.objects.filter(overdue, target__heading__cycle=cycle):
        merge.state, merge.ended_at = Merge.State.LAPSED, moment
        merge.save(update_fields=["state", "ended_at"])
        merge.parts.update(is_open=False)
        record(cycle, "merge.lapsed", None, at=at, merge=merge.pk)
        jobs.defer(tell_of_merge, str(merge.pk), "lapsed")
    for split in Split.objects.filter(overdue, proposal__heading__cycle=cycle).select_related("proposal"):
        split.state, split.ended_at = Split.State.LAPSED, moment
        split.save(update_fields=["state", "ended_at"])
        proposal = split.proposal
        record(cycle, "split.lapsed", None, at=at, proposal=proposal.pk, reference=proposal.reference)
        jobs.defer(tell_of_split, str(split.pk), "lapsed")


def end_unanswered(*, at: datetime | None = None) -> None:
    """In every budget, what was not answered in time has ended; run again, nothing changes."""
    merges, splits = Q(headings__proposals__merges_into_it__state=OPEN), Q(headings__proposals__splits__state=OPEN)
    for cycle in Cycle.objects.filter(merges | splits).distinct():
        with transaction.atomic():
            end_overdue(hold(cycle), at)


@transaction.atomic
def remind_of_unanswered(*, at: datetime | None = None) -> None:
    """Authors who have not answered have one mail some days before the end."""
    moment = at or timezone.now()
    due = Q(
        state=OPEN,
        reminded_at=None,
        answer_until__gt=moment,
        answer_until__lte=moment + REMINDED_BEFORE,
        suggested_at__lte=moment - LEFT_IN_PEACE,
    )
    for merge in (
        Merge.objects.possible().filter(due).select_related("target__heading__cycle").select_for_update(of=("self",))
    ):
        if merge.target.cycle.is_in(*REVIEW_PHASES, at=at):
            Merge.objects.filter(pk=merge.pk).update(reminded_at=moment)
            jobs.defer(remind_of_merge, str(merge.pk))
    for split in Split.objects.filter(due).select_related("proposal__heading__cycle").select_for_update(of=("self",)):
        if split.proposal.cycle.is_in(*REVIEW_PHASES, at=at):
            Split.objects.filter(pk=split.pk).update(reminded_at=moment)
            jobs.defer(remind_of_split, str(split.pk))
