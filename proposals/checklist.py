# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a budget needs before people see it and before they vote on it: met or not, and what to do where it is not."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from assemblies.models import District, Membership, Role
from voting.rules_in_words import RULES_IN_WORDS

from .models import Cycle, Heading, Phase
from .plans import NewPhase, PlannedBallot, ballot_problems, calendar_problems

LONGEST_SENTENCE = 30  # words
SHOUTED_WORDS = 3  # so many in a row are no abbreviation any more


@dataclass(frozen=True)
class Check:
    """One line of the list. A required one holds the publication back until it is met."""

    sentence: str
    is_met: bool
    to_do: str = ""
    line: str = ""  # of the form in which it is mended
    url: str = ""
    is_required: bool = False


def checklist(cycle: Cycle) -> list[Check]:
    """Everything that should stand before the budget is published; what is required must stand."""
    members = Membership.objects.filter(assembly=cycle.assembly)
    headings = list(cycle.headings.all())
    editor = reverse("proposals:edit_cycle", args=[cycle.pk])
    return [
        Check(
            _("It says what the money is for."),
            bool(cycle.summary.strip()),
            _("Write what the money is for."),
            "text",
            f"{editor}#text",
            is_required=True,
        ),
        *_calendar(cycle, f"{editor}#calendar"),
        *_pots(cycle, headings, f"{editor}#pots"),
        *_ballot(cycle, f"{editor}#ballot"),
        Check(
            _("Somebody can check proposals: a member has the role of evaluator."),
            members.holding(Role.EVALUATOR).exists(),
            _("Give somebody the role of evaluator."),
            url=reverse("assemblies:members", args=[cycle.assembly.slug]),
        ),
        Check(
            _("There are verified residents who can vote."),
            members.verified().exists(),
            _("Verify who lives here, or give out voter codes before the vote."),
            url=reverse("assemblies:members", args=[cycle.assembly.slug]),
        ),
        Check(
            _("It says whom people can ask."),
            bool(cycle.contact.strip()),
            _("Name a person or an office, with a telephone number or an address."),
            "text",
            f"{editor}#text",
        ),
        Check(
            _("The text is easy to read."),
            is_easy_to_read(cycle.summary),
            _("Write short sentences, at most %(number)d words each, and no words in capital letters only.")
            % {"number": LONGEST_SENTENCE},
            "text",
            f"{editor}#text",
        ),
    ]


def _calendar(cycle: Cycle, url: str) -> list[Check]:
    stored = [NewPhase(phase.kind, phase.starts_at, phase.ends_at, phase.enabled) for phase in cycle.phases.all()]
    problems = calendar_problems(stored).found
    return [
        Check(
            _("The days of all steps are complete and in order."),
            not problems,
            problems[0][1] if problems else "",
            problems[0][0] if problems else "calendar",
            url,
            is_required=True,
        ),
        Check(
            _("There are days for ideas."),
            cycle.phase_of(Phase.Kind.ACCEPTING) is not None,
            _("Switch on the step “Ideas”."),
            f"phase-{Phase.Kind.ACCEPTING}",
            url,
        ),
        Check(
            _("There are days for the officials' check."),
            any(cycle.phase_of(kind) for kind in (Phase.Kind.REVIEWING, Phase.Kind.VALUATING)),
            _("Switch on the step “Check” or “Costs”."),
            f"phase-{Phase.Kind.REVIEWING}",
            url,
        ),
        Check(
            _("There are days for the vote."),
            cycle.phase_of(Phase.Kind.BALLOTING) is not None,
            _("Switch on the step “Vote”."),
            f"phase-{Phase.Kind.BALLOTING}",
            url,
        ),
    ]


def _pots(cycle: Cycle, headings: list[Heading], url: str) -> list[Check]:
    left_out = _districts_left_out(cycle, headings)
    checks = [
        Check(
            _("Every pot has money."),
            bool(headings) and all(heading.amount > 0 for heading in headings),
            _("Write how much money there is in each pot."),
            "headings",
            url,
            is_required=True,
        ),
        Check(
            _("Every resident has a pot to vote in."),
            not left_out,
            _("Nobody in %(district)s could vote. Add a pot for them, or one for the whole town.")
            % {"district": ", ".join(left_out)},
            "headings",
            url,
            is_required=True,
        ),
    ]
    groups = cycle.groups_with_pots
    empty = cycle.groups.exclude(pk__in=[group.pk for group, _pots in groups]).first()
    few = next((g for g, pots in groups if len(pots) < 2 or g.max_headings > len(pots)), None) or empty
    if groups or empty:
        checks.append(
            Check(
                _("Each group has pots to choose among."),
                few is None,
                _("“%(group)s” needs at least two pots, and no more votes than pots.") % {"group": few} if few else "",
                "groups",
                url,
                is_required=True,
            )
        )
    return checks


def _districts_left_out(cycle: Cycle, headings: list[Heading]) -> list[str]:
    """Districts whose residents could vote in no pot: those of a group with several districts are open to all."""
    if any(heading.district_id is None for heading in headings):
        return []
    if any(len({pot.district_id for pot in pots}) > 1 for _group, pots in cycle.groups_with_pots):
        return []
    covered = {heading.district_id for heading in headings}
    return [d.name for d in District.objects.filter(assembly=cycle.assembly) if d.pk not in covered]


def _ballot(cycle: Cycle, url: str) -> list[Check]:
    problems = ballot_problems(planned_ballot(cycle)).found
    return [
        Check(
            _("It is decided what voters do."),
            not problems,
            problems[0][1] if problems else "",
            "ballot",
            url,
            is_required=True,
        ),
        Check(
            _("The rule of counting is explained."),
            cycle.rule in RULES_IN_WORDS,
            _("Choose a rule that this page can explain."),
            "ballot",
            url,
            is_required=True,
        ),
        Check(
            _("It says why it is counted this way."),
            bool(cycle.rule_reason),
            _("Lock the rule with a reason that everybody can read."),
            url=reverse("proposals:rules", args=[cycle.pk]),
        ),
    ]


def planned_ballot(cycle: Cycle) -> PlannedBallot:
    """What is stored, as a plan has it."""
    return PlannedBallot(
        ballot_type=cycle.ballot_type,
        min_choices=cycle.min_choices,
        max_choices=cycle.max_choices,
        ballot_parameters=cycle.ballot_parameters,
        rule=cycle.rule,
        secrecy=cycle.secrecy,
        change_allowed=cycle.change_allowed,
        savings_rule=cycle.savings_rule,
    )


def is_easy_to_read(text: str) -> bool:
    """Whether screen readers and hurried people get through it: short sentences, and nothing shouted."""
    words = [word.strip(".,!?()") for word in text.split()]
    in_a_row = zip(*(words[start:] for start in range(SHOUTED_WORDS)), strict=False)
    if any(all(len(word) > 1 and word.isupper() for word in row) for row in in_a_row):
        return False
    return all(len(sentence.split()) <= LONGEST_SENTENCE for sentence in _sentences(text))


def _sentences(text: str) -> Iterable[str]:
    return re.split(r"[.!?…:;\n]+(?:\s|$)", text)
