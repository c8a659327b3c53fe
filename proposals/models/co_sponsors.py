# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who stands behind a proposal beside its author: asked by the author, and named only after their own Yes."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.models import Membership, Viewer

from .proposals import Proposal

MOST_CO_SPONSORS = 10  # asked and accepted together; the database has no place for more


class CoSponsorQuerySet(models.QuerySet["CoSponsor"]):
    def named(self) -> "CoSponsorQuerySet":
        """Those whom everybody may read: they said Yes, and are still here."""
        return self.filter(state=CoSponsor.State.ACCEPTED, person__left_at=None).select_related("person__user")

    def standing_of(self, user: Viewer) -> "CoSponsorQuerySet":
        """Where this person is named."""
        return self.named().filter(person__user=user) if user.is_authenticated else self.none()

    def open(self) -> "CoSponsorQuerySet":
        """Those who take one of the places."""
        return self.filter(state__in=[CoSponsor.State.INVITED, CoSponsor.State.ACCEPTED])

    def addressed_to(self, user: Viewer) -> "CoSponsorQuerySet":
        """What this person was asked: the mail went to their address."""
        return self.filter(email=user.email) if user.is_authenticated else self.none()


class CoSponsor(models.Model):
    """One person was asked to stand behind one proposal, and what they said."""

    class State(models.TextChoices):
        INVITED = "invited", _("Asked, has not answered yet")
        ACCEPTED = "accepted", _("Stands behind it")
        DECLINED = "declined", _("Said No")
        LEFT = "left", _("Does not stand behind it any more")
        TAKEN_BACK = "taken_back", _("Invitation taken back")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="co_sponsors")
    email = models.EmailField(_("e-mail address"))  # in small letters; only the author and who was asked see it
    person = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="co_sponsorships"
    )  # who answered
    state = models.CharField(max_length=10, choices=State, default=State.INVITED)
    place = models.PositiveSmallIntegerField(null=True, blank=True)  # one of the few, while asked or accepted
    invited_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CoSponsorQuerySet.as_manager()

    class Meta:
        ordering = ["invited_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "email"], name="proposals_cosponsor_one_per_address"),
            models.UniqueConstraint(
                fields=["proposal", "person"],
                condition=Q(state="accepted"),
                name="proposals_cosponsor_one_per_person",
            ),
            models.UniqueConstraint(fields=["proposal", "place"], name="proposals_cosponsor_one_per_place"),
            models.CheckConstraint(
                condition=Q(
                    state__in=["invited", "accepted"], place__isnull=False, place__gte=1, place__lte=MOST_CO_SPONSORS
                )
                | Q(state__in=["declined", "left", "taken_back"], place__isnull=True),
                name="proposals_cosponsor_few_places",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "left"]) | Q(person__isnull=False, answered_at__isnull=False),
                name="proposals_cosponsor_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="proposals_cosponsor_email_in_small_letters"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("proposals:co_sponsorship", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.INVITED

    @property
    def is_accepted(self) -> bool:
        return self.state == self.State.ACCEPTED
