# SPDX-License-Identifier: AGPL-3.0-or-later
import jobs
from proposals import services


@jobs.every("11 * * * *")
def end_unsupported_proposals() -> None:
    """Ideas that too few supported in their time have ended. A late run changes nothing: supporting looks at the clock."""
    services.end_all_unsupported()


@jobs.every("41 3 * * *")
def forget_old_drafts() -> None:
    """Drafts that rested for three months are gone, with their photos."""
    services.forget_old_drafts()
