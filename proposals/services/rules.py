# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a budget is counted: chosen, locked with a hash that everybody reads, and compared with what is counted."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from proposals.models import Cycle, Heading, Phase
from proposals.refusals import CycleRefused
from voting.models import NOT_OPENED, Poll, PollState
from voting.tally.types import canonical_json

from .phases import hold, next_version, record, require_phase

RULES = ("equal-shares", "greedy")
CONDITION_PHASES = (
    Phase.Kind.REVIEWING,
    Phase.Kind.SELECTING,
    Phase.Kind.VALUATING,
    Phase.Kind.PUBLISHING_PRICES,
    Phase.Kind.BALLOTING,
)
OF_THE_LIST = ("exclusive", "minimum_votes", "district_floors")  # set for a ballot, and in its own definition


def rule_in_full(definition: Mapping[str, Any]) -> dict[str, Any]:
    """What is locked: everything about the count that is the same for every ballot of the budget."""
    fixed = definition["rule_parameters"]
    return {
        "rule": definition["rule"],
        "parameters": {name: value for name, value in fixed.items() if name not in OF_THE_LIST},
        "compared": list(definition["compared_rules"]),
        "ballot": definition["ballot_type"],
    }


def hash_of_rule(definition: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(rule_in_full(definition)).encode()).hexdigest()


def rule_of(cycle: Cycle) -> dict[str, Any]:
    """The budget's rule in the words of a ballot's definition."""
    return {
        "rule": cycle.rule,
        "rule_parameters": cycle.rule_parameters,
        "compared_rules": cycle.compared_rules,
        "ballot_type": cycle.ballot_type,
    }


@transaction.atomic
def lock_rule(
    *, cycle: Cycle, rule: str, reason: str, actor: User | None, at: datetime | None = None, **parameters: Any
) -> Cycle:
    """This is how the ballots are counted, for the reason that everybody reads; nobody changes it any more."""
    moment = at or timezone.now()
    cycle = hold(cycle)
    vote = cycle.phase_of(Phase.Kind.BALLOTING)
    if vote is None or (vote.ends_at is not None and vote.ends_at <= moment):
        raise CycleRefused(_("The rule is chosen before people vote. The vote is over."))
    if cycle.rule_locked_at is not None:
        raise CycleRefused(_("The rule is locked already. Nobody can change it."))
    polls = Poll.objects.filter(heading__cycle=cycle)
    if polls.exclude(state__in=[*NOT_OPENED, PollState.VOIDED]).exists():
        raise CycleRefused(_("People vote by the rule on their ballot already. It can no longer change."))
    if rule not in RULES:
        raise CycleRefused(_("Choose one of the rules."))
    if not reason.strip():
        raise CycleRefused(_("Write why this rule. Everybody can read the reason."))
    if rule != cycle.rule:
        if polls.filter(state__in=NOT_OPENED).exists():
            raise CycleRefused(
                _("The ballot is drawn up with another rule. Keep that rule, or lock it before the list.")
            )
        cycle.rule = rule
        cycle.rule_parameters = parameters_for(rule, cycle.rule_parameters)
        cycle.compared_rules = [other for other in RULES if other != rule]
    cycle.rule_reason, cycle.rule_locked_at = reason.strip(), moment
    cycle.rule_hash = hash_of_rule(rule_of(cycle))
    cycle.save(
        update_fields=["rule", "rule_parameters", "compared_rules", "rule_reason", "rule_locked_at", "rule_hash"]
    )
    next_version(cycle)
    record(cycle, "rule.locked", actor, at=at, rule=rule_in_full(rule_of(cycle)), sha256=cycle.rule_hash, reason=reason)
    return cycle


def parameters_for(rule: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with which a budget takes up this rule; how ties are decided stays."""
    seed = {name: value for name, value in before.items() if name in ("seed", "ties", "lot_order")}
    return seed | ({"completion": "add1"} if rule == "equal-shares" else {})


def refuse_another_rule(cycle: Cycle, definition: Mapping[str, Any]) -> None:
    """Refuse a ballot or a count by another rule than the one that was locked."""
    if cycle.rule_locked_at is not None and hash_of_rule(definition) != cycle.rule_hash:
        raise CycleRefused(_("This ballot has another rule than the one that was locked. Draw it up anew."))


@transaction.atomic
def set_conditions(
    *,
    heading: Heading,
    minimum_votes: int | None,
    district_floors: Mapping[str, int],
    rival_sets: Sequence[Sequence[int]],
    actor: User | None,
    at: datetime | None = None,
) -> Heading:
    """The pot's ballot is counted under these conditions; it is drawn up anew with them."""
    cycle = hold(heading.cycle)
    heading = Heading.objects.select_for_update(of=("self",)).select_related("poll").get(pk=heading.pk)
    require_phase(cycle, CONDITION_PHASES, at=at, refusal=_("The conditions cannot be set at the moment."))
    if heading.poll is not None and heading.poll.state not in (*NOT_OPENED, PollState.VOIDED):
        raise CycleRefused(_("The ballot was opened already. Its conditions can no longer change."))
    if minimum_votes is not None and minimum_votes <= 0:
        raise CycleRefused(_("Write a number above zero, or leave it empty."))
    if any(amount <= 0 for amount in district_floors.values()):
        raise CycleRefused(_("Write an amount above zero, or leave it empty."))
    if sum(district_floors.values()) > heading.amount:
        raise CycleRefused(_("More money is set aside for the districts than there is."))
    projects = {project.number: project for project in heading.projects.select_related("district")}
    names = {project.district.name for project in projects.values() if project.district}
    if missing := sorted(set(district_floors) - names):
        raise CycleRefused(
            _("No project on the list is in this district, so nothing can be set aside for it: %(district)s.")
            % {"district": missing[0]}
        )
    for numbers in rival_sets:
        unknown = [number for number in numbers if number not in projects]
        if unknown:
            raise CycleRefused(_("There is no project number %(number)s on the list.") % {"number": unknown[0]})
        if len(set(numbers)) != len(numbers) or len(numbers) < 2:
            raise CycleRefused(_("Name at least two projects in each line, and each of them once."))
    heading.minimum_votes, heading.district_floors = minimum_votes, dict(district_floors)
    heading.rival_sets = [list(numbers) for numbers in rival_sets]
    heading.save(update_fields=["minimum_votes", "district_floors", "rival_sets"])
    record(
        cycle,
        "conditions.set",
        actor,
        at=at,
        heading=heading.pk,
        minimum_votes=minimum_votes,
        district_floors=heading.district_floors,
        rival_sets=heading.rival_sets,
    )
    return heading


def conditions_of(heading: Heading) -> dict[str, Any]:
    """The conditions as parameters of the counting rules."""
    parameters: dict[str, Any] = {}
    if heading.minimum_votes:
        parameters["minimum_votes"] = heading.minimum_votes
    if heading.rival_sets:
        parameters["exclusive"] = [[f"p{number}" for number in numbers] for numbers in heading.rival_sets]
    if heading.district_floors:
        parameters["district_floors"] = {name: {"money": amount} for name, amount in heading.district_floors.items()}
    return parameters


def conditions_in(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a rule's parameters that are conditions of one ballot."""
    return {name: parameters[name] for name in OF_THE_LIST if name in parameters}
