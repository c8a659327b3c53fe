# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages of a person show of their assemblies."""

from collections import defaultdict
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from accounts.demo import demo_people
from accounts.models import User

from .models import Membership, Role

RESIDENTS_SHOWN = 4  # in the demo; the others wait behind "more"

WHAT_THEY_DO = {
    "": _("Residents send in ideas, vote on the budget and take part in meetings."),
    Role.FACILITATOR: _("Facilitators run meetings: the agenda, the speakers and the votes on every phone."),
    Role.SECRETARY: _("Secretaries write down what was decided."),
    Role.EVALUATOR: _("Evaluators check whether a proposal can be done and what it costs."),
    Role.MODERATOR: _("Moderators keep discussions fair and hide what breaks the rules."),
    Role.CLERK: _("Clerks check people in and enter paper ballots."),
    Role.AUDITOR: _("Auditors check that the count was right."),
    Role.ADMINISTRATOR: _("Administrators invite people, give roles and start a budget."),
}


def memberships_panel(request: HttpRequest, context: dict[str, Any]) -> str:
    """The assemblies that the person belongs to, with their roles."""
    page = {"memberships": _memberships(request.user) if isinstance(request.user, User) else []}
    return render_to_string("assemblies/_my_memberships.html", page, request)


def _memberships(user: User) -> list[Membership]:
    return list(user.memberships.current().select_related("assembly", "district").order_by("assembly__name"))


def export(user: User) -> list[dict[str, Any]]:
    """Every membership that the person has or had."""
    return [
        {
            "assembly": membership.assembly.name,
            "district": membership.district.name if membership.district else None,
            "roles": membership.roles,
            "joined_at": membership.joined_at,
            "verified_at": membership.verified_at,
            "left_at": membership.left_at,
        }
        for membership in user.memberships.select_related("assembly", "district").order_by("joined_at")
    ]


def demo_people_panel(request: HttpRequest, context: dict[str, Any]) -> str:
    """One button for each invented person, by what they may do."""
    people: dict[str, list[Membership]] = defaultdict(list)
    memberships = Membership.objects.current().filter(user__in=demo_people(), assembly__is_public=True)
    for membership in memberships.select_related("user", "assembly", "district").order_by("joined_at", "pk"):
        for role in membership.roles or [""]:
            people[role].append(membership)
    elsewhere = Membership.objects.current().filter(user__in=demo_people(), assembly__is_public=False)
    page = {
        "groups": [
            {
                "label": Role(role).label if role else _("Resident"),
                "what_they_do": sentence,
                "people": people[role] if role else people[role][:RESIDENTS_SHOWN],
                "more": [] if role else people[role][RESIDENTS_SHOWN:],
            }
            for role, sentence in WHAT_THEY_DO.items()
            if people[role]
        ],
        "elsewhere": elsewhere.select_related("user", "assembly").order_by("joined_at", "pk"),
    }
    return render_to_string("assemblies/_demo_people.html", page, request)
