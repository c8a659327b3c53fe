# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pots among which voters choose: their ballots share one register, which lets each voter vote in only so many."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from assemblies.models import District
from proposals.models import Heading, HeadingGroup, Proposal
from proposals.refusals import CycleRefused
from voting import services as voting
from voting.models import Poll, PollState, Register


def shared_register(group: HeadingGroup) -> Register:
    """The register of the group's ballots, made where there is none, or anew where all of its ballots are void.

    Call it while the cycle is held.
    """
    group = HeadingGroup.objects.select_related("register", "cycle__assembly").get(pk=group.pk)
    register = group.register
    if register is not None and register.frozen_at is None and not register.polls.exists():
        register = None  # nothing stands on it, and the group may have changed
    if register is not None and register.frozen_at is None and register.max_polls == group.max_headings:
        return register
    if register is not None and register.polls.exclude(state=PollState.VOIDED).exists():
        if register.max_polls != group.max_headings or not voting.takes_more_polls(register):
            raise CycleRefused(
                _(
                    "The other votes of this group are over, and nobody can tell any more who voted in them."
                    " To vote again, declare all of them void."
                )
            )
        return register
    group.register = voting.new_shared_register(
        assembly=group.cycle.assembly, max_polls=group.max_headings, district=territory_of(group.headings.all())
    )
    group.save(update_fields=["register"])
    return group.register


def voters_live_in(heading: Heading) -> District | None:
    """Whose residents vote in this pot; None where everybody does.

    In a group people choose where they vote, so all its pots have the same voters: those of its one district, or all.
    """
    if heading.group_id is None:
        return heading.district
    return territory_of(Heading.objects.filter(group=heading.group_id).select_related("district"))


def territory_of(headings: Iterable[Heading]) -> District | None:
    """The one district for which all these pots are; None where there is no such district."""
    districts = {heading.district for heading in headings}
    return districts.pop() if len(districts) == 1 else None


def refuse_without_the_others(heading: Heading, poll: Poll) -> None:
    """People choose among the pots of a group, so all that can have a ballot have it before the first opens."""
    group = heading.group
    if group is None:
        return
    if poll.register_id is None or poll.register_id != group.register_id:
        raise CycleRefused(_("The group of this pot changed since the ballot was drawn up. Draw it up anew."))
    for other in Heading.objects.filter(group=group).exclude(pk=heading.pk).select_related("poll"):
        if other.poll is not None and other.poll.state != PollState.VOIDED:
            continue
        if other.poll is None and _could_stand(other) >= 2:
            raise CycleRefused(
                _("People choose among the pots of a group. Put the projects of “%(pot)s” on the ballot first.")
                % {"pot": other.title}
            )


def _could_stand(heading: Heading) -> int:
    return heading.projects.count() + Proposal.objects.feasible().filter(heading=heading, project=None).count()
