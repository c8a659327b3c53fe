# SPDX-License-Identifier: AGPL-3.0-or-later
"""Why something was not done, in sentences for the person who tried."""


class PollRefused(Exception):
    """The poll was not changed; the message is written for the person who tried."""


class BallotRefused(Exception):
    """The ballot was not taken; the message is written for the person who cast it."""


class AlreadyVoted(BallotRefused):
    """A ballot of this person is already in, and this poll does not allow changing it."""


class VotingClosed(BallotRefused):
    """The ballot came when the poll was not open."""


class VotingBusy(BallotRefused):
    """The poll was being closed or was overrun for some seconds; the same ballot may be sent again."""
