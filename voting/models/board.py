# SPDX-License-Identifier: AGPL-3.0-or-later
"""What everybody may check: the published files of a poll, and the people who count again where those cannot tell all."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from assemblies.models import Membership, Viewer

from .polls import Poll, grouped
from .triggers import UPDATE_OR_DELETE, not_emptied


class Publication(models.Model):
    """The files of a poll as they were published, with their root. Written once, and never before the poll is published."""

    poll = models.OneToOneField(Poll, on_delete=models.PROTECT, primary_key=True, related_name="publication")
    kind = models.CharField(max_length=20)  # a value of voting.board.publication.Kind
    root = models.BinaryField(max_length=32)
    archive = models.BinaryField()
    full_root = models.BinaryField(max_length=32, null=True, blank=True)  # of the archive for scrutineers
    full_archive = models.BinaryField(null=True, blank=True)
    code_seed = models.BinaryField(max_length=32, null=True, blank=True)  # makes the codes of a poll stored by name
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(full_root__isnull=True, full_archive__isnull=True)
                | Q(full_root__isnull=False, full_archive__isnull=False),
                name="voting_publication_full_archive_has_root",
            ),
        ]
        triggers = [
            not_emptied(),
            pgtrigger.Protect(name="append_only", operation=UPDATE_OR_DELETE),
            pgtrigger.Trigger(
                name="never_before_the_result",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=pgtrigger.Func(
                    """
                    IF NOT EXISTS (SELECT FROM voting_poll WHERE id = NEW.poll_id AND state = 'published') THEN
                        RAISE EXCEPTION 'nothing is published of a poll whose result is not';
                    END IF;
                    RETURN NEW;
                    """
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.root_hex

    @property
    def root_hex(self) -> str:
        """The root as people compare it."""
        return bytes(self.root).hex()

    @property
    def check_number(self) -> str:
        """The beginning of the root, as `Poll.check_number`."""
        return grouped(self.root_hex)

    @property
    def full_root_hex(self) -> str:
        """The root of the scrutineers' archive; empty where everybody has the same files."""
        return bytes(self.full_root or b"").hex()


class ScrutineerQuerySet(models.QuerySet["Scrutineer"]):
    def held_by(self, user: Viewer) -> "ScrutineerQuerySet":
        """This person's seats; nobody's for who is not signed in or has left the assembly."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(membership__user=user, membership__left_at=None)


class Scrutineer(models.Model):
    """Somebody trusted to count the ballots again and to sign what came out; a signature is never taken back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="scrutineers")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="scrutinies")
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField(default=timezone.now)
    signed_at = models.DateTimeField(null=True, blank=True)
    agrees = models.BooleanField(null=True, blank=True)
    remark = models.CharField(max_length=500, blank=True)

    objects = ScrutineerQuerySet.as_manager()

    class Meta:
        ordering = ["named_at"]
        constraints = [
            models.UniqueConstraint(fields=["poll", "membership"], name="voting_scrutineer_one_seat_each"),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True, agrees__isnull=True)
                | Q(signed_at__isnull=False, agrees__isnull=False),
                name="voting_scrutineer_signs_with_a_word",
            ),
        ]
        triggers = [
            not_emptied(),
            pgtrigger.Protect(
                name="signed_for_good",
                operation=UPDATE_OR_DELETE,
                condition=pgtrigger.Q(old__signed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.membership)
