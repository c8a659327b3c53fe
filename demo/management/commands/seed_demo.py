# SPDX-License-Identifier: AGPL-3.0-or-later
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demo.seeding import DemoRefused, seed


class Command(BaseCommand):
    help = "Build the demo town Riverside, or bring it to today. Running it again changes nothing on the same day."

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()

        def report(line: str) -> None:
            self.stdout.write(f"{time.monotonic() - began:5.1f} s  {line}")
            self.stdout.flush()

        try:
            changed = seed(report=report)
        except DemoRefused as refusal:
            raise CommandError(str(refusal)) from None
        if changed:
            report("The demo town is ready.")
        elif options["verbosity"] > 1:
            report("The demo town is there already.")
