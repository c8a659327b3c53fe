# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who belongs to an assembly and with which roles. Each change is an event of the assembly's stream."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import jobs
import ledger
import live
from accounts.models import User

from .jobs import send_invitation
from .map_files import DrawnMap
from .models import Assembly, District, Invitation, Membership, Role
from .refusals import AssemblyRefused


@transaction.atomic
def join_assembly(*, assembly: Assembly, user: User, at: datetime | None = None) -> Membership:
    """The person is a member: not yet verified, unless an invitation says otherwise and brings roles."""
    _locked(assembly)
    invitation = assembly.invitations.addressed_to(user).first()
    if invitation is None and not assembly.is_public:
        raise AssemblyRefused(_("This assembly takes new members by invitation only."))
    membership = assembly.member(user)
    if membership is not None:
        raise AssemblyRefused(_("You are already a member of this assembly."))
    at = at or timezone.now()
    membership = Membership(assembly=assembly, user=user, joined_at=at)
    if invitation is not None:
        membership.roles = invitation.roles
        membership.verified_at = at if invitation.is_verified else None
        invitation.delete()
    membership.save(force_insert=True)
    _record("member_joined", membership, at, roles=membership.roles, verified=membership.verified_at is not None)
    return membership


@transaction.atomic
def change_assembly(*, assembly: Assembly, actor: User, changes: Mapping[str, object]) -> Assembly:
    """The assembly has these new values, and its stream says which ones were changed, by whom."""
    assembly = _locked(assembly)
    changed = [name for name, value in changes.items() if getattr(assembly, name) != value]
    for name in changed:
        setattr(assembly, name, changes[name])
    if changed:
        assembly.save(update_fields=changed)
        ledger.append(stream=assembly.pk, kind="assembly_changed", data={"by": actor.pk, "fields": sorted(changed)})
    return assembly


@transaction.atomic
def draw_map(*, assembly: Assembly, drawn: DrawnMap, actor: User) -> None:
    """This is the whole map: districts of the file have its outlines, new ones are made, and others lose theirs."""
    assembly = _locked(assembly)
    known = {district.name: district for district in assembly.districts.all()}
    outlines = {one.name: one for one in drawn.districts}
    for district in known.values():
        drawing = outlines.get(district.name)
        district.outline = drawing.outline if drawing else []
        if drawing and district.population is None:
            district.population = drawing.population
    District.objects.bulk_update(known.values(), ["outline", "population"])
    District.objects.bulk_create(
        District(assembly=assembly, name=one.name, population=one.population, outline=one.outline)
        for one in drawn.districts
        if one.name not in known
    )
    assembly.landmarks = drawn.landmarks
    assembly.save(update_fields=["landmarks"])
    ledger.append(
        stream=assembly.pk,
        kind="map_drawn",
        data={"by": actor.pk, "districts": len(outlines), "new_districts": sorted(outlines.keys() - known.keys())},
    )


@transaction.atomic
def remove_map(*, assembly: Assembly, actor: User) -> None:
    """The assembly has no map; its districts stay."""
    assembly = _locked(assembly)
    if assembly.districts.exclude(outline=[]).update(outline=[]) or assembly.landmarks:
        assembly.landmarks = []
        assembly.save(update_fields=["landmarks"])
        ledger.append(stream=assembly.pk, kind="map_removed", data={"by": actor.pk})


@transaction.atomic
def invite(
    *, assembly: Assembly, email: str, actor: User, roles: Iterable[Role] = (), is_verified: bool = False
) -> Invitation:
    """The person at this address may join, with these roles, and is told so by mail."""
    address = email.strip().lower()
    if assembly.memberships.current().filter(user__email=address).exists():
        raise AssemblyRefused(_("The person with this address is already a member."))
    values = sorted(Role(role).value for role in roles)
    invitation, _created = Invitation.objects.update_or_create(
        assembly=assembly,
        email=address,
        defaults={"roles": values, "is_verified": is_verified, "invited_at": timezone.now()},
    )
    ledger.append(stream=assembly.pk, kind="member_invited", data={"by": actor.pk, "invitation": invitation.pk})
    jobs.defer(send_invitation, str(invitation.pk))
    return invitation


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, actor: User) -> None:
    """The invitation no longer counts."""
    ledger.append(
        stream=invitation.assembly_id, kind="invitation_withdrawn", data={"by": actor.pk, "invitation": invitation.pk}
    )
    invitation.delete()


@transaction.atomic
def give_role(*, membership: Membership, role: Role, actor: User) -> Membership:
    """The member holds this role from now on."""
    membership = _current(membership)
    if not membership.has_role(role):
        membership.roles = sorted([*membership.roles, role.value])
        membership.save(update_fields=["roles"])
        _record("role_given", membership, by=actor.pk, role=role.value)
    return membership


@transaction.atomic
def take_role(*, membership: Membership, role: Role, actor: User) -> Membership:
    """The member no longer holds this role. An assembly always keeps an administrator."""
    membership = _current(membership)
    if membership.has_role(role):
        if role == Role.ADMINISTRATOR and _is_last_administrator(membership):
            raise AssemblyRefused(_("An assembly needs an administrator. Give somebody else this role first."))
        membership.roles = [held for held in membership.roles if held != role.value]
        membership.save(update_fields=["roles"])
        _record("role_taken", membership, by=actor.pk, role=role.value)
    return membership


@transaction.atomic
def verify_member(*, membership: Membership, actor: User, at: datetime | None = None) -> Membership:
    """The member is known to live here, and may vote."""
    membership = _current(membership)
    if membership.verified_at is None:
        membership.verified_at = at or timezone.now()
        membership.save(update_fields=["verified_at"])
        _record("member_verified", membership, by=actor.pk)
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, actor: User, at: datetime | None = None) -> Membership:
    """The person left; their records stay. An assembly always keeps an administrator."""
    membership = _current(membership)
    if membership.has_role(Role.ADMINISTRATOR) and _is_last_administrator(membership):
        raise AssemblyRefused(_("An assembly needs an administrator. Give somebody else this role first."))
    membership.left_at = at or timezone.now()
    membership.save(update_fields=["left_at"])
    _record("member_left", membership, by=actor.pk)
    return membership


def _is_last_administrator(membership: Membership) -> bool:
    administrators = membership.assembly.memberships.holding(Role.ADMINISTRATOR)
    return not administrators.exclude(pk=membership.pk).exists()


def _locked(assembly: Assembly) -> Assembly:
    """Changes of an assembly's membership take turns: two administrators cannot both be the last to go."""
    return Assembly.objects.select_for_update().get(pk=assembly.pk)


def _current(membership: Membership) -> Membership:
    """The membership as it is now, under the assembly's lock."""
    _locked(membership.assembly)
    try:
        return Membership.objects.current().select_related("assembly", "user").get(pk=membership.pk)
    except Membership.DoesNotExist:
        raise AssemblyRefused(_("This person is no longer a member.")) from None


def _record(kind: str, membership: Membership, at: datetime | None = None, **data: object) -> None:
    ledger.append(stream=membership.assembly_id, kind=kind, data={"membership": membership.pk, **data}, at=at)
    live.rights_changed(membership.user_id)
