# SPDX-License-Identifier: AGPL-3.0-or-later
"""The poll's lock. A cast holds it shared, closing takes it exclusively.

So a close waits for the casts under way, and no ballot slips in after the count.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable, QueryCanceled

from voting.models import Poll

from .refusals import VotingBusy, VotingClosed


def _advisory_key(poll: Poll) -> int:
    """A lock number of 64 bits from the poll's random id."""
    return int.from_bytes(poll.pk.bytes[:8], "big", signed=True)


@contextmanager
def busy_is_said() -> Iterator[None]:
    """A ballot that waited too long was not stored, and its voter is told so."""
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable | QueryCanceled):
            raise VotingBusy(_("Not counted yet: the poll is busy. Send your vote again in a moment.")) from error
        raise


def hold_open(poll: Poll) -> None:
    """Hold the poll open until this transaction ends; refuse when it is not open by the database's clock."""
    with connection.cursor() as cursor:
        # A cast that hangs lets go of the lock: behind a waiting closer everybody else would hang with it.
        cursor.execute(
            "SELECT current_setting('transaction_isolation'), set_config('lock_timeout', '3s', true),"
            " set_config('statement_timeout', '5s', true),"
            " set_config('idle_in_transaction_session_timeout', '5s', true)"
        )
        if cursor.fetchone()[0] != "read committed":  # an older snapshot would still see a closed poll as open
            raise RuntimeError("ballots are cast at READ COMMITTED only")
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_advisory_key(poll)])
        # A statement of its own, so that it sees what the closer committed while we waited.
        cursor.execute(
            "SELECT state = 'open' AND (closes_at IS NULL OR clock_timestamp() < closes_at) FROM voting_poll WHERE id = %s",
            [poll.pk],
        )
        row = cursor.fetchone()
    if row is None or not row[0]:
        raise VotingClosed(_("Not counted: voting on this is not open."))


def lock_exclusively(poll: Poll) -> None:
    """Wait for the casts under way, and let no new one begin until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_advisory_key(poll)])
