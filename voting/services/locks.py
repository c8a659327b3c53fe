# SPDX-License-Identifier: AGPL-3.0-or-later
"""The poll's lock. A cast holds it shared, closing takes it exclusively.

So a close waits for the casts under way, and no ballot slips in after the count.
"""

from django.db import connection
from django.utils.translation import gettext as _

from voting.models import Poll

from .refusals import VotingClosed


def _advisory_key(poll: Poll) -> int:
    """A lock number of 64 bits from the poll's random id."""
    return int.from_bytes(poll.pk.bytes[:8], "big", signed=True)


def hold_open(poll: Poll) -> None:
    """Hold the poll open until this transaction ends; refuse when it is not open by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        (isolation,) = cursor.fetchone()
        if isolation != "read committed":  # an older snapshot would still see a closed poll as open
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
