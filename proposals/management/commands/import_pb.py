# SPDX-License-Identifier: AGPL-3.0-or-later
"""`manage.py import_pb FILE`: a real election as a cycle with its result page."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from accounts.mails import site_address
from assemblies.models import Assembly
from proposals.pb_import import Imported, import_file
from proposals.pb_refusals import ImportRefused


class Command(BaseCommand):
    help = "Import a Pabulib .pb file: its projects, costs and ballots are counted, and the result page is served."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the .pb file")
        parser.add_argument("--assembly", help="address of the assembly to use; without it, the file's town is used")
        parser.add_argument(
            "--lenient", action="store_true", help="repair ballots that break the file's own rules, and say how many"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        assembly = None
        if options["assembly"]:
            assembly = Assembly.objects.filter(slug=options["assembly"]).first()
            if assembly is None:
                raise CommandError(f"There is no assembly with the address {options['assembly']!r}.")
        try:
            imported = import_file(options["file"], assembly=assembly, lenient=options["lenient"])
        except ImportRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.report(imported)

    def report(self, imported: Imported) -> None:
        """Say what came in and where its result is."""
        site = site_address()
        self.stdout.write(f"{imported.cycle.title}: {imported.ballots} ballots counted.")
        for name in imported.withdrawn:
            self.stdout.write(f"Withdrawn before the vote, so not on the ballot: {name}")
        for repair in imported.repairs:
            self.stdout.write(f"Repaired: {repair}")
        self.stdout.write(site + reverse("proposals:results", args=[imported.cycle.pk]))
