# SPDX-License-Identifier: AGPL-3.0-or-later
"""Polls of the assembly itself, outside any meeting or budget cycle. Its administrators run them."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from assemblies.models import Assembly, Membership, Role, Viewer
from assemblies.rights import MANAGE_ASSEMBLY, may, people_with

from . import electorate, services
from .electorate import NewLine
from .models import Electorate, Poll
from .owners import AboutOption

KIND = "assembly"


def people_who_run(assembly: Assembly) -> int:
    """How many people can run polls of this assembly."""
    return assembly.memberships.holding(Role.ADMINISTRATOR).count()


class AssemblyPolls:
    """The owner of kind `assembly`; see `voting.owners`."""

    def may(self, user: Viewer, verb: str, poll: Poll) -> bool:
        return may(user, MANAGE_ASSEMBLY, poll.assembly)

    def people(self, poll: Poll, verb: str) -> list[Membership]:
        return people_with(MANAGE_ASSEMBLY, poll.assembly)

    def blockers(self, poll: Poll) -> list[str]:
        if poll.closes_at and poll.closes_at <= timezone.now():
            return [_("The closing time has passed already. Choose a later one.")]
        return []

    def open(self, poll: Poll, actor: User) -> Poll:
        return services.open_poll(poll=poll, lines=self.electorate(poll), actor=actor, closes_at=poll.closes_at)

    def lock(self, poll: Poll) -> None:
        Assembly.objects.select_for_update(of=("self",), no_key=True).get(pk=poll.assembly_id)

    def happened(self, poll: Poll, event: str) -> None:
        """Nothing else of the assembly follows from its polls."""

    def electorate(self, poll: Poll) -> list[NewLine]:
        """As the register says; verified residents where nobody has said anything else."""
        register = poll.register
        if register is None or register.electorate == Electorate.RESIDENTS:
            return electorate.residents(poll.assembly, register.district if register else None)
        return electorate.members(poll.assembly) if register.electorate == Electorate.MEMBERS else []

    def code_scopes(self, poll: Poll) -> Sequence[str]:
        """Codes of a poll are good for every poll that follows it: another vote, a runoff."""
        first = poll
        while first.follows is not None:
            first = first.follows
        return [first.topic]

    def url(self, poll: Poll) -> str:
        return reverse("voting:desk", args=[poll.pk])

    def voters_url(self, poll: Poll) -> str:
        return poll.assembly.get_absolute_url()

    def about_options(self, poll: Poll) -> Mapping[str, AboutOption]:
        return {}
