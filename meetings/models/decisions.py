# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is put to the room and what it decides: motions, amendments, counts of hands, and the decisions themselves."""

import uuid
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from voting.models import Poll, PollState

from .agenda import AgendaItem
from .attendance import Attendee
from .meetings import Meeting, MeetingEvent, QuorumState
from .triggers import frozen_with_the_minutes, not_emptied

OF_ITEM = "(SELECT meeting_id FROM meetings_agendaitem WHERE id = {row}.item_id)"


class ItemPollQuerySet(models.QuerySet["ItemPoll"]):
    def in_progress(self) -> "ItemPollQuerySet":
        """Polls that take ballots or are being counted: their item cannot be left."""
        return self.filter(poll__state__in=[PollState.OPEN, PollState.CLOSING])


class ItemPoll(models.Model):
    """A poll that decides something under an agenda item."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="item_polls")
    poll = models.OneToOneField(Poll, on_delete=models.PROTECT, related_name="item_poll")
    template = models.CharField(max_length=16, blank=True)  # from which it was made; empty in older ones
    motion = models.ForeignKey("Motion", on_delete=models.PROTECT, null=True, blank=True, related_name="item_polls")
    amendment = models.ForeignKey(
        "Amendment", on_delete=models.PROTECT, null=True, blank=True, related_name="item_polls"
    )
    is_straw = models.BooleanField(default=False)  # asks how the room feels and decides nothing
    needs_quorum = models.BooleanField(default=True)  # not for motions to adjourn, to take a break, to get a quorum
    has_fallback = models.BooleanField(default=False)  # if consensus is blocked, two thirds decide: agreed beforehand
    closing_at = models.DateTimeField(null=True, blank=True)  # the end of the countdown that runs on all screens
    closing_from = models.PositiveIntegerField(null=True, blank=True)  # ballots that were in when it began

    objects = ItemPollQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closing_at__isnull=True, closing_from__isnull=True)
                | Q(closing_at__isnull=False, closing_from__isnull=False),
                name="meetings_itempoll_countdown_knows_its_start",
            ),
        ]
        triggers = [frozen_with_the_minutes(OF_ITEM), not_emptied()]

    def __str__(self) -> str:
        return f"{self.item}: {self.poll}"


class MotionState(models.TextChoices):
    PROPOSED = "proposed", _("Put forward")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    CARRIED = "carried", _("Carried")
    AMENDED_AND_CARRIED = "amended_and_carried", _("Carried with changes")
    LOST = "lost", _("Lost")
    REFERRED = "referred", _("Referred")
    NO_DECISION = "no_decision", _("No decision")


class Motion(models.Model):
    """A text that the room is asked to adopt."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="motions")
    title = models.CharField(_("title"), max_length=140)
    text = models.TextField(_("text"), max_length=10_000)  # as it was moved
    adopted_text = models.TextField(max_length=10_000, blank=True)  # with the amendments that were adopted so far
    mover = models.CharField(_("who moves it"), max_length=80, blank=True)
    seconder = models.CharField(_("who supports it"), max_length=80, blank=True)
    state = models.CharField(max_length=20, choices=MotionState, default=MotionState.PROPOSED)
    referred_to = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MotionState.values), name="meetings_motion_known_state"),
        ]
        triggers = [frozen_with_the_minutes(OF_ITEM), not_emptied()]

    def __str__(self) -> str:
        return self.title

    @property
    def current_text(self) -> str:
        """The text with what was adopted so far."""
        return self.adopted_text or self.text


class AmendmentState(models.TextChoices):
    PROPOSED = "proposed", _("Put forward")
    ADOPTED = "adopted", _("Adopted")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Amendment(models.Model):
    """The text of a motion as somebody would rather have it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    motion = models.ForeignKey(Motion, on_delete=models.PROTECT, related_name="amendments")
    number = models.PositiveSmallIntegerField()
    before = models.TextField(max_length=10_000)  # the motion's text when this was written
    text = models.TextField(_("the whole text with the change"), max_length=10_000)
    reason = models.CharField(_("why"), max_length=300, blank=True)
    mover = models.CharField(_("who moves it"), max_length=80, blank=True)
    state = models.CharField(max_length=10, choices=AmendmentState, default=AmendmentState.PROPOSED)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=AmendmentState.values), name="meetings_amendment_known_state"),
            models.UniqueConstraint(fields=["motion", "number"], name="meetings_amendment_one_per_number"),
        ]
        triggers = [
            frozen_with_the_minutes(
                "(SELECT i.meeting_id FROM meetings_agendaitem i JOIN meetings_motion m ON m.item_id = i.id"
                " WHERE m.id = {row}.motion_id)"
            ),
            not_emptied(),
        ]

    def __str__(self) -> str:
        return f"{self.motion}: {self.number}"


class HandCount(models.Model):
    """Raised hands, counted by two tellers who must agree. Nobody's name is on it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="hand_counts")
    motion = models.ForeignKey(Motion, on_delete=models.PROTECT, null=True, blank=True, related_name="hand_counts")
    amendment = models.ForeignKey(
        Amendment, on_delete=models.PROTECT, null=True, blank=True, related_name="hand_counts"
    )
    question = models.CharField(_("question"), max_length=200)
    rule_parameters = models.JSONField(default=dict)  # threshold, operator and base, as in a poll
    is_straw = models.BooleanField(default=False)
    one_teller = models.BooleanField(default=False)  # the meeting has only one, who counts twice; the record says so
    present = models.PositiveIntegerField()  # who might raise a hand when the count began
    members = models.PositiveIntegerField()
    first = models.JSONField(null=True)  # {"yes": n, "no": n, "abstain": n} of the first teller
    first_teller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    second = models.JSONField(null=True)
    second_teller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["opened_at"]
        triggers = [
            pgtrigger.Protect(
                name="closed_for_good", operation=pgtrigger.Update, condition=pgtrigger.Q(old__closed_at__isnull=False)
            ),
            pgtrigger.Protect(name="counts_are_kept", operation=pgtrigger.Delete),
            frozen_with_the_minutes(OF_ITEM),
            not_emptied(),
        ]

    def __str__(self) -> str:
        return self.question


