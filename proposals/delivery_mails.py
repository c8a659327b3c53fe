# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mails to the people behind a project when it moves: who wrote it down as an idea, and who supported that idea.

Who voted for it is not known here, and is never asked.
"""

from django.db.models import Q, QuerySet

import jobs
from accounts.mails import send, site_address
from assemblies.models import Membership

from .models import Project, Support


def people_behind(project: Project) -> QuerySet[Membership]:
    """The author of the idea and everybody who supported it; members who have left hear nothing."""
    people = Membership.objects.current().select_related("user")
    if project.proposal_id is None:
        return people.none()
    supporters = Support.objects.filter(proposal=project.proposal_id).values("person")
    return people.filter(Q(proposals=project.proposal_id) | Q(pk__in=supporters)).distinct()


@jobs.job(retries=5)
def tell_supporters(project_id: str) -> None:
    """Everybody behind the project has a mail of their own on the way."""
    project = Project.objects.filter(pk=project_id).first()
    for member in people_behind(project) if project else []:
        jobs.defer(tell_supporter, project_id, str(member.pk))


@jobs.job(retries=5)
def tell_supporter(project_id: str, membership_id: str) -> None:
    """This person has a mail that says where the project stands now."""
    project = Project.objects.select_related("heading__cycle__assembly").filter(pk=project_id).first()
    member = people_behind(project).filter(pk=membership_id).first() if project else None
    if project is None or member is None:
        return
    cycle = project.heading.cycle
    page = {"project": project, "cycle": cycle, "url": site_address() + project.get_absolute_url()}
    send(member.user, "proposals/mail/project", page, language=cycle.assembly.language)
