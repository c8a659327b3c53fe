# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who asked to speak, who speaks, and for how long they did."""

import uuid
from datetime import timedelta

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .agenda import AgendaItem
from .attendance import Attendee
from .meetings import Meeting
from .triggers import frozen_with_the_minutes, not_emptied


class SpeakerKind(models.TextChoices):
    """For what somebody wants the floor, the most urgent first."""

    POINT_OF_ORDER = "point_of_order", _("Point of order")
    TECHNICAL = "technical", _("I cannot hear or see, or need help")
    DIRECT_RESPONSE = "direct_response", _("Answer to the speaker")
    NORMAL = "normal", _("Speech")


class Side(models.TextChoices):
    NONE = "", _("Neither")
    PRO = "pro", _("In favour")
    CONTRA = "contra", _("Against")


class SpeakerState(models.TextChoices):
    REQUESTED = "requested", _("Asked")  # waits to be admitted to the queue, where the meeting is moderated
    WAITING = "waiting", _("Waiting")
    CALLED = "called", _("Called")
    SPEAKING = "speaking", _("Speaking")
    PAUSED = "paused", _("Interrupted")
    FINISHED = "finished", _("Has spoken")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    DECLINED = "declined", _("Not admitted")
    NO_SHOW = "no_show", _("Did not come")


IN_LINE = (SpeakerState.REQUESTED, SpeakerState.WAITING, SpeakerState.CALLED)
HAS_FLOOR = (SpeakerState.SPEAKING, SpeakerState.PAUSED)


class SpeakerQuerySet(models.QuerySet["SpeakerEntry"]):
    def waiting(self) -> "SpeakerQuerySet":
        """Who waits, in the order in which they asked; whose turn it is the policy says."""
        return self.filter(state=SpeakerState.WAITING).order_by("asked_seq")

    def in_line(self) -> "SpeakerQuerySet":
        """Whose hand is up, from asking to being called."""
        return self.filter(state__in=IN_LINE).order_by("asked_seq")

    def speaking(self) -> "SpeakerQuerySet":
        return self.filter(state=SpeakerState.SPEAKING)

    def on_the_floor(self) -> "SpeakerQuerySet":
        """Who speaks, and who was interrupted by them."""
        return self.filter(state__in=HAS_FLOOR)


class SpeakerEntry(models.Model):
    """A raised hand and the speech that comes of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="speakers")
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="speakers")
    attendee = models.ForeignKey(Attendee, on_delete=models.PROTECT, related_name="speaker_entries")
    kind = models.CharField(max_length=16, choices=SpeakerKind, default=SpeakerKind.NORMAL)
    side = models.CharField(max_length=6, choices=Side, default=Side.NONE, blank=True)
    state = models.CharField(max_length=10, choices=SpeakerState, default=SpeakerState.WAITING)
    responds_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="responses")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    pinned_place = models.PositiveSmallIntegerField(null=True, blank=True)  # where a facilitator put it, from 1
    no_shows = models.PositiveSmallIntegerField(default=0)  # how often they were called and did not come
    sent_back_seq = models.PositiveIntegerField(null=True, blank=True)  # number of the event that sent them to the end
    asked_seq = models.PositiveIntegerField()  # number of the event with which the hand went up
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    spoken_for = models.DurationField(default=timedelta)  # up to `running_since`, so that pauses cost nobody a second
    spoken_seconds = models.PositiveIntegerField(default=0)  # the whole seconds of it
    running_since = models.DateTimeField(null=True, blank=True)  # empty while they do not speak
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SpeakerQuerySet.as_manager()

    class Meta:
        ordering = ["asked_seq"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=SpeakerState.values, kind__in=SpeakerKind.values, side__in=Side.values),
                name="meetings_speakerentry_known_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[*HAS_FLOOR, SpeakerState.FINISHED]) | Q(started_at__isnull=False),
                name="meetings_speakerentry_speech_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state=SpeakerState.SPEAKING, running_since__isnull=False)
                | (~Q(state=SpeakerState.SPEAKING) & Q(running_since__isnull=True)),
                name="meetings_speakerentry_time_runs_while_speaking",
            ),
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(state=SpeakerState.SPEAKING), name="meetings_speakerentry_one_speaks"
            ),
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(state=SpeakerState.PAUSED), name="meetings_speakerentry_one_interrupted"
            ),
            models.UniqueConstraint(
                fields=["meeting", "attendee", "kind"],
                condition=Q(state__in=IN_LINE),
                name="meetings_speakerentry_one_hand_each",
            ),
            models.UniqueConstraint(fields=["meeting", "asked_seq"], name="meetings_speakerentry_one_per_number"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="state_moves_as_drawn",
                field="state",
                transitions=[
                    ("requested", "waiting"),
                    ("requested", "declined"),
                    ("requested", "withdrawn"),
                    ("waiting", "called"),
                    ("waiting", "speaking"),
                    ("waiting", "withdrawn"),
                    ("waiting", "declined"),
                    ("called", "speaking"),
                    ("called", "waiting"),
                    ("called", "no_show"),
                    ("called", "withdrawn"),
                    ("speaking", "paused"),
                    ("paused", "speaking"),
                    ("speaking", "finished"),
                    ("paused", "finished"),
                    ("speaking", "waiting"),
                    ("speaking", "no_show"),
                ],
            ),
            pgtrigger.Protect(name="hands_are_kept", operation=pgtrigger.Delete),
            frozen_with_the_minutes(),
            not_emptied(),
        ]

    def __str__(self) -> str:
        return f"{self.attendee} {self.state}"
