# SPDX-License-Identifier: AGPL-3.0-or-later
"""What stands around the panels of the cockpit: who drives, and what should be ready before the meeting begins."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from live.hub import watchers
from meetings.models import Meeting, MeetingEvent, MeetingState, QuorumBase
from meetings.services.driving import PATIENCE


@dataclass(frozen=True)
class Driving:
    """Who steers, who would like to, and since when."""

    driver: User | None
    asked: User | None
    asked_at: datetime | None

    @property
    def may_take_over_at(self) -> datetime | None:
        return self.asked_at + PATIENCE if self.asked_at else None


def driving(meeting_id: UUID) -> Driving:
    """Who drives this meeting, in one query."""
    asked = MeetingEvent.objects.filter(meeting=OuterRef("pk"), kind="driver_asked").order_by("-seq")
    found = Meeting.objects.select_related("driver", "driver_asked").annotate(asked_at=Subquery(asked.values("at")[:1]))
    meeting = found.get(pk=meeting_id)
    asked_at = vars(meeting)["asked_at"] if meeting.driver_asked else None
    return Driving(meeting.driver, meeting.driver_asked, asked_at)


def chair_is_here(meeting: Meeting) -> bool:
    """Whether the meeting can begin as far as its chair is concerned; without one it can."""
    if meeting.chair_id is None:
        return True
    return meeting.attendances.filter(ended_at=None, attendee__membership=meeting.chair_id).exists()


@dataclass(frozen=True)
class Check:
    """One thing to see to before the meeting, and where."""

    is_done: bool
    what: str
    detail: str
    link: str = ""
    link_text: str = ""
    is_act: bool = False  # one press does it; otherwise it is a page to go to


def checklist(meeting: Meeting) -> list[Check]:
    """What is ready for the meeting and what is not. Connected screens are those of this server process."""
    present = meeting.attendances.filter(ended_at=None).count()
    phones, screens = watchers(meeting.topic), watchers(meeting.screen_topic)
    rehearsed = meeting.rehearsals.exists()
    return [
        _time_fits(meeting),
        Check(
            meeting.quorum_base != QuorumBase.NONE,
            _("Quorum"),
            _("Set.") if meeting.quorum_base != QuorumBase.NONE else _("None: any number of people may decide."),
            reverse("meetings:edit", args=[meeting.pk]),
            _("Choose a quorum"),
        ),
        Check(
            screens > 0,
            _("Projector"),
            _("Open and connected.") if screens else _("No screen of this meeting is open."),
            reverse("meetings:screen", args=[meeting.pk]),
            _("Open the projector"),
        ),
        Check(
            present > 0,
            _("Doors and desk"),
            ngettext("%(n)d person is checked in.", "%(n)d people are checked in.", present) % {"n": present}
            if meeting.state == MeetingState.DOORS_OPEN
            else _("The doors are closed."),
            reverse("meetings:desk", args=[meeting.pk]),
            _("Go to the desk"),
        ),
        Check(
            phones >= PHONES_TO_TRY,
            _("Wi-Fi"),
            ngettext("%(n)d phone is connected.", "%(n)d phones are connected.", phones) % {"n": phones}
            + (" " + _("Try it with three, from the last row too.") if phones < PHONES_TO_TRY else ""),
            reverse("meetings:live", args=[meeting.pk]),
            _("Open it on this device"),
        ),
        Check(
            rehearsed,
            _("Test vote"),
            _("This meeting was rehearsed.")
            if rehearsed
            else _(
                "Nobody has tried out a vote. One press makes a copy of the meeting with simulated people who vote."
            ),
            "" if meeting.rehearses_id else reverse("meetings:rehearse", args=[meeting.pk]),
            _("Try a vote"),
            is_act=True,
        ),
    ]


PHONES_TO_TRY = 3


def _time_fits(meeting: Meeting) -> Check:
    planned = sum(meeting.items.values_list("planned_minutes", flat=True))
    there_is = meeting.length // timedelta(minutes=1)
    fits = 0 < planned <= there_is
    if not planned:
        detail = _("The agenda is empty.")
    elif fits:
        detail = _("%(planned)d minutes are planned, and there are %(all)d.") % {"planned": planned, "all": there_is}
    else:
        detail = _("%(planned)d minutes are planned, but there are only %(all)d.") % {
            "planned": planned,
            "all": there_is,
        }
    return Check(fits, _("Agenda"), detail, reverse("meetings:agenda", args=[meeting.pk]), _("Change the agenda"))
