# SPDX-License-Identifier: AGPL-3.0-or-later
"""The cycle answers for the polls of its headings."""

from collections.abc import Mapping, Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from assemblies import rights
from assemblies.models import Membership, Viewer
from voting import electorate
from voting.electorate import NewLine
from voting.models import Poll
from voting.owners import AboutOption
from voting.services import PollRefused

from .models import Cycle, Heading, Project
from .models.cycles import category_name
from .refusals import CycleRefused
from .services import draw_up_awards, open_ballot, revoke_awards, voters_live_in
from .signs import sign_of
from .taken_back import seen_by


class CycleOwner:
    """What voting asks about a budget's ballot (`voting.owners.Owner`)."""

    def may(self, user: Viewer, verb: str, poll: Poll) -> bool:
        return rights.may(user, rights.RUN_CYCLES, poll.assembly)

    def people(self, poll: Poll, verb: str) -> list[Membership]:
        return rights.people_with(rights.RUN_CYCLES, poll.assembly)

    def blockers(self, poll: Poll) -> list[str]:
        return []  # whether the calendar allows the vote is asked where the heading's ballot is opened

    def open(self, poll: Poll, actor: User) -> Poll:
        """For the residents of its territory, until the last moment of the vote phase."""
        try:
            return open_ballot(heading=poll.heading, actor=actor)
        except CycleRefused as refusal:
            raise PollRefused(str(refusal)) from refusal

    def lock(self, poll: Poll) -> None:
        """The cycle, then the heading; the poll comes after."""
        Cycle.objects.select_for_update(no_key=True).get(headings__poll=poll)
        Heading.objects.select_for_update(of=("self",)).get(poll=poll)

    def happened(self, poll: Poll, event: str) -> None:
        if event == "published":
            try:
                draw_up_awards(poll)
            except CycleRefused as refusal:
                raise PollRefused(str(refusal)) from refusal
        elif event == "voided":
            revoke_awards(poll)

    def electorate(self, poll: Poll) -> list[NewLine]:
        """Verified residents of the heading's territory; in a group, of all its pots."""
        heading = Heading.objects.filter(poll=poll).select_related("district").first()
        return electorate.residents(poll.assembly, voters_live_in(heading) if heading else None)

    def code_scopes(self, poll: Poll) -> Sequence[str]:
        """Codes of a district are good there and wherever the whole town votes; codes of the town only there."""
        heading = Heading.objects.filter(poll=poll).first()
        if heading is None:  # a ballot that became void and was drawn up anew
            return [poll.topic]
        own = f"heading/{heading.pk}"
        if heading.district_id is not None:
            return [own]
        districts = heading.cycle.headings.exclude(district=None)
        return [f"cycle/{heading.cycle_id}", *(f"heading/{pk}" for pk in districts.values_list("pk", flat=True))]

    def url(self, poll: Poll) -> str:
        return reverse("proposals:manage", args=[poll.heading.cycle_id])

    def voters_url(self, poll: Poll) -> str:
        return reverse("proposals:cycle", args=[poll.heading.cycle_id])

    def about_options(self, poll: Poll) -> Mapping[str, AboutOption]:
        """The project behind each line; lines stand by district where there are some, else by topic."""
        projects = list(Project.objects.filter(option__poll=poll).select_related("option", "district"))
        by_district = len({project.district_id for project in projects}) > 1
        return {
            project.option.key: AboutOption(
                area=_area_of(project, by_district=by_district),
                sign=sign_of(project.category),
                url=project.get_absolute_url(),
                place=project.place,
                summary=project.summary,
                language=project.language,
            )
            for project in projects
            if project.option
        }


def taken_back(user: Viewer) -> Q:
    """Polls of budgets that were published and are hidden again, for everybody who neither runs nor audits them."""
    unpublished = Heading.objects.filter(poll__isnull=False, cycle__published_at=None)
    return Q(pk__in=unpublished.exclude(cycle__in=seen_by(user)).values("poll"))


def _area_of(project: Project, *, by_district: bool) -> str:
    if by_district:
        return project.district.name if project.district else _("The whole town")
    return category_name(project.category) or _("Projects")
