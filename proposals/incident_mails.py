# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mails to every voter alike when a project is off the ballot: the same words to who chose it and to who did not.

Who chose it is not known here, and is never asked. Voters with a code or on paper have no address; they read it on the
ballot, on the page of the budget and on the wall of the desk.
"""

from django.urls import reverse

import jobs
from accounts.mails import send, site_address
from assemblies.models import Membership

from .models import Incident


@jobs.job(retries=5)
def tell_voters(incident_id: str) -> None:
    """Everybody in the register who has an address has a mail of their own on the way."""
    incident = Incident.objects.select_related("project__option__poll").get(pk=incident_id)
    if incident.project.option is None:
        return
    register = incident.project.option.poll.register_id
    voters = Membership.objects.current().filter(register_lines__register=register).order_by("pk")
    for pk in voters.values_list("pk", flat=True).distinct():
        jobs.defer(tell_voter, incident_id, str(pk))


@jobs.job(retries=5)
def tell_voter(incident_id: str, membership_id: str) -> None:
    """This person knows that the project is off the ballot, and until when a ballot can be changed."""
    incident = Incident.objects.select_related("project__option__poll", "project__heading__cycle__assembly").get(
        pk=incident_id
    )
    member = Membership.objects.current().select_related("user").filter(pk=membership_id).first()
    project, cycle = incident.project, incident.project.heading.cycle
    if member is None or project.option is None:
        return
    page = {
        "incident": incident,
        "project": project,
        "poll": project.option.poll,
        "cycle": cycle,
        "url": site_address() + reverse("proposals:ballot", args=[cycle.pk]),
    }
    send(member.user, "proposals/mail/incident", page, language=cycle.assembly.language)
