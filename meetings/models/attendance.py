# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who takes part: a person at one meeting, their stays, and for whom they vote."""

import uuid
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from assemblies.models import Membership

from .meetings import Meeting
from .triggers import frozen_with_the_minutes, not_emptied


class Attendee(models.Model):
    """One person at one meeting: a member, or a guest whom the room knows by the name they gave."""

    id = models.BigAutoField(primary_key=True)  # a number, because stays are kept apart by a range of numbers
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendees")
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="attendees"
    )
    handle = models.CharField(_("name"), max_length=60, blank=True)
    device_hash = models.BinaryField(max_length=32, null=True, editable=False)  # of the secret on a guest's phone
    group = models.CharField(max_length=40, blank=True)  # which they put themselves in; shown to nobody
    is_excused = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "membership"], name="meetings_attendee_one_per_member"),
            models.UniqueConstraint(fields=["meeting", "device_hash"], name="meetings_attendee_one_per_device"),
            models.CheckConstraint(
                condition=Q(membership__isnull=False, handle="") | (Q(membership__isnull=True) & ~Q(handle="")),
                name="meetings_attendee_member_or_guest",
            ),
        ]
        triggers = [frozen_with_the_minutes(), not_emptied()]

    def __str__(self) -> str:
        """The name for all to read; nobody takes a guest for a member."""
        return str(self.membership) if self.membership else gettext("%(name)s (guest)") % {"name": self.handle}

    @property
    def is_guest(self) -> bool:
        return self.membership is None

    @property
    def user(self) -> User | None:
        """The account of the person; a guest has none."""
        return self.membership.user if self.membership else None


class AttendanceMode(models.TextChoices):
    IN_ROOM = "in_room", _("In the room")
    REMOTE = "remote", _("From elsewhere")


class AttendanceSource(models.TextChoices):
    """How somebody was checked in."""

    SELF = "self", _("By themselves")
    QR = "qr", _("With their own QR code")
    CODE = "code", _("With the code in the room")
    DESK = "desk", _("At the desk")
    IMPORT = "import", _("From a list")


class AttendanceEnd(models.TextChoices):
    """Why a stay ended."""

    NONE = "", _("Still here")
    STEPPED_OUT = "stepped_out", _("Stepped out")
    DEPARTED = "departed", _("Left")
    MOVED = "moved", _("Went on from elsewhere or in the room")
    REVOKED = "revoked", _("Taken off the list")
    ADJOURNED = "adjourned", _("The meeting ended")


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def present(self) -> "AttendanceQuerySet":
        return self.filter(ended_at=None)

    def at_moment(self, moment: object) -> "AttendanceQuerySet":
        """Stays of those who were there at this moment."""
        return self.filter(Q(ended_at=None) | Q(ended_at__gt=moment), began_at__lte=moment)


