# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counting engine: exact, explained, and free of Django.

>>> from voting.tally import Option, build_election, count
>>> town = build_election(kind="approval", options=[Option("park", 70), Option("well", 60), Option("bench", 30)],
...                       budget=100, ballots=[["park", "well"], ["park"], ["bench"], ["well", "park"]])
>>> outcome = count("greedy", town)
>>> outcome.winners, outcome.unspent
(('park', 'bench'), 0)
>>> outcome.options["well"].code, outcome.options["well"].numbers["short_by"]
('too_dear', 30)
"""

from voting.tally.errors import InputError, TallyError
from voting.tally.registry import RULES, Rule, count
from voting.tally.types import ENGINE, Ballot, Election, Kind, Margin, Option, Outcome, Reason, build_election

__all__ = [
    "ENGINE",
    "RULES",
    "Ballot",
    "Election",
    "InputError",
    "Kind",
    "Margin",
    "Option",
    "Outcome",
    "Reason",
    "Rule",
    "TallyError",
    "build_election",
    "count",
]
