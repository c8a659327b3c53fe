# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sessions in the database, as Django keeps them, read by a statement that is not composed anew for each request."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

STATEMENT = (
    "SELECT session_key, session_data, expire_date FROM django_session WHERE session_key = %s AND expire_date > %s"
)


class SessionStore(db.SessionStore):
    """Every request of somebody who is signed in reads one, a hall of voters two hundred a second."""

    def _get_session_from_db(self) -> Session | None:
        with connection.cursor() as cursor:
            cursor.execute(STATEMENT, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return None
        return Session(*row)
