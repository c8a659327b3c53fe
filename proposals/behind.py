# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who stands behind a proposal, and what this person has to do with it."""

from dataclasses import dataclass

from assemblies.models import Membership, Viewer

from .models import CoSponsor, Proposal


@dataclass(frozen=True)
class Behind:
    """What the page of a proposal says about its co-sponsors."""

    named: list[Membership]
    mine: CoSponsor | None  # what this person was asked, or said Yes to
    may_ask: bool


def behind_of(proposal: Proposal, user: Viewer, *, is_mine: bool) -> Behind:
    """One query: those who accepted, and the invitation to this person."""
    found = list(proposal.co_sponsors.open().select_related("person__user"))
    named = [one.person for one in found if one.is_accepted and one.person is not None and one.person.left_at is None]
    mine = None
    if user.is_authenticated:
        mine = next(
            (one for one in found if (one.person.user_id == user.pk if one.person else one.email == user.email)), None
        )
    return Behind(named=named, mine=mine, may_ask=is_mine)
