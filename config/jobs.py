# SPDX-License-Identifier: AGPL-3.0-or-later
"""What every installation tidies up by itself."""

from django.core.management import call_command

import jobs


@jobs.every("17 3 * * *")
def forget_ended_sessions() -> None:
    """Sign-ins that have run out are gone from the database."""
    call_command("clearsessions")
