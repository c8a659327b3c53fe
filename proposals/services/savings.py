# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a pot did not need goes where the budget said before the vote: to the next project, or into a later budget."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from proposals.models import Award, Cycle, Heading, SavingsUse
from proposals.refusals import CycleRefused
from proposals.savings import savings_of, why_it_stays

from .phases import hold, next_version, record, require_results


@transaction.atomic
def fund_next_project(*, heading: Heading, actor: User | None, at: datetime | None = None) -> Award:
    """The project with most votes that the savings can pay has its money, if the budget said that savings go so."""
    cycle = hold(heading.cycle)
    _refuse_what_stays(cycle)
    require_results(cycle, at=at)
    heading = Heading.objects.select_for_update(of=("self",)).select_related("poll").get(pk=heading.pk)
    if cycle.savings_rule != Cycle.SavingsRule.NEXT_PROJECT:
        raise CycleRefused(_("By the rule of this budget, savings go into a later budget."))
    savings = savings_of(heading)
    if savings is None:
        raise CycleRefused(_("There is no published result."))
    project = savings.next_project
    if project is None or heading.poll is None:
        raise CycleRefused(_("The savings do not pay for any project that is still on the list."))
    moment = at or timezone.now()
    last = Award.objects.filter(poll=heading.poll).aggregate(last=Max("rank"))["last"] or 0
    award = Award.objects.create(
        project=project,
        poll=heading.poll,
        amount=project.cost,
        rank=last + 1,
        source=Award.Source.SAVINGS,
        created_at=moment,
    )
    SavingsUse.objects.create(heading=heading, amount=project.cost, award=award, created_at=moment)
    record(cycle, "savings.awarded", actor, at=at, heading=heading.pk, project=project.pk, amount=project.cost)
    return award


@transaction.atomic
def carry_over(*, heading: Heading, into: Heading, actor: User | None, at: datetime | None = None) -> SavingsUse:
    """Everything that is left of the pot stands in a pot of a later budget whose ballot is not drawn up yet."""
    for cycle_id in sorted(
        {heading.cycle_id, into.cycle_id}
    ):  # always in one order, so that two never wait for each other
        Cycle.objects.select_for_update(no_key=True).get(pk=cycle_id)
    heading = Heading.objects.select_for_update(of=("self",)).select_related("cycle", "poll").get(pk=heading.pk)
    into = Heading.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=into.pk)
    _refuse_what_stays(heading.cycle)
    require_results(heading.cycle, at=at)
    if heading.cycle.savings_rule != Cycle.SavingsRule.NEXT_CYCLE:
        raise CycleRefused(_("By the rule of this budget, savings go to the next project on the list."))
    if into.cycle.assembly_id != heading.cycle.assembly_id or into.cycle_id == heading.cycle_id:
        raise CycleRefused(_("Choose a pot of another budget of this assembly."))
    if into.cycle.currency != heading.cycle.currency:
        raise CycleRefused(_("The other budget counts in another currency."))
    if into.poll_id is not None:
        raise CycleRefused(_("The ballot of that budget is drawn up already, so its money no longer changes."))
    savings = savings_of(heading)
    if savings is None:
        raise CycleRefused(_("There is no published result."))
    if savings.left <= 0:
        raise CycleRefused(_("Nothing is left to carry over."))
    into.amount += savings.left
    into.save(update_fields=["amount"])
    next_version(into.cycle)
    used = SavingsUse.objects.create(heading=heading, amount=savings.left, into=into, created_at=at or timezone.now())
    for cycle in (heading.cycle, into.cycle):
        record(cycle, "savings.carried_over", actor, at=at, heading=heading.pk, into=into.pk, amount=used.amount)
    return used


def _refuse_what_stays(cycle: Cycle) -> None:
    why = why_it_stays(cycle)
    if why:
        raise CycleRefused(why)
