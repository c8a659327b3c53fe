# SPDX-License-Identifier: AGPL-3.0-or-later
"""How often and how long one person, and one group together, may speak on one item; 0 everywhere means: no limit.

Nobody is cut off: who has used up their share only cannot ask for another turn by themselves. The desk and the
facilitators can still put somebody on the list, and points of order and questions are always heard.
"""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assemblies.money import format_count
from meetings.models import HAS_FLOOR, AgendaItem, Attendee, Meeting, SpeakerEntry, SpeakerState
from meetings.speaking_order import seconds_of
from meetings.turns import SPEECHES, TIMED, how_long


def used_up(meeting: Meeting, item: AgendaItem, attendee: Attendee, kind: str, at: datetime) -> str:
    """Why this person cannot ask for another turn of this kind on this item; empty while they can."""
    if not (meeting.turns_per_item or meeting.person_seconds or meeting.group_seconds):
        return ""
    taken = SpeakerEntry.objects.filter(item=item, state__in=[*HAS_FLOOR, SpeakerState.FINISHED])
    mine = list(taken.filter(attendee=attendee))
    turns = sum(entry.kind in SPEECHES for entry in mine)
    if kind in SPEECHES and meeting.turns_per_item and turns >= meeting.turns_per_item:
        return ngettext(
            "Everybody may speak %(n)s time on this item, and you have. You can still raise a point of order.",
            "Everybody may speak %(n)s times on this item, and you have. You can still raise a point of order.",
            meeting.turns_per_item,
        ) % {"n": format_count(meeting.turns_per_item)}
    if meeting.person_seconds and _seconds(mine, at) >= meeting.person_seconds:
        return _("You have used your %(time)s on this item. You can still raise a point of order.") % {
            "time": how_long(meeting.person_seconds)
        }
    if meeting.group_seconds and attendee.group:
        of_group = taken.filter(attendee__group=attendee.group)
        if _seconds(of_group, at) >= meeting.group_seconds:
            return _(
                "The people of your group have used their %(time)s on this item together. You can still raise a point "
                "of order."
            ) % {"time": how_long(meeting.group_seconds)}
    return ""


def limits_of(meeting: Meeting) -> list[str]:
    """The limits of this meeting in plain sentences, for everybody to read."""
    sentences = []
    if meeting.turns_per_item:
        sentences.append(
            ngettext(
                "Everybody may speak %(n)s time on each item.",
                "Everybody may speak %(n)s times on each item.",
                meeting.turns_per_item,
            )
            % {"n": format_count(meeting.turns_per_item)}
        )
    if meeting.person_seconds:
        sentences.append(
            _("Everybody may speak %(time)s on each item in all.") % {"time": how_long(meeting.person_seconds)}
        )
    if meeting.group_seconds and meeting.group_names:
        sentences.append(
            _("The people of one group may speak %(time)s on each item together.")
            % {"time": how_long(meeting.group_seconds)}
        )
    return sentences


def _seconds(entries: Iterable[SpeakerEntry], at: datetime) -> int:
    """What was said, questions and points of order left aside, with the speech that runs up to now."""
    return sum(seconds_of(entry.spoken_for, entry.running_since, at) for entry in entries if entry.kind in TIMED)
