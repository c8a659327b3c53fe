# SPDX-License-Identifier: AGPL-3.0-or-later
"""The agenda: its items in order, what belongs to them, and where each stands."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from proposals.models import Proposal

from .meetings import Meeting
from .triggers import frozen_with_the_minutes, not_emptied


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
    TABLED = "tabled", _("Laid aside")
    POSTPONED = "postponed", _("Postponed")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    CONSENTED = "consented", _("Adopted together")


DONE = (ItemState.CONCLUDED, ItemState.CONSENTED)


class ItemPhase(models.TextChoices):
    """Steps within an item, for those who want them."""

    NONE = "", _("No steps")
    PRESENTATION = "presentation", _("Presentation")
    QUESTIONS = "questions", _("Questions")
    DEBATE = "debate", _("Debate")
    DECISION = "decision", _("Decision")


class Queue(models.TextChoices):
    """Who may ask to speak on an item."""

    OPEN = "open", _("Open")
    LIST_CLOSED = "list_closed", _("The list is closed: points of order only")
    CLOSED = "closed", _("Closed")


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
    phase = models.CharField(max_length=12, choices=ItemPhase, default=ItemPhase.NONE, blank=True)
    queue = models.CharField(max_length=12, choices=Queue, default=Queue.OPEN)
    is_consent = models.BooleanField(_("adopt it together with others, without debate"), default=False)
    extended_minutes = models.PositiveSmallIntegerField(default=0)  # given besides the planned ones
    spent_seconds = models.PositiveIntegerField(default=0)  # on the floor, up to `running_since`
    running_since = models.DateTimeField(null=True, blank=True)  # empty while the meeting does not discuss it
    postponed_to = models.CharField(max_length=120, blank=True)
    carried_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="carried_to"
    )  # the same item of an earlier meeting

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
                condition=Q(state__in=DONE, ended_at__isnull=False) | (~Q(state__in=DONE) & Q(ended_at__isnull=True)),
                name="meetings_agendaitem_done_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(phase__in=ItemPhase.values, queue__in=Queue.values), name="meetings_agendaitem_known_steps"
            ),
            models.CheckConstraint(
                condition=Q(running_since__isnull=True) | Q(state=ItemState.CURRENT),
                name="meetings_agendaitem_time_runs_for_the_current_one",
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
                    ("current", "tabled"),
                    ("tabled", "current"),
                    ("tabled", "carried_over"),
                    ("tabled", "postponed"),
                    ("tabled", "withdrawn"),
                    ("planned", "postponed"),
                    ("current", "postponed"),
                    ("postponed", "planned"),
                    ("planned", "withdrawn"),
                    ("current", "withdrawn"),
                    ("planned", "consented"),
                    ("consented", "current"),
                    ("carried_over", "planned"),
                ],
            ),
            pgtrigger.Trigger(
                name="motions_have_an_outcome",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(new__state__in=DONE) & ~pgtrigger.Q(old__state__in=DONE),
                func=pgtrigger.Func(
                    """
                    IF EXISTS (SELECT FROM meetings_motion WHERE item_id = NEW.id AND state = 'proposed') THEN
                        RAISE EXCEPTION 'an item is done when its motions have an outcome';
                    END IF;
                    RETURN NEW;
                    """
                ),
            ),
            frozen_with_the_minutes(),
            not_emptied(),
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

    @property
    def granted_minutes(self) -> int:
        """The time it may take, with what it was given besides."""
        return self.planned_minutes + self.extended_minutes


class ItemDocument(models.Model):
    """Something to read for an item: a file kept here, or a page elsewhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="documents")
    title = models.CharField(_("title"), max_length=120)
    link = models.URLField(_("address of a page"), blank=True)
    content = models.BinaryField(null=True, editable=False)
    file_name = models.CharField(max_length=120, blank=True)
    content_type = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(content__isnull=True) & ~Q(link="")) | (Q(content__isnull=False, link="")),
                name="meetings_itemdocument_file_or_page",
            ),
        ]
        triggers = [
            frozen_with_the_minutes("(SELECT meeting_id FROM meetings_agendaitem WHERE id = {row}.item_id)"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def kind_in_words(self) -> str:
        """Which kind of file it is."""
        return "PDF" if self.content_type == "application/pdf" else str(_("picture"))
