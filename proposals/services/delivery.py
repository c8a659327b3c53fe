# SPDX-License-Identifier: AGPL-3.0-or-later
"""What became of the money: dates and amounts are added and stay; a mistake is corrected by a new line."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

import jobs
from accounts.models import User
from proposals import delivery_mails
from proposals.follow_mails import tell_followers
from proposals.models import Milestone, Project, Spending
from proposals.refusals import CycleRefused

from .phases import hold, record, require_results


@transaction.atomic
def record_milestone(
    *,
    project: Project,
    title: str,
    actor: User | None,
    text: str = "",
    due_on: date | None = None,
    done_on: date | None = None,
    at: datetime | None = None,
) -> Milestone:
    """A step of the work has its place in the project's history."""
    cycle = hold(project.heading.cycle)
    require_results(cycle, at=at)
    _refuse_not_funded(project)
    if due_on is None and done_on is None:
        raise CycleRefused(_("Give a date: when it is planned, or when it was done."))
    milestone = Milestone.objects.create(
        project=project, title=title, text=text, due_on=due_on, done_on=done_on, created_at=at or timezone.now()
    )
    record(cycle, "milestone.recorded", actor, at=at, project=project.pk, title=title, due_on=due_on, done_on=done_on)
    return milestone


@transaction.atomic
def record_spending(
    *,
    project: Project,
    kind: str,
    amount: int,
    on: date,
    actor: User | None,
    note: str = "",
    at: datetime | None = None,
) -> Spending:
    """Money of the project is promised, paid or billed, on the record."""
    cycle = hold(project.heading.cycle)
    require_results(cycle, at=at)
    _refuse_not_funded(project)
    if kind not in Spending.Kind.values:
        raise CycleRefused(_("Say whether the money is contracted, paid or the final cost."))
    if amount == 0:
        raise CycleRefused(_("Write an amount other than zero."))
    if on > timezone.localdate(at):
        raise CycleRefused(_("This day is still to come. Write the day on which it happened."))
    so_far = project.spendings.filter(kind=kind).aggregate(total=Sum("amount"))["total"] or 0
    if so_far + amount < 0:
        raise CycleRefused(_("This takes back more than was recorded before."))
    spending = Spending.objects.create(
        project=project, kind=kind, amount=amount, on=on, note=note, created_at=at or timezone.now()
    )
    record(cycle, "spending.recorded", actor, at=at, project=project.pk, spending=kind, amount=amount, on=on)
    return spending


@transaction.atomic
def set_status(
    *,
    project: Project,
    status: str,
    actor: User | None,
    reason: str = "",
    ready_on: date | None = None,
    at: datetime | None = None,
) -> Project:
    """The project is planned, being built, done or stopped, and has a day on which it should be ready.

    Stopping it, or moving that day to a later one, needs a reason that everybody can read. Who cares about it has a mail.
    """
    cycle = hold(project.heading.cycle)
    require_results(cycle, at=at)
    _refuse_not_funded(project)
    if status not in Project.Status.values:
        raise CycleRefused(_("Choose one of the states."))
    if status == Project.Status.STOPPED and not reason.strip():
        raise CycleRefused(_("Write why the project is stopped. Everybody can read the reason."))
    project = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    is_later = project.ready_on is not None and ready_on is not None and ready_on > project.ready_on
    if is_later and not reason.strip():
        raise CycleRefused(_("Write why it is ready later than planned. Everybody can read the reason."))
    if (
        project.ready_on is not None
        and ready_on is None
        and status in (Project.Status.PLANNED, Project.Status.BUILDING)
    ):
        raise CycleRefused(_("Write the day on which it should be ready. It had one, and people count on it."))
    before = project.status, project.ready_on
    project.status, project.status_reason, project.status_at = status, reason.strip(), at or timezone.now()
    project.ready_on = ready_on or project.ready_on
    project.save(update_fields=["status", "status_reason", "status_at", "ready_on"])
    record(
        cycle,
        "project.status",
        actor,
        at=at,
        project=project.pk,
        status=status,
        reason=project.status_reason,
        ready_on=project.ready_on,
    )
    if at is None and (project.status, project.ready_on) != before:  # what is written down afterwards is no news
        jobs.defer(delivery_mails.tell_supporters, str(project.pk))
        tell_followers(project.proposal_id, project.status)
    return project


def _refuse_not_funded(project: Project) -> None:
    if not project.is_funded:
        raise CycleRefused(_("This project has no money from the budget."))
