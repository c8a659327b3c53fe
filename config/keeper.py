# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeps the embedded database alive for as long as Folkmoot serves."""

import logging
import threading
from collections.abc import Callable

from config.postgres import DiskFull, Postgres, PostgresFailed

logger = logging.getLogger(__name__)
LOOK_EVERY = 1.0  # seconds


class Keeper:
    """Starts the embedded server again when it died; calls `give_up` with a sentence when that fails.

    While the disk is full it goes on trying: Folkmoot serves again as soon as there is room.

    It works in a thread that lives as long as the process: the server ends with the thread that started it.
    """

    def __init__(self, postgres: Postgres, *, give_up: Callable[[str], None]) -> None:
        self.postgres = postgres
        self.give_up = give_up
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="database keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Nobody starts the server again."""
        self._stop.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._stop.wait(LOOK_EVERY):
            if self.postgres.is_running or self.postgres.answers():
                continue
            logger.warning("The embedded PostgreSQL ended and is started again.")
            try:
                self.postgres.ensure()
            except DiskFull as failure:
                logger.error("%s It is tried again until there is room.", failure)
            except PostgresFailed as failure:
                self.give_up(str(failure))
                return
