# SPDX-License-Identifier: AGPL-3.0-or-later
"""The step of the calendar decides what may be written, and by members only. Ask inside the transaction that writes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

import ledger
from accounts.models import User
from assemblies.models import Membership
from proposals.follow_mails import tell_followers
from proposals.models import Cycle, Phase, Proposal
from proposals.models.cycles import CHECKING
from proposals.refusals import CycleRefused

# What is written in which steps; the ballot and the delivery say theirs beside their services.
REVIEW_PHASES = (Phase.Kind.ACCEPTING, *CHECKING)  # officials check, ask and return; authors answer, mend, merge, split
RESULT_PHASES = (Phase.Kind.FINISHED, Phase.Kind.IMPLEMENTING)
TALKING_PHASES = tuple(kind for kind in Phase.Kind if kind not in (Phase.Kind.DRAFTING, Phase.Kind.INFORMING))


def hold(cycle: Cycle) -> Cycle:
    """The cycle as it is now, its row locked until the transaction ends, so that its phase cannot move meanwhile."""
    return Cycle.objects.select_for_update(no_key=True).get(pk=cycle.pk)


def share(cycle: Cycle) -> Cycle:
    """The cycle as it is now; its phase cannot move until the transaction ends, and others may share it meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM proposals_cycle WHERE id = %s FOR SHARE", [cycle.pk])
    return Cycle.objects.get(pk=cycle.pk)


def held_proposal(proposal: Proposal) -> Proposal:
    """The proposal as it is now, its row locked. Hold or share its cycle before: cycle, then proposal, always."""
    locked = Proposal.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("heading", "author__user").get(pk=proposal.pk)


def next_version(cycle: Cycle) -> None:
    """Who edits this budget's plan at the moment is told that it is no longer what they read. Call it on a held cycle."""
    cycle.version += 1
    cycle.save(update_fields=["version"])


def require_phase(cycle: Cycle, kinds: Iterable[str], *, at: datetime | None, refusal: str) -> Phase:
    """The phase that is on, when it is one of these; else refuse, and say which it is. Call it on a held cycle."""
    phase = cycle.phase(at)
    if phase is not None and phase.kind in set(kinds):
        return phase
    raise _refused(refusal, phase)


def require_ahead(cycle: Cycle, kinds: Iterable[str], *, at: datetime | None, refusal: str) -> None:
    """Refuse when none of these steps is on or still to come: what is written for them would lead nowhere."""
    if not cycle.is_ahead(*kinds, at=at):
        raise _refused(refusal, cycle.phase(at))


def _refused(refusal: str, phase: Phase | None) -> CycleRefused:
    if phase is None:
        return CycleRefused(refusal)
    return CycleRefused(
        _("%(refusal)s The budget is now at the step “%(phase)s”.") % {"refusal": refusal, "phase": phase}
    )


def require_results(cycle: Cycle, *, at: datetime | None) -> None:
    """What was decided is carried out from the step of the results on, and when the calendar is over."""
    last = [phase for phase in cycle.phases.all() if phase.enabled][-1:]
    is_over = bool(last) and last[0].ends_at is not None and last[0].ends_at <= (at or timezone.now())
    if not is_over:
        require_phase(cycle, RESULT_PHASES, at=at, refusal=_("This is for after the vote, when the result is there."))


def require_member(cycle: Cycle, person: Membership) -> None:
    """Refuse who belongs to another assembly, or has left this one."""
    if person.assembly_id != cycle.assembly_id or person.left_at is not None:
        raise CycleRefused(_("Only members of this assembly can do this."))


def record(cycle: Cycle, kind: str, actor: User | None, *, at: datetime | None = None, **data: Any) -> None:
    """The cycle's public log hears of it, and so do those who follow the proposal."""
    if at is None:  # what is written down afterwards is no news
        tell_followers(data.get("proposal"), kind)
    ledger.append(stream=cycle.pk, kind=kind, data={**data, "actor": str(actor.pk) if actor else None}, at=at)
