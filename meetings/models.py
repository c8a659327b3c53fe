# SPDX-License-Identifier: AGPL-3.0-or-later
"""When people meet: a meeting, its agenda, who is there, who asked to speak, and what happened, in order.

What must always hold is a constraint: one current item, one speaker, one stay at a time for each person,
events without gaps. States move only along the arrows that a trigger knows.
"""

import uuid
from datetime import timedelta
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.codes import new_code
from assemblies.models import Assembly, Membership, Viewer
from proposals.models import Proposal
from voting.models import Poll, PollState

CODE_LENGTH = 6


def new_join_code() -> str:
    """Six letters and figures that nobody can guess and everybody can read aloud."""
    return new_code(CODE_LENGTH)


class MeetingState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Planned")
    DOORS_OPEN = "doors_open", _("Doors are open")
    IN_SESSION = "in_session", _("In session")
    IN_RECESS = "in_recess", _("Break")
    ADJOURNED = "adjourned", _("Closed")
    CANCELLED = "cancelled", _("Called off")


AHEAD = (MeetingState.SCHEDULED, MeetingState.DOORS_OPEN, MeetingState.IN_SESSION, MeetingState.IN_RECESS)
ROOM_OPEN = (MeetingState.DOORS_OPEN, MeetingState.IN_SESSION, MeetingState.IN_RECESS)
BEGUN = (MeetingState.IN_SESSION, MeetingState.IN_RECESS, MeetingState.ADJOURNED)
OVER = (MeetingState.ADJOURNED, MeetingState.CANCELLED)


class Scene(models.TextChoices):
    """What the projector shows; it is chosen apart from what happens, and follows it unless told otherwise."""

    WELCOME = "welcome", _("Welcome and join code")
    ITEM = "item", _("The current item")
    POLL = "poll", _("The vote, with turnout")
    RESULT = "result", _("The result")
    BREAK = "break", _("Break")


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def in_reach_of(self, user: Viewer) -> "MeetingQuerySet":
        """Meetings of assemblies that this person may see, drafts included: views show those to facilitators only."""
        return self.filter(assembly__in=Assembly.objects.visible_to(user))

    def visible_to(self, user: Viewer) -> "MeetingQuerySet":
        """Announced meetings of assemblies that this person may see."""
        return self.in_reach_of(user).exclude(state=MeetingState.DRAFT)

    def drafts(self) -> "MeetingQuerySet":
        return self.filter(state=MeetingState.DRAFT).order_by("starts_at", "pk")

    def ahead(self) -> "MeetingQuerySet":
        """Announced and not over, the next one first."""
        return self.filter(state__in=AHEAD).order_by("starts_at", "pk")

    def over(self) -> "MeetingQuerySet":
        return self.filter(state__in=OVER).order_by("-starts_at", "pk")


