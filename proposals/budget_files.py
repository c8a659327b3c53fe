# SPDX-License-Identifier: AGPL-3.0-or-later
"""A budget of the past comes in by a `.pb` file: sent and looked at, counted by a job, and brought in by a job."""

import hashlib
import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_noop

import jobs
from assemblies.models import Assembly, Membership
from voting.tally.errors import TallyError

from . import pb_preview
from .models import BudgetImport
from .pb_bounds import has_tried_many
from .pb_import import import_data, refuse_twice
from .pb_refusals import ImportRefused, file_refused

logger = logging.getLogger(__name__)
LARGEST_FILE = 5_000_000  # bytes
FORGOTTEN_AFTER = timedelta(days=14)  # where nobody brought it in


def send_budget_file(*, assembly: Assembly, importer: Membership, name: str, data: bytes) -> BudgetImport:
    """The file waits to be brought in, and its winners are being counted; no budget is made of it yet.

    Of the voters only their choices are kept. What this person sent before and left lying is gone.
    """
    if has_tried_many(importer.user):
        raise ImportRefused(gettext_noop("You have tried many files. Come back in an hour."))
    digest = hashlib.sha256(data).hexdigest()
    refuse_twice(digest, assembly)
    try:  # outside of a transaction, which must not wait while five megabytes are read
        look = pb_preview.look(data, name=name, digest=digest, assembly=assembly)
    except TallyError as error:
        raise file_refused(error) from None
    return _keep(look, assembly=assembly, importer=importer, name=name, digest=digest)


@transaction.atomic
def _keep(look: pb_preview.Look, *, assembly: Assembly, importer: Membership, name: str, digest: str) -> BudgetImport:
    left = Q(begun_at=None) | ~Q(refusal="")
    BudgetImport.objects.filter(left, assembly=assembly, importer=importer, cycle=None).delete()
    batch = BudgetImport.objects.create(
        assembly=assembly,
        importer=importer,
        file_name=name[-200:],
        file_hash=digest,
        text=look.text,
        facts=look.facts,
        is_lenient=look.is_lenient,
    )
    jobs.defer(work_on_budget_file, str(batch.pk))
    return batch


@transaction.atomic
def begin_budget_import(*, batch: BudgetImport, actor: Membership, at: datetime | None = None) -> None:
    """The worker brings the budget in, once, however often this is asked for; it is the act of who asked first."""
    refuse_twice(batch.file_hash, batch.assembly)
    waiting = BudgetImport.objects.filter(pk=batch.pk, cycle=None, refusal="", counted__isnull=False)
    if batch.is_late:
        waiting.update(begun_at=None)
    if waiting.filter(begun_at=None).update(begun_at=at or timezone.now(), begun_by=actor):
        jobs.defer(work_on_budget_file, str(batch.pk))


def forget_budget_files(*, at: datetime | None = None) -> int:
    """Files that somebody looked at and nobody brought in are gone; answers how many."""
    left = BudgetImport.objects.filter(cycle=None, created_at__lte=(at or timezone.now()) - FORGOTTEN_AFTER)
    return left.delete()[0]


@jobs.job(retries=2)
def work_on_budget_file(import_id: str) -> None:
    """The winners of the file are known; or, where somebody said so, its budget is there, whole.

    Whatever goes wrong is said on the page at once, or it would wait for ever. Only where not even that can be written
    is it tried again.
    """
    open_imports = BudgetImport.objects.filter(pk=UUID(import_id), cycle=None, refusal="")
    batch = open_imports.select_related("assembly", "importer__user", "begun_by__user").first()
    if batch is None:
        return
    with translation.override(_who(batch).user.language or batch.assembly.language):
        try:
            if batch.begun_at is not None:
                _bring_in(batch)
            elif batch.counted is None:
                open_imports.filter(begun_at=None).update(counted=_counted(batch))
        except ImportRefused as refusal:
            _refuse(open_imports, refusal)
        except TallyError as error:
            _refuse(open_imports, file_refused(error))
        except Exception:
            logger.exception("A budget did not come in from its file.")
            _refuse(
                open_imports,
                ImportRefused(
                    gettext_noop(
                        "Something went wrong on our side, so nothing came in. Whoever looks after the server finds"
                        " the cause in its log."
                    )
                ),
            )


def refusal_in_words(batch: BudgetImport) -> str:
    """Why it could not come in after all, in the language of who reads it."""
    return str(ImportRefused.of(batch.refusal_parts)) if batch.refusal_parts else batch.refusal


def _refuse(imports: QuerySet[BudgetImport], refusal: ImportRefused) -> None:
    imports.update(refusal=str(refusal), refusal_parts=refusal.parts)


def _who(batch: BudgetImport) -> Membership:
    """Who brings it in; before anybody does, who sent it."""
    return batch.begun_by or batch.importer


def _counted(batch: BudgetImport) -> dict[str, object]:
    return pb_preview.counted(
        batch.text.encode(),
        name=batch.file_name,
        digest=batch.file_hash,
        assembly=batch.assembly,
        lenient=batch.is_lenient,
    )


@transaction.atomic
def _bring_in(batch: BudgetImport) -> None:
    held = BudgetImport.objects.select_for_update(skip_locked=True).filter(pk=batch.pk, cycle=None).first()
    if held is None:
        return  # another worker is at it
    held.cycle = import_data(
        held.text.encode(),
        name=held.file_name,
        digest=held.file_hash,
        assembly=batch.assembly,
        lenient=held.is_lenient,
        actor=_who(batch).user,
        on_a_page=True,
    ).cycle
    held.text = ""
    held.save(update_fields=["cycle", "text"])
