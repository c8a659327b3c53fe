# SPDX-License-Identifier: AGPL-3.0-or-later
"""Supports: one for each person and idea, counted exactly, and ended where too few came in time."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from assemblies.models import Membership
from proposals.models import Cycle, Phase, Proposal, Support, SupportRule
from proposals.refusals import CycleRefused

from .carrying import count_supports, take_back_behind
from .phases import REVIEW_PHASES, held_proposal, hold, record, require_phase, share
from .versions import drop_correction

CAN_BE_SUPPORTED = (Proposal.State.SUBMITTED, Proposal.State.FEASIBLE, Proposal.State.RETURNED)
GOES_ON_ELSEWHERE = (Proposal.State.MERGED, Proposal.State.SPLIT)
WITHOUT_SELECTING = (Phase.Kind.ACCEPTING, Phase.Kind.REVIEWING)


def support_phases(cycle: Cycle) -> tuple[str, ...]:
    """The steps in which ideas are supported: the step for it, or, where the calendar has none, those before."""
    return (Phase.Kind.SELECTING,) if cycle.phase_of(Phase.Kind.SELECTING) else WITHOUT_SELECTING


def support_rule_of(cycle: Cycle) -> SupportRule | None:
    return SupportRule.objects.filter(cycle=cycle).first()


def supports_end_at(proposal: Proposal, cycle: Cycle, rule: SupportRule | None) -> datetime | None:
    """When the last support for this idea is taken: with its steps, or sooner where the rule gives a number of days."""
    steps = [step for kind in support_phases(cycle) if (step := cycle.phase_of(kind))]
    ends = [steps[-1].ends_at] if steps and steps[-1].ends_at else []
    if rule is not None and rule.days is not None and steps and proposal.submitted_at:
        ends.append(max(proposal.submitted_at, steps[0].starts_at) + timedelta(days=rule.days))
    return min(ends, default=None)


@transaction.atomic
def support_proposal(*, proposal: Proposal, person: Membership, at: datetime | None = None) -> Support:
    """This person supports the idea; asked again, nothing changes."""
    proposal = _taken_now(proposal, person, at)
    support, is_new = Support.objects.get_or_create(
        proposal=proposal, person=person, defaults={"created_at": at or timezone.now()}
    )
    if is_new:
        count_supports(proposal)
    return support


@transaction.atomic
def withdraw_support(*, proposal: Proposal, person: Membership, at: datetime | None = None) -> None:
    """This person does not support the idea, nor what went into it; asked again, nothing changes."""
    given = Support.objects.filter(proposal=proposal, person=person)
    if given.exclude(carried_from=None).exists():  # it came with another idea: taken back for as long as it counts
        cycle = share(proposal.heading.cycle)
        require_phase(cycle, REVIEW_PHASES, at=at, refusal=_("Supports can no longer be taken back."))
        proposal = held_proposal(proposal)
        if proposal.state in GOES_ON_ELSEWHERE:
            raise CycleRefused(
                _("This idea goes on as another one. Take your support back there: its page has the link.")
            )
    else:
        proposal = _taken_now(proposal, person, at)
    if given.delete()[0]:
        take_back_behind(proposal, person)
    count_supports(proposal)


def _taken_now(proposal: Proposal, person: Membership, at: datetime | None) -> Proposal:
    """The proposal, held, when this person's support for it is taken now."""
    cycle = share(proposal.heading.cycle)
    require_phase(cycle, support_phases(cycle), at=at, refusal=_("Ideas cannot be supported at the moment."))
    proposal = held_proposal(proposal)
    if person.assembly_id != cycle.assembly_id or person.left_at is not None or person.verified_at is None:
        raise CycleRefused(_("Only residents whose address was checked can support an idea."))
    if proposal.state in GOES_ON_ELSEWHERE:
        raise CycleRefused(_("This idea goes on as another one. Support that one: the link stands on its page."))
    if proposal.state not in CAN_BE_SUPPORTED or proposal.is_selected:
        raise CycleRefused(_("This idea can no longer be supported."))
    ends_at = supports_end_at(proposal, cycle, support_rule_of(cycle))
    if ends_at is not None and ends_at <= (at or timezone.now()):
        raise CycleRefused(_("The time for supporting this idea is over."))
    return proposal


@transaction.atomic
def set_support_rule(
    *, cycle: Cycle, threshold: int | None, days: int | None, actor: User | None, at: datetime | None = None
) -> SupportRule | None:
    """Ideas need so many supports in so many days, or none at all; fixed before the first can be given."""
    cycle = hold(cycle)
    first = next((step for kind in support_phases(cycle) if (step := cycle.phase_of(kind))), None)
    if first is not None and first.starts_at <= (at or timezone.now()):
        raise CycleRefused(_("Supporting has begun already. How many supports are needed can no longer change."))
    if threshold is None:
        SupportRule.objects.filter(cycle=cycle).delete()
        rule = None
    elif threshold <= 0 or (days is not None and days <= 0):
        raise CycleRefused(_("Write a number above zero, or leave it empty."))
    else:
        rule, _made = SupportRule.objects.update_or_create(cycle=cycle, defaults={"threshold": threshold, "days": days})
    record(cycle, "support.rule_set", actor, at=at, threshold=threshold, days=days)
    return rule


@transaction.atomic
def end_unsupported(*, cycle: Cycle, at: datetime | None = None) -> list[Proposal]:
    """Ideas whose time is over and that too few support do not go on; each is in the log with both numbers."""
    rule = support_rule_of(cycle)
    if rule is None:
        return []
    moment = at or timezone.now()
    cycle = hold(cycle)
    if not cycle.is_in(*REVIEW_PHASES, Phase.Kind.BALLOTING, at=at):
        return []
    found = Proposal.objects.select_for_update(of=("self",), no_key=True).filter(
        heading__cycle=cycle, state__in=CAN_BE_SUPPORTED, project=None, support_count__lt=rule.threshold
    )
    ended = []
    for proposal in found.order_by("pk"):
        ends_at = supports_end_at(proposal, cycle, rule)
        if ends_at is None or moment < ends_at:
            continue
        proposal.state, proposal.ended_at = Proposal.State.LAPSED, moment
        proposal.save(update_fields=["state", "ended_at"])
        drop_correction(proposal, at)
        record(
            cycle,
            "proposal.lapsed",
            None,
            at=at,
            proposal=proposal.pk,
            reference=proposal.reference,
            supports=proposal.support_count,
            needed=rule.threshold,
        )
        ended.append(proposal)
    return ended


def end_all_unsupported(*, at: datetime | None = None) -> None:
    """In every budget with a rule, what too few support has ended."""
    for cycle in Cycle.objects.filter(support_rule__isnull=False, published_at__isnull=False):
        end_unsupported(cycle=cycle, at=at)