class Meeting(models.Model):
    """One gathering of an assembly, in a room and on phones."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assembly = models.ForeignKey(Assembly, on_delete=models.PROTECT, related_name="meetings")
    title = models.CharField(_("title"), max_length=120)
    place = models.CharField(_("place"), max_length=160, blank=True)
    text = models.TextField(_("what it is about"), blank=True)
    starts_at = models.DateTimeField(_("begins"))
    planned_end_at = models.DateTimeField(_("ends"))
    quorum_needed = models.PositiveIntegerField(_("people needed to decide"), null=True, blank=True)
    join_code = models.CharField(max_length=CODE_LENGTH, default=new_join_code, editable=False)

    state = models.CharField(max_length=12, choices=MeetingState, default=MeetingState.DRAFT)
    version = models.PositiveIntegerField(default=1)  # of what facilitators steer; an older click is refused
    event_seq = models.PositiveIntegerField(default=0)  # number of the last event; a trigger counts it up
    scene = models.CharField(max_length=10, choices=Scene, default=Scene.WELCOME)
    scene_poll = models.ForeignKey(Poll, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_blanked = models.BooleanField(default=False)
    doors_opened_at = models.DateTimeField(null=True, blank=True)
    called_to_order_at = models.DateTimeField(null=True, blank=True)
    adjourned_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[models.Manager["Meeting"]] = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MeetingState.values), name="meetings_meeting_known_state"),
            models.CheckConstraint(condition=Q(scene__in=Scene.values), name="meetings_meeting_known_scene"),
            models.CheckConstraint(
                condition=Q(planned_end_at__gt=F("starts_at")),
                name="meetings_meeting_ends_after_it_begins",
                violation_error_message=_("The meeting must end after it begins."),
            ),
            models.CheckConstraint(
                condition=Q(quorum_needed__isnull=True) | Q(quorum_needed__gte=1),
                name="meetings_meeting_quorum_above_zero",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=BEGUN) | Q(called_to_order_at__isnull=False),
                name="meetings_meeting_begun_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state=MeetingState.ADJOURNED, adjourned_at__isnull=False)
                | (~Q(state=MeetingState.ADJOURNED) & Q(adjourned_at__isnull=True)),
                name="meetings_meeting_closed_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(scene__in=[Scene.POLL, Scene.RESULT]) | Q(scene_poll__isnull=False),
                name="meetings_meeting_vote_on_screen_is_named",
            ),
            models.UniqueConstraint(
                fields=["join_code"], condition=~Q(state__in=OVER), name="meetings_meeting_one_per_join_code"
            ),
        ]
        indexes = [models.Index(fields=["assembly", "state", "starts_at"], name="meetings_by_assembly")]
        triggers = [
            pgtrigger.FSM(
                name="state_moves_forward",
                field="state",
                transitions=[
                    ("draft", "scheduled"),
                    ("scheduled", "doors_open"),
                    ("doors_open", "in_session"),
                    ("in_session", "in_recess"),
                    ("in_recess", "in_session"),
                    ("in_session", "adjourned"),
                    ("in_recess", "adjourned"),
                    ("draft", "cancelled"),
                    ("scheduled", "cancelled"),
                    ("doors_open", "cancelled"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("meetings:meeting", args=[self.pk])

    @property
    def topic(self) -> str:
        """The live channel of everything that this meeting's screens show, and the lane of its polls."""
        return f"meeting/{self.pk}"

    @property
    def cockpit_topic(self) -> str:
        return f"cockpit/{self.pk}"

    @property
    def screen_topic(self) -> str:
        return f"screen/{self.pk}"

    @property
    def is_room_open(self) -> bool:
        """Whether people can check in."""
        return self.state in ROOM_OPEN

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def has_begun(self) -> bool:
        return self.state in BEGUN

    @property
    def length(self) -> timedelta:
        return self.planned_end_at - self.starts_at


class MeetingEvent(models.Model):
    """Something that happened in a meeting. Numbered without gaps, and never changed."""

    id = models.BigAutoField(primary_key=True)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["meeting", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "seq"], name="meetings_meetingevent_one_per_number"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="meetings_meetingevent_counts_from_one"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="follows_the_last",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=pgtrigger.Func(
                    """
                    UPDATE meetings_meeting SET event_seq = NEW.seq WHERE id = NEW.meeting_id AND event_seq = NEW.seq - 1;
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'the events of a meeting have no gaps';
                    END IF;
                    RETURN NEW;
                    """
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq}: {self.kind}"


class ItemKind(models.TextChoices):
    INFORMATION = "information", _("Information")
    DISCUSSION = "discussion", _("Discussion")
    DECISION = "decision", _("Decision")
    BREAK = "break", _("Break")


class ItemState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    CURRENT = "current", _("Now")
    CONCLUDED = "concluded", _("Done")
    SKIPPED = "skipped", _("Left out")
    CARRIED_OVER = "carried_over", _("Carried over")


