# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may do what in an assembly: one predicate for each role, one named right for each kind of act.

Ask `user.has_perm("assemblies.run_meetings", assembly)`, or `require(user, RIGHT, assembly)` in a view.
Membership is read once for each user and assembly, and kept on the user for the request.
"""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from rules.permissions import add_perm, has_perm
from rules.predicates import Predicate, predicate

from accounts.second_factor import SecondFactorMissing, is_second_factor_missing

from .models import Assembly, Membership, Role, Viewer

PROPOSE = "assemblies.propose"
VOTE = "assemblies.vote"
SUPPORT = "assemblies.support"
RUN_MEETINGS = "assemblies.run_meetings"
COUNT_HANDS = "assemblies.count_hands"
WRITE_MINUTES = "assemblies.write_minutes"
CHECK_IN = "assemblies.check_in"
RUN_CYCLES = "assemblies.run_cycles"
REVIEW_PROPOSALS = "assemblies.review_proposals"
MODERATE = "assemblies.moderate"
SEE_REPORTERS = "assemblies.see_reporters"
MANAGE_ASSEMBLY = "assemblies.manage"
AUDIT = "assemblies.audit"

# What only staff roles may do; who acts on these needs a second factor besides the e-mail code.
STAFF_RIGHTS = frozenset(
    {
        RUN_MEETINGS,
        CHECK_IN,
        COUNT_HANDS,
        RUN_CYCLES,
        REVIEW_PROPOSALS,
        MODERATE,
        SEE_REPORTERS,
        MANAGE_ASSEMBLY,
        AUDIT,
        WRITE_MINUTES,
    }
)


def membership_of(user: Viewer, assembly: Assembly) -> Membership | None:
    """The person's current membership; one query for each assembly in a request."""
    if not user.is_authenticated:
        return None
    known: dict[object, Membership | None] = user.__dict__.setdefault("_memberships", {})
    if assembly.pk not in known:
        known[assembly.pk] = member = assembly.member(user)
        if member is not None:
            member.user = user
    return known[assembly.pk]


def know_memberships(users: Iterable[Viewer], assembly: Assembly) -> None:
    """What `membership_of` would ask about each of these people is asked once for all of them."""
    people = {user.pk: user for user in users if user.is_authenticated}
    for user in people.values():
        user.__dict__.setdefault("_memberships", {})[assembly.pk] = None
    for member in assembly.memberships.current().filter(user__in=people):
        member.user = people[member.user_id]
        member.user.__dict__["_memberships"][assembly.pk] = member


def _holds(role: Role) -> Predicate:
    def holds(user: Viewer, assembly: Assembly) -> bool:
        membership = membership_of(user, assembly)
        return membership is not None and membership.has_role(role)

    named: Predicate = predicate(holds, name=f"is_{role.value}")
    return named


def _is_resident(user: Viewer, assembly: Assembly) -> bool:
    return membership_of(user, assembly) is not None


def _is_verified_resident(user: Viewer, assembly: Assembly) -> bool:
    membership = membership_of(user, assembly)
    return membership is not None and membership.verified_at is not None


def _has_second_factor(user: Viewer, assembly: Assembly) -> bool:
    return not is_second_factor_missing(user)


is_resident = predicate(_is_resident, name="is_resident")
is_verified_resident = predicate(_is_verified_resident, name="is_verified_resident")
has_second_factor = predicate(_has_second_factor, name="has_second_factor")
is_facilitator = _holds(Role.FACILITATOR)
is_secretary = _holds(Role.SECRETARY)
is_evaluator = _holds(Role.EVALUATOR)
is_moderator = _holds(Role.MODERATOR)
is_clerk = _holds(Role.CLERK)
is_auditor = _holds(Role.AUDITOR)
is_administrator = _holds(Role.ADMINISTRATOR)

ROLES_WITH = {
    PROPOSE: is_resident,
    VOTE: is_verified_resident,
    SUPPORT: is_verified_resident,
    RUN_MEETINGS: is_facilitator,
    COUNT_HANDS: is_facilitator | is_secretary | is_clerk,
    WRITE_MINUTES: is_secretary | is_facilitator,
    CHECK_IN: is_facilitator | is_secretary | is_clerk,
    RUN_CYCLES: is_facilitator | is_administrator,
    REVIEW_PROPOSALS: is_evaluator,
    MODERATE: is_moderator | is_facilitator,
    SEE_REPORTERS: is_moderator,
    MANAGE_ASSEMBLY: is_administrator,
    AUDIT: is_auditor,
}
for right, held_by in ROLES_WITH.items():
    add_perm(right, held_by & has_second_factor if right in STAFF_RIGHTS else held_by)


def may(user: Viewer, right: str, assembly: Assembly) -> bool:
    """Whether this person holds the right in this assembly, and may use it in this session."""
    return bool(has_perm(right, user, assembly))


def people_with(right: str, assembly: Assembly) -> list[Membership]:
    """Everybody whose role gives this right, by name; who still lacks a second factor adds it before they use it."""
    staff = assembly.memberships.current().exclude(roles=[]).select_related("user").order_by("user__name", "pk")
    found = []
    for membership in staff:
        membership.user.__dict__["_memberships"] = {assembly.pk: membership}
        if ROLES_WITH[right](membership.user, assembly):
            found.append(membership)
    return found


def require(user: Viewer, right: str, assembly: Assembly) -> None:
    """Refuse with 403 unless the person holds the right; who cannot see the assembly must have got 404 before.

    Staff without a second factor are led to the page where they add one.
    """
    if may(user, right, assembly):
        return
    if right in STAFF_RIGHTS and ROLES_WITH[right](user, assembly):
        raise SecondFactorMissing
    raise PermissionDenied(_("Your role in this assembly does not allow this. An administrator can give you the role."))
