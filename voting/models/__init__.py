# SPDX-License-Identifier: AGPL-3.0-or-later
"""How it is decided: one question, put to a frozen register of voters, by one ballot type and one counting rule.

The schema is the promise. One ballot for each line of the register is a primary key; states move only
forward, and a question that has opened cannot be rewritten: both are triggers, so they hold for every program.
"""

from .ballots import (
    BoxedBallot,
    ClosedBox,
    Envelope,
    OpenBallot,
    OpenBallotHistory,
    Removal,
    receipt_code,
    receipt_digest,
)
from .board import Publication, Scrutineer
from .credentials import CodeBatch, Credential
from .polls import (
    AFTER_COUNT,
    LONGEST_COUNT,
    NOT_OPENED,
    ActorReference,
    Approval,
    BallotType,
    Option,
    Poll,
    PollState,
    Secrecy,
    ShownWhileOpen,
)
from .registers import Electorate, LateAdmission, Presence, Register, RegisterLine, RegisterUse
from .results import Result
from .trustees import SealedKey, Trustee
from .withdrawals import OptionWithdrawal

__all__ = [
    "AFTER_COUNT",
    "LONGEST_COUNT",
    "NOT_OPENED",
    "ActorReference",
    "Approval",
    "BallotType",
    "BoxedBallot",
    "ClosedBox",
    "CodeBatch",
    "Credential",
    "Electorate",
    "Envelope",
    "LateAdmission",
    "OpenBallot",
    "OpenBallotHistory",
    "Option",
    "OptionWithdrawal",
    "Poll",
    "PollState",
    "Presence",
    "Publication",
    "Register",
    "RegisterLine",
    "RegisterUse",
    "Removal",
    "Result",
    "Scrutineer",
    "SealedKey",
    "Secrecy",
    "ShownWhileOpen",
    "Trustee",
    "receipt_code",
    "receipt_digest",
]
