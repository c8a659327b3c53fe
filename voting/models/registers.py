# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may vote, and in how many polls of one register."""

import uuid
from uuid import UUID

import pgtrigger
from django.db import connection, models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly, District, Membership, Viewer

from .credentials import Credential
from .triggers import UPDATE_OR_DELETE, not_emptied


class LateAdmission(models.TextChoices):
    """What happens to somebody who comes when the poll is open already."""

    LOCK = "lock", _("Nobody is added after voting opened")
    ADMIT = "admit", _("People who come later can be added while voting is open")


class Electorate(models.TextChoices):
    """Who is entered in the register when the poll opens. People with a code for the poll always are."""

    RESIDENTS = "residents", _("Verified residents")
    MEMBERS = "members", _("All members")
    CODES = "codes", _("Only people with a voter code")


class Presence(models.TextChoices):
    """Where a voter was when the register was fixed."""

    UNKNOWN = "", _("Not asked")
    IN_ROOM = "in_room", _("In the room")
    REMOTE = "remote", _("From elsewhere")


class Register(models.Model):
    """The electoral roll of a poll, or of several. Frozen when the first of them opens."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assembly = models.ForeignKey(Assembly, on_delete=models.PROTECT, related_name="registers")
    # What the assembly's own polls go by; a meeting and a budget know their voters themselves.
    electorate = models.CharField(_("who may vote"), max_length=10, choices=Electorate, default=Electorate.RESIDENTS)
    district = models.ForeignKey(
        District,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only those living in"),
    )
    late_admission = models.CharField(
        _("people who come later"), max_length=10, choices=LateAdmission, default=LateAdmission.LOCK
    )
    max_polls = models.PositiveSmallIntegerField(null=True, blank=True)  # of those that share it, for each voter
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(electorate__in=Electorate.values), name="voting_register_known_electorate"
            ),
            models.CheckConstraint(
                condition=Q(late_admission__in=LateAdmission.values), name="voting_register_known_late_admission"
            ),
            models.CheckConstraint(
                condition=Q(max_polls__isnull=True) | Q(max_polls__gte=1), name="voting_register_one_poll_at_least"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="frozen_for_good",
                operation=UPDATE_OR_DELETE,
                condition=pgtrigger.Q(old__frozen_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def admits_late(self) -> bool:
        return self.late_admission == LateAdmission.ADMIT


# Arrays lead to the few lines by their indexes; a join with both memberships reads the whole register for each ballot.
MINE = "ANY (ARRAY(SELECT id FROM assemblies_membership WHERE user_id = %s))"
IS_HELD = f"(membership_id = {MINE} AND proxy_id IS NULL OR proxy_id = {MINE})"


class RegisterLineQuerySet(models.QuerySet["RegisterLine"]):
    def held_by(self, user: Viewer) -> "RegisterLineQuerySet":
        """Lines for which this person votes: their own, and then those of people whose proxy they hold."""
        if not user.is_authenticated:
            return self.none()
        held = RawSQL(f"SELECT id FROM voting_registerline WHERE {IS_HELD}", [user.pk, user.pk])  # noqa: S608, S611
        return self.filter(pk__in=held).order_by(F("proxy").asc(nulls_first=True), "pk")

    def held_in(self, poll: UUID, user: Viewer) -> list["RegisterLine"]:
        """The same in one poll, at once: Django takes longer to write this statement than PostgreSQL to answer it."""
        if not user.is_authenticated:
            return []
        names = [field.attname for field in RegisterLine._meta.concrete_fields]
        statement = (
            f"SELECT {', '.join(names)} FROM voting_registerline"  # noqa: S608
            f" WHERE register_id = (SELECT register_id FROM voting_poll WHERE id = %s) AND {IS_HELD}"
            " ORDER BY proxy_id NULLS FIRST, id"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [poll, user.pk, user.pk])
            return [RegisterLine.from_db(self.db, names, row) for row in cursor.fetchall()]


class RegisterLine(models.Model):
    """One entry of the electoral roll: who may vote and with what weight, never whether or what.

    It is a member's, a voter code's, or that of somebody without either, who votes on paper.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="lines")
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="register_lines"
    )
    credential = models.ForeignKey(
        Credential, on_delete=models.PROTECT, null=True, blank=True, related_name="register_lines"
    )
    proxy = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="proxy_lines"
    )  # who casts the ballot in the place of the member
    weight = models.PositiveIntegerField(default=1)
    presence = models.CharField(max_length=10, choices=Presence, default=Presence.UNKNOWN, blank=True)
    paper_issued = models.BooleanField(default=False)  # they hold a paper ballot, so no other way is open to them
    late = models.BooleanField(default=False)  # added after the register was fixed
    label = models.CharField(max_length=120, blank=True)  # what the desk calls a line without account or code

    objects = RegisterLineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["register", "membership"], name="voting_registerline_one_per_member"),
            models.UniqueConstraint(fields=["register", "credential"], name="voting_registerline_one_per_code"),
            models.CheckConstraint(condition=Q(weight__gte=1), name="voting_registerline_has_weight"),
            models.CheckConstraint(
                condition=Q(membership__isnull=True) | Q(credential__isnull=True),
                name="voting_registerline_member_or_code",
            ),
            models.CheckConstraint(
                condition=Q(proxy__isnull=True) | (Q(membership__isnull=False) & ~Q(proxy=F("membership"))),
                name="voting_registerline_proxy_of_another_member",
            ),
            models.CheckConstraint(
                condition=Q(presence__in=Presence.values), name="voting_registerline_known_presence"
            ),
        ]
        triggers = [
            not_emptied(),
            pgtrigger.Trigger(
                name="frozen_with_the_register",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                declare=[("roll", "voting_register")],
                func=pgtrigger.Func(
                    """
                    SELECT * INTO roll FROM voting_register
                    WHERE id IN (NEW.register_id, OLD.register_id) AND frozen_at IS NOT NULL;
                    IF FOUND THEN
                        IF TG_OP <> 'INSERT' OR NOT NEW.late OR roll.late_admission <> 'admit' THEN
                            RAISE EXCEPTION 'the register is frozen';
                        END IF;
                        IF NOT EXISTS (SELECT FROM voting_poll WHERE register_id = roll.id AND state = 'open')
                            OR EXISTS (
                                SELECT FROM voting_poll WHERE register_id = roll.id
                                    AND state IN ('closing', 'counted', 'withheld', 'published')
                            ) THEN
                            RAISE EXCEPTION 'nobody is added to a register whose poll is not open';
                        END IF;
                    ELSIF TG_OP <> 'DELETE' AND NEW.late THEN
                        RAISE EXCEPTION 'nobody is late before the register is frozen';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                    """
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class RegisterUse(models.Model):
    """In which polls of a shared register a voter has a ballot, for "vote in at most N of them".

    The slot is a keyed hash of the line; its key is a file outside the database that goes with the last of the polls.
    """

    pk = models.CompositePrimaryKey("register", "slot", "poll")
    # No constraints in the database: they would lock rows that all voters share. The trigger asks instead.
    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="uses", db_constraint=False)
    slot = models.BinaryField(max_length=32)
    poll = models.ForeignKey("voting.Poll", on_delete=models.PROTECT, related_name="+", db_constraint=False)

    class Meta:
        triggers = [
            not_emptied(),
            pgtrigger.Protect(name="append_only", operation=UPDATE_OR_DELETE),
            pgtrigger.Trigger(
                name="at_most_so_many_polls",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                declare=[("most", "int"), ("used", "int")],
                func=pgtrigger.Func(
                    """
                    -- The voter's slot: another ballot of the same person waits here, then sees this one.
                    PERFORM pg_advisory_xact_lock(('x' || encode(substr(NEW.slot, 1, 8), 'hex'))::bit(64)::bigint);
                    SELECT r.max_polls INTO most FROM voting_register r JOIN voting_poll p ON p.register_id = r.id
                    WHERE r.id = NEW.register_id AND p.id = NEW.poll_id AND p.state = 'open';
                    IF NOT FOUND OR octet_length(NEW.slot) <> 32 THEN
                        RAISE EXCEPTION 'the poll is not open on this register';
                    END IF;
                    SELECT count(*) INTO used FROM voting_registeruse u JOIN voting_poll p ON p.id = u.poll_id
                    WHERE u.register_id = NEW.register_id AND u.slot = NEW.slot AND p.state <> 'voided';
                    IF used >= most THEN
                        RAISE EXCEPTION 'this voter has voted in as many polls as the register allows';
                    END IF;
                    RETURN NEW;
                    """
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register_id}/{self.poll_id}"
