# SPDX-License-Identifier: AGPL-3.0-or-later
"""Proposals that were collected elsewhere come in as a file: looked at, taken in whole, taken back whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assemblies.models import Membership
from proposals.models import Cycle, Heading, ImportedProposal, Phase, Project, Proposal, ProposalImport, Review
from proposals.refusals import CycleRefused
from proposals.spreadsheets import Row

from .phases import REVIEW_PHASES, hold, record, require_phase
from .proposing import draft_proposal, submit_proposal


@dataclass(frozen=True)
class NewProposal:
    """A row of a file that was checked, as what it becomes."""

    row: int
    heading: Heading
    fields: Mapping[str, Any]


@transaction.atomic
def look_at_file(
    *, cycle: Cycle, importer: Membership, name: str, file_hash: str, rows: Sequence[Row], at: datetime | None = None
) -> ProposalImport:
    """The rows of the file wait to be taken in; no proposal is made of them yet."""
    cycle = hold(cycle)
    require_phase(cycle, [Phase.Kind.ACCEPTING], at=at, refusal=_("Ideas are not taken at the moment."))
    if not rows:
        raise CycleRefused(_("There is no row below the names of the columns."))
    return ProposalImport.objects.create(
        cycle=cycle,
        importer=importer,
        file_name=name[-200:],
        file_hash=file_hash,
        rows=[{"number": row.number, "cells": row.cells} for row in rows],
        created_at=at or timezone.now(),
    )


@transaction.atomic
def take_in(
    *, batch: ProposalImport, importer: Membership, rows: Sequence[NewProposal], at: datetime | None = None
) -> list[Proposal]:
    """Every row of the file is a proposal that was sent in, or none is."""
    cycle = hold(batch.cycle)
    batch = ProposalImport.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    require_phase(cycle, [Phase.Kind.ACCEPTING], at=at, refusal=_("Ideas are not taken at the moment."))
    if batch.done_at is not None:
        raise CycleRefused(_("This file was taken in already."))
    same = ProposalImport.objects.filter(cycle=cycle, file_hash=batch.file_hash, undone_at=None).exclude(done_at=None)
    if same.exists():
        raise CycleRefused(_("The very same file was taken in before. Undo that first if you want it again."))
    if len(rows) != len(batch.rows) or any(row.heading.cycle_id != cycle.pk for row in rows):
        raise CycleRefused(
            _("Something is wrong in a row. Correct the file and upload it again; nothing was taken in.")
        )
    made = []
    for row in rows:
        draft = draft_proposal(
            heading=row.heading, author=importer, at=at, language=cycle.assembly.language, **row.fields
        )
        ImportedProposal.objects.create(proposal=draft, batch=batch, row=row.row)
        made.append(submit_proposal(proposal=draft, at=at))
    batch.done_at = at or timezone.now()
    batch.save(update_fields=["done_at"])
    record(cycle, "proposals.imported", importer.user, at=at, batch=batch.pk, file=batch.file_hash, proposals=len(made))
    return made


@transaction.atomic
def undo_import(*, batch: ProposalImport, importer: Membership, at: datetime | None = None) -> int:
    """Every proposal of the file is taken back, unless somebody has worked with one of them since."""
    cycle = hold(batch.cycle)
    batch = ProposalImport.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    require_phase(cycle, REVIEW_PHASES, at=at, refusal=_("Proposals are no longer taken back."))
    if batch.done_at is None or batch.undone_at is not None:
        raise CycleRefused(_("There is nothing to undo."))
    found = Proposal.objects.select_for_update(of=("self",), no_key=True).filter(imported__batch=batch)
    touched = [proposal.reference for proposal in found if proposal.state != Proposal.State.SUBMITTED]
    touched += list(Review.objects.filter(proposal__in=found).values_list("proposal__reference", flat=True))
    touched += list(Project.objects.filter(proposal__in=found).values_list("proposal__reference", flat=True))
    if touched:
        raise CycleRefused(
            _("Somebody has worked with these proposals already, so the file stays in: %(references)s.")
            % {"references": ", ".join(sorted(set(touched)))}
        )
    moment = at or timezone.now()
    taken_back = found.update(state=Proposal.State.WITHDRAWN, withdrawn_at=moment)
    batch.undone_at = moment
    batch.save(update_fields=["undone_at"])
    record(cycle, "proposals.import_undone", importer.user, at=at, batch=batch.pk, proposals=taken_back)
    return taken_back