class AgendaItem(models.Model):
    """One point of the agenda."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    title = models.CharField(_("title"), max_length=140)
    text = models.TextField(_("what to know before"), blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=ItemKind, default=ItemKind.DISCUSSION)
    planned_minutes = models.PositiveSmallIntegerField(_("minutes"), default=10)
    presenter = models.CharField(_("who presents it"), max_length=80, blank=True)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="agenda_items")
    state = models.CharField(max_length=12, choices=ItemState, default=ItemState.PLANNED)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=300, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ItemKind.values), name="meetings_agendaitem_known_kind"),
            models.CheckConstraint(condition=Q(state__in=ItemState.values), name="meetings_agendaitem_known_state"),
            models.CheckConstraint(
                condition=Q(planned_minutes__gte=1, planned_minutes__lte=600), name="meetings_agendaitem_takes_time"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ItemState.CURRENT, ItemState.CONCLUDED]) | Q(started_at__isnull=False),
                name="meetings_agendaitem_begun_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state=ItemState.CONCLUDED, ended_at__isnull=False)
                | (~Q(state=ItemState.CONCLUDED) & Q(ended_at__isnull=True)),
                name="meetings_agendaitem_done_has_a_time",
            ),
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(state=ItemState.CURRENT), name="meetings_agendaitem_one_current"
            ),
            models.UniqueConstraint(
                fields=["meeting", "position"],
                name="meetings_agendaitem_one_per_position",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="state_moves_as_drawn",
                field="state",
                transitions=[
                    ("planned", "current"),
                    ("current", "concluded"),
                    ("concluded", "current"),
                    ("current", "planned"),
                    ("planned", "skipped"),
                    ("skipped", "planned"),
                    ("planned", "carried_over"),
                    ("current", "carried_over"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def number(self) -> int:
        """Its place on the agenda as people count."""
        return self.position

    @property
    def is_current(self) -> bool:
        return self.state == ItemState.CURRENT

    @property
    def is_planned(self) -> bool:
        return self.state == ItemState.PLANNED


class ItemPollQuerySet(models.QuerySet["ItemPoll"]):
    def in_progress(self) -> "ItemPollQuerySet":
        """Polls that take ballots or are being counted: their item cannot be left."""
        return self.filter(poll__state__in=[PollState.OPEN, PollState.CLOSING])


class ItemPoll(models.Model):
    """A poll that decides something under an agenda item."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="item_polls")
    poll = models.OneToOneField(Poll, on_delete=models.PROTECT, related_name="item_poll")

    objects = ItemPollQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.item}: {self.poll}"


class AttendanceMode(models.TextChoices):
    IN_ROOM = "in_room", _("In the room")
    REMOTE = "remote", _("From elsewhere")


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def present(self) -> "AttendanceQuerySet":
        return self.filter(ended_at=None)


class Attendance(models.Model):
    """One stay of one person at a meeting, from checking in to leaving. Losing the connection ends no stay."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendances")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="attendances")
    mode = models.CharField(max_length=10, choices=AttendanceMode, default=AttendanceMode.IN_ROOM)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        ordering = ["began_at"]
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=AttendanceMode.values), name="meetings_attendance_known_mode"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")),
                name="meetings_attendance_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["meeting", "membership"],
                condition=Q(ended_at=None),
                name="meetings_attendance_one_stay_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.mode}"


class SpeakerState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SPEAKING = "speaking", _("Speaking")
    FINISHED = "finished", _("Has spoken")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class SpeakerQuerySet(models.QuerySet["SpeakerEntry"]):
    def waiting(self) -> "SpeakerQuerySet":
        """Who waits, in the order in which they asked."""
        return self.filter(state=SpeakerState.WAITING).order_by("asked_seq")

    def speaking(self) -> "SpeakerQuerySet":
        return self.filter(state=SpeakerState.SPEAKING)


class SpeakerEntry(models.Model):
    """A raised hand: first in, first out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="speakers")
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="speakers")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="speaker_entries")
    state = models.CharField(max_length=10, choices=SpeakerState, default=SpeakerState.WAITING)
    asked_seq = models.PositiveIntegerField()  # number of the event with which the hand went up
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SpeakerQuerySet.as_manager()

    class Meta:
        ordering = ["asked_seq"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=SpeakerState.values), name="meetings_speakerentry_known_state"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[SpeakerState.SPEAKING, SpeakerState.FINISHED]) | Q(started_at__isnull=False),
                name="meetings_speakerentry_speech_has_a_time",
            ),
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(state=SpeakerState.SPEAKING), name="meetings_speakerentry_one_speaks"
            ),
            models.UniqueConstraint(
                fields=["meeting", "membership"],
                condition=Q(state=SpeakerState.WAITING),
                name="meetings_speakerentry_one_hand_each",
            ),
            models.UniqueConstraint(fields=["meeting", "asked_seq"], name="meetings_speakerentry_one_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.state}"
