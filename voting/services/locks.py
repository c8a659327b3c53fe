# SPDX-License-Identifier: AGPL-3.0-or-later
"""The poll's lock. A cast holds it shared, closing takes it exclusively.

So a close waits for the casts under way, and no ballot slips in after the count.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable, QueryCanceled

from voting.models import Poll, RegisterLine

from .refusals import BallotRefused, VotingBusy, VotingClosed

LONGEST_WAIT, LONGEST_STATEMENT = "3s", "5s"
# Part of the statement that stores the ballot, so that the same snapshot decides.
IS_OPEN = (
    "EXISTS (SELECT FROM voting_poll WHERE id = %(poll)s AND state = 'open'"
    " AND (closes_at IS NULL OR clock_timestamp() < closes_at))"
)
IS_READ_COMMITTED = "current_setting('transaction_isolation') = 'read committed'"
IS_REMOVED = "EXISTS (SELECT FROM voting_removal WHERE poll_id = %(poll)s AND line_id = %(line)s)"

# A cast that hangs lets go of the lock: behind a waiting closer everybody else would hang with it.
HOLD = (
    f"SELECT {IS_READ_COMMITTED}, set_config('lock_timeout', '{LONGEST_WAIT}', true),"
    f" set_config('statement_timeout', '{LONGEST_STATEMENT}', true),"
    f" set_config('idle_in_transaction_session_timeout', '{LONGEST_STATEMENT}', true),"
    " pg_advisory_xact_lock_shared(%(lock)s)"
)


def advisory_key(poll: Poll) -> int:
    """A lock number of 64 bits from the poll's random id."""
    return int.from_bytes(poll.pk.bytes[:8], "big", signed=True)


@contextmanager
def busy_is_said() -> Iterator[None]:
    """A ballot that waited too long was not stored, and its voter is told so."""
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable | QueryCanceled):
            raise VotingBusy(_("Not counted yet: the vote is busy. Send your vote again in a moment.")) from error
        raise


def hold(poll: Poll) -> None:
    """Until this transaction ends no close can begin; what it asks the database next sees every close before it."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD, {"lock": advisory_key(poll)})
        if not cursor.fetchone()[0]:  # an older snapshot would still see a closed poll as open
            raise RuntimeError("ballots are cast at READ COMMITTED only")


def hold_open(poll: Poll) -> None:
    """Hold the poll open until this transaction ends; refuse when it is not open by the database's clock."""
    hold(poll)
    refuse_unless_open(poll)


def refuse_unless_open(poll: Poll, line: RegisterLine | None = None, *, is_in: bool = False) -> None:
    """Say why nothing was stored, where the poll is not open, or not for this line, by the database's clock.

    A ballot that is in already stays in when the poll closes, so its voter is not refused then.
    """
    stays_in = "%(is_in)s AND EXISTS (SELECT FROM voting_poll WHERE id = %(poll)s AND state <> 'voided')"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {IS_OPEN} OR ({stays_in}), {IS_REMOVED}",
            {"poll": poll.pk, "line": line.pk if line else None, "is_in": is_in},
        )
        is_open, is_removed = cursor.fetchone()
    if not is_open:
        raise VotingClosed(_("Not counted: voting on this is not open."))
    if is_removed:
        raise BallotRefused(_("Your ballot was taken out of this vote. The people who run it can tell you why."))


def lock_exclusively(poll: Poll) -> None:
    """Wait for the casts under way, and let no new one begin until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [advisory_key(poll)])
