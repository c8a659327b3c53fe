# SPDX-License-Identifier: AGPL-3.0-or-later
import asyncio
import signal
from typing import Any

from django.core.management.base import BaseCommand

from jobs.worker import Worker


class Command(BaseCommand):
    help = "Do the deferred work, until Ctrl-C or SIGTERM. `serve` does this too, unless it is told not to."

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(self.work())

    async def work(self) -> None:
        worker = Worker()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, worker.stop)
        self.stdout.write("The worker is ready.")
        self.stdout.flush()
        await worker.run()
