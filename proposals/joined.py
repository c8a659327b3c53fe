# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a proposal is linked with others: what it became, what came into it, and who is asked about it."""

from dataclasses import dataclass

from assemblies import rights
from assemblies.models import Viewer

from .models import Cycle, Merge, Proposal, Split
from .services import CAN_BE_JOINED, REVIEW_PHASES


@dataclass(frozen=True)
class Joined:
    """Links in both directions for everybody, and what authors and officials may do."""

    into: Proposal | None
    pieces: list[Proposal]
    taken_in: list[Proposal]
    split_from: Proposal | None
    merge: Merge | None
    split: Split | None
    may_join: bool


def joined_of(proposal: Proposal, cycle: Cycle, user: Viewer, *, is_mine: bool) -> Joined:
    """A handful of queries, however many proposals there are."""
    is_concerned = is_mine or rights.may(user, rights.REVIEW_PROPOSALS, cycle.assembly)
    known = [Merge.State.OPEN, Merge.State.DONE]
    merges = Merge.objects.filter(parts__proposal=proposal, state__in=known)
    shown = Proposal.objects.public()
    merge = merges.order_by("-suggested_at").first() if is_concerned else None
    return Joined(
        into=_shown(proposal.merged_into),
        pieces=list(shown.filter(split_from=proposal).order_by("split_piece__position")),
        taken_in=list(shown.filter(merged_into=proposal).select_related("author__user").order_by("pk")),
        split_from=_shown(proposal.split_from),
        merge=merge,
        split=proposal.splits.filter(state=Split.State.OPEN).first() if is_concerned else None,
        may_join=is_concerned
        and not (merge is not None and merge.is_open)
        and proposal.state in CAN_BE_JOINED
        and not proposal.is_selected
        and cycle.is_in(*REVIEW_PHASES),
    )


def _shown(proposal: Proposal | None) -> Proposal | None:
    return proposal if proposal is not None and proposal.hidden_at is None else None
