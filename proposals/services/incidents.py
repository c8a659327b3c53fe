# SPDX-License-Identifier: AGPL-3.0-or-later
"""A project is taken back, cannot be built or costs something else while people vote on it.

It is off the ballot at once. Nobody looks up who chose it: everybody in the register is told alike, may choose anew
where ballots can be changed, and lines that still name it at the count are void; the result says how many.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import jobs
from accounts.models import User
from proposals import incident_mails
from proposals.models import Incident, Phase, Project
from proposals.refusals import CycleRefused
from voting import services as voting

from .phases import hold, record, require_phase


@transaction.atomic
def report_incident(
    *,
    project: Project,
    kind: str,
    reason: str,
    actor: User | None,
    new_cost: int | None = None,
    at: datetime | None = None,
) -> Incident:
    """The project cannot be chosen and cannot win any more; the log, its page and a mail to every voter say why."""
    cycle = hold(project.heading.cycle)
    require_phase(
        cycle, [Phase.Kind.BALLOTING], at=at, refusal=_("This is for the days of the vote. Nobody votes at the moment.")
    )
    project = Project.objects.select_for_update(of=("self",)).select_related("option__poll").get(pk=project.pk)
    if project.option is None:
        raise CycleRefused(_("This project is on no ballot."))
    if kind not in Incident.Kind.values:
        raise CycleRefused(_("Say what happened."))
    if kind == Incident.Kind.PRICE and (new_cost is None or new_cost <= 0 or new_cost == project.cost):
        raise CycleRefused(_("Write the new price. It must be another one than the price on the ballot."))
    try:
        voting.withdraw_option(poll=project.option.poll, key=project.option.key, reason=reason, actor=actor, at=at)
    except voting.PollRefused as refusal:
        raise CycleRefused(str(refusal)) from refusal
    incident = Incident.objects.create(
        project=project,
        kind=kind,
        reason=reason.strip(),
        new_cost=new_cost if kind == Incident.Kind.PRICE else None,
        at=at or timezone.now(),
    )
    record(
        cycle,
        "ballot.incident",
        actor,
        at=at,
        project=project.pk,
        number=project.number,
        incident=kind,
        cost=project.cost,
        new_cost=incident.new_cost,
        reason=incident.reason,
    )
    jobs.defer(incident_mails.tell_voters, str(incident.pk))
    return incident
