# SPDX-License-Identifier: AGPL-3.0-or-later
"""Opening, casting, closing, publishing and voiding: every write that carries a promise to voters."""

from .casting import Receipt, cast_ballot, receipt_of
from .closing import close_due_polls, close_poll, publish_poll, void_poll
from .opening import NewLine, NewOption, blockers, create_poll, open_poll
from .refusals import AlreadyVoted, BallotRefused, PollRefused, VotingClosed

__all__ = [
    "AlreadyVoted",
    "BallotRefused",
    "NewLine",
    "NewOption",
    "PollRefused",
    "Receipt",
    "VotingClosed",
    "blockers",
    "cast_ballot",
    "close_due_polls",
    "close_poll",
    "create_poll",
    "open_poll",
    "publish_poll",
    "receipt_of",
    "void_poll",
]
