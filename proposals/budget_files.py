# SPDX-License-Identifier: AGPL-3.0-or-later
"""A budget of the past comes in by a `.pb` file: sent and looked at, counted by a job, and brought in by a job."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

import jobs
from assemblies.models import Assembly, Membership
from voting.tally.errors import InputError, TallyError

from . import pb_preview
from .models import BudgetImport
from .pb_import import ImportedBefore, ImportRefused, import_data, refuse_twice

LARGEST_FILE = 5_000_000  # bytes


@transaction.atomic
def send_budget_file(*, assembly: Assembly, importer: Membership, name: str, data: bytes) -> BudgetImport:
    """The file waits to be brought in, and its winners are being counted; no budget is made of it yet.

    Of the voters only their choices are kept. What this person sent before and left lying is gone.
    """
    digest = hashlib.sha256(data).hexdigest()
    refuse_twice(digest)
    try:
        look = pb_preview.look(data, name=name, digest=digest, assembly=assembly)
    except InputError as error:
        raise ImportRefused(pb_preview.error_in_words(error)) from None
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
def begin_budget_import(*, batch: BudgetImport, at: datetime | None = None) -> None:
    """The worker brings the budget in, once, however often this is asked for."""
    refuse_twice(batch.file_hash)
    waiting = BudgetImport.objects.filter(pk=batch.pk, cycle=None, refusal="", counted__isnull=False)
    if batch.is_late:
        waiting.update(begun_at=None)
    if waiting.filter(begun_at=None).update(begun_at=at or timezone.now()):
        jobs.defer(work_on_budget_file, str(batch.pk))


@jobs.job(retries=2)
def work_on_budget_file(import_id: str) -> None:
    """The winners of the file are known; or, where somebody said so, its budget is there, whole."""
    open_imports = BudgetImport.objects.filter(pk=UUID(import_id), cycle=None, refusal="")
    batch = open_imports.select_related("assembly", "importer__user").first()
    if batch is None:
        return
    with translation.override(batch.importer.user.language or batch.assembly.language):
        try:
            if batch.begun_at is not None:
                _bring_in(batch)
            elif batch.counted is None:
                open_imports.filter(begun_at=None).update(counted=_counted(batch))
        except ImportedBefore:
            open_imports.update(refusal=_("This very file was imported before. A file is imported only once."))
        except ImportRefused as refusal:
            open_imports.update(refusal=str(refusal))
        except TallyError as error:
            open_imports.update(refusal=pb_preview.error_in_words(error))


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
        actor=batch.importer.user,
    ).cycle
    held.text = ""
    held.save(update_fields=["cycle", "text"])