class DecisionWay(models.TextChoices):
    POLL = "poll", _("By a vote")
    HANDS = "hands", _("By a show of hands")
    CONSENT = "consent", _("Adopted together, without objection")
    CASTING_VOTE = "casting_vote", _("By the casting vote of the chair")
    AGREEMENT = "agreement", _("By agreement")


class Outcome(models.TextChoices):
    CARRIED = "carried", _("Carried")
    LOST = "lost", _("Lost")
    DECIDED = "decided", _("Decided")  # a choice between several answers
    TIE = "tie", _("Tie")
    NO_QUORUM = "no_quorum", _("No quorum")
    NO_VALID_BALLOTS = "no_valid_ballots", _("Nobody voted")
    BLOCKED = "blocked", _("Blocked")
    NEEDS_RUNOFF = "needs_runoff", _("Needs a runoff")


class DecisionQuerySet(models.QuerySet["Decision"]):
    def with_lost_quorum(self) -> "DecisionQuerySet":
        """Each with whether the quorum, met when its vote opened, was lost before the vote closed."""
        while_open = {"at__gt": models.OuterRef("poll__opened_at"), "at__lte": models.OuterRef("poll__closed_at")}
        lost = MeetingEvent.objects.filter(meeting=models.OuterRef("meeting"), kind="quorum_lost", **while_open)
        return self.annotate(lost_quorum=models.Exists(lost))

    def standing(self) -> "DecisionQuerySet":
        """Neither void nor replaced by a later one; where the later one is void, this one stands again."""
        later = Decision.objects.filter(supersedes=models.OuterRef("pk"), voided_at=None)
        return self.filter(~models.Exists(later), voided_at=None)


class Decision(models.Model):
    """What the meeting decided, with its numbers and who was there. It is never rewritten; a later one replaces it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveIntegerField()  # in this meeting, from 1
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions")
    way = models.CharField(max_length=12, choices=DecisionWay)
    outcome = models.CharField(max_length=16, choices=Outcome)
    question = models.CharField(max_length=300)
    sentence = models.TextField()  # as it was shown, in the language of the assembly
    numbers = models.JSONField(default=dict)  # whole numbers, shares as "p/q"
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions")
    hand_count = models.ForeignKey(HandCount, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions")
    motion = models.ForeignKey(Motion, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions")
    amendment = models.ForeignKey(Amendment, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions")
    text = models.TextField(blank=True)  # what exactly was adopted
    present = models.PositiveIntegerField()  # of those who count for the quorum
    quorum_required = models.PositiveIntegerField(default=0)
    quorum_state = models.CharField(max_length=8, choices=QuorumState)
    decided_at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    supersedes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=300, blank=True)

    objects: ClassVar[models.Manager["Decision"]] = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["meeting", "number"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="meetings_decision_one_per_number"),
            models.CheckConstraint(
                condition=Q(way__in=DecisionWay.values, outcome__in=Outcome.values), name="meetings_decision_known_way"
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, void_reason="") | (Q(voided_at__isnull=False) & ~Q(void_reason="")),
                name="meetings_decision_void_with_a_reason",
            ),
            models.UniqueConstraint(
                fields=["supersedes"], condition=Q(voided_at=None), name="meetings_decision_replaced_by_one"
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(supersedes=F("id")), name="meetings_decision_replaces_another"
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="said_once", exclude=["voided_at", "void_reason"]),
            pgtrigger.Protect(
                name="void_for_good", operation=pgtrigger.Update, condition=pgtrigger.Q(old__voided_at__isnull=False)
            ),
            pgtrigger.Protect(name="decisions_are_kept", operation=pgtrigger.Delete),
            frozen_with_the_minutes(),
            not_emptied(),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.question}"


class Objection(models.Model):
    """Somebody wants an item of the consent group talked about, so it leaves the group."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="objections")
    attendee = models.ForeignKey(Attendee, on_delete=models.PROTECT, related_name="objections")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["item", "attendee"], name="meetings_objection_one_each")]
        triggers = [frozen_with_the_minutes(OF_ITEM), not_emptied()]

    def __str__(self) -> str:
        return f"{self.attendee}: {self.item}"
