# SPDX-License-Identifier: AGPL-3.0-or-later
from django.urls import reverse

import jobs
from accounts.mails import send, site_address
from meetings import services
from meetings.models import Attendee, Minutes


@jobs.job(retries=5)
def mail_minutes(meeting_id: str) -> None:
    """Every member who attended has a mail of their own on the way; a rehearsal sends none."""
    came = Attendee.objects.filter(meeting__pk=meeting_id, membership__left_at=None, membership__isnull=False)
    came = came.filter(meeting__rehearses=None)
    for pk in came.filter(attendances__isnull=False).distinct().values_list("pk", flat=True):
        jobs.defer(mail_minutes_to, pk)


@jobs.job(retries=5)
def mail_minutes_to(attendee_id: int) -> None:
    """This person knows that the minutes are approved, and has the number by which any later change shows."""
    attendee = Attendee.objects.select_related("membership__user", "meeting__assembly").get(pk=attendee_id)
    approved = Minutes.objects.filter(meeting=attendee.meeting, approved_at__isnull=False).first()
    if approved is None or attendee.membership is None or attendee.membership.left_at is not None:
        return
    user, meeting = attendee.membership.user, attendee.meeting
    page = {
        "meeting": meeting,
        "minutes": approved,
        "url": site_address() + reverse("meetings:minutes", args=[meeting.pk]),
    }
    send(user, "meetings/mail/minutes", page, language=meeting.assembly.language)


@jobs.every("23 4 * * *")
def forget_old_groups() -> None:
    """Who put themselves into which group is forgotten a month after the meeting."""
    services.forget_old_groups()
