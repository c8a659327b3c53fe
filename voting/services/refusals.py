# SPDX-License-Identifier: AGPL-3.0-or-later
"""Why something was not done, in sentences for the person who tried."""

from django.utils.translation import gettext as _

LONGEST_REASON = 500


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


def reason_in(typed: str, *, missing: str) -> str:
    """The reason that everybody will read, as it was typed; refused where there is none or far too much."""
    reason = typed.strip()
    if not reason:
        raise PollRefused(missing)
    if len(reason) > LONGEST_REASON:
        raise PollRefused(
            _("The reason has %(length)d letters, and it may have %(most)d at most. Make it shorter.")
            % {"length": len(reason), "most": LONGEST_REASON}
        )
    return reason
