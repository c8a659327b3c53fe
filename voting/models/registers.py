# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may vote."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q

from assemblies.models import Assembly, Membership, Viewer

from .triggers import UPDATE_OR_DELETE, not_emptied


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
