# SPDX-License-Identifier: AGPL-3.0-or-later
"""Polls of the assembly itself, outside any meeting or budget cycle. Its administrators run them."""

from collections.abc import Mapping

from assemblies.models import Assembly, Viewer
from assemblies.rights import MANAGE_ASSEMBLY, may

from .models import Poll
from .owners import AboutOption

KIND = "assembly"


class AssemblyPolls:
    """The owner of kind `assembly`; see `voting.owners`."""

    def may(self, user: Viewer, verb: str, poll: Poll) -> bool:
        return may(user, MANAGE_ASSEMBLY, poll.assembly)

    def blockers(self, poll: Poll) -> list[str]:
        return []

    def lock(self, poll: Poll) -> None:
        Assembly.objects.select_for_update(of=("self",), no_key=True).get(pk=poll.assembly_id)

    def happened(self, poll: Poll, event: str) -> None:
        """Nothing else of the assembly follows from its polls."""

    def url(self, poll: Poll) -> str:
        return poll.get_absolute_url()

    def voters_url(self, poll: Poll) -> str:
        return poll.assembly.get_absolute_url()

    def about_options(self, poll: Poll) -> Mapping[str, AboutOption]:
        return {}