class Attendance(models.Model):
    """One stay of one person at a meeting, from checking in to leaving. Losing the connection ends no stay."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendances")
    attendee = models.ForeignKey(Attendee, on_delete=models.PROTECT, related_name="attendances")
    mode = models.CharField(max_length=10, choices=AttendanceMode, default=AttendanceMode.IN_ROOM)
    source = models.CharField(max_length=8, choices=AttendanceSource, default=AttendanceSource.SELF)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end = models.CharField(max_length=12, choices=AttendanceEnd, default=AttendanceEnd.NONE, blank=True)
    end_reason = models.CharField(max_length=300, blank=True)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        ordering = ["began_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    mode__in=AttendanceMode.values, source__in=AttendanceSource.values, end__in=AttendanceEnd.values
                ),
                name="meetings_attendance_known_mode",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end="") | (Q(ended_at__gte=F("began_at")) & ~Q(end="")),
                name="meetings_attendance_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["attendee"], condition=Q(ended_at=None), name="meetings_attendance_one_stay_at_a_time"
            ),
            ExclusionConstraint(
                name="meetings_attendance_stays_do_not_overlap",
                expressions=[
                    (Func(F("attendee"), F("attendee"), Value("[]"), function="int8range"), RangeOperators.OVERLAPS),
                    (
                        Func(
                            F("began_at"),
                            F("ended_at"),
                            RangeBoundary(),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes = [models.Index(fields=["meeting", "ended_at"], name="meetings_attendance_present")]
        triggers = [
            pgtrigger.Protect(name="stays_are_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="ended_for_good", operation=pgtrigger.Update, condition=pgtrigger.Q(old__ended_at__isnull=False)
            ),
            pgtrigger.Trigger(
                name="of_the_same_meeting",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func=pgtrigger.Func(
                    """
                    IF NOT EXISTS (
                        SELECT FROM meetings_attendee WHERE id = NEW.attendee_id AND meeting_id = NEW.meeting_id
                    ) THEN
                        RAISE EXCEPTION 'a stay belongs to the meeting of its attendee';
                    END IF;
                    RETURN NEW;
                    """
                ),
            ),
            frozen_with_the_minutes(),
            not_emptied(),
        ]

    def __str__(self) -> str:
        return f"{self.attendee} {self.mode}"


class ProxyQuerySet(models.QuerySet["Proxy"]):
    def in_force(self) -> "ProxyQuerySet":
        """Not revoked; it sleeps while its giver is there."""
        return self.filter(revoked_at=None)

    def awake(self) -> "ProxyQuerySet":
        """In force now: the holder is there, the giver is not, and both may vote."""
        here = Attendance.objects.present()
        return self.in_force().filter(
            Exists(here.filter(attendee=OuterRef("holder"))),
            ~Exists(here.filter(attendee=OuterRef("giver"))),
            holder__membership__in=Membership.objects.verified(),
            giver__membership__in=Membership.objects.verified(),
        )


class Proxy(models.Model):
    """A member votes for another at one meeting, by a document that the desk has seen. It goes no further than one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="proxies")
    giver = models.ForeignKey(Attendee, on_delete=models.PROTECT, related_name="proxies_given")
    holder = models.ForeignKey(Attendee, on_delete=models.PROTECT, related_name="proxies_held")
    document = models.CharField(_("document"), max_length=120)  # where the signed paper is filed
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Proxy"]] = ProxyQuerySet.as_manager()

    class Meta:
        ordering = ["given_at"]
        verbose_name_plural = "proxies"
        constraints = [
            models.CheckConstraint(condition=~Q(giver=F("holder")), name="meetings_proxy_of_another_person"),
            models.UniqueConstraint(
                fields=["giver"], condition=Q(revoked_at=None), name="meetings_proxy_one_holder_each"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="one_step_and_no_more",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func=pgtrigger.Func(
                    """
                    IF NEW.revoked_at IS NOT NULL THEN RETURN NEW; END IF;
                    PERFORM 1 FROM meetings_meeting WHERE id = NEW.meeting_id FOR UPDATE;
                    IF EXISTS (
                        SELECT FROM meetings_proxy
                        WHERE revoked_at IS NULL AND id <> NEW.id
                            AND (giver_id = NEW.holder_id OR holder_id = NEW.giver_id)
                    ) THEN
                        RAISE EXCEPTION 'a proxy is not passed on';
                    END IF;
                    IF (
                        SELECT count(*) FROM meetings_proxy
                        WHERE revoked_at IS NULL AND id <> NEW.id AND holder_id = NEW.holder_id
                    ) >= (SELECT proxies_per_holder FROM meetings_meeting WHERE id = NEW.meeting_id) THEN
                        RAISE EXCEPTION 'this person holds as many proxies as the meeting allows';
                    END IF;
                    IF (
                        SELECT count(*) FROM meetings_attendee
                        WHERE id IN (NEW.giver_id, NEW.holder_id) AND meeting_id = NEW.meeting_id
                            AND membership_id IS NOT NULL
                    ) <> 2 THEN
                        RAISE EXCEPTION 'a proxy is between two members at one meeting';
                    END IF;
                    RETURN NEW;
                    """
                ),
            ),
            pgtrigger.Protect(name="proxies_are_kept", operation=pgtrigger.Delete),
            frozen_with_the_minutes(),
            not_emptied(),
        ]

    def __str__(self) -> str:
        return f"{self.holder} for {self.giver}"
