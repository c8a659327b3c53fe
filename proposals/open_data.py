# SPDX-License-Identifier: AGPL-3.0-or-later
"""What anybody may take along from a budget as a table: its proposals, its results and its spending, without names."""

from collections.abc import Callable
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from .models import Cycle, Project, Proposal, Spending, SupportRule
from .money_text import decimal_text
from .outcomes import results_of
from .spreadsheets import Cell, Table
from .standing import standing_of


def proposals_table(cycle: Cycle) -> Table:
    """Every proposal that was sent in."""
    found = (
        Proposal.objects.public().filter(heading__cycle=cycle).for_cards().with_cost().order_by("submitted_at", "pk")
    )
    rows: list[list[Cell]] = [
        [
            proposal.reference,
            proposal.heading.title,
            proposal.title,
            proposal.summary,
            proposal.text,
            proposal.category_name,
            proposal.place,
            proposal.district.name if proposal.district else "",
            cycle.currency,
            _amount(proposal.cost_guess, cycle),
            _amount(getattr(proposal, "checked_cost", None), cycle),
            str(standing_of(proposal).word),
            timezone.localdate(proposal.submitted_at) if proposal.submitted_at else None,
            proposal.language,
        ]
        for proposal in found
    ]
    columns = [
        _("Reference"), _("Pot"), _("Title"), _("In one sentence"), _("Text"), _("About"), _("Where"), _("District"),
        _("Currency"), _("Cost, as guessed"), _("Cost, as checked"), _("State"), _("Sent in on"), _("Language"),
    ]  # fmt: skip
    return Table(_("Proposals"), columns, rows)


def supports_table(cycle: Cycle) -> Table:
    """How many support each proposal, and how many it needs; who they are is nobody's business."""
    rule = SupportRule.objects.filter(cycle=cycle).first()
    found = (
        Proposal.objects.public()
        .going_on()
        .filter(heading__cycle=cycle)
        .for_cards()
        .order_by("-support_count", "submitted_at")
    )
    rows: list[list[Cell]] = [
        [
            proposal.reference,
            proposal.heading.title,
            proposal.title,
            proposal.support_count,
            rule.threshold if rule else None,
            str(standing_of(proposal).word),
        ]
        for proposal in found
    ]
    columns = [_("Reference"), _("Pot"), _("Title"), _("Supports"), _("Supports needed"), _("State")]
    return Table(_("Supports"), columns, rows)


def results_table(cycle: Cycle) -> Table | None:
    """Every project of every published pot; None while nothing is published."""
    pots = results_of(cycle)
    if not pots:
        return None
    rows: list[list[Cell]] = []
    for pot in pots:
        other = pot.rules[1].outcome.rule_name if len(pot.rules) > 1 else ""
        for line in pot.lines:
            compared = line.compared[0].won if line.compared else None
            rows.append(
                [
                    pot.heading.title,
                    line.project.number,
                    line.project.proposal.reference if line.project.proposal else line.binding.option.key,
                    line.project.title,
                    line.project.category_name,
                    line.project.district.name if line.project.district else "",
                    cycle.currency,
                    _amount(line.project.cost, cycle),
                    line.binding.votes,
                    pot.binding.rule_name,
                    _yes_or_no(line.binding.won),
                    line.binding.sentence,
                    other,
                    "" if compared is None else _yes_or_no(compared),
                ]
            )
    columns = [
        _("Pot"), _("Number"), _("Reference"), _("Project"), _("About"), _("District"), _("Currency"), _("Cost"), _("Votes"),
        _("Rule"), _("Funded"), _("Reason"), _("Other rule"), _("Funded by the other rule"),
    ]  # fmt: skip
    return Table(_("Results"), columns, rows)


def spending_table(cycle: Cycle) -> Table:
    """Every award and every entry after it, each as one row."""
    projects = Project.objects.funded().filter(heading__cycle=cycle).select_related("award", "heading", "proposal")
    rows: list[list[Cell]] = []
    for project in projects.prefetch_related("spendings"):
        reference = project.proposal.reference if project.proposal else str(project.number)
        about: list[Cell] = [project.heading.title, reference, project.title, cycle.currency]
        awarded_on = timezone.localdate(project.award.created_at)
        rows.append([*about, _("Awarded"), _amount(project.award.amount, cycle), awarded_on, ""])
        rows += [
            [*about, str(Spending.Kind(entry.kind).label), _amount(entry.amount, cycle), entry.on, entry.note]
            for entry in project.spendings.all()
        ]
    columns = [
        _("Pot"), _("Reference"), _("Project"), _("Currency"), _("Which money"), _("Amount"), _("Date"), _("Note"),
    ]  # fmt: skip
    return Table(_("Spending"), columns, rows)


TABLES: dict[str, Callable[[Cycle], Table | None]] = {
    "proposals": proposals_table,
    "supports": supports_table,
    "results": results_table,
    "spending": spending_table,
}


def _amount(minor: int | None, cycle: Cycle) -> Decimal | None:
    return None if minor is None else Decimal(decimal_text(minor, cycle.currency))


def _yes_or_no(value: bool) -> str:
    return _("yes") if value else _("no")
