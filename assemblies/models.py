# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who decides together: an assembly, its districts and its members with their roles."""

import uuid
from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User

Viewer = User | AnonymousUser


class AssemblyQuerySet(models.QuerySet["Assembly"]):
    def visible_to(self, user: Viewer) -> "AssemblyQuerySet":
        """Public assemblies, and private ones for their members; a stranger cannot tell that the others exist."""
        if not user.is_authenticated:
            return self.filter(is_public=True)
        mine = Membership.objects.current().filter(user=user).values("assembly")
        return self.filter(Q(is_public=True) | Q(pk__in=mine))


class Assembly(models.Model):
    """A standing community that decides together: a town, a district council, a co-op."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(
        _("address"), unique=True, help_text=_("Short name in the web address, for example riverside.")
    )
    name = models.CharField(_("name"), max_length=120)
    about = models.TextField(_("about"), blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    language = models.CharField(_("language"), max_length=10, default="en")  # of its mails and shared screens
    is_public = models.BooleanField(_("open to the public"), default=True)
    landmarks = models.JSONField(default=list, blank=True)  # of the map: assemblies.town_map says how they are written
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[models.Manager["Assembly"]] = AssemblyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "assemblies"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("assemblies:home", args=[self.slug])

    def member(self, user: Viewer) -> "Membership | None":
        """This person's current membership, or None."""
        if not user.is_authenticated:
            return None
        return self.memberships.current().filter(user=user).first()


class District(models.Model):
    """A part of the assembly's territory, with the people who live there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assembly = models.ForeignKey(Assembly, on_delete=models.CASCADE, related_name="districts")
    name = models.CharField(_("name"), max_length=80)
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    outline = models.JSONField(default=list, blank=True)  # its corners on the map: [longitude, latitude] in degrees

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["assembly", "name"], name="assemblies_district_one_per_name")]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member does for the assembly. Every member is a resident; being verified is a fact, not a role."""

    FACILITATOR = "facilitator", _("Facilitator")
    SECRETARY = "secretary", _("Secretary")
    EVALUATOR = "evaluator", _("Evaluator")
    MODERATOR = "moderator", _("Moderator")
    CLERK = "clerk", _("Clerk")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")


def names_of_roles(values: Iterable[str]) -> str:
    return ", ".join(str(Role(value).label) for value in values)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> "MembershipQuerySet":
        return self.filter(left_at=None)

    def verified(self) -> "MembershipQuerySet":
        return self.current().exclude(verified_at=None)

    def holding(self, role: Role) -> "MembershipQuerySet":
        return self.current().filter(roles__contains=[role.value])


class Membership(models.Model):
    """One person in one assembly, with roles. It outlives the account's presence: records rest on it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assembly = models.ForeignKey(Assembly, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    district = models.ForeignKey(District, on_delete=models.SET_NULL, null=True, blank=True, related_name="memberships")
    roles = ArrayField(models.CharField(max_length=20, choices=Role), default=list, blank=True)
    verified_at = models.DateTimeField(_("verified as resident"), null=True, blank=True)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)
    left_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assembly", "user"], condition=Q(left_at=None), name="assemblies_membership_one_current"
            ),
            models.CheckConstraint(
                condition=Q(roles__contained_by=Role.values), name="assemblies_membership_known_roles"
            ),
        ]

    def __str__(self) -> str:
        return self.user.shown_name

    def has_role(self, role: Role) -> bool:
        return role.value in self.roles

    @property
    def role_names(self) -> str:
        """The roles as people read them; who has none is a resident."""
        return names_of_roles(self.roles) or str(_("Resident"))


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def addressed_to(self, user: Viewer) -> "InvitationQuerySet":
        """Invitations waiting for this person, whose address was proved by a code."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(email=user.email)


class Invitation(models.Model):
    """Somebody may join an assembly, with the roles that wait for them; gone once they have joined."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assembly = models.ForeignKey(Assembly, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))  # in small letters, as accounts keep it
    roles = ArrayField(models.CharField(max_length=20, choices=Role), default=list, blank=True)
    is_verified = models.BooleanField(_("verified as resident"), default=False)
    invited_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-invited_at"]
        constraints = [
            models.UniqueConstraint(fields=["assembly", "email"], name="assemblies_invitation_one_per_email"),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="assemblies_invitation_email_in_small_letters"
            ),
            models.CheckConstraint(
                condition=Q(roles__contained_by=Role.values), name="assemblies_invitation_known_roles"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.assembly}"

    def get_absolute_url(self) -> str:
        return reverse("assemblies:invitation", args=[self.pk])

    @property
    def role_names(self) -> str:
        return names_of_roles(self.roles)
