# SPDX-License-Identifier: AGPL-3.0-or-later
import asyncio
import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.database import DatabaseUnreachable, check_reachable
from config.readiness import NotReady, check_redis
from jobs.worker import Worker, is_any_alive


class Command(BaseCommand):
    help = "Do the deferred work, until Ctrl-C or SIGTERM. `serve` does this too, unless it is told not to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--is-alive", action="store_true", help="only say whether a worker works: 0 or 1")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["is_alive"]:
            sys.exit(0 if is_any_alive() else 1)
        try:
            check_reachable(settings.DATABASE_URL)
            check_redis(settings.REDIS_URL)
        except (DatabaseUnreachable, NotReady) as trouble:
            sys.exit(str(trouble))
        asyncio.run(self.work())

    async def work(self) -> None:
        worker = Worker()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, worker.stop)
        self.stdout.write("The worker is ready.")
        self.stdout.flush()
        await worker.run()
