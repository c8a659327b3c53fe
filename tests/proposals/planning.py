"""A budget as its editor's page sends it, and as its service takes it."""

from dataclasses import replace
from typing import Any

from proposals.checklist import planned_ballot
from proposals.editor import Editor
from proposals.models import Cycle
from proposals.plans import CyclePlan, NewPhase, PlannedGroup, PlannedHeading


def plan_of(cycle: Cycle, **changes: Any) -> CyclePlan:
    """What is stored, with these changes."""
    cycle = Cycle.objects.get(pk=cycle.pk)
    plan = CyclePlan(
        title=cycle.title,
        year=cycle.year,
        summary=cycle.summary,
        contact=cycle.contact,
        groups=[PlannedGroup(str(group.pk), group.title, group.max_headings) for group in cycle.groups.all()],
        headings=[
            PlannedHeading(
                key=str(heading.pk),
                title=heading.title,
                amount=heading.amount,
                population=heading.population,
                district=heading.district,
                group=str(heading.group_id or ""),
                is_citywide=heading.is_citywide,
            )
            for heading in cycle.headings.all()
        ],
        phases=[NewPhase(phase.kind, phase.starts_at, phase.ends_at, phase.enabled) for phase in cycle.phases.all()],
        ballot=planned_ballot(cycle),
    )
    return replace(plan, **changes)


def editor_data(cycle: Cycle, act: str = "save", **changes: Any) -> dict[str, Any]:
    """What the page would send if somebody pressed this button; `title` and other answers of the text may be others."""
    editor = Editor(Cycle.objects.whole().get(pk=cycle.pk))
    sent: dict[str, Any] = {"act": act, "version": str(editor.version)}
    sent["pot"] = [row.prefix for row in editor.pots]
    sent["group"] = [row.prefix for row in editor.groups]
    for line in editor.lines:
        for field in line:
            value = field.value()
            if field.field.disabled or value in (None, False, ""):
                continue
            shown = field.field.widget.format_value(value) if hasattr(value, "isoformat") else str(value)
            sent[field.html_name] = "on" if value is True else shown
    return sent | {f"text-{name}": str(value) for name, value in changes.items()}
