# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a proposal is linked with others: what it became, what came into it, and who is asked about it."""

from dataclasses import dataclass

from assemblies import rights
from assemblies.models import Viewer

from .models import CAN_BE_JOINED, Cycle, Merge, Proposal, Split
from .services import REVIEW_PHASES

SHOWN_AT_DESK = 20


@dataclass(frozen=True)
class Joined:
    """Links in both directions for everybody, and what authors and officials may do."""

    into: Proposal | None
    pieces: list[Proposal]
    taken_in: list[Proposal]
    split_from: Proposal | None
    merge: Merge | None
    split: Split | None
    undone: list[Merge | Split]
    may_join: bool
    may_split: bool


def joined_of(proposal: Proposal, cycle: Cycle, user: Viewer, *, is_mine: bool) -> Joined:
    """A handful of queries, however many proposals there are."""
    is_concerned = is_mine or rights.may(user, rights.REVIEW_PROPOSALS, cycle.assembly)
    merges = (Merge.objects.open() | Merge.objects.filter(state=Merge.State.DONE)).filter(parts__proposal=proposal)
    shown = Proposal.objects.public()
    merge = merges.order_by("-suggested_at").first() if is_concerned else None
    splits = list(proposal.splits.all())
    known = [one for one in splits if one.is_open or one.state == Split.State.DONE]
    undone = [one for one in splits if one.state == Split.State.UNDONE]
    may_join = (
        is_concerned
        and not (merge is not None and merge.is_open)
        and proposal.state in CAN_BE_JOINED
        and not proposal.is_selected
        and cycle.is_in(*REVIEW_PHASES)
    )
    return Joined(
        into=_shown(proposal.merged_into),
        pieces=list(shown.that_go_on_for(proposal)) if proposal.state == Proposal.State.SPLIT else [],
        taken_in=list(shown.filter(merged_into=proposal).select_related("author__user").order_by("pk")),
        split_from=_shown(proposal.split_from),
        merge=merge,
        split=known[0] if known and is_concerned else None,
        undone=sorted(
            [*Merge.objects.filter(parts__proposal=proposal, state=Merge.State.UNDONE), *undone],
            key=lambda one: one.suggested_at,
        ),
        may_join=may_join,
        may_split=may_join and not (is_mine and (undone or proposal.split_from_id is not None)),  # once by oneself
    )


def _shown(proposal: Proposal | None) -> Proposal | None:
    return proposal if proposal is not None and proposal.hidden_at is None else None


def waits_for_authors(cycle: Cycle) -> list[Merge | Split]:
    """The officials see which suggestions are not answered, the next to end first; two queries."""
    merges = Merge.objects.open().filter(target__heading__cycle=cycle).order_by("answer_until")
    splits = Split.objects.open().filter(proposal__heading__cycle=cycle).order_by("answer_until")
    found: list[Merge | Split] = [*merges[:SHOWN_AT_DESK], *splits.select_related("proposal")[:SHOWN_AT_DESK]]
    return sorted(found, key=lambda one: one.answer_until)[:SHOWN_AT_DESK]


def waits_for(user: Viewer) -> list[Merge | Split]:
    """What this person is asked as an author, while it can be answered, the next to end first; four queries at most."""
    seen = Proposal.objects.visible_to(user)
    merges = (
        Merge.objects.open().possible().to_answer(user).filter(target__in=seen).select_related("target__heading__cycle")
    )
    splits = Split.objects.open().to_answer(user).filter(proposal__in=seen).select_related("proposal__heading__cycle")
    asked: list[Merge | Split] = [
        *merges.prefetch_related("target__heading__cycle__phases"),
        *splits.prefetch_related("proposal__heading__cycle__phases"),
    ]
    now = [one for one in asked if one.about.heading.cycle.is_in(*REVIEW_PHASES)]
    return sorted(now, key=lambda one: one.answer_until)
