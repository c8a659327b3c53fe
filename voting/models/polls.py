# SPDX-License-Identifier: AGPL-3.0-or-later
"""The question, its options and its states."""

import hashlib
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly, Viewer
from voting.sealing import canonical

from .registers import LateAdmission, Register
from .triggers import UPDATE_OR_DELETE, not_emptied


class BallotType(models.TextChoices):
    """What a voter does. The shape of `choice` in a stored ballot follows from it."""

    YES_NO = "yes_no", _("Yes, no or abstain")
    CHOOSE_ONE = "choose_one", _("Choose one")
    APPROVAL = "approval", _("Choose several")
    RANKED = "ranked", _("Put in order")
    POINTS = "points", _("Give points")
    SCORE = "score", _("Give marks")
    CONSENSUS = "consensus", _("Find consensus")


FIXED_ANSWERS = (BallotType.YES_NO, BallotType.CONSENSUS)  # their options are the same in every poll


class Secrecy(models.IntegerChoices):
    """What is stored, and who could read it. Sealed ballots are another store, not another label."""

    NAMED = 1, _("Stored with your name")
    CONFIDENTIAL = 2, _("Sealed: hidden from people, trusting this server")
    SECRET = 3, _("Secret: sealed, and two people must agree to open, close and publish")


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
AFTER_COUNT = (PollState.COUNTED, PollState.WITHHELD, PollState.PUBLISHED, PollState.VOIDED)
FINISHED = (PollState.PUBLISHED, PollState.VOIDED)
LONGEST_COUNT = timedelta(minutes=10)
DEFINITION_FIELDS = (
    "assembly_id",
    "question",
    "text",
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
    "definition_hash",
    "box_public_key",
    "body_length",
    "challenge_hours",
    "published_at_close",
    "names_shown",
)


def grouped(root: str) -> str:
    """The first sixteen figures of a root, in groups of four."""
    return " ".join(root[start : start + 4] for start in range(0, min(len(root), 16), 4))


# What owners hide from a person although it has opened: see `voting.owners.hide`.
HIDDEN: list[Callable[[Viewer], Q]] = []


