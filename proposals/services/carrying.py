# SPDX-License-Identifier: AGPL-3.0-or-later
"""Supports go on with the idea that they were given for: once for each person, and back again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from assemblies.models import Membership
from proposals.models import Proposal, Support

from .phases import held_proposal


def carry_supports(sources: Sequence[Proposal], targets: Sequence[Proposal], *, at: datetime | None) -> int:
    """Who supports one of the sources supports each target, with the first day on which they did; answers how many.

    What stands at the sources stays there. Hold all of them, and the cycle, before.
    """
    carried = 0
    given = list(
        Support.objects.filter(proposal__in=sources, person__left_at=None).order_by("person_id", "created_at", "pk")
    )
    first = {support.person_id: support for support in reversed(given)}
    for target in targets:
        there = set(target.supports.values_list("person_id", flat=True))
        new = [
            Support(
                proposal=target,
                person_id=person,
                carried_from_id=support.proposal_id,
                created_at=min(support.created_at, at or timezone.now()),
            )
            for person, support in first.items()
            if person not in there
        ]
        Support.objects.bulk_create(new, batch_size=1000)
        count_supports(target)
        carried += len(new)
    return carried


def count_supports(proposal: Proposal) -> None:
    """The held proposal says how many support it: counted, so that no mistake ever stays."""
    proposal.support_count = proposal.supports.count()
    proposal.save(update_fields=["support_count"])


def take_carried_back(target: Proposal, sources: Sequence[UUID]) -> None:
    """The held target has only those supports that did not come from these."""
    target.supports.filter(carried_from__in=sources).delete()
    count_supports(target)


def take_back_behind(proposal: Proposal, person: Membership) -> None:
    """Who took back a support does not support either what went into that idea, so that no undo brings it back.

    What was split is still supported by who supports another of its pieces. Each is held before it is asked.
    """
    came_from = Proposal.objects.filter(Q(merged_into=proposal) | Q(split_into=proposal)).order_by("pk")
    for source in came_from.distinct():
        source = held_proposal(source)
        if source.split_into.filter(supports__person=person).exists():
            continue
        if source.supports.filter(person=person).delete()[0]:
            count_supports(source)
        take_back_behind(source, person)
