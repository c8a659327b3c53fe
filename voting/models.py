# SPDX-License-Identifier: AGPL-3.0-or-later
"""How it is decided: one question, put to a frozen register of voters, by one ballot type and one counting rule.

The schema is the promise. One ballot for each line of the register is a primary key; states move only
forward, and a question that has opened cannot be rewritten: both are triggers, so they hold for every program.
"""

import hashlib
import json
import uuid
from datetime import datetime
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assemblies import codes
from assemblies.models import Assembly, Membership, Viewer

UPDATE_OR_DELETE = pgtrigger.Update | pgtrigger.Delete


def not_emptied() -> pgtrigger.Trigger:
    """TRUNCATE is refused, which no trigger on rows would notice."""
    return pgtrigger.Trigger(
        name="not_emptied",
        operation=pgtrigger.Truncate,
        when=pgtrigger.Before,
        level=pgtrigger.Statement,
        func="RAISE EXCEPTION 'votes are never emptied out';",
    )


class Register(models.Model):
    """The electoral roll of a poll. Frozen when the poll opens."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assembly = models.ForeignKey(Assembly, on_delete=models.PROTECT, related_name="registers")
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        triggers = [
            pgtrigger.Protect(
                name="frozen_for_good",
                operation=UPDATE_OR_DELETE,
                condition=pgtrigger.Q(old__frozen_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class RegisterLineQuerySet(models.QuerySet["RegisterLine"]):
    def held_by(self, user: Viewer) -> "RegisterLineQuerySet":
        if not user.is_authenticated:
            return self.none()
        return self.filter(membership__user=user)


class RegisterLine(models.Model):
    """One entry of the electoral roll: who may vote and with what weight, never whether or what."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="lines")
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="register_lines"
    )
    weight = models.PositiveIntegerField(default=1)

    objects = RegisterLineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["register", "membership"], name="voting_registerline_one_per_member"),
            models.CheckConstraint(condition=Q(weight__gte=1), name="voting_registerline_has_weight"),
        ]
        triggers = [
            not_emptied(),
            pgtrigger.Trigger(
                name="frozen_with_the_register",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=pgtrigger.Func(
                    """
                    IF EXISTS (
                        SELECT FROM voting_register
                        WHERE id IN (NEW.register_id, OLD.register_id) AND frozen_at IS NOT NULL
                    ) THEN
                        RAISE EXCEPTION 'the register is frozen';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                    """
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class BallotType(models.TextChoices):
    """What a voter does. The shape of `choice` in a stored ballot follows from it."""

    YES_NO = "yes_no", _("Yes, no or abstain")
    CHOOSE_ONE = "choose_one", _("Choose one")
    APPROVAL = "approval", _("Choose several")
    RANKED = "ranked", _("Put in order")
    POINTS = "points", _("Give points")


class Secrecy(models.IntegerChoices):
    """What is stored. Only named polls exist so far; sealed ballots are another store, not another label."""

    NAMED = 1, _("Stored with your name")


class PollState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    READY = "ready", _("Ready")
    OPEN = "open", _("Open")
    CLOSING = "closing", _("Closing")
    COUNTED = "counted", _("Counted")
    WITHHELD = "withheld", _("Counted, not shown yet")
    PUBLISHED = "published", _("Published")
    VOIDED = "voided", _("Void")


class ShownWhileOpen(models.TextChoices):
    TURNOUT = "turnout", _("Only how many have voted")
    TALLY = "tally", _("The running tally")


NOT_OPENED = (PollState.DRAFT, PollState.READY)
FINISHED = (PollState.PUBLISHED, PollState.VOIDED)
DEFINITION_FIELDS = (
    "assembly_id",
    "question",
    "ballot_type",
    "rule",
    "rule_parameters",
    "compared_rules",
    "secrecy",
    "shown_while_open",
    "change_allowed",
    "min_choices",
    "max_choices",
    "ballot_parameters",
    "budget",
    "currency",
    "follows_id",
    "definition",
)


class PollQuerySet(models.QuerySet["Poll"]):
    def open(self) -> "PollQuerySet":
        return self.filter(state=PollState.OPEN)

    def due(self, at: datetime) -> "PollQuerySet":
        """Open polls whose time has come, and polls whose close was cut short."""
        return self.filter(Q(state=PollState.OPEN, closes_at__lte=at) | Q(state=PollState.CLOSING))

    def visible_to(self, user: Viewer) -> "PollQuerySet":
        """Polls that have opened, in assemblies that this person may see."""
        return self.filter(assembly__in=Assembly.objects.visible_to(user)).exclude(state__in=NOT_OPENED)


class Poll(models.Model):
    """One question put to a register of voters by one ballot type and one counting rule."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assembly = models.ForeignKey(Assembly, on_delete=models.PROTECT, related_name="polls")
    owner_kind = models.CharField(max_length=20)  # who answers for it: a key of `voting.owners`
    lane = models.CharField(max_length=100, blank=True)  # live topic of the room it occupies; one open poll in each
    question = models.CharField(_("question"), max_length=200)
    text = models.TextField(_("text"), blank=True)

    ballot_type = models.CharField(max_length=20, choices=BallotType)
    rule = models.CharField(max_length=40)  # a name in voting.tally.registry
    rule_parameters = models.JSONField(default=dict, blank=True)
    compared_rules = models.JSONField(default=list, blank=True)  # counted beside the rule, not binding
    min_choices = models.PositiveIntegerField(default=0)
    max_choices = models.PositiveIntegerField(null=True, blank=True)
    ballot_parameters = models.JSONField(default=dict, blank=True)  # within_budget: bool, max_points: int
    budget = models.BigIntegerField(null=True, blank=True)  # minor units of the currency
    currency = models.CharField(max_length=3, blank=True)

    secrecy = models.PositiveSmallIntegerField(choices=Secrecy, default=Secrecy.NAMED)
    shown_while_open = models.CharField(max_length=10, choices=ShownWhileOpen, default=ShownWhileOpen.TURNOUT)
    published_at_close = models.BooleanField(default=False)  # otherwise the result waits until it is revealed
    change_allowed = models.BooleanField(default=False)

    state = models.CharField(max_length=10, choices=PollState, default=PollState.DRAFT)
    definition = models.JSONField(null=True, blank=True)  # everything that decides, frozen when the poll opens
    register = models.ForeignKey(Register, on_delete=models.PROTECT, null=True, blank=True, related_name="polls")
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by")
    opened_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PollQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PollState.values), name="voting_poll_known_state"),
            models.CheckConstraint(
                condition=Q(ballot_type__in=BallotType.values), name="voting_poll_known_ballot_type"
            ),
            models.CheckConstraint(condition=Q(secrecy__in=Secrecy.values), name="voting_poll_known_secrecy"),
            models.CheckConstraint(
                condition=Q(state__in=NOT_OPENED)
                | Q(state=PollState.VOIDED)
                | Q(opened_at__isnull=False, register__isnull=False, definition__isnull=False),
                name="voting_poll_open_has_register_and_definition",
            ),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(opened_at__isnull=True) | Q(closes_at__gt=F("opened_at")),
                name="voting_poll_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=~Q(state=PollState.VOIDED) | ~Q(void_reason=""), name="voting_poll_void_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(max_choices__isnull=True) | Q(max_choices__gte=F("min_choices")),
                name="voting_poll_choices_in_order",
            ),
            models.UniqueConstraint(
                fields=["lane"], condition=Q(state=PollState.OPEN) & ~Q(lane=""), name="voting_poll_one_open_per_lane"
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="state_moves_forward",
                field="state",
                transitions=[
                    ("draft", "ready"),
                    ("ready", "draft"),
                    ("ready", "open"),
                    ("open", "closing"),
                    ("closing", "counted"),
                    ("counted", "withheld"),
                    ("counted", "published"),
                    ("withheld", "published"),
                    ("draft", "voided"),
                    ("ready", "voided"),
                    ("open", "voided"),
                    ("counted", "voided"),
                    ("withheld", "voided"),
                    ("published", "voided"),
                ],
            ),
            pgtrigger.Protect(
                name="definition_frozen",
                operation=pgtrigger.UpdateOf(*DEFINITION_FIELDS, "register_id", "opened_at", "owner_kind", "lane"),
                condition=pgtrigger.Q(old__state__in=["open", "closing", "counted", "withheld", "published", "voided"]),
            ),
            pgtrigger.Protect(
                name="never_deleted_once_open",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__state__in=["open", "closing", "counted", "withheld", "published", "voided"]),
            ),
        ]

    def __str__(self) -> str:
        return self.question

    def get_absolute_url(self) -> str:
        return reverse("voting:poll", args=[self.pk])

    @property
    def topic(self) -> str:
        """The live channel of this poll's own page."""
        return f"poll/{self.pk}"

    @property
    def topics(self) -> list[str]:
        """Every live channel that shows this poll."""
        return [self.topic, self.lane] if self.lane else [self.topic]

    @property
    def is_open(self) -> bool:
        return self.state == PollState.OPEN and (self.closes_at is None or timezone.now() < self.closes_at)

    @property
    def is_counted(self) -> bool:
        return self.state in (PollState.COUNTED, PollState.WITHHELD, PollState.PUBLISHED)

    @property
    def turnout(self) -> int:
        """Ballots in, blank ones included."""
        return self.ballots.count()

    @property
    def entitled(self) -> int:
        """Lines of the register."""
        return self.register.lines.count() if self.register else 0

    @property
    def shows_running_tally(self) -> bool:
        """Whether totals may be seen while people still vote; the poll said so before it opened."""
        return self.shown_while_open == ShownWhileOpen.TALLY

    def define(self) -> dict[str, Any]:
        """Everything that decides the outcome, in one canonical document."""
        return {
            "poll": str(self.pk),
            "question": self.question,
            "ballot_type": self.ballot_type,
            "rule": self.rule,
            "rule_parameters": self.rule_parameters,
            "compared_rules": self.compared_rules,
            "min_choices": self.min_choices,
            "max_choices": self.max_choices,
            "ballot_parameters": self.ballot_parameters,
            "budget": self.budget,
            "currency": self.currency,
            "secrecy": self.secrecy,
            "change_allowed": self.change_allowed,
            "options": [{"id": o.key, "title": o.title, "cost": o.cost} for o in self.options.all()],
        }


class Option(models.Model):
    """One answer of a poll. The key is what ballots carry."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="options")
    key = models.CharField(max_length=80)
    position = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    cost = models.BigIntegerField(null=True, blank=True)  # minor units of the poll's currency

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["poll", "key"], name="voting_option_one_per_key"),
            models.UniqueConstraint(fields=["poll", "position"], name="voting_option_one_per_position"),
            models.CheckConstraint(
                condition=Q(cost__isnull=True) | Q(cost__gte=0), name="voting_option_cost_not_negative"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="frozen_with_the_poll",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=pgtrigger.Func(
                    """
                    IF EXISTS (
                        SELECT FROM voting_poll WHERE id IN (NEW.poll_id, OLD.poll_id) AND state NOT IN ('draft', 'ready')
                    ) THEN
                        RAISE EXCEPTION 'the options of a poll that has opened are frozen';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                    """
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def shown_title(self) -> str:
        """The title for a reader: yes, no and abstain in the reader's language, all else as it was written."""
        return gettext(self.title) if self.poll.ballot_type == BallotType.YES_NO else self.title


class OpenBallot(models.Model):
    """A named ballot. Its primary key is the promise: one for each line of the register."""

    pk = models.CompositePrimaryKey("poll", "line")
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="ballots")
    line = models.ForeignKey(RegisterLine, on_delete=models.PROTECT, related_name="ballots")
    choice = models.JSONField()  # {} is a blank ballot; see voting.choices
    key_hash = models.BinaryField(max_length=32)  # SHA-256 of the client's key: the same key again is the same ballot
    channel = models.CharField(max_length=20, default="web")
    revision = models.PositiveIntegerField(default=1)
    cast_at = models.DateTimeField()

    class Meta:
        triggers = [
            not_emptied(),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="only_while_open",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                declare=[("poll_state", "text")],
                func=pgtrigger.Func(
                    """
                    SELECT state INTO poll_state FROM voting_poll WHERE id = NEW.poll_id;
                    IF poll_state <> 'open' THEN
                        RAISE EXCEPTION 'the poll is not open';
                    END IF;
                    IF NOT EXISTS (
                        SELECT FROM voting_poll p JOIN voting_registerline l ON l.register_id = p.register_id
                        WHERE p.id = NEW.poll_id AND l.id = NEW.line_id
                    ) THEN
                        RAISE EXCEPTION 'the line is not in the register of the poll';
                    END IF;
                    IF TG_OP = 'UPDATE' THEN
                        IF NEW.poll_id <> OLD.poll_id OR NEW.line_id <> OLD.line_id OR NEW.revision <> OLD.revision + 1 THEN
                            RAISE EXCEPTION 'a ballot changes only by its next revision';
                        END IF;
                        INSERT INTO voting_openballothistory (id, poll_id, line_id, choice, key_hash, channel, revision, cast_at)
                        VALUES (gen_random_uuid(), OLD.poll_id, OLD.line_id, OLD.choice, OLD.key_hash, OLD.channel, OLD.revision, OLD.cast_at);
                    END IF;
                    RETURN NEW;
                    """
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.poll_id}/{self.line_id}"

    @property
    def receipt(self) -> str:
        return receipt_code(self.poll_id, self.choice, bytes(self.key_hash))


class OpenBallotHistory(models.Model):
    """An earlier version of a ballot that its voter replaced. Append only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(RegisterLine, on_delete=models.PROTECT, related_name="+")
    choice = models.JSONField()
    key_hash = models.BinaryField(max_length=32)
    channel = models.CharField(max_length=20)
    revision = models.PositiveIntegerField()
    cast_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["poll", "line", "revision"], name="voting_openballothistory_one_per_revision"
            ),
        ]
        triggers = [not_emptied(), pgtrigger.Protect(name="append_only", operation=UPDATE_OR_DELETE)]

    def __str__(self) -> str:
        return f"{self.poll_id}/{self.line_id} {self.revision}"


class Result(models.Model):
    """The outcome of one counting rule on one poll: frozen, explained, never recalculated in place."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="results")
    rule = models.CharField(max_length=40)
    is_binding = models.BooleanField(default=False)
    outcome = models.JSONField()  # voting.tally Outcome.as_dict()
    outcome_hash = models.BinaryField(max_length=32)
    engine = models.CharField(max_length=40)
    counted_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-is_binding", "rule"]
        constraints = [
            models.UniqueConstraint(fields=["poll", "rule"], name="voting_result_one_per_rule"),
            models.UniqueConstraint(fields=["poll"], condition=Q(is_binding=True), name="voting_result_one_binding"),
        ]
        triggers = [not_emptied(), pgtrigger.Protect(name="append_only", operation=UPDATE_OR_DELETE)]

    def __str__(self) -> str:
        return f"{self.rule}: {self.poll_id}"

    @property
    def winners(self) -> list[str]:
        """Keys of the winning options, in the order in which they won."""
        return list(self.outcome["winners"])


def receipt_code(poll_id: uuid.UUID, choice: dict[str, Any], key_hash: bytes) -> str:
    """A code for the stored ballot, 16 letters in groups of four; it says nothing about the choice by itself."""
    body = json.dumps(choice, sort_keys=True, separators=(",", ":")).encode()
    digest = hashlib.sha256(b"receipt-v1|" + poll_id.bytes + b"|" + key_hash + b"|" + body).digest()
    number = int.from_bytes(digest[:10], "big")
    letters = "".join(codes.ALPHABET[(number >> (5 * place)) & 31] for place in range(15, -1, -1))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))
