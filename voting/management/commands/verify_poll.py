# SPDX-License-Identifier: AGPL-3.0-or-later
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

import ledger
from voting.board import bundle, gathering, verify
from voting.board.publication import Kind
from voting.models import Poll, Publication


class Command(BaseCommand):
    help = (
        "Check a poll against its log and its published files: the chain of events, the files, their root, and that the"
        " database still holds what they say."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("poll", help="the poll's id, as in the address of its page")
        parser.add_argument(
            "--root", help="the root from the minutes, the wall or a mail; else the one in the database"
        )
        parser.add_argument("--write", metavar="FILE", help="also write the published archive to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        poll = self._poll(options["poll"])
        try:
            last = ledger.verify(poll.pk)
        except ledger.BrokenChain as broken:
            raise CommandError(f"The log does not hold: {broken}") from None
        self.stdout.write(f"The log holds: its last hash is {last.hex()}")
        publication = Publication.objects.filter(poll=poll).first()
        if publication is None:
            self.stdout.write("Nothing is published of this poll, so there are no files to check.")
            return
        self._check(bytes(publication.archive), options["root"] or publication.root_hex)
        if publication.full_archive:
            self._check(bytes(publication.full_archive), publication.full_root_hex)
        self._compare(poll, publication)
        if options["write"]:
            with open(options["write"], "xb") as file:
                file.write(bytes(publication.archive))
            self.stdout.write(f"Written to {options['write']}")

    def _poll(self, typed: str) -> Poll:
        try:
            return Poll.objects.get(pk=UUID(typed))
        except (ValueError, ValidationError, Poll.DoesNotExist):
            raise CommandError(f"There is no poll {typed}.") from None

    def _check(self, archive: bytes, root: str) -> None:
        holds, said = verify.findings(lambda: verify.unpack(archive), root=root)
        for sentence in said:
            self.stdout.write(sentence)
        if not holds:
            raise CommandError("The published files do not hold.")

    def _compare(self, poll: Poll, publication: Publication) -> None:
        """What is in the database now is what was published then."""
        files = verify.unpack(bytes(publication.full_archive or publication.archive))
        material = gathering.material_of(poll, code_seed=bytes(publication.code_seed or b""))
        if material is None:
            raise CommandError("The receipts of this poll are gone from the database.")
        log = verify.check_log(files["log.jsonl"], str(poll.pk), [])
        published = [verify.canonical({"at": at, "data": data, "kind": kind}).decode() for kind, at, data in log]
        if [body for body, _hash in material.log[: len(published)]] != published:
            raise CommandError("The log in the database is not the one that was published.")
        if [digest.hex() for digest in material.receipts] != files["receipts.txt"].decode().split():
            raise CommandError("The receipts in the database are not those that were published.")
        if verify.canonical([dict(result) for result in material.results]) + b"\n" != files["results.json"]:
            raise CommandError("The results in the database are not those that were published.")
        ballots = bundle.leaves(material.ballots, with_voters=publication.kind == Kind.NAMED)
        if "ballots.json" in files and verify.canonical({"ballots": ballots}) + b"\n" != files["ballots.json"]:
            raise CommandError("The ballots in the database are not those that were published.")
        self.stdout.write("The database holds what was published.")
