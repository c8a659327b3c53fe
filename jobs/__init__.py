# SPDX-License-Identifier: AGPL-3.0-or-later
"""Work that happens later, in the worker. The one door to the queue: nothing else in the code knows which one it is.

A job is a plain function in the `jobs.py` of its app, with arguments that survive JSON. Arguments are ids, never
names, addresses or ballots: the queue's table is in every backup.

    @jobs.job(retries=5)
    def send_reminder(membership_id: str) -> None: ...

    jobs.defer(send_reminder, membership_id=str(membership.pk))

Deferring inside a transaction is part of it: after a rollback there is no job.
"""

from jobs.queue import defer, defer_at, defer_once, every, job

__all__ = ["defer", "defer_at", "defer_once", "every", "job"]
