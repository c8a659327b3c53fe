# SPDX-License-Identifier: AGPL-3.0-or-later
"""What changed from one wording of a proposal to the next, part by part and word by word."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assemblies.differences import Piece, differences
from assemblies.money import money_text

from .models import Proposal, ProposalVersion


@dataclass(frozen=True)
class ChangedPart:
    """One part of the proposal, with what goes out of it and what comes in."""

    name: Promise
    pieces: list[Piece]


@dataclass(frozen=True)
class Change:
    """One version beside the one before it; the first has nothing before it."""

    version: ProposalVersion
    parts: list[ChangedPart]


def changes_of(proposal: Proposal) -> list[Change]:
    """Every version, the newest first, with what it changed; one query."""
    currency = proposal.heading.cycle.currency
    found = list(proposal.versions.select_related("editor__user", "district"))
    changes = [Change(version, _parts(before, version, currency)) for version, before in pairwise(found)]
    return changes + [Change(first, []) for first in found[-1:]]


def _parts(before: ProposalVersion, after: ProposalVersion, currency: str) -> list[ChangedPart]:
    parts: list[tuple[Promise, Callable[[ProposalVersion], str]]] = [
        (_("Name"), lambda version: version.title),
        (_("In one sentence"), lambda version: version.summary),
        (_("What and why"), lambda version: version.text),
        (_("Where"), lambda version: version.place),
        (_("District"), lambda version: str(version.district or "")),
        (_("What it is about"), lambda version: version.category_name),
        (_("Cost, as the author guesses"), lambda version: money_text(version.cost_guess, currency)),
    ]
    return [
        ChangedPart(name, differences(read(before), read(after))) for name, read in parts if read(before) != read(after)
    ]
