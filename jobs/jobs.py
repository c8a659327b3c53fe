# SPDX-License-Identifier: AGPL-3.0-or-later
"""The queue tidies up after itself; jobs that succeeded are gone at once."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from jobs.queue import every

KEPT = timedelta(days=30)


@every("47 3 * * *")
def forget_old_failures() -> None:
    """Jobs that failed or were given up more than a month ago are gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE status IN ('failed', 'cancelled', 'aborted') AND NOT EXISTS"
            " (SELECT 1 FROM procrastinate_events WHERE job_id = procrastinate_jobs.id AND at > %s)",
            [timezone.now() - KEPT],
        )
