# SPDX-License-Identifier: AGPL-3.0-or-later
"""How an idea stands with its supports, and what this person can do about it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from assemblies import rights
from assemblies.models import Viewer

from . import services
from .models import Cycle, Proposal, Support


@dataclass(frozen=True)
class Supporting:
    """What the page of an idea says about its supports."""

    count: int
    needed: int | None
    ends_at: datetime | None
    is_open: bool  # supports are taken now
    is_mine: bool  # this person supports it
    may_support: bool
    carried_from: Proposal | None = None  # this person supported that one first

    @property
    def may_take_back(self) -> bool:
        """What came with another idea can be taken back also when no supports are taken any more."""
        return self.is_mine and self.carried_from is not None

    @property
    def is_reached(self) -> bool:
        return self.needed is not None and self.count >= self.needed

    @property
    def is_shown(self) -> bool:
        return self.is_open or self.count > 0


def supporting_of(proposal: Proposal, cycle: Cycle, user: Viewer, at: datetime | None = None) -> Supporting:
    """Two queries at most: the rule, and whether this person supports it."""
    rule = services.support_rule_of(cycle)
    ends_at = services.supports_end_at(proposal, cycle, rule)
    is_open = (
        cycle.is_in(*services.support_phases(cycle), at=at)
        and proposal.state in services.CAN_BE_SUPPORTED
        and not proposal.is_selected
        and (ends_at is None or (at or timezone.now()) < ends_at)
    )
    mine = None
    if user.is_authenticated:
        given = Support.objects.filter(proposal=proposal, person__user=user, person__left_at=None)
        mine = given.select_related("carried_from").first()
    is_elsewhere = proposal.state in services.GOES_ON_ELSEWHERE
    is_taken_back_here = cycle.is_in(*services.REVIEW_PHASES, at=at) and not is_elsewhere
    return Supporting(
        count=proposal.support_count,
        needed=rule.threshold if rule else None,
        ends_at=ends_at,
        is_open=is_open,
        is_mine=mine is not None,
        carried_from=mine.carried_from if mine and is_taken_back_here else None,
        may_support=is_open and rights.may(user, rights.SUPPORT, cycle.assembly),
    )
