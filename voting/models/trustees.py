# SPDX-License-Identifier: AGPL-3.0-or-later
"""Three people of whom any two open the box of a secret poll together. Their keys are on paper, never here."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from .polls import Poll
from .triggers import not_emptied


class Trustee(models.Model):
    """Somebody who keeps a key of the box on paper. Here are only its public half and whether it was tried."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="trustees")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    public_key = models.BinaryField(max_length=32, null=True, blank=True)
    canary = models.BinaryField(null=True, blank=True)  # sealed for the key, to try it before anything depends on it
    canary_hash = models.BinaryField(max_length=32, null=True, blank=True)
    proved_at = models.DateTimeField(null=True, blank=True)  # when the key that was written down opened the canary

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["poll", "user"], name="voting_trustee_one_per_person"),
            models.UniqueConstraint(fields=["poll", "public_key"], name="voting_trustee_one_per_key"),
            models.CheckConstraint(
                condition=Q(public_key__isnull=False, canary__isnull=False, canary_hash__isnull=False)
                | Q(public_key__isnull=True, canary__isnull=True, canary_hash__isnull=True, proved_at__isnull=True),
                name="voting_trustee_proves_a_key",
            ),
        ]
        triggers = [
            not_emptied(),
            pgtrigger.Trigger(
                name="frozen_with_the_poll",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=pgtrigger.Func(
                    """
                    IF EXISTS (
                        SELECT FROM voting_poll WHERE id IN (NEW.poll_id, OLD.poll_id) AND state NOT IN ('draft', 'ready')
                    ) THEN
                        RAISE EXCEPTION 'the trustees of a poll that has opened are fixed';
                    END IF;
                    IF TG_OP <> 'DELETE' AND (
                        SELECT count(*) FROM voting_trustee WHERE poll_id = NEW.poll_id AND id <> NEW.id
                    ) > 2 THEN
                        RAISE EXCEPTION 'a poll has three trustees at most';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                    """
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.user.shown_name


class SealedKey(models.Model):
    """The key of the box, sealed for `inner` and that again for `outer`. `peeled` once the outer one has come.

    One row for each ordered pair of trustees; all of them go with the other keys of the poll.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="sealed_keys")
    outer = models.ForeignKey(Trustee, on_delete=models.PROTECT, related_name="outer_layers")
    inner = models.ForeignKey(Trustee, on_delete=models.PROTECT, related_name="inner_layers")
    body = models.BinaryField()
    peeled = models.BinaryField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["outer", "inner"], name="voting_sealedkey_one_per_pair"),
            models.CheckConstraint(condition=~Q(outer=F("inner")), name="voting_sealedkey_two_people"),
        ]
        triggers = [
            not_emptied(),
            pgtrigger.Trigger(
                name="in_its_time",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                declare=[("poll_state", "text")],
                func=pgtrigger.Func(
                    """
                    IF TG_OP = 'DELETE' THEN
                        SELECT state INTO poll_state FROM voting_poll WHERE id = OLD.poll_id;
                        IF poll_state NOT IN ('counted', 'withheld', 'published', 'voided') THEN
                            RAISE EXCEPTION 'the key of a box that is not counted stays';
                        END IF;
                        RETURN OLD;
                    END IF;
                    SELECT state INTO poll_state FROM voting_poll WHERE id = NEW.poll_id;
                    IF TG_OP = 'INSERT' AND (poll_state NOT IN ('draft', 'ready') OR NEW.peeled IS NOT NULL) THEN
                        RAISE EXCEPTION 'the key of a box is sealed when its poll opens';
                    END IF;
                    IF TG_OP = 'UPDATE' AND (
                        poll_state <> 'closing' OR OLD.peeled IS NOT NULL OR NEW.body <> OLD.body
                        OR NEW.poll_id <> OLD.poll_id OR NEW.outer_id <> OLD.outer_id OR NEW.inner_id <> OLD.inner_id
                    ) THEN
                        RAISE EXCEPTION 'a layer is peeled once, after the close';
                    END IF;
                    RETURN NEW;
                    """
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outer_id}/{self.inner_id}"
