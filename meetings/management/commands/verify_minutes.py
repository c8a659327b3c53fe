# SPDX-License-Identifier: AGPL-3.0-or-later
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from meetings.minutes.record import broken_in, differing, digest_of
from meetings.models import Minutes


class Command(BaseCommand):
    help = (
        "Check approved minutes: the digest is computed again from what the database holds now. With --digest it is"
        " compared with the number from a mail or from paper, with --file with an exported record, which then says"
        " what differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("meeting", help="the meeting's id, as in the address of its page")
        parser.add_argument("--digest", help="the number from a mail or from paper, or its beginning")
        parser.add_argument("--file", type=Path, help="an exported record (.json)")

    def handle(self, *args: Any, **options: Any) -> None:
        minutes = self._approved(options["meeting"])
        now = digest_of(minutes).hex()
        if options["file"]:
            self._compare(minutes, options["file"])
        if now != minutes.digest_hex:
            raise CommandError(f"Something was changed after the approval: stored {minutes.digest_hex}, now {now}.")
        given = "".join((options["digest"] or "").lower().split())
        if given and (len(given) < 16 or not now.startswith(given)):
            raise CommandError(f"The digest is another one than yours: {now}.")
        self.stdout.write(f"The minutes hold: {now}")

    def _approved(self, typed: str) -> Minutes:
        try:
            found = Minutes.objects.filter(meeting=UUID(typed), approved_at__isnull=False)
            return found.select_related("meeting").get()
        except (ValueError, Minutes.DoesNotExist):
            raise CommandError(f"There are no approved minutes of a meeting {typed}.") from None

    def _compare(self, minutes: Minutes, path: Path) -> None:
        try:
            file = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"The file cannot be read: {error}") from None
        broken = broken_in(file) if isinstance(file, dict) else ["record"]
        if broken:
            raise CommandError(f"The file itself was changed: {', '.join(broken)}.")
        differs = differing(file, minutes)
        if differs:
            raise CommandError(f"The database differs from the file: {', '.join(differs)}.")
        self.stdout.write("The file and the database are the same.")
