# SPDX-License-Identifier: AGPL-3.0-or-later
"""Opening, casting, closing, publishing and voiding: every write that carries a promise to voters."""

from voting.electorate import NewLine

from .approvals import NEEDED as PEOPLE_NEEDED
from .approvals import asked_to_void, takes_two, who_agreed
from .board import (
    SCRUTINEERS_NEEDED,
    drop_scrutineer,
    may_open_ballots,
    name_scrutineer,
    sign_count,
    take_checkpoints,
)
from .casting import Receipt, cast_ballot, have_voted, receipt_of
from .closing import close_due_polls, close_poll, enter_key, publish_poll, void_poll
from .drafts import back_to_draft, change_poll, discard_poll, mark_ready
from .opening import (
    SMALLEST_SECRET_GROUP,
    NewOption,
    blockers,
    cautions,
    create_poll,
    open_poll,
    see_voters,
    too_few_voters,
)
from .refusals import AlreadyVoted, BallotRefused, PollRefused, VotingBusy, VotingClosed
from .registers import (
    admit_late,
    late_comers,
    limits_polls,
    new_shared_register,
    polls_left,
    prepare_register,
    share_register,
    stop_sharing,
    takes_more_polls,
    used_up,
    voters_now,
)
from .removals import remove_ballot
from .trustees import TRUSTEES, drop_trustee, make_key, name_trustee, prove_key, who_came
from .withdrawals import withdraw_option

__all__ = [
    "PEOPLE_NEEDED",
    "SCRUTINEERS_NEEDED",
    "SMALLEST_SECRET_GROUP",
    "TRUSTEES",
    "AlreadyVoted",
    "BallotRefused",
    "NewLine",
    "NewOption",
    "PollRefused",
    "Receipt",
    "VotingBusy",
    "VotingClosed",
    "admit_late",
    "asked_to_void",
    "back_to_draft",
    "blockers",
    "cast_ballot",
    "cautions",
    "change_poll",
    "close_due_polls",
    "close_poll",
    "create_poll",
    "discard_poll",
    "drop_scrutineer",
    "drop_trustee",
    "enter_key",
    "have_voted",
    "late_comers",
    "limits_polls",
    "make_key",
    "mark_ready",
    "may_open_ballots",
    "name_scrutineer",
    "name_trustee",
    "new_shared_register",
    "open_poll",
    "polls_left",
    "prepare_register",
    "prove_key",
    "publish_poll",
    "receipt_of",
    "remove_ballot",
    "see_voters",
    "share_register",
    "sign_count",
    "stop_sharing",
    "take_checkpoints",
    "takes_more_polls",
    "takes_two",
    "too_few_voters",
    "used_up",
    "void_poll",
    "voters_now",
    "who_agreed",
    "who_came",
    "withdraw_option",
]
