# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a budget needs before people see it and before they vote on it, as sentences with a tick or without."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from assemblies.models import Membership, Role

from .models import Cycle, Phase


@dataclass(frozen=True)
class Check:
    sentence: str
    is_met: bool


def checklist(cycle: Cycle) -> list[Check]:
    """Everything that should stand before the budget is published; what is missing is advice, not a lock."""
    members = Membership.objects.filter(assembly=cycle.assembly)
    return [
        Check(_("It says what the money is for."), bool(cycle.summary.strip())),
        Check(_("There are days for ideas."), cycle.phase_of(Phase.Kind.ACCEPTING) is not None),
        Check(
            _("There are days for the officials' check."),
            any(cycle.phase_of(kind) for kind in (Phase.Kind.REVIEWING, Phase.Kind.VALUATING)),
        ),
        Check(_("There are days for the vote."), cycle.phase_of(Phase.Kind.BALLOTING) is not None),
        Check(
            _("Somebody can check proposals: a member has the role of evaluator."),
            members.holding(Role.EVALUATOR).exists(),
        ),
        Check(_("There are verified residents who can vote."), members.verified().exists()),
    ]
