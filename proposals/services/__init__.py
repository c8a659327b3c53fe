# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every write of a cycle that carries a rule: its calendar, proposals and reviews, the ballot, and delivery."""

from proposals.refusals import CycleRefused

from .balloting import draw_up_awards, open_ballot, put_on_ballot, revoke_awards
from .cycles import NewHeading, NewPhase, create_cycle, move_end, publish_cycle, start_phase
from .delivery import record_milestone, record_spending, set_status
from .proposing import (
    CAN_BE_TAKEN_BACK,
    draft_proposal,
    edit_draft,
    review_proposal,
    submit_proposal,
    withdraw_proposal,
)
from .versions import change_proposal

__all__ = [
    "CAN_BE_TAKEN_BACK",
    "CycleRefused",
    "NewHeading",
    "NewPhase",
    "change_proposal",
    "create_cycle",
    "draft_proposal",
    "draw_up_awards",
    "edit_draft",
    "move_end",
    "open_ballot",
    "publish_cycle",
    "put_on_ballot",
    "record_milestone",
    "record_spending",
    "review_proposal",
    "revoke_awards",
    "set_status",
    "start_phase",
    "submit_proposal",
    "withdraw_proposal",
]
