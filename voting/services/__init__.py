# SPDX-License-Identifier: AGPL-3.0-or-later
"""Opening, casting, closing, publishing and voiding: every write that carries a promise to voters."""

from voting.electorate import NewLine

from .approvals import who_agreed
from .board import (
    SCRUTINEERS_NEEDED,
    drop_scrutineer,
    may_open_ballots,
    name_scrutineer,
    sign_count,
    take_checkpoints,
)
from .casting import Receipt, cast_ballot, have_voted, receipt_of
from .closing import close_due_polls, close_poll, publish_poll, void_poll
from .opening import SMALLEST_SECRET_GROUP, NewOption, blockers, cautions, create_poll, open_poll
from .refusals import AlreadyVoted, BallotRefused, PollRefused, VotingBusy, VotingClosed
from .registers import admit_late, late_comers, prepare_register, share_register, voters_now
from .removals import remove_ballot

__all__ = [
    "SCRUTINEERS_NEEDED",
    "SMALLEST_SECRET_GROUP",
    "AlreadyVoted",
    "BallotRefused",
    "NewLine",
    "NewOption",
    "PollRefused",
    "Receipt",
    "VotingBusy",
    "VotingClosed",
    "admit_late",
    "blockers",
    "cast_ballot",
    "cautions",
    "close_due_polls",
    "close_poll",
    "create_poll",
    "drop_scrutineer",
    "have_voted",
    "late_comers",
    "may_open_ballots",
    "name_scrutineer",
    "open_poll",
    "prepare_register",
    "publish_poll",
    "receipt_of",
    "remove_ballot",
    "share_register",
    "sign_count",
    "take_checkpoints",
    "void_poll",
    "voters_now",
    "who_agreed",
]
