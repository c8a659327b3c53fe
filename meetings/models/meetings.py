# SPDX-License-Identifier: AGPL-3.0-or-later
"""A meeting from its draft to its approved minutes, and everything that happened in it, in order."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assemblies.codes import new_code
from assemblies.models import Assembly, Membership, Role, Viewer
from voting.models import Poll

from .triggers import UPDATE_OR_DELETE, frozen_with_the_minutes, not_emptied

CODE_LENGTH = 6
SIMULATED = "@rehearsal.invalid"  # the end of the address of who is none
DOORS_OPEN_BEFORE = timedelta(hours=2)


def first_in_first_out() -> list[str]:
    """How a queue of speakers is ordered unless the meeting chooses otherwise."""
    return ["fifo"]


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
    MINUTES_DRAFT = "minutes_draft", _("Minutes are being written")
    MINUTES_APPROVED = "minutes_approved", _("Minutes are approved")
    CANCELLED = "cancelled", _("Called off")


AHEAD = (MeetingState.SCHEDULED, MeetingState.DOORS_OPEN, MeetingState.IN_SESSION, MeetingState.IN_RECESS)
ROOM_OPEN = (MeetingState.DOORS_OPEN, MeetingState.IN_SESSION, MeetingState.IN_RECESS)
HELD = (MeetingState.ADJOURNED, MeetingState.MINUTES_DRAFT, MeetingState.MINUTES_APPROVED)
BEGUN = (MeetingState.IN_SESSION, MeetingState.IN_RECESS, *HELD)
OVER = (*HELD, MeetingState.CANCELLED)


class Scene(models.TextChoices):
    """What the projector shows; it is chosen apart from what happens, and follows it unless told otherwise."""

    WELCOME = "welcome", _("Welcome and join code")
    AGENDA = "agenda", _("The agenda")
    ITEM = "item", _("The current item")
    SPEAKER = "speaker", _("Who speaks, with the time")
    POLL = "poll", _("The vote, with turnout")
    RESULT = "result", _("The result")
    BREAK = "break", _("Break")
    TEXT = "text", _("A text")


class QuorumBase(models.TextChoices):
    """Of whom a share must be there, or that a fixed number must."""

    NONE = "", _("No quorum: any number may decide")
    FIXED = "fixed", _("A fixed number of voters")
    RESIDENTS = "residents", _("A share of all who may vote")
    MEMBERS = "members", _("A share of all members")


class QuorumComparison(models.TextChoices):
    AT_LEAST = "at_least", _("at least this share")
    MORE_THAN = "more_than", _("more than this share")


class QuorumCounts(models.TextChoices):
    """Who is there for the quorum."""

    IN_ROOM = "in_room", _("People in the room")
    ALL_PRESENT = "all_present", _("People in the room and from elsewhere")
    WITH_PROXIES = "with_proxies", _("People in the room, from elsewhere, and those who gave a proxy")


class QuorumState(models.TextChoices):
    NOT_SET = "not_set", _("No quorum")
    MET = "met", _("Met")
    NOT_MET = "not_met", _("Not met")


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def in_reach_of(self, user: Viewer) -> "MeetingQuerySet":
        """Meetings of assemblies that this person may see, drafts included: views show those to facilitators only.

        A rehearsal belongs to who runs the meeting that it rehearses, for as long as they do, and to its simulated people.
        """
        reached = self.filter(assembly__in=Assembly.objects.visible_to(user))
        if not user.is_authenticated:
            return reached.filter(rehearses=None)
        if user.email.endswith(SIMULATED):
            return reached
        runs = Membership.objects.holding(Role.FACILITATOR).filter(user=user).values("assembly")
        return reached.filter(Q(rehearses=None) | Q(rehearses__assembly__in=runs))

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

    quorum_base = models.CharField(_("quorum"), max_length=10, choices=QuorumBase, default=QuorumBase.NONE, blank=True)
    quorum_needed = models.PositiveIntegerField(_("people needed to decide"), null=True, blank=True)  # for a fixed one
    quorum_numerator = models.PositiveSmallIntegerField(_("share"), default=1)
    quorum_denominator = models.PositiveSmallIntegerField(_("of"), default=2)
    quorum_comparison = models.CharField(
        _("how much of it"), max_length=10, choices=QuorumComparison, default=QuorumComparison.MORE_THAN
    )
    quorum_counts = models.CharField(
        _("who counts"), max_length=12, choices=QuorumCounts, default=QuorumCounts.ALL_PRESENT
    )
    quorum_state = models.CharField(max_length=8, choices=QuorumState, default=QuorumState.NOT_SET)  # as last noted

    speaking_policies = ArrayField(models.CharField(max_length=24), default=first_in_first_out, blank=True)
    safe_places = models.PositiveSmallIntegerField(_("places that nobody overtakes"), default=1)
    speech_seconds = models.PositiveSmallIntegerField(_("seconds for one speech"), default=180)
    responses_per_speech = models.PositiveSmallIntegerField(_("answers to one speech"), default=1)
    turns_per_item = models.PositiveSmallIntegerField(_("speeches of one person on one item"), default=0)  # 0: no limit
    person_seconds = models.PositiveSmallIntegerField(_("seconds of one person on one item"), default=0)
    group_seconds = models.PositiveSmallIntegerField(_("seconds of one group on one item"), default=0)
    is_moderated = models.BooleanField(_("the facilitator admits each raised hand"), default=False)
    standing_order = ArrayField(
        models.UUIDField(), default=list, blank=True
    )  # who stood on the safe places before the queue last changed
    order_at = models.DateTimeField(null=True, blank=True)  # when it did; until then the speech that runs is counted
    group_names = ArrayField(
        models.CharField(max_length=40), default=list, blank=True
    )  # that people may put themselves in
    proxies_per_holder = models.PositiveSmallIntegerField(_("proxies that one person may hold"), default=0)
    walk_ins_allowed = models.BooleanField(_("guests may join without an account"), default=True)
    asks_room_code = models.BooleanField(
        _("who checks in on their phone types the code that the screen in the room shows"), default=False
    )
    chair_breaks_ties = models.BooleanField(_("the chair decides a tie"), default=False)
    join_code = models.CharField(max_length=CODE_LENGTH, default=new_join_code, editable=False)

    state = models.CharField(max_length=16, choices=MeetingState, default=MeetingState.DRAFT)
    version = models.PositiveIntegerField(default=1)  # of what facilitators steer; an older click is refused
    event_seq = models.PositiveIntegerField(default=0)  # number of the last event; a trigger counts it up
    scene = models.CharField(max_length=10, choices=Scene, default=Scene.WELCOME)
    scene_poll = models.ForeignKey(Poll, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    scene_text = models.TextField(blank=True)
    is_blanked = models.BooleanField(default=False)
    chair = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    driver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    driver_asked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    rehearses = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="rehearsals")
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
                condition=~Q(quorum_base=QuorumBase.FIXED) | Q(quorum_needed__isnull=False),
                name="meetings_meeting_fixed_quorum_has_a_number",
                violation_error_message=_("Write how many people are needed."),
            ),
            models.CheckConstraint(
                condition=Q(quorum_numerator__gte=1, quorum_denominator__gte=F("quorum_numerator")),
                name="meetings_meeting_quorum_is_a_share",
                violation_error_message=_("Write a share such as 1 of 2 or 2 of 3."),
            ),
            models.CheckConstraint(
                condition=Q(
                    quorum_base__in=QuorumBase.values,
                    quorum_comparison__in=QuorumComparison.values,
                    quorum_counts__in=QuorumCounts.values,
                    quorum_state__in=QuorumState.values,
                ),
                name="meetings_meeting_known_quorum",
            ),
            models.CheckConstraint(condition=Q(speech_seconds__gte=10), name="meetings_meeting_speeches_take_time"),
            models.CheckConstraint(
                condition=~Q(state__in=BEGUN) | Q(called_to_order_at__isnull=False),
                name="meetings_meeting_begun_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=HELD, adjourned_at__isnull=False)
                | (~Q(state__in=HELD) & Q(adjourned_at__isnull=True)),
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
                    ("adjourned", "in_session"),
                    ("adjourned", "minutes_draft"),
                    ("minutes_draft", "minutes_approved"),
                    ("draft", "cancelled"),
                    ("scheduled", "cancelled"),
                    ("doors_open", "cancelled"),
                ],
            ),
            pgtrigger.Protect(
                name="frozen_with_the_minutes",
                operation=UPDATE_OR_DELETE,
                condition=pgtrigger.Q(old__state=MeetingState.MINUTES_APPROVED),
            ),
            not_emptied(),
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
    def desk_topic(self) -> str:
        return f"desk/{self.pk}"

    @property
    def doors_may_open_at(self) -> datetime:
        """The first moment at which people may check in: who comes to an empty hall believes that the meeting is off."""
        return self.starts_at - DOORS_OPEN_BEFORE

    @property
    def too_early_for_doors(self) -> str:
        """Why the doors stay closed before that moment, and what to do about it."""
        return gettext(
            "The doors can open from %(from)s on, two hours before the meeting begins. If people come earlier, move "
            "the beginning of the meeting first."
        ) % {"from": date_format(timezone.localtime(self.doors_may_open_at), "DATETIME_FORMAT")}

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
            pgtrigger.Protect(name="append_only", operation=UPDATE_OR_DELETE),
            not_emptied(),
            frozen_with_the_minutes(),
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
