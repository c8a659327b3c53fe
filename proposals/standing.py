# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a proposal stands, in one word that everybody may read; the result counts only once it is published."""

from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from voting.models import PollState

from .models import Proposal

State = Proposal.State


@dataclass(frozen=True)
class Standing:
    """A word with its sign and its tone, for a tag."""

    name: str
    word: Promise
    sign: str
    tone: str


DRAFT = Standing("draft", _("Draft, only you can see it"), "edit", "wait")
SUBMITTED = Standing("submitted", _("Waiting for the check"), "clock", "wait")
FEASIBLE = Standing("feasible", _("Can be built"), "check", "yes")
UNFEASIBLE = Standing("unfeasible", _("Cannot be built"), "minus", "no")
WITHDRAWN = Standing("withdrawn", _("Taken back by its author"), "undo", "no")
RETURNED = Standing("returned", _("Being corrected by its author"), "edit", "wait")
LATE = Standing("late", _("Not corrected in time"), "clock", "no")
LAPSED = Standing("lapsed", _("Ended before the vote"), "clock", "no")
MERGED = Standing("merged", _("Merged into another idea"), "link", "no")
SPLIT = Standing("split", _("Split into several ideas"), "link", "no")
SELECTED = Standing("selected", _("On the ballot"), "ballot", "yes")
FUNDED = Standing("funded", _("Funded"), "check", "yes")
NOT_FUNDED = Standing("not_funded", _("Not funded"), "minus", "no")

BY_STATE = {
    State.DRAFT: DRAFT,
    State.SUBMITTED: SUBMITTED,
    State.FEASIBLE: FEASIBLE,
    State.UNFEASIBLE: UNFEASIBLE,
    State.WITHDRAWN: WITHDRAWN,
    State.RETURNED: RETURNED,
    State.LAPSED: LAPSED,
    State.MERGED: MERGED,
    State.SPLIT: SPLIT,
}
PUBLISHED = Q(heading__poll__state=PollState.PUBLISHED)
FILTERS: dict[str, tuple[Standing, Q]] = {
    "submitted": (SUBMITTED, Q(state=State.SUBMITTED)),
    "feasible": (FEASIBLE, Q(state=State.FEASIBLE, project=None)),
    "unfeasible": (UNFEASIBLE, Q(state=State.UNFEASIBLE)),
    "selected": (SELECTED, Q(project__isnull=False) & ~PUBLISHED),
    "funded": (FUNDED, Q(project__award__isnull=False)),
    "not_funded": (NOT_FUNDED, Q(project__isnull=False, project__award=None) & PUBLISHED),
    "withdrawn": (WITHDRAWN, Q(state=State.WITHDRAWN)),
    "returned": (RETURNED, Q(state=State.RETURNED, correct_until__gt=Now())),
    "late": (LATE, Q(state=State.RETURNED, correct_until__lte=Now())),
    "lapsed": (LAPSED, Q(state=State.LAPSED)),
    "merged": (MERGED, Q(state=State.MERGED)),
    "split": (SPLIT, Q(state=State.SPLIT)),
}


def standing_of(proposal: Proposal) -> Standing:
    """The word for this proposal; a list fetches `project__award` and `heading__poll` before it asks."""
    if not proposal.is_selected:
        return LATE if proposal.is_late else BY_STATE[State(proposal.state)]
    if proposal.is_funded:
        return FUNDED
    poll = proposal.heading.poll
    return NOT_FUNDED if poll is not None and poll.state == PollState.PUBLISHED else SELECTED
