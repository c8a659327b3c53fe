# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is stored now and differs from what somebody typed: shown when two people edited one budget."""

from django.utils.translation import gettext as _

from assemblies.money import money_text

from .checklist import planned_ballot
from .dates import day_in_words
from .models import Cycle, Phase
from .plans import CyclePlan


def differences(cycle: Cycle, plan: CyclePlan) -> list[str]:
    """One sentence for each thing that is stored otherwise than it was typed."""
    sentences = [
        _("%(name)s: it says “%(stored)s” now.") % {"name": label, "stored": getattr(cycle, name)}
        for name, label in (
            ("title", _("Name")),
            ("year", _("Year")),
            ("summary", _("What is it for?")),
            ("contact", _("Whom can people ask?")),
        )
        if getattr(cycle, name) != getattr(plan, name)
    ]
    return [*sentences, *_in_the_calendar(cycle, plan), *_in_the_pots(cycle, plan), *_in_the_ballot(cycle, plan)]


def _in_the_calendar(cycle: Cycle, plan: CyclePlan) -> list[str]:
    typed = {phase.kind: phase.starts_at for phase in plan.phases if phase.enabled}
    stored = {phase.kind: phase.starts_at for phase in cycle.phases.all() if phase.enabled}
    sentences = []
    for kind in Phase.Kind:
        if typed.get(kind) == stored.get(kind):
            continue
        if kind in stored:
            words = {"step": kind.label, "day": day_in_words(stored[kind])}
            sentences.append(_("“%(step)s” begins on %(day)s now.") % words)
        else:
            sentences.append(_("“%(step)s” is switched off now.") % {"step": kind.label})
    return sentences


def _in_the_pots(cycle: Cycle, plan: CyclePlan) -> list[str]:
    typed = {pot.key: pot for pot in plan.headings if pot.key}
    sentences = []
    for heading in cycle.headings.all():
        pot = typed.get(str(heading.pk))
        if pot is None or (pot.title, pot.amount) != (heading.title, heading.amount):
            amount = money_text(heading.amount, cycle.currency)
            sentences.append(
                _("There is the pot “%(pot)s” with %(amount)s now.") % {"pot": heading.title, "amount": amount}
            )
    stored = {str(heading.pk) for heading in cycle.headings.all()}
    sentences += [
        _("The pot “%(pot)s” was taken out.") % {"pot": pot.title} for key, pot in typed.items() if key not in stored
    ]
    return sentences


def _in_the_ballot(cycle: Cycle, plan: CyclePlan) -> list[str]:
    return [] if planned_ballot(cycle) == plan.ballot else [_("What voters do, or how it is counted, is another now.")]
