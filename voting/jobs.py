# SPDX-License-Identifier: AGPL-3.0-or-later
import jobs

from . import services


@jobs.every("*/5 * * * *")
def take_checkpoints() -> None:
    """Open polls with at least ten new ballots have a checkpoint in their log, whose root anybody may write down."""
    services.take_checkpoints()


@jobs.every("* * * * *")
def close_due_polls() -> None:
    """Polls whose closing time has passed are closed and counted. A late run changes nothing: casts look at the clock."""
    services.close_due_polls()
