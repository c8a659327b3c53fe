# SPDX-License-Identifier: AGPL-3.0-or-later
"""A budget that came in from a file and is hidden again: until when that can be done, who did it and why, who sees it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import ledger
from accounts.models import User
from assemblies.models import Membership, Role, Viewer

from .history import moment_of
from .models import Cycle
from .models.cycles import CycleQuerySet

TAKEN_BACK_WITHIN = timedelta(days=30)
KIND = "cycle.taken_back"


@dataclass(frozen=True)
class TakenBack:
    """Who hid the budget, when, and the reason that this person gave."""

    by: User | None
    at: datetime
    reason: str


def stays_from(cycle: Cycle) -> datetime:
    """From this moment on nobody takes the budget back: people may have built on it, and it is a result they know."""
    return cycle.created_at + TAKEN_BACK_WITHIN


def last_taken_back(cycle: Cycle) -> TakenBack | None:
    """The last time, from the budget's log; None where it never was."""
    told = ledger.events(cycle.pk).filter(body__contains=f'"kind":"{KIND}"').order_by("-seq")
    event = next((event for event in told if event.kind == KIND), None)
    if event is None:
        return None
    by = User.objects.filter(pk=event.data["actor"]).first() if event.data["actor"] else None
    return TakenBack(by, moment_of(event), event.data.get("reason", ""))


def seen_by(user: Viewer) -> CycleQuerySet:
    """What everybody in this person's place sees; auditors see besides what was taken back, for they check such acts."""
    seen = Cycle.objects.visible_to(user)
    if not user.is_authenticated:
        return seen
    audited = Membership.objects.holding(Role.AUDITOR).filter(user=user).values("assembly")
    return seen | Cycle.objects.filter(source_hash__isnull=False, published_at=None, assembly__in=audited)