class PollQuerySet(models.QuerySet["Poll"]):
    def open(self) -> "PollQuerySet":
        return self.filter(state=PollState.OPEN)

    def due(self, at: datetime) -> "PollQuerySet":
        """Polls that want work now: their time has come, or their close or the end of their keys was cut short."""
        return self.filter(
            Q(state=PollState.OPEN, closes_at__lte=at)
            | Q(state=PollState.CLOSING, challenge_until__isnull=True)
            | Q(state=PollState.CLOSING, challenge_until__lte=at)
            | Q(state__in=AFTER_COUNT, box_public_key__isnull=False, keys_destroyed_at__isnull=True)
        )

    def visible_to(self, user: Viewer) -> "PollQuerySet":
        """Polls that have opened, in assemblies that this person may see, unless their owner hides them."""
        seen = self.filter(assembly__in=Assembly.objects.visible_to(user)).exclude(state__in=NOT_OPENED)
        for hidden_from in HIDDEN:
            seen = seen.exclude(hidden_from(user))
        return seen


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
    ballot_parameters = models.JSONField(default=dict, blank=True)  # limits that voting.choices reads
    budget = models.BigIntegerField(null=True, blank=True)  # minor units of the currency
    currency = models.CharField(max_length=3, blank=True)

    secrecy = models.PositiveSmallIntegerField(choices=Secrecy, default=Secrecy.NAMED)
    shown_while_open = models.CharField(max_length=10, choices=ShownWhileOpen, default=ShownWhileOpen.TURNOUT)
    published_at_close = models.BooleanField(default=False)  # otherwise the result waits until it is revealed
    names_shown = models.BooleanField(default=False)  # a named poll tells, with its result, who chose what
    change_allowed = models.BooleanField(default=False)

    state = models.CharField(max_length=10, choices=PollState, default=PollState.DRAFT)
    definition = models.JSONField(null=True, blank=True)  # everything that decides, frozen when the poll opens
    definition_hash = models.BinaryField(max_length=32, null=True, blank=True)  # SHA-256 of the definition
    box_public_key = models.BinaryField(max_length=32, null=True, blank=True)  # seals envelopes; None in a named poll
    body_length = models.PositiveIntegerField(null=True, blank=True)  # bytes of every envelope
    challenge_hours = models.PositiveIntegerField(default=0)  # sealed ballots wait so long before they are opened
    challenge_until = models.DateTimeField(null=True, blank=True)
    keys_destroyed_at = models.DateTimeField(null=True, blank=True)
    register = models.ForeignKey(Register, on_delete=models.PROTECT, null=True, blank=True, related_name="polls")
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by")
    opened_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    voters: dict[str, Any] | None = None  # who could vote now, as `voting.electorate.fingerprint` has it; not stored

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
            models.CheckConstraint(
                condition=Q(state__in=NOT_OPENED)
                | Q(opened_at__isnull=True)
                | Q(secrecy=Secrecy.NAMED)
                | Q(box_public_key__isnull=False, body_length__isnull=False, definition_hash__isnull=False),
                name="voting_poll_sealed_has_keys",
            ),
            models.CheckConstraint(
                condition=Q(secrecy=Secrecy.NAMED) | ~Q(shown_while_open=ShownWhileOpen.TALLY),
                name="voting_poll_sealed_shows_no_tally",
            ),
            models.CheckConstraint(
                condition=Q(secrecy=Secrecy.NAMED) | Q(names_shown=False), name="voting_poll_sealed_shows_no_names"
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
                    ("closing", "voided"),  # where trustees lost their keys
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
                name="closing_time_fixed",  # the receipts of a sealed poll were given for it
                operation=pgtrigger.UpdateOf("closes_at"),
                condition=pgtrigger.Q(old__opened_at__isnull=False) & ~pgtrigger.Q(old__secrecy=1),
            ),
            pgtrigger.Trigger(
                name="begins_as_a_draft",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                condition=~pgtrigger.Q(new__state="draft"),
                func="RAISE EXCEPTION 'a poll begins as a draft';",
            ),
            pgtrigger.Trigger(
                name="four_eyes",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                declare=[("wanted", "text")],
                condition=pgtrigger.Q(old__state__df=pgtrigger.F("new__state"))
                & (pgtrigger.Q(new__secrecy=3) | pgtrigger.Q(old__state="published")),
                func=pgtrigger.Func(
                    """
                    wanted := CASE
                        WHEN OLD.state = 'published' AND NEW.state = 'voided' THEN 'void'
                        WHEN NEW.secrecy <> 3 THEN NULL
                        WHEN NEW.state = 'open' THEN 'open'
                        WHEN NEW.state = 'closing' AND (OLD.closes_at IS NULL OR clock_timestamp() < OLD.closes_at) THEN 'close'
                        WHEN NEW.state = 'published' AND NOT NEW.published_at_close THEN 'publish'
                        WHEN NEW.state = 'voided' AND OLD.state NOT IN ('draft', 'ready') THEN 'void'
                    END;
                    IF wanted IS NOT NULL AND (
                        SELECT count(DISTINCT actor_id) FROM voting_approval
                        WHERE poll_id = NEW.id AND action = wanted AND definition_hash = NEW.definition_hash
                    ) < 2 THEN
                        RAISE EXCEPTION '% needs the approval of two people to %',
                            CASE WHEN OLD.state = 'published' THEN 'a result' ELSE 'a secret poll' END, wanted;
                    END IF;
                    RETURN NEW;
                    """
                ),
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
    def is_sealed(self) -> bool:
        """Whether ballots are stored in envelopes that nobody opens before the close."""
        return self.secrecy != Secrecy.NAMED

    @property
    def is_secret(self) -> bool:
        return self.secrecy == Secrecy.SECRET

    @property
    def awaits_trustees(self) -> bool:
        """Whether voting has closed and the box opens only with the keys of two trustees."""
        return self.is_secret and self.state == PollState.CLOSING and self.trustees.exists()

    @property
    def is_stuck(self) -> bool:
        """Whether the count should be over by now and is not: something that it needs is missing or broken."""
        if self.state != PollState.CLOSING or self.closed_at is None or self.awaits_trustees:
            return False
        return timezone.now() - (self.challenge_until or self.closed_at) > LONGEST_COUNT

    @property
    def turnout(self) -> int:
        """Ballots in, blank ones included, removed ones not."""
        if not self.is_sealed:
            return self.ballots.exclude(line__in=self.removals.values("line")).count()
        if self.state == PollState.OPEN or not hasattr(self, "closed_box"):
            return self.envelopes.count()
        return self.closed_box.ballots

    @property
    def entitled(self) -> int:
        """Lines of the register."""
        return self.register.lines.count() if self.register else 0

    @property
    def shows_running_tally(self) -> bool:
        """Whether totals may be seen while people still vote; the poll said so before it opened."""
        return self.shown_while_open == ShownWhileOpen.TALLY

    @property
    def published_root(self) -> str:
        """The root of the published files, for walls, minutes and mails; empty before publication."""
        if self.published_at is None:
            return ""
        found = Poll.objects.filter(pk=self.pk).values_list("publication__root", flat=True).first()
        return bytes(found).hex() if found else ""

    @property
    def check_number(self) -> str:
        """The beginning of that root, short enough to read out and to copy by hand; empty before publication."""
        return grouped(self.published_root)

    def hash_of_definition(self) -> bytes:
        """SHA-256 of the canonical definition: what people agree to, and what every sealed ballot carries."""
        return hashlib.sha256(canonical(self.definition or self.define())).digest()

    def define(self) -> dict[str, Any]:
        """Everything that decides the outcome, in one canonical document."""
        return {
            "poll": str(self.pk),
            "question": self.question,
            "text": self.text,
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
            "names_shown": self.names_shown,
            "challenge_hours": self.challenge_hours,
            "change_allowed": self.change_allowed,
            "published_at_close": self.published_at_close,
            "closes_at": self.closes_at.astimezone(UTC).isoformat() if self.closes_at else None,
            "electorate": self.register.electorate if self.register else None,
            "district": str(self.register.district_id) if self.register and self.register.district_id else None,
            "late_admission": self.register.late_admission if self.register else LateAdmission.LOCK.value,
            "votes_in_at_most": self.register.max_polls if self.register else None,
            "options": [{"id": o.key, "title": o.title, "cost": o.cost} for o in self.options.all()],
            **self._trustees(),
            **({"voters": self.voters} if self.is_secret and self.voters else {}),
        }

    def _trustees(self) -> dict[str, Any]:
        """The public keys of the trustees, where there are any: who agrees to the definition agrees to them."""
        if not self.is_secret:
            return {}
        found = [bytes(key).hex() for key in self.trustees.values_list("public_key", flat=True) if key]
        return {"trustees": sorted(found)} if found else {}


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
        """The title for a reader: answers that are the same everywhere in the reader's language, all else as written."""
        return gettext(self.title) if self.poll.ballot_type in FIXED_ANSWERS else self.title


class Approval(models.Model):
    """One of the two people who must agree before a secret poll is opened, closed early, published or voided.

    Any poll whose result was published is voided by two, whatever its secrecy.
    """

    pk = models.CompositePrimaryKey("poll", "action", "actor", "definition_hash")
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="approvals")
    action = models.CharField(max_length=80)  # open, close, publish, void, or remove: and the slot to be emptied
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    definition_hash = models.BinaryField(max_length=32)  # of what this person saw
    reason = models.TextField(blank=True)  # why it shall be void; the words of the first person are published
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers = [not_emptied(), pgtrigger.Protect(name="append_only", operation=UPDATE_OR_DELETE)]

    def __str__(self) -> str:
        return f"{self.poll_id} {self.action}"


class ActorReference(models.Model):
    """Who the random reference in a poll's public log is. Deleting this row erases the person; the log still verifies."""

    reference = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["poll", "user"], name="voting_actorreference_one_per_person"),
        ]

    def __str__(self) -> str:
        return str(self.reference)
