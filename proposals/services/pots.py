# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pots of a budget and their groups are as planned, as long as nobody relied on what they were."""

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from proposals.models import Cycle, Heading, HeadingGroup, Proposal
from proposals.plans import CyclePlan, PlannedGroup, PlannedHeading
from proposals.refusals import PlanRefused
from voting.models import NOT_OPENED, Poll, PollState


def edit_pots(cycle: Cycle, plan: CyclePlan) -> list[str]:
    """What is different now, by name. Call it while the cycle is held: nobody sends in a proposal meanwhile."""
    groups = {str(group.pk): group for group in cycle.groups.select_for_update()}
    locked = cycle.headings.select_for_update(of=("self",)).select_related("group", "district", "poll")
    headings = {str(heading.pk): heading for heading in locked}
    changed = _differences(plan, groups, headings)
    if not changed:
        return []
    if Poll.objects.filter(heading__cycle=cycle).exclude(state__in=[*NOT_OPENED, PollState.VOIDED]).exists():
        raise PlanRefused("headings", _("The vote has been opened. Its pots and its groups stay as they are."))
    _refuse_harm(plan, groups, headings)
    _remove(headings, {heading.key for heading in plan.headings})
    known = _store_groups(cycle, plan, groups)
    _store_headings(cycle, plan, headings, known)
    HeadingGroup.objects.filter(cycle=cycle).exclude(pk__in=[group.pk for group in known.values()]).delete()
    return changed


def _differences(plan: CyclePlan, groups: dict[str, HeadingGroup], headings: dict[str, Heading]) -> list[str]:
    changed = []
    if [group.key for group in plan.groups] != list(groups) or any(
        _group_differs(groups[group.key], group) for group in plan.groups
    ):
        changed.append("groups")
    if [heading.key for heading in plan.headings] != list(headings) or any(
        _pot_differs(headings[heading.key], heading) or headings[heading.key].population != heading.population
        for heading in plan.headings
    ):
        changed.append("pots")
    return changed


def _group_differs(stored: HeadingGroup, planned: PlannedGroup) -> bool:
    return (stored.title, stored.max_headings) != (planned.title, planned.max_headings)


def _pot_differs(stored: Heading, planned: PlannedHeading) -> bool:
    """In what people rely on once they have proposed something for the pot."""
    return (stored.title, stored.amount, stored.district, str(stored.group_id or ""), stored.is_citywide) != (
        planned.title,
        planned.amount,
        planned.district,
        planned.group,
        planned.is_citywide,
    )


def _refuse_harm(plan: CyclePlan, groups: dict[str, HeadingGroup], headings: dict[str, Heading]) -> None:
    """Pots that have proposals stay as they are, and so do groups of which a ballot is drawn up."""
    relied_on = Proposal.objects.exclude(state=Proposal.State.DRAFT).filter(heading__in=headings.values())
    in_use = {str(pk) for pk in relied_on.values_list("heading", flat=True).distinct()}
    drawn_up = {str(h.group_id) for h in headings.values() if h.poll is not None and h.poll.state != PollState.VOIDED}
    for place, planned in enumerate(plan.headings):
        if planned.key and planned.key not in headings:
            raise PlanRefused(f"heading-{place}", _("This pot is no longer part of the budget."))
        if planned.key in in_use and _pot_differs(headings[planned.key], planned):
            raise PlanRefused(
                f"heading-{place}",
                _("People have sent in proposals for “%(pot)s”. Its name, its money and who votes in it stay.")
                % {"pot": headings[planned.key].title},
            )
        if planned.group in drawn_up and (
            planned.key not in headings or str(headings[planned.key].group_id) != planned.group
        ):
            raise PlanRefused(
                f"heading-{place}", _("A ballot of this group is drawn up already. Its pots and its number stay.")
            )
    for place, group in enumerate(plan.groups):
        if group.key in drawn_up and _group_differs(groups[group.key], group):
            raise PlanRefused(
                f"group-{place}", _("A ballot of this group is drawn up already. Its pots and its number stay.")
            )


def _remove(headings: dict[str, Heading], kept: set[str]) -> None:
    for key, heading in headings.items():
        if key in kept:
            continue
        if heading.poll is not None or Proposal.objects.filter(heading=heading).exists():
            raise PlanRefused(
                "headings",
                _("People have written proposals for “%(pot)s”. It cannot be taken out.") % {"pot": heading.title},
            )
        try:
            with transaction.atomic():
                heading.delete()
        except ProtectedError as error:
            raise PlanRefused(
                "headings",
                _("Savings of another budget were put into “%(pot)s”. It cannot be taken out.")
                % {"pot": heading.title},
            ) from error


def _store_groups(cycle: Cycle, plan: CyclePlan, groups: dict[str, HeadingGroup]) -> dict[str, HeadingGroup]:
    known: dict[str, HeadingGroup] = {}
    for planned in plan.groups:  # two groups may exchange their names
        if planned.key in groups and groups[planned.key].title != planned.title:
            HeadingGroup.objects.filter(pk=planned.key).update(title=planned.key)
    for place, planned in enumerate(plan.groups):
        group = groups.get(planned.key) or HeadingGroup(cycle=cycle)
        group.title, group.max_headings, group.position = planned.title, planned.max_headings, place
        group.save()
        known[planned.key] = group
    return known


def _store_headings(
    cycle: Cycle, plan: CyclePlan, headings: dict[str, Heading], groups: dict[str, HeadingGroup]
) -> None:
    for planned in plan.headings:  # two pots may exchange their names, or which of them is for the whole town
        stored = headings.get(planned.key)
        if stored is not None and (stored.title != planned.title or stored.is_citywide != planned.is_citywide):
            Heading.objects.filter(pk=stored.pk).update(title=planned.key, is_citywide=False)
    for place, planned in enumerate(plan.headings):
        heading = headings.get(planned.key) or Heading(cycle=cycle)
        heading.title, heading.amount, heading.population = planned.title, planned.amount, planned.population
        heading.district, heading.is_citywide, heading.position = planned.district, planned.is_citywide, place
        heading.group = groups[planned.group] if planned.group else None
        heading.save()
